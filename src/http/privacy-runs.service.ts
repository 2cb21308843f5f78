// Exports and erasures of many people, done by the server: whoever asked may close her page, and a server that stops goes on when it starts.
// Guarantees: each request is claimed in one guarded statement, so two processes never do the same; doing one twice changes nothing; what was
// asked for stays no longer than needed: an erased person's words are gone with her, an export's file after a week.
import { sql } from 'kysely';
import type { App } from '../app.ts';
import { erasePeople, exportPerson } from '../collect/people/people.service.ts';
import { linkedPeople } from '../collect/people/people.sql.ts';
import { addressKey, normalEmail, normalPhone } from '../kernel/address.ts';
import { addMs, DAY_MS } from '../kernel/days.ts';
import { RekindleError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { RecordsDb } from '../stores/records/records.ts';
import { recordAuditOf, type Actor } from './access/audit.service.ts';
import type { PrivacyKind, PrivacyRunRow } from './contract/privacy.ts';

/** A process that has not come back to what it claimed is dead. */
const LEASE_MS = 5 * 60_000;
const ATTEMPTS_MAX = 5;
const KEPT_MS = 7 * DAY_MS;
/** Few enough that a run that is stopped stops soon. */
const ERASED_AT_ONCE = 20;
const RUNS_SHOWN = 20;
const FAILURES_SHOWN = 200;

const storesOf = (app: App) => ({ records: app.records, events: app.events, addressSecret: app.secrets.address });

/**
 * Erases people everywhere: both stores, and the lines of brought files that could not be read and may name them. Who is not known is missing from
 * the answer.
 */
export async function eraseEverywhere(
  app: App,
  personIds: readonly string[],
  onFound?: (found: readonly string[]) => Promise<void>,
): Promise<ReadonlyMap<string, { readonly events: number }>> {
  if (personIds.length === 0) return new Map();
  const { db } = app.records;
  const links = await linkedPeople(db, personIds);
  const known = await db
    .selectFrom('people')
    .select(['email', 'phone'])
    .where('person_id', 'in', [...new Set(personIds.map((id) => links.get(id) ?? id))])
    .execute();
  const erased = await erasePeople(storesOf(app), personIds, app.clock.now(), onFound);
  await app.uploads.forget([...erased.keys(), ...known.flatMap(({ email, phone }) => [email ?? '', phone ?? ''])]);
  return erased;
}

/** An id as it is; an address or number as the one person who has it. Throws `not_found`, `conflict` when several share it. */
async function personOf(app: App, asked: string): Promise<string> {
  const { db } = app.records;
  const [email, phone] = [normalEmail(asked), normalPhone(asked)];
  const own = await db.selectFrom('people').select('person_id').where('person_id', '=', asked).executeTakeFirst();
  if (own !== undefined || (email === undefined && phone === undefined)) return asked;
  const [column, key] =
    email === undefined
      ? (['phone_key', addressKey(app.secrets.address, phone ?? '')] as const)
      : (['email_key', addressKey(app.secrets.address, email)] as const);
  const [first, second] = await db.selectFrom('people').select('person_id').where(column, '=', key).limit(2).execute();
  if (second !== undefined)
    throw new RekindleError('conflict', {
      what: {
        en: 'Several people share this address; ask by their ids',
        zh: '多位用户共用该联系方式，请改用用户 ID',
      },
    });
  // Somebody may be known by events alone, under just these words.
  return first?.person_id ?? asked;
}

/** Begins a run; `work` goes on with it. */
export async function startPrivacyRun(
  db: RecordsDb,
  run: { readonly kind: PrivacyKind; readonly entries: readonly string[]; readonly actor: Actor },
  now: Date,
): Promise<{ readonly runId: string }> {
  const runId = newId('privacy', now);
  const asked = [...new Set(run.entries.map((each) => each.trim()).filter((each) => each !== ''))];
  if (asked.length === 0)
    throw new RekindleError('invalid', { where: 'body.entries', what: { en: 'nobody is named', zh: '未指定任何人' } });
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('privacy_runs')
      .values({
        run_id: runId,
        kind: run.kind,
        actor_kind: run.actor.kind,
        actor_id: run.actor.id,
        actor_name: run.actor.name,
        created_at: now,
        cancelled_at: null,
        finished_at: null,
      })
      .execute();
    await sql`
      INSERT INTO privacy_requests (run_id, position, asked, state)
      SELECT ${runId}, at, asked, 'waiting' FROM unnest(${asked}::text[]) WITH ORDINALITY AS t (asked, at)`.execute(tx);
  });
  return { runId };
}

