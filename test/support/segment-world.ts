// Random people as segments see them, from a seed, and the same people in an events store; random trees over every operator.
import * as fc from 'fast-check';
import { tellMoneyRules } from '../../src/collect/money.sql.ts';
import { addDays, dayNumber, DAY_MS, type Day } from '../../src/kernel/days.ts';
import { inMoney, type MoneyRules } from '../../src/kernel/money-rules.ts';
import { seededRng, type Rng } from '../../src/kernel/random.ts';
import type { Events } from '../../src/stores/events/events.ts';
import { STAGE_NAMES } from '../../src/understand/dormancy/stage.ts';
import { REASONS, type Reason } from '../../src/understand/reasons/causes.ts';
import type { SegmentMoment } from '../../src/understand/segments/operator.ts';
import {
  TOUCHES,
  type PersonEvent,
  type PersonFacts,
  type PersonStanding,
  type SegmentPerson,
} from '../../src/understand/segments/world.ts';
import { RFM_GROUP_NAMES } from '../../src/understand/value/rfm.ts';

export const AS_OF = '2026-03-01';
/** The day of the question is half over. */
export const MOMENT: SegmentMoment = { asOf: AS_OF, now: new Date('2026-03-01T12:00:00Z'), policyId: 'shop' };

export const POLICIES = ['shop', 'app'];
export const EVENTS = ['Order Completed', 'Product Viewed', "Odd 'name' \\ {p0:String}"];
const CATEGORIES = ['Coffee', '茶', ''];
const BRANDS = ['Acme', "O'Neil"];
const PRODUCTS = ['p1', 'p2', ''];
const CHANNELS = ['email', 'sms'];
const PURPOSES = ['marketing', 'profiling'] as const;
const PROGRAMMES = ['win-back', 'spring'];
const SNAPSHOTS = ['snap_a', 'snap_b'];
const CURRENCIES = ['USD', 'EUR', 'CNY'];
/** Yuan are none of its money, and euros only from the first rate on. */
const RULES: MoneyRules = {
  currency: 'USD',
  rates: [
    { currency: 'EUR', from: addDays(AS_OF, -30), rate: 1.08 },
    { currency: 'EUR', from: addDays(AS_OF, -12), rate: 1.255 },
  ],
};

const eventOf = (rng: Rng): PersonEvent => {
  const day = addDays(AS_OF, 2 - rng.below(45));
  // Few instants, so that some coincide.
  const at = dayNumber(day) * DAY_MS + rng.below(4) * 6 * 3_600_000;
  const amountCents = rng.below(3_000) - 300;
  const currency = rng.pick(CURRENCIES);
  return {
    name: rng.pick(EVENTS),
    day,
    at,
    amountCents,
    currency,
    moneyCents: inMoney(RULES, amountCents, currency, day),
    products: Array.from({ length: rng.below(3) }, () => ({
      productId: rng.pick(PRODUCTS),
      name: rng.pick(PRODUCTS),
      category: rng.pick(CATEGORIES),
      brand: rng.pick(BRANDS),
    })),
    properties: {
      ...(rng.chance(0.6) ? { plan: rng.pick(['gold', 'silver', '30']) } : {}),
      ...(rng.chance(0.6) ? { age: rng.pick<unknown>([30, 30.5, 31, '30', null]) } : {}),
    },
  };
};

const standingOf = (rng: Rng): PersonStanding => ({
  stage: rng.pick(STAGE_NAMES),
  stageSince: addDays(AS_OF, -rng.below(20)),
  rfmGroup: rng.pick(RFM_GROUP_NAMES),
  silentDays: rng.below(60),
  spentCents: rng.below(5500) - 500,
  frequencyQuintile: 1 + rng.below(5),
  monetaryQuintile: 1 + rng.below(5),
  returnProbability: rng.chance(0.2) ? null : rng.below(101) / 100,
  expectedValueCents: rng.chance(0.2) ? null : rng.below(3_000),
});

function reasonsOf(rng: Rng) {
  const weights = REASONS.map(() => rng.below(10));
  const sum = weights.reduce((a, b) => a + b, 0) || 1;
  const shares = weights.map((weight) => weight / sum);
  return {
    reason: REASONS[shares.indexOf(Math.max(...shares))]!,
    probabilities: Object.fromEntries(REASONS.map((reason, i) => [reason, shares[i]!])) as Record<Reason, number>,
  };
}

