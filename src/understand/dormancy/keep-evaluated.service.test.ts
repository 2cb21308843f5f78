// Stages keep up with the clock and with news: a virtual clock crosses midnight, people come back, late events and joined ids arrive, and
// after every round the states are those that a whole evaluation from the roll-up gives.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import { virtualClock } from '../../kernel/clock.ts';
import { addDays, addMs, dayNumber, dayOfNumber } from '../../kernel/days.ts';
import { seededRng } from '../../kernel/random.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { evaluatePolicy, refreshPolicy } from './evaluate.service.ts';
import { keepEvaluated } from './keep-evaluated.service.ts';
import { withWindow, type DormancyPolicy } from './policy.ts';
import { savePolicy } from './policy.service.ts';
import { PRESETS } from './presets.ts';
import { personStates, stageHistoryOf } from './states.sql.ts';

const policy = withWindow(PRESETS.shop, 20);
const ZONE = 'Asia/Shanghai';

describe('keeping stages fresh', () => {
  let events: Events;
  let records: Records;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    records = await newRecords();
  });
  afterAll(async () => {
    await records.close();
    await close();
  });
  beforeEach(async () => {
    for (const table of [
      'events',
      'actor_days',
      'person_links',
      'person_states',
      'stage_changes',
      'policy_evaluations',
    ])
      await events.run({ kind: 'sql', chunks: [`TRUNCATE TABLE ${table}`], slots: [] });
    await records.db.deleteFrom('dormancy_policies').execute();
  });

  /** What came in so far came in an hour ago: a round looks a minute back by the engine's clock, and a test takes less than that. */
  const hourPasses = async (): Promise<void> => {
    await events.run(
      sql`ALTER TABLE actor_days UPDATE touched_at = touched_at - INTERVAL 1 HOUR WHERE 1 SETTINGS mutations_sync = 2`,
    );
  };
  const order = (person: string, day: string) => eventRow(person, 'Order Completed', day, 1_000);
  const stageOf = async (person: string): Promise<string> => {
    const [state] = await personStates(events, person);
    return `${state?.stage} since ${state?.stageSince} by ${state?.cause}, silent for ${state?.silentDays}`;
  };
  const movesOf = async (person: string): Promise<string[]> =>
    (await stageHistoryOf(events, policy.policyId, person)).map((move) => `${move.changedOn} ${move.from}>${move.to}`);
  /** A base large enough that one person's news is news of few. */
  const insertCrowd = (on: string) =>
    events.insert(
      'events',
      Array.from({ length: 40 }, (_, i) => order(`crowd-${i}`, on)),
    );

  test('at the turn of the day who has been silent for the window is dormant with the next round, not before', async () => {
    // 20 days of silence after June 1 are over when June 21 ends in Shanghai, which is 16:00 UTC.
    const clock = virtualClock(new Date('2026-06-21T15:59:50Z'));
    await insertCrowd('2026-06-10');
    await events.insert('events', [order('mia', '2026-06-01')]);
    await savePolicy({ events, records }, policy, clock.now());
    await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    expect(await stageOf('mia')).toBe('cooling since 2026-06-11 by silence, silent for 19');
    clock.advanceMs(15_000);
    const [round] = await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    expect(round).toEqual({ policyId: 'shop', what: 'evaluated' });
    expect(await stageOf('mia')).toBe('dormant since 2026-06-21 by silence, silent for 20');
    await hourPasses();
    clock.advanceMs(15_000);
    expect(await keepEvaluated({ records, events, timeZone: ZONE }, clock.now())).toEqual([
      { policyId: 'shop', what: 'unchanged' },
    ]);
  });

  test('who comes back is back with the next round, stays so over midnight, and is recorded once', async () => {
    const clock = virtualClock(new Date('2026-06-25T04:00:00Z'));
    await insertCrowd('2026-06-10');
    await events.insert('events', [order('mia', '2026-06-01')]);
    await savePolicy({ events, records }, policy, clock.now());
    await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    await hourPasses();
    await events.insert('events', [order('mia', '2026-06-25'), order('newcomer', '2026-06-25')]);
    clock.advanceMs(15_000);
    const [round] = await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    expect(round?.what).toBe('refreshed');
    expect(await stageOf('mia')).toBe('recovered since 2026-06-25 by activity, silent for 0');
    expect(await stageOf('newcomer')).toBe('new since 2026-06-25 by first_seen, silent for 0');
    // A programme that asks for yesterday again must not put her back to sleep.
    await evaluatePolicy(events, { policy, version: 1, asOf: '2026-06-24', now: addMs(clock.now(), 1_000) });
    expect(await stageOf('mia')).toBe('recovered since 2026-06-25 by activity, silent for 0');
    clock.advanceMs(86_400_000);
    await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    expect(await stageOf('mia')).toBe('recovered since 2026-06-25 by activity, silent for 0');
    expect(await movesOf('mia')).toEqual([
      '2026-06-01 >new',
      '2026-06-11 new>cooling',
      '2026-06-21 cooling>dormant',
      '2026-06-25 dormant>recovered',
    ]);
  });

  test('the later judgement counts also where the clock was set back between the two, and is carried over midnight once', async () => {
    const judgedAt = new Date('2026-06-25T04:00:00Z');
    await insertCrowd('2026-06-10');
    await events.insert('events', [order('mia', '2026-06-01')]);
    await savePolicy({ events, records }, policy, judgedAt);
    await keepEvaluated({ records, events, timeZone: ZONE }, judgedAt);
    expect(await stageOf('mia')).toMatch(/^dormant/);
    await hourPasses();
    await events.insert('events', [order('mia', '2026-06-25')]);
    const [round] = await keepEvaluated({ records, events, timeZone: ZONE }, addMs(judgedAt, -60_000));
    expect(round?.what).toBe('refreshed');
    expect(await stageOf('mia')).toBe('recovered since 2026-06-25 by activity, silent for 0');
    await hourPasses();
    const next = await evaluatePolicy(events, {
      policy,
      version: 1,
      asOf: '2026-06-25',
      throughOn: '2026-06-26',
      now: addMs(judgedAt, 86_400_000),
    });
    expect(next.base.people).toBe(41);
    expect(await stageOf('mia')).toBe('recovered since 2026-06-25 by activity, silent for 0');
  });

  test('a new version is taken up with the next round, and ids that were joined are one person', async () => {
    const clock = virtualClock(new Date('2026-06-25T04:00:00Z'));
    await insertCrowd('2026-06-10');
    await events.insert('events', [order('mia', '2026-06-01'), order('anon:1', '2026-06-24')]);
    await savePolicy({ events, records }, policy, clock.now());
    await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    expect(await stageOf('mia')).toMatch(/^dormant/);
    await hourPasses();
    clock.advanceMs(15_000);
    await events.insert('person_links', [{ actor_id: 'anon:1', person_id: 'mia', version: clock.now().getTime() }]);
    await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    expect(await stageOf('mia')).toBe('recovered since 2026-06-24 by activity, silent for 0');
    expect(await personStates(events, 'anon:1')).toEqual([]);
    clock.advanceMs(15_000);
    await savePolicy({ events, records }, withWindow(policy, 5), clock.now());
    await keepEvaluated({ records, events, timeZone: ZONE }, clock.now());
    expect(await stageOf('crowd-1')).toMatch(/^dormant|^lost/);
  });

  test('day by day with news in between, states and history are those of one evaluation from the roll-up', async () => {
    const rng = seededRng('kept fresh');
    const first = '2026-01-01';
    const named = (policyId: string): DormancyPolicy => ({ ...policy, policyId });
    const coming = new Map<string, string[]>();
    for (let i = 0; i < 160; i++) {
      let day = dayNumber(first) + rng.below(30);
      while (day < dayNumber(first) + 130) {
        const on = dayOfNumber(day);
        coming.set(on, [...(coming.get(on) ?? []), `p${i}`]);
        day += 1 + Math.floor(rng.exponential(rng.chance(0.2) ? 45 : 8));
      }
    }
    const until = (from: string, to: string): string[] =>
      Array.from({ length: dayNumber(to) - dayNumber(from) + 1 }, (_, i) => addDays(from, i));
    const arrive = (on: string) =>
      events.insert(
        'events',
        (coming.get(on) ?? []).map((person) => order(person, on)),
      );
    let ms = Date.parse('2026-05-01T00:00:00Z');
    const now = (): Date => new Date((ms += 1_000));
    for (const on of until(first, addDays(first, 109))) await arrive(on);
    const asOf = addDays(first, 109);
    const whole = await evaluatePolicy(events, {
      policy: named('kept'),
      version: 1,
      asOf,
      horizonDays: 20,
      now: now(),
    });
    expect(whole.read).toBe('roll_up');
    for (const yesterday of until(asOf, addDays(asOf, 4))) {
      const today = addDays(yesterday, 1);
      await hourPasses();
      await arrive(today);
      // One event of yesterday comes late.
      await events.insert('events', [order(`p${rng.below(160)}`, yesterday)]);
      const asked = { policy: named('kept'), version: 1, asOf: yesterday, throughOn: today };
      expect(await refreshPolicy(events, { ...asked, now: now() })).toBeGreaterThan(0);
      await hourPasses();
      const carried = await evaluatePolicy(events, {
        ...asked,
        asOf: today,
        throughOn: addDays(today, 1),
        horizonDays: 20,
        now: now(),
      });
      expect(carried.read).toBe('carried');
    }
    const end = addDays(asOf, 5);
    await evaluatePolicy(events, { policy: named('once'), version: 1, asOf: end, horizonDays: 20, now: now() });
    const statesOf = (policyId: string) =>
      events.rows(sql`
        SELECT person_id, stage, stage_since, cause, silent_days, threshold_days, active_days, first_on, last_on, spent_cents,
          recency_quintile, frequency_quintile, monetary_quintile, rfm_group, days
        FROM person_states FINAL WHERE policy_id = ${p.text(policyId)} ORDER BY person_id`);
    const kept = await statesOf('kept');
    expect(kept.length).toBeGreaterThan(150);
    expect(kept).toEqual(await statesOf('once'));
    // The late events rewrote the past of a few; of the others every change is there once, on its day.
    const changesOf = (policyId: string) =>
      events.rows<{ person_id: string; moves: string[] }>(sql`
        SELECT person_id, arraySort(groupArray(concat(toString(changed_on), from_stage, '>', to_stage, cause))) AS moves
        FROM stage_changes FINAL WHERE policy_id = ${p.text(policyId)} GROUP BY person_id ORDER BY person_id`);
    const [recorded, derived] = [await changesOf('kept'), await changesOf('once')];
    const differing = derived.filter(({ moves }, i) => moves.join() !== recorded[i]?.moves.join());
    expect(differing.length).toBeLessThanOrEqual(5);
  }, 120_000);
});
