// The grant ledger: reserve → issue → redeem | expire | revoke, in guarded set-based statements. Budget, capacity and per-person limit hold
// under concurrency: the offer's row is locked first, then one statement counts, spends and grants.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { addDays, addMs, DAY_MS, dayIn, lastInstantOf } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { issueText } from '../../kernel/issue.ts';
import type { RecordsDb, RecordsTransaction } from '../../stores/records/records.ts';
import { couponCode, offerSchema, type Offer } from './offer.ts';
import { unitCostCents } from './kinds.ts';

/** Adds an offer; an existing id is a conflict, because what was promised does not change. */
export async function createOffer(db: RecordsDb, input: unknown, now: Date): Promise<Offer> {
  const parsed = offerSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new RekindleError('invalid', {
      where: `offer.${issue?.path.join('.') ?? ''}`,
      what: issueText(issue),
    });
  }
  const offer = parsed.data;
  const added = await db
    .insertInto('offers')
    .values({
      offer_id: offer.offerId,
      name: offer.name,
      kind: offer.terms.kind,
      definition: JSON.stringify(offer),
      budget_cents: offer.budgetCents,
      unit_cost_cents: unitCostCents(offer.terms),
      capacity: offer.capacity,
      per_person_limit: offer.perPersonLimit,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('offer_id').doNothing())
    .returning('offer_id')
    .executeTakeFirst();
  if (added === undefined)
    throw new RekindleError('conflict', {
      what: { en: `offer ${offer.offerId} exists already`, zh: `优惠 ${offer.offerId} 已存在` },
    });
  return offer;
}

/** Gives no more of it; what was given stays good. Repeating it changes nothing. Throws `not_found`. */
export async function closeOffer(db: RecordsDb, offerId: string, now: Date): Promise<void> {
  await findOffer(db, offerId);
  await db
    .updateTable('offers')
    .set({ closed_at: now })
    .where('offer_id', '=', offerId)
    .where('closed_at', 'is', null)
    .execute();
}

export async function findOffer(db: RecordsDb, offerId: string): Promise<Offer> {
  const row = await db.selectFrom('offers').select('definition').where('offer_id', '=', offerId).executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `offer ${offerId}`, zh: `优惠 ${offerId}` } });
  return offerSchema.parse(row.definition);
}

export type Grant = {
  readonly grant_id: string;
  readonly person_id: string;
  readonly code: string;
  readonly expires_at: Date;
};

/**
 * Reserves one grant for each person, in the given order, as far as budget, capacity and the per-person limit reach. Whoever is missing
 * from the answer got none. A person who already has a grant of this offer in this run keeps it and is returned again; a revoked one is
 * given anew under another code.
 */
export async function reserveGrants(
  tx: RecordsTransaction,
  request: {
    readonly offerId: string;
    readonly programmeId: string;
    readonly runId: string;
    readonly personIds: readonly string[];
    /** The business's: what is given holds to the end of its last day there, which is what the message says. */
    readonly timeZone: string;
    readonly now: Date;
  },
): Promise<Grant[]> {
  const { offerId, programmeId, runId, personIds, timeZone, now } = request;
  await sql`SELECT 1 FROM offers WHERE offer_id = ${offerId} FOR UPDATE`.execute(tx);
  const offer = await findOffer(tx, offerId);
  const wanted = personIds.map((personId, position) => ({
    position,
    person_id: personId,
    grant_id: newId('grant', now),
    code: couponCode(offer.terms.codePrefix, randomBytes(10)),
  }));
  const expiresAt = lastInstantOf(addDays(dayIn(now, timeZone), offer.terms.validDays), timeZone);
  await sql`
    WITH wanted AS (
      SELECT w.*, row_number() OVER (ORDER BY w.position) AS place
      FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS w (position integer, person_id text, grant_id text, code text)
      JOIN offers o ON o.offer_id = ${offerId} AND o.closed_at IS NULL
      WHERE NOT EXISTS (SELECT 1 FROM grants g WHERE g.offer_id = ${offerId} AND g.run_id = ${runId} AND g.person_id = w.person_id AND g.state <> 'revoked')
        AND (SELECT count(*) FROM grants g WHERE g.offer_id = ${offerId} AND g.person_id = w.person_id AND g.state <> 'revoked') < o.per_person_limit
    ), room AS (
      SELECT LEAST((SELECT count(*) FROM wanted), o.capacity - o.granted,
                   CASE WHEN o.unit_cost_cents = 0 THEN o.capacity ELSE (o.budget_cents - o.committed_cents) / o.unit_cost_cents END) AS places,
             o.unit_cost_cents
      FROM offers o WHERE o.offer_id = ${offerId}
    ), spent AS (
      UPDATE offers o SET granted = o.granted + r.places::int, committed_cents = o.committed_cents + r.places * r.unit_cost_cents
      FROM room r WHERE o.offer_id = ${offerId} AND r.places > 0
        AND o.granted + r.places <= o.capacity AND o.committed_cents + r.places * r.unit_cost_cents <= o.budget_cents
      RETURNING r.places, r.unit_cost_cents
    )
    INSERT INTO grants (grant_id, offer_id, person_id, programme_id, run_id, code, state, cost_cents, reserved_at, expires_at)
    SELECT w.grant_id, ${offerId}, w.person_id, ${programmeId}, ${runId}, w.code, 'reserved', s.unit_cost_cents, ${now}, ${expiresAt}
    FROM wanted w JOIN spent s ON w.place <= s.places
    ON CONFLICT (offer_id, run_id, person_id) DO UPDATE SET state = 'reserved', code = EXCLUDED.code, cost_cents = EXCLUDED.cost_cents,
      reserved_at = EXCLUDED.reserved_at, expires_at = EXCLUDED.expires_at, issued_at = NULL WHERE grants.state = 'revoked'`.execute(
    tx,
  );
  const granted = await sql<Grant>`
    SELECT grant_id, person_id, code, expires_at FROM grants
    WHERE offer_id = ${offerId} AND run_id = ${runId} AND person_id = ANY(${[...personIds]}) AND state IN ('reserved', 'issued')`.execute(
    tx,
  );
  return granted.rows;
}

