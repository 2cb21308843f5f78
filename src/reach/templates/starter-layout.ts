// How do the built-in mails look? Three layouts in MJML, language-neutral: words come in, Liquid stays inside. System fonts, no
// outside images, one button, and the footer the law asks for. 600 px on a desk, one column on a phone; light and dark, as the reader has it.
import type { Lang } from '../../kernel/lang.ts';
import { OBJECTION } from './objection.ts';

type Colours = {
  readonly ground: string;
  readonly card: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  /** Behind a gift. */
  readonly gift: string;
};
/** What is sent, and what a reader who prefers it dark sees where her mail program asks for it. Buttons stay as they are. */
type Look = Colours & { readonly dark: Colours };

/** Words are read by everybody: each colour stands out 4.5 to 1 from what is behind it (WCAG 2.2, 1.4.3). */
export const LOOKS = {
  nostalgic: {
    ground: '#f3ebdf',
    card: '#fffdf8',
    ink: '#2f2a24',
    soft: '#6f6456',
    line: '#efe6d8',
    accent: '#a8492a',
    gift: '#fffdf8',
    dark: {
      ground: '#191512',
      card: '#28221d',
      ink: '#f4ece1',
      soft: '#c2b5a4',
      line: '#463d34',
      accent: '#f0a283',
      gift: '#28221d',
    },
  },
  offer: {
    ground: '#0f3b3a',
    card: '#ffffff',
    ink: '#12302f',
    soft: '#5f7674',
    line: '#e6eceb',
    accent: '#c9431c',
    gift: '#fff5ee',
    dark: {
      ground: '#071d1c',
      card: '#112c2b',
      ink: '#eef6f5',
      soft: '#a9c2bf',
      line: '#2c4a48',
      accent: '#ff9f7f',
      gift: '#2f231d',
    },
  },
  question: {
    ground: '#eef1f6',
    card: '#ffffff',
    ink: '#1f2a44',
    soft: '#59647a',
    line: '#e6e9f0',
    accent: '#3553d8',
    gift: '#ffffff',
    dark: {
      ground: '#10141d',
      card: '#1b212f',
      ink: '#eef1f8',
      soft: '#aeb8cc',
      line: '#363f54',
      accent: '#a3b6ff',
      gift: '#1b212f',
    },
  },
} as const satisfies Record<string, Look>;

export type LayoutKey = keyof typeof LOOKS;

const SANS: Readonly<Record<Lang, string>> = {
  en: "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
  zh: "-apple-system, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif",
};
const SERIF: Readonly<Record<Lang, string>> = {
  en: "Georgia, 'Iowan Old Style', 'Times New Roman', serif",
  zh: "'Songti SC', 'Noto Serif CJK SC', 'Source Han Serif SC', STSong, SimSun, serif",
};

type Footer = {
  readonly why: string;
  readonly stop: string;
  readonly preferences: string;
};

const FOOTER: Readonly<Record<Lang, Footer>> = {
  en: {
    why: 'You receive this mail because you are a customer of {{ brand.name }}.',
    stop: 'Unsubscribe with one click',
    preferences: 'Choose what you receive',
  },
  zh: {
    why: '您是 {{ brand.name }} 的顾客，因此收到此信。',
    stop: '一键退订',
    preferences: '管理接收内容',
  },
};

const PICKS: Readonly<Record<Lang, string>> = { en: 'Chosen with you in mind', zh: '为您挑选' };
const CODE: Readonly<Record<Lang, { code: string; until: string; ticket: string }>> = {
  en: { code: 'Your code', until: 'Valid until', ticket: 'A gift for you' },
  zh: { code: '您的优惠码', until: '有效期至', ticket: '送您的礼物' },
};

export type Words = {
  /** Large, first thing read. May hold Liquid. */
  readonly headline: string;
  readonly paragraphs: readonly string[];
  readonly button: string;
  readonly buttonUrl: string;
  readonly signature: string;
  /** Other than that of a mail to a customer. */
  readonly footer?: Footer;
};

