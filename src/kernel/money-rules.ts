// Which amounts are the business's money? Its own currency is; another one is only where the business says what it was worth on that day.
// What is neither is never added to anything: it is told beside the sum.
import type { Day } from './days.ts';
import type { Text } from './lang.ts';
import { formatMoney, minorDigits } from './money.ts';

/** From that day on until the next entry one unit of `currency` is worth `rate` units of the business's currency. */
export type Rate = { readonly currency: string; readonly from: Day; readonly rate: number };

export type MoneyRules = {
  /** The business's own, ISO 4217. */
  readonly currency: string;
  readonly rates: readonly Rate[];
};

/** What a minor unit of one currency is in minor units of another, at a rate between whole units. */
export const minorFactor = (rate: Rate, into: string): number =>
  rate.rate * 10 ** (minorDigits(into) - minorDigits(rate.currency));

/** A currency's rates, the earliest first. */
export const ratesOf = ({ rates }: MoneyRules, currency: string): readonly Rate[] =>
  rates.filter((rate) => rate.currency === currency).sort((a, b) => (a.from < b.from ? -1 : 1));

/** Minor units of the business's currency, the nearest (halves away from zero); null where there is no rate for that day. No currency is the business's own. */
export function inMoney(rules: MoneyRules, amountCents: number, currency: string, day: Day): number | null {
  if (currency === '' || currency === rules.currency) return amountCents;
  const rate = ratesOf(rules, currency).findLast(({ from }) => from <= day);
  if (rate === undefined) return null;
  const cents = Math.floor(Math.abs(amountCents) * minorFactor(rate, rules.currency) + 0.5);
  return amountCents < 0 && cents !== 0 ? -cents : cents;
}

/** Events whose amounts are in a currency that is no money of the business, and what they add up to in their own minor units. */
export type LeftOut = { readonly currency: string; readonly events: number; readonly amountCents: number };

/** What a sum of money leaves out, also in words. */
export type LeftOutMoney = { readonly amounts: readonly LeftOut[]; readonly words: Text };

const EVENTS = { en: new Intl.NumberFormat('en-US'), zh: new Intl.NumberFormat('zh-CN') } as const;

/** Null where nothing was left out. `currency` is the business's own. */
export function toldLeftOut(currency: string, amounts: readonly LeftOut[]): LeftOutMoney | null {
  if (amounts.length === 0) return null;
  const each = (lang: 'en' | 'zh', write: (count: string, sum: string, code: string) => string): string =>
    amounts
      .map((left) =>
        write(EVENTS[lang].format(left.events), formatMoney(left.amountCents, left.currency, lang), left.currency),
      )
      .join(lang === 'en' ? '; ' : '；');
  return {
    amounts,
    words: {
      en: `Not in these sums, for want of a rate into ${currency}: ${each('en', (count, sum, code) => `${count} in ${code} (${sum})`)}. They count as activity, not as money; rates stand in the business profile.`,
      zh: `以下金额因缺少兑 ${currency} 汇率未计入：${each('zh', (count, sum, code) => `${count} 笔 ${code}（${sum}）`)}。它们只计为活跃行为，不计为金额；汇率可在企业资料中设置。`,
    },
  };
}
