// A back-test equals a reading of every person's history in memory; its interval is Wilson's; a scope narrows whom it is about.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { addDays, dayNumber, dayOfNumber } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { seededRng } from '../../kernel/random.ts';
import { sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { wilsonInterval, type BacktestDay } from './backtest.ts';
import { backtestPolicy } from './backtest.service.ts';
import { evaluatePolicy } from './evaluate.service.ts';
import { parsePolicy, withWindow, type DormancyPolicy } from './policy.ts';
import { PRESETS } from './presets.ts';
import { stageHistory, STAGES } from './stage.ts';
import { stageHistoryOf } from './states.sql.ts';

const FIRST = dayNumber('2025-01-01');
const NOW = new Date('2026-01-01T00:00:00Z');
const shop: DormancyPolicy = withWindow(PRESETS.shop, 30);

const median = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The definition of every figure, person by person. */
function expectedDay(histories: readonly (readonly number[])[], policy: DormancyPolicy, on: number, horizon: number) {
  const people = histories
    .filter((days) => days[0]! <= on)
    .map((days) => {
      const past = days.filter((day) => day <= on);
      const changes = stageHistory(past, policy, on, 0);
      const stage = changes.at(-1)!.to;
      const next = days.find((day) => day > on);
      const dormantOn = past.at(-1)! + (policy.rule.kind === 'window' ? policy.rule.dormantDays : 0);
      return { isDormant: STAGES[stage].isDormant, next, last: past.at(-1)!, dormantOn };
    });
  const isBack = ({ next }: { next: number | undefined }) => next !== undefined && next <= on + horizon;
  const dormant = people.filter((person) => person.isDormant);
  const lost = people.filter((person) => person.next === undefined);
  const caught = lost.filter((person) => person.isDormant);
  return {
    people: people.length,
    dormant: dormant.length,
    returned: dormant.filter(isBack).length,
    othersReturned: people.filter((person) => !person.isDormant && isBack(person)).length,
    lost: lost.length,
    caught: caught.length,
    noticed: median(caught.map((person) => person.dormantOn - person.last)),
    known: median(caught.map((person) => on + horizon - person.dormantOn)),
  };
}

test('Wilson’s interval, against the published example (Newcombe 1998: 81 of 263 is .2553 to .3662; 0 of 20 is 0 to .1611)', () => {
  const { low, high } = wilsonInterval(81, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
  const none = wilsonInterval(0, 20);
  expect(none.low).toBe(0);
  expect(none.high).toBeCloseTo(0.1611, 4);
});

describe('back-testing a policy', () => {
  let events: Events;
  let close: () => Promise<void>;
  const histories = new Map<string, number[]>();

  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    const rng = seededRng('backtest');
    for (let i = 0; i < 200; i++) {
      const days = [FIRST + rng.below(60)];
      while (rng.chance(0.85)) days.push(days.at(-1)! + 1 + Math.floor(rng.exponential(18)));
      histories.set(
        `p${i}`,
        days.filter((day) => day <= FIRST + 200),
      );
    }
    // Somebody is active on the last day, so that the data is known to reach it.
    histories.set('last', [FIRST, FIRST + 200]);
    const rows = [...histories].flatMap(([id, days]) =>
      days.map((day) => eventRow(id, 'Order Completed', dayOfNumber(day), 100)),
    );
    await events.insert('events', rows);
    const members = [...histories.keys()].slice(0, 50);
    await events.insert(
      'person_traits',
      members.map((id) => ({
        person_id: id,
        traits: JSON.stringify({ country: 'CN' }),
        updated_at: '2025-01-01 00:00:00.000',
        erased: 0,
      })),
    );
  });
  afterAll(() => close());

  const holds = (day: BacktestDay, expected: ReturnType<typeof expectedDay>): void => {
    expect(day).toMatchObject({ people: expected.people, dormantPeople: expected.dormant });
    if (day.outcome.kind !== 'measured') throw new Error(day.outcome.kind);
    expect(day.outcome).toMatchObject({
      returnedPeople: expected.returned,
      returnShare: expected.dormant === 0 ? null : expected.returned / expected.dormant,
      lostPeople: expected.lost,
      caughtPeople: expected.caught,
      noticedAfterDays: expected.noticed,
      knownBeforeDays: expected.known,
    });
    expect(day.outcome.othersReturnShare).toBeCloseTo(
      expected.othersReturned / (expected.people - expected.dormant),
      12,
    );
  };

  test('gives for several days at once what a reading person by person gives', async () => {
    const on = [150, 50, 100, 100].map((offset) => dayOfNumber(FIRST + offset));
    const tested = await backtestPolicy(events, { policy: shop, on, horizonDays: 40, now: NOW });
    expect(tested.dataUntil).toBe(dayOfNumber(FIRST + 200));
    expect(tested.days.map((day) => day.asOf)).toEqual([50, 100, 150].map((offset) => dayOfNumber(FIRST + offset)));
    for (const day of tested.days) holds(day, expectedDay([...histories.values()], shop, dayNumber(day.asOf), 40));
    expect(tested.days.some((day) => day.dormantPeople > 20)).toBe(true);
  });

  test('a scope by trait narrows it to those people, in the evaluation too', async () => {
    const policy = parsePolicy({
      ...shop,
      policyId: 'china',
      scope: { kind: 'trait', name: 'country', equals: 'CN' },
    });
    const asOf = dayOfNumber(FIRST + 100);
    const { days, notes } = await backtestPolicy(events, { policy, on: [asOf], horizonDays: 40, now: NOW });
    expect(notes.map(({ en }) => en)).toEqual([expect.stringContaining('traits')]);
    const inside = [...histories].slice(0, 50);
    holds(
      days[0]!,
      expectedDay(
        inside.map(([, all]) => all),
        shop,
        dayNumber(asOf),
        40,
      ),
    );
    const { base } = await evaluatePolicy(events, { policy, version: 1, asOf, now: NOW });
    expect(base.people).toBe(inside.filter(([, all]) => all[0]! <= dayNumber(asOf)).length);
  });

  test('a person’s history has every change with its day and cause', async () => {
    const policy = { ...shop, policyId: 'history' };
    await evaluatePolicy(events, { policy, version: 1, asOf: dayOfNumber(FIRST + 200), now: NOW });
    const [id, days] = [...histories].find(([, all]) => all.length > 4)!;
    const expected = stageHistory(days, policy, FIRST + 200, 0);
    const moves = await stageHistoryOf(events, 'history', id);
    expect(moves.map(({ changedOn, to, cause }) => ({ on: dayNumber(changedOn), to, cause }))).toEqual(expected);
    expect(moves[0]?.from).toBe('');
  });

  test('says where the future is not known, where nobody was there, and refuses no day or too many', async () => {
    const until = dayOfNumber(FIRST + 190);
    const { days } = await backtestPolicy(events, {
      policy: shop,
      on: ['2024-01-01', until],
      horizonDays: 40,
      now: NOW,
    });
    expect(days.map((day) => day.outcome.kind)).toEqual(['nobody', 'not_yet']);
    for (const on of [[], Array.from({ length: 25 }, (_, i) => addDays('2025-01-01', i))])
      await expect(backtestPolicy(events, { policy: shop, on, now: NOW })).rejects.toThrow(RekindleError);
  });

  test('leaves no scratch table behind', async () => {
    expect(await events.rows(sql`SELECT name FROM system.tables WHERE name LIKE 'scratch%'`)).toEqual([]);
  });
});

describe('a scope', () => {
  const parsed = (scope: unknown) => () => parsePolicy({ ...shop, scope });
  test('is refused with its place where it is wrong, or looks at what the policy decides', () => {
    expect(parsed({ kind: 'or', of: [] })).toThrow(/policy\.scope\.of/);
    expect(parsed({ kind: 'and', of: [{ kind: 'no such' }] })).toThrow(/policy\.scope\.of\.0\.kind/);
    expect(parsed({ kind: 'not', of: { kind: 'stage', in: ['dormant'] } })).toThrow(
      /policy\.scope\.of: "stage" belongs to a policy/,
    );
  });
  test('survives being saved and read again', () => {
    const scope = { kind: 'did', event: 'Order Completed', withinDays: 365, times: 2 };
    const policy = parsePolicy({ ...shop, scope });
    expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
    expect(parsePolicy(shop)).not.toHaveProperty('scope');
  });
});
