// Reasons by group and over time, and what our own messages tell: on a few people whose traces are known.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { evaluatePolicy } from '../dormancy/evaluate.service.ts';
import { PRESETS } from '../dormancy/presets.ts';
import { reasonDrift, reasonEvidence, reasonGroups } from './breakdown.service.ts';
import { REASONS, type Reason } from './causes.ts';
import { reasonProbabilities, TABLE_MODEL } from './model.ts';
import { explainQuiet, type ReasonShares } from './reasons.service.ts';
import { featureOf } from './signal.ts';
import { SIGNALS } from './signals.ts';

const NOW = new Date('2026-07-01T00:00:00Z');
let events: Events;
let explained: ReasonShares;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ events, close } = await temporaryEvents());
  const product = (category: string) => [
    { product_id: category, name: category, category, brand: '', quantity: 1, price_cents: 100 },
  ];
  await events.insert('events', [
    // Two who bought tea and left without a trace, and one who bought pots and filed a complaint on the day of her last order.
    ...['ann', 'bo'].map((id) => ({ ...eventRow(id, 'Order Completed', '2026-01-10'), products: product('Tea') })),
    { ...eventRow('cy', 'Order Completed', '2026-02-10'), products: product('Pots') },
    eventRow('cy', 'Complaint Filed', '2026-02-10'),
  ]);
  await evaluatePolicy(events, { policy: PRESETS.shop, version: 1, asOf: '2026-06-30', now: NOW });
  explained = await explainQuiet(events, { policyId: 'shop', now: NOW, answers: [] });
});
afterAll(() => close());

/** By the formula: a fresh complaint is one sighting of strength 1. */
const probabilityOf = (reason: Reason, complained: boolean, notDue: number): number =>
  reasonProbabilities(
    TABLE_MODEL,
    SIGNALS.map(({ id }) => featureOf(id === 'ticket' && complained ? 1 : id === 'not_due' ? notDue : 0)),
  )[REASONS.indexOf(reason)]!;

/** Once-only people are measured against the threshold of 90 days: (3 − silent / 90) / 2, within 0 … 1. */
const notDue = (silentDays: number): number => Math.min(1, Math.max(0, (3 - silentDays / 90) / 2));

it('counts of whom anything is known: that it is not yet time for her next order is no trace', async () => {
  expect(explained).toMatchObject({ people: 3, traced: 1 });
  const asked = await explainQuiet(events, {
    policyId: 'shop',
    now: NOW,
    answers: [{ personId: 'ann', reason: 'forgot' }],
  });
  expect(asked.traced).toBe(2);
  // The cases below go by traces alone.
  await explainQuiet(events, { policyId: 'shop', now: NOW, answers: [] });
});

it('by category, each group its own mean', async () => {
  const { groups, groupedBy } = await reasonGroups(events, PRESETS.shop, { by: 'category', limit: 5 });
  expect(groupedBy.en).toBe('Favourite category');
  expect(groups.map(({ group, people }) => [group, people])).toEqual([
    ['Tea', 2],
    ['Pots', 1],
  ]);
  const bad = (group: string) =>
    groups.find((each) => each.group === group)!.shares.find(({ reason }) => reason === 'bad_experience')!;
  expect(bad('Tea').share).toBeCloseTo(probabilityOf('bad_experience', false, notDue(171)), 10);
  expect(bad('Pots').share).toBeCloseTo(probabilityOf('bad_experience', true, notDue(140)), 10);
  expect(bad('Pots').low).toBeLessThan(bad('Pots').share);
  expect(bad('Pots').high).toBeLessThan(1);
  const within = await reasonGroups(events, PRESETS.shop, {
    by: 'category',
    limit: 5,
    segment: { kind: 'silent_days', from: 150 },
  });
  expect(within.groups.map(({ group }) => group)).toEqual(['Tea']);
});

it('what the people of each likeliest reason left behind', async () => {
  const told = await reasonEvidence(events, 'shop');
  expect(told.reduce((sum, { people }) => sum + people, 0)).toBe(3);
  const likeliest = (complained: boolean, silentDays: number): Reason | undefined =>
    REASONS.toSorted(
      (a, b) => probabilityOf(b, complained, notDue(silentDays)) - probabilityOf(a, complained, notDue(silentDays)),
    )[0];
  // The rhythm speaks for `unknown` only, a complaint for a bad experience: Cy's is told, as speaking for something else.
  expect(told.map(({ reason, people, withoutTrace, signals }) => [reason, people, withoutTrace, signals])).toEqual([
    [likeliest(false, 171), 2, 0, [expect.objectContaining({ signal: 'not_due', people: 2, speaksForIt: false })]],
    [
      likeliest(true, 140),
      1,
      0,
      [
        expect.objectContaining({ signal: 'not_due', people: 1, speaksForIt: true }),
        expect.objectContaining({ signal: 'ticket', people: 1, speaksForIt: false }),
      ],
    ],
  ]);
  await expect(reasonEvidence(events, 'none')).rejects.toMatchObject({ code: 'not_found' });
});

it('since an earlier day: who joined the quiet, and which way the shares went', async () => {
  const drift = await reasonDrift(events, { policy: PRESETS.shop, version: 1 }, '2026-04-30', NOW);
  // On April 30 Cy has been silent for 79 days: not dormant yet.
  expect(drift.people).toEqual({ since: 2, now: 3 });
  const bad = drift.reasons.find(({ reason }) => reason === 'bad_experience')!;
  expect(bad.since).toBeCloseTo(probabilityOf('bad_experience', false, notDue(110)), 10);
  const now =
    (2 * probabilityOf('bad_experience', false, notDue(171)) + probabilityOf('bad_experience', true, notDue(140))) / 3;
  expect(bad.now).toBeCloseTo(now, 10);
  expect(bad.change).toBeCloseTo(bad.now - bad.since, 12);
  expect(bad.low).toBeLessThan(bad.change);
  // Nothing was published on the way.
  expect(
    await events.rows(sql`SELECT toString(max(as_of)) AS day, count() AS people FROM person_reasons FINAL`),
  ).toEqual([{ day: '2026-06-30', people: 3 }]);
});
