// Segments: the engine and memory give the same answer to random trees about random people; what is not known is refused with a reason.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryEvents } from '../../../test/support/events-store.ts';
import { LEAVES, MOMENT, randomPeople, randomTree, storePeople } from '../../../test/support/segment-world.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Events } from '../../stores/events/events.ts';
import { DORMANT_STAGES } from '../dormancy/stage.ts';
import { audiencePages, type Audience } from './audience.sql.ts';
import { CONDITION_KINDS, CONDITIONS, entryOf } from './conditions.ts';
import { explainSegment, matchesSegment, parseSegment, type ResolvedSegment } from './segment.ts';
import { peopleOf } from './segment.sql.ts';
import type { SegmentPerson } from './world.ts';

/** Trees of these tests refer to no saved segment. */
const parsed = (input: unknown): ResolvedSegment => parseSegment(input) as ResolvedSegment;

describe('segments in the engine', () => {
  const everybody = randomPeople('segments', 120);
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await storePeople(events, everybody);
  });
  afterAll(() => close());

  const inEngine = async (segment: ResolvedSegment): Promise<string[]> => {
    const rows = await events.rows<{ person_id: string }>(peopleOf(segment, await personSource(events), MOMENT));
    return rows.map((row) => row.person_id).toSorted();
  };
  const inMemory = (segment: ResolvedSegment, people: readonly SegmentPerson[] = everybody): string[] =>
    people
      .filter((person) => matchesSegment(segment, person, MOMENT))
      .map((person) => person.personId)
      .toSorted();

  test('every operator has its random conditions', () => {
    expect(Object.keys(LEAVES).toSorted()).toEqual(CONDITION_KINDS.toSorted());
  });

  test.each(Object.entries(LEAVES))('choose the same people as in memory: %s', async (_, leaf) => {
    // A comparison of nothing with nothing would prove nothing: one condition that tells people apart is always among them.
    const separates = (input: unknown): boolean => {
      const { length } = inMemory(parsed(input));
      return length > 0 && length < everybody.length;
    };
    const separating = fc.sample<unknown>(leaf, 500).find(separates);
    expect(separating).toBeDefined();
    await fc.assert(
      fc.asyncProperty(leaf as fc.Arbitrary<unknown>, async (input) => {
        const segment = parsed(input);
        expect(await inEngine(segment)).toEqual(inMemory(segment));
        expect(await inEngine({ kind: 'not', of: segment })).toEqual(inMemory({ kind: 'not', of: segment }));
      }),
      { numRuns: 15, examples: [[separating]] },
    );
  });

  test('choose the same people as in memory: trees', async () => {
    await fc.assert(
      fc.asyncProperty(randomTree, async (input) => {
        const segment = parsed(input);
        expect(await inEngine(segment)).toEqual(inMemory(segment));
      }),
      { numRuns: 120 },
    );
  });

  test.each([
    ['and', 'and', 'or'],
    ['or', 'or', 'and'],
    ['and', 'or', 'and'],
  ] as const)('are the same however often a group of one is wrapped: %s in %s in %s', async (outer, middle, inner) => {
    const two = [
      { kind: 'bought', by: 'product', in: ['p1'], times: 1 },
      { kind: 'average_order', from: 0 },
    ];
    const segment = parsed({ kind: outer, of: [{ kind: middle, of: [{ kind: inner, of: two }] }] });
    expect(await inEngine(segment)).toEqual(inMemory(segment));
    expect(await inEngine({ kind: 'not', of: segment })).toEqual(inMemory({ kind: 'not', of: segment }));
  });

  test('choose the same people as in memory: did something, but not of late', async () => {
    const event = fc.constantFrom('Order Completed', 'Product Viewed');
    const days = fc.integer({ min: 1, max: 400 });
    const positive = fc.oneof(
      fc.record({ kind: fc.constant('did'), event, withinDays: days, times: fc.constantFrom(1, 2) }),
      fc.record({ kind: fc.constant('amount'), event, from: fc.constantFrom(-50_000, 0, 2_000) }),
      fc.record({ kind: fc.constant('first'), event, atLeastDaysAgo: days }),
      fc.record({
        kind: fc.constant('bought'),
        by: fc.constant('product'),
        in: fc.constant(['p1']),
        event,
        withinDays: days,
      }),
      fc.record({ kind: fc.constant('known_days'), from: days }),
    );
    const absent = fc.record({ kind: fc.constant('did_not'), event, withinDays: days, times: fc.constantFrom(1, 2) });
    await fc.assert(
      fc.asyncProperty(positive, absent, fc.option(absent), async (first, second, third) => {
        const segment = parsed({ kind: 'and', of: [first, second, ...(third === null ? [] : [third])] });
        expect(await inEngine(segment)).toEqual(inMemory(segment));
      }),
      { numRuns: 60 },
    );
  });

  test('narrow the stages of a policy', async () => {
    const isDormant = ({ standing }: SegmentPerson): boolean =>
      ['dormant', 'lost', 'relapsed', 'sunset'].includes(standing['shop']?.stage ?? '');
    const dormant = everybody.filter(isDormant);
    expect(dormant.length).toBeGreaterThan(10);
    const audience = { policyId: 'shop', stages: DORMANT_STAGES };
    const audienceOf = async (of: Audience, pageSize?: number): Promise<string[]> => {
      const people: string[] = [];
      for await (const page of audiencePages(events, of, MOMENT.now, pageSize)) people.push(...page);
      return people;
    };
    expect(await audienceOf(audience)).toHaveLength(dormant.length);
    const segment = parsed({ kind: 'not', of: { kind: 'did', event: 'Order Completed' } });
    const among = inMemory(segment, dormant);
    // In one page, in pages that divide the number of people, and in others.
    for (const pageSize of [undefined, among.length, 1, 4])
      expect(await audienceOf({ ...audience, segment }, pageSize), `pages of ${pageSize}`).toEqual(among);
  });

  test('of a policy that was never evaluated are refused', async () => {
    await expect(audiencePages(events, { policyId: 'none', stages: [] }, MOMENT.now).next()).rejects.toThrow(
      RekindleError,
    );
  });
});

