// What lies ready for these people, and may still be shown to them? One statement for any number of people, by whichever id they come.
import { sql } from 'kysely';
import { FEW } from '../../stores/records/planning.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { refusalsOfMask, refusalsWithin } from '../arbiter/judgement.sql.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { InboxRow } from './inbox.ts';

/** What one moment brings; more are planned for as a set. */
const FEW_ACTORS = 50;

type Row = {
  readonly actor_id: string;
  readonly person_id: string;
  readonly message: InboxRow | null;
  readonly purpose: string | null;
  /** Of a message that was judged. */
  readonly mask: number | null;
  readonly consent_until: Date | null;
  readonly paused_until: Date | null;
};

/** Instants inside a row that JSON carried. */
const instant = (value: unknown): Date => new Date(String(value));
const instantOrNull = (value: unknown): Date | null => (value === null ? null : instant(value));

export type LoadedInbox = { readonly personId: string; readonly rows: readonly InboxRow[] };

/**
 * By the id asked with. What the arbiter refuses by now (a withdrawal, an objection, suppression, a control group) is left out; whoever is not
 * known has an empty inbox. What only time decides is in the rows.
 */
export async function loadInboxes(
  db: RecordsDb,
  actorIds: readonly string[],
  rules: ReachRules,
  now: Date,
): Promise<ReadonlyMap<string, LoadedInbox>> {
  const { tables, mask } = refusalsWithin('in_app', sql`live v WHERE NOT v.is_test`, rules, now);
  const { rows } = await sql<Row>`
    ${sql.raw(actorIds.length <= FEW_ACTORS ? FEW : '')}
    WITH asked AS (
      SELECT a.actor_id, COALESCE(l.person_id, a.actor_id) AS person_id
      FROM unnest(${[...actorIds]}::text[]) AS a (actor_id) LEFT JOIN person_links l ON l.actor_id = a.actor_id
    ), live AS MATERIALIZED (
      SELECT row_number() OVER () AS at, a.actor_id, a.person_id, ready.*
      FROM asked a LEFT JOIN LATERAL (
        SELECT i.message_id, i.is_test, m.purpose, m.address_key, m.programme_id, m.template_id, m.template_version, jsonb_build_object(
          'message_id', i.message_id, 'language', i.language, 'fields', i.fields, 'priority', COALESCE(m.priority, 0), 'placed_at', i.placed_at,
          'expires_at', i.expires_at, 'returned_at', b.ended_at, 'shows', seen.shows, 'shown_at', seen.shown_at, 'is_done', seen.is_done,
          'is_test', i.is_test) AS message
        FROM inbox i
        LEFT JOIN messages m ON m.message_id = i.message_id AND m.state = 'sent' AND NOT i.is_test
        LEFT JOIN members b ON b.run_id = m.run_id AND b.person_id = m.person_id AND b.end_reason = 'returned'
        LEFT JOIN LATERAL (
          SELECT count(*) FILTER (WHERE r.kind = 'delivered')::int AS shows, max(r.occurred_at) FILTER (WHERE r.kind = 'delivered') AS shown_at,
            COALESCE(bool_or(r.kind IN ('clicked', 'closed')), false) AS is_done
          FROM receipts r WHERE r.message_id = m.message_id) seen ON true
        WHERE i.person_id = a.person_id AND i.expires_at > ${now} AND (i.is_test OR m.message_id IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM programmes p WHERE p.programme_id = m.programme_id AND p.state <> 'running')
      ) ready ON true
    ), ${tables}
    SELECT v.actor_id, v.person_id, v.message, v.purpose, t.mask, t.consent_until, t.paused_until
    FROM live v LEFT JOIN (SELECT t.at, ${mask} AS mask, t.consent_ends_at AS consent_until, t.paused_until FROM timed t) t ON t.at = v.at`.execute(
    db,
  );
  const loaded = new Map<string, { personId: string; rows: InboxRow[] }>();
  for (const { actor_id, person_id, message, purpose, mask, consent_until, paused_until } of rows) {
    const inbox = loaded.get(actor_id) ?? { personId: person_id, rows: [] };
    loaded.set(actor_id, inbox);
    if (message === null) continue;
    if (!message.is_test && (purpose === null || mask === null || refusalsOfMask(purpose, mask).length > 0)) continue;
    inbox.rows.push({
      ...message,
      placed_at: instant(message.placed_at),
      expires_at: instant(message.expires_at),
      consent_until,
      paused_until,
      returned_at: instantOrNull(message.returned_at),
      shown_at: instantOrNull(message.shown_at),
    });
  }
  return loaded;
}
