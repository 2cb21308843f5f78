// How does the question look? A form that works without script and by keyboard alone: a group of radio buttons with a legend, a text field
// with a label, one button. Everything from outside is escaped.
import type { Lang } from '../../kernel/lang.ts';
import { FREE_TEXT_MAX, SURVEYS, type Wave } from '../../understand/surveys/survey.ts';
import { pageHtml } from '../pages/page-frame.ts';
import { escapeHtml } from '../templates/links.ts';

const WORDS = {
  en: {
    lead: 'One question. We read every answer.',
    more: 'Anything you would like to add?',
    optional: 'optional',
    send: 'Send my answer',
    change: 'Change my answer',
    chosen: 'You have answered already; you can still change it.',
    missing: 'Please choose one answer.',
    thanks: 'Thank you.',
    kept: 'We have your answer:',
    still: 'You can change it for as long as the survey runs.',
    closed: 'This survey has ended.',
    closedMore: 'Thank you all the same for coming back to it.',
    least: 'Not at all likely',
    most: 'Very likely',
    otherName: '中文',
  },
  zh: {
    lead: '只有一个问题，每条回答我们都会认真读。',
    more: '还有什么想告诉我们的吗？',
    optional: '选填',
    send: '提交回答',
    change: '修改回答',
    chosen: '您已经回答过，仍可修改。',
    missing: '请先选择一项。',
    thanks: '谢谢您。',
    kept: '已收到您的回答：',
    still: '调查结束前可随时修改。',
    closed: '本次调查已结束。',
    closedMore: '仍然感谢您的关注。',
    least: '完全不可能',
    most: '非常可能',
    otherName: 'English',
  },
} as const satisfies Record<Lang, Record<string, string>>;

const STYLE = `
fieldset{border:0;margin:0;padding:0;min-width:0}legend{padding:0;width:100%}
legend h1{margin:0}.lead,.note{color:var(--soft);margin:.35rem 0 1.25rem}
.option{display:flex;align-items:center;gap:.75rem;min-height:3rem;padding:.6rem 1rem;margin:.5rem 0;border:1px solid var(--line);border-radius:12px;cursor:pointer}
.option:hover{border-color:var(--edge)}
.option:has(:checked){border-color:var(--accent);background:var(--tint);box-shadow:inset 0 0 0 1px var(--accent)}
.option:has(:focus-visible){outline:3px solid var(--ring);outline-offset:2px}
input[type=radio]{accent-color:var(--accent);width:1.15rem;height:1.15rem;margin:0;flex:none}.option input:focus-visible{outline:none}
.scale{display:grid;grid-template-columns:repeat(11,1fr);gap:.35rem}
.scale .option{position:relative;border-color:var(--edge);justify-content:center;padding:0;margin:0;font-variant-numeric:tabular-nums;font-weight:600}
.scale input{position:absolute;inset:0;width:100%;height:100%;opacity:0;cursor:pointer}
.scale .option:has(:checked){background:var(--accent);color:var(--on-accent)}
.ends{display:flex;justify-content:space-between;color:var(--soft);font-size:.875rem;margin:.4rem 0 0}
.text{display:block;margin:1.25rem 0 .35rem;font-weight:600}.text span{font-weight:400;color:var(--soft)}
textarea{display:block;width:100%;min-height:5.5rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--edge);border-radius:12px;padding:.65rem .9rem;resize:vertical}
form button{width:100%;margin-top:1.25rem}
.alert{color:var(--alert);font-weight:600;margin:0 0 1rem}
.lang{text-align:center;font-size:.875rem;margin:1.25rem 0 0}
.answer{display:block;font-weight:600;border-inline-start:3px solid var(--accent);background:var(--tint);border-radius:0 10px 10px 0;padding:.6rem 1rem;margin:0 0 1.25rem}
main>:last-child{margin-bottom:0}
@media(max-width:30rem){main.wide{padding:1.75rem 1.25rem}.scale{grid-template-columns:repeat(6,1fr)}}
@media(forced-colors:active){.option:has(:checked){outline:2px solid}}
`;

export type SurveyPage = { readonly lang: Lang; readonly brand: string; readonly wave: Wave };

const other = (lang: Lang): Lang => (lang === 'zh' ? 'en' : 'zh');
const tag = (lang: Lang): string => (lang === 'zh' ? 'zh-CN' : 'en');

const switchLink = (lang: Lang): string =>
  `<p class="lang"><a href="?lang=${other(lang)}" lang="${tag(other(lang))}" hreflang="${tag(other(lang))}">${WORDS[lang].otherName}</a></p>`;

/** The question. `selected`: preselected, nothing more. `missing`: she sent the form without choosing. */
export function questionPage(
  { lang, brand, wave }: SurveyPage,
  state: {
    readonly selected: string | undefined;
    readonly answered: boolean;
    readonly missing?: boolean;
    readonly text?: string;
  },
): string {
  const words = WORDS[lang];
  const question = wave.question[lang];
  const isScale = wave.kind === 'nps';
  const options = SURVEYS[wave.kind].options.map(({ answer, label }) => {
    const checked = answer === state.selected ? ' checked' : '';
    return `<label class="option"><input type="radio" name="answer" value="${escapeHtml(answer)}" required${checked}><span>${escapeHtml(label[lang])}</span></label>`;
  });
  const group = isScale
    ? `<div class="scale">${options.join('')}</div><p class="ends"><span>0 · ${words.least}</span><span>10 · ${words.most}</span></p>`
    : options.join('');
  const body = `<form method="post"><input type="hidden" name="lang" value="${lang}">
<fieldset${state.missing ? ' aria-describedby="alert"' : ''}><legend><h1>${escapeHtml(question)}</h1></legend><p class="lead">${state.answered ? words.chosen : words.lead}</p>
${state.missing ? `<p class="alert" id="alert" role="alert">${words.missing}</p>` : ''}${group}</fieldset>
<label class="text" for="text">${words.more} <span>(${words.optional})</span></label><textarea id="text" name="text" maxlength="${FREE_TEXT_MAX}" rows="3">${escapeHtml(state.text ?? '')}</textarea>
<button>${words.send}</button></form>${switchLink(lang)}`;
  return pageHtml({ lang, brand, title: question, body, style: STYLE, wide: true });
}

/** After an answer was kept. */
export function thanksPage({ lang, brand, wave }: SurveyPage, answer: string): string {
  const words = WORDS[lang];
  const label = SURVEYS[wave.kind].options.find((option) => option.answer === answer)?.label[lang] ?? answer;
  const shown = wave.kind === 'nps' ? `${label} / 10` : label;
  const body = `<h1>${words.thanks}</h1><p class="note">${words.kept}</p><span class="answer">${escapeHtml(shown)}</span><p class="note">${words.still}</p><p><a href="?lang=${lang}&amp;change=1">${words.change}</a></p>`;
  return pageHtml({ lang, brand, title: words.thanks, body, style: STYLE, wide: true });
}

export function closedPage({ lang, brand }: SurveyPage): string {
  const words = WORDS[lang];
  const body = `<h1>${words.closed}</h1><p>${words.closedMore}</p>`;
  return pageHtml({ lang, brand, title: words.closed, body });
}
