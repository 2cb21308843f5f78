// Who is writing to the customer: the profile that every message, day boundary and amount depends on.
import type { Lang, Text } from './lang.ts';
import type { Rate } from './money-rules.ts';

export type Business = {
  readonly brand: string;
  readonly postalAddress: string;
  readonly websiteUrl: string;
  /** IANA zone in which the business's calendar days begin. */
  readonly timeZone: string;
  /** ISO 4217. */
  readonly currency: string;
  /** What other currencies are worth in it; amounts in any other are not money. */
  readonly rates: readonly Rate[];
  readonly defaultLanguage: Lang;
  readonly fromAddress: string;
  /** Where tracked links and unsubscribe links point, without a trailing slash. */
  readonly publicUrl: string;
  /** Share of people, in buckets of 10,000, whom every programme leaves alone. */
  readonly globalControlBuckets: number;
  /** Gross margin as a share of revenue, for net figures. */
  readonly marginShare: number;
};

/** What a person is asked to fill in, by field. */
const FIELD_NAMES: Readonly<Partial<Record<keyof Business, string>>> = {
  brand: '品牌名称',
  postalAddress: '邮寄地址',
  websiteUrl: '网站',
  fromAddress: '发件地址',
  publicUrl: '公开网址',
};

/** Fields of the profile as somebody reads them: in English by the names they have everywhere, in Chinese in words. */
export const fieldsText = (fields: readonly (keyof Business)[]): Text => ({
  en: fields.join(', '),
  zh: fields.map((field) => FIELD_NAMES[field] ?? field).join('、'),
});
