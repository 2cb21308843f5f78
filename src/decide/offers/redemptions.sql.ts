// She took what she was given: by its code, or, for points, with her next order. A grant is redeemed once; what it did not use of the money set
// aside for it goes back to the budget in the same statement.
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { offersInOrder } from './grants.sql.ts';

export type Redemption = {
  readonly code: string;
  readonly order_id: string;
  readonly at: Date;
  /** What it cost; null: as much as was set aside. */
  readonly cost_cents: number | null;
};

/** Redeems codes once each; a second order with the same code, an expired or an unknown code changes nothing. Returns the codes redeemed. */
export async function redeemGrants(db: RecordsDb, redemptions: readonly Redemption[]): Promise<Set<string>> {
  if (redemptions.length === 0) return new Set();
  const redeemed = await sql<{ code: string }>`
    WITH used AS (
      SELECT DISTINCT ON (code) * FROM jsonb_to_recordset(${JSON.stringify(redemptions)}::jsonb)
        AS r (code text, order_id text, at timestamptz, cost_cents bigint) ORDER BY code, at
    ), before AS (
      SELECT g.grant_id AS id, g.cost_cents AS held, u.* FROM used u JOIN grants g ON g.code = u.code ORDER BY g.grant_id FOR UPDATE OF g
    ), closed AS (
      UPDATE grants g SET state = 'redeemed', redeemed_at = b.at, order_id = b.order_id, cost_cents = COALESCE(b.cost_cents, b.held)
      FROM before b WHERE g.grant_id = b.id AND g.state IN ('reserved', 'issued') AND g.expires_at >= b.at
      RETURNING g.code, g.offer_id, b.held, g.cost_cents
    ), sums AS (SELECT offer_id, sum(held - LEAST(cost_cents, held))::bigint AS freed FROM closed GROUP BY offer_id
    ), freed AS (
      UPDATE offers o SET committed_cents = o.committed_cents - s.freed FROM (${offersInOrder}) s WHERE o.offer_id = s.offer_id RETURNING o.offer_id
    )
    SELECT code FROM closed`.execute(db);
  return new Set(redeemed.rows.map((row) => row.code));
}

export type NextOrder = {
  readonly person_id: string;
  readonly order_id: string;
  readonly at: Date;
  readonly amount_cents: number;
  /** Minor units in a whole one: 100 cents. */
  readonly minor_units: number;
};

/**
 * Points come with the first order after the message that promised them left: the fixed ones, and what the multiplier adds to what that order
 * earns, up to its bound. Returns the codes redeemed.
 */
export async function redeemByNextOrder(db: RecordsDb, orders: readonly NextOrder[]): Promise<Set<string>> {
  if (orders.length === 0) return new Set();
  const redeemed = await sql<{ code: string }>`
    WITH told AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(orders)}::jsonb)
        AS r (person_id text, order_id text, at timestamptz, amount_cents bigint, minor_units integer)
    ), first_order AS (
      SELECT DISTINCT ON (g.grant_id) g.grant_id, t.order_id, t.at, t.amount_cents, t.minor_units, o.definition -> 'terms' AS terms
      FROM told t JOIN grants g ON g.person_id = t.person_id JOIN offers o ON o.offer_id = g.offer_id AND o.kind = 'points'
      WHERE g.state IN ('reserved', 'issued') AND t.at <= g.expires_at
        AND EXISTS (SELECT 1 FROM messages m WHERE m.grant_id = g.grant_id AND m.state IN ('sent', 'unknown')
          AND COALESCE(m.sent_at, m.claimed_at) <= t.at)
      ORDER BY g.grant_id, t.at, t.order_id
    ), credited AS (
      SELECT grant_id, order_id, at, (terms ->> 'centsPer100Points')::bigint AS rate,
        (terms ->> 'points')::bigint + LEAST((terms ->> 'bonusPointsMax')::bigint,
          floor(GREATEST(amount_cents, 0)::numeric / minor_units * (terms ->> 'pointsPerUnit')::numeric * ((terms ->> 'multiplier')::numeric - 1))::bigint) AS points
      FROM first_order
    ), before AS (
      SELECT g.grant_id AS id, g.cost_cents AS held, c.order_id, c.at, LEAST(g.cost_cents, ceil(c.points * c.rate / 100.0)::bigint) AS cost
      FROM credited c JOIN grants g ON g.grant_id = c.grant_id ORDER BY g.grant_id FOR UPDATE OF g
    ), closed AS (
      UPDATE grants g SET state = 'redeemed', redeemed_at = b.at, order_id = b.order_id, cost_cents = b.cost
      FROM before b WHERE g.grant_id = b.id AND g.state IN ('reserved', 'issued')
      RETURNING g.code, g.offer_id, b.held, g.cost_cents
    ), sums AS (SELECT offer_id, sum(held - cost_cents)::bigint AS freed FROM closed GROUP BY offer_id
    ), freed AS (
      UPDATE offers o SET committed_cents = o.committed_cents - s.freed FROM (${offersInOrder}) s WHERE o.offer_id = s.offer_id RETURNING o.offer_id
    )
    SELECT code FROM closed`.execute(db);
  return new Set(redeemed.rows.map((row) => row.code));
}

