// Segments: the engine and memory give the same answer to random trees; what is not known is refused with a reason.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { addDays } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { seededRng } from '../../kernel/random.ts';
import type { Events } from '../../stores/events/events.ts';
import { DORMANT_STAGES, STAGE_NAMES } from '../dormancy/stage.ts';
import { RFM_GROUP_NAMES } from '../value/rfm.ts';
import { audienceOf } from './audience.sql.ts';
import type { SegmentPerson } from './conditions.ts';
import { explainSegment, matchesSegment, parseSegment } from './segment.ts';

const AS_OF = '2026-03-01';
const EVENTS = ['Order Completed', 'Page Viewed', "Odd 'name' \\ {p0:String}"];

const leaf = fc.oneof(
  fc.record({ kind: fc.constant('stage'), in: fc.uniqueArray(fc.constantFrom(...STAGE_NAMES), { minLength: 1 }) }),
  fc.record({ kind: fc.constant('rfm'), in: fc.uniqueArray(fc.constantFrom(...RFM_GROUP_NAMES), { minLength: 1 }) }),
  ...(
    [
      ['silent_days', 0, 60],
      ['spent', -500, 5000],
      ['return_probability', 0, 1],
    ] as const
  ).map(([kind, min, max]) =>
    fc
      .record({
        from: fc.integer({ min, max }),
        span: fc.integer({ min: 0, max: max - min }),
        open: fc.nat({ max: 2 }),
      })
      .map(({ from, span, open }) => ({
        kind,
        ...(open === 1 ? {} : { from }),
        ...(open === 0 ? {} : { to: Math.min(max, from + span) }),
      })),
  ),
  fc.record({
    kind: fc.constant('trait'),
    name: fc.constantFrom('plan', 'age', 'vip', 'no such'),
    equals: fc.constantFrom<string | number | boolean>('gold', '30', 30, 30.5, true, false),
  }),
  fc.record({
    kind: fc.constantFrom('did', 'did_not'),
    event: fc.constantFrom(...EVENTS),
    withinDays: fc.integer({ min: 1, max: 40 }),
    times: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant('bucket'),
    salt: fc.string({ minLength: 1, maxLength: 8 }),
    to: fc.nat({ max: 9999 }),
  }),
);

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constantFrom('and', 'or'), of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not'), of: tie('tree') }),
  ),
}));

function people(): SegmentPerson[] {
  const rng = seededRng('segments');
  return Array.from({ length: 80 }, (_, i) => ({
    personId: `person-${i}-é`,
    stage: rng.pick(STAGE_NAMES),
    rfmGroup: rng.pick(RFM_GROUP_NAMES),
    silentDays: rng.below(60),
    spentCents: rng.below(5500) - 500,
    returnProbability: rng.chance(0.2) ? null : rng.next(),
    traits: {
      ...(rng.chance(0.7) ? { plan: rng.pick(['gold', 'silver', '30']) } : {}),
      ...(rng.chance(0.7) ? { age: rng.pick<string | number>([30, 30.5, 31, '30']) } : {}),
      ...(rng.chance(0.7) ? { vip: rng.chance(0.5) } : {}),
    },
    events: Array.from({ length: rng.below(6) }, () => ({
      name: rng.pick(EVENTS),
      day: addDays(AS_OF, 2 - rng.below(45)),
      count: 1 + rng.below(3),
    })),
  }));
}

async function store(events: Events, everybody: readonly SegmentPerson[]): Promise<void> {
  const at = `${AS_OF} 00:00:00`;
  await events.insert(
    'events',
    everybody.flatMap((person) =>
      person.events.flatMap(({ name, day, count }) =>
        Array.from({ length: count }, () => eventRow(person.personId, name, day)),
      ),
    ),
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
    everybody.map((person) => ({
      policy_id: 'shop',
      person_id: person.personId,
      policy_version: 1,
      as_of: AS_OF,
      stage: person.stage,
      silent_days: person.silentDays,
      spent_cents: person.spentCents,
      rfm_group: person.rfmGroup,
      return_probability: person.returnProbability,
      computed_at: at,
    })),
  );
}

describe('segments in the engine', () => {
  const everybody = people();
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await store(events, everybody);
  });
  afterAll(() => close());

  test('choose the same people as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (input) => {
        const segment = parseSegment(input);
        const inMemory = everybody
          .filter((person) => matchesSegment(segment, person, AS_OF))
          .map((one) => one.personId);
        expect((await audienceOf(events, { policyId: 'shop', stages: [], segment })).sort()).toEqual(inMemory.sort());
      }),
      { numRuns: 150 },
    );
  });

  test('narrow the stages of a policy', async () => {
    const dormant = await audienceOf(events, { policyId: 'shop', stages: DORMANT_STAGES });
    const expected = everybody.filter((person) => ['dormant', 'lost', 'relapsed'].includes(person.stage));
    expect(dormant).toHaveLength(expected.length);
  });

  test('of a policy that was never evaluated are refused', async () => {
    await expect(audienceOf(events, { policyId: 'none', stages: [] })).rejects.toThrow(RekindleError);
  });
});

describe('a segment is refused', () => {
  const reasonOf = (input: unknown): string => {
    try {
      parseSegment(input);
      return 'accepted';
    } catch (error) {
      return error instanceof RekindleError ? error.message : 'another error';
    }
  };
  const deep = Array.from({ length: 12 }).reduce<unknown>((of) => ({ kind: 'not', of }), {
    kind: 'stage',
    in: ['new'],
  });
  test.each<[string, unknown, string]>([
    ['unknown operator', { kind: 'xor', of: [] }, 'segment.kind: "xor" is not known'],
    ['unknown condition below', { kind: 'and', of: [{ kind: 'zodiac', in: ['leo'] }] }, 'segment.of.0.kind: "zodiac"'],
    ['empty and', { kind: 'and', of: [] }, 'segment.of'],
    ['empty or', { kind: 'or', of: [] }, 'segment.of'],
    ['unknown field', { kind: 'spent', from: 1, currency: 'EUR' }, 'currency'],
    ['unknown stage', { kind: 'stage', in: ['asleep'] }, 'segment.in.0'],
    ['no bound', { kind: 'spent' }, 'needs `from` or `to`'],
    ['bounds the wrong way', { kind: 'not', of: { kind: 'spent', from: 2, to: 1 } }, 'segment.of: `from` is above'],
    ['too deep', deep, 'nested deeper'],
    ['inherited name', { kind: 'toString' }, '"toString" is not known'],
    ['no object', null, 'segment'],
  ])('%s', (_, input, reason) => {
    expect(reasonOf(input)).toContain(reason);
  });
});

test('a segment is explained in both languages', () => {
  const segment = parseSegment({
    kind: 'and',
    of: [
      { kind: 'stage', in: ['dormant'] },
      { kind: 'not', of: { kind: 'did', event: 'Order Refunded', withinDays: 30 } },
    ],
  });
  expect(explainSegment(segment, 'en')).toBe(
    '(stage is Dormant and not (did "Order Refunded" at least 1 × within 30 days))',
  );
  expect(explainSegment(segment, 'zh')).toBe('(阶段为休眠，且非（30 天内至少 1 次“Order Refunded”）)');
});
