// Can this number be texted, in which country, and in which spelling does each provider want it? Numbering plans are libphonenumber's.
import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import type { Text } from '../../../kernel/lang.ts';
import { refused, ok, type Result } from '../../../kernel/result.ts';

export type SmsNumber = {
  /** `+8613800138000`. */
  readonly e164: string;
  /** ISO 3166; undefined for numbers of no country. */
  readonly country: string | undefined;
  /** Without the country's prefix. */
  readonly national: string;
};

export const NUMBER_FAULTS = {
  not_a_number: { en: 'no plan knows such a number', zh: '没有这样的号码' },
  not_mobile: { en: 'a line that cannot receive texts', zh: '该号码无法接收短信' },
  wrong_country: {
    en: 'a number of a country this account is not set up for',
    zh: '号码所属的国家或地区不在此账号的服务范围内',
  },
} as const satisfies Readonly<Record<string, Text>>;
export type NumberFault = keyof typeof NUMBER_FAULTS;

const NEVER_MOBILE = new Set(['FIXED_LINE', 'TOLL_FREE', 'PREMIUM_RATE', 'SHARED_COST', 'UAN', 'PAGER', 'VOICEMAIL']);

/** Full-width digits and any punctuation are read; national numbers need `homeCountry`. `countries`: those served, or undefined for all. */
export function smsNumber(
  text: string,
  options: { readonly homeCountry?: string | undefined; readonly countries?: readonly string[] | undefined } = {},
): Result<SmsNumber, NumberFault> {
  const home = options.homeCountry?.toUpperCase();
  const region: CountryCode | undefined = home !== undefined && isSupportedCountry(home) ? home : undefined;
  const spelled = text
    .normalize('NFKC')
    .trim()
    .replace(/^00(?=[1-9])/, '+');
  const parsed = parsePhoneNumberFromString(spelled, region === undefined ? {} : { defaultCountry: region });
  if (parsed === undefined || !parsed.isValid()) return refused('not_a_number');
  const type = parsed.getType();
  if (type !== undefined && NEVER_MOBILE.has(type)) return refused('not_mobile');
  const { country } = parsed;
  if (options.countries !== undefined && (country === undefined || !options.countries.includes(country)))
    return refused('wrong_country');
  return ok({ e164: parsed.number, country, national: parsed.nationalNumber });
}
