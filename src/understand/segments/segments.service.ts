// Saved segments as versions that never change, at most one of them active; and snapshots, sets of people frozen for good.
import { sql as recordsSql } from 'kysely';
import { z } from 'zod';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { inWords } from '../../kernel/issue.ts';
import type { Text } from '../../kernel/lang.ts';
import { isObject } from '../../kernel/json.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { prepareSegment, wordsOf, type SegmentContext } from './questions.service.ts';
import { leavesOf, parseSegment, type Segment } from './segment.ts';

export const segmentSchema = z.strictObject({
  segmentId: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,63}$/,
      inWords('lower-case letters, digits and dashes, at most 64', '须为小写字母、数字和连字符，最多 64 个字符'),
    ),
  name: z.string().min(1).max(200),
  /** The tree; checked by `parseSegment`. */
  segment: z.unknown(),
  /** Whose stages, scores and reasons its conditions mean where they name none. */
  policyId: z.string().min(1).optional(),
  /** Names that never occurred are allowed. */
  allowUnseen: z.boolean().default(false),
  /** Who enters and leaves is recorded as events. */
  watched: z.boolean().default(true),
});
export type SegmentDefinition = z.output<typeof segmentSchema>;

export type SavedSegment = {
  readonly segmentId: string;
  readonly version: number;
  readonly active: boolean;
  readonly name: string;
  readonly segment: Segment;
  readonly policyId: string | null;
  readonly allowUnseen: boolean;
  readonly watched: boolean;
  readonly createdAt: Date;
  readonly words: Text;
  /** Of a watched segment that was evaluated: how many were in it, and when. */
  readonly members: { readonly people: number; readonly evaluatedAt: Date } | null;
};

type Row = {
  readonly segment_id: string;
  readonly version: number;
  readonly active: boolean;
  readonly definition: unknown;
  readonly created_at: Date;
  readonly people: number | null;
  readonly evaluated_at: Date | null;
};

function savedOf(row: Row): SavedSegment {
  const { name, segment, policyId, allowUnseen, watched } = segmentSchema.parse(row.definition);
  const tree = parseSegment(segment);
  return {
    segmentId: row.segment_id,
    version: row.version,
    active: row.active,
    name,
    segment: tree,
    policyId: policyId ?? null,
    allowUnseen,
    watched,
    createdAt: row.created_at,
    words: wordsOf(tree),
    members:
      row.active && row.people !== null && row.evaluated_at !== null
        ? { people: row.people, evaluatedAt: row.evaluated_at }
        : null,
  };
}

/** Active versions, or all versions of one segment; newest version first. */
export async function listSegments(db: RecordsDb, segmentId?: string): Promise<SavedSegment[]> {
  let query = db
    .selectFrom('segments')
    .leftJoin('segment_watches', (join) =>
      join
        .onRef('segment_watches.segment_id', '=', 'segments.segment_id')
        .onRef('segment_watches.version', '=', 'segments.version'),
    )
    .select([
      'segments.segment_id',
      'segments.version',
      'segments.active',
      'segments.definition',
      'segments.created_at',
      'segment_watches.people',
      'segment_watches.evaluated_at',
    ]);
  query =
    segmentId === undefined
      ? query.where('segments.active', '=', true)
      : query.where('segments.segment_id', '=', segmentId);
  const rows = await query.orderBy('segments.segment_id').orderBy('segments.version', 'desc').execute();
  return rows.map(savedOf);
}

/** The given version, or the active one. Throws `not_found` with the nearest id. */
export async function showSegment(db: RecordsDb, segmentId: string, version?: number): Promise<SavedSegment> {
  const versions = await listSegments(db, segmentId);
  const found = versions.find((saved) => (version === undefined ? saved.active : saved.version === version));
  if (found !== undefined) return found;
  if (versions.length > 0 && version !== undefined)
    throw new RekindleError('not_found', {
      what: { en: `version ${version} of segment "${segmentId}"`, zh: `分群“${segmentId}”的版本 ${version}` },
    });
  const known = (await listSegments(db)).map((saved) => saved.segmentId);
  throw new RekindleError('not_found', { what: `segment "${segmentId}"${didYouMean(segmentId, known)}` });
}

export type SaveMode = 'create' | 'change';

/**
 * Saves the next version and makes it the active one. Throws `invalid` or `not_found` for what the tree names wrongly, `conflict` when a
 * segment to be created exists, `not_found` when one to be changed does not.
 */
export async function saveSegment(
  context: SegmentContext,
  definition: SegmentDefinition,
  mode: SaveMode,
  now: Date,
): Promise<SavedSegment> {
  const { segmentId, policyId, allowUnseen } = definition;
  const { segment } = await prepareSegment(context, { segment: definition.segment, policyId, allowUnseen }, now, {
    id: segmentId,
  });
  await context.records.db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('segments')
      .select('version')
      .where('segment_id', '=', segmentId)
      .orderBy('version', 'desc')
      .forUpdate()
      .execute();
    if (mode === 'create' && rows.length > 0)
      throw new RekindleError('conflict', {
        what: { en: `segment ${segmentId} exists already`, zh: `分群 ${segmentId} 已存在` },
      });
    if (mode === 'change' && rows.length === 0) await showSegment(tx, segmentId);
    await tx
      .updateTable('segments')
      .set({ active: false })
      .where('segment_id', '=', segmentId)
      .where('active', '=', true)
      .execute();
    const added = await tx
      .insertInto('segments')
      .values({
        segment_id: segmentId,
        version: (rows[0]?.version ?? 0) + 1,
        name: definition.name,
        definition: JSON.stringify({ ...definition, segment }),
        created_at: now,
        active: true,
      })
      // Two who create it at once: the second is told as if she had come later.
      .onConflict((conflict) => conflict.columns(['segment_id', 'version']).doNothing())
      .returning('version')
      .executeTakeFirst();
    if (added === undefined)
      throw new RekindleError('conflict', {
        what: { en: `segment ${segmentId} exists already`, zh: `分群 ${segmentId} 已存在` },
      });
  });
  return showSegment(context.records.db, segmentId);
}

