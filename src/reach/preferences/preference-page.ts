// How do the preferences look? One form that works without script and by keyboard alone; every group has a legend, every field a label, every
// explanation belongs to its field. Everything from outside is escaped.
import type { Lang } from '../../kernel/lang.ts';
import { FREQUENCIES, type Frequency } from '../arbiter/rules.ts';
import { pageHtml } from '../pages/page-frame.ts';
import { escapeHtml } from '../templates/links.ts';
import { OBJECTION, OBJECTION_ANCHOR } from '../templates/objection.ts';
import { PAUSE_DAYS, type ChannelWish, type PreferenceState } from './preferences.service.ts';

/** Kept with every change: what exactly was offered to her. */
export const PAGE_VERSION = 'preference-centre-2';

const WORDS = {
  en: {
    title: 'Choose what you receive',
    lead: 'Every change is in force as soon as you save it.',
    saved: 'Saved. Your choice is in force now.',
    stopped: 'You are unsubscribed from everything. It is in force now.',
    channels: 'How may we write to you?',
    noChannels: 'We have no address of yours to write to.',
    topics: 'About what?',
    pause: 'Take a break',
    noPause: 'No break',
    pauseOf: (days: number) => `Nothing for ${days} days`,
    pausedUntil: (day: string) => `You are on a break until ${day}.`,
    keepPause: 'Keep this break',
    often: 'How often?',
    normal: 'As it comes',
    privacy: 'Your data',
    personal: 'Choose content for me',
    personalMore: 'Off: you get the same general message as everybody else, without your name or your purchases.',
    ads: 'Show me your ads elsewhere',
    adsMore: 'On: we may hand a hash of your address to advertising networks. Off: we take it back within a day.',
    object: 'Your right to object',
    objectMore: 'We then stop writing, scoring and advertising to you, on every channel. You need give no reason.',
    objectNow: 'I object',
    objected: (day: string) =>
      `You objected on ${day}. We write nothing, score nothing and advertise nothing to you; what is chosen above has no effect.`,
    takeBack: 'Take the objection back',
    takeBackMore: 'What was switched off stays off until you switch it on above.',
    objecting: 'Your objection is in force now.',
    takenBack: 'The objection is taken back.',
    save: 'Save',
    all: 'Nothing at all?',
    allMore: 'One click ends every message on every channel.',
    stopAll: 'Unsubscribe from everything',
    other: '中文',
    expired: 'This link has expired.',
    expiredMore:
      'Use the link in our latest message to you, or ask us for a new one. To receive nothing more, its unsubscribe link is enough, or answer a text message with STOP.',
  },
  zh: {
    title: '管理接收内容',
    lead: '保存后立即生效。',
    saved: '已保存，您的选择现已生效。',
    stopped: '您已退订全部消息，现已生效。',
    channels: '我们可以通过哪些方式联系您？',
    noChannels: '我们没有可以联系您的地址。',
    topics: '想收到哪些内容？',
    pause: '暂停一段时间',
    noPause: '不暂停',
    pauseOf: (days: number) => `${days} 天内不接收`,
    pausedUntil: (day: string) => `已为您暂停至 ${day}。`,
    keepPause: '保持当前暂停',
    often: '多久联系一次？',
    normal: '不限制',
    privacy: '您的数据',
    personal: '为我推荐个性化内容',
    personalMore: '关闭后，您收到的是与其他人相同的通用内容，不含您的姓名和购买记录。',
    ads: '在其他平台向我展示你们的广告',
    adsMore: '开启后，我们可能将您地址的哈希值提供给广告平台；关闭后一天内撤回。',
    object: '您的反对权',
    objectMore: '提出后，我们将停止在所有渠道向您发送营销信息、进行评分和投放广告。您无需说明理由。',
    objectNow: '我反对',
    objected: (day: string) =>
      `您已于 ${day} 提出反对。我们不会向您发送营销信息、评分或投放广告，上方的选择暂不起作用。`,
    takeBack: '撤回反对',
    takeBackMore: '已关闭的项目仍保持关闭，您可在上方重新开启。',
    objecting: '您的反对现已生效。',
    takenBack: '反对已撤回。',
    save: '保存',
    all: '什么都不想收到？',
    allMore: '点击一次，停止所有渠道的全部消息。',
    stopAll: '退订全部',
    other: 'English',
    expired: '该链接已过期。',
    expiredMore:
      '请使用最近一封消息中的链接，或联系我们获取新的链接。如不想再收到任何消息，点击其中的退订链接，或回复短信“TD”或“R”即可。',
  },
} as const;

