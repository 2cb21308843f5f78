// The engine's stages and histories equal the pure ones on random histories, and the pure ones equal a day-by-day reading of the rules.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { dayNumber, dayOfNumber } from '../../kernel/days.ts';
import { ident } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import {
  baseGap,
  createActiveDays,
  dropTable,
  fillActiveDays,
  historyOf,
  stagesOf,
  type JudgingPolicy,
} from './evaluate.sql.ts';
import { parsePolicy } from './policy.ts';
import type { Prediction } from './rule.ts';
import { stageAsOf, stageHistory, thresholdsAfter, type Stage } from './stage.ts';

const ORIGIN = dayNumber('2025-01-01');

const chance = fc.integer({ min: 1, max: 99 }).map((n) => n / 100);

const rule = fc.oneof(
  fc
    .record({
      c: fc.integer({ min: 1, max: 6 }),
      w: fc.integer({ min: 1, max: 8 }),
      l: fc.integer({ min: 1, max: 20 }),
    })
    .map(({ c, w, l }) => ({ kind: 'window', coolingDays: c, dormantDays: c + w, lostDays: c + w + l })),
  fc
    .record({
      multiplier: fc.integer({ min: 100, max: 400 }).map((n) => n / 100),
      minDays: fc.integer({ min: 2, max: 8 }),
      span: fc.integer({ min: 0, max: 40 }),
      shrinkage: fc.integer({ min: 0, max: 300 }).map((n) => n / 100),
      lostMultiplier: fc.integer({ min: 150, max: 500 }).map((n) => n / 100),
    })
    .map(({ span, ...rest }) => ({ kind: 'cadence', ...rest, maxDays: rest.minDays + span })),
  fc
    .record({
      horizonDays: fc.integer({ min: 5, max: 90 }),
      chances: fc.tuple(chance, chance, chance).filter((three) => new Set(three).size === 3),
      minDays: fc.integer({ min: 2, max: 8 }),
      span: fc.integer({ min: 0, max: 60 }),
      fallbackDays: fc.integer({ min: 2, max: 20 }),
    })
    .map(({ chances, span, ...rest }) => {
      const [lostBelow, dormantBelow, coolingBelow] = chances.toSorted((a, b) => a - b);
      return { kind: 'predicted', ...rest, lostBelow, dormantBelow, coolingBelow, maxDays: rest.minDays + span };
    }),
);

/** Parameters of the size that real bases have, in weeks; half of the time there is too little data to predict with. */
const prediction: fc.Arbitrary<Prediction | undefined> = fc.option(
  fc.record({
    horizonDays: fc.integer({ min: 5, max: 90 }),
    params: fc.record({
      r: fc.double({ min: 0.2, max: 3, noNaN: true }),
      alpha: fc.double({ min: 0.5, max: 10, noNaN: true }),
      a: fc.double({ min: 0.2, max: 2, noNaN: true }),
      b: fc.double({ min: 0.5, max: 5, noNaN: true }),
    }),
    recalibration: fc.option(
      fc.record({
        intercept: fc.double({ min: -1, max: 1, noNaN: true }),
        slope: fc.double({ min: 0.5, max: 2, noNaN: true }),
      }),
    ),
    people: fc.constant(1_000),
  }),
  { nil: undefined },
);

const policies = fc
  .record({
    rule,
    prediction,
    newDays: fc.integer({ min: 1, max: 15 }),
    recoveredDays: fc.integer({ min: 1, max: 15 }),
    relapsedDays: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ prediction: fitted, ...parts }): JudgingPolicy => {
    const policy = parsePolicy({
      policyId: 'p',
      name: { en: 'p', zh: 'p' },
      activity: ['Order Completed'],
      ...parts,
    });
    return fitted === undefined || policy.rule.kind !== 'predicted' ? policy : { ...policy, prediction: fitted };
  });

const gaps = fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 45 })), { maxLength: 12 });
const person = fc
  .record({ start: fc.integer({ min: 0, max: 60 }), gaps })
  .map(({ start, gaps }) =>
    gaps.reduce((days, gap) => [...days, days.at(-1)! + gap], [ORIGIN + start]).filter((day) => day <= ORIGIN + 120),
  );

/** The rules read literally: what was true at the end of one day, given only what had happened until then. */
function stageOnDay(activeDays: readonly number[], policy: JudgingPolicy, day: number, gap: number): Stage {
  const past = activeDays.filter((active) => active <= day);
  const first = past[0]!;
  const after = (i: number) => thresholdsAfter(policy, i + 1, past[i]! - first, gap);
  const returns = past.filter((active, i) => i > 0 && active - past[i - 1]! > after(i - 1).dormantDays);
  const { coolingDays, dormantDays, lostDays } = after(past.length - 1);
  const silent = day - past.at(-1)!;
  const returned = returns.at(-1);
  if (silent >= lostDays) return 'lost';
  if (silent >= dormantDays) {
    const dormantOn = past.at(-1)! + dormantDays;
    return returned !== undefined && dormantOn - returned < policy.relapsedDays ? 'relapsed' : 'dormant';
  }
  if (silent >= coolingDays) return 'cooling';
  if (returned !== undefined) return day - returned < policy.recoveredDays ? 'recovered' : 'active';
  return day - first < policy.newDays ? 'new' : 'active';
}

