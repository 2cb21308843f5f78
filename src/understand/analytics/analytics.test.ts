// Funnels, cohorts, stage flow and revenue at risk on worlds small enough to count by hand; each figure is derived beside its test.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { addDays } from '../../kernel/days.ts';
import { seededRng } from '../../kernel/random.ts';
import { sql } from '../../kernel/sql.ts';
import type { Events, Row } from '../../stores/events/events.ts';
import { evaluatePolicy } from '../dormancy/evaluate.service.ts';
import { parsePolicy } from '../dormancy/policy.ts';
import { overTimeSchema } from './flow.ts';
import { dormancyOverTime, stageFlow } from './flow.service.ts';
import { countFunnel } from './funnel.service.ts';
import { funnelProgress } from './funnel.sql.ts';
import { funnelSchema, progressOf, type FunnelEvent } from './funnel.ts';
import { periodEnds, startOf } from './period.ts';
import { retentionOf } from './retention.service.ts';
import { retentionSchema } from './retention.ts';
import { riskBy, riskOf } from './risk.service.ts';

const NOW = new Date('2026-04-01T12:00:00Z');

const at = (person: string, name: string, when: string, cents = 0): Row => ({
  ...eventRow(person, name, when.slice(0, 10), cents),
  occurred_at: when.replace('T', ' '),
});
const line = (category: string) => [
  { product_id: `p-${category}`, name: `The ${category}`, category, brand: 'B', quantity: 1, price_cents: 100 },
];