/** Stops a run: what has not begun is not done. Throws `not_found`, `conflict` when it has ended. */
export async function cancelPrivacyRun(db: RecordsDb, runId: string, now: Date): Promise<void> {
  const stopped = await db
    .updateTable('privacy_runs')
    .set({ cancelled_at: now, finished_at: now })
    .where('run_id', '=', runId)
    .where('finished_at', 'is', null)
    .returning('run_id')
    .executeTakeFirst();
  if (stopped !== undefined) {
    // What was asked of those who stay is nobody's business any more.
    await db
      .updateTable('privacy_requests')
      .set({ asked: null })
      .where('run_id', '=', runId)
      .where('state', '=', 'waiting')
      .execute();
    return;
  }
  const known = await db.selectFrom('privacy_runs').select('run_id').where('run_id', '=', runId).executeTakeFirst();
  if (known === undefined)
    throw new RekindleError('not_found', { what: { en: `privacy run ${runId}`, zh: `隐私任务 ${runId}` } });
  throw new RekindleError('conflict', { what: { en: 'This run has ended', zh: '该任务已结束' } });
}

type Claimed = {
  readonly run_id: string;
  readonly position: number;
  readonly asked: string;
  readonly attempts: number;
  readonly found: boolean;
  readonly kind: PrivacyKind;
  readonly actor_kind: Actor['kind'];
  readonly actor_id: string;
  readonly actor_name: string;
};

/** The next requests in line, of one run where it is named. */
async function claim(app: App, limit: number, runId?: string): Promise<Claimed[]> {
  const now = app.clock.now();
  const { rows } = await sql<Claimed>`
    UPDATE privacy_requests q SET state = 'working', claimed_at = ${now}::timestamptz, attempts = attempts + 1
    FROM (
      SELECT o.run_id, o.position, r.kind, r.actor_kind, r.actor_id, r.actor_name
      FROM privacy_requests o JOIN privacy_runs r USING (run_id)
      WHERE r.finished_at IS NULL AND ${runId === undefined ? sql`true` : sql`o.run_id = ${runId}`}
        AND (o.state = 'waiting' OR (o.state = 'working' AND o.claimed_at < ${addMs(now, -LEASE_MS)}::timestamptz))
      ORDER BY r.created_at, o.run_id, o.position LIMIT ${limit} FOR UPDATE OF o SKIP LOCKED) AS next
    WHERE q.run_id = next.run_id AND q.position = next.position
    RETURNING q.run_id, q.position, q.asked, q.attempts, q.found, next.kind, next.actor_kind, next.actor_id, next.actor_name`.execute(
    app.records.db,
  );
  return rows;
}

const audited = (app: App, request: Claimed, action: string, personId: string): Promise<void> =>
  recordAuditOf(
    app.records.db,
    { kind: request.actor_kind, id: request.actor_id, name: request.actor_name },
    { action, subject: { personId } },
    app.clock.now(),
  );

async function exportOne(app: App, request: Claimed): Promise<void> {
  const held = await exportPerson(storesOf(app), await personOf(app, request.asked));
  await app.records.db
    .insertInto('privacy_files')
    .values({ run_id: request.run_id, person_id: held.personId, content: JSON.stringify(held) })
    .onConflict((conflict) => conflict.columns(['run_id', 'person_id']).doNothing())
    .execute();
  await audited(app, request, 'GET /people/{personId}/export', held.personId);
}

/** Does it, and writes down what became of it. */
async function settle(app: App, request: Claimed, work: () => Promise<void>): Promise<void> {
  const { db } = app.records;
  let outcome: { state: 'done' | 'failed'; asked?: null; code: string | null; problem: string | null };
  try {
    await work();
    outcome = { state: 'done', asked: null, code: null, problem: null };
  } catch (cause) {
    // A store that is away is no answer: the request waits for its next turn.
    const isAnswer = cause instanceof RekindleError && cause.code !== 'store_unavailable';
    if (!isAnswer && request.attempts < ATTEMPTS_MAX) throw cause;
    const told = cause instanceof RekindleError ? cause : new RekindleError('unexpected', { what: String(cause) });
    outcome = { state: 'failed', code: told.code, problem: JSON.stringify({ en: told.in('en'), zh: told.in('zh') }) };
  }
  await db
    .updateTable('privacy_requests')
    .set(outcome)
    .where('run_id', '=', request.run_id)
    .where('position', '=', request.position)
    .execute();
}

/** Written before anything of theirs is erased. */
async function rememberFound(db: RecordsDb, requests: readonly Claimed[]): Promise<void> {
  for (const [runId, group] of Map.groupBy(requests, (request) => request.run_id))
    await db
      .updateTable('privacy_requests')
      .set({ found: true })
      .where('run_id', '=', runId)
      .where(
        'position',
        'in',
        group.map(({ position }) => position),
      )
      .execute();
}

/** Erases several at once: what an erasure costs in the events store it costs for all of them together. */
async function eraseThese(app: App, requests: readonly Claimed[]): Promise<void> {
  const named = new Map<Claimed, string>();
  for (const request of requests) {
    let personId: string | undefined;
    try {
      personId = await personOf(app, request.asked);
    } catch (cause) {
      await settle(app, request, () => Promise.reject(cause));
    }
    if (personId !== undefined) named.set(request, personId);
  }
  const erasing = eraseEverywhere(app, [...new Set(named.values())], (found) =>
    rememberFound(
      app.records.db,
      [...named].flatMap(([request, personId]) => (found.includes(personId) ? [request] : [])),
    ),
  );
  // Each request below hears of a failure; until the first does, it is nobody's yet.
  erasing.catch(() => undefined);
  for (const [request, personId] of named)
    await settle(app, request, async () => {
      // An attempt before this one may have erased her and died before it could say so: then she had been found.
      if (!(await erasing).has(personId) && !request.found)
        throw new RekindleError('not_found', { what: { en: `person ${request.asked}`, zh: `用户 ${request.asked}` } });
      await audited(app, request, 'DELETE /people/{personId}', personId);
    });
}