const factsOf = (rng: Rng): PersonFacts => ({
  addresses: CHANNELS.filter(() => rng.chance(0.7)),
  consents: CHANNELS.flatMap((channel) =>
    PURPOSES.flatMap((purpose) =>
      rng.chance(0.7)
        ? [
            {
              channel,
              purpose,
              ...rng.pick([
                { status: 'granted', expiresAt: null },
                // This one falls on the instant of the question.
                { status: 'granted', expiresAt: MOMENT.now },
                { status: 'granted', expiresAt: new Date('2027-01-01T00:00:00Z') },
                { status: 'granted', expiresAt: new Date('2025-01-01T00:00:00Z') },
                { status: 'withdrawn', expiresAt: null },
                { status: 'implied', expiresAt: null },
              ] as const),
            },
          ]
        : [],
    ),
  ),
  suppressed: ['*', ...CHANNELS].filter(() => rng.chance(0.15)),
  globalControl: rng.chance(0.3),
  touches: Array.from({ length: rng.below(5) }, () => {
    const what = rng.pick(TOUCHES);
    return {
      what,
      programmeId: rng.pick(PROGRAMMES),
      channel: what === 'messaged' || what === 'clicked' ? rng.pick(CHANNELS) : '',
      on: addDays(AS_OF, 2 - rng.below(45)),
    };
  }),
});

const sharesOf = (rng: Rng, count: number): number[] =>
  Array.from({ length: count }, () => Math.fround(rng.below(10) / 10));

/** `count` people; what each has is independent of the others, and many lack this or that. */
export function randomPeople(seed: string, count: number): SegmentPerson[] {
  const rng = seededRng(seed);
  return Array.from({ length: count }, (_, i) => {
    const events = Array.from({ length: rng.below(8) }, () => eventOf(rng));
    const created = addDays(AS_OF, -rng.below(60));
    const firstDay = events.map((event) => event.day).toSorted()[0];
    return {
      personId: `person-${i}-é`,
      knownOn: firstDay !== undefined && firstDay < created ? firstDay : created,
      standing: Object.fromEntries(POLICIES.flatMap((id) => (rng.chance(0.8) ? [[id, standingOf(rng)]] : []))),
      reasons: Object.fromEntries(POLICIES.flatMap((id) => (rng.chance(0.6) ? [[id, reasonsOf(rng)]] : []))),
      traits: {
        ...(rng.chance(0.7) ? { plan: rng.pick(['gold', 'silver', '30']) } : {}),
        ...(rng.chance(0.7) ? { age: rng.pick<unknown>([30, 30.5, 31, '30', null]) } : {}),
        ...(rng.chance(0.7) ? { vip: rng.chance(0.5) } : {}),
      },
      events,
      facts: rng.chance(0.8) ? factsOf(rng) : undefined,
      tastes: rng.chance(0.7)
        ? {
            categories: CATEGORIES.filter(() => rng.chance(0.6)).map((name) => ({ name, share: sharesOf(rng, 1)[0]! })),
            brands: BRANDS.filter(() => rng.chance(0.6)).map((name) => ({ name, share: sharesOf(rng, 1)[0]! })),
            priceBands: rng.chance(0.3) ? [] : sharesOf(rng, 5),
            hours: sharesOf(rng, 24),
          }
        : undefined,
      snapshots: SNAPSHOTS.filter(() => rng.chance(0.3)),
    };
  });
}

const text = (at: Date | number): string => new Date(at).toISOString();

