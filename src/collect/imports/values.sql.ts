// How the engine reads one cell of text: words, numbers as people write them, times as files have them.
import { p, sql, type Sql } from '../../kernel/sql.ts';

// Expressions are repeated rather than aliased: the engine computes equal ones once, and aliases of two columns would collide.

/** Trimmed (spreadsheet exports pad ids with tabs); words that mean "nothing" become empty. */
export function wordOf(cell: Sql): Sql {
  const trimmed = sql`trimBoth(${cell}, ' \t\r')`;
  return sql`if(length(${trimmed}) <= 9
    AND lower(${trimmed}) IN ('', 'null', 'nan', 'none', 'n/a', 'na', '(null)', '-', 'undefined', 'nat', '\\n'), '', ${trimmed})`;
}

/** An identifier: `17850.0`, as spreadsheets and data frames write whole numbers, is `17850`. */
export const idOf = (word: Sql): Sql =>
  sql`if(position(${word}, '.0') > 1 AND match(${word}, '^[0-9]+[.]0+$'), substring(${word}, 1, position(${word}, '.') - 1), ${word})`;

// The same shape as NUMBER in values.ts: sign or parenthesis, currency word or sign, digits with separators, and back. The engine matches
// bytes, so what is not ASCII stands in alternatives, never in a class.
const SIGN = '(?:[-+]|−)?';
const MARK = '(?:[$]|€|£|¥|￥|₹|₩|₽|₺|₫|₪|฿|₴|₱|元|圆)';
const WORD = '(?:USD|EUR|GBP|CNY|RMB|JPY|HKD|[A-Z]{3}\\s)';
const DIGITS = "(?:[0-9](?:[0-9.,'\\s]|’|\u00a0)*|[.,][0-9]+)";
const SHAPE = p.text(
  `^[(]?\\s*${SIGN}\\s*(?:${WORD}\\s*|[A-Z]{0,2}${MARK}\\s*)?${SIGN}\\s*${DIGITS}\\s*${MARK}?\\s*(?:[A-Za-z]{3})?\\s*[)]?\\s*(?:-|−)?$`,
);

/**
 * Nullable(Float64). Plain numbers take the short way; `$1,234.50`, `1.234,50`, `¥12`, `(12.00)` and `12.00-` the long one.
 * `decimalComma` is what the whole column's sample says, for the cells that could be read both ways.
 */
export function numberOf(word: Sql, decimalComma: boolean): Sql {
  const digits = sql`replaceRegexpAll(${word}, '[^0-9.,]', '')`;
  const hasBoth = sql`position(${digits}, '.') > 0 AND position(${digits}, ',') > 0`;
  const isGroupedByDots = decimalComma
    ? sql`match(${digits}, '^[0-9]{1,3}([.][0-9]{3})+$')`
    : sql`match(${digits}, '^[0-9]{1,3}([.][0-9]{3}){2,}$')`;
  const isGroupedByCommas = decimalComma
    ? sql`match(${digits}, '^[0-9]{1,3}(,[0-9]{3}){2,}$')`
    : sql`match(${digits}, '^[0-9]{1,3}(,[0-9]{3})+$')`;
  const plain = sql`multiIf(
      ${hasBoth} AND match(${digits}, '^[^,]*,[0-9]*$') AND position(${digits}, ',') > position(${digits}, '.'),
        replaceAll(replaceAll(${digits}, '.', ''), ',', '.'),
      ${hasBoth}, replaceAll(${digits}, ',', ''),
      ${isGroupedByDots}, replaceAll(${digits}, '.', ''),
      ${isGroupedByCommas}, replaceAll(${digits}, ',', ''),
      replaceAll(${digits}, ',', '.'))`;
  const slow = sql`if(match(${word}, ${SHAPE}), toFloat64OrNull(${plain}) * if(match(${word}, '[-(]|−'), -1, 1), NULL)`;
  const fast = sql`toFloat64OrNull(${word})`;
  if (decimalComma) return sql`if(match(${word}, '^[0-9]+$'), ${fast}, ${slow})`;
  return sql`if(isNull(${fast}), ${slow}, if(isFinite(${fast}), ${fast}, NULL))`;
}

/** Nullable(DateTime64(3)): an instant; text without an offset is local time in `timeZone`. */
export function timeOf(word: Sql, timeZone: string, monthFirst: boolean): Sql {
  const zone = p.text(timeZone);
  const parse = (text: Sql): Sql =>
    monthFirst
      ? sql`parseDateTime64BestEffortUSOrNull(${text}, 3, ${zone})`
      : sql`parseDateTime64BestEffortOrNull(${text}, 3, ${zone})`;
  // The engine reads `12` or `12:30` as a moment of this year; only text with a whole day in it is a time.
  const isTime = sql`match(${word}, '^([0-9]{4}[-/.][0-9]|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}|[0-9]{8}([T ]|$)|[0-9]{14}$|-?[0-9]{9,10}([.][0-9]+)?$|[0-9]{12,13}$|[0-9]{1,2}[- ][A-Za-z]{3}|[A-Za-z]{3,9},? )')`;
  const slow = sql`multiIf(
      ${isTime}, ${parse(word)},
      match(${word}, '^[0-9]{4}年'), ${parse(sql`replaceAll(replaceRegexpAll(${word}, '年|月', '/'), '日', ' ')`)},
      match(${word}, '^[2-6][0-9]{4}([.][0-9]+)?$'),
        ${parse(sql`formatDateTime(toDateTime(round((assumeNotNull(toFloat64OrZero(${word})) - 25569) * 86400), 'UTC'), '%Y-%m-%d %H:%i:%S')`)},
      NULL)`;
  return sql`if(length(${word}) >= 10 AND substring(${word}, 5, 1) IN ('-', '/'), ${parse(word)}, ${slow})`;
}

/** 1 when a cell can only be day first (`25/12/2010`), −1 when only month first, 0 when it says nothing. */
export const dayOrderOf = (word: Sql): Sql =>
  sql`multiIf(NOT match(${word}, '^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]'), 0,
      toUInt8OrZero(extract(${word}, '^([0-9]+)')) > 12, 1,
      toUInt8OrZero(extract(${word}, '^[0-9]+[-/.]([0-9]+)')) > 12, -1, 0)`;

/** Whole minor units, halves away from zero; the nudge undoes binary fractions such as 1.005 × 100 = 100.49999…. */
export const centsOf = (amount: Sql, factor: Sql): Sql =>
  sql`toInt64(sign(${amount}) * floor(abs(${amount}) * ${factor} + 0.5 + 1e-7))`;