const refersTo = (tree: unknown, segmentId: string): boolean => {
  try {
    return [...leavesOf(parseSegment(tree))].some(({ leaf }) => leaf.kind === 'segment' && leaf.id === segmentId);
  } catch (error) {
    // A tree of another time that is valid no more refers to nobody.
    if (error instanceof RekindleError) return false;
    throw error;
  }
};

/** Active segments and programmes that have not ended whose tree names the segment. */
async function usersOf(db: RecordsDb, segmentId: string): Promise<string[]> {
  const segments = await db
    .selectFrom('segments')
    .select(['segment_id', 'definition'])
    .where('active', '=', true)
    .where('segment_id', '<>', segmentId)
    .execute();
  const programmes = await recordsSql<{ programme_id: string; segment: unknown }>`
    SELECT programme_id, definition #> '{audience,segment}' AS segment FROM programmes WHERE state <> 'ended'`.execute(
    db,
  );
  return [
    ...segments
      .filter((row) => isObject(row.definition) && refersTo(row.definition['segment'], segmentId))
      .map((row) => `segment ${row.segment_id}`),
    ...programmes.rows
      .filter((row) => row.segment !== null && refersTo(row.segment, segmentId))
      .map((row) => `programme ${row.programme_id}`),
  ];
}

/** Deletes every version; its snapshots stay. Throws `not_found`, and `conflict` naming who still uses it. */
export async function deleteSegment(context: SegmentContext, segmentId: string): Promise<void> {
  const { records, events } = context;
  await showSegment(records.db, segmentId);
  const users = await usersOf(records.db, segmentId);
  if (users.length > 0)
    throw new RekindleError('conflict', {
      what: {
        en: `segment ${segmentId} is used by ${users.join(', ')}`,
        zh: `分群 ${segmentId} 正被 ${users.join('、')} 使用`,
      },
    });
  await records.db.transaction().execute(async (tx) => {
    await tx.deleteFrom('segments').where('segment_id', '=', segmentId).execute();
    await tx.deleteFrom('segment_watches').where('segment_id', '=', segmentId).execute();
  });
  await events.run(sql`ALTER TABLE segment_members DROP PARTITION ${p.text(segmentId)}`);
}

export type Snapshot = {
  readonly snapshotId: string;
  readonly segmentId: string;
  readonly version: number;
  readonly asOf: Day;
  readonly takenAt: Date;
  readonly people: number;
};

/** Freezes who is in the segment now; `{ kind: 'snapshot', id }` is this set for ever, less those who are erased. */
export async function takeSnapshot(context: SegmentContext, segmentId: string, now: Date): Promise<Snapshot> {
  const { records, events } = context;
  const saved = await showSegment(records.db, segmentId);
  const { people, moment } = await prepareSegment(context, questionOf(saved), now, { id: segmentId });
  const snapshotId = newId('snap', now);
  // The people first: a snapshot that is listed is whole.
  await events.run(
    sql`INSERT INTO segment_snapshot_members SELECT ${p.text(snapshotId)} AS snapshot_id, person_id FROM (${people})`,
  );
  const [row] = await events.rows<{ people: number }>(
    sql`SELECT count() AS people FROM segment_snapshot_members WHERE snapshot_id = ${p.text(snapshotId)}`,
  );
  const snapshot = {
    snapshotId,
    segmentId,
    version: saved.version,
    asOf: moment.asOf,
    takenAt: now,
    people: row?.people ?? 0,
  };
  await records.db
    .insertInto('segment_snapshots')
    .values({
      snapshot_id: snapshotId,
      segment_id: segmentId,
      version: saved.version,
      as_of: moment.asOf,
      taken_at: now,
      people: snapshot.people,
    })
    .execute();
  return snapshot;
}

/** The latest first. */
export async function listSnapshots(db: RecordsDb, segmentId?: string): Promise<Snapshot[]> {
  const rows = await db
    .selectFrom('segment_snapshots')
    .selectAll()
    .$if(segmentId !== undefined, (query) => query.where('segment_id', '=', segmentId!))
    .orderBy('taken_at', 'desc')
    .orderBy('snapshot_id', 'desc')
    .limit(1_000)
    .execute();
  return rows.map((row) => ({
    snapshotId: row.snapshot_id,
    segmentId: row.segment_id,
    version: row.version,
    asOf: row.as_of,
    takenAt: row.taken_at,
    people: row.people,
  }));
}

/** A saved segment as it is asked: its names were checked when it was saved, and what it names may have been erased since. */
export const questionOf = (saved: SavedSegment) => ({
  segment: saved.segment,
  allowUnseen: true,
  ...(saved.policyId === null ? {} : { policyId: saved.policyId }),
});
