// What can be sent on the first day? Three win-back mails in English and Chinese, one per subject style people know to work:
// nostalgic ("we miss you"), offer ("here is something back") and question ("was it us?"). Each has a generic variant.
import type { Lang } from '../../kernel/lang.ts';
import { ifAsked, ifGiven, layout, type LayoutKey, type Words } from './starter-layout.ts';
import { ASK_TEMPLATES } from './starter-asks.ts';
import { FIELD_STARTERS } from './starter-fields.ts';
import type { MailTemplate, MailVersion, Template } from './template.ts';

type Copy = {
  readonly subject: string;
  readonly genericSubject: string;
  readonly preheader: string;
  readonly words: Words;
  readonly genericWords: Words;
};

const withCode = '{{ brand.url | with_query: "coupon", coupon.code }}';

const COPY: Readonly<Record<LayoutKey, Readonly<Record<Lang, Copy>>>> = {
  nostalgic: {
    en: {
      subject: 'It has been a while, {{ person.first_name }}',
      genericSubject: 'It has been a while. {{ brand.name }} has news',
      preheader: 'A few things changed since your last visit. Come and see.',
      words: {
        headline: 'It has been a while,<br>{{ person.first_name }}.',
        paragraphs: [
          'We remember the people who shop with us, and we have missed you.',
          'While you were away we kept at it: new things on the shelves, and the favourites still where you left them.',
        ],
        button: 'See what is new',
        buttonUrl: withCode,
        signature: 'Warmly,<br>all of us at {{ brand.name }}',
      },
      genericWords: {
        headline: 'It has been<br>a while.',
        paragraphs: [
          'We kept at it while you were away: new things on the shelves, and the favourites still where they were.',
          'Whenever you like, come and have a look around.',
        ],
        button: 'See what is new',
        buttonUrl: withCode,
        signature: 'Warmly,<br>all of us at {{ brand.name }}',
      },
    },
    zh: {
      subject: '{{ person.first_name }}，好久不见',
      genericSubject: '好久不见，{{ brand.name }} 有新消息',
      preheader: '您上次来过之后，我们有了一些新变化，来看看吧。',
      words: {
        headline: '{{ person.first_name }}，<br>好久不见。',
        paragraphs: [
          '有些顾客，我们一直记得，您就是其中一位。您不在的日子里，店里总像少了点什么。',
          '这段时间我们没有停下：架上添了新东西，您从前喜欢的也都还在原处。',
        ],
        button: '回来看看',
        buttonUrl: withCode,
        signature: '{{ brand.name }} 全体伙伴<br>敬上',
      },
      genericWords: {
        headline: '好久不见。',
        paragraphs: ['这段时间我们没有停下：架上添了新东西，大家喜欢的也都还在原处。', '什么时候方便，欢迎再来走走。'],
        button: '回来看看',
        buttonUrl: withCode,
        signature: '{{ brand.name }} 全体伙伴<br>敬上',
      },
    },
  },
  offer: {
    en: {
      subject: `${ifGiven('{{ coupon.amount_text }} is waiting for you', 'Come and see what is new')}, {{ person.first_name }}`,
      genericSubject: `${ifGiven('{{ coupon.amount_text }} is waiting for you', 'See what is new')} at {{ brand.name }}`,
      preheader:
        '{% if coupon %}Use {{ coupon.code }}{% if coupon.expires_on != "" %} by {{ coupon.expires_on | date_in: lang }}{% endif %}.{% else %}Come and have a look.{% endif %}',
      words: {
        headline: `Welcome back, {{ person.first_name }}.${ifGiven('<br>This is for you.', '')}`,
        paragraphs: [
          ifGiven(
            'We would love to see you again. This is for your next order: enter the code at checkout.',
            'We would love to see you again, and there are new things to see.',
          ),
        ],
        button: ifGiven('Use it now', 'See what is new'),
        buttonUrl: withCode,
        signature: 'See you soon,<br>{{ brand.name }}',
      },
      genericWords: {
        headline: `Welcome back.${ifGiven('<br>This is for you.', '')}`,
        paragraphs: [
          ifGiven('This is for your next order: enter the code at checkout.', 'There are new things to see.'),
        ],
        button: ifGiven('Use it now', 'See what is new'),
        buttonUrl: withCode,
        signature: 'See you soon,<br>{{ brand.name }}',
      },
    },
    zh: {
      subject: `{{ person.first_name }}，${ifGiven('{{ coupon.amount_text }}已为您备好', '店里添了新东西')}`,
      genericSubject: `${ifGiven('{{ coupon.amount_text }}已为您备好', '店里添了新东西')} | {{ brand.name }}`,
      preheader:
        '{% if coupon %}优惠码 {{ coupon.code }}{% if coupon.expires_on != "" %}，有效期至{{ coupon.expires_on | date_in: lang }}{% endif %}。{% else %}欢迎回来看看。{% endif %}',
      words: {
        headline: '{{ person.first_name }}，<br>欢迎回来。',
        paragraphs: [
          ifGiven(
            '很想再见到您。这份优惠留给您的下一单，结算时填写优惠码即可。',
            '很想再见到您，店里添了些新东西，来看看吧。',
          ),
        ],
        button: ifGiven('立即使用', '去看看'),
        buttonUrl: withCode,
        signature: '期待再见<br>{{ brand.name }}',
      },
      genericWords: {
        headline: '欢迎回来。',
        paragraphs: [ifGiven('这份优惠留给您的下一单，结算时填写优惠码即可。', '店里添了些新东西，来看看吧。')],
        button: ifGiven('立即使用', '去看看'),
        buttonUrl: withCode,
        signature: '期待再见<br>{{ brand.name }}',
      },
    },
  },
  question: {
    en: {
      subject: 'Did we get something wrong, {{ person.first_name }}?',
      genericSubject: 'Did {{ brand.name }} get something wrong?',
      preheader: `${ifAsked('One question, ten seconds.', 'Just answer this mail.')} We read every answer.`,
      words: {
        headline: 'Was it something<br>we did?',
        paragraphs: [
          'Hi {{ person.first_name }},',
          'we noticed you have not been around lately. Perhaps you simply did not need anything. Or perhaps we let you down, and then we would like to put it right.',
          `${ifAsked('It is one question', 'Just answer this mail')}, and we read every answer.`,
        ],
        button: ifAsked('Answer in ten seconds', 'Have a look around'),
        buttonUrl: '{{ survey_url }}',
        signature: 'Thank you,<br>the people at {{ brand.name }}',
      },
      genericWords: {
        headline: 'Was it something<br>we did?',
        paragraphs: [
          'Perhaps you simply did not need anything lately. Or perhaps we let you down, and then we would like to put it right.',
          `${ifAsked('It is one question', 'Just answer this mail')}, and we read every answer.`,
        ],
        button: ifAsked('Answer in ten seconds', 'Have a look around'),
        buttonUrl: '{{ survey_url }}',
        signature: 'Thank you,<br>the people at {{ brand.name }}',
      },
    },
    zh: {
      subject: '{{ person.first_name }}，是我们哪里没做好吗？',
      genericSubject: '是 {{ brand.name }} 哪里没做好吗？',
      preheader: `${ifAsked('只有一个问题，十秒就好', '直接回复这封邮件就好')}，每一条回答我们都会认真读。`,
      words: {
        headline: '是我们哪里<br>没做好吗？',
        paragraphs: [
          '{{ person.first_name }}，您好：',
          '最近没有见到您。也许您只是暂时不需要什么，也许是我们让您失望了。如果是后者，我们想把它改好。',
          `${ifAsked('只有一个问题', '直接回复这封邮件就好')}，每一条回答我们都会认真读。`,
        ],
        button: ifAsked('用十秒告诉我们', '回来看看'),
        buttonUrl: '{{ survey_url }}',
        signature: '谢谢您<br>{{ brand.name }} 的伙伴们',
      },
      genericWords: {
        headline: '是我们哪里<br>没做好吗？',
        paragraphs: [
          '也许您只是暂时不需要什么，也许是我们让您失望了。如果是后者，我们想把它改好。',
          `${ifAsked('只有一个问题', '直接回复这封邮件就好')}，每一条回答我们都会认真读。`,
        ],
        button: ifAsked('用十秒告诉我们', '回来看看'),
        buttonUrl: '{{ survey_url }}',
        signature: '谢谢您<br>{{ brand.name }} 的伙伴们',
      },
    },
  },
};

function version(key: LayoutKey, lang: Lang): MailVersion {
  const copy = COPY[key][lang];
  return {
    subject: copy.subject,
    preheader: copy.preheader,
    mjml: layout(key, lang, copy.words, true),
    genericSubject: copy.genericSubject,
    genericMjml: layout(key, lang, copy.genericWords, false),
  };
}

const starter = (key: LayoutKey): MailTemplate => ({
  key,
  kind: 'email',
  versions: { en: version(key, 'en'), zh: version(key, 'zh') },
});

/** The built-in templates, keys `nostalgic`, `offer` and `question`. */
export const STARTER_TEMPLATES: readonly MailTemplate[] = [starter('nostalgic'), starter('offer'), starter('question')];

/** Everything that is ready on the first day, for every kind of channel. */
export const STARTER_LIBRARY: readonly Template[] = [...STARTER_TEMPLATES, ...FIELD_STARTERS, ...ASK_TEMPLATES];
