// Evaluations follow each other: rarely or daily, the recorded history is the same; a new version says so; the past is not rewritten.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { addDays, dayNumber, dayOfNumber } from '../../kernel/days.ts';
import { seededRng } from '../../kernel/random.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { MBG_NBD } from '../value/beta-geometric-nbd.ts';
import { evaluatePolicy } from './evaluate.service.ts';
import { withWindow, type DormancyPolicy } from './policy.ts';
import { PRESETS } from './presets.ts';
import { stageHistory } from './stage.ts';

const FIRST = '2025-01-01';
const policyNamed = (policyId: string): DormancyPolicy => ({ ...withWindow(PRESETS.shop, 20), policyId });

describe('evaluating a policy', () => {
  let events: Events;
  let close: () => Promise<void>;
  const histories = new Map<string, number[]>();
  let clock = 0;

  const evaluate = (policy: DormancyPolicy, asOf: string, version = 1) =>
    evaluatePolicy(events, {
      policy,
      version,
      asOf,
      horizonDays: 30,
      now: new Date(1_800_000_000_000 + clock++ * 1000),
    });
  const changesOf = async (policyId: string): Promise<string[]> => {
    const rows = await events.rows<Record<string, string>>(sql`
      SELECT person_id, changed_on, from_stage, to_stage, cause FROM stage_changes FINAL WHERE policy_id = ${p.text(policyId)}
      ORDER BY person_id, changed_on`);
    return rows.map((row) => Object.values(row).join(' '));
  };
  const expectedChanges = (policy: DormancyPolicy, asOf: string): string[] =>
    [...histories]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([person, days]) =>
        stageHistory(days, policy, dayNumber(asOf), 0).map((change, i, all) =>
          [person, dayOfNumber(change.on), all[i - 1]?.to ?? '', change.to, change.cause].join(' '),
        ),
      );

  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    const rng = seededRng('evaluations');
    for (let i = 0; i < 150; i++) {
      const days = [dayNumber(FIRST) + rng.below(20)];
      while (rng.chance(0.7)) days.push(days.at(-1)! + 1 + Math.floor(rng.exponential(15)));
      histories.set(
        `p${i}`,
        days.filter((day) => day <= dayNumber(addDays(FIRST, 100))),
      );
    }
    const rows = [...histories].flatMap(([person, days]) =>
      days.map((day) => eventRow(person, 'Order Completed', dayOfNumber(day), 1000 + (day % 7) * 100)),
    );
    await events.insert('events', rows);
  });
  afterAll(() => close());

  test('once, or every few days, records the same changes: those of the rules', async () => {
    const last = addDays(FIRST, 100);
    await evaluate(policyNamed('once'), last);
    expect(await changesOf('once')).toEqual(expectedChanges(policyNamed('once'), last));
    for (let day = 3; day <= 100; day += 9) await evaluate(policyNamed('often'), addDays(FIRST, day));
    await evaluate(policyNamed('often'), last);
    await evaluate(policyNamed('often'), last);
    expect(await changesOf('often')).toEqual(await changesOf('once'));
  });

  test('holds one state per person, with the chance of return the model gives in memory', async () => {
    const asOf = addDays(FIRST, 100);
    const { model } = await evaluate(policyNamed('scores'), asOf);
    if (model.returns.kind !== 'mbg-nbd') throw new Error('no model');
    const rows = await events.rows<Record<string, string | number>>(
      sql`SELECT * FROM person_states FINAL WHERE policy_id = 'scores'`,
    );
    expect(rows).toHaveLength(150);
    for (const row of rows) {
      const days = histories.get(String(row['person_id']))!;
      const weeks = (from: number, to: number) => (to - from) / 7;
      const [first, last] = [days[0]!, days.at(-1)!];
      const expected = MBG_NBD.returnProbability(
        model.returns.params,
        days.length - 1,
        weeks(first, last),
        weeks(first, dayNumber(asOf)),
        30 / 7,
      );
      expect(row['return_probability']).toBeCloseTo(expected, 9);
      expect(row['spent_cents']).toBe(days.reduce((sum, day) => sum + 1000 + (day % 7) * 100, 0));
    }
  });

  test('a new version is one dated change per person it sees otherwise', async () => {
    const asOf = addDays(FIRST, 100);
    await evaluate(policyNamed('versions'), asOf);
    const before = await changesOf('versions');
    await evaluate({ ...policyNamed('versions'), rule: withWindow(PRESETS.shop, 60).rule }, addDays(asOf, 1), 2);
    const added = (await changesOf('versions')).filter((change) => !before.includes(change));
    expect(added.length).toBeGreaterThan(0);
    for (const change of added) expect(change).toMatch(new RegExp(`${addDays(asOf, 1)} \\w+ \\w+ policy_changed$`));
  });

  test('a day before the last evaluation is refused', async () => {
    await evaluate(policyNamed('past'), addDays(FIRST, 50));
    await expect(evaluate(policyNamed('past'), addDays(FIRST, 49))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('leaves no scratch tables behind', async () => {
    expect(await events.rows(sql`SELECT name FROM system.tables WHERE name LIKE 'scratch%'`)).toEqual([]);
  });

  test('events that arrive late correct the stage', async () => {
    const policy = { ...policyNamed('late'), activity: ['Late Order'] };
    await events.insert('events', [eventRow('late', 'Late Order', FIRST)]);
    await evaluate(policy, addDays(FIRST, 25));
    await events.insert('events', [eventRow('late', 'Late Order', addDays(FIRST, 22))]);
    await evaluate(policy, addDays(FIRST, 26));
    expect((await changesOf('late')).at(-1)).toBe(`late ${addDays(FIRST, 22)} dormant recovered activity`);
  });

  test('too little data is said, not guessed', async () => {
    const policy = { ...policyNamed('few'), activity: ['Late Order'] };
    const { model } = await evaluate(policy, addDays(FIRST, 30));
    expect(model.returns).toMatchObject({ kind: 'none', people: 1 });
    const rows = await events.rows(
      sql`SELECT return_probability, expected_value_cents FROM person_states WHERE policy_id = 'few'`,
    );
    expect(rows).toEqual([{ return_probability: null, expected_value_cents: null }]);
  });
});