/** An order made in time may be told of late (a webhook that is tried again, an importer that runs at night): until then its code stays open. */
const LATE_ORDER_MS = 2 * DAY_MS;

/** What became of the messages decides what becomes of their reserved grants: sent (or maybe sent) → issued, never to be sent → revoked. */
export async function settleGrants(db: RecordsDb, now: Date): Promise<void> {
  await sql`
    UPDATE grants g SET state = 'issued', issued_at = ${now}
    FROM messages m WHERE m.grant_id = g.grant_id AND g.state = 'reserved' AND m.state IN ('sent', 'unknown')`.execute(
    db,
  );
  await release(
    db,
    // A later step may carry the same grant: it is lost only when no message is left that brings it.
    sql`SELECT g.grant_id FROM grants g JOIN messages m ON m.grant_id = g.grant_id
      WHERE g.state = 'reserved' AND m.state IN ('failed', 'cancelled', 'refused')
        AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.grant_id = g.grant_id AND o.state IN ('planned', 'sending', 'sent', 'unknown'))`,
    'revoked',
  );
  await release(
    db,
    sql`SELECT grant_id FROM grants WHERE state IN ('reserved', 'issued') AND expires_at <= ${addMs(now, -LATE_ORDER_MS)}`,
    'expired',
  );
}

/** Takes back grants that no message will carry. */
export const revokeGrants = (db: RecordsDb, grantIds: readonly string[]): Promise<void> =>
  release(db, sql`SELECT unnest(${[...grantIds]}::text[])`, 'revoked');

/** The `sums` of a statement with their offers locked in one order for all: two hands that close grants of the same offers never deadlock. */
export const offersInOrder = sql`SELECT s.* FROM sums s JOIN offers l ON l.offer_id = s.offer_id ORDER BY s.offer_id FOR UPDATE OF l`;

/** Closes grants and gives what they held back to the budget. A revoked place becomes free again; an expired code stays used up. */
async function release(db: RecordsDb, grantIds: ReturnType<typeof sql>, state: 'revoked' | 'expired'): Promise<void> {
  await sql`
    WITH closed AS (
      UPDATE grants SET state = ${state}, cost_cents = 0
      FROM (SELECT grant_id AS id, cost_cents AS held FROM grants WHERE grant_id IN (${grantIds}) ORDER BY grant_id FOR UPDATE) before
      WHERE grant_id = before.id AND grants.state IN ('reserved', 'issued')
      RETURNING offer_id, before.held
    ), sums AS (SELECT offer_id, sum(held)::bigint AS held, count(*)::int AS places FROM closed GROUP BY offer_id)
    UPDATE offers o SET committed_cents = o.committed_cents - s.held,
      granted = o.granted - ${state === 'revoked' ? sql`s.places` : sql`0`}
    FROM (${offersInOrder}) s WHERE o.offer_id = s.offer_id`.execute(db);
}