const STYLE = `
h2,legend{font-size:1.05rem;font-weight:700;margin:0 0 .25rem;padding:0}
.lead{color:var(--soft);margin:.25rem 0 1.5rem}
fieldset{border:0;border-top:1px solid var(--line);margin:0;padding:1.25rem 0;min-width:0}
legend{float:left;width:100%}legend+*{clear:both}
fieldset fieldset{border:0;padding:.25rem 0 .5rem 2rem}fieldset fieldset legend{font-size:.9rem;font-weight:600;color:var(--soft)}
.choice{display:grid;grid-template-columns:1.25rem 1fr;column-gap:.75rem;align-items:start;min-height:2.75rem;padding:.55rem 0;cursor:pointer}
.choice input{accent-color:var(--accent);width:1.25rem;height:1.25rem;margin:.15rem 0 0}
.choice small,.more{color:var(--soft);font-size:.875rem;line-height:1.5}
.choice small{display:block}
form button{width:100%;margin-top:.5rem}
button.quiet{background:transparent;color:var(--alert);border:1px solid var(--edge)}
.done{border-inline-start:3px solid var(--accent);background:var(--tint);border-radius:0 10px 10px 0;padding:.75rem 1rem;margin:0 0 1.25rem;font-weight:600}
.stop{border-top:1px solid var(--line);margin-top:1.5rem;padding-top:1.25rem}
.lang{text-align:center;font-size:.875rem;margin:1.25rem 0 0}
@media(max-width:30rem){main.wide{padding:1.75rem 1.25rem}}
`;

const checked = (is: boolean): string => (is ? ' checked' : '');
const other = (lang: Lang): Lang => (lang === 'zh' ? 'en' : 'zh');
const tag = (lang: Lang): string => (lang === 'zh' ? 'zh-CN' : 'en');

type Choice = {
  readonly type: 'checkbox' | 'radio';
  readonly name: string;
  readonly value: string;
  readonly is: boolean;
  readonly label: string;
  readonly more?: string;
};

function choice({ type, name, value, is, label, more }: Choice): string {
  const id = `${name}-${value}`.replaceAll(/[^\w-]/g, '-');
  const help = more === undefined || more === '' ? '' : `<small id="${id}-more">${escapeHtml(more)}</small>`;
  const described = help === '' ? '' : ` aria-describedby="${id}-more"`;
  return `<label class="choice" for="${id}"><input type="${type}" id="${id}" name="${name}" value="${escapeHtml(value)}"${checked(is)}${described}><span>${escapeHtml(label)}${help}</span></label>`;
}

function channelFields(lang: Lang, each: ChannelWish, state: PreferenceState): string {
  const topics = state.topics.map((topic) =>
    choice({
      type: 'checkbox',
      name: 'topic',
      value: `${each.channel}:${topic.topicId}`,
      is: !each.declinedTopics.includes(topic.topicId),
      label: topic[lang],
    }),
  );
  const box = choice({
    type: 'checkbox',
    name: 'channel',
    value: each.channel,
    is: each.on,
    label: each.label[lang],
    more: each.hint,
  });
  if (topics.length === 0) return box;
  return `${box}<fieldset><legend>${escapeHtml(each.label[lang])} · ${WORDS[lang].topics}</legend>${topics.join('')}</fieldset>`;
}

/** What the page says was done. */
export type PreferenceDone = 'saved' | 'stopped' | 'objecting' | 'takenBack';