/** When the oldest grant that can still be redeemed was made. */
export async function oldestOpenGrant(db: RecordsDb): Promise<Date | undefined> {
  const row = await db
    .selectFrom('grants')
    .select((eb) => eb.fn.min<Date | null>('reserved_at').as('at'))
    .where('state', 'in', ['reserved', 'issued'])
    .executeTakeFirst();
  return row?.at ?? undefined;
}

/** People who hold points that their next order would bring. */
export async function holdersOfPoints(db: RecordsDb): Promise<string[]> {
  const rows = await sql<{ person_id: string }>`
    SELECT DISTINCT g.person_id FROM grants g JOIN offers o ON o.offer_id = g.offer_id AND o.kind = 'points'
    WHERE g.state IN ('reserved', 'issued') ORDER BY 1`.execute(db);
  return rows.rows.map((row) => row.person_id);
}

export type GrantRow = {
  readonly grantId: string;
  readonly offerId: string;
  readonly personId: string;
  readonly code: string;
  readonly state: 'reserved' | 'issued' | 'redeemed' | 'expired' | 'revoked';
  readonly costCents: number;
  readonly reservedAt: Date;
  readonly issuedAt: Date | null;
  readonly expiresAt: Date;
  readonly redeemedAt: Date | null;
  readonly orderId: string | null;
};

const grantRows = (db: RecordsDb) =>
  db
    .selectFrom('grants')
    .select([
      'grant_id as grantId',
      'offer_id as offerId',
      'person_id as personId',
      'code',
      'state',
      'cost_cents as costCents',
      'reserved_at as reservedAt',
      'issued_at as issuedAt',
      'expires_at as expiresAt',
      'redeemed_at as redeemedAt',
      'order_id as orderId',
    ]);

/** What a code stands for. Throws `not_found`. */
export async function grantByCode(db: RecordsDb, code: string): Promise<GrantRow> {
  const row = await grantRows(db).where('code', '=', code.trim().toUpperCase()).executeTakeFirst();
  if (row === undefined) throw new RekindleError('not_found', { what: { en: `code ${code}`, zh: `优惠码 ${code}` } });
  return row;
}

/** The latest grants of an offer first. */
export const listGrants = (
  db: RecordsDb,
  offerId: string,
  filter: { readonly state?: GrantRow['state'] | undefined; readonly limit: number },
): Promise<GrantRow[]> => {
  const all = grantRows(db).where('offer_id', '=', offerId);
  return (filter.state === undefined ? all : all.where('state', '=', filter.state))
    .orderBy('reserved_at', 'desc')
    .orderBy('grant_id')
    .limit(filter.limit)
    .execute();
};

/**
 * Redeems a code at a till or a checkout. Throws `not_found` for a code nobody has, `conflict` when it is used, expired, taken back, or
 * another person's.
 */
export async function redeemCode(
  db: RecordsDb,
  input: {
    readonly code: string;
    readonly personId?: string | undefined;
    readonly orderId: string;
    readonly costCents: number | null;
    readonly at: Date;
  },
): Promise<GrantRow> {
  const grant = await grantByCode(db, input.code);
  if (input.personId !== undefined && input.personId !== grant.personId)
    throw new RekindleError('conflict', {
      what: { en: `code ${grant.code} was given to somebody else`, zh: `优惠码 ${grant.code} 属于他人` },
    });
  const redemption = { code: grant.code, order_id: input.orderId, at: input.at, cost_cents: input.costCents };
  const redeemed = await redeemGrants(db, [redemption]);
  const after = await grantByCode(db, grant.code);
  // The same order asking again has its answer; a till that lost the first one is not told no.
  if (redeemed.size === 0 && !(after.state === 'redeemed' && after.orderId === input.orderId)) {
    const why = after.state === 'issued' || after.state === 'reserved' ? 'expired' : after.state;
    throw new RekindleError('conflict', {
      what: { en: `code ${grant.code} is ${why}`, zh: `优惠码 ${grant.code} 的状态为 ${why}` },
    });
  }
  return after;
}
