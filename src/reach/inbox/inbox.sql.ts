// What lies ready for these people, and may still be shown to them? Two statements for any number of people, by whichever id they come.
import { sql } from 'kysely';
import { FEW } from '../../stores/records/planning.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { judge } from '../arbiter/arbiter.sql.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { InboxRow } from './inbox.ts';

/** What one moment brings; more are planned for as a set. */
const FEW_ACTORS = 50;

type Row = {
  readonly actor_id: string;
  readonly person_id: string;
  readonly message: InboxRow | null;
  readonly purpose: string;
  readonly address_key: string;
  readonly programme_id: string;
  readonly template_id: string;
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
  const { rows } = await sql<Row>`
    ${sql.raw(actorIds.length <= FEW_ACTORS ? FEW : '')}
    WITH asked AS (
      SELECT a.actor_id, COALESCE(l.person_id, a.actor_id) AS person_id
      FROM unnest(${[...actorIds]}::text[]) AS a (actor_id) LEFT JOIN person_links l ON l.actor_id = a.actor_id
    )
    SELECT a.actor_id, a.person_id, live.message, live.purpose, live.address_key, live.programme_id, live.template_id
    FROM asked a LEFT JOIN LATERAL (
      SELECT m.purpose, m.address_key, m.programme_id, m.template_id, jsonb_build_object(
        'message_id', i.message_id, 'language', i.language, 'fields', i.fields, 'priority', m.priority, 'placed_at', i.placed_at,
        'expires_at', i.expires_at, 'consent_until', consent.expires_at, 'paused_until', rp.paused_until, 'returned_at', b.ended_at,
        'shows', seen.shows, 'shown_at', seen.shown_at, 'is_done', seen.is_done, 'is_test', false) AS message
      FROM inbox i
      JOIN messages m ON m.message_id = i.message_id AND m.state = 'sent'
      LEFT JOIN reach_profiles rp ON rp.person_id = i.person_id
      LEFT JOIN LATERAL (
        SELECT k.expires_at FROM consents k
        WHERE k.person_id = i.person_id AND k.channel = 'in_app' AND k.purpose = m.purpose AND k.decided_at <= ${now}
        ORDER BY k.decided_at DESC, k.status DESC, k.consent_id DESC LIMIT 1) consent ON true
      LEFT JOIN members b ON b.run_id = m.run_id AND b.person_id = m.person_id AND b.end_reason = 'returned'
      LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.kind = 'delivered')::int AS shows, max(r.occurred_at) FILTER (WHERE r.kind = 'delivered') AS shown_at,
          COALESCE(bool_or(r.kind IN ('clicked', 'closed')), false) AS is_done
        FROM receipts r WHERE r.message_id = i.message_id) seen ON true
      WHERE i.person_id = a.person_id AND i.expires_at > ${now}
        AND NOT i.is_test AND NOT EXISTS (SELECT 1 FROM programmes p WHERE p.programme_id = m.programme_id AND p.state <> 'running')
      UNION ALL
      SELECT NULL, NULL, NULL, NULL, jsonb_build_object(
        'message_id', i.message_id, 'language', i.language, 'fields', i.fields, 'priority', 0, 'placed_at', i.placed_at,
        'expires_at', i.expires_at, 'consent_until', NULL, 'paused_until', NULL, 'returned_at', NULL,
        'shows', 0, 'shown_at', NULL, 'is_done', false, 'is_test', true)
      FROM inbox i WHERE i.person_id = a.person_id AND i.expires_at > ${now} AND i.is_test
    ) live ON true`.execute(db);
  const candidates = rows.flatMap(({ message, person_id, purpose, address_key, programme_id, template_id }) =>
    message === null || message.is_test
      ? []
      : [{ key: message.message_id, person_id, channel: 'in_app', purpose, address_key, programme_id, template_id }],
  );
  const verdicts = await judge(db, candidates, rules, now, { timed: false });
  const refused = new Set(verdicts.filter(({ refusals }) => refusals.length > 0).map(({ key }) => key));
  const loaded = new Map<string, { personId: string; rows: InboxRow[] }>();
  for (const { actor_id, person_id, message } of rows) {
    const inbox = loaded.get(actor_id) ?? { personId: person_id, rows: [] };
    loaded.set(actor_id, inbox);
    if (message === null || refused.has(message.message_id)) continue;
    inbox.rows.push({
      ...message,
      placed_at: instant(message.placed_at),
      expires_at: instant(message.expires_at),
      consent_until: instantOrNull(message.consent_until),
      paused_until: instantOrNull(message.paused_until),
      returned_at: instantOrNull(message.returned_at),
      shown_at: instantOrNull(message.shown_at),
    });
  }
  return loaded;
}
