// The engine and the formula in memory agree on every strength and probability, for people with random pasts.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRng, type Rng } from '../../kernel/random.ts';
import { addDays } from '../../kernel/days.ts';
import { sql } from '../../kernel/sql.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Events } from '../../stores/events/events.ts';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { evaluatePolicy } from '../dormancy/evaluate.service.ts';
import { PRESETS } from '../dormancy/presets.ts';
import { REASONS, type Reason } from './causes.ts';
import { reasonProbabilities, TABLE_MODEL, topReason } from './model.ts';
import { explainQuiet, reasonsOf } from './reasons.service.ts';
import { featureOf, sightingOf, type QuietPerson, type SignalEvent } from './signal.ts';
import { SIGNALS } from './signals.ts';

const AS_OF = '2026-06-30';
const NOW = new Date('2026-07-01T00:00:00Z');
const PEOPLE = 150;

/** Every name and property value the table knows, and near misses. */
const NAMES = [
  ...new Set(
    SIGNALS.flatMap((s) => (s.kind === 'events' ? [...s.any, ...(s.less ?? [])].flatMap(({ names }) => names) : [])),
  ),
  'Something Else',
].filter((name) => name !== 'Order Completed');
const VALUES: readonly JsonObject[] = [
  {},
  { rating: 1 },
  { rating: 2.5 },
  { rating: '1' },
  { days_late: 3 },
  { days_late: 0 },
  { permission: 'denied' },
  { permission: 'granted' },
  { proxy: true },
  { proxy: 'true' },
  { abroad: true },
  { path: '/Privacy' },
  { title: '隐私政策' },
  { path: '/price-match' },
  { availability: 'out_of_stock' },
  { availability: 'Out_of_stock' },
];
const LINES = [
  { name: 'Classic Nappies, size 5', category: 'baby' },
  { name: '奶粉（5 段）', category: '母婴' },
  { name: 'Nappies, size 2', category: 'Baby care' },
  { name: 'Wok', category: 'kitchen' },
];

type Made = { readonly id: string; readonly traits: JsonObject; readonly events: SignalEvent[] };

function makePerson(rng: Rng, id: string): Made {
  const lastOn = addDays(AS_OF, -100 - rng.below(300));
  const orders = 1 + rng.below(4);
  const events: SignalEvent[] = [];
  for (let i = 0; i < orders; i++) {
    const line = rng.pick(LINES);
    const inProperties = rng.chance(0.5);
    events.push({
      name: 'Order Completed',
      day: i === 0 ? lastOn : addDays(lastOn, -1 - rng.below(200)),
      properties: inProperties ? { products: [line, { name: 7 }] } : {},
      products: inProperties ? [] : [line],
    });
  }
  const others = rng.below(25);
  for (let i = 0; i < others; i++) {
    const day = addDays(lastOn, 99 - rng.below(250));
    events.push({ name: rng.pick(NAMES), day, properties: { ...rng.pick(VALUES), ...rng.pick(VALUES) }, products: [] });
  }
  const traits = rng.pick<JsonObject>([{}, { marketing_consent: false }, { marketing_consent: true }]);
  return { id, traits, events };
}

const rng = seededRng('signals');
const people = Array.from({ length: PEOPLE }, (_, i) => makePerson(rng.fork(i), `p${i}`));
let events: Events;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ events, close } = await temporaryEvents());
  const rows = people.flatMap((person) =>
    person.events.map((event) => ({
      ...eventRow(person.id, event.name, event.day),
      properties: JSON.stringify(event.properties),
      products: event.products.map((line) => ({ ...line, product_id: 'x', brand: '', quantity: 1, price_cents: 1 })),
    })),
  );
  await events.insert('events', rows);
  await events.insert(
    'person_traits',
    people.map(({ id, traits }) => ({
      person_id: id,
      traits: JSON.stringify(traits),
      updated_at: NOW.toISOString(),
      erased: 0,
    })),
  );
  await evaluatePolicy(events, { policy: PRESETS.shop, version: 1, asOf: AS_OF, now: NOW });
});
afterAll(() => close());

