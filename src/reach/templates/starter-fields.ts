// What can be sent on the first day besides mail? Texts, pushes and in-app messages in the same three styles (nostalgic, offer, question), a
// welcome for who is back, and what she last looked at. In English and Chinese, each with a generic variant.
import type { Lang } from '../../kernel/lang.ts';
import { ifAsked } from './starter-layout.ts';
import type { FieldKind, FieldsOf, Template, Variant } from './template.ts';

type Words<Kind extends FieldKind> = Readonly<Record<Lang, Readonly<Record<Variant, FieldsOf<Kind>>>>>;

const withCode = '{{ brand.url | with_query: "coupon", coupon.code }}';
const until = {
  en: '{% if coupon.conditions != "" %} ({{ coupon.conditions }}){% endif %}{% if coupon.expires_on != "" %} until {{ coupon.expires_on | date_in: lang }}{% endif %}',
  zh: '{% if coupon.conditions != "" %}（{{ coupon.conditions }}）{% endif %}{% if coupon.expires_on != "" %}，有效期至{{ coupon.expires_on | date_in: lang }}{% endif %}',
} as const;

const answerAt = {
  en: ifAsked('One question: {{ survey_url }}', 'We would like to put it right: {{ brand.url }}'),
  zh: ifAsked('一个问题，十秒就好：{{ survey_url }}', '我们想把它改好：{{ brand.url }}'),
} as const;

const SMS: Readonly<Record<'nostalgic' | 'offer' | 'question', Words<'sms'>>> = {
  nostalgic: {
    en: {
      personal: { text: '{{ person.first_name }}, it has been a while. A few things are new: {{ brand.url }}' },
      generic: { text: 'It has been a while. A few things are new: {{ brand.url }}' },
    },
    zh: {
      personal: { text: '{{ person.first_name }}，好久不见，店里添了新东西，回来看看：{{ brand.url }} ' },
      generic: { text: '好久不见，店里添了新东西，回来看看：{{ brand.url }} ' },
    },
  },
  offer: {
    en: {
      personal: {
        text: `{{ person.first_name }}, {% if coupon %}{{ coupon.amount_text }} with {{ coupon.code }}${until.en}{% else %}come and see what is new{% endif %}: ${withCode}`,
      },
      generic: {
        text: `{% if coupon %}{{ coupon.amount_text }} with {{ coupon.code }}${until.en}{% else %}Come and see what is new{% endif %}: ${withCode}`,
      },
    },
    zh: {
      personal: {
        text: `{{ person.first_name }}，{% if coupon %}{{ coupon.amount_text }}已为您备好，优惠码{{ coupon.code }}${until.zh}{% else %}店里添了新东西{% endif %}：${withCode} `,
      },
      generic: {
        text: `{% if coupon %}{{ coupon.amount_text }}已为您备好，优惠码{{ coupon.code }}${until.zh}{% else %}店里添了新东西{% endif %}：${withCode} `,
      },
    },
  },
  question: {
    en: {
      personal: { text: `{{ person.first_name }}, did we get something wrong? ${answerAt.en}` },
      generic: { text: `Did we get something wrong? ${answerAt.en}` },
    },
    zh: {
      personal: { text: `{{ person.first_name }}，是我们哪里没做好吗？${answerAt.zh} ` },
      generic: { text: `是我们哪里没做好吗？${answerAt.zh} ` },
    },
  },
};

const PUSH: Readonly<Record<'nostalgic' | 'offer' | 'question', Words<'push'>>> = {
  nostalgic: {
    en: {
      personal: {
        title: 'It has been a while, {{ person.first_name }}',
        body: 'Come and see what is new.',
        url: '{{ brand.url }}',
      },
      generic: { title: 'It has been a while', body: 'Come and see what is new.', url: '{{ brand.url }}' },
    },
    zh: {
      personal: {
        title: '{{ person.first_name }}，好久不见',
        body: '店里添了新东西，回来看看吧。',
        url: '{{ brand.url }}',
      },
      generic: { title: '好久不见', body: '店里添了新东西，回来看看吧。', url: '{{ brand.url }}' },
    },
  },
  offer: {
    en: {
      personal: {
        title:
          '{% if coupon %}{{ coupon.amount_text }} for you{% else %}See what is new{% endif %}, {{ person.first_name }}',
        body: `{% if coupon %}Use {{ coupon.code }}${until.en}.{% else %}Come and have a look.{% endif %}`,
        url: withCode,
      },
      generic: {
        title: '{% if coupon %}{{ coupon.amount_text }} is waiting{% else %}See what is new{% endif %}',
        body: `{% if coupon %}Use {{ coupon.code }}${until.en}.{% else %}Come and have a look.{% endif %}`,
        url: withCode,
      },
    },
    zh: {
      personal: {
        title:
          '{{ person.first_name }}，{% if coupon %}{{ coupon.amount_text }}已备好{% else %}店里添了新东西{% endif %}',
        body: `{% if coupon %}优惠码 {{ coupon.code }}${until.zh}。{% else %}欢迎回来看看。{% endif %}`,
        url: withCode,
      },
      generic: {
        title: '{% if coupon %}{{ coupon.amount_text }}已备好{% else %}店里添了新东西{% endif %}',
        body: `{% if coupon %}优惠码 {{ coupon.code }}${until.zh}。{% else %}欢迎回来看看。{% endif %}`,
        url: withCode,
      },
    },
  },
  question: {
    en: {
      personal: {
        title: 'Did we get something wrong?',
        body: `{{ person.first_name }}, ${ifAsked('one question, ten seconds.', 'we would like to put it right.')}`,
        url: '{{ survey_url }}',
      },
      generic: {
        title: 'Did we get something wrong?',
        body: ifAsked('One question, ten seconds.', 'We would like to put it right.'),
        url: '{{ survey_url }}',
      },
    },
    zh: {
      personal: {
        title: '是我们哪里没做好吗？',
        body: `{{ person.first_name }}，${ifAsked('只有一个问题，十秒就好。', '我们想把它改好。')}`,
        url: '{{ survey_url }}',
      },
      generic: {
        title: '是我们哪里没做好吗？',
        body: ifAsked('只有一个问题，十秒就好。', '我们想把它改好。'),
        url: '{{ survey_url }}',
      },
    },
  },
};

