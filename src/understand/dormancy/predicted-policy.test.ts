// A policy by predicted return, from the fit to the stages; and policies on data that cannot carry them, which say so.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { addDays, dayNumber, dayOfNumber } from '../../kernel/days.ts';
import { seededRng } from '../../kernel/random.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { drawPicture } from '../picture/picture.service.ts';
import { explainPerson, modelReport } from '../value/explain.service.ts';
import { MBG_NBD } from '../value/beta-geometric-nbd.ts';
import { recalibrated } from '../value/prediction-quality.ts';
import { backtestPolicy } from './backtest.service.ts';
import { evaluatePolicy } from './evaluate.service.ts';
import { recordedEvaluation } from './evaluations.sql.ts';
import { parsePolicy, type DormancyPolicy } from './policy.ts';
import { PRESETS } from './presets.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const AS_OF = '2025-11-01';
const predicted = (activity: string): DormancyPolicy =>
  parsePolicy({
    ...PRESETS.shop,
    policyId: 'predicted',
    activity: [activity],
    rule: {
      kind: 'predicted',
      horizonDays: 60,
      coolingBelow: 0.5,
      dormantBelow: 0.25,
      lostBelow: 0.05,
      minDays: 2,
      maxDays: 700,
      fallbackDays: 40,
    },
  });

