// Return curves per group: each is the Kaplan–Meier estimate of that group's silences alone; and the day a preview stands on.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import type { Events } from '../../stores/events/events.ts';
import { PRESETS } from '../dormancy/presets.ts';
import { lastDayToLookAt } from './as-of.service.ts';
import { returnCurves, type CurveGrouping, type GroupCurve } from './curves.service.ts';

const NOW = new Date('2026-03-02T12:00:00Z');
const AS_OF = '2026-03-01';

describe('return curves', () => {
  let events: Events;
  let close: () => Promise<void>;
  const order = (person: string, day: string, category: string) => ({
    ...eventRow(person, 'Order Completed', day, 1_000),
    products: [{ product_id: category, name: category, category, brand: '', quantity: 1, price_cents: 1_000 }],
  });
  const curves = (grouping?: CurveGrouping) =>
    returnCurves(events, {
      policy: PRESETS.shop,
      version: 0,
      asOf: AS_OF,
      now: NOW,
      horizonDays: 30,
      ...(grouping === undefined ? {} : { grouping }),
    });
  const stillSilent = (curve: GroupCurve | undefined) => curve?.points.map((point) => [point.day, point.stillSilent]);

  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await events.insert('events', [
      // Ada and Bob buy tea: silences of 10 (ended), 49 and 59 days (open).
      order('ada', '2026-01-01', 'tea'),
      order('ada', '2026-01-11', 'tea'),
      order('bob', '2026-01-01', 'tea'),
      // Cleo buys coffee twice and tea once: 20 and 20 (ended), 19 days (open).
      order('cleo', '2026-01-01', 'coffee'),
      order('cleo', '2026-01-21', 'tea'),
      order('cleo', '2026-02-10', 'coffee'),
    ]);
    await events.insert('person_traits', [
      { person_id: 'ada', traits: '{"tier":"gold"}', updated_at: '2026-01-01T00:00:00Z', erased: 0 },
      { person_id: 'bob', traits: '{"tier":2}', updated_at: '2026-01-01T00:00:00Z', erased: 0 },
    ]);
  });
  afterAll(() => close());

  test('by category count each person under what she bought most', async () => {
    const { all, groups } = await curves({ kind: 'category' });
    expect(all.silences).toBe(6);
    expect(groups.map(({ group, silences }) => [group, silences])).toEqual([
      ['tea', 3],
      ['coffee', 3],
    ]);
    // Tea: of three silences one ends on day 10, two are open: 2/3. Coffee: one is cut off on day 19, both others end on day 20.
    expect(stillSilent(groups[0])).toEqual([
      [10, expect.closeTo(2 / 3, 12)],
      [49, expect.closeTo(2 / 3, 12)],
      [59, expect.closeTo(2 / 3, 12)],
    ]);
    expect(stillSilent(groups[1])).toEqual([
      [19, 1],
      [20, 0],
    ]);
  });

  test('by orders count each silence under how often she had been there', async () => {
    const { groups } = await curves({ kind: 'orders' });
    // After the first: 10, 20 ended, 59 open. After the second: 20 ended, 49 open. After the third: 19 open.
    expect(groups.map(({ group, silences }) => [group, silences])).toEqual([
      ['1', 3],
      ['2', 2],
      ['3–5', 1],
    ]);
    expect(stillSilent(groups[0])).toEqual([
      [10, expect.closeTo(2 / 3, 12)],
      [20, expect.closeTo(1 / 3, 12)],
      [59, expect.closeTo(1 / 3, 12)],
    ]);
  });

  test('by trait keep people without one apart, and by RFM group sum up to everybody', async () => {
    const byTier = await curves({ kind: 'trait', trait: 'tier' });
    expect(byTier.groups.map(({ group }) => group).toSorted()).toEqual(['', '2', 'gold']);
    const byRfm = await curves({ kind: 'rfm' });
    expect(byRfm.groups.reduce((sum, group) => sum + group.silences, 0)).toBe(byRfm.all.silences);
  });

  test('so little data recommends nothing, and says why', async () => {
    const { all } = await curves();
    expect(all.recommendedThreshold).toMatchObject({ kind: 'none' });
    expect(all.returningAfter90Days).toBeNull();
  });

  test('a preview stands on yesterday, or on the data’s last day where it ended long ago', async () => {
    const on = (now: string, asked?: string) => lastDayToLookAt(events, PRESETS.shop, new Date(now), 'UTC', asked);
    expect(await on('2026-02-20T00:00:00Z')).toEqual({ asOf: '2026-02-19', note: null });
    const late = await on('2026-06-01T00:00:00Z');
    expect(late.asOf).toBe('2026-02-10');
    expect(late.note?.en).toContain('10 Feb 2026');
    expect(await on('2026-06-01T00:00:00Z', '2026-05-01')).toEqual({ asOf: '2026-05-01', note: null });
  });
});
