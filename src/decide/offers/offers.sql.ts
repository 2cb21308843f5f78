// Which offers are there, and how much of each is given away?
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import { offerSchema, type Offer } from './offer.ts';

export type OfferFigures = {
  readonly offer: Offer;
  readonly granted: number;
  readonly redeemed: number;
  readonly committedCents: number;
  readonly createdAt: Date;
};

export async function listOffers(db: RecordsDb): Promise<OfferFigures[]> {
  const rows = await sql<{
    definition: unknown;
    granted: number;
    redeemed: number;
    committed_cents: number;
    created_at: Date;
  }>`
    SELECT o.definition, o.granted, o.committed_cents, o.created_at,
      (SELECT count(*)::int FROM grants g WHERE g.offer_id = o.offer_id AND g.state = 'redeemed') AS redeemed
    FROM offers o ORDER BY o.created_at, o.offer_id`.execute(db);
  return rows.rows.map((row) => ({
    offer: offerSchema.parse(row.definition),
    granted: row.granted,
    redeemed: row.redeemed,
    committedCents: row.committed_cents,
    createdAt: row.created_at,
  }));
}
