// A scope holds whatever a segment holds: for random conditions of every operator it chooses the people that memory chooses. Only what would
// follow from the policy itself is refused, whichever way round it is written, and what the past does not tell is refused for past days.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryEvents } from '../../../test/support/events-store.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import {
  AS_OF,
  LEAVES,
  MOMENT,
  POLICIES,
  randomPeople,
  randomTree,
  storePeople,
} from '../../../test/support/segment-world.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { addDays } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { STANDING } from '../segments/operators/standing.ts';
import type { SegmentContext } from '../segments/questions.service.ts';
import { matchesSegment, parseSegment, type ResolvedSegment } from '../segments/segment.ts';
import { saveSegment, segmentSchema } from '../segments/segments.service.ts';
import { backtestPolicy } from './backtest.service.ts';
import { evaluatePolicy, scopeOf } from './evaluate.service.ts';
import { activatePolicy, savePolicy, showPolicy } from './policy.service.ts';
import { parsePolicy, type DormancyPolicy } from './policy.ts';
import { PRESETS } from './presets.ts';
import { dependentsLast } from './scope-policies.service.ts';
import { usablePolicy } from './usable-policy.service.ts';

const ACTIVITY = ['Order Completed'];
const policyOf = (policyId: string, scope?: unknown): DormancyPolicy =>
  parsePolicy({ ...PRESETS.shop, policyId, activity: ACTIVITY, ...(scope === undefined ? {} : { scope }) });

/** A condition on stages or reasons in a scope says whose. */
function named(node: unknown): unknown {
  if (typeof node !== 'object' || node === null || !('kind' in node)) return node;
  if ('of' in node) return { ...node, of: Array.isArray(node.of) ? node.of.map(named) : named(node.of) };
  return Object.hasOwn(STANDING, String(node.kind)) ? { policyId: 'shop', ...node } : node;
}