test('who was frozen into a set is in it under the id she has now', async () => {
  const { events, close } = await temporaryEvents();
  try {
    await events.insert(
      'segment_snapshot_members',
      ['old', 'other'].map((person_id) => ({ snapshot_id: 'snap', person_id })),
    );
    const ask = async (): Promise<string[]> => {
      const segment = parsed({ kind: 'snapshot', id: 'snap' });
      const rows = await events.rows<{ person_id: string }>(peopleOf(segment, await personSource(events), MOMENT));
      return rows.map((row) => row.person_id).toSorted();
    };
    expect(await ask()).toEqual(['old', 'other']);
    await events.insert('person_links', [{ actor_id: 'old', person_id: 'new', version: 1 }]);
    expect(await ask()).toEqual(['new', 'other']);
    await events.insert('person_links', [{ actor_id: 'other', person_id: 'new', version: 1 }]);
    expect(await ask()).toEqual(['new']);
  } finally {
    await close();
  }
});

test('every example of the table is a valid condition, and has words in both languages', () => {
  for (const kind of CONDITION_KINDS)
    for (const example of CONDITIONS[kind].examples) {
      const segment = parsed(example);
      expect(segment.kind).toBe(kind);
      expect(explainSegment(segment, 'en')).not.toMatch(/undefined|NaN/);
      expect(explainSegment(segment, 'zh')).toMatch(/[\u3400-\u9fff]/);
      expect(entryOf(kind).label.zh).toMatch(/[\u3400-\u9fff]/);
    }
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
  const did = { kind: 'did', event: 'Order Completed' };
  test.each<[string, unknown, string]>([
    ['unknown operator', { kind: 'xor', of: [] }, 'segment.kind: "xor" is not known'],
    ['misspelt operator', { kind: 'did_nott' }, 'did you mean "did_not"?'],
    ['misspelt field', { ...did, withinDay: 3 }, 'segment: there is no field "withinDay"; did you mean "withinDays"?'],
    [
      'misspelt stage',
      { kind: 'stage', in: ['dormnat'] },
      'segment.in.0: "dormnat" is not known; did you mean "dormant"?',
    ],
    ['a window of no days', { ...did, withinDays: 0 }, 'segment.withinDays: a window has at least 1 day'],
    ['a window of 10,000 days', { ...did, withinDays: 10_000 }, 'a window has at most 3650 days'],
    ['half a day', { ...did, withinDays: 1.5 }, 'segment.withinDays'],
    ['no amount', { kind: 'spent', from: Number.NaN }, 'segment.from'],
    ['an endless amount', { kind: 'amount', event: 'x', from: Infinity }, 'segment.from'],
    ['half a cent', { kind: 'spent', from: 0.5 }, 'whole number of cents'],
    ['two tests of a trait', { kind: 'trait', name: 'a', equals: 1, exists: true }, 'exactly one test'],
    ['no test of a trait', { kind: 'trait', name: 'a' }, 'exactly one test'],
    ['windows that overlap', { kind: 'trend', event: 'x', days: 30, offsetDays: 7, is: 'less' }, 'overlap'],
    ['no day that is', { kind: 'first', event: 'x', onOrAfter: '2026-02-30' }, 'segment.onOrAfter'],
    ['unknown condition below', { kind: 'and', of: [{ kind: 'zodiac', in: ['leo'] }] }, 'segment.of.0.kind: "zodiac"'],
    ['empty and', { kind: 'and', of: [] }, 'segment.of'],
    ['empty or', { kind: 'or', of: [] }, 'segment.of'],
    ['unknown field', { kind: 'spent', from: 1, currency: 'EUR' }, 'there is no field "currency"'],
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
  expect(explainSegment(segment, 'zh')).toBe('（阶段为休眠，且非（30 天内至少 1 次“Order Refunded”））');
});
