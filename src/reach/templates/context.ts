// What may a template say about the person, the brand and the offer? The one list of variables, each with a fallback in both
// languages, so that nobody is ever greeted "Dear null" or "Dear ,". The generic variant never sees the person or her products.
import type { Day } from '../../kernel/days.ts';
import type { Lang, Text } from '../../kernel/lang.ts';
import { objectionUrlOf } from './objection.ts';
import { nameIn } from './person-name.ts';
import type { Variant } from './template.ts';

type Maybe = string | null | undefined;

export type MailProduct = {
  readonly name: string;
  readonly url: string;
  readonly imageUrl?: Maybe;
  readonly priceCents?: number | null | undefined;
  readonly currency?: Maybe;
  readonly reason?: Maybe;
};

export type SurveyChoice = { readonly label: Text; readonly url: string };

/** What the caller knows. Empty text, null and placeholder words count as not known. */
export type MailContext = {
  readonly person?: { readonly firstName?: Maybe; readonly lastName?: Maybe; readonly fullName?: Maybe } | undefined;
  readonly brand: { readonly name: string; readonly address: string; readonly url: string };
  readonly coupon?:
    | {
        readonly code?: Maybe;
        readonly amountText?: Maybe;
        /** What limits it: a least basket, a largest discount. */
        readonly conditions?: Maybe;
        readonly expiresOn?: Day | null;
      }
    | undefined;
  readonly products?: readonly MailProduct[] | undefined;
  /** What she looked at last and did not buy. */
  readonly browsed?: readonly MailProduct[] | undefined;
  readonly unsubscribeUrl: string;
  readonly preferencesUrl?: Maybe;
  readonly surveyUrl?: Maybe;
  /** One link per answer, that opens the question with this answer chosen. */
  readonly surveyOptions?: readonly SurveyChoice[] | undefined;
  /** Where she says yes to what a mail of ours asks. */
  readonly confirmUrl?: Maybe;
  readonly npsUrl?: Maybe;
  readonly npsOptions?: readonly SurveyChoice[] | undefined;
};

/** Every variable a template may name; `products[]` are the fields inside `{% for product in products %}`. */
export const VARIABLES = [
  'lang',
  'person.first_name',
  'person.last_name',
  'person.full_name',
  'brand.name',
  'brand.address',
  'brand.url',
  'coupon',
  'coupon.code',
  'coupon.amount_text',
  'coupon.conditions',
  'coupon.expires_on',
  'products',
  'products[].name',
  'products[].url',
  'products[].image_url',
  'products[].price_cents',
  'products[].currency',
  'products[].reason',
  'browsed',
  'browsed[].name',
  'browsed[].url',
  'browsed[].image_url',
  'browsed[].price_cents',
  'browsed[].currency',
  'browsed[].reason',
  'unsubscribe_url',
  'preferences_url',
  'objection_url',
  'confirm_url',
  'survey_url',
  'survey_options',
  'survey_options[].label',
  'survey_options[].url',
  'nps_url',
  'nps_options',
  'nps_options[].label',
  'nps_options[].url',
] as const;

const FALLBACK = {
  en: { friend: 'friend', brand: 'Our shop', amount: 'a little something' },
  zh: { friend: '朋友', brand: '我们', amount: '一份心意' },
} as const satisfies Record<Lang, Record<string, string>>;

const NOT_A_NAME = /^(null|undefined|nan|none|n\/?a|unknown|test|-+|\.+|\?+|无|未知|匿名)$/i;
// Line breaks would let a value start a new header line, and two of the control characters are our own link marks.
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f\u0085\u2028\u2029\ue000-\ue0ff]+/g;

/** Marks that turn the rest of the line around, so that a name could make a subject read as something else; scripts written from the right need none. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** The same words on one line: nothing in it can begin a new header, turn what follows around or forge a link mark. */
export const oneLine = (text: string): string => text.replaceAll(TURNING, '').replaceAll(FORBIDDEN, ' ').trim();

/** One line of harmless text, or '' when the value is missing or a placeholder. */
function cleanLine(value: Maybe): string {
  const line = oneLine(value ?? '');
  return NOT_A_NAME.test(line) ? '' : line;
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '');

const choicesOf = (choices: readonly SurveyChoice[] = [], lang: Lang): { label: string; url: string }[] =>
  choices.map(({ label, url }) => ({ label: cleanLine(label[lang]), url: cleanLine(url) }));

/** Links that carry their own token and are not followed through ours: what the scope says, and what the context brings. */
export const ownLinks = (context: MailContext, scope: Readonly<Record<string, unknown>>): string[] =>
  [
    ...['unsubscribe_url', 'preferences_url', 'objection_url'].map((name) => String(scope[name])),
    context.confirmUrl,
    context.surveyUrl,
    context.npsUrl,
    ...(context.surveyOptions ?? []).map(({ url }) => url),
    ...(context.npsOptions ?? []).map(({ url }) => url),
  ].flatMap((url) => cleanLine(url) || []);

/** The Liquid scope: snake_case names, no missing value. `coupon` is false without a code, so `{% if coupon %}` works. */
export function scopeOf(context: MailContext, lang: Lang, variant: Variant): Record<string, unknown> {
  const words = FALLBACK[lang];
  const personal = variant === 'personal';
  const person = personal ? context.person : undefined;
  const firstName = nameIn(cleanLine(person?.firstName));
  const lastName = nameIn(cleanLine(person?.lastName));
  const joined = lang === 'zh' ? `${lastName}${firstName}` : `${firstName} ${lastName}`.trim();
  const code = cleanLine(context.coupon?.code);
  const url = cleanLine(context.brand.url);
  const preferences = cleanLine(context.preferencesUrl) || cleanLine(context.unsubscribeUrl);
  const listOf = (products: readonly MailProduct[] = []) =>
    (personal ? products : []).map((product) => ({
      name: cleanLine(product.name),
      url: cleanLine(product.url) || url,
      image_url: cleanLine(product.imageUrl),
      price_cents: product.priceCents ?? '',
      currency: cleanLine(product.currency) || (lang === 'zh' ? 'CNY' : 'USD'),
      reason: cleanLine(product.reason),
    }));
  return {
    lang,
    person: {
      first_name: firstName || words.friend,
      last_name: lastName || words.friend,
      full_name: nameIn(cleanLine(person?.fullName)) || joined || words.friend,
    },
    brand: {
      name: cleanLine(context.brand.name) || hostOf(url) || words.brand,
      address: cleanLine(context.brand.address),
      url,
    },
    // Liquid takes an empty text for true.
    coupon: code !== '' && {
      code,
      amount_text: cleanLine(context.coupon?.amountText) || words.amount,
      conditions: cleanLine(context.coupon?.conditions),
      expires_on: cleanLine(context.coupon?.expiresOn),
    },
    products: listOf(context.products),
    browsed: listOf(context.browsed),
    unsubscribe_url: cleanLine(context.unsubscribeUrl),
    preferences_url: preferences,
    objection_url: objectionUrlOf(preferences),
    confirm_url: cleanLine(context.confirmUrl) || preferences,
    survey_url: cleanLine(context.surveyUrl) || url,
    survey_options: choicesOf(context.surveyOptions, lang),
    nps_url: cleanLine(context.npsUrl) || url,
    nps_options: choicesOf(context.npsOptions, lang),
  };
}