describe('periods', () => {
  it('begin on Mondays and firsts of months, and end with the last day given', () => {
    // 2026-01-01 was a Thursday.
    expect(startOf('2026-01-01', 'week')).toBe('2025-12-29');
    expect(startOf('2026-01-05', 'week')).toBe('2026-01-05');
    expect(startOf('1969-12-31', 'week')).toBe('1969-12-29');
    expect(periodEnds('2026-01-15', '2026-03-10', 'month')).toEqual(['2026-01-31', '2026-02-28', '2026-03-10']);
    expect(() => periodEnds('2026-02-01', '2026-01-01', 'week')).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => periodEnds('2000-01-01', '2026-01-01', 'week')).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

describe('funnels', () => {
  let events: Events;
  let close: () => Promise<void>;
  const VIEW_TO_ORDER = {
    steps: [
      { events: ['Product Viewed'], label: 'View' },
      { events: ['Product Added', 'Cart Viewed'] },
      { events: ['Order Completed'] },
    ],
    windowDays: 2,
    from: '2026-01-01',
    to: '2026-01-31',
  };
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await events.insert('events', [
      // Ann goes all the way in a day.
      at('ann', 'Product Viewed', '2026-01-10T10:00:00'),
      at('ann', 'Product Added', '2026-01-10T12:00:00'),
      { ...at('ann', 'Order Completed', '2026-01-11T10:00:00', 2_000), products: line('Tea') },
      // Bo orders without a cart.
      at('bo', 'Product Viewed', '2026-01-10T10:00:00'),
      at('bo', 'Order Completed', '2026-01-10T11:00:00', 500),
      // Cy orders when the two days are over.
      at('cy', 'Product Viewed', '2026-01-10T10:00:00'),
      at('cy', 'Cart Viewed', '2026-01-11T10:00:00'),
      { ...at('cy', 'Order Completed', '2026-01-12T10:00:01', 2_000), products: line('Tea') },
      // Di never viewed anything.
      at('di', 'Product Added', '2026-01-10T10:00:00'),
      at('di', 'Order Completed', '2026-01-10T11:00:00', 2_000),
      // Ed's first view is too old, his second is not.
      at('ed', 'Product Viewed', '2026-01-10T10:00:00'),
      at('ed', 'Product Viewed', '2026-01-14T10:00:00'),
      at('ed', 'Product Added', '2026-01-15T10:00:00'),
      // Flo begins after the last day.
      at('flo', 'Product Viewed', '2026-02-01T00:00:00'),
      at('flo', 'Product Added', '2026-02-01T01:00:00'),
      // Gil begins on the last day and goes on after it.
      at('gil', 'Product Viewed', '2026-01-31T23:00:00'),
      at('gil', 'Product Added', '2026-02-01T23:00:00'),
    ]);
  });
  afterAll(() => close());

  it('counts chains within the window, with the half-way time of each step', async () => {
    const funnel = await countFunnel(events, funnelSchema.parse(VIEW_TO_ORDER));
    // Viewed: Ann, Bo, Cy, Ed, Gil. In a cart within two days: Ann (2 h), Cy (24 h), Ed (24 h), Gil (24 h). Ordered: Ann (24 h).
    expect(funnel.steps).toMatchObject([
      { label: 'View', people: 5, ofFirst: 1, ofPrevious: 1, medianHours: null },
      { label: 'Product Added / Cart Viewed', people: 4, ofFirst: 0.8, ofPrevious: 0.8, medianHours: 24 },
      { label: 'Order Completed', people: 1, ofFirst: 0.2, ofPrevious: 0.25, medianHours: 24 },
    ]);
    // Wilson's interval of 1 of 4 is .0456 … .6994 (Newcombe 1998's formula by hand: (p + z²/2n ± z√(pq/n + z²/4n²)) / (1 + z²/n)).
    expect(funnel.steps[2]!.low).toBeCloseTo(0.0456, 4);
    expect(funnel.steps[2]!.high).toBeCloseTo(0.6994, 4);
  });

  it('by group: what most of their orders hold; those nothing is known of are a group of their own', async () => {
    const funnel = await countFunnel(events, funnelSchema.parse({ ...VIEW_TO_ORDER, groupBy: { by: 'category' } }));
    expect(funnel.groupedBy).toEqual({ en: 'Favourite category', zh: '偏好品类' });
    expect(
      funnel.groups.map(({ group, label, steps }) => [group, label.zh, ...steps.map(({ people }) => people)]),
    ).toEqual([
      ['', '未知', 3, 2, 0],
      ['Tea', 'Tea', 2, 2, 1],
    ]);
  });

  it('over the last ninety days of data where no days are given', async () => {
    const { from, to, steps } = await countFunnel(
      events,
      funnelSchema.parse({ steps: VIEW_TO_ORDER.steps, windowDays: 2 }),
    );
    // The last event is Gil's, on Feb 1; Flo begins on that day too.
    expect([from, to, steps[0]!.people]).toEqual(['2025-11-04', '2026-02-01', 6]);
    const never = funnelSchema.parse({ steps: [{ events: ['X'] }, { events: ['Y'] }], windowDays: 2 });
    await expect(countFunnel(events, never)).rejects.toMatchObject({ code: 'not_enough_data' });
  });

  it('one event is one step: two orders need two orders', async () => {
    const twice = { steps: [{ events: ['Order Completed'] }, { events: ['Order Completed'] }], windowDays: 30 };
    const funnel = await countFunnel(events, funnelSchema.parse({ ...twice, from: '2026-01-01', to: '2026-01-31' }));
    expect(funnel.steps.map(({ people }) => people)).toEqual([4, 0]);
    const large = { events: ['Order Completed'], minAmountCents: 1_000 };
    const costly = await countFunnel(
      events,
      funnelSchema.parse({
        steps: [{ events: ['Product Viewed'] }, large],
        windowDays: 3,
        from: '2026-01-01',
        to: '2026-01-31',
      }),
    );
    expect(costly.steps.map(({ people }) => people)).toEqual([5, 2]);
  });

  it('refuses what cannot be: a trait without a name, a segment without a policy, steps that lack an event', async () => {
    const refused = async (more: object) =>
      countFunnel(events, funnelSchema.parse({ ...VIEW_TO_ORDER, ...more })).then(
        () => 'answered',
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await refused({ groupBy: { by: 'trait' } })).toBe('invalid');
    expect(await refused({ groupBy: { by: 'stage' } })).toBe('invalid');
    expect(await refused({ segment: { kind: 'stage', in: ['lost'] } })).toBe('invalid');
    expect(await refused({ segment: { kind: 'stage', in: ['lost'] }, policyId: 'never' })).toBe('not_found');
    expect(funnelSchema.safeParse({ ...VIEW_TO_ORDER, from: '2026-02-01' }).success).toBe(false);
    expect(funnelSchema.safeParse({ ...VIEW_TO_ORDER, steps: [{ events: [] }] }).success).toBe(false);
  });

  it('the engine and the rule in memory agree on people with random pasts', async () => {
    const seed = 'funnel-1';
    const rng = seededRng(seed);
    const NAMES = ['A', 'B', 'C'];
    // C counts for the second step as well as for the third.
    const query = {
      steps: [{ events: ['A'] }, { events: ['B', 'C'] }, { events: ['C'] }],
      windowDays: 1,
      from: '2026-05-01',
      to: '2026-05-04',
    };
    const people = Array.from({ length: 400 }, (_, i) => ({
      id: `r${i}`,
      events: Array.from({ length: rng.below(9) }, () => ({
        name: rng.pick(NAMES),
        // Few instants, so that many events fall on the same one.
        hour: 6 * rng.below(24),
      })),
    }));
    const when = (hour: number): string =>
      new Date(Date.parse('2026-05-01T00:00:00Z') + hour * 3_600_000).toISOString().slice(0, 19);
    await events.insert(
      'events',
      people.flatMap((person) => person.events.map(({ name, hour }) => at(person.id, name, when(hour)))),
    );
    const { events: source } = await personSource(events);
    const rows = await events.rows<{ person_id: string; began: boolean; took: number[] }>(
      sql`SELECT * FROM (${funnelProgress(query, source, undefined)}) WHERE startsWith(person_id, 'r')`,
    );
    const found = new Map(rows.map((row) => [row.person_id, row]));
    const reached = new Set<number>();
    for (const person of people) {
      const seen = person.events.flatMap(({ name, hour }): FunnelEvent[] => {
        const day = when(hour).slice(0, 10);
        if (day > addDays(query.to, query.windowDays)) return [];
        const steps = query.steps.flatMap((step, k) => (step.events.includes(name) ? [k] : []));
        return [{ atMs: hour * 3_600_000, steps, mayBegin: day <= query.to }];
      });
      const expected = progressOf(seen, 3, 86_400_000);
      const row = found.get(person.id);
      reached.add(expected.reached);
      const nothing = [-1, -1];
      const told = row?.began
        ? { reached: 1 + row.took.filter((ms) => ms >= 0).length, took: row.took }
        : { reached: 0, took: nothing };
      const wanted = { reached: expected.reached, took: expected.reached === 0 ? nothing : expected.tookMs };
      expect({ seed, id: person.id, ...told }).toEqual({ seed, id: person.id, ...wanted });
    }
    expect(reached).toEqual(new Set([0, 1, 2, 3]));
  });
});

describe('cohorts', () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await events.insert('events', [
      eventRow('ann', 'Order Completed', '2026-01-05', 100),
      eventRow('ann', 'Order Completed', '2026-01-20', 50),
      eventRow('ann', 'Order Completed', '2026-02-03', 25),
      eventRow('bo', 'Order Completed', '2026-01-31', 10),
      eventRow('bo', 'Order Completed', '2026-03-01', 7),
      eventRow('cy', 'Order Completed', '2026-02-10', 1),
      eventRow('cy', 'Signed In', '2026-03-15'),
    ]);
  });
  afterAll(() => close());

  it('by month: who was there again, what they spent, which month still runs', async () => {
    const table = await retentionOf(events, retentionSchema.parse({ asOf: '2026-03-15' }));
    const cell = (period: number, people: number, share: number, spentCents: number, isOver: boolean) => ({
      period,
      people,
      share,
      spentCents,
      isOver,
    });
    expect(table.cohorts).toEqual([
      {
        cohort: '2026-01-01',
        people: 2,
        cells: [cell(0, 2, 1, 160, true), cell(1, 1, 0.5, 25, true), cell(2, 1, 0.5, 7, false)],
      },
      { cohort: '2026-02-01', people: 1, cells: [cell(0, 1, 1, 1, true), cell(1, 0, 0, 0, false)] },
    ]);
    // March is not over: in the first month after, only January's cohort is counted.
    expect(table.overall.map(({ period, people, of }) => [period, people, of])).toEqual([
      [0, 3, 3],
      [1, 1, 2],
    ]);
  });

  it('by week, from a day on, with another activity that counts as coming back', async () => {
    const query = { unit: 'week', returning: ['Signed In'], from: '2026-02-02', asOf: '2026-03-15', periods: 6 };
    const { cohorts, overall } = await retentionOf(events, retentionSchema.parse(query));
    // 2026-02-09 is the Monday before Cy's order; the Sunday of the fifth week is the last day, so that week is over.
    expect(cohorts).toHaveLength(1);
    expect(cohorts[0]).toMatchObject({ cohort: '2026-02-09', people: 1 });
    expect(cohorts[0]!.cells.map(({ people, isOver }) => [people, isOver])).toEqual([
      [0, true],
      [0, true],
      [0, true],
      [0, true],
      [1, true],
    ]);
    expect(overall.at(-1)).toMatchObject({ period: 4, share: 1 });
  });

  it('is refused where the activity never occurred', async () => {
    await expect(retentionOf(events, retentionSchema.parse({ activity: ['Danced'] }))).rejects.toMatchObject({
      code: 'not_enough_data',
    });
  });
});

