// Who of these people may be in an audience, and who must not: consent for advertising, objections and suppressions as the arbiter judges them,
// control groups of every programme, and who has come back.
import { sql, type RawBuilder } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import { judge } from '../arbiter/arbiter.sql.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { Known } from './identifiers.ts';

type Row = {
  readonly person_id: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly email_key: string | null;
  readonly phone_key: string | null;
  readonly oaid: string | null;
  readonly imei: string | null;
  readonly idfa: string | null;
  readonly openids: Readonly<Record<string, string>> | null;
  readonly in_control: boolean;
};

/** Of an audience to leave out, these are the very people, or do not matter to it. */
const NO_MATTER_FOR_EXCLUSION = new Set(['global_control', 'programme_control', 'sunset']);

const WAYS = ['email', 'phone', 'device'] as const;
const hasDevice = ({ oaid, imei, idfa, openids }: Row): boolean =>
  [oaid, imei, idfa, openids].some((each) => each !== null);

export type Judged = { readonly known: Known; readonly reason: string | null };

/** Three statements whatever their number. A mailbox or number that is suppressed is left out by itself. */
export async function judgeForAds(
  db: RecordsDb,
  personIds: readonly string[],
  options: {
    readonly use: 'target' | 'exclude';
    readonly programmeId: string | null;
    readonly returned: ReadonlySet<string>;
    readonly rules: ReachRules;
    readonly now: Date;
  },
): Promise<readonly Judged[]> {
  const { use, programmeId, returned, rules, now } = options;
  // Three questions with an index each, whatever the planner knows: one with two ORs took minutes for 5,000 people before the tables were analysed, this
  // less than a second.
  const isControlWhere = (shares: RawBuilder<unknown>) => sql`EXISTS (
        SELECT 1 FROM people o JOIN members m ON m.person_id = o.person_id JOIN programmes g ON g.programme_id = m.programme_id
        WHERE ${shares} AND m.arm = 'control' AND g.state IN ('running', 'paused'))`;
  const { rows } = await sql<Row>`
    SELECT pe.person_id, pe.email, pe.phone, pe.email_key, pe.phone_key, pe.traits ->> 'oaid' AS oaid, pe.traits ->> 'imei' AS imei, pe.traits ->> 'idfa' AS idfa,
      (SELECT jsonb_object_agg(substr(e.provider, 8), e.address ORDER BY e.seen_at) FROM endpoints e
        WHERE e.person_id = pe.person_id AND e.disabled_at IS NULL AND e.provider LIKE 'wechat:%') AS openids,
      ${isControlWhere(sql`o.person_id = pe.person_id`)} OR ${isControlWhere(sql`o.email_key = pe.email_key`)}
        OR ${isControlWhere(sql`o.phone_key = pe.phone_key`)} AS in_control
    FROM people pe WHERE pe.person_id = ANY(${[...personIds]}::text[])`.execute(db);
  const candidates = rows.flatMap((row) =>
    WAYS.flatMap((kind) => {
      // A device is nobody's mailbox: only what she herself said counts.
      const key = kind === 'device' ? (hasDevice(row) ? `device ${row.person_id}` : null) : row[`${kind}_key`];
      return key === null
        ? []
        : [
            {
              key: `${kind} ${row.person_id}`,
              person_id: row.person_id,
              channel: 'ads',
              purpose: 'ads_audience',
              address_key: key,
              programme_id: programmeId,
            },
          ];
    }),
  );
  const verdicts = new Map(
    (await judge(db, candidates, rules, now, { timed: false })).map((verdict) => [verdict.key, verdict.refusals]),
  );
  return rows.map((row): Judged => {
    const usable = (kind: (typeof WAYS)[number]): boolean =>
      verdicts.get(`${kind} ${row.person_id}`)?.includes('suppressed_address') === false;
    const codes = WAYS.flatMap((kind) => verdicts.get(`${kind} ${row.person_id}`) ?? [])
      .filter((code) => code !== 'suppressed_address')
      .filter((code) => use === 'target' || !NO_MATTER_FOR_EXCLUSION.has(code));
    const isReachable = WAYS.some(usable);
    const hasAddress = row.email_key !== null || row.phone_key !== null || hasDevice(row);
    const reason =
      codes[0] ??
      (use === 'target' && row.in_control ? 'programme_control' : undefined) ??
      (use === 'target' && returned.has(row.person_id) ? 'returned' : undefined) ??
      (isReachable ? null : hasAddress ? 'suppressed_address' : 'no_address');
    return {
      known: {
        personId: row.person_id,
        email: usable('email') ? (row.email ?? undefined) : undefined,
        phone: usable('phone') ? (row.phone ?? undefined) : undefined,
        oaid: row.oaid ?? undefined,
        imei: row.imei ?? undefined,
        idfa: row.idfa ?? undefined,
        openids: row.openids ?? undefined,
      },
      reason,
    };
  });
}