/** While no survey is open there is nothing to answer behind a link, and none is promised. */
export const ifAsked = (asked: string, otherwise: string): string =>
  `{% if survey_options.size > 0 %}${asked}{% else %}${otherwise}{% endif %}`;

/** Programs that know no dark mails read the light colours, which stand beside each element; these outrank them. Their names are these mails' own. */
const darkStyle = ({ ground, card, ink, soft, line, accent, gift }: Colours): string =>
  `:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
.rk-ground, .rk-ground > div { background-color: ${ground} !important; }
.rk-card, .rk-card > table { background: ${card} !important; }
.rk-gift > table td { background-color: ${gift} !important; }
.rk-ink, .rk-ink div, .rk-ink a { color: ${ink} !important; }
.rk-soft, .rk-soft div, .rk-soft a { color: ${soft} !important; }
.rk-accent, .rk-accent div { color: ${accent} !important; }
.rk-line { border-color: ${line} !important; }
}`;

/** Who is given nothing is promised nothing. */
export const ifGiven = (given: string, otherwise: string): string =>
  `{% if coupon %}${given}{% else %}${otherwise}{% endif %}`;

const link = (href: string, words: string, color: string): string =>
  `<a href="${href}" style="color:${color};text-decoration:underline;">${words}</a>`;

/** A row of its own: no other words stand beside it (GDPR 21(4)). */
const objection = (lang: Lang, color: string): string => `
      <mj-text css-class="rk-soft" align="center" font-size="12px" line-height="1.8" color="${color}" padding="10px 32px 0">${OBJECTION[lang].right} ${link('{{ objection_url }}', OBJECTION[lang].use, color)}</mj-text>`;

const paragraph = (words: string, look: Look, align: string): string =>
  `<mj-text css-class="rk-ink" align="${align}" font-size="16px" line-height="1.7" color="${look.ink}" padding="0 40px 16px">${words}</mj-text>`;

// An address of the products' own, a price, and why it was chosen; without a picture the row is only narrower.
const products = (lang: Lang, look: Look): string => `
    <mj-raw>{% if products.size > 0 %}</mj-raw>
    <mj-section css-class="rk-card" background-color="${look.card}" padding="8px 0 16px"><mj-column>
      <mj-text css-class="rk-soft" font-size="12px" letter-spacing="${lang === 'zh' ? '3px' : '2px'}" color="${look.soft}" padding="8px 40px" text-transform="uppercase">${PICKS[lang]}</mj-text>
      <mj-text padding="0 40px">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">{% for product in products limit: 3 %}
          <tr>{% if product.image_url != '' %}<td width="88" class="rk-line" style="padding:12px 16px 12px 0;border-top:1px solid ${look.line};"><a href="{{ product.url }}"><img src="{{ product.image_url }}" width="72" height="72" alt="{{ product.name }}" style="display:block;width:72px;height:72px;border-radius:8px;object-fit:cover;"></a></td>{% endif %}
          <td class="rk-line rk-ink" style="padding:14px 0;border-top:1px solid ${look.line};font-family:${SANS[lang]};font-size:15px;line-height:1.5;color:${look.ink};"><a href="{{ product.url }}" style="color:${look.ink};text-decoration:none;font-weight:600;">{{ product.name }}</a><br><span class="rk-soft" style="color:${look.soft};font-size:13px;">{{ product.reason }}</span></td>
          <td align="right" class="rk-line rk-ink" style="padding:14px 0;border-top:1px solid ${look.line};font-family:${SANS[lang]};font-size:15px;white-space:nowrap;color:${look.ink};">{{ product.price_cents | money: product.currency, lang }}</td></tr>{% endfor %}
        </table>
      </mj-text>
    </mj-column></mj-section>
    <mj-raw>{% endif %}</mj-raw>`;

