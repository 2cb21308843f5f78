// Back-tests a policy on past days; nothing is published and the policy need not be saved. Reads the roll-up once, whatever the number of days.
import { personSource } from '../../collect/people/person-of.sql.ts';
import { addDays, dayOfNumber, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { backtestDay, type Backtest, type BacktestCounts, type BacktestDay } from './backtest.ts';
import { asOfDay, backtestCounts, lastActiveDay } from './backtest.sql.ts';
import { HORIZON_DAYS, scopeOf } from './evaluate.service.ts';
import { baseGap, createActiveDays, dropTable, fillActiveDays } from './evaluate.sql.ts';
import { fitPrediction, type Base } from '../value/score.service.ts';
import type { DormancyPolicy } from './policy.ts';
import { looksAtTraits, TRAITS_ARE_TODAYS } from './scope.service.ts';
import type { SegmentContext } from '../segments/questions.service.ts';
import type { Prediction } from './rule.ts';

/** Most days one back-test may ask for: two years of months. */
export const BACKTEST_DAYS_MAX = 24;

/** Later than any activity: the engine's last `Date` is 2149-06-06. */
const END_OF_TIME = dayOfNumber(65_535);

export type BacktestInput = {
  readonly policy: DormancyPolicy;
  /** The days to stand on, in any order. */
  readonly on: readonly Day[];
  readonly horizonDays?: number;
  readonly now: Date;
  /** What a scope may ask beyond the events; a scope that does so cannot be asked without it. */
  readonly scopes?: SegmentContext;
};

/** What a predicted policy would have predicted with on that day; null for other kinds and where there was too little data. */
function predictionOn(
  events: Events,
  { rule }: DormancyPolicy,
  past: Sql,
  asOf: Day,
  base: Base,
): Promise<Prediction | null> {
  if (rule.kind !== 'predicted') return Promise.resolve(null);
  return fitPrediction(events, { table: past, base, asOf, horizonDays: rule.horizonDays });
}

/**
 * As of the end of each day, oldest first. A day whose horizon is not over, or before the first activity, says so. The scope is asked as of
 * each day; only traits are today's, and a note says so. Throws `invalid` for no day, too many or one that is not a day, `past_unknown` for a
 * scope that looks at what is not known of one of the days.
 */
export async function backtestPolicy(events: Events, input: BacktestInput): Promise<Backtest> {
  const { policy, now, scopes } = input;
  const horizonDays = input.horizonDays ?? HORIZON_DAYS;
  const on = [...new Set(input.on)].toSorted();
  if (on.length === 0 || on.length > BACKTEST_DAYS_MAX) {
    const what = `takes 1 to ${BACKTEST_DAYS_MAX} days, not ${on.length}`;
    throw new RekindleError('invalid', { where: 'on', what });
  }
  const table = ident(newId('scratch_days', now));
  const scope = scopeOf(events, { policy, now, scopes, isPast: true });
  try {
    const source = await personSource(events);
    const { days } = source;
    await events.run(createActiveDays(table));
    await events.run(fillActiveDays(table, days, policy.activity, END_OF_TIME));
    const [end] = await events.rows<{ day: Day; people: number }>(lastActiveDay(table));
    const dataUntil = end !== undefined && end.people > 0 ? end.day : undefined;
    const tested: BacktestDay[] = [];
    for (const asOf of on) {
      const past = asOfDay(table, asOf, await scope.on(asOf, source));
      const [base] = await events.rows<{ people: number; repeaters: number; base_gap: number }>(baseGap(past));
      const prediction = await predictionOn(events, policy, past, asOf, base!);
      const judge = prediction === null ? policy : { ...policy, prediction };
      const inputs = { policy: judge, asOf, baseGapHundredths: base!.base_gap };
      const [counts] = await events.rows<BacktestCounts>(backtestCounts(past, inputs, horizonDays));
      tested.push(backtestDay(asOf, addDays(asOf, horizonDays), dataUntil, counts!));
    }
    const notes = looksAtTraits(policy) ? [TRAITS_ARE_TODAYS] : [];
    return { policy, horizonDays, dataUntil: dataUntil ?? null, days: tested, notes };
  } finally {
    await scope.close();
    await events.run(dropTable(table));
  }
}