const PAGE = 5_000;

async function* paged(
  db: RecordsDb,
  page: (after: string) => ReturnType<typeof sql<{ person_id: string }>>,
): AsyncGenerator<readonly string[]> {
  for (let after = ''; ;) {
    const { rows } = await page(after).execute(db);
    if (rows.length === 0) return;
    yield rows.map((row) => row.person_id);
    after = rows.at(-1)!.person_id;
  }
}

/** A programme's people by their last run in it: to reach, those who are treated and have not come back; to leave out, the rest of them. */
export const programmePeople = (
  db: RecordsDb,
  programmeId: string,
  use: 'target' | 'exclude',
): AsyncGenerator<readonly string[]> =>
  paged(
    db,
    (after) => sql<{ person_id: string }>`
      SELECT person_id FROM (
        SELECT DISTINCT ON (person_id) person_id, arm, state, end_reason FROM members
        WHERE programme_id = ${programmeId} AND person_id > ${after} ORDER BY person_id, enrolled_at DESC) AS last
      WHERE ${
        use === 'target'
          ? sql`arm = 'treated' AND state <> 'exited' AND end_reason IS DISTINCT FROM 'returned'`
          : sql`arm = 'control' OR end_reason = 'returned'`
      } ORDER BY person_id LIMIT ${PAGE}`,
  );

export const globalControl = (db: RecordsDb, buckets: number): AsyncGenerator<readonly string[]> =>
  paged(
    db,
    (after) => sql<{ person_id: string }>`
      SELECT person_id FROM people WHERE global_bucket < ${buckets}::int AND person_id > ${after} ORDER BY person_id LIMIT ${PAGE}`,
  );

/** Who was to be reached by an audience of the same source at the same network, and has come back. */
export const returnedFromSiblings = (db: RecordsDb, audienceId: string): AsyncGenerator<readonly string[]> =>
  paged(
    db,
    (after) => sql<{ person_id: string }>`
      SELECT DISTINCT r.person_id FROM audiences a
      JOIN audiences b ON b.network = a.network AND b.source_kind = a.source_kind AND b.source_id = a.source_id AND b.use = 'target'
      JOIN audience_records r ON r.audience_id = b.audience_id
      WHERE a.audience_id = ${audienceId} AND r.reason = 'returned' AND r.person_id > ${after} ORDER BY r.person_id LIMIT ${PAGE}`,
  );

const RETURNED_DAYS = 30;

/** Whose last membership anywhere ended with her return, lately: her stage may not say it yet. */
export async function returnedMembers(db: RecordsDb, now: Date): Promise<readonly string[]> {
  const { rows } = await sql<{ person_id: string }>`
    SELECT person_id FROM (SELECT DISTINCT ON (person_id) person_id, end_reason, ended_at FROM members ORDER BY person_id, enrolled_at DESC) AS last
    WHERE end_reason = 'returned' AND ended_at > ${now}::timestamptz - make_interval(days => ${RETURNED_DAYS}::int)`.execute(
    db,
  );
  return rows.map((row) => row.person_id);
}
