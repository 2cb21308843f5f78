// Who is in each watched segment, and since when. Whoever enters or leaves is an event of hers ("Segment Entered", "Segment Left"), so
// that programmes, other segments and her own page can use it.
// Guarantees: an evaluation that dies is done again with the same message ids, so an entry is one event; the first evaluation of a version
// is where counting begins: nobody enters a segment because it was written.
import { dayIn } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { AcceptedEvent } from '../../collect/ingest/incoming.ts';
import { prepareSegment, type SegmentContext } from './questions.service.ts';
import { listSegments, questionOf, type SavedSegment } from './segments.service.ts';

export type MembershipContext = SegmentContext & {
  readonly currency: string;
  /** Records events as if they had come from outside: observers hear of them. */
  readonly submit: (events: readonly AcceptedEvent[]) => Promise<unknown>;
};

export const SEGMENT_ENTERED = 'Segment Entered';
export const SEGMENT_LEFT = 'Segment Left';

export type MembershipChange = {
  readonly segmentId: string;
  readonly people: number;
  readonly entered: number;
  readonly left: number;
};

const EVENTS_PER_SUBMISSION = 5_000;
/** An evaluation takes at most a twentieth of the time. */
const REST_FACTOR = 20;

type Watch = {
  readonly version: number;
  readonly evaluated_at: Date;
  readonly took_ms: number;
  readonly evaluated_through: number;
};

/** How far the policies are: rises whenever one publishes a day's turn. */
async function evaluatedThrough(context: SegmentContext): Promise<number> {
  const [row] = await context.events.rows<{ days: number }>(sql`
    SELECT sum(last) AS days FROM (SELECT max(toUInt32(as_of)) AS last FROM policy_evaluations GROUP BY policy_id)`);
  return row?.days ?? 0;
}

async function lastWatch(context: SegmentContext, segmentId: string): Promise<Watch | undefined> {
  return context.records.db
    .selectFrom('segment_watches')
    .select(['version', 'evaluated_at', 'took_ms', 'evaluated_through'])
    .where('segment_id', '=', segmentId)
    .executeTakeFirst();
}

const change = (
  saved: SavedSegment,
  name: string,
  personId: string,
  since: Watch,
  at: Date,
  context: MembershipContext,
): AcceptedEvent => ({
  call: 'track',
  // What it follows from: the same evaluation repeated after a crash says the same.
  messageId: `segment:${saved.segmentId}:${saved.version}:${since.evaluated_at.getTime()}:${name === SEGMENT_ENTERED ? 'in' : 'out'}:${personId}`,
  actorId: personId,
  userId: personId,
  anonymousId: undefined,
  previousId: undefined,
  name,
  occurredAt: at,
  receivedAt: at,
  day: dayIn(at, context.timeZone),
  amountCents: 0,
  currency: context.currency,
  orderId: '',
  products: [],
  properties: { segment_id: saved.segmentId, segment_name: saved.name, segment_version: saved.version },
  traits: {},
});

/** Submits one event for each person of a query, page by page. */
async function submitChanges(
  context: MembershipContext,
  people: Sql,
  eventOf: (personId: string) => AcceptedEvent,
): Promise<number> {
  let submitted = 0;
  for (let after = ''; ;) {
    const rows = await context.events.rows<{ person_id: string }>(sql`
      SELECT person_id FROM (${people}) WHERE person_id > ${p.text(after)} ORDER BY person_id LIMIT ${p.int(EVENTS_PER_SUBMISSION)}`);
    if (rows.length === 0) return submitted;
    await context.submit(rows.map((row) => eventOf(row.person_id)));
    submitted += rows.length;
    after = rows.at(-1)!.person_id;
  }
}

async function evaluateMembers(
  context: MembershipContext,
  saved: SavedSegment,
  last: Watch | undefined,
  through: number,
  now: Date,
): Promise<MembershipChange> {
  const { events, records } = context;
  const started = performance.now();
  const prepared = await prepareSegment(context, questionOf(saved), now, { id: saved.segmentId });
  const table = ident(newId('scratch_members', now));
  const before = sql`(SELECT person_id, since FROM segment_members WHERE segment_id = ${p.text(saved.segmentId)})`;
  try {
    await events.run(sql`CREATE TABLE ${table} AS segment_members`);
    await events.run(sql`
      INSERT INTO ${table} SELECT ${p.text(saved.segmentId)} AS segment_id, n.person_id, if(b.person_id = '', ${p.instant(now)}, b.since) AS since
      FROM (${prepared.people}) AS n LEFT ANY JOIN ${before} AS b ON n.person_id = b.person_id`);
    const [row] = await events.rows<{ people: number }>(sql`SELECT count() AS people FROM ${table}`);
    const people = row?.people ?? 0;
    let [entered, left] = [0, 0];
    // Another version is another question: who differs has not moved.
    if (last !== undefined && last.version === saved.version) {
      entered = await submitChanges(
        context,
        sql`SELECT n.person_id AS person_id FROM ${table} AS n LEFT ANTI JOIN ${before} AS b ON n.person_id = b.person_id`,
        (personId) => change(saved, SEGMENT_ENTERED, personId, last, now, context),
      );
      left = await submitChanges(
        context,
        // Who is no more (erased, merged) has not left; her row only goes.
        sql`SELECT b.person_id AS person_id FROM ${before} AS b LEFT ANTI JOIN ${table} AS n ON b.person_id = n.person_id
          WHERE b.person_id NOT IN (SELECT actor_id FROM person_links)`,
        (personId) => change(saved, SEGMENT_LEFT, personId, last, now, context),
      );
    }
    await events.run(
      people === 0
        ? sql`ALTER TABLE segment_members DROP PARTITION ${p.text(saved.segmentId)}`
        : sql`ALTER TABLE segment_members REPLACE PARTITION ${p.text(saved.segmentId)} FROM ${table}`,
    );
    const watch = {
      version: saved.version,
      evaluated_at: now,
      took_ms: Math.round(performance.now() - started),
      people,
      evaluated_through: through,
    };
    await records.db
      .insertInto('segment_watches')
      .values({ segment_id: saved.segmentId, ...watch })
      .onConflict((conflict) => conflict.column('segment_id').doUpdateSet(watch))
      .execute();
    return { segmentId: saved.segmentId, people, entered, left };
  } finally {
    await events.run(sql`DROP TABLE IF EXISTS ${table}`);
  }
}

/**
 * Brings the members of every watched segment up to date. A segment that takes long rests long: no sooner than twenty times its own
 * duration after the last time, unless a policy has published a day's turn since: that moves many at once, and they are waited for. One segment's trouble keeps no other from its turn; all troubles are thrown at the end.
 */
export async function evaluateMemberships(context: MembershipContext, now: Date): Promise<MembershipChange[]> {
  const changes: MembershipChange[] = [];
  const troubles: unknown[] = [];
  const through = await evaluatedThrough(context);
  for (const saved of await listSegments(context.records.db)) {
    if (!saved.watched) continue;
    try {
      const last = await lastWatch(context, saved.segmentId);
      const isResting =
        last !== undefined &&
        last.version === saved.version &&
        last.evaluated_through === through &&
        now.getTime() < last.evaluated_at.getTime() + last.took_ms * REST_FACTOR;
      if (!isResting) changes.push(await evaluateMembers(context, saved, last, through, now));
    } catch (cause) {
      troubles.push(new Error(`segment ${saved.segmentId} could not be evaluated`, { cause }));
    }
  }
  if (troubles.length > 0) throw new AggregateError(troubles, 'some segments could not be evaluated');
  return changes;
}