async function inMemory(): Promise<Map<string, QuietPerson>> {
  const states = await events.rows<{
    id: string;
    lastOn: string;
    firstOn: string;
    activeDays: number;
    silentDays: number;
    thresholdDays: number;
  }>(
    sql`SELECT person_id AS id, toString(last_on) AS lastOn, toString(first_on) AS firstOn, active_days AS activeDays, silent_days AS silentDays,
      threshold_days AS thresholdDays FROM person_states FINAL`,
  );
  const made = new Map(people.map((person) => [person.id, person]));
  return new Map(
    states.map(({ id, ...state }) => [id, { ...state, traits: made.get(id)!.traits, events: made.get(id)!.events }]),
  );
}

it('gives everybody the strengths and probabilities of the formula in memory', async () => {
  const answers = people.slice(0, 20).map(({ id }, i) => ({ personId: id, reason: REASONS[i % REASONS.length]! }));
  const said = new Map(answers.map(({ personId, reason }) => [personId, reason]));
  const summary = await explainQuiet(events, { policyId: 'shop', now: NOW, answers });
  expect(summary.people).toBe(PEOPLE);
  expect(summary.weights).toMatchObject({ kind: 'table', answers: 20 });
  const expected = await inMemory();
  const rows = await events.rows<{
    person_id: string;
    reason: Reason;
    probabilities: Record<Reason, number>;
    evidence: string;
  }>(sql`SELECT person_id, reason, probabilities, evidence FROM person_reasons FINAL`);
  expect(rows).toHaveLength(PEOPLE);
  const seen = new Set<string>();
  for (const row of rows) {
    const person = expected.get(row.person_id)!;
    const sightings = SIGNALS.map((signal) => sightingOf(signal, person));
    const probabilities = reasonProbabilities(
      TABLE_MODEL,
      sightings.map(({ strength }) => featureOf(strength)),
      said.get(row.person_id),
    );
    REASONS.forEach((reason, k) => expect(row.probabilities[reason]).toBeCloseTo(probabilities[k]!, 10));
    expect(row.reason).toBe(topReason(probabilities));
    const shown = SIGNALS.flatMap((signal, s) => {
      const { strength, count, lastOn } = sightings[s]!;
      return count > 0 && strength >= 0.01 ? [{ signal: signal.id, count, lastOn: lastOn ?? '' }] : [];
    });
    const stored = JSON.parse(row.evidence) as { signal: string; strength: number; count: number; lastOn: string }[];
    expect(stored.map(({ signal, count, lastOn }) => ({ signal, count, lastOn }))).toEqual(shown);
    for (const { signal } of stored) seen.add(signal);
  }
  // The random pasts must have exercised the whole table.
  expect([...seen].toSorted()).toEqual(SIGNALS.map(({ id }) => id).toSorted());
});

it('tells one person why, in words, with her own answer first', async () => {
  const [reasons] = await reasonsOf(events, 'p0');
  expect(reasons).toMatchObject({ policyId: 'shop', asOf: AS_OF, answer: REASONS[0], weights: 'table' });
  expect(Object.values(reasons!.probabilities).reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 12);
  expect(reasons!.evidence[0]).toMatchObject({ signal: 'survey', speaksFor: REASONS[0] });
  for (const { text } of reasons!.evidence) expect(text.en + text.zh).not.toMatch(/[{}]/);
  expect(await reasonsOf(events, 'nobody')).toEqual([]);
});

it('is refused before the first evaluation', async () => {
  await expect(explainQuiet(events, { policyId: 'never', now: NOW, answers: [] })).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('halves a sighting with every half-life, counts later ones in full for a while, and forgets them after', () => {
  const refund = SIGNALS.find((signal) => signal.id === 'refund')!;
  if (refund.kind !== 'events') throw new Error('a refund is an event');
  const at = (day: string): number =>
    sightingOf(refund, {
      lastOn: '2026-01-31',
      firstOn: '2026-01-31',
      activeDays: 1,
      silentDays: 100,
      thresholdDays: 90,
      traits: {},
      events: [{ name: 'Order Refunded', day, properties: {}, products: [] }],
    }).strength;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), (age) => {
      const day = addDays('2026-01-31', -age);
      return Math.abs(at(addDays(day, -refund.halfLifeDays)) - at(day) / 2) < 1e-12;
    }),
  );
  expect(at(addDays('2026-01-31', refund.afterDays))).toBe(1);
  expect(at(addDays('2026-01-31', refund.afterDays + 1))).toBe(0);
});
