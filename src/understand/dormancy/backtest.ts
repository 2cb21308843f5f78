// Would a policy have been right? For past days whose future is known: of those it would have called dormant, how many came back by
// themselves, how many of the people who really left it would have caught, and how early.
import { dayText, type Day } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import type { DormancyPolicy } from './policy.ts';

/** Counted per day by the engine. Days are medians over the caught. */
export type BacktestCounts = {
  readonly people: number;
  readonly dormant: number;
  readonly dormantReturned: number;
  readonly othersReturned: number;
  /** No activity after the day to the end of the data. */
  readonly lost: number;
  readonly caught: number;
  readonly noticedAfterDays: number;
  readonly knownBeforeDays: number;
};

export type BacktestOutcome =
  | {
      readonly kind: 'measured';
      /** Of the dormant, within the horizon. A person who was contacted in between counts as well: the data cannot tell her apart. */
      readonly returnedPeople: number;
      /** With a 95% Wilson interval; null where nobody was dormant. */
      readonly returnShare: number | null;
      readonly returnLow: number | null;
      readonly returnHigh: number | null;
      /** The same of those not called dormant: a useful policy has the two far apart. Null where there were none. */
      readonly othersReturnShare: number | null;
      /** People seen by the day and never again, to the end of the data (at least one horizon later). */
      readonly lostPeople: number;
      /** Those of them the policy called dormant on that day. */
      readonly caughtPeople: number;
      readonly caughtShare: number | null;
      /** Median days from the last activity of a caught person to the day the policy called her dormant; null where none was caught. */
      readonly noticedAfterDays: number | null;
      /** Median days between that and the end of the horizon, when her staying away was known: how early the warning came. */
      readonly knownBeforeDays: number | null;
    }
  | { readonly kind: 'not_yet' | 'nobody'; readonly reason: Text };

export type BacktestDay = {
  readonly asOf: Day;
  readonly people: number;
  readonly dormantPeople: number;
  readonly dormantShare: number | null;
  readonly outcome: BacktestOutcome;
};

export type Backtest = {
  readonly policy: DormancyPolicy;
  readonly horizonDays: number;
  readonly dataUntil: Day | null;
  readonly days: readonly BacktestDay[];
  /** What to bear in mind of the scope. */
  readonly notes: readonly Text[];
};

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Wilson 1927: 95% interval of a share. */
export function wilsonInterval(successes: number, trials: number): { readonly low: number; readonly high: number } {
  const z = 1.959963984540054;
  const observed = successes / trials;
  const centre = observed + (z * z) / (2 * trials);
  const half = z * Math.sqrt((observed * (1 - observed)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
}

/** One day of a back-test from its counts. `dataUntil`: undefined where there is no activity at all. */
export function backtestDay(asOf: Day, horizonEnds: Day, dataUntil: Day | undefined, c: BacktestCounts): BacktestDay {
  const day = { asOf, people: c.people, dormantPeople: c.dormant, dormantShare: share(c.dormant, c.people) };
  if (c.people === 0 || dataUntil === undefined) {
    const reason = {
      en: `Nobody had been seen by ${dayText(asOf, 'en')}.`,
      zh: `截至 ${dayText(asOf, 'zh')}尚无任何用户。`,
    };
    return { ...day, outcome: { kind: 'nobody', reason } };
  }
  if (dataUntil < horizonEnds) {
    const reason = {
      en: `The data ends on ${dayText(dataUntil, 'en')}; what happened until ${dayText(horizonEnds, 'en')} is not known yet.`,
      zh: `数据截至 ${dayText(dataUntil, 'zh')}；${dayText(horizonEnds, 'zh')}之前的情况尚不可知。`,
    };
    return { ...day, outcome: { kind: 'not_yet', reason } };
  }
  const interval = c.dormant === 0 ? undefined : wilsonInterval(c.dormantReturned, c.dormant);
  return {
    ...day,
    outcome: {
      kind: 'measured',
      returnedPeople: c.dormantReturned,
      returnShare: share(c.dormantReturned, c.dormant),
      returnLow: interval?.low ?? null,
      returnHigh: interval?.high ?? null,
      othersReturnShare: share(c.othersReturned, c.people - c.dormant),
      lostPeople: c.lost,
      caughtPeople: c.caught,
      caughtShare: share(c.caught, c.lost),
      noticedAfterDays: c.caught === 0 ? null : c.noticedAfterDays,
      knownBeforeDays: c.caught === 0 ? null : c.knownBeforeDays,
    },
  };
}
