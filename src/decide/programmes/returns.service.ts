// Someone came back: she leaves her programmes, her sunset ends, what is planned for her is cancelled, and what she took of her grants is redeemed.
// Runs inside ingest, before the sender of the event gets its answer; a sweep catches what a crash left between the two stores.
import { sql as recordsSql } from 'kysely';
import { numberOf, objectOf, textOf } from '../../kernel/json.ts';
import { p, sql } from '../../kernel/sql.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { AcceptedEvent } from '../../collect/ingest/incoming.ts';
import type { IngestObserver, JoinedActor } from '../../collect/ingest/ingest.service.ts';
import { endSunsets } from '../../reach/consent/re-permission.service.ts';
import { stopMessages } from '../../reach/messages/ledger.sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
import { listPolicies } from '../../understand/dormancy/policy.service.ts';
import { dayIn } from '../../kernel/days.ts';
import { inMoney, type MoneyRules } from '../../kernel/money-rules.ts';
import { minorDigits, toCents } from '../../kernel/money.ts';
import { REDEEMING_EVENTS } from '../offers/kinds.ts';
import {
  holdersOfPoints,
  oldestOpenGrant,
  redeemByNextOrder,
  redeemGrants,
  type NextOrder,
  type Redemption,
} from '../offers/redemptions.sql.ts';
import { loadProgramme } from './programmes.service.ts';
import { exitReturned } from './programmes.sql.ts';

/** What ends for a person by which events: programmes over a policy, and the policy's own sunset, where it has one. */
type Watch = {
  readonly policyId: string;
  readonly programmeIds: readonly string[];
  readonly sunsets: boolean;
  readonly activity: ReadonlySet<string>;
};

export type ReturnWatcher = {
  readonly observe: IngestObserver;
  /** Exits people whose return was the act of another id, which is hers from now on. */
  readonly joined: (actors: readonly JoinedActor[], now: Date) => Promise<void>;
  /** Exits members whose return was recorded but not acted upon (a crash in between), and redeems the coupons of such orders. */
  readonly sweep: (now: Date) => Promise<number>;
  /** Forgets what is remembered of programmes and policies; it is also checked at every round. */
  readonly refresh: () => void;
};

/** What an event says of something taken. */
type Taken = Pick<AcceptedEvent, 'name' | 'properties' | 'orderId' | 'occurredAt' | 'amountCents' | 'currency'>;

type TakenRow = {
  readonly message_id: string;
  readonly person_id: string;
  readonly name: string;
  readonly order_id: string;
  readonly at: string;
  readonly amount_cents: number;
  readonly currency: string;
  readonly properties: string;
};

/** What the watches were made from: one short query tells whether they still hold, in whichever process they were changed. */
async function watchMark(records: Records): Promise<string> {
  const { rows } = await recordsSql<{ mark: string }>`
    SELECT concat_ws('/', programme_id, version) AS mark FROM programmes WHERE state <> 'draft'
    UNION ALL SELECT concat_ws('/', policy_id, version) FROM dormancy_policies WHERE active
    ORDER BY mark`.execute(records.db);
  return rows.map((row) => row.mark).join(' ');
}

async function loadWatches(records: Records): Promise<Watch[]> {
  // Paused and ended programmes are watched too: their members' outcomes still close.
  const rows = await records.db.selectFrom('programmes').select('programme_id').where('state', '<>', 'draft').execute();
  const byPolicy = new Map<string, string[]>();
  for (const row of rows) {
    const { programme } = await loadProgramme(records, row.programme_id);
    if (!programme.exitOnReturn) continue;
    byPolicy.set(programme.audience.policyId, [...(byPolicy.get(programme.audience.policyId) ?? []), row.programme_id]);
  }
  const watches: Watch[] = [];
  for (const { policy, active } of await listPolicies(records)) {
    const { policyId, activity } = policy;
    const programmeIds = byPolicy.get(policyId) ?? [];
    const sunsets = policy.sunset !== undefined;
    if (active && (programmeIds.length > 0 || sunsets))
      watches.push({ policyId, programmeIds, sunsets, activity: new Set(activity) });
  }
  return watches;
}

/** When and by which rules amounts are money. */
type Accounts = { readonly timeZone: string; readonly money: () => MoneyRules };

/** What an amount of the event is in the business's money; null where it is none. */
const moneyOf = (event: Taken, cents: number, { timeZone, money }: Accounts): number | null =>
  inMoney(money(), cents, event.currency, dayIn(event.occurredAt, timeZone));