/** Apart from every other choice, with a button of its own (GDPR 21(4)). */
function objectionSection(lang: Lang, objectedOn: string | null): string {
  const words = WORDS[lang];
  const [told, more, action, button] =
    objectedOn === null
      ? [OBJECTION[lang].right, words.objectMore, 'object', words.objectNow]
      : [words.objected(objectedOn), words.takeBackMore, 'no-objection', words.takeBack];
  return `<form method="post" class="stop" id="${OBJECTION_ANCHOR}"><input type="hidden" name="lang" value="${lang}"><h2>${words.object}</h2><p>${told}</p><p class="more" id="object-more">${more}</p><button class="quiet" name="action" value="${action}" aria-describedby="object-more">${button}</button></form>`;
}

export function preferencePage(
  lang: Lang,
  state: PreferenceState,
  {
    done,
    now,
    timeZone,
    brand,
  }: {
    readonly done?: PreferenceDone | undefined;
    readonly now: Date;
    readonly timeZone: string;
    readonly brand: string;
  },
): string {
  const words = WORDS[lang];
  const isPaused = state.pausedUntil !== null && state.pausedUntil > now;
  const day = (at: Date): string => new Intl.DateTimeFormat(tag(lang), { dateStyle: 'long', timeZone }).format(at);
  const pauses = [
    ...(isPaused
      ? [
          choice({
            type: 'radio',
            name: 'pause',
            value: 'keep',
            is: true,
            label: words.keepPause,
            more: words.pausedUntil(day(state.pausedUntil!)),
          }),
        ]
      : []),
    choice({ type: 'radio', name: 'pause', value: '0', is: !isPaused, label: words.noPause }),
    ...PAUSE_DAYS.map((days) =>
      choice({ type: 'radio', name: 'pause', value: String(days), is: false, label: words.pauseOf(days) }),
    ),
  ];
  const rhythms = [
    choice({ type: 'radio', name: 'frequency', value: 'normal', is: state.frequency === null, label: words.normal }),
    ...(Object.keys(FREQUENCIES) as Frequency[]).map((key) =>
      choice({
        type: 'radio',
        name: 'frequency',
        value: key,
        is: state.frequency === key,
        label: FREQUENCIES[key][lang],
      }),
    ),
  ];
  const group = (legend: string, fields: readonly string[]): string =>
    `<fieldset><legend>${legend}</legend>${fields.join('')}</fieldset>`;
  const channels =
    state.channels.length === 0
      ? [`<p class="more">${words.noChannels}</p>`]
      : state.channels.map((each) => channelFields(lang, each, state));
  const body = `<h1>${words.title}</h1>${done === undefined ? `<p class="lead">${words.lead}</p>` : `<p class="done" role="status">${words[done]}</p>`}
<form method="post"><input type="hidden" name="lang" value="${lang}">
${group(words.channels, channels)}${group(words.pause, pauses)}${group(words.often, rhythms)}
${group(words.privacy, [
  choice({
    type: 'checkbox',
    name: 'personal',
    value: '1',
    is: state.personal,
    label: words.personal,
    more: words.personalMore,
  }),
  choice({ type: 'checkbox', name: 'ads', value: '1', is: state.ads, label: words.ads, more: words.adsMore }),
])}
<button name="action" value="save">${words.save}</button></form>
${objectionSection(lang, state.objectedAt === null ? null : day(state.objectedAt))}
<form method="post" class="stop"><input type="hidden" name="lang" value="${lang}"><h2>${words.all}</h2><p class="more" id="stop-more">${words.allMore}</p><button class="quiet" name="action" value="stop" aria-describedby="stop-more">${words.stopAll}</button></form>
<p class="lang"><a href="?lang=${other(lang)}" lang="${tag(other(lang))}" hreflang="${tag(other(lang))}">${words.other}</a></p>`;
  return pageHtml({ lang, title: words.title, brand, body, style: STYLE, wide: true });
}

export function expiredPage(lang: Lang, brand: string): string {
  const words = WORDS[lang];
  return pageHtml({ lang, title: words.expired, brand, body: `<h1>${words.expired}</h1><p>${words.expiredMore}</p>` });
}