describe('stages in memory', () => {
  test('are the day-by-day reading of the rules, on every day, and change only when the stage does', () => {
    fc.assert(
      fc.property(policies, person, fc.integer({ min: 100, max: 3000 }), (policy, activeDays, gap) => {
        const asOf = ORIGIN + 150;
        const history = stageHistory(activeDays, policy, asOf, gap);
        for (let day = activeDays[0]!; day <= asOf; day++) {
          expect(history.findLast((change) => change.on <= day)?.to).toBe(stageOnDay(activeDays, policy, day, gap));
        }
        history.forEach((change, i) => expect(change.to).not.toBe(history[i - 1]?.to));
      }),
      { numRuns: 300 },
    );
  });

  test('a weekly buyer and a yearly buyer have their own thresholds', () => {
    const policy = parsePolicy({
      policyId: 'p',
      name: { en: 'p', zh: 'p' },
      activity: ['Order Completed'],
      rule: { kind: 'cadence', multiplier: 3, minDays: 14, maxDays: 730, shrinkage: 0, lostMultiplier: 3 },
      newDays: 1,
      recoveredDays: 1,
      relapsedDays: 1,
    });
    const weekly = [0, 7, 14, 21];
    const yearly = [0, 365 / 5, 146, 219, 292, 365, 730].map(Math.round);
    expect(stageAsOf(weekly, policy, 21 + 30, 0)).toMatchObject({
      stage: 'dormant',
      thresholdDays: 21,
      stageSince: 42,
    });
    // 730 days in 6 gaps, three times: 365.
    expect(stageAsOf(yearly, policy, 730 + 30, 0)).toMatchObject({ stage: 'active', thresholdDays: 365 });
  });
});

describe('a predicted threshold', () => {
  // One repeat after 28 days; r 1, α 7 weeks, a 1, b 2. MBG/NBD by hand: P(alive) = 1 / (1 + a/(b+1) · ((7+T)/(7+4))²), and who is alive stays
  // away for h weeks with the chance ((7+T)/(7+T+h))².
  const predicted = (dormantBelow: number) => ({
    rule: {
      kind: 'predicted',
      horizonDays: 30,
      coolingBelow: 0.9,
      dormantBelow,
      lostBelow: 0.001,
      minDays: 2,
      maxDays: 700,
      fallbackDays: 40,
    } as const,
    prediction: { horizonDays: 30, params: { r: 1, alpha: 7, a: 1, b: 2 }, recalibration: null, people: 500 },
  });
  const byHand = (silentDays: number): number => {
    const [T, h] = [(28 + silentDays) / 7, 30 / 7];
    return (1 / (1 + (1 / 3) * ((7 + T) / 11) ** 2)) * (1 - ((7 + T) / (7 + T + h)) ** 2);
  };

  test('is the first silent day on which the chance is below what was asked for', () => {
    const { dormantDays, coolingDays, lostDays } = thresholdsAfter(predicted(byHand(30.5)), 2, 28, 0);
    expect(dormantDays).toBe(31);
    expect(coolingDays).toBeLessThan(dormantDays);
    expect(lostDays).toBeGreaterThan(dormantDays);
  });

  test('is the fallback window while nothing can be predicted', () => {
    expect(thresholdsAfter({ rule: predicted(0.5).rule }, 2, 28, 0)).toEqual({
      dormantDays: 40,
      coolingDays: 20,
      lostDays: 160,
    });
  });
});

describe('stages in the engine', () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
  });
  afterAll(() => close());

  test('equal the stages in memory', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        policies,
        fc.array(person, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 30, max: 140 }),
        async (policy, people, until) => {
          const activity = `Activity ${run++}`;
          const asOf = ORIGIN + until;
          const table = ident(`scratch_${run}`);
          await events.insert(
            'events',
            people.flatMap((days, i) => days.map((day) => eventRow(`p${i}`, activity, dayOfNumber(day), 100))),
          );
          await events.run(createActiveDays(table));
          const { days } = await personSource(events);
          await events.run(fillActiveDays(table, days, [activity], dayOfNumber(asOf)));
          const [base] = await events.rows<{ base_gap: number }>(baseGap(table));
          const inputs = { policy, asOf: dayOfNumber(asOf), baseGapHundredths: base!.base_gap };
          const stages = await events.rows<Record<string, unknown>>(stagesOf(table, inputs));
          const history = await events.rows<Record<string, string>>(historyOf(table, inputs));
          await events.run(dropTable(table));

          const seen = people.map((days) => days.filter((day) => day <= asOf));
          const expected = seen.flatMap((days, i) => {
            const state = stageAsOf(days, policy, asOf, base!.base_gap);
            if (!state) return [];
            const { stage, cause, silentDays, thresholdDays } = state;
            return [{ id: `p${i}`, stage, cause, silentDays, thresholdDays, since: dayOfNumber(state.stageSince) }];
          });
          const got = stages.map((row) => ({
            id: row['person_id'],
            stage: row['stage'],
            cause: row['cause'],
            silentDays: row['silent_days'],
            thresholdDays: row['threshold_days'],
            since: row['stage_since'],
          }));
          const byId = (a: { id: unknown }, b: { id: unknown }) => String(a.id).localeCompare(String(b.id));
          expect(got.sort(byId)).toEqual(expected.sort(byId));

          const expectedHistory = seen.flatMap((days, i) =>
            stageHistory(days, policy, asOf, base!.base_gap).map(
              (change, k, all) =>
                `p${i} ${dayOfNumber(change.on)} ${all[k - 1]?.to ?? ''}>${change.to} ${change.cause}`,
            ),
          );
          const gotHistory = history.map(
            (row) => `${row['person_id']} ${row['changed_on']} ${row['from_stage']}>${row['to_stage']} ${row['cause']}`,
          );
          expect(gotHistory.sort()).toEqual(expectedHistory.sort());
        },
      ),
      { numRuns: 30 },
    );
  });
});