/** What an event says was taken by its code. */
const redemptionOf = (event: Taken, accounts: Accounts): Redemption | undefined => {
  if (!REDEEMING_EVENTS.has(event.name)) return undefined;
  const isOrder = event.name === 'Order Completed';
  const code = isOrder
    ? (textOf(event.properties['coupon']) ?? textOf(event.properties['coupon_code']))
    : textOf(event.properties['code']);
  if (code === undefined) return undefined;
  // An order without a discount cost nothing; elsewhere what is not said cost what was set aside.
  const cost = numberOf(event.properties[isOrder ? 'discount' : 'cost']) ?? (isOrder ? 0 : null);
  return {
    code: code.toUpperCase(),
    order_id: event.orderId,
    at: event.occurredAt,
    // A discount is not larger than any ledger can hold, whatever the sender says. One that is no money of the business cost what was set aside.
    cost_cents:
      cost === null ? null : cost > 0 && cost < 1e9 ? moneyOf(event, toCents(cost, event.currency), accounts) : 0,
  };
};

/** Nothing where the order is no money of the business: points are earned on money, and wait for an order that is. */
const nextOrderOf = (personId: string, event: Taken, accounts: Accounts): readonly NextOrder[] => {
  const cents = moneyOf(event, event.amountCents, accounts);
  if (cents === null) return [];
  return [
    {
      person_id: personId,
      order_id: event.orderId,
      at: event.occurredAt,
      amount_cents: cents,
      minor_units: 10 ** minorDigits(accounts.money().currency),
    },
  ];
};

