// Which model answers, and the reason where a better one cannot.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { addDays } from '../../kernel/days.ts';
import { seededRng } from '../../kernel/random.ts';
import type { Events } from '../../stores/events/events.ts';
import { computeStates } from '../dormancy/evaluate.service.ts';
import { PRESETS } from '../dormancy/presets.ts';
import type { ScoreModel } from './score.ts';

describe('fitting a base', () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
  });
  afterAll(() => close());

  /** `people` customers with the given number of active days ten days apart, each day worth `cents(person, days)`. */
  async function modelOf(
    activity: string,
    people: number,
    activeDays: (person: number) => number,
    cents: (person: number, days: number) => number,
  ): Promise<ScoreModel> {
    const rows = Array.from({ length: people }, (_, i) =>
      Array.from({ length: activeDays(i) }, (_, k) =>
        eventRow(`p${i}`, activity, addDays('2025-01-01', (i % 60) + k * 10), cents(i, activeDays(i))),
      ),
    );
    await events.insert('events', rows.flat());
    const policy = { ...PRESETS.shop, activity: [activity] };
    const now = new Date('2026-01-01T00:00:00Z');
    const scratch = await computeStates(events, { policy, version: 1, asOf: '2025-09-01', now });
    await scratch.close();
    return scratch.model;
  }

  test('99 people are too few', async () => {
    const { returns } = await modelOf(
      'A',
      99,
      () => 2,
      () => 100,
    );
    expect(returns).toMatchObject({ kind: 'none', people: 99, repeaters: 99 });
    expect(returns.kind === 'none' && returns.reason.en).toContain('99 people are too few');
  });

  test('29 repeaters are too few', async () => {
    const { returns } = await modelOf(
      'B',
      200,
      (i) => (i < 29 ? 2 : 1),
      () => 100,
    );
    expect(returns.kind === 'none' && returns.reason.en).toContain('29 people were active on more than one day');
  });

  test('activity without amounts has no value, and says so', async () => {
    const { returns, value } = await modelOf(
      'C',
      200,
      (i) => 1 + (i % 4),
      () => 0,
    );
    expect(returns.kind).toBe('mbg-nbd');
    expect(value).toMatchObject({ kind: 'mean', meanCents: 0, reason: { en: 'The activity carries no amounts.' } });
  });

  test('amounts independent of frequency get the spend model', async () => {
    const rng = seededRng('spend');
    const worth = Array.from({ length: 300 }, () => Math.round(rng.gamma(4, 1000)));
    const { value } = await modelOf(
      'D',
      300,
      (i) => 1 + (i % 4),
      (i) => worth[i]!,
    );
    expect(value.kind).toBe('gamma-gamma');
  });

  test('amounts that grow with frequency get the mean, with the correlation named', async () => {
    const { value } = await modelOf(
      'E',
      300,
      (i) => 1 + (i % 4),
      (_, days) => days * 1000,
    );
    // Each person's active days are worth 1000 × their number: (1 + 4 + 9 + 16) / (1 + 2 + 3 + 4) × 1000.
    expect(value).toMatchObject({ kind: 'mean', meanCents: 3000 });
    expect(value.kind === 'mean' && value.reason.en).toContain('correlation 1.00');
  });
});