export async function storePeople(events: Events, everybody: readonly SegmentPerson[]): Promise<void> {
  const at = `${AS_OF} 00:00:00`;
  await tellMoneyRules(events, RULES);
  await events.insert(
    'events',
    everybody.flatMap((person) =>
      person.events.map((event, i) => ({
        message_id: `${person.personId}-${i}`,
        actor_id: person.personId,
        name: event.name,
        occurred_at: text(event.at),
        received_at: text(event.at),
        day: event.day,
        amount_cents: event.amountCents,
        currency: event.currency,
        order_id: '',
        products: event.products.map((product) => ({
          product_id: product.productId,
          name: product.name,
          category: product.category,
          brand: product.brand,
          quantity: 1,
          price_cents: 100,
        })),
        properties: JSON.stringify(event.properties),
        source: 'test',
      })),
    ),
  );
  await events.insert(
    'person_spans',
    everybody.map(({ personId, knownOn }) => ({ actor_id: personId, first_on: knownOn, last_on: knownOn })),
  );
  await events.insert(
    'person_traits',
    everybody.map(({ personId, traits }) => ({
      person_id: personId,
      traits: JSON.stringify(traits),
      updated_at: at,
      erased: 0,
    })),
  );
  await events.insert(
    'person_states',
    everybody.flatMap(({ personId, standing }) =>
      Object.entries(standing).map(([policyId, state]) => ({
        policy_id: policyId,
        person_id: personId,
        policy_version: 1,
        as_of: AS_OF,
        stage: state.stage,
        stage_since: state.stageSince,
        silent_days: state.silentDays,
        spent_cents: state.spentCents,
        frequency_quintile: state.frequencyQuintile,
        monetary_quintile: state.monetaryQuintile,
        rfm_group: state.rfmGroup,
        return_probability: state.returnProbability,
        expected_value_cents: state.expectedValueCents,
        computed_at: at,
      })),
    ),
  );
  await events.insert(
    'person_reasons',
    everybody.flatMap(({ personId, reasons }) =>
      Object.entries(reasons).map(([policyId, { reason, probabilities }]) => ({
        policy_id: policyId,
        person_id: personId,
        as_of: AS_OF,
        reason,
        probability: probabilities[reason],
        probabilities,
        evidence: '[]',
        answer: '',
        model: 'table',
        computed_at: at,
      })),
    ),
  );
  await events.insert(
    'person_facts',
    everybody.flatMap(({ personId, knownOn, facts }) =>
      facts === undefined
        ? []
        : [
            {
              person_id: personId,
              created_on: knownOn,
              addresses: facts.addresses,
              consents: facts.consents.map((consent) => ({
                channel: consent.channel,
                purpose: consent.purpose,
                status: consent.status,
                expires_at: text(consent.expiresAt ?? 0),
              })),
              suppressed: facts.suppressed,
              global_control: Number(facts.globalControl),
              touches: facts.touches.map((touch) => ({
                what: touch.what,
                programme_id: touch.programmeId,
                channel: touch.channel,
                on_day: touch.on,
              })),
              version: 1,
            },
          ],
    ),
  );
  await events.insert(
    'person_preferences',
    everybody.flatMap(({ personId, tastes }) =>
      tastes === undefined
        ? []
        : [
            {
              person_id: personId,
              orders: 1,
              categories: tastes.categories,
              brands: tastes.brands,
              price_bands: tastes.priceBands,
              hours: tastes.hours,
              as_of: AS_OF,
              computed_at: at,
            },
          ],
    ),
  );
  await events.insert(
    'segment_snapshot_members',
    everybody.flatMap(({ personId, snapshots }) =>
      snapshots.map((snapshot_id) => ({ snapshot_id, person_id: personId })),
    ),
  );
}

// ── Trees ──

const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const policyId = maybe(fc.constantFrom(...POLICIES));
const withinDays = maybe(fc.integer({ min: 1, max: 40 }));
const event = fc.constantFrom(...EVENTS);

/** One bound or both, the right way round. */
const range = (min: number, max: number, scale = 1) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.nat({ max: 2 })).map(([a, b, open]) => ({
    ...(open === 1 ? {} : { from: Math.min(a, b) / scale }),
    ...(open === 0 ? {} : { to: Math.max(a, b) / scale }),
  }));

const field = (names: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.oneof<fc.Arbitrary<object>[]>(
        fc.record({ equals: fc.constantFrom<string | number | boolean>('gold', '30', 30, 30.5, true, false) }),
        fc.record({ in: some<string | number | boolean>(['gold', '30', 30, true]) }),
        fc.record({ contains: fc.constantFrom('il', 'gold', '0') }),
        range(29, 32),
        fc.record({ exists: fc.boolean() }),
      ),
    )
    .map(([name, test]) => ({ name, ...test }));

const where = maybe(fc.array(field(['plan', 'age', 'no such']), { minLength: 1, maxLength: 2 }));
const currency = maybe(fc.constantFrom('USD', 'EUR', 'CNY'));