/** A card that obeys the rules on pop-ups: it says that it is an advertisement, and closes at once. */
const card = (
  fields: Pick<FieldsOf<'in_app'>, 'title' | 'body' | 'buttons' | 'imageUrl'>,
  moment: FieldsOf<'in_app'>['moment'] = 'open',
): FieldsOf<'in_app'> => ({
  layout: 'card',
  closable: true,
  closeAfterSeconds: 0,
  repeats: false,
  adLabel: true,
  moment,
  frequency: { shows: 3, everyHours: 12 },
  ...fields,
});

const coupon = {
  en: '{% if coupon %} {{ coupon.amount_text }} with {{ coupon.code }}{% if coupon.conditions != "" %} ({{ coupon.conditions }}){% endif %}.{% endif %}',
  zh: '{% if coupon %}{{ coupon.amount_text }}，优惠码 {{ coupon.code }}{% if coupon.conditions != "" %}（{{ coupon.conditions }}）{% endif %}。{% endif %}',
} as const;

const WELCOME: Words<'in_app'> = {
  en: {
    personal: card(
      {
        title: 'Welcome back, {{ person.first_name }}',
        body: `Good to see you again.${coupon.en}`,
        buttons: [{ label: 'See what is new', url: withCode }],
      },
      'welcome_back',
    ),
    generic: card(
      {
        title: 'Welcome back',
        body: `Good to see you again.${coupon.en}`,
        buttons: [{ label: 'See what is new', url: withCode }],
      },
      'welcome_back',
    ),
  },
  zh: {
    personal: card(
      {
        title: '{{ person.first_name }}，欢迎回来',
        body: `很高兴又见到您。${coupon.zh}`,
        buttons: [{ label: '看看新品', url: withCode }],
      },
      'welcome_back',
    ),
    generic: card(
      { title: '欢迎回来', body: `很高兴又见到您。${coupon.zh}`, buttons: [{ label: '看看新品', url: withCode }] },
      'welcome_back',
    ),
  },
};

const BROWSED: Words<'in_app'> = {
  en: {
    personal: card({
      title: '{% if browsed[0] %}{{ browsed[0].name }} is still here{% else %}Still looking?{% endif %}',
      body: `{% if browsed[0] %}You looked at it a while ago{% if browsed[0].price_cents != "" %}: {{ browsed[0].price_cents | money: browsed[0].currency, lang }}{% endif %}.{% else %}Your favourites are where you left them.{% endif %}${coupon.en}`,
      buttons: [
        {
          label: 'Have another look',
          url: '{% if browsed[0] %}{{ browsed[0].url }}{% else %}{{ brand.url }}{% endif %}',
        },
      ],
    }),
    generic: card({
      title: 'Something for today',
      body: `Come and have a look around.${coupon.en}`,
      buttons: [{ label: 'Have a look', url: withCode }],
    }),
  },
  zh: {
    personal: card({
      title: '{% if browsed[0] %}{{ browsed[0].name }}还在这里{% else %}还在找吗？{% endif %}',
      body: `{% if browsed[0] %}您之前看过它{% if browsed[0].price_cents != "" %}，现价{{ browsed[0].price_cents | money: browsed[0].currency, lang }}{% endif %}。{% else %}您喜欢的都还在原处。{% endif %}${coupon.zh}`,
      buttons: [
        { label: '再看一眼', url: '{% if browsed[0] %}{{ browsed[0].url }}{% else %}{{ brand.url }}{% endif %}' },
      ],
    }),
    generic: card({
      title: '今日推荐',
      body: `欢迎来逛逛。${coupon.zh}`,
      buttons: [{ label: '去看看', url: withCode }],
    }),
  },
};

const STYLES = ['nostalgic', 'offer', 'question'] as const;

/** Keys `sms-…` and `push-…` in three styles, `in-app-welcome` and `in-app-browsed`. */
export const FIELD_STARTERS: readonly Template[] = [
  ...STYLES.map((style): Template => ({ key: `sms-${style}`, kind: 'sms', versions: SMS[style] })),
  ...STYLES.map((style): Template => ({ key: `push-${style}`, kind: 'push', versions: PUSH[style] })),
  { key: 'in-app-welcome', kind: 'in_app', versions: WELCOME },
  { key: 'in-app-browsed', kind: 'in_app', versions: BROWSED },
];