// One line for layouts in which the gift is a courtesy.
const giftLine = (lang: Lang, look: Look): string => `
    <mj-raw>{% if coupon %}</mj-raw>
    <mj-section css-class="rk-card" background-color="${look.card}" padding="4px 40px 16px"><mj-column border="1px dashed ${look.accent}" border-radius="10px" padding="10px 0">
      <mj-text css-class="rk-ink" align="center" font-size="15px" line-height="1.7" color="${look.ink}" padding="4px 16px"><strong class="rk-accent" style="color:${look.accent};font-size:19px;">{{ coupon.amount_text }}</strong><br>${CODE[lang].code} <strong style="font-family:Menlo,Consolas,monospace;letter-spacing:1px;">{{ coupon.code }}</strong>{% if coupon.conditions != '' %}<br><span class="rk-soft" style="font-size:13px;color:${look.soft};">{{ coupon.conditions }}</span>{% endif %}{% if coupon.expires_on != '' %}<br><span class="rk-soft" style="font-size:13px;color:${look.soft};">${CODE[lang].until} {{ coupon.expires_on | date_in: lang }}</span>{% endif %}</mj-text>
    </mj-column></mj-section>
    <mj-raw>{% endif %}</mj-raw>`;

const ticket = (lang: Lang, look: Look): string => `
    <mj-raw>{% if coupon %}</mj-raw>
    <mj-section css-class="rk-card" background-color="${look.card}" padding="8px 40px 8px"><mj-column css-class="rk-gift" background-color="${look.gift}" border="2px dashed ${look.accent}" border-radius="14px" padding="22px 0">
      <mj-text css-class="rk-soft" align="center" font-size="12px" letter-spacing="3px" color="${look.soft}" padding="0 16px 6px" text-transform="uppercase">${CODE[lang].ticket}</mj-text>
      <mj-text css-class="rk-accent" align="center" font-size="46px" line-height="1.15" font-weight="800" color="${look.accent}" padding="0 16px 10px"><span style="font-size:{% if coupon.amount_text.size > 9 %}26px{% else %}46px{% endif %};line-height:1.15;display:inline-block;">{{ coupon.amount_text }}</span></mj-text>
      <mj-text css-class="rk-soft" align="center" font-size="13px" color="${look.soft}" padding="0 16px 4px">${CODE[lang].code}</mj-text>
      <mj-text css-class="rk-ink" align="center" font-family="Menlo, Consolas, 'Courier New', monospace" font-size="24px" font-weight="700" letter-spacing="3px" color="${look.ink}" padding="0 16px 8px">{{ coupon.code }}</mj-text>
      <mj-text css-class="rk-soft" align="center" font-size="13px" color="${look.soft}" padding="0 16px">{% if coupon.conditions != '' %}{{ coupon.conditions }}<br>{% endif %}{% if coupon.expires_on != '' %}${CODE[lang].until} {{ coupon.expires_on | date_in: lang }}{% endif %}</mj-text>
    </mj-column></mj-section>
    <mj-raw>{% endif %}</mj-raw>`;

// One link per answer while a survey is open; the button below is what remains without one.
const choices = (lang: Lang, look: Look): string => `
    <mj-raw>{% if survey_options.size > 0 %}</mj-raw>
    <mj-section css-class="rk-card" background-color="${look.card}" padding="0 0 8px"><mj-column>
      <mj-text padding="0 40px">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">{% for option in survey_options %}
          <tr><td style="padding:0 0 8px;"><a href="{{ option.url }}" class="rk-accent rk-line" style="display:block;padding:12px 18px;border:1px solid ${look.line};border-radius:12px;font-family:${SANS[lang]};font-size:16px;line-height:1.5;color:${look.accent};text-decoration:none;font-weight:600;">{{ option.label }}</a></td></tr>{% endfor %}
        </table>
      </mj-text>
    </mj-column></mj-section>
    <mj-raw>{% endif %}</mj-raw>`;

