// The prospective test of the return model on two public bases, through the product's own path: events in the store, features, choice and
// fit at D₁, scores at D₂ = D₁ + H written by the engine, outcomes on D₂+1 … D₂+H. The targets are the figures of an independent second
// computation by the same definitions (docs/science.md), never this code's own output.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryEvents } from '../support/events-store.ts';
import { hasData, loadCdnow, loadOnlineRetail } from '../support/public-data.ts';
import { addDays } from '../../src/kernel/days.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import type { Events } from '../../src/stores/events/events.ts';
import { computeStates } from '../../src/understand/dormancy/evaluate.service.ts';
import { backtestPolicy } from '../../src/understand/dormancy/backtest.service.ts';
import { withWindow } from '../../src/understand/dormancy/policy.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import { brierScore, rankingAuc } from '../../src/understand/value/prediction-quality.ts';
import type { ReturnModel } from '../../src/understand/value/score.ts';

const BASES = [
  {
    name: 'CDNOW',
    file: 'cdnow_master.csv',
    load: loadCdnow,
    scoredAsOf: '1997-12-30',
    horizonDays: 91,
    windowDays: 90,
    people: 23_570,
    dormant: 19_397,
    returned: '9.744',
    target: { auc: 0.8083, aucDormant: 0.7241, brier: 0.1065, lift: 3.26 },
  },
  {
    name: 'Online Retail',
    file: 'online_retail_1.csv.gz',
    load: loadOnlineRetail,
    scoredAsOf: '2011-09-08',
    horizonDays: 92,
    windowDays: 60,
    people: 3_362,
    dormant: 1_862,
    returned: '44.683',
    target: { auc: 0.7439, aucDormant: 0.6553, brier: 0.2097, lift: 1.74 },
  },
] as const;

/** The targets are printed with four decimals. */
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

describe.each(BASES)('return model on $name', (base) => {
  describe.skipIf(!hasData(base.file))(`(needs ${base.file} in ../shared/data or REKINDLE_DATA)`, () => {
    let events: Events;
    let close: () => Promise<void>;
    let returns: ReturnModel;
    let scored: { chance: number; dormant: number; returned: number }[] = [];

    beforeAll(async () => {
      ({ events, close } = await temporaryEvents());
      await base.load(events);
      const scratch = await computeStates(events, {
        policy: withWindow(PRESETS.shop, base.windowDays),
        version: 0,
        asOf: base.scoredAsOf,
        horizonDays: base.horizonDays,
        now: new Date('2026-01-01T00:00:00Z'),
      });
      returns = scratch.model.returns;
      scored = await events.rows(sql`
        SELECT return_probability AS chance, silent_days >= ${p.int(base.windowDays)} AS dormant, person_id IN (
          SELECT actor_id FROM events WHERE day > ${p.day(base.scoredAsOf)} AND day <= ${p.day(addDays(base.scoredAsOf, base.horizonDays))}) AS returned
        FROM ${scratch.states}`);
      await scratch.close();
    });
    afterAll(() => close());

    const of = (rows: typeof scored) => ({ chances: rows.map((r) => r.chance), labels: rows.map((r) => r.returned) });

    test('counts the same people', () => {
      expect(scored).toHaveLength(base.people);
      expect(scored.filter((row) => row.dormant)).toHaveLength(base.dormant);
    });

    test('reaches the AUC of the reference, over all and over the dormant', () => {
      const all = of(scored);
      const dormant = of(scored.filter((row) => row.dormant));
      expect(rounded(rankingAuc(all.chances, all.labels))).toBeGreaterThanOrEqual(base.target.auc);
      expect(rounded(rankingAuc(dormant.chances, dormant.labels))).toBeGreaterThanOrEqual(base.target.aucDormant);
    });

    test('and its Brier score', () => {
      const { chances, labels } = of(scored);
      expect(rounded(brierScore(chances, labels))).toBeLessThanOrEqual(base.target.brier);
    });

    test('and its lift in the first tenth of the dormant', () => {
      const dormant = scored.filter((row) => row.dormant).toSorted((a, b) => b.chance - a.chance);
      const share = (rows: typeof scored) => rows.reduce((sum, row) => sum + row.returned, 0) / rows.length;
      const lift = share(dormant.slice(0, Math.round(dormant.length / 10))) / share(dormant);
      expect(Math.abs(lift - base.target.lift)).toBeLessThan(0.05);
    });

    test('a back-test of the policy on that day counts the published share of returns', async () => {
      const { days } = await backtestPolicy(events, {
        policy: withWindow(PRESETS.shop, base.windowDays),
        on: [base.scoredAsOf],
        horizonDays: base.horizonDays,
        now: new Date('2026-01-01T00:00:00Z'),
      });
      const [day] = days;
      if (day?.outcome.kind !== 'measured') throw new Error(day?.outcome.kind);
      expect(day).toMatchObject({ people: base.people, dormantPeople: base.dormant });
      expect((100 * day.outcome.returnShare!).toFixed(3)).toBe(base.returned);
    });

    test('the logistic model was chosen by an earlier snapshot, on which it ranked better than MBG/NBD', () => {
      if (returns.kind !== 'logistic') throw new Error(`chosen: ${returns.kind}`);
      expect(returns.trainedAsOf).toBe(addDays(base.scoredAsOf, -base.horizonDays));
      expect(returns.evidence.kind).toBe('earlier_snapshot');
      const [first, second] = returns.evidence.candidates;
      expect([first?.model, second?.model]).toEqual(['logistic', 'mbg-nbd']);
      expect(first!.auc).toBeGreaterThan(second!.auc);
    });
  });
});