describe('stages over time, and what they cost', () => {
  let events: Events;
  let close: () => Promise<void>;
  const policy = parsePolicy({
    policyId: 'quick',
    name: { en: 'Quick', zh: '快' },
    activity: ['Order Completed'],
    rule: { kind: 'window', coolingDays: 10, dormantDays: 20, lostDays: 40 },
    newDays: 5,
    recoveredDays: 5,
    relapsedDays: 30,
  });
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    const order = (person: string, day: string, cents: number, category: string) => ({
      ...eventRow(person, 'Order Completed', day, cents),
      products: line(category),
    });
    await events.insert('events', [
      // Ann: new on Jan 1, active 6, cooling 11, dormant 21, lost Feb 10, recovered Mar 1, active 6, cooling 11, relapsed 21 (20 < 30 days).
      order('ann', '2026-01-01', 10_000, 'Tea'),
      order('ann', '2026-03-01', 5_000, 'Tea'),
      // Bo comes every fifth day and never cools.
      ...Array.from({ length: 18 }, (_, i) => order('bo', addDays('2026-01-01', 5 * i), 1_000, 'Tea')),
      // Cy: new on Feb 20, active 25, cooling Mar 2, dormant Mar 12; 39 silent days on Mar 31.
      order('cy', '2026-02-20', 8_000, 'Pots'),
    ]);
    await events.insert('person_traits', [
      { person_id: 'ann', traits: '{"city":"Oslo","vip":true}', updated_at: '2026-01-01 00:00:00', erased: 0 },
      { person_id: 'cy', traits: '{"city":"Bern"}', updated_at: '2026-01-01 00:00:00', erased: 0 },
    ]);
    await evaluatePolicy(events, { policy, version: 1, asOf: '2026-03-31', now: NOW });
  });
  afterAll(() => close());

  it('flow between the ends of months', async () => {
    const flow = await stageFlow(events, 'quick', overTimeSchema.parse({ from: '2026-01-15' }));
    expect(flow.columns).toEqual(['2026-01-31', '2026-02-28', '2026-03-31']);
    expect(flow.links).toEqual([
      { source: '2026-01-31/not_yet', target: '2026-02-28/active', people: 1 },
      { source: '2026-01-31/active', target: '2026-02-28/active', people: 1 },
      { source: '2026-01-31/dormant', target: '2026-02-28/lost', people: 1 },
      { source: '2026-02-28/active', target: '2026-03-31/active', people: 1 },
      { source: '2026-02-28/active', target: '2026-03-31/dormant', people: 1 },
      { source: '2026-02-28/lost', target: '2026-03-31/relapsed', people: 1 },
    ]);
    const ids = new Set(flow.nodes.map(({ id }) => id));
    expect(ids.size).toBe(flow.nodes.length);
    for (const { source, target } of flow.links) expect(ids.has(source) && ids.has(target)).toBe(true);
    expect(flow.nodes.filter(({ on }) => on === '2026-02-28').map(({ stage, people }) => [stage, people])).toEqual([
      ['active', 2],
      ['lost', 1],
    ]);
    // After January: Ann lost, recovered, active, cooling, relapsed; Cy new, active, cooling, dormant.
    expect(flow.moves.reduce((sum, move) => sum + move.changes, 0)).toBe(9);
    expect(flow.moves).toContainEqual({
      from: 'lost',
      to: 'recovered',
      cause: 'activity',
      causeLabel: { en: 'Activity', zh: '产生活跃行为' },
      changes: 1,
    });
  });

  it('dormancy over time', async () => {
    const { periods } = await dormancyOverTime(events, 'quick', overTimeSchema.parse({ from: '2026-01-15' }));
    expect(periods).toMatchObject([
      { on: '2026-01-31', people: 2, dormantPeople: 1, dormantShare: 0.5, firstSeen: 2, becameDormant: 1, returned: 0 },
      { on: '2026-02-28', people: 3, dormantPeople: 1, firstSeen: 1, becameDormant: 0, returned: 0 },
      { on: '2026-03-31', people: 3, dormantPeople: 2, firstSeen: 0, becameDormant: 2, returned: 1 },
    ]);
    expect(periods[2]!.stages).toMatchObject({ active: 1, dormant: 1, relapsed: 1, lost: 0 });
  });

  it('is refused before the first evaluation, after the last one, and over a single column', async () => {
    const from = (query: object) => stageFlow(events, 'quick', overTimeSchema.parse(query));
    await expect(stageFlow(events, 'never', overTimeSchema.parse({}))).rejects.toMatchObject({ code: 'not_found' });
    await expect(from({ to: '2026-04-01' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(from({ from: '2026-03-01' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('revenue at risk: the pace of the last year less what comes anyway; by category, trait and stage', async () => {
    const by = (query: object) => riskOf(events, policy, { by: 'category', limit: 20, ...query });
    const risk = await by({});
    // Ann spent 150.00 in the year up to Mar 1, Cy 80.00: × 90 / 365 are 36.99 and 19.73. Three people fit no model.
    expect(risk.total).toMatchObject({
      people: 3,
      dormantPeople: 2,
      paceCents: 5_671,
      expectedCents: null,
      atRiskCents: 5_671,
    });
    expect(risk.groups).toMatchObject([
      { group: 'Tea', people: 2, dormantPeople: 1, dormantShare: 0.5, dormantSpentCents: 15_000, atRiskCents: 3_699 },
      { group: 'Pots', people: 1, dormantPeople: 1, dormantShare: 1, dormantSpentCents: 8_000, atRiskCents: 1_973 },
    ]);
    expect(risk.stages).toMatchObject([
      { stage: 'cooling', people: 0, atRiskCents: 0 },
      { stage: 'dormant', people: 1, atRiskCents: 1_973 },
      { stage: 'lost', people: 0 },
      { stage: 'relapsed', people: 1, atRiskCents: 3_699 },
      { stage: 'sunset', people: 0, atRiskCents: 0 },
    ]);
    const groups = async (query: object) =>
      (await by(query)).groups.map(({ group, dormantPeople }) => [group, dormantPeople]);
    expect(await groups({ by: 'trait', trait: 'city' })).toEqual([
      ['Bern', 1],
      ['Oslo', 1],
      ['', 0],
    ]);
    expect(await groups({ by: 'trait', trait: 'vip' })).toEqual([
      ['', 1],
      ['true', 1],
    ]);
    expect(await groups({ by: 'first_month' })).toEqual([
      ['2026-01', 1],
      ['2026-02', 1],
    ]);
    // Of one row that is shown the rest are "all others", last.
    expect(
      (await by({ limit: 1 })).groups.map(({ group, label }) => [group.length > 6 ? 'rest' : group, label.en]),
    ).toEqual([
      ['Tea', 'Tea'],
      ['rest', 'All others'],
    ]);
    await expect(by({ by: 'trait' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(riskOf(events, { ...policy, policyId: 'never' }, { by: 'rfm', limit: 5 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('what the model expects anyway is taken off, never below nothing', async () => {
    const states = sql`(
      SELECT person_id, stage, toDate('2026-03-01') AS last_on, toInt64(spent) AS spent_cents, CAST(expected AS Nullable(Float64)) AS expected_value_cents
      FROM values('person_id String, stage String, spent Int64, expected Float64', ('ann', 'dormant', 15000, 1000), ('cy', 'cooling', 8000, 9000), ('bo', 'active', 1, 500)))`;
    const input = { policyId: 'quick', activity: policy.activity, states, asOf: '2026-03-31', horizonDays: 365 };
    const { total } = await riskBy(events, input, { by: 'brand', limit: 5 });
    // Over a whole year the pace is what was spent in it: Ann 150.00, of which 10.00 come anyway; Cy 80.00, of whom more is expected.
    expect(total).toMatchObject({ paceCents: 23_000, expectedCents: 10_000, atRiskCents: 14_000 });
  });
});
