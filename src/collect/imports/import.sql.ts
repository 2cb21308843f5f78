// From staged lines to events: what every line is, how lines become orders, and the one INSERT that makes them known.
// Message ids are digests of what the lines say, so that the same order imported again, from whatever file, has the same id.
import { minorDigits } from '../../kernel/money.ts';
import { empty, ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { ImportKind } from './mapping.ts';
import { centsOf } from './values.sql.ts';

/** What became of a line. `kept`, `cancelled` and `returned` become events; the rest is counted and left out. */
export const LINE_CLASSES = [
  'kept',
  'rejected',
  'no_person',
  'cancelled',
  'returned',
  'unpaid',
  'zero_quantity',
  'no_price',
] as const;
export type LineClass = (typeof LINE_CLASSES)[number];

/** How lines of an order file belong together. */
export type Grouping = 'by_order' | 'by_person_and_time' | 'by_line';

export type Lines = {
  /** The staging table. */
  readonly table: string;
  readonly kind: ImportKind;
  readonly grouping: Grouping;
  readonly has: (column: string) => boolean;
  readonly currency: string;
  readonly timeZone: string;
  /** The column's days turned out to be written the other way than read first. */
  readonly usesOtherDayOrder: boolean;
  /** `C536379` cancels an order: true when such numbers stand among plain ones. */
  readonly marksCancelledByC: boolean;
};

const textOr = (lines: Lines, column: string): Sql => (lines.has(column) ? ident(column) : sql`''`);
const numberOr = (lines: Lines, column: string, otherwise: Sql): Sql => (lines.has(column) ? ident(column) : otherwise);

const at = (lines: Lines): Sql => (lines.usesOtherDayOrder ? sql`other_at` : sql`at`);

const C_NUMBER = sql`match(order_id, '^[Cc][0-9]+$')`;

/** The rules of `classOf` one by one; the first that holds names the line. */
function rulesOf(lines: Lines): readonly { readonly class: LineClass; readonly when: Sql }[] {
  const rule = (name: LineClass, ...conditions: readonly Sql[]) =>
    conditions.length === 0 ? [] : [{ class: name, when: joined(conditions, ' OR ') }];
  const always = [...rule('rejected', sql`problem != ''`), ...rule('no_person', sql`person = ''`)];
  if (lines.kind === 'events') return always;
  const status = (value: Sql): Sql[] => (lines.has('status') ? [sql`status = ${value}`] : []);
  const number = (column: string, condition: Sql): Sql[] => (lines.has(column) ? [condition] : []);
  return [
    ...always,
    ...rule('cancelled', ...(lines.marksCancelledByC ? [C_NUMBER] : []), ...status(sql`'cancelled'`)),
    ...rule('unpaid', ...status(sql`'unpaid'`)),
    ...rule(
      'returned',
      ...status(sql`'refunded'`),
      ...number('quantity', sql`quantity < 0`),
      ...number('amount', sql`amount < 0`),
    ),
    ...rule('zero_quantity', ...number('quantity', sql`quantity = 0`)),
    ...rule('no_price', ...(lines.has('amount') ? [] : number('price', sql`price <= 0`))),
  ];
}

const classNumber = (name: LineClass): Sql => sql`toUInt8(${p.int(LINE_CLASSES.indexOf(name))})`;

/** A line's class, as its place in LINE_CLASSES: small numbers group faster than words. */
const classOf = (lines: Lines): Sql => {
  const rules = rulesOf(lines).map((rule) => sql`${rule.when}, ${classNumber(rule.class)}`);
  return sql`multiIf(${joined(rules, ', ')}, ${classNumber('kept')})`;
};

/** Minor units per unit of a line's currency, from ICU's table. */
function factorOf(lines: Lines, currency: Sql = sql`currency`): Sql {
  const own = sql`${p.float(10 ** minorDigits(lines.currency))}`;
  if (!lines.has('currency')) return own;
  const ofDigits = (digits: number): readonly string[] =>
    Intl.supportedValuesOf('currency').filter((code) => minorDigits(code) === digits);
  return sql`multiIf(${currency} = '', ${own}, ${currency} IN ${p.texts(ofDigits(0))}, 1., ${currency} IN ${p.texts(ofDigits(3))}, 1000., 100.)`;
}

const currencyOf = (lines: Lines): Sql =>
  lines.has('currency') ? sql`if(currency = '', ${p.text(lines.currency)}, currency)` : sql`${p.text(lines.currency)}`;

/** A line's worth in units: what was paid, or price times quantity; negative when the money went back. */
function worthOf(lines: Lines, isBack: Sql): Sql {
  const quantity = numberOr(lines, 'quantity', sql`1.`);
  const worth = lines.has('amount') ? sql`amount` : lines.has('price') ? sql`price * ${quantity}` : sql`0.`;
  return sql`if(${isBack}, -abs(${worth}), ${worth})`;
}

const PRODUCT_COLUMNS = ['product', 'product_name', 'category', 'brand'] as const;
const hasProducts = (lines: Lines): boolean => PRODUCT_COLUMNS.some((column) => lines.has(column));

/** The parts of a product that lines tell, as columns; the rest is empty. */
function productParts(lines: Lines): {
  readonly quantity: Sql;
  readonly price: Sql;
  readonly words: readonly string[];
} {
  const quantity = numberOr(lines, 'quantity', sql`1.`);
  const price = lines.has('price')
    ? sql`price`
    : lines.has('amount')
      ? sql`if(${quantity} = 0, 0., abs(amount / ${quantity}))`
      : sql`0.`;
  return {
    quantity: sql`toInt32(greatest(-1e9, least(1e9, round(${quantity}))))`,
    price: centsOf(price, factorOf(lines)),
    words: PRODUCT_COLUMNS.filter((column) => lines.has(column)),
  };
}

const PRODUCTS_LIMIT = sql`1000`;

/** Products of a group of lines. Columns are collected one by one and put together after: twice as fast as collecting tuples. */
function productsOfGroup(lines: Lines): { readonly collect: readonly Sql[]; readonly together: Sql } {
  const { quantity, price, words } = productParts(lines);
  const list = (value: Sql, name: string): Sql => sql`groupArray(${PRODUCTS_LIMIT})(${value}) AS ${ident(name)}`;
  const fields = PRODUCT_COLUMNS.map((column) => (words.includes(column) ? ident(`x_${column}`) : sql`''`));
  const taken = [...words, 'quantity', 'price'];
  return {
    collect: [
      ...words.map((column) => list(sql`toString(${ident(column)})`, `all_${column}`)),
      list(quantity, 'all_quantity'),
      list(price, 'all_price'),
    ],
    together: sql`arrayMap((${joined(
      taken.map((column) => ident(`x_${column}`)),
      ', ',
    )}) -> (${joined(fields, ', ')}, x_quantity, x_price), ${joined(
      taken.map((column) => ident(`all_${column}`)),
      ', ',
    )})`,
  };
}

function productOf(lines: Lines): Sql {
  const { quantity, price, words } = productParts(lines);
  const fields = PRODUCT_COLUMNS.map((column) => (words.includes(column) ? sql`toString(${ident(column)})` : sql`''`));
  return sql`tuple(${joined(fields, ', ')}, ${quantity}, ${price})`;
}

const NO_PRODUCTS = sql`CAST([], 'Array(Tuple(product_id String, name String, category String, brand String, quantity Int32, price_cents Int64))')`;

/** What lines of one order share: its number, or who and when. */
const orderKeyOf = (lines: Lines): Sql =>
  lines.grouping === 'by_order'
    ? sql`if(order_id = '', concat('@', toString(toUnixTimestamp64Milli(${at(lines)}))), order_id)`
    : sql`concat('@', toString(toUnixTimestamp64Milli(${at(lines)})))`;

/** Lines with their class. */
const judged = (lines: Lines): Sql => sql`(SELECT *, ${classOf(lines)} AS class FROM ${ident(lines.table)})`;
/** Lines that become events. */
const usable = (lines: Lines): Sql =>
  sql`(SELECT *, class IN (${classNumber('cancelled')}, ${classNumber('returned')}) AS is_back FROM ${judged(lines)}
    WHERE class IN (${classNumber('kept')}, ${classNumber('cancelled')}, ${classNumber('returned')}))`;

const idFrom = (digest: Sql): Sql => sql`concat('imp:', lower(hex(${digest})))`;

/** A whole quantity, at least one. */
const itemsOf = (quantity: Sql): Sql => sql`toUInt32(least(4e9, greatest(1., round(abs(${quantity})))))`;

/** What `eventsToBe` counts itself; of the rest the table counts by the event's products and properties. */
const countsOf = (lines: Lines): readonly ('lines' | 'items')[] => {
  if (lines.kind === 'orders') return ['lines', 'items'];
  return lines.has('quantity') && !lines.has('products') && !hasProducts(lines) ? ['items'] : [];
};

/** message_id, person, name, at, cents, currency, order_id, products, properties and `countsOf`: one row per event-to-be. */
export function eventsToBe(lines: Lines): Sql {
  const orderName = sql`if(is_back, 'Order Refunded', 'Order Completed')`;
  if (lines.kind === 'events') {
    const own = textOr(lines, 'message_id');
    const cents = sql`if(name = 'Order Refunded', -abs(cents), cents)`;
    return sql`(SELECT if(own != '', own, ${idFrom(sql`sipHash128('event', name, person, at_ms, cents, order_id, properties, copy)`)}) AS message_id,
        person, name, fromUnixTimestamp64Milli(at_ms, 'UTC') AS at, ${cents} AS amount_cents, currency, order_id, products, properties,
        ${itemsOf(sql`mean_quantity`)} AS items
      FROM (SELECT *, arrayJoin(range(if(own != '', 1, copies))) AS copy FROM (
        SELECT substring(${own}, 1, 100) AS own, person, name, toUnixTimestamp64Milli(${at(lines)}) AS at_ms,
          ${lines.has('amount') ? centsOf(sql`amount`, factorOf(lines)) : sql`toInt64(0)`} AS cents, ${currencyOf(lines)} AS currency,
          ${textOr(lines, 'order_id')} AS order_id, ${lines.has('products') ? sql`products` : hasProducts(lines) ? sql`[${productOf(lines)}]` : NO_PRODUCTS} AS products,
          properties, count() AS copies, avg(${numberOr(lines, 'quantity', sql`1.`)}) AS mean_quantity
        FROM ${usable(lines)} GROUP BY own, person, name, at_ms, cents, currency, order_id, products, properties))
      ${lines.has('message_id') ? sql`LIMIT 1 BY message_id` : empty})`;
  }
  if (lines.grouping === 'by_line') {
    // Two equal lines are two orders: the second is told from the first by its number among its equals.
    return sql`(SELECT ${idFrom(sql`sipHash128('line', is_back, person, at_ms, amount_cents, quantity, currency, copy)`)} AS message_id,
        person, ${orderName} AS name, fromUnixTimestamp64Milli(at_ms, 'UTC') AS at, amount_cents, currency, '' AS order_id,
        ${NO_PRODUCTS} AS products, '{}' AS properties, toUInt32(1) AS lines, ${itemsOf(sql`quantity`)} AS items
      FROM (SELECT *, arrayJoin(range(copies)) AS copy FROM (
        SELECT is_back, person, toUnixTimestamp64Milli(${at(lines)}) AS at_ms, ${centsOf(worthOf(lines, sql`is_back`), factorOf(lines))} AS amount_cents,
          ${numberOr(lines, 'quantity', sql`1.`)} AS quantity, ${currencyOf(lines)} AS currency, count() AS copies
        FROM ${usable(lines)} GROUP BY is_back, person, at_ms, amount_cents, quantity, currency)))`;
  }
  // Aggregates of text are what a grouping pays for: the order's number is read back from its key, a fixed currency is not collected.
  const orderId = lines.grouping === 'by_order' ? sql`if(startsWith(order_key, '@'), '', order_key)` : sql`''`;
  const products = hasProducts(lines) ? productsOfGroup(lines) : { collect: [], together: NO_PRODUCTS };
  const currency = lines.has('currency') ? sql`toString(currency_first)` : sql`${p.text(lines.currency)}`;
  const group = [
    sql`is_back, person, ${orderKeyOf(lines)} AS order_key, min(${at(lines)}) AS at_first, sum(${worthOf(lines, sql`is_back`)}) AS worth,
      count() AS all_lines, sum(${numberOr(lines, 'quantity', sql`1.`)}) AS all_items`,
    ...(lines.has('currency') ? [sql`any(${currencyOf(lines)}) AS currency_first`] : []),
    ...products.collect,
  ];
  return sql`(SELECT ${idFrom(sql`sipHash128('order', is_back, person, order_key)`)} AS message_id, person, ${orderName} AS name, at_first AS at,
      ${centsOf(sql`worth`, factorOf(lines, sql`currency_first`))} AS amount_cents, ${currency} AS currency, ${orderId} AS order_id,
      ${products.together} AS products, '{}' AS properties, toUInt32(all_lines) AS lines, ${itemsOf(sql`all_items`)} AS items
    FROM (SELECT ${joined(group, ', ')} FROM ${usable(lines)} GROUP BY is_back, person, order_key))`;
}

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
export async function findKnown(events: Events, lines: Lines, known: string, doubt: boolean): Promise<number> {
  const [all] = await events.rows<{ ids: number }>(sql`SELECT count() AS ids FROM message_ids`);
  if ((all?.ids ?? 0) === 0 && !doubt) return 0;
  await events.run(sql`CREATE TABLE ${ident(known)} (id FixedString(16)) ENGINE = MergeTree ORDER BY id`);
  const seen = doubt
    ? sql`(SELECT id FROM message_ids UNION DISTINCT SELECT sipHash128(message_id) AS id FROM events)`
    : sql`message_ids`;
  await events.run(sql`INSERT INTO ${ident(known)} SELECT DISTINCT id FROM ${seen}
    WHERE id IN (SELECT sipHash128(message_id) FROM ${eventsToBe(lines)})`);
  const [row] = await events.rows<{ ids: number }>(sql`SELECT count() AS ids FROM ${ident(known)}`);
  return row?.ids ?? 0;
}

/**
 * The one statement that makes an import's events known, views included. The engine commits it month by month: killed in its middle,
 * some months are in and others not; the ids make a second run complete it (see `staging.service.ts`).
 * Blocks are large so that each month gets few parts and the views are fed the same rows as the table; the views aggregate each block
 * themselves, so that the roll-up need not be collapsed once more on insert (a third of the time).
 */
export async function insertEvents(events: Events, lines: Lines, known: string | undefined, now: Date): Promise<void> {
  const fresh = known === undefined ? empty : sql`WHERE sipHash128(message_id) NOT IN (SELECT id FROM ${ident(known)})`;
  const counts = joined([sql`source`, ...countsOf(lines).map(ident)], ', ');
  await events.run(sql`
    INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, order_id, products, properties, ${counts})
    SELECT message_id, person, name, at, ${p.instant(now)}, toDate(at, ${p.text(lines.timeZone)}), amount_cents, currency, order_id, products,
      properties, ${counts}
    FROM (SELECT *, 'import' AS source FROM ${eventsToBe(lines)}) ${fresh}
    SETTINGS max_insert_block_size = 1048576, min_insert_block_size_rows = 1048576, min_insert_block_size_bytes = 536870912,
      min_insert_block_size_rows_for_materialized_views = 1048576, parallel_view_processing = 1, optimize_on_insert = 0`);
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
