// People of whom the records store holds a little of everything, for tests of what is read of them: shared mailboxes, withdrawn and expired
// consents, suppressed people and addresses, endpoints, objections, sunsets, and what programmes did. Made by the engine from the number alone.
import { sql } from 'kysely';
import { personAddress } from '../../src/reach/channels/addresses.sql.ts';
import type { RecordsDb } from '../../src/stores/records/records.ts';

export const HELD_NOW = new Date('2026-03-01T12:00:00Z');

const personId = (i: number): string => `held-${String(i).padStart(7, '0')}`;
export const heldIds = (people: number): string[] => Array.from({ length: people }, (_, i) => personId(i));

/** A number below `below` for person `i`, `salt` telling one use from another. */
const pick = (salt: string, below: number) => sql.raw(`(abs(hashtext(i::text || '${salt}')::bigint) % ${below})`);
const someone = sql.raw(`('held-' || lpad(i::text, 7, '0'))`);
const at = (salt: string) => sql`(timestamptz '2026-03-06 12:00Z' - ${pick(salt, 200)} * interval '1 day')`;

export async function holdPeople(db: RecordsDb, people: number, addressSecret: string): Promise<void> {
  const everybody = sql`generate_series(0, ${sql.lit(people - 1)}) AS i`;
  const statements = [
    sql`INSERT INTO people (person_id, email_key, phone_key, cluster_key, global_bucket, created_at, updated_at)
      SELECT ${someone}, CASE WHEN ${pick('e', 5)} > 0 THEN 'mail-' || i / 2 END, CASE WHEN ${pick('p', 3)} > 0 THEN 'phone-' || i / 3 END,
        'c' || i, ${pick('b', 10_000)}, ${at('c')}, ${at('c')} FROM ${everybody}`,
    sql`INSERT INTO consents (consent_id, person_id, channel, purpose, status, basis, text_version, source, decided_at, expires_at)
      SELECT 'c-' || i || '-' || k, ${someone}, (ARRAY['email', 'sms', 'wechat', 'push'])[1 + (${pick('w', 4)} + k / 2) % 4],
        (ARRAY['marketing', 'ads_audience'])[1 + k % 2], (ARRAY['granted', 'withdrawn'])[1 + (${pick('s', 7)} + k) % 2], 'consent', '1', 'test',
        timestamptz '2026-03-06 12:00Z' - ((${pick('d', 30)} * (k % 3)) * interval '1 day'),
        CASE WHEN (${pick('x', 3)} + k) % 3 = 0 THEN timestamptz '2026-02-01' + k * interval '30 days' END
      FROM ${everybody}, generate_series(0, 4) AS k`,
    sql`INSERT INTO endpoints (endpoint_id, person_id, channel, provider, address, address_key, created_at, seen_at, disabled_at, disabled_code)
      SELECT 'e-' || i || '-' || k, ${someone}, (ARRAY['web_push', 'app_push', 'web_push'])[k + 1], 'test', 'a', 'end-' || i || '-' || k, ${at('c')},
        timestamptz '2026-02-01' + (${pick('q', 5)} * k) * interval '1 day', CASE WHEN (${pick('o', 6)} + k) % 6 = 0 THEN ${at('c')} END,
        CASE WHEN (${pick('o', 6)} + k) % 6 = 0 THEN 'gone' END
      FROM ${everybody}, generate_series(0, 2) AS k WHERE ${pick('n', 3)} > 0`,
    sql`INSERT INTO suppressions (suppression_id, kind, key, channel, reason, created_at)
      SELECT 's-' || kind || key || channel, kind, key, channel, 'test', ${at('c')} FROM ${everybody}, LATERAL (VALUES
        ('person', ${someone}, (ARRAY['*', 'email', 'sms'])[1 + ${pick('k', 3)}], 9), ('address', 'mail-' || i, (ARRAY['*', 'email'])[1 + ${pick('k', 2)}], 5),
        ('address', 'phone-' || i, (ARRAY['*', 'sms'])[1 + ${pick('l', 2)}], 5),
        ('address', 'end-' || i || '-' || ${pick('m', 3)}, (ARRAY['*', 'web_push', 'app_push'])[1 + ${pick('k', 3)}], 4)) AS v (kind, key, channel, every)
      WHERE abs(hashtext(i || kind || key)::bigint) % every = 0`,
    sql`INSERT INTO reach_profiles (person_id, objected_at, updated_at)
      SELECT ${someone}, CASE WHEN ${pick('j', 2)} = 0 THEN ${at('j')} END, ${at('c')} FROM ${everybody} WHERE ${pick('r', 8)} = 0`,
    sql`INSERT INTO sunsets (policy_id, person_id, since_on, contacts, channels, ended_on, end_cause)
      SELECT policy, ${someone}, date '2026-01-01', 3, CASE WHEN ${pick('8', 2)} = 0 THEN ARRAY['email', 'sms'] END, CASE WHEN ${pick('u', 2)} = 0 THEN date '2026-02-01' END, CASE WHEN ${pick('u', 2)} = 0 THEN 'returned' END
      FROM ${everybody}, unnest(ARRAY['shop', 'app']) AS policy WHERE abs(hashtext(i || policy)::bigint) % 9 = 0`,
    sql`INSERT INTO programmes (programme_id, version, name, definition, state, salt, created_at)
      VALUES ('back', 1, 'Back', '{}', 'running', 's', '2026-01-01'), ('again', 1, 'Again', '{}', 'running', 's', '2026-01-01')`,
    sql`INSERT INTO programme_runs (run_id, programme_id, programme_version, run_on, started_at, considered)
      VALUES ('run-back', 'back', 1, '2026-01-05', '2026-01-05', 9), ('run-again', 'again', 1, '2026-01-06', '2026-01-06', 9)`,
    sql`INSERT INTO members (run_id, person_id, programme_id, arm, enrolled_at, state, step, ended_at, end_reason)
      SELECT 'run-' || name, ${someone}, name, (ARRAY['treated', 'control'])[1 + ${pick('a', 2)}], ${at('f')}, 'exited', 1,
        ${at('g')}, (ARRAY['returned', 'ended'])[1 + ${pick('h', 2)}]
      FROM ${everybody}, unnest(ARRAY['back', 'again']) AS name WHERE ${pick('i', 3)} > 0`,
    sql`INSERT INTO messages (message_id, programme_id, run_id, step, person_id, channel, purpose, address, address_key, variant, template_id,
        template_version, language, state, due_at, expires_at, claimed_at, sent_at, created_at)
      SELECT 'm-' || i || '-' || k, 'back', 'run-back', k, ${someone}, (ARRAY['email', 'sms'])[1 + k % 2], 'marketing', 'a', 'am-' || i, 'a', 't', 1, 'en',
        (ARRAY['sent', 'unknown', 'failed', 'planned'])[1 + (${pick('y', 4)} + k) % 4], ${at('f')}, ${at('f')},
        CASE WHEN ${pick('z', 2)} = 0 THEN ${at('z')} END, CASE WHEN ${pick('z', 3)} = 0 THEN ${at('z')} END, ${at('f')}
      FROM ${everybody}, generate_series(0, 2) AS k WHERE ${pick('t', 4)} > 0`,
    sql`INSERT INTO receipts (message_id, kind, class, occurred_at, dedupe_key)
      SELECT 'm-' || i || '-' || k, (ARRAY['clicked', 'opened'])[1 + (${pick('1', 2)} + k) % 2], (ARRAY['human', 'machine'])[1 + ${pick('2', 2)}], ${at('3')}, 'd' || k
      FROM ${everybody}, generate_series(0, 2) AS k WHERE ${pick('t', 4)} > 0`,
    sql`INSERT INTO offers (offer_id, name, kind, definition, budget_cents, unit_cost_cents, capacity, created_at)
      VALUES ('ten', 'Ten', 'coupon', '{}', 0, 0, 0, '2026-01-01')`,
    sql`INSERT INTO grants (grant_id, offer_id, person_id, programme_id, run_id, code, state, cost_cents, reserved_at, expires_at, redeemed_at)
      SELECT 'g-' || i, 'ten', ${someone}, CASE WHEN ${pick('4', 2)} = 0 THEN 'back' END, 'run-back', 'code-' || i,
        (ARRAY['redeemed', 'issued'])[1 + ${pick('5', 2)}], 0, ${at('c')}, ${at('c')}, ${at('6')}
      FROM ${everybody} WHERE ${pick('7', 3)} = 0`,
  ];
  for (const statement of statements) await statement.execute(db);
  const byId = heldIds(people).filter((_, i) => i % 7 === 0);
  await sql`INSERT INTO suppressions (suppression_id, kind, key, channel, reason, created_at)
    SELECT 'own-' || key, 'address', key, 'in_app', 'test', ${HELD_NOW} FROM unnest(${byId.map((id) => personAddress(addressSecret, id).addressKey)}::text[]) AS key`.execute(
    db,
  );
}