/** The events store prints instants as `2026-11-22 10:00:00.000`, in UTC. */
const instantOf = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`);

const SWEPT_AT_ONCE = 20_000;

/**
 * When the first of these people (absent: of all) entered one of the programmes, of those who have not left it by returning, or was given up by the
 * policy; undefined where there is nobody whose return would change anything.
 */
async function openSince(
  records: Records,
  { policyId, programmeIds, sunsets }: Watch,
  personIds?: readonly string[],
): Promise<Date | undefined> {
  const among = personIds === undefined ? recordsSql`true` : recordsSql`person_id = ANY(${[...personIds]}::text[])`;
  const { rows } = await recordsSql<{ since: Date | null }>`
    SELECT LEAST(
      (SELECT min(enrolled_at) FROM members WHERE programme_id = ANY(${[...programmeIds]}::text[])
        AND end_reason IS DISTINCT FROM 'returned' AND ${among}),
      (SELECT min(since_on)::timestamptz FROM sunsets WHERE ${sunsets} AND policy_id = ${policyId} AND ended_on IS NULL AND ${among})
    ) AS since`.execute(records.db);
  return rows[0]?.since ?? undefined;
}

/** Redeems what open grants were used for in events that are in the store; a code that is closed stays as it is. */
async function sweepRedemptions(records: Records, events: Events, accounts: Accounts): Promise<void> {
  const oldest = await oldestOpenGrant(records.db);
  if (oldest === undefined) return;
  const holders = new Set(await holdersOfPoints(records.db));
  const source = await personSource(events);
  const others = p.texts([...REDEEMING_EVENTS].filter((name) => name !== 'Order Completed'));
  const orders = holders.size > 0 ? sql`1` : sql`properties LIKE '%"coupon%'`;
  for (let after = ''; ;) {
    const rows = await events.rows<TakenRow>(sql`
      SELECT message_id, person_id, name, order_id, toString(occurred_at) AS at, amount_cents, currency, properties FROM ${source.events}
      WHERE (name IN ${others} OR (name = 'Order Completed' AND ${orders})) AND day >= toDate(${p.instant(oldest)}) - 1
        AND message_id > ${p.text(after)}
      ORDER BY message_id LIMIT 5000`);
    if (rows.length === 0) return;
    const taken = rows.map((row) => ({
      personId: row.person_id,
      name: row.name,
      properties: objectOf(JSON.parse(row.properties) as unknown),
      orderId: row.order_id,
      occurredAt: instantOf(row.at),
      amountCents: row.amount_cents,
      currency: row.currency,
    }));
    await redeemGrants(
      records.db,
      taken.flatMap((event) => redemptionOf(event, accounts) ?? []),
    );
    const next = taken.filter((event) => event.name === 'Order Completed' && holders.has(event.personId));
    await redeemByNextOrder(
      records.db,
      next.flatMap((event) => nextOrderOf(event.personId, event, accounts)),
    );
    after = rows.at(-1)!.message_id;
  }
}

export function watchReturns(records: Records, events: Events, accounts: Accounts): ReturnWatcher {
  const { timeZone } = accounts;
  let loaded: { readonly watches: readonly Watch[]; readonly mark: string } | undefined;
  const watches = async (): Promise<readonly Watch[]> => {
    const mark = await watchMark(records);
    if (loaded?.mark !== mark) loaded = { watches: await loadWatches(records), mark };
    return loaded.watches;
  };

  const exit = async (
    { policyId, programmeIds, sunsets }: Watch,
    returns: readonly { person_id: string; at: Date }[],
    now: Date,
  ): Promise<number> => {
    // All or nothing: who is out is not found again, so her messages would not be stopped by a second try.
    return inTransaction(records.db, async (tx) => {
      const exited = programmeIds.length === 0 ? [] : await exitReturned(tx, programmeIds, returns, now);
      for (const [programmeId, people] of Map.groupBy(exited, (row) => row.programme_id)) {
        await stopMessages(tx, { personIds: people.map((row) => row.person_id), programmeId, code: 'returned', now });
      }
      if (sunsets) await endSunsets(tx, policyId, returns, { timeZone, now });
      return exited.length;
    });
  };

  const takePoints = async (accepted: readonly AcceptedEvent[]): Promise<void> => {
    const orders = accepted.filter((event) => event.name === 'Order Completed');
    if (orders.length === 0) return;
    const links = await linkedPeople(records.db, [...new Set(orders.map((event) => event.actorId))]);
    await redeemByNextOrder(
      records.db,
      orders.flatMap((event) => nextOrderOf(links.get(event.actorId) ?? event.actorId, event, accounts)),
    );
  };

  const joined = async (actors: readonly JoinedActor[], now: Date): Promise<void> => {
    if (actors.length === 0) return;
    // Her own acts too: of two people who are one now, either may have been the one who came back.
    const personOf = new Map(
      actors.flatMap(({ actor_id, person_id }) => [[person_id, person_id] as const, [actor_id, person_id] as const]),
    );
    for (const watch of await watches()) {
      const since = await openSince(records, watch, [...new Set(personOf.values())]);
      if (since === undefined) continue;
      const rows = await events.rows<{ actor_id: string; at: string }>(sql`
        SELECT actor_id, toString(max(last_at)) AS at FROM actor_days
        WHERE name IN ${p.texts([...watch.activity])} AND actor_id IN ${p.texts([...personOf.keys()])}
          AND day >= toDate(${p.instant(since)}) - 1
        GROUP BY actor_id`);
      const returns = rows.map((row) => ({ person_id: personOf.get(row.actor_id)!, at: instantOf(row.at) }));
      if (returns.length > 0) await exit(watch, returns, now);
    }
  };

  return {
    joined,
    observe: async (accepted, actors, now) => {
      await redeemGrants(
        records.db,
        accepted.flatMap((event) => redemptionOf(event, accounts) ?? []),
      );
      await takePoints(accepted);
      for (const watch of await watches()) {
        const acts = accepted.filter((event) => watch.activity.has(event.name));
        if (acts.length === 0) continue;
        const links = await linkedPeople(records.db, [...new Set(acts.map((event) => event.actorId))]);
        const latest = new Map<string, Date>();
        for (const event of acts) {
          const personId = links.get(event.actorId) ?? event.actorId;
          const known = latest.get(personId);
          if (known === undefined || known < event.occurredAt) latest.set(personId, event.occurredAt);
        }
        await exit(
          watch,
          [...latest].map(([person_id, at]) => ({ person_id, at })),
          now,
        );
      }
      await joined(actors, now);
    },
    sweep: async (now) => {
      let exited = 0;
      await sweepRedemptions(records, events, accounts);
      const source = await personSource(events);
      for (const watch of await loadWatches(records)) {
        const since = await openSince(records, watch);
        if (since === undefined) continue;
        // Whoever is no member is passed over by the exit's own guard; reading all members to know it would hold a large programme at once.
        for (let after = ''; ;) {
          const rows = await events.rows<{ person_id: string; at: string }>(sql`
            SELECT person_id, toString(max(last_at)) AS at FROM ${source.days}
            WHERE name IN ${p.texts([...watch.activity])} AND day >= toDate(${p.instant(since)}) - 1 AND person_id > ${p.text(after)}
            GROUP BY person_id ORDER BY person_id LIMIT ${p.int(SWEPT_AT_ONCE)}`);
          const returns = rows.map((row) => ({ person_id: row.person_id, at: instantOf(row.at) }));
          if (returns.length > 0) exited += await exit(watch, returns, now);
          if (rows.length < SWEPT_AT_ONCE) break;
          after = rows.at(-1)!.person_id;
        }
      }
      return exited;
    },
    refresh: () => {
      loaded = undefined;
    },
  };
}