async function finishAndForget(app: App): Promise<void> {
  const { db } = app.records;
  const now = app.clock.now();
  await sql`
    UPDATE privacy_runs r SET finished_at = ${now}::timestamptz WHERE finished_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM privacy_requests q WHERE q.run_id = r.run_id AND q.state IN ('waiting', 'working'))`.execute(db);
  const old = addMs(now, -KEPT_MS);
  await sql`DELETE FROM privacy_files f USING privacy_runs r WHERE r.run_id = f.run_id AND r.finished_at < ${old}::timestamptz`.execute(
    db,
  );
  await sql`UPDATE privacy_requests q SET asked = NULL FROM privacy_runs r
    WHERE r.run_id = q.run_id AND r.finished_at < ${old}::timestamptz AND q.asked IS NOT NULL`.execute(db);
}

/** Does what waits, exports one after the other and erasures a few at once, until nothing does or the signal aborts. Safe to call at any time, in any number. */
export async function workPrivacyRuns(app: App, signal?: AbortSignal): Promise<void> {
  for (;;) {
    if (signal?.aborted === true) return;
    const [request] = await claim(app, 1);
    if (request === undefined) break;
    if (request.kind === 'export') await settle(app, request, () => exportOne(app, request));
    else await eraseThese(app, [request, ...(await claim(app, ERASED_AT_ONCE - 1, request.run_id))]);
  }
  await finishAndForget(app);
}

/** Nobody else works on an embedded store: what a dead process had begun is begun again at once. */
export async function recoverPrivacyRuns(app: App): Promise<void> {
  if (app.records.kind !== 'pglite') return;
  await app.records.db
    .updateTable('privacy_requests')
    .set({ state: 'waiting' })
    .where('state', '=', 'working')
    .execute();
}

type Counted = {
  readonly run_id: string;
  readonly kind: PrivacyKind;
  readonly actor_name: string;
  readonly created_at: Date;
  readonly cancelled_at: Date | null;
  readonly finished_at: Date | null;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly files: number;
};

/** The latest runs with what became of them; words that were typed only for whoever may see them. */
export async function listPrivacyRuns(db: RecordsDb): Promise<PrivacyRunRow[]> {
  const { rows } = await sql<Counted>`
    SELECT r.run_id, r.kind, r.actor_name, r.created_at, r.cancelled_at, r.finished_at,
      count(*)::int AS total, (count(*) FILTER (WHERE q.state = 'done'))::int AS done,
      (count(*) FILTER (WHERE q.state = 'failed'))::int AS failed,
      (SELECT count(*)::int FROM privacy_files f WHERE f.run_id = r.run_id) AS files
    FROM privacy_runs r JOIN privacy_requests q USING (run_id)
    GROUP BY r.run_id ORDER BY r.created_at DESC, r.run_id DESC LIMIT ${RUNS_SHOWN}`.execute(db);
  const failures = await db
    .selectFrom('privacy_requests')
    .select(['run_id', 'asked', 'code', 'problem'])
    .where('state', '=', 'failed')
    .where('run_id', 'in', rows.length === 0 ? [''] : rows.map((row) => row.run_id))
    .orderBy('run_id')
    .orderBy('position')
    .limit(FAILURES_SHOWN)
    .execute();
  return rows.map((row) => ({
    runId: row.run_id,
    kind: row.kind,
    state: row.cancelled_at !== null ? 'cancelled' : row.finished_at !== null ? 'done' : 'running',
    askedBy: row.actor_name,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    total: row.total,
    done: row.done,
    failed: row.failed,
    files: row.files,
    failures: failures
      .filter((each) => each.run_id === row.run_id)
      .map(({ asked, code, problem }) => ({
        asked: asked ?? '',
        code: code ?? '',
        problem: problem ?? { en: '', zh: '' },
      })),
  }));
}

const FILES_PER_READ = 50;

/** Everything an export has gathered, person after person. Throws `not_found`. */
export async function* privacyFiles(db: RecordsDb, runId: string): AsyncGenerator {
  for (let after = ''; ;) {
    const rows = await db
      .selectFrom('privacy_files')
      .select(['person_id', 'content'])
      .where('run_id', '=', runId)
      .where('person_id', '>', after)
      .orderBy('person_id')
      .limit(FILES_PER_READ)
      .execute();
    for (const row of rows) yield row.content;
    if (rows.length < FILES_PER_READ) return;
    after = rows.at(-1)!.person_id;
  }
}