describe('a scope', () => {
  const everybody = randomPeople('scopes', 100);
  let events: Events;
  let records: Records;
  let context: SegmentContext;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    records = await newRecords();
    await storePeople(events, everybody);
    for (const id of POLICIES) await savePolicy({ events, records }, policyOf(id), MOMENT.now);
    context = {
      records,
      events,
      timeZone: 'UTC',
      channels: ['email', 'sms'],
      refreshFacts: () => Promise.resolve(),
      writeConsentWords: () => Promise.resolve(),
    };
  });
  afterAll(async () => {
    await records.close();
    await close();
  });

  const inScope = async (scope: unknown): Promise<string[]> => {
    const asked = scopeOf(events, { policy: policyOf('narrow', scope), now: MOMENT.now, scopes: context });
    try {
      const source = await personSource(events);
      const within = await asked.on(AS_OF, source);
      const rows = await events.rows<{ person_id: string }>(sql`
        SELECT DISTINCT person_id FROM ${source.days}
        WHERE name IN ${p.texts(ACTIVITY)} AND day <= ${p.day(AS_OF)} AND ${within!}`);
      return rows.map((row) => row.person_id).toSorted();
    } finally {
      await asked.close();
    }
  };
  const inMemory = (scope: unknown): string[] =>
    everybody
      .filter((person) => person.events.some((event) => ACTIVITY.includes(event.name) && event.day <= AS_OF))
      .filter((person) => matchesSegment(parseSegment(scope) as ResolvedSegment, person, MOMENT))
      .map((person) => person.personId)
      .toSorted();

  test.each(Object.entries(LEAVES))('may hold, and means, what a segment means: %s', async (_, leaf) => {
    const scopes = (leaf as fc.Arbitrary<unknown>).map(named);
    const separating = fc.sample(scopes, 500).find((scope) => inMemory(scope).length > 0);
    expect(separating).toBeDefined();
    await fc.assert(
      fc.asyncProperty(scopes, async (scope) => {
        expect(await inScope(scope)).toEqual(inMemory(scope));
      }),
      { numRuns: 5, examples: [[separating]] },
    );
  });

  test('may be a tree of anything', async () => {
    await fc.assert(
      fc.asyncProperty((randomTree as fc.Arbitrary<unknown>).map(named), async (scope) => {
        expect(await inScope(scope)).toEqual(inMemory(scope));
      }),
      { numRuns: 40 },
    );
  });

  test('is asked by the evaluation: nobody else gets a stage', async () => {
    const scope = {
      kind: 'or',
      of: [
        { kind: 'consent', channel: 'email', is: 'granted' },
        { kind: 'stage', in: ['dormant', 'lost'], policyId: 'app' },
      ],
    };
    const policy = policyOf('evaluated', scope);
    await evaluatePolicy(events, { policy, version: 1, asOf: AS_OF, now: MOMENT.now, scopes: context });
    const rows = await events.rows<{ person_id: string }>(
      sql`SELECT person_id FROM person_states FINAL WHERE policy_id = 'evaluated' ORDER BY person_id`,
    );
    expect(rows.map((row) => row.person_id).toSorted()).toEqual(inMemory(scope));
  });

  test('refuses what follows from the policy itself, at its place', async () => {
    const own = {
      kind: 'and',
      of: [
        { kind: 'bucket', salt: 's', to: 1 },
        { kind: 'not', of: { kind: 'stage', in: ['new'], policyId: 'narrow' } },
      ],
    };
    expect(() => policyOf('narrow', own)).toThrow(
      expect.objectContaining({
        code: 'scope_cycle',
        details: expect.objectContaining({ where: 'policy.scope.of.1.of' }),
      }),
    );
    expect(() => policyOf('narrow', { kind: 'rfm', in: ['LOYAL'] })).toThrow(
      /policy\.scope: "rfm" belongs to a policy/,
    );
    await expect(
      usablePolicy(context, { ...policyOf('narrow'), scope: { kind: 'stage', in: ['new'], policyId: 'none' } }),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('refuses a way that leads back, when saved and when an older version comes back', async () => {
    const stores = { events, records };
    const looksAt = (id: string) => ({ kind: 'stage', in: ['dormant'], policyId: id });
    await savePolicy(stores, policyOf('first'), MOMENT.now);
    await savePolicy(stores, policyOf('second', looksAt('first')), MOMENT.now);
    await savePolicy(stores, policyOf('third', looksAt('second')), MOMENT.now);
    await expect(savePolicy(stores, policyOf('first', looksAt('third')), MOMENT.now)).rejects.toMatchObject({
      code: 'scope_cycle',
      details: { way: 'first → third → second → first' },
    });
    await savePolicy(stores, policyOf('second'), MOMENT.now);
    await savePolicy(stores, policyOf('first', looksAt('third')), MOMENT.now);
    await expect(activatePolicy(records, 'second', 1)).rejects.toMatchObject({ code: 'scope_cycle' });
    const order = dependentsLast([
      { policy: policyOf('a', looksAt('c')) },
      { policy: policyOf('b') },
      { policy: policyOf('c', looksAt('b')) },
    ]);
    expect(order.map(({ policy }) => policy.policyId)).toEqual(['b', 'c', 'a']);
  });

  test('keeps the conditions a saved segment had when the version was saved', async () => {
    const tree = { kind: 'consent', channel: 'email', is: 'granted' };
    const keep = (segment: object, mode: 'create' | 'change') =>
      saveSegment(
        context,
        segmentSchema.parse({ segmentId: 'allowed', name: 'Allowed', segment, watched: false }),
        mode,
        MOMENT.now,
      );
    await keep(tree, 'create');
    const scope = { kind: 'not', of: { kind: 'segment', id: 'allowed' } };
    await savePolicy({ events, records }, policyOf('pinned', scope), MOMENT.now);
    await keep({ kind: 'global_control' }, 'change');
    const saved = await showPolicy(records, 'pinned');
    expect(saved.policy.scope).toEqual({ kind: 'not', of: parseSegment(tree) });
    await expect(
      savePolicy({ events, records }, policyOf('pinned', { kind: 'segment', id: 'allowd' }), MOMENT.now),
    ).rejects.toThrow(/did you mean "allowed"/i);
  });

  test.each([
    ['reachable', { kind: 'reachable', channel: 'email' }],
    ['reason', { kind: 'reason', in: ['forgot'], policyId: 'shop' }],
  ])('refuses to say of a past day what is only known of today: %s', async (condition, scope) => {
    const asked = backtestPolicy(events, {
      policy: policyOf('past', { kind: 'and', of: [scope] }),
      on: [addDays(AS_OF, -20)],
      now: MOMENT.now,
      scopes: context,
    });
    await expect(asked).rejects.toMatchObject({
      code: 'past_unknown',
      details: { where: 'policy.scope.of.0', condition, day: addDays(AS_OF, -20) },
    });
  });

  test('says on a past day what another policy said then, and what people liked then', async () => {
    const on = addDays(AS_OF, -20);
    const days = await personSource(events);
    const counted = async (scope: unknown): Promise<number> => {
      const {
        days: [day],
      } = await backtestPolicy(events, { policy: policyOf('past', scope), on: [on], now: MOMENT.now, scopes: context });
      return day!.people;
    };
    // The published states are random; judged for that day, somebody is new exactly where her first order is no older than `newDays`.
    const [expected] = await events.rows<{ people: number }>(sql`
      SELECT count() AS people FROM (SELECT person_id FROM ${days.days} WHERE name = 'Order Completed' AND day <= ${p.day(on)}
        GROUP BY person_id HAVING min(day) > ${p.day(addDays(on, -PRESETS.shop.newDays))})`);
    expect(expected!.people).toBeGreaterThan(3);
    expect(await counted({ kind: 'stage', in: ['new'], policyId: 'shop' })).toBe(expected!.people);
    // Whoever ordered by then had a usual hour then; the published ones are random, and many have none.
    expect(await counted({ kind: 'usual_hour', from: 0 })).toBe(
      everybody.filter((person) => person.events.some((event) => event.name === 'Order Completed' && event.day <= on))
        .length,
    );
  });
});
