// Lines become orders. In nearly every file an order's lines stand together: such orders are cut out of the file from top to bottom, for
// half the work of grouping, which pays for four small arrays of every order. An order that is met twice that way (its lines stand apart) is
// grouped after all.
// Guarantees: one row per order, the same whichever way it was made.
import { empty, ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import {
  at,
  currencyOf,
  hasProducts,
  numberOr,
  orderKeyOf,
  PRODUCT_COLUMNS,
  productParts,
  usable,
  worthOf,
  type Lines,
} from './lines.sql.ts';

/** More lines than this are counted and paid for, but not listed. */
const PRODUCTS_MAX = 1000;

const PRODUCTS = sql`Array(Tuple(product_id String, name String, category String, brand String, quantity Int32, price_cents Int64))`;
export const NO_PRODUCTS = sql`CAST([] AS ${PRODUCTS})`;

/** What is known of an order: its digest (which becomes its message id), whose it is, its key, and its lines in sum. */
const COLUMNS = sql`digest, is_back, person, order_key, at_first, worth, all_lines, all_items, currency_first, products`;

const DIGEST = sql`sipHash128('order', is_back, person, order_key)`;

/** Products of many lines: columns are collected one by one and put together after, which is twice as fast as collecting tuples. */
function productsOf(lines: Lines, limit: Sql): { readonly collect: readonly Sql[]; readonly together: Sql } {
  if (!hasProducts(lines)) return { collect: [], together: NO_PRODUCTS };
  const { quantity, price, words } = productParts(lines);
  const list = (value: Sql, name: string): Sql => sql`groupArray${limit}(${value}) AS ${ident(name)}`;
  const fields = PRODUCT_COLUMNS.map((column) => (words.includes(column) ? ident(`x_${column}`) : sql`''`));
  const taken = [...words, 'quantity', 'price'];
  const all = (prefix: string): Sql =>
    joined(
      taken.map((column) => ident(`${prefix}_${column}`)),
      ', ',
    );
  return {
    collect: [
      ...words.map((column) => list(sql`toString(${ident(column)})`, `each_${column}`)),
      list(quantity, 'each_quantity'),
      list(price, 'each_price'),
    ],
    together: sql`arrayMap((${all('x')}) -> (${joined(fields, ', ')}, x_quantity, x_price), ${all('each')})`,
  };
}

/** Orders by grouping the lines `where` names: COLUMNS. */
function groupedOrders(lines: Lines, where: Sql = empty): Sql {
  const products = productsOf(lines, sql`(${p.int(PRODUCTS_MAX)})`);
  const group = [
    sql`is_back, person, ${orderKeyOf(lines)} AS order_key, min(${at(lines)}) AS at_first, sum(${worthOf(lines, sql`is_back`)}) AS worth,
      count() AS all_lines, sum(${numberOr(lines, 'quantity', sql`1.`)}) AS all_items`,
    // Aggregates of text cost most: a fixed currency is not collected.
    lines.has('currency') ? sql`any(toString(${currencyOf(lines)})) AS currency_first` : sql`'' AS currency_first`,
    ...products.collect,
  ];
  return sql`(SELECT ${DIGEST} AS digest, is_back, person, order_key, at_first, worth, toUInt32(all_lines) AS all_lines, all_items, currency_first,
      ${products.together} AS products
    FROM (SELECT ${joined(group, ', ')} FROM ${usable(lines)} ${where} GROUP BY is_back, person, order_key))`;
}

/** So many lines are walked at a time; an order that goes on beyond them counts as standing apart. */
const LINES_AT_A_TIME = 65_536;

/** Runs of neighbouring lines of one order: COLUMNS. */
function neighbours(lines: Lines): Sql {
  const products = productsOf(lines, empty);
  const currency = lines.has('currency') ? [sql`groupArray(toString(${currencyOf(lines)})) AS all_currency`] : [];
  const each = [
    sql`groupArray(is_back) AS all_back, groupArray(person) AS all_person, groupArray(${orderKeyOf(lines)}) AS all_key, groupArray(${at(lines)}) AS all_at,
      groupArray(${worthOf(lines, sql`is_back`)}) AS all_worth, groupArray(${numberOr(lines, 'quantity', sql`1.`)}) AS all_count`,
    ...currency,
    ...products.collect,
  ];
  const first = (column: string): Sql => sql`arrayFilter((x, f) -> f, ${ident(`all_${column}`)}, is_first)`;
  const runs = (values: Sql): Sql => sql`arraySplit((x, f) -> f, ${values}, is_first)`;
  return sql`
    SELECT sipHash128('order', run_back, run_person, run_key) AS digest, run_back AS is_back, run_person AS person, run_key AS order_key,
      arrayMin(run_at) AS at_first, arraySum(run_worth) AS worth, toUInt32(length(run_worth)) AS all_lines, arraySum(run_count) AS all_items,
      ${lines.has('currency') ? sql`run_currency` : sql`''`} AS currency_first, ${hasProducts(lines) ? sql`run_products` : NO_PRODUCTS} AS products
    FROM (SELECT ${first('back')} AS run_back, ${first('person')} AS run_person, ${first('key')} AS run_key, ${runs(sql`all_at`)} AS run_at,
        ${runs(sql`all_worth`)} AS run_worth, ${runs(sql`all_count`)} AS run_count
        ${lines.has('currency') ? sql`, ${first('currency')} AS run_currency` : empty}
        ${hasProducts(lines) ? sql`, ${runs(products.together)} AS run_products` : empty}
      FROM (SELECT *, arrayMap((key, last_key, person, last_person, back, last_back) -> key != last_key OR person != last_person OR back != last_back,
          all_key, arrayShiftRight(all_key, 1), all_person, arrayShiftRight(all_person, 1), all_back, arrayShiftRight(all_back, 1)) AS is_first
        FROM (SELECT ${joined(each, ', ')} FROM ${usable(lines)} GROUP BY intDiv(n, ${p.int(LINES_AT_A_TIME)}))))
    ARRAY JOIN run_back, run_person, run_key, run_at, run_worth, run_count ${lines.has('currency') ? sql`, run_currency` : empty}
      ${hasProducts(lines) ? sql`, run_products` : empty}`;
}

/** Orders cut out of the file, in two working tables: all runs of neighbouring lines, and the orders that are to be grouped after all. */
export type CutOrders = { readonly table: string; readonly apart: string; readonly runs: number };

/** Where more than this share of the runs are parts of orders that stand apart, everything is grouped at once. */
const APART_MAX = 0.25;

/** Cuts the orders out of the file; undefined where the file is not in their order. The tables are the caller's to drop. */
export async function cutOrders(
  events: Events,
  lines: Lines,
  names: Pick<CutOrders, 'table' | 'apart'>,
): Promise<CutOrders | undefined> {
  const table = ident(names.table);
  const apart = ident(names.apart);
  const engine = lines.isInMemory ? sql`Memory` : sql`MergeTree ORDER BY tuple()`;
  const key = sql`digest FixedString(16), is_back UInt8, person String, order_key String`;
  await events.run(sql`CREATE TABLE ${table} (${key}, at_first DateTime64(3, 'UTC'), worth Float64, all_lines UInt32, all_items Float64,
    currency_first LowCardinality(String), products ${PRODUCTS}) ENGINE = ${engine}`);
  // In memory the rows stay in the blocks they were made in, which costs nothing and lets every thread read its own.
  const blocks = lines.isInMemory
    ? sql`SETTINGS min_insert_block_size_rows = 0, min_insert_block_size_bytes = 0`
    : empty;
  await events.run(sql`INSERT INTO ${table} (${COLUMNS}) ${neighbours(lines)} ${blocks}`);
  // Half a digest is counted by faster; two orders that share it are both grouped, which does no harm.
  const half = sql`reinterpretAsUInt64(digest)`;
  await events.run(sql`CREATE TABLE ${apart} (${key}) ENGINE = ${engine}`);
  await events.run(sql`INSERT INTO ${apart} SELECT digest, is_back, person, order_key FROM ${table}
    WHERE all_lines > ${p.int(PRODUCTS_MAX)} OR ${half} IN (SELECT ${half} AS half FROM ${table} GROUP BY half HAVING count() > 1)`);
  const [row] = await events.rows<{ runs: number; apart: number }>(
    sql`SELECT (SELECT count() FROM ${table}) AS runs, (SELECT count() FROM ${apart}) AS apart`,
  );
  return row === undefined || row.apart > APART_MAX * row.runs ? undefined : { ...names, runs: row.runs };
}

/** One row per order: COLUMNS. */
export function ordersOf(lines: Lines, cut: CutOrders | undefined): Sql {
  if (cut === undefined) return groupedOrders(lines);
  const apart = ident(cut.apart);
  return sql`(SELECT ${COLUMNS} FROM ${ident(cut.table)} WHERE digest NOT IN (SELECT digest FROM ${apart})
    UNION ALL SELECT ${COLUMNS} FROM ${groupedOrders(
      lines,
      sql`WHERE person IN (SELECT person FROM ${apart}) AND (is_back, person, ${orderKeyOf(lines)}) IN (SELECT is_back, person, order_key FROM ${apart})`,
    )})`;
}
