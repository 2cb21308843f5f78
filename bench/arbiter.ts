// bench arbiter: candidates/s of one pass of the arbiter over everybody, on a full rule set, and ms of one batch as a sender claims them.
// Usage: node bench/arbiter.ts [candidates]
import { sql } from 'kysely';
import { judge, type Candidate } from '../src/reach/arbiter/arbiter.sql.ts';
import { DEFAULT_REACH_RULES, type ReachRules } from '../src/reach/arbiter/rules.ts';
import { migrateRecords } from '../src/stores/records/migrations.ts';
import { openPglite } from '../src/stores/records/pglite.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
const BATCH = 200;
const NOW = new Date('2026-03-02T12:00:00Z');
const ZONES = ['America/New_York', 'Europe/Paris', 'Asia/Shanghai', 'UTC'];

const records = await openPglite('memory://');
const { db } = records;
await migrateRecords(db);
const zones = sql.join(ZONES.map((zone) => sql.lit(zone)));
await sql`INSERT INTO people (person_id, email, email_key, country, time_zone, cluster_key, global_bucket, created_at, updated_at)
  SELECT 'p' || i, 'p' || i || '@x.example', 'key-' || i, (ARRAY['US', 'FR', 'CN', NULL])[1 + i % 4], (ARRAY[${zones}])[1 + i % 4], 'p' || i, i % 10000, ${NOW}, ${NOW}
  FROM generate_series(1, ${COUNT}) AS i`.execute(db);
await sql`INSERT INTO consents (consent_id, person_id, channel, purpose, status, basis, text_version, source, decided_at)
  SELECT 'c' || i, 'p' || i, 'email', 'marketing', CASE WHEN i % 20 = 0 THEN 'withdrawn' ELSE 'granted' END, 'express', '1', 'bench', ${new Date(0)}
  FROM generate_series(1, ${COUNT}) AS i`.execute(db);
await sql`INSERT INTO messages (message_id, programme_id, run_id, step, person_id, channel, purpose, address, address_key, variant, template_id,
    template_version, language, state, due_at, expires_at, claimed_at, created_at)
  SELECT 'm' || i || '-' || k, 'g', 'r' || k, 0, 'p' || i, 'email', 'marketing', '', 'key-' || i, 'a', 't', 1, 'en', 'sent', ${NOW}, ${NOW},
    ${NOW}::timestamptz - make_interval(hours => (i * 7 + k * 131) % 900), ${NOW}
  FROM generate_series(1, ${COUNT}) AS i, generate_series(1, 2) AS k`.execute(db);
await sql`INSERT INTO reach_profiles (person_id, frequency, best_hours, updated_at)
  SELECT 'p' || i, CASE WHEN i % 10 = 0 THEN 'monthly' END, (SELECT array_agg(((i + h) % 24)::real) FROM generate_series(1, 24) AS h), ${NOW}
  FROM generate_series(1, ${COUNT}) AS i WHERE i % 2 = 0`.execute(db);
await sql`ANALYZE`.execute(db);

const candidates = Array.from({ length: COUNT }, (_, i): Candidate => ({
  key: String(i),
  person_id: `p${i + 1}`,
  channel: 'email',
  purpose: 'marketing',
  address_key: `key-${i + 1}`,
  programme_id: 'g',
}));
const FULL: ReachRules = { ...DEFAULT_REACH_RULES, quietDays: { weekdays: [7], holidays: true } };
const sets: readonly (readonly [string, ReachRules])[] = [
  ['default rules', DEFAULT_REACH_RULES],
  ['with Sundays and public holidays off', FULL],
];
for (const [name, rules] of sets) {
  await judge(db, candidates.slice(0, BATCH), rules, NOW);
  const start = performance.now();
  const verdicts = await judge(db, candidates, rules, NOW);
  const seconds = (performance.now() - start) / 1_000;
  const deferred = verdicts.filter((each) => each.refusals.length === 0 && each.deferred_until !== null).length;
  console.log(
    `${name}: ${COUNT} candidates in one pass, ${seconds.toFixed(1)} s, ${Math.round(COUNT / seconds)} candidates/s (${deferred} deferred to their slot)`,
  );
  const batches = 25;
  const from = performance.now();
  for (let i = 0; i < batches; i++) await judge(db, candidates.slice(i * BATCH, (i + 1) * BATCH), rules, NOW);
  console.log(`${name}: ${((performance.now() - from) / batches).toFixed(1)} ms for a batch of ${BATCH}`);
}
await records.close();