describe('a predicted policy', () => {
  let events: Events;
  let close: () => Promise<void>;
  const days = new Map<string, number[]>();
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    // People of MBG/NBD's own world: rates and chances of dropping out differ from person to person.
    const rng = seededRng('predicted policy');
    for (let i = 0; i < 1_500; i++) {
      const [stay, leave] = [rng.gamma(2, 1), rng.gamma(1, 1)];
      const gap = 1 / rng.gamma(2, 1 / 30);
      const active = [dayNumber('2025-01-01') + rng.below(150)];
      while (rng.chance(stay / (stay + leave)) && active.at(-1)! < dayNumber(AS_OF))
        active.push(active.at(-1)! + 1 + Math.floor(rng.exponential(gap)));
      days.set(
        `p${i}`,
        active.filter((day) => day <= dayNumber(AS_OF)),
      );
    }
    await events.insert(
      'events',
      [...days].flatMap(([id, active]) => active.map((day) => eventRow(id, 'Visited', dayOfNumber(day), 500))),
    );
  });
  afterAll(() => close());

  test('calls dormant who has a smaller chance of returning than asked for, and nobody else', async () => {
    await evaluatePolicy(events, { policy: predicted('Visited'), version: 1, asOf: AS_OF, horizonDays: 60, now: NOW });
    const { prediction } = (await recordedEvaluation(events, 'predicted'))!.models;
    if (prediction?.recalibration == null) throw new Error('nothing predicted');
    const rows = await events.rows<{ person_id: string; stage: string }>(
      sql`SELECT person_id, stage FROM person_states FINAL WHERE policy_id = 'predicted'`,
    );
    expect(rows).toHaveLength(1_500);
    const counted = { dormant: 0, not: 0 };
    for (const { person_id: id, stage } of rows) {
      const active = days.get(id)!;
      const [first, last] = [active[0]!, active.at(-1)!];
      const [x, tx, T] = [active.length - 1, (last - first) / 7, (dayNumber(AS_OF) - first) / 7];
      const chance = recalibrated(
        prediction.recalibration,
        MBG_NBD.returnProbability(prediction.params, x, tx, T, 60 / 7),
      );
      const isDormant = ['dormant', 'lost', 'relapsed'].includes(stage);
      // Two days of silence are the least.
      expect(isDormant, `${id}: ${chance}, ${stage}`).toBe(chance < 0.25 && dayNumber(AS_OF) - last >= 2);
      counted[isDormant ? 'dormant' : 'not']++;
    }
    expect(Math.min(counted.dormant, counted.not)).toBeGreaterThan(50);
  });

  test('its back-test predicts with what was known on each day, and its dormant return less often', async () => {
    const { days: tested } = await backtestPolicy(events, {
      policy: predicted('Visited'),
      on: [addDays(AS_OF, -100)],
      horizonDays: 60,
      now: NOW,
    });
    const outcome = tested[0]!.outcome;
    if (outcome.kind !== 'measured') throw new Error(outcome.kind);
    expect(outcome.returnShare!).toBeLessThan(0.25);
    expect(outcome.othersReturnShare!).toBeGreaterThan(0.25);
  });

  test('its picture says what it judges by', async () => {
    const picture = await drawPicture(events, { policy: predicted('Visited'), version: 0, asOf: AS_OF, now: NOW });
    expect(picture.judgedBy?.en).toMatch(/^Dormant below a 25% chance of returning within 60 days, by MBG\/NBD/);
    expect(picture.judgedBy?.zh).toContain('25%');
  });

  test('every score explains itself as of its evaluation, and the model shows its evidence', async () => {
    const report = await modelReport(events, 'predicted');
    if (report.returns.kind === 'none') throw new Error('no model');
    expect(report.returns.evidence?.candidates.length).toBe(2);
    expect(report.returns.evidence?.calibration.length).toBeGreaterThan(1);
    const rows = await events.rows<{ person_id: string; chance: number }>(
      sql`SELECT person_id, return_probability AS chance FROM person_states FINAL WHERE policy_id = 'predicted' ORDER BY person_id LIMIT 20`,
    );
    for (const { person_id: id, chance } of rows) {
      const score = await explainPerson(events, 'predicted', id, 'USD');
      expect(score.probability).toBeCloseTo(chance, 9);
      expect(score.text.en).toMatch(/^Chance of returning unaided within 60 days: /);
      expect(score.text.zh).toMatch(/^60 天内自行回归的概率为/);
    }
    await expect(explainPerson(events, 'predicted', 'nobody', 'USD')).rejects.toMatchObject({ code: 'not_found' });
    await expect(modelReport(events, 'unknown')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('thirty people who bought once, all on one day, are not enough for anything but the window, and that is said', async () => {
    await events.insert(
      'events',
      Array.from({ length: 30 }, (_, i) => eventRow(`once-${i}`, 'Tried', addDays(AS_OF, -50), 100)),
    );
    const picture = await drawPicture(events, { policy: predicted('Tried'), version: 0, asOf: AS_OF, now: NOW });
    expect(picture.judgedBy?.en).toContain('Not enough data to predict returns: 30 people, 0 of them');
    expect(picture.judgedBy?.en).toContain('40 days of silence count as dormant');
    // Fifty days of silence, forty in the fallback window.
    expect(picture.dormantPeople).toBe(30);
    expect(picture.model.returns).toMatchObject({ kind: 'none', people: 30 });
    expect(picture.recommendedThreshold).toMatchObject({ kind: 'none' });
    expect(picture.wakeFirst.people).toEqual([]);
    await expect(
      drawPicture(events, { policy: predicted('Tried'), version: 0, asOf: addDays(AS_OF, -51), now: NOW }),
    ).rejects.toMatchObject({ code: 'not_enough_data' });
    const rows = await events.rows(
      sql`SELECT count() AS n FROM person_states WHERE policy_id = ${p.text('predicted')} AND person_id LIKE 'once-%'`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  test.each([
    [{ coolingBelow: 0.2 }, 'policy.rule.coolingBelow: must be higher than dormantBelow'],
    [{ lostBelow: 0.3 }, 'policy.rule.lostBelow: must be lower than dormantBelow'],
    [{ dormantBelow: 0 }, 'policy.rule.dormantBelow'],
    [{ maxDays: 1 }, 'policy.rule.maxDays: must not be shorter than minDays'],
    [{ horizonDays: 0 }, 'policy.rule.horizonDays'],
  ])('%j is refused with the wrong field', (change, message) => {
    const policy = predicted('Visited');
    expect(() => parsePolicy({ ...policy, rule: { ...policy.rule, ...change } })).toThrow(message);
  });
});
