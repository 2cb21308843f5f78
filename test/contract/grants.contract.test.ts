// One suite, both records adapters: the grant ledger under many hands. Budgets, capacities and limits are never exceeded.
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  closeOffer,
  createOffer,
  reserveGrants,
  revokeGrants,
  settleGrants,
  type Grant,
} from '../../src/decide/offers/grants.sql.ts';
import { redeemByNextOrder, redeemCode, redeemGrants } from '../../src/decide/offers/redemptions.sql.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import type { Records } from '../../src/stores/records/records.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { message } from '../support/rows.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const DAY = 86_400_000;
const plus = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
const UNIT = 1_000;

describe.each(RECORDS_KINDS)('grants on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`the ledger${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    const offer = (
      more: { offerId?: string; budgetCents?: number; capacity?: number; perPersonLimit?: number; terms?: object } = {},
    ) =>
      createOffer(
        store.records.db,
        {
          offerId: 'back',
          name: 'Back',
          terms: { kind: 'coupon', amountOffCents: 500, maxDiscountCents: UNIT, validDays: 30 },
          budgetCents: 100 * UNIT,
          capacity: 100,
          ...more,
        },
        NOW,
      );
    const reserve = (
      personIds: readonly string[],
      more: { offerId?: string; runId?: string; records?: Records; timeZone?: string; now?: Date } = {},
    ): Promise<Grant[]> =>
      (more.records ?? store.records).db.transaction().execute((tx) =>
        reserveGrants(tx, {
          offerId: more.offerId ?? 'back',
          programmeId: 'g1',
          runId: more.runId ?? 'r1',
          personIds,
          timeZone: more.timeZone ?? 'UTC',
          now: more.now ?? NOW,
        }),
      );
    const books = async (offerId = 'back') => {
      const row = await store.records.db
        .selectFrom('offers')
        .select(['granted', 'committed_cents'])
        .where('offer_id', '=', offerId)
        .executeTakeFirstOrThrow();
      return [row.granted, row.committed_cents];
    };
    const stateOf = async (grantId: string) =>
      (
        await store.records.db
          .selectFrom('grants')
          .select('state')
          .where('grant_id', '=', grantId)
          .executeTakeFirstOrThrow()
      ).state;
    const people = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `p${from + i}`);
    /** A message that carries the grant, in this state. */
    const carried = async (grant: Grant, state: string, step = 0): Promise<void> => {
      const row = message(grant.person_id, NOW, { grant_id: grant.grant_id, step });
      await planMessages(store.records.db, [row]);
      await sql`UPDATE messages SET state = ${state} WHERE message_id = ${row.message_id}`.execute(store.records.db);
    };
    /** What the offer's row says must be what its grants say. */
    const balances = async (): Promise<void> => {
      const { rows } = await sql<{
        offer_id: string;
        granted: number;
        held: number;
        committed: number;
        expected: number;
      }>`
        SELECT o.offer_id, o.granted, o.committed_cents AS committed,
          (SELECT count(*)::int FROM grants g WHERE g.offer_id = o.offer_id AND g.state <> 'revoked') AS held,
          (SELECT COALESCE(sum(LEAST(g.cost_cents, o.unit_cost_cents)), 0)::bigint FROM grants g WHERE g.offer_id = o.offer_id
            AND g.state IN ('reserved', 'issued', 'redeemed')) AS expected
        FROM offers o`.execute(store.records.db);
      for (const row of rows)
        expect([row.offer_id, row.granted, row.committed]).toEqual([row.offer_id, row.held, row.expected]);
    };

    it('reserves in order as far as budget, capacity and the person’s limit reach', async () => {
      await offer({ budgetCents: 3 * UNIT + 999 });
      expect((await reserve(people(0, 5))).map((grant) => grant.person_id).toSorted()).toEqual(['p0', 'p1', 'p2']);
      expect(await books()).toEqual([3, 3 * UNIT]);
      await offer({ offerId: 'few', capacity: 2 });
      expect(await reserve(people(0, 5), { offerId: 'few' })).toHaveLength(2);
      await offer({ offerId: 'twice', perPersonLimit: 2 });
      for (const [runId, expected] of [
        ['r1', 1],
        ['r2', 1],
        ['r3', 0],
      ] as const)
        expect(await reserve(['p0'], { offerId: 'twice', runId })).toHaveLength(expected);
      await balances();
    });

    it('returns the same grant to who asks again in the run', async () => {
      await offer();
      const [first] = await reserve(['p0']);
      const again = await reserve(['p1', 'p0']);
      expect(again.find((grant) => grant.person_id === 'p0')).toEqual(first);
      expect(await books()).toEqual([2, 2 * UNIT]);
      // The thirtieth day after the second of March is the first of April; all of it counts.
      expect(first!.expires_at).toEqual(new Date('2026-04-01T23:59:59.999Z'));
    });

    it('holds to the end of its last day where the business is', async () => {
      await offer();
      // At noon UTC it is 20:00 in Shanghai (UTC+8), and 04:00 in Los Angeles, which is seven hours behind by April.
      const [east] = await reserve(['p0'], { timeZone: 'Asia/Shanghai' });
      const [west] = await reserve(['p1'], { timeZone: 'America/Los_Angeles' });
      expect([east!.expires_at, west!.expires_at]).toEqual([
        new Date('2026-04-01T15:59:59.999Z'),
        new Date('2026-04-02T06:59:59.999Z'),
      ]);
    });

    it('holds every limit when many workers reserve at once', async () => {
      await offer({ budgetCents: 37 * UNIT, capacity: 40 });
      const batches = Array.from({ length: 12 }, (_, i) => people(i * 3, i * 3 + 12));
      await Promise.all(
        batches.map((personIds, i) => reserve(personIds, { runId: `r${i % 3}`, records: store.workers[i % 4]! })),
      );
      expect(await books()).toEqual([37, 37 * UNIT]);
      const grants = await store.records.db.selectFrom('grants').select(['person_id', 'code']).execute();
      expect(new Set(grants.map((grant) => grant.person_id)).size).toBe(37); // One each: the limit is per person, over all runs.
      expect(new Set(grants.map((grant) => grant.code)).size).toBe(37);
    });

    it('follows the messages: sent or maybe sent is issued, never to be sent is given back', async () => {
      await offer();
      const states = ['sent', 'unknown', 'failed', 'cancelled', 'refused', 'planned', 'sending'];
      const grants = (await reserve(people(0, states.length))).toSorted((a, b) =>
        a.person_id.localeCompare(b.person_id),
      );
      for (const [i, state] of states.entries()) await carried(grants[i]!, state);
      await settleGrants(store.records.db, NOW);
      expect(await Promise.all(grants.map((grant) => stateOf(grant.grant_id)))).toEqual([
        'issued',
        'issued',
        'revoked',
        'revoked',
        'revoked',
        'reserved',
        'reserved',
      ]);
      expect(await books()).toEqual([4, 4 * UNIT]);
      await settleGrants(store.records.db, NOW);
      expect(await books()).toEqual([4, 4 * UNIT]);
    });

    it('keeps a grant while a later message still brings it, and gives a new code after a lost one', async () => {
      await offer();
      const [grant] = await reserve(['p0']);
      await carried(grant!, 'refused', 0);
      await carried(grant!, 'planned', 2);
      await settleGrants(store.records.db, NOW);
      expect(await stateOf(grant!.grant_id)).toBe('reserved');
      await sql`UPDATE messages SET state = 'failed' WHERE step = 2`.execute(store.records.db);
      await settleGrants(store.records.db, NOW);
      expect([await stateOf(grant!.grant_id), await books()]).toEqual(['revoked', [0, 0]]);
      const [renewed] = await reserve(['p0'], { now: plus(NOW, DAY) });
      expect(renewed).toMatchObject({ grant_id: grant!.grant_id, expires_at: new Date('2026-04-02T23:59:59.999Z') });
      expect(renewed!.code).not.toBe(grant!.code);
      expect(
        await redeemGrants(store.records.db, [{ code: grant!.code, order_id: 'o', at: NOW, cost_cents: 1 }]),
      ).toEqual(new Set());
      await carried(renewed!, 'sent', 4);
      await settleGrants(store.records.db, NOW);
      expect([await stateOf(grant!.grant_id), await books()]).toEqual(['issued', [1, UNIT]]);
      await balances();
    });

    it('takes back what no message carries', async () => {
      await offer();
      const grants = await reserve(people(0, 3));
      await revokeGrants(
        store.records.db,
        grants.slice(0, 2).map((grant) => grant.grant_id),
      );
      await revokeGrants(
        store.records.db,
        grants.slice(0, 2).map((grant) => grant.grant_id),
      );
      expect(await books()).toEqual([1, UNIT]);
    });

    it('redeems a code once, up to its last moment, and charges what it cost', async () => {
      await offer();
      const [a, b, c, d] = await reserve(people(0, 4));
      const redeem = (code: string, more: { order_id?: string; at?: Date; cost_cents?: number } = {}) =>
        redeemGrants(store.records.db, [{ code, order_id: 'o1', at: plus(NOW, 1), cost_cents: 300, ...more }]);
      expect(await redeem(a!.code)).toEqual(new Set([a!.code]));
      expect(await books()).toEqual([4, 3 * UNIT + 300]);
      expect(await redeem(a!.code, { order_id: 'o2' })).toEqual(new Set());
      expect(await redeem('NO-SUCH-CODE')).toEqual(new Set());
      expect(await redeem(b!.code, { at: plus(b!.expires_at, 1) })).toEqual(new Set());
      expect(await redeem(b!.code, { at: b!.expires_at })).toEqual(new Set([b!.code]));
      // A shop that gave more than the terms allow cannot take more of the budget than was set aside.
      await redeem(c!.code, { cost_cents: 5 * UNIT });
      expect(await books()).toEqual([4, 2 * UNIT + 600]);
      // One code in two orders of one batch: the earlier order has it.
      await redeemGrants(store.records.db, [
        { code: d!.code, order_id: 'later', at: plus(NOW, 9), cost_cents: 1 },
        { code: d!.code, order_id: 'first', at: plus(NOW, 8), cost_cents: 2 },
      ]);
      const row = await store.records.db
        .selectFrom('grants')
        .select(['order_id', 'cost_cents', 'state'])
        .where('code', '=', d!.code)
        .executeTakeFirst();
      expect(row).toEqual({ order_id: 'first', cost_cents: 2, state: 'redeemed' });
      await balances();
    });

    it('gives the money of an expired code back two days later, but not its place', async () => {
      await offer();
      const [grant] = await reserve(['p0']);
      const closing = plus(grant!.expires_at, 2 * 86_400_000);
      await settleGrants(store.records.db, plus(closing, -1));
      expect(await books()).toEqual([1, UNIT]);
      await settleGrants(store.records.db, closing);
      expect([await stateOf(grant!.grant_id), await books()]).toEqual(['expired', [1, 0]]);
      expect(await reserve(['p0'], { runId: 'r2' })).toEqual([]);
      await balances();
    });

    it('redeems an order that was in time and is told of a day after the code expired', async () => {
      await offer();
      const [grant] = await reserve(['p0']);
      await settleGrants(store.records.db, plus(grant!.expires_at, 86_400_000));
      const redemption = { code: grant!.code, order_id: 'o1', at: plus(grant!.expires_at, -1), cost_cents: 300 };
      expect(await redeemGrants(store.records.db, [redemption])).toEqual(new Set([grant!.code]));
      expect(await books()).toEqual([1, 300]);
      await balances();
    });

    it('brings points with the first order after the message, and gives back what the bound had held', async () => {
      // 100 points and what a tripled order adds, at most 400: 500 points at two cents each hold 1,000 cents.
      const terms = {
        kind: 'points',
        points: 100,
        multiplier: 3,
        bonusPointsMax: 400,
        centsPer100Points: 200,
        validDays: 30,
      };
      await offer({ terms });
      const [a, b, c] = await reserve(people(0, 3));
      expect(await books()).toEqual([3, 3_000]);
      await carried(a!, 'sent');
      await carried(b!, 'sent');
      await carried(c!, 'cancelled');
      await sql`UPDATE messages SET sent_at = ${plus(NOW, 1_000)} WHERE state = 'sent'`.execute(store.records.db);
      const order = (person: string, more: object = {}) => ({
        person_id: person,
        order_id: `o-${person}`,
        at: plus(NOW, 2_000),
        amount_cents: 5_050,
        minor_units: 100,
        ...more,
      });
      // Before the message nothing was promised; to c none came.
      expect(await redeemByNextOrder(store.records.db, [order('p0', { at: plus(NOW, 999) }), order('p2')])).toEqual(
        new Set(),
      );
      // 50.50 earns 50.5 points; tripled, 101 more. With the fixed hundred: 201 points, 402 cents.
      expect(await redeemByNextOrder(store.records.db, [order('p0'), order('p0', { order_id: 'second' })])).toEqual(
        new Set([a!.code]),
      );
      // 1,000.00 would add 2,000: the bound says 400, so all that was held is spent.
      await redeemByNextOrder(store.records.db, [order('p1', { amount_cents: 100_000 })]);
      expect(await redeemByNextOrder(store.records.db, [order('p0', { at: plus(NOW, 3_000) })])).toEqual(new Set());
      expect(await books()).toEqual([3, 402 + 1_000 + 1_000]);
      await balances();
    });

    it('answers a till once for each code, and again for the same order', async () => {
      const terms = {
        kind: 'trial',
        product: { en: 'Plus', zh: '高级版' },
        trialDays: 7,
        costCents: 400,
        validDays: 30,
      };
      await offer({ terms });
      const [a, b] = await reserve(people(0, 2));
      const till = (code: string, more: object = {}) =>
        redeemCode(store.records.db, { code, orderId: 't1', costCents: null, at: plus(NOW, 1), ...more });
      await expect(till('NO-SUCH-CODE')).rejects.toMatchObject({ code: 'not_found' });
      await expect(till(a!.code, { personId: 'p1' })).rejects.toMatchObject({ code: 'conflict' });
      expect(await till(a!.code.toLowerCase(), { personId: 'p0' })).toMatchObject({
        state: 'redeemed',
        costCents: 400,
      });
      expect(await till(a!.code)).toMatchObject({ state: 'redeemed', orderId: 't1' });
      await expect(till(a!.code, { orderId: 't2' })).rejects.toMatchObject({
        details: { what: { en: expect.stringContaining('redeemed') } },
      });
      await expect(till(b!.code, { at: plus(b!.expires_at, 1) })).rejects.toMatchObject({
        details: { what: { en: expect.stringContaining('expired') } },
      });
      expect(await books()).toEqual([2, 800]);
    });

    it('gives no more of a closed offer, and keeps what it gave', async () => {
      await offer();
      const [grant] = await reserve(['p0']);
      await closeOffer(store.records.db, 'back', plus(NOW, 5));
      expect(await reserve(['p1'])).toEqual([]);
      expect(await reserve(['p0'])).toEqual([grant]);
      const redemption = { code: grant!.code, order_id: 'o1', at: plus(NOW, 9), cost_cents: 300 };
      expect(await redeemGrants(store.records.db, [redemption])).toEqual(new Set([grant!.code]));
      await expect(closeOffer(store.records.db, 'none', NOW)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('lets workers redeem and take back grants of several offers in any order at once', async () => {
      const offerIds = ['offer-a', 'offer-b', 'offer-c'];
      const grants: Grant[] = [];
      for (const offerId of offerIds) {
        await offer({ offerId, budgetCents: 100 * UNIT, capacity: 100 });
        grants.push(...(await reserve(people(0, 40), { offerId })));
      }
      const rounds = Array.from({ length: 12 }, (_, round) => {
        const worker = store.workers[round % 4]!.db;
        const some = grants.filter((_, i) => i % 12 === round);
        if (round % 2 === 1) some.reverse();
        return round % 3 === 0
          ? revokeGrants(
              worker,
              some.map((grant) => grant.grant_id),
            )
          : redeemGrants(
              worker,
              some.map(({ code }) => ({ code, order_id: `o-${code}`, at: plus(NOW, 1), cost_cents: 100 })),
            );
      });
      await Promise.all(rounds);
      const { rows } = await sql<{ state: string; grants: number }>`
        SELECT state, count(*)::int AS grants FROM grants GROUP BY state ORDER BY state`.execute(store.records.db);
      expect(rows).toEqual([
        { state: 'redeemed', grants: 80 },
        { state: 'revoked', grants: 40 },
      ]);
      await balances();
    });

    it('keeps its books through any interleaving of hands (property)', async () => {
      const step = fc.oneof(
        fc.record({
          do: fc.constant('reserve' as const),
          offer: fc.nat(1),
          from: fc.nat(9),
          many: fc.integer({ min: 1, max: 6 }),
          run: fc.nat(2),
        }),
        fc.record({
          do: fc.constant('redeem' as const),
          picks: fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }),
          discount: fc.nat(2_500),
        }),
        fc.record({ do: fc.constant('settle' as const), day: fc.nat(40) }),
        fc.record({ do: fc.constant('revoke' as const), pick: fc.nat(50) }),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
          async (rounds) => {
            await store.clear();
            const limits = [
              { budgetCents: 5 * UNIT, capacity: 9, perPersonLimit: 1 },
              { budgetCents: 20 * UNIT, capacity: 6, perPersonLimit: 2 },
            ];
            for (const [i, limit] of limits.entries()) await offer({ offerId: `offer-${i}`, ...limit });
            const codes: Grant[] = [];
            const redeemedCodes: string[] = [];
            for (const round of rounds) {
              await Promise.all(
                round.map(async (act, i) => {
                  const records = store.workers[i % store.workers.length]!;
                  switch (act.do) {
                    case 'reserve':
                      codes.push(
                        ...(await reserve(people(act.from, act.from + act.many), {
                          offerId: `offer-${act.offer}`,
                          runId: `r${act.run}`,
                          records,
                        })),
                      );
                      return;
                    case 'redeem': {
                      const picked = codes.length === 0 ? [] : act.picks.map((pick) => codes[pick % codes.length]!);
                      redeemedCodes.push(
                        ...(await redeemGrants(
                          records.db,
                          picked.map(({ code }) => ({
                            code,
                            order_id: `o${i}`,
                            at: plus(NOW, DAY),
                            cost_cents: act.discount,
                          })),
                        )),
                      );
                      return;
                    }
                    case 'settle':
                      await settleGrants(records.db, plus(NOW, act.day * DAY));
                      return;
                    default:
                      if (codes.length > 0) await revokeGrants(records.db, [codes[act.pick % codes.length]!.grant_id]);
                  }
                }),
              );
              await balances();
              const { rows } = await sql<{ most: number }>`SELECT COALESCE(max(n), 0)::int AS most FROM (
              SELECT count(*) - (SELECT per_person_limit FROM offers o WHERE o.offer_id = g.offer_id) AS n FROM grants g
              WHERE state <> 'revoked' GROUP BY offer_id, person_id) AS over`.execute(store.records.db);
              expect(rows[0]!.most).toBeLessThanOrEqual(0);
            }
            expect(new Set(redeemedCodes).size).toBe(redeemedCodes.length);
          },
        ),
        { numRuns: 20 },
      );
    });
  });
});
