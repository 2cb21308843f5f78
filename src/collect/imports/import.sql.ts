// What an import asks of its staged lines, and the one INSERT that makes them known as events.
import { empty, ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { parallelInsert } from '../../stores/events/parallel-insert.ts';
import { countsOf } from './events-to-be.sql.ts';
import {
  at,
  C_NUMBER,
  classNumber,
  judged,
  LINE_CLASSES,
  orderKeyOf,
  usable,
  type LineClass,
  type Lines,
} from './lines.sql.ts';

export type ClassCount = { readonly class: LineClass; readonly lines: number; readonly people: number };

/** Lines per class, and the people of the kept ones, in one pass. */
export async function countClasses(events: Events, lines: Lines): Promise<readonly ClassCount[]> {
  const rows = await events.rows<{ class: number; lines: number; people: number }>(sql`
    SELECT class, count() AS lines, uniqExactIf(sipHash64(person), class = ${classNumber('kept')}) AS people
    FROM ${judged(lines)} GROUP BY class ORDER BY lines DESC`);
  return rows.map((row) => ({ ...row, class: LINE_CLASSES[row.class]! }));
}

/** Orders among the kept lines. */
export async function countOrders(events: Events, lines: Lines): Promise<number> {
  const orders = lines.grouping === 'by_line' ? sql`count()` : sql`uniqExact(sipHash64(person, ${orderKeyOf(lines)}))`;
  const [row] = await events.rows<{ orders: number }>(sql`
    SELECT ${orders} AS orders FROM ${judged(lines)} WHERE class = ${classNumber('kept')}`);
  return row?.orders ?? 0;
}

/** What the whole columns say that no single row can: the order of day and month, and whether "C" marks a cancellation. */
export async function columnEvidence(
  events: Events,
  table: string,
  has: (column: string) => boolean,
): Promise<{
  readonly dayFirst: number;
  readonly monthFirst: number;
  readonly open: number;
  readonly cNumbers: number;
  readonly plainNumbers: number;
}> {
  const days = has('day_order')
    ? sql`countIf(day_order = 1) AS dayFirst, countIf(day_order = -1) AS monthFirst, countIf(day_order = 0 AND at != other_at) AS open`
    : sql`0 AS dayFirst, 0 AS monthFirst, 0 AS open`;
  const numbers = has('order_id')
    ? sql`countIf(upper(left(order_id, 1)) = 'C' AND ${C_NUMBER}) AS cNumbers, countIf(left(order_id, 1) BETWEEN '0' AND '9') AS plainNumbers`
    : sql`0 AS cNumbers, 0 AS plainNumbers`;
  const [row] = await events.rows<{
    dayFirst: number;
    monthFirst: number;
    open: number;
    cNumbers: number;
    plainNumbers: number;
  }>(sql`SELECT ${days}, ${numbers} FROM ${ident(table)} WHERE problem = ''`);
  return row ?? { dayFirst: 0, monthFirst: 0, open: 0, cNumbers: 0, plainNumbers: 0 };
}

/**
 * Ids of this import that the store already has, into `known`. Returns how many. `doubt` says that an earlier INSERT failed half-way in
 * this process: then the events themselves are asked, not the ids derived from them.
 */
export async function findKnown(events: Events, toBe: Sql, known: string, doubt: boolean): Promise<number> {
  const [all] = await events.rows<{ ids: number }>(sql`SELECT count() AS ids FROM message_ids`);
  if ((all?.ids ?? 0) === 0 && !doubt) return 0;
  await events.run(sql`CREATE TABLE ${ident(known)} (id FixedString(16)) ENGINE = MergeTree ORDER BY id`);
  const seen = doubt
    ? sql`(SELECT id FROM message_ids UNION DISTINCT SELECT sipHash128(message_id) AS id FROM events)`
    : sql`message_ids`;
  await events.run(sql`INSERT INTO ${ident(known)} SELECT DISTINCT id FROM ${seen}
    WHERE id IN (SELECT sipHash128(message_id) FROM ${toBe})`);
  const [row] = await events.rows<{ ids: number }>(sql`SELECT count() AS ids FROM ${ident(known)}`);
  return row?.ids ?? 0;
}

/** What an INSERT of an import writes: the events-to-be, at most so many, less those in a table of known ids. */
export type Writing = {
  readonly toBe: Sql;
  readonly rowsMax: number;
  readonly known: string | undefined;
  readonly now: Date;
};

/**
 * The one statement that makes an import's events known, views included. The engine commits it month by month: killed in its middle,
 * some months are in and others not; the ids make a second run complete it (see `staging.service.ts`).
 * Every thread writes blocks of its own, as few as it can, so that each month gets few parts and the views are fed the same rows as the
 * table; the views aggregate each block themselves, so that the roll-up need not be collapsed once more on insert (a third of the time).
 */
export async function insertEvents(events: Events, lines: Lines, writing: Writing): Promise<void> {
  const { toBe, known, now } = writing;
  const fresh = known === undefined ? empty : sql`WHERE sipHash128(message_id) NOT IN (SELECT id FROM ${ident(known)})`;
  const counts = joined([sql`source`, ...countsOf(lines).map(ident)], ', ');
  const { settings, blockRows } = await parallelInsert(events, writing.rowsMax);
  await events.run(sql`
    INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, order_id, products, properties, ${counts})
    SELECT message_id, person, name, at, ${p.instant(now)}, toDate(at, ${p.text(lines.timeZone)}), amount_cents, currency, order_id, products,
      properties, ${counts}
    FROM (SELECT *, 'import' AS source FROM ${toBe}) ${fresh}
    SETTINGS ${settings}, min_insert_block_size_rows_for_materialized_views = ${p.int(blockRows)},
      parallel_view_processing = 1, optimize_on_insert = 0`);
}

/** Events of imports received at this very instant: the difference before and after an INSERT is what it added. */
export async function countReceived(
  events: Events,
  now: Date,
): Promise<{ readonly all: number; readonly orders: number }> {
  const [row] = await events.rows<{ all: number; orders: number }>(sql`
    SELECT count() AS all, countIf(name = 'Order Completed') AS orders FROM events
    WHERE source = 'import' AND received_at = ${p.instant(now)}`);
  return row ?? { all: 0, orders: 0 };
}

/** `n` is the record's number, `line` where it begins in the file. */
export type Reject = {
  readonly n: number;
  readonly line: number;
  readonly problem: string;
  readonly raw: readonly string[];
};

/** Rejected lines after record `after`, with the true line number: records may span lines. */
export function rejectsAfter(events: Events, lines: Lines, after: number, limit: number): Promise<Reject[]> {
  const shift = lines.has('line_ends')
    ? sql`sum(line_ends) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - line_ends`
    : sql`0`;
  const all = lines.has('line_ends')
    ? sql`(SELECT n, problem, raw, toUInt64(${shift}) AS shift FROM ${ident(lines.table)} WHERE line_ends > 0 OR problem != '')`
    : sql`(SELECT n, problem, raw, 0 AS shift FROM ${ident(lines.table)})`;
  return events.rows<Reject>(
    sql`SELECT n, n + 1 + shift AS line, problem, raw FROM ${all} WHERE problem != '' AND n > ${p.int(after)} ORDER BY n LIMIT ${p.int(limit)}`,
  );
}

export const countRejects = (events: Events, table: string): Promise<{ problem: string; lines: number }[]> =>
  events.rows(
    sql`SELECT problem, count() AS lines FROM ${ident(table)} WHERE problem != '' GROUP BY problem ORDER BY lines DESC`,
  );

export type ImportedPerson = {
  readonly personId: string;
  readonly email?: string;
  readonly phone?: string;
  readonly firstName?: string;
  readonly country?: string;
  readonly language?: string;
  /** Only where the file has such a column and the cell says yes or no. */
  readonly marketingConsent?: boolean;
};

const TRAITS = ['email', 'phone', 'first_name', 'country', 'language', 'consent'] as const;
type PersonRow = { readonly person: string } & Readonly<Record<(typeof TRAITS)[number], string>>;

const YES = new Set(['1', 'true', 'yes', 'y', 't', 'subscribed', '是', '同意', '已订阅']);
const NO = new Set(['0', 'false', 'no', 'n', 'f', 'unsubscribed', '否', '不同意', '未订阅', '拒绝']);

function personOf(row: PersonRow): ImportedPerson {
  const consent = row.consent.toLowerCase();
  return {
    personId: row.person,
    ...(row.email === '' ? {} : { email: row.email }),
    ...(row.phone === '' ? {} : { phone: row.phone }),
    ...(row.first_name === '' ? {} : { firstName: row.first_name }),
    ...(row.country === '' ? {} : { country: row.country }),
    ...(row.language === '' ? {} : { language: row.language }),
    ...(YES.has(consent) ? { marketingConsent: true } : NO.has(consent) ? { marketingConsent: false } : {}),
  };
}

/** Everybody with a usable line, the latest non-empty value of each trait, into `table`. Anonymous ids are left out. */
export async function gatherPeople(events: Events, lines: Lines, table: string): Promise<void> {
  const traits = TRAITS.map((trait) =>
    lines.has(trait)
      ? sql`toString(argMaxIf(${ident(trait)}, (${at(lines)}, n), ${ident(trait)} != '')) AS ${ident(`p_${trait}`)}`
      : sql`'' AS ${ident(`p_${trait}`)}`,
  );
  await events.run(sql`CREATE TABLE ${ident(table)} (person String, email String, phone String, first_name String, country String,
    language String, consent String) ENGINE = MergeTree ORDER BY person`);
  await events.run(sql`INSERT INTO ${ident(table)} SELECT person, ${joined(traits, ', ')} FROM ${usable(lines)}
    WHERE NOT startsWith(person, 'anon:') GROUP BY person`);
}

export async function peopleAfter(
  events: Events,
  table: string,
  after: string,
  limit: number,
): Promise<ImportedPerson[]> {
  const rows = await events.rows<PersonRow>(
    sql`SELECT * FROM ${ident(table)} WHERE person > ${p.text(after)} ORDER BY person LIMIT ${p.int(limit)}`,
  );
  return rows.map(personOf);
}