const headSize: Readonly<Record<Lang, string>> = { en: '34px', zh: '30px' };

/** The whole MJML of one mail. `personal` decides whether products may appear. */
export function layout(key: LayoutKey, lang: Lang, words: Words, personal: boolean): string {
  const look: Look = LOOKS[key];
  const letter = key === 'question';
  const align = letter ? 'left' : 'center';
  const onGround = key === 'offer' ? '#cfe0de' : look.soft;
  const headFont = key === 'nostalgic' ? SERIF[lang] : SANS[lang];
  const footer = words.footer ?? FOOTER[lang];
  const asks = words.buttonUrl === '{{ survey_url }}';
  const gift = key === 'offer' ? ticket(lang, look) : giftLine(lang, look);
  return `<mjml lang="${lang === 'zh' ? 'zh-CN' : 'en'}">
  <mj-head>
    <mj-title>{{ brand.name }}</mj-title>
    <mj-attributes><mj-all font-family="${SANS[lang]}" /></mj-attributes>
    <mj-raw><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></mj-raw>
    <mj-style>${darkStyle(look.dark)}</mj-style>
  </mj-head>
  <mj-body css-class="rk-ground" background-color="${look.ground}" width="600px">
    <mj-section padding="32px 0 20px"><mj-column>
      <mj-text css-class="rk-ink" align="center" font-size="15px" font-weight="600" letter-spacing="${lang === 'zh' ? '5px' : '4px'}" color="${key === 'offer' ? '#ffffff' : look.ink}" padding="0 24px"><a href="{{ brand.url }}" style="color:inherit;text-decoration:none;">{{ brand.name }}</a></mj-text>
    </mj-column></mj-section>
    <mj-section css-class="rk-card" background-color="${look.card}" border-radius="16px 16px 0 0" padding="44px 0 8px"><mj-column>
      <mj-divider align="${align}" border-color="${look.accent}" border-width="4px" width="56px" padding="0 40px 24px" />
      <mj-text css-class="rk-ink" align="${align}" font-family="${headFont}" font-size="${headSize[lang]}" line-height="1.3" font-weight="${key === 'nostalgic' ? '400' : '700'}" color="${look.ink}" padding="0 40px 20px">${words.headline}</mj-text>
      ${words.paragraphs.map((words) => paragraph(words, look, align)).join('\n      ')}
    </mj-column></mj-section>${asks ? choices(lang, look) : ''}${words.footer === undefined ? gift : ''}
    <mj-section css-class="rk-card" background-color="${look.card}" padding="12px 0 28px"><mj-column>
      <mj-button href="${words.buttonUrl}" align="${align}" background-color="${look.accent}" color="#ffffff" border-radius="999px" font-size="17px" font-weight="600" inner-padding="16px 38px" padding="8px 40px">${words.button}</mj-button>
    </mj-column></mj-section>${personal && !letter ? products(lang, look) : ''}
    <mj-section css-class="rk-card" background-color="${look.card}" border-radius="0 0 16px 16px" padding="4px 0 36px"><mj-column>
      <mj-text css-class="rk-soft" align="${align}" font-family="${headFont}" font-size="15px" line-height="1.6" color="${look.soft}" padding="8px 40px 0">${words.signature}</mj-text>
    </mj-column></mj-section>
    <mj-section padding="24px 0 40px"><mj-column>
      <mj-text css-class="rk-soft" align="center" font-size="12px" line-height="1.8" color="${onGround}" padding="0 32px">${footer.why}<br>{{ brand.name }} · {{ brand.address }}<br>${link('{{ unsubscribe_url }}', footer.stop, onGround)} &nbsp;·&nbsp; ${link('{{ preferences_url }}', footer.preferences, onGround)}</mj-text>${objection(lang, onGround)}
    </mj-column></mj-section>
  </mj-body>
</mjml>
`;
}
