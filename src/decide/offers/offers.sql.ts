// Which offers are there, how much of each is given away, and what is still owed?
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { offerSchema, type Offer } from './offer.ts';

export type OfferFigures = {
  readonly offer: Offer;
  /** Places taken: everything that was given and not taken back. */
  readonly granted: number;
  readonly redeemed: number;
  readonly expired: number;
  /** Grants that may still be redeemed, and what they would cost at worst: what the business owes. */
  readonly open: number;
  readonly liabilityCents: number;
  /** What redemptions have cost. */
  readonly spentCents: number;
  /** Liability and spending together, never above the budget. */
  readonly committedCents: number;
  /** Open grants whose last day is within a week. */
  readonly expiringSoon: number;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
};

type FiguresRow = Omit<OfferFigures, 'offer'> & { readonly definition: unknown };

/** Every offer, or one; the oldest first. */
async function figures(db: RecordsDb, now: Date, offerId: string | undefined): Promise<OfferFigures[]> {
  const rows = await sql<FiguresRow>`
    SELECT o.definition, o.granted, o.committed_cents AS "committedCents", o.created_at AS "createdAt", o.closed_at AS "closedAt",
      count(g.*) FILTER (WHERE g.state = 'redeemed')::int AS redeemed,
      count(g.*) FILTER (WHERE g.state = 'expired')::int AS expired,
      count(g.*) FILTER (WHERE g.state IN ('reserved', 'issued'))::int AS open,
      COALESCE(sum(g.cost_cents) FILTER (WHERE g.state IN ('reserved', 'issued')), 0)::bigint AS "liabilityCents",
      COALESCE(sum(g.cost_cents) FILTER (WHERE g.state = 'redeemed'), 0)::bigint AS "spentCents",
      count(g.*) FILTER (WHERE g.state IN ('reserved', 'issued') AND g.expires_at <= ${now}::timestamptz + interval '7 days')::int AS "expiringSoon"
    FROM offers o LEFT JOIN grants g ON g.offer_id = o.offer_id
    WHERE ${offerId === undefined ? sql`true` : sql`o.offer_id = ${offerId}`}
    GROUP BY o.offer_id ORDER BY o.created_at, o.offer_id`.execute(db);
  return rows.rows.map(({ definition, ...row }) => ({ offer: offerSchema.parse(definition), ...row }));
}

export const listOffers = (db: RecordsDb, now: Date): Promise<OfferFigures[]> => figures(db, now, undefined);

/** Throws `not_found`. */
export async function showOffer(db: RecordsDb, offerId: string, now: Date): Promise<OfferFigures> {
  const [row] = await figures(db, now, offerId);
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `offer ${offerId}`, zh: `优惠 ${offerId}` } });
  return row;
}

export type RedemptionDay = { readonly day: string; readonly redeemed: number; readonly costCents: number };

/** Redemptions per business day, days without any left out; the oldest first. */
export async function redemptionsByDay(
  db: RecordsDb,
  offerId: string,
  since: Date,
  timeZone: string,
): Promise<RedemptionDay[]> {
  const rows = await sql<RedemptionDay>`
    SELECT (redeemed_at AT TIME ZONE ${timeZone})::date::text AS day, count(*)::int AS redeemed, sum(cost_cents)::bigint AS "costCents"
    FROM grants WHERE offer_id = ${offerId} AND state = 'redeemed' AND redeemed_at >= ${since} GROUP BY 1 ORDER BY 1`.execute(
    db,
  );
  return rows.rows;
}

/** How many more pieces of each offer may be given, by number and by money. */
export async function offerRooms(db: RecordsDb, offerIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (offerIds.length === 0) return new Map();
  const rows = await sql<{ offer_id: string; places: number }>`
    SELECT offer_id, (CASE WHEN closed_at IS NOT NULL THEN 0 ELSE LEAST(capacity - granted,
      CASE WHEN unit_cost_cents = 0 THEN capacity ELSE (budget_cents - committed_cents) / unit_cost_cents END) END)::int AS places
    FROM offers WHERE offer_id = ANY(${[...offerIds]})`.execute(db);
  return new Map(rows.rows.map((row) => [row.offer_id, row.places]));
}
