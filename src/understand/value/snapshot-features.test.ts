// The engine's features, outcomes and scores equal those in memory on random histories; a score explains itself.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { addDays, dayNumber, dayOfNumber } from '../../kernel/days.ts';
import { seededRng } from '../../kernel/random.ts';
import { ident, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { computeStates } from '../dormancy/evaluate.service.ts';
import { createActiveDays, dropTable, fillActiveDays } from '../dormancy/evaluate.sql.ts';
import { PRESETS } from '../dormancy/presets.ts';
import { explainScore } from './explain-score.ts';
import { logisticLogit, logisticProbability } from './logistic.ts';
import { MBG_NBD } from './beta-geometric-nbd.ts';
import { recalibrated } from './prediction-quality.ts';
import type { ScoreModel } from './score.ts';
import { snapshotRows } from './score.sql.ts';
import { FEATURE_NAMES, snapshotFeatures, themeInWords } from './snapshot-features.ts';

const PRODUCT = { product_id: 'x', name: '', category: '', brand: '', price_cents: 0 };
const ORIGIN = dayNumber('2024-01-01');
const at = (name: (typeof FEATURE_NAMES)[number], features: readonly number[]) => features[FEATURE_NAMES.indexOf(name)];

describe('features in memory', () => {
  test('of somebody who came on three days, worked out by hand', () => {
    const features = snapshotFeatures({ activeDays: [0, 7, 21], spentCents: 6_000, lines: 6, items: 12, asOf: 56 });
    expect(at('repeats', features)).toBe(2);
    expect(at('between', features)).toBe(3);
    expect(at('age', features)).toBe(8);
    expect(at('silent', features)).toBe(5);
    expect(at('mean_gap', features)).toBe(1.5);
    expect(at('silence_in_gaps', features)).toBe(5 / 2.5);
    expect(at('log_basket', features)).toBeCloseTo(Math.log(1 + 20), 12);
    expect(at('log_lines', features)).toBeCloseTo(Math.log(1 + 2), 12);
    expect(at('log_items', features)).toBeCloseTo(Math.log(1 + 4), 12);
    // Days after day 28 (4 weeks back), after day −35, after day −126.
    expect([at('last_4_weeks', features), at('last_13_weeks', features), at('last_26_weeks', features)]).toEqual([
      0, 3, 3,
    ]);
    expect(at('once_only', features)).toBe(0);
  });

  test('of a refund are finite, and of nobody are refused', () => {
    const features = snapshotFeatures({ activeDays: [3], spentCents: -500, lines: 1, items: 1, asOf: 3 });
    expect(features.every(Number.isFinite)).toBe(true);
    expect(at('log_basket', features)).toBe(0);
    expect(at('once_only', features)).toBe(1);
    expect(() => snapshotFeatures({ activeDays: [], spentCents: 0, lines: 0, items: 0, asOf: 3 })).toThrow(RangeError);
  });
});

describe('money in words', () => {
  const words = (spentCents: number, items: number, lang: 'en' | 'zh'): string =>
    themeInWords(
      'money',
      snapshotFeatures({ activeDays: [0, 7], spentCents, lines: items, items, asOf: 14 }),
      lang,
      lang === 'zh' ? 'CNY' : 'USD',
    );

  test('names items beside what was spent, and neither where nobody counted', () => {
    expect(words(2_470, 5, 'en')).toBe('spent $12.35 on 2.5 items per active day on average');
    expect(words(2_470, 5, 'zh')).toBe('每个活跃日平均消费 ¥12.35，共 2.5 件');
    expect(words(2_470, 0, 'en')).toBe('spent $12.35 per active day on average');
    expect(words(2_470, 0, 'zh')).toBe('每个活跃日平均消费 ¥12.35');
    expect(words(0, 5, 'en')).toBe('2.5 items or actions per active day on average');
    expect(words(0, 5, 'zh')).toBe('每个活跃日平均 2.5 件（次）');
  });
});

describe('features in the engine', () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
  });
  afterAll(() => close());

  test('equal those in memory, with the outcome of the horizon, on random histories and days', async () => {
    const person = fc
      .record({ start: fc.nat({ max: 250 }), gaps: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 8 }) })
      .map(({ start, gaps }) => gaps.reduce((days, gap) => [...days, days.at(-1)! + gap], [ORIGIN + start]));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            person,
            fc.integer({ min: -300, max: 9_000 }),
            fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
          ),
          { minLength: 1, maxLength: 20 },
        ),
        fc.integer({ min: 100, max: 400 }),
        fc.integer({ min: 1, max: 120 }),
        async (people, until, horizonDays) => {
          const activity = `Bought ${run++}`;
          const [asOf, end] = [ORIGIN + until, ORIGIN + until + horizonDays];
          const table = ident(`scratch_features_${run}`);
          const rows = people.flatMap(([days, cents, quantities], i) =>
            days.map((day) => ({
              ...eventRow(`p${i}`, activity, dayOfNumber(day), cents),
              products: quantities.map((quantity) => ({ ...PRODUCT, quantity })),
            })),
          );
          await events.insert('events', rows);
          await events.run(createActiveDays(table));
          const { days } = await personSource(events);
          const by = [dayOfNumber(asOf - 50), dayOfNumber(asOf)];
          await events.run(fillActiveDays(table, days, [activity], dayOfNumber(end), { by }));
          const got = await events.rows<{ features: number[]; returned: number }>(
            snapshotRows(table, dayOfNumber(asOf), horizonDays, 2, 1),
          );
          await events.run(dropTable(table));

          const expected = people.flatMap(([all, cents, quantities]) => {
            const activeDays = all.filter((day) => day <= asOf);
            if (activeDays.length === 0) return [];
            const returned = all.some((day) => day > asOf && day <= end) ? 1 : 0;
            return [
              {
                features: snapshotFeatures({
                  activeDays,
                  spentCents: cents * activeDays.length,
                  lines: Math.max(1, quantities.length) * activeDays.length,
                  items:
                    Math.max(1, ...(quantities.length === 0 ? [] : [quantities.reduce((a, b) => a + b)])) *
                    activeDays.length,
                  asOf,
                }),
                returned,
              },
            ];
          });
          const inOrder = (list: readonly { features: readonly number[]; returned: number }[]) =>
            list
              .map(({ features, returned }) =>
                [...features, returned].map((v) => v.toFixed(9).replace('-0.000000000', '0.000000000')),
              )
              .map((row) => row.join(' '))
              .toSorted();
          expect(inOrder(got)).toEqual(inOrder(expected));
        },
      ),
      { numRuns: 25 },
    );
  });

  describe('a base with a horizon of history', () => {
    const asOf = addDays('2024-01-01', 300);
    type Base = {
      readonly model: ScoreModel;
      readonly scores: ReadonlyMap<string, number>;
      readonly featuresOf: (id: string) => number[];
    };

    /** MBG/NBD's own world (rates and chances of dropping out differ from person to person); or, `isTold`, the basket shows who stays. */
    async function baseOf(activity: string, isTold: boolean): Promise<Base> {
      const rng = seededRng('return model');
      const histories = new Map<string, { readonly activeDays: number[]; readonly cents: number }>();
      for (let i = 0; i < 1_100; i++) {
        const isLoyal = rng.chance(0.5);
        const [stay, leave] = [rng.gamma(2, 1), rng.gamma(1, 1)];
        const stays = isTold ? (isLoyal ? 0.95 : 0.4) : stay / (stay + leave);
        const gap = isTold ? 12 : 1 / rng.gamma(2, 1 / 30);
        const days = [ORIGIN + rng.below(150)];
        while (rng.chance(stays) && days.at(-1)! < ORIGIN + 300)
          days.push(days.at(-1)! + 1 + Math.floor(rng.exponential(gap)));
        const activeDays = days.filter((day) => day <= ORIGIN + 300);
        histories.set(`${activity}-${i}`, { activeDays, cents: isTold && isLoyal ? 9_000 : 700 });
      }
      await events.insert(
        'events',
        [...histories].flatMap(([id, { activeDays, cents }]) =>
          activeDays.map((day) => eventRow(id, activity, dayOfNumber(day), cents)),
        ),
      );
      const policy = { ...PRESETS.shop, activity: [activity] };
      const now = new Date('2026-01-01T00:00:00Z');
      const scratch = await computeStates(events, { policy, version: 1, asOf, horizonDays: 60, now });
      const stored = await events.rows<{ person_id: string; return_probability: number }>(
        sql`SELECT person_id, return_probability FROM ${scratch.states}`,
      );
      await scratch.close();
      return {
        model: scratch.model,
        scores: new Map(stored.map((row) => [row.person_id, row.return_probability])),
        featuresOf: (id) => {
          const { activeDays, cents } = histories.get(id)!;
          const count = activeDays.length;
          return snapshotFeatures({
            activeDays,
            spentCents: cents * count,
            lines: count,
            items: count,
            asOf: dayNumber(asOf),
          });
        },
      };
    }

    let told: Base;
    let untold: Base;
    beforeAll(async () => {
      told = await baseOf('Paid', true);
      untold = await baseOf('Visited', false);
    });

    test('where the basket tells who stays, the logistic model is chosen and scores as in memory', () => {
      const { returns } = told.model;
      if (returns.kind !== 'logistic') throw new Error(returns.kind);
      expect(returns).toMatchObject({ people: 1_100, trainedAsOf: addDays(asOf, -60) });
      expect(returns.evidence).toMatchObject({ kind: 'earlier_snapshot', testedAsOf: addDays(asOf, -60) });
      expect(told.scores.size).toBe(1_100);
      for (const [id, score] of told.scores)
        expect(score).toBeCloseTo(logisticProbability(returns.params, told.featuresOf(id)), 9);
    });

    test('where the world is as MBG/NBD supposes, it is chosen, recalibrated, and scores as in memory', () => {
      const { returns } = untold.model;
      if (returns.kind !== 'mbg-nbd') throw new Error(returns.kind);
      expect(returns.recalibration).toBeDefined();
      expect(returns.evidence?.candidates.map((candidate) => candidate.model)).toEqual(['logistic', 'mbg-nbd']);
      for (const [id, score] of untold.scores) {
        const [x, tx, age] = untold.featuresOf(id);
        const chance = MBG_NBD.returnProbability(returns.params, x!, tx!, age!, 60 / 7);
        expect(score).toBeCloseTo(recalibrated(returns.recalibration!, chance), 9);
      }
    });

    test('every score explains itself, and the effects add up to it', () => {
      const { returns } = told.model;
      if (returns.kind !== 'logistic') throw new Error(returns.kind);
      for (const id of [...told.scores.keys()].slice(0, 20)) {
        const features = told.featuresOf(id);
        const { probability, reasons, text } = explainScore(told.model, features, 'en', 'USD');
        expect(probability).toBeCloseTo(told.scores.get(id)!, 9);
        const sum = reasons.reduce((total, reason) => total + reason.effect, 0);
        // At most five themes, and those left out are below 0.1 each.
        expect(Math.abs(logisticLogit(returns.params, features) - returns.params.intercept - sum)).toBeLessThan(0.5);
        for (const reason of reasons) expect(text).toContain(reason.words);
        expect(explainScore(told.model, features, 'zh', 'USD').text).toMatch(/^60 天内自行回归的概率为/);
      }
    });

    test('a score of MBG/NBD is explained too: silence lowers it', () => {
      const features = snapshotFeatures({ activeDays: [10, 20, 30], spentCents: 0, lines: 3, items: 3, asOf: 120 });
      const { reasons } = explainScore(untold.model, features, 'en', 'USD');
      expect(reasons.find(({ theme }) => theme === 'recency')?.effect).toBeLessThan(0);
      expect(reasons.find(({ theme }) => theme === 'recency')?.words).toBe(
        'last active 90 days ago, on 3 days of the last 26 weeks',
      );
    });

    test('without a model the explanation is the reason why', () => {
      const none = { kind: 'none', reason: { en: 'Too few.', zh: '太少。' }, people: 3, repeaters: 1 } as const;
      const features = snapshotFeatures({ activeDays: [10], spentCents: 0, lines: 1, items: 1, asOf: 120 });
      expect(explainScore({ returns: none, horizonDays: 60 }, features, 'en', 'USD')).toEqual({
        probability: null,
        reasons: [],
        text: 'Too few.',
      });
    });
  });
});