const kind = (name: string, ...parts: readonly fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((given) => {
    const all = Object.assign({ kind: name }, ...given) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  });

const day: fc.Arbitrary<Day> = fc.integer({ min: -50, max: 3 }).map((offset) => addDays(AS_OF, offset));
const days = (name: string) =>
  kind(
    name,
    fc.record({ event }),
    fc.oneof<fc.Arbitrary<object>[]>(
      fc.record({ onOrAfter: day }),
      fc.record({ onOrBefore: day }),
      fc.tuple(day, day).map(([a, b]) => (a < b ? { onOrAfter: a, onOrBefore: b } : { onOrAfter: b, onOrBefore: a })),
      range(0, 45).map(({ from, to }) => ({
        ...(from === undefined ? {} : { atLeastDaysAgo: from }),
        ...(to === undefined ? {} : { atMostDaysAgo: to }),
      })),
    ),
  );

const doing = fc.record({ event, withinDays, where });
const times = fc.record({ times: fc.integer({ min: 1, max: 4 }) });
const shopping = (name: string) =>
  kind(
    name,
    fc.oneof(
      fc.record({ by: fc.constant('product'), in: some(['p1', 'p2', 'p3']) }),
      fc.record({ by: fc.constant('category'), in: some(['Coffee', '茶']) }),
      fc.record({ by: fc.constant('brand'), in: some(BRANDS) }),
    ),
    fc.record({ withinDays, event: maybe(event) }),
    times,
  );
const touched = (name: string) =>
  kind(
    name,
    fc.record({
      did: some(TOUCHES),
      programmeId: maybe(fc.constantFrom(...PROGRAMMES)),
      channel: maybe(fc.constantFrom(...CHANNELS)),
      withinDays,
    }),
    fc.record({ times: fc.integer({ min: 1, max: 2 }) }),
  );
const wish = fc.record({ channel: fc.constantFrom(...CHANNELS), purpose: fc.constantFrom(...PURPOSES) });
const levels = fc.record({ in: some(['low', 'medium', 'high']), policyId });

/** One arbitrary per operator; a test holds the list complete. */
export const LEAVES: Readonly<Record<string, fc.Arbitrary<object>>> = {
  stage: kind('stage', fc.record({ in: some(STAGE_NAMES), policyId }), fc.oneof(fc.constant({}), range(0, 20))),
  reason: kind(
    'reason',
    fc.record({
      in: some(REASONS),
      minProbability: maybe(fc.integer({ min: 0, max: 10 }).map((n) => n / 10)),
      policyId,
    }),
  ),
  rfm: kind('rfm', fc.record({ in: some(RFM_GROUP_NAMES), policyId })),
  silent_days: kind('silent_days', range(0, 60), fc.record({ policyId })),
  return_probability: kind('return_probability', range(0, 100, 100), fc.record({ policyId })),
  expected_value: kind('expected_value', range(0, 3_000), fc.record({ policyId })),
  spent: kind('spent', range(-500, 5_000), fc.record({ policyId })),
  activity_level: kind('activity_level', levels),
  spending_level: kind('spending_level', levels),
  did: kind('did', doing, times),
  did_not: kind('did_not', doing, times),
  count: kind('count', doing, range(0, 4)),
  amount: kind('amount', doing, fc.record({ currency }), range(-500, 5_000)),
  average_order: kind('average_order', fc.record({ event: maybe(event), withinDays, currency }), range(-300, 3_000)),
  first: days('first'),
  last: days('last'),
  trend: kind(
    'trend',
    fc
      .tuple(fc.integer({ min: 1, max: 20 }), maybe(fc.integer({ min: 0, max: 10 })))
      .map(([length, more]) => ({ days: length, ...(more === undefined ? {} : { offsetDays: length + more }) })),
    fc.record({
      event,
      measure: fc.constantFrom('times', 'amount'),
      is: fc.constantFrom('less', 'more'),
      factor: maybe(fc.integer({ min: 1, max: 300 }).map((n) => n / 100)),
    }),
  ),
  sequence: kind(
    'sequence',
    doing,
    fc.record({
      steps: fc.array(
        fc
          .record({ event, withinDays: fc.integer({ min: 1, max: 15 }), where })
          .map(({ where: tests, ...step }) => (tests === undefined ? step : { ...step, where: tests })),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  ),
  not_followed: kind('not_followed', doing, fc.record({ by: event, forDays: fc.integer({ min: 1, max: 15 }) })),
  bought: shopping('bought'),
  not_bought: shopping('not_bought'),
  viewed: shopping('viewed'),
  not_viewed: shopping('not_viewed'),
  likes: kind(
    'likes',
    fc.oneof(
      fc.record({ by: fc.constant('category'), in: some(['Coffee', '茶']) }),
      fc.record({ by: fc.constant('brand'), in: some(BRANDS) }),
    ),
    fc.record({ minShare: fc.integer({ min: 0, max: 8 }).map((n) => n / 8) }),
  ),
  price_band: kind('price_band', fc.record({ in: some([1, 2, 3, 4, 5]) })),
  usual_hour: kind('usual_hour', range(0, 23)),
  trait: kind('trait', field(['plan', 'age', 'vip', 'no such'])),
  known_days: kind('known_days', range(0, 60)),
  bucket: kind('bucket', fc.record({ salt: fc.string({ minLength: 1, maxLength: 8 }) }), range(0, 9999)),
  consent: kind('consent', wish, fc.record({ is: fc.constantFrom('granted', 'expired', 'withdrawn', 'none') })),
  reachable: kind('reachable', wish),
  programme: touched('programme'),
  not_programme: touched('not_programme'),
  global_control: kind('global_control'),
  snapshot: kind('snapshot', fc.record({ id: fc.constantFrom(...SNAPSHOTS) })),
};

export const randomTree: fc.Arbitrary<unknown> = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(...Object.values(LEAVES)),
    fc.record({ kind: fc.constantFrom('and', 'or'), of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not'), of: tie('tree') }),
  ),
})).tree;
