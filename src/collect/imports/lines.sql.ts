// Staged lines and what can be said of each by itself: its class, its worth, the order it is part of, its product.
import { minorDigits } from '../../kernel/money.ts';
import { ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
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
  /** Small enough to wait in memory, as does what is made of them. */
  readonly isInMemory: boolean;
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

export const textOr = (lines: Lines, column: string): Sql => (lines.has(column) ? ident(column) : sql`''`);
export const numberOr = (lines: Lines, column: string, otherwise: Sql): Sql =>
  lines.has(column) ? ident(column) : otherwise;

export const at = (lines: Lines): Sql => (lines.usesOtherDayOrder ? sql`other_at` : sql`at`);

export const C_NUMBER = sql`match(order_id, '^[Cc][0-9]+$')`;

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

export const classNumber = (name: LineClass): Sql => sql`toUInt8(${p.int(LINE_CLASSES.indexOf(name))})`;

/** A line's class, as its place in LINE_CLASSES: small numbers group faster than words. */
const classOf = (lines: Lines): Sql => {
  const rules = rulesOf(lines).map((rule) => sql`${rule.when}, ${classNumber(rule.class)}`);
  return sql`multiIf(${joined(rules, ', ')}, ${classNumber('kept')})`;
};

/** Minor units per unit of a line's currency, from ICU's table. */
export function factorOf(lines: Lines, currency: Sql = sql`currency`): Sql {
  const own = sql`${p.float(10 ** minorDigits(lines.currency))}`;
  if (!lines.has('currency')) return own;
  const ofDigits = (digits: number): readonly string[] =>
    Intl.supportedValuesOf('currency').filter((code) => minorDigits(code) === digits);
  return sql`multiIf(${currency} = '', ${own}, ${currency} IN ${p.texts(ofDigits(0))}, 1., ${currency} IN ${p.texts(ofDigits(3))}, 1000., 100.)`;
}

export const currencyOf = (lines: Lines): Sql =>
  lines.has('currency') ? sql`if(currency = '', ${p.text(lines.currency)}, currency)` : sql`${p.text(lines.currency)}`;

/** A line's worth in units: what was paid, or price times quantity; negative when the money went back. */
export function worthOf(lines: Lines, isBack: Sql): Sql {
  const quantity = numberOr(lines, 'quantity', sql`1.`);
  const worth = lines.has('amount') ? sql`amount` : lines.has('price') ? sql`price * ${quantity}` : sql`0.`;
  return sql`if(${isBack}, -abs(${worth}), ${worth})`;
}

export const PRODUCT_COLUMNS = ['product', 'product_name', 'category', 'brand'] as const;
export const hasProducts = (lines: Lines): boolean => PRODUCT_COLUMNS.some((column) => lines.has(column));

/** The parts of a product that lines tell, as columns; the rest is empty. */
export function productParts(lines: Lines): {
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

/** What lines of one order share: its number, or who and when. */
export const orderKeyOf = (lines: Lines): Sql =>
  lines.grouping === 'by_order'
    ? sql`if(order_id = '', concat('@', toString(toUnixTimestamp64Milli(${at(lines)}))), order_id)`
    : sql`concat('@', toString(toUnixTimestamp64Milli(${at(lines)})))`;

/** Lines with their class. */
export const judged = (lines: Lines): Sql => sql`(SELECT *, ${classOf(lines)} AS class FROM ${ident(lines.table)})`;
/** Lines that become events. */
export const usable = (lines: Lines): Sql =>
  sql`(SELECT *, class IN (${classNumber('cancelled')}, ${classNumber('returned')}) AS is_back FROM ${judged(lines)}
    WHERE class IN (${classNumber('kept')}, ${classNumber('cancelled')}, ${classNumber('returned')}))`;
