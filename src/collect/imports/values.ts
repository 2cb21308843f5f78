// What does a cell look like? Used to judge sample values; the engine reads the real ones (see values.sql.ts). Pure.

const EMPTY = new Set(['', 'null', 'nan', 'none', 'n/a', 'na', '(null)', '-', 'undefined', 'nat', '\\n']);
export const isEmptyCell = (cell: string): boolean => EMPTY.has(cell.trim().toLowerCase());

const NUMBER =
  /^[(]?\s*[-+−]?\s*(?:(?:USD|EUR|GBP|CNY|RMB|JPY|HKD|[A-Z]{3}\s)\s*|[A-Z]{0,2}[\p{Sc}￥]\s*)?\s*[-+−]?\s*(?:\d[\d.,'’\s]*|[.,]\d+)\s*[\p{Sc}￥元圆]?\s*(?:[A-Za-z]{3})?\s*[)]?\s*[-−]?$/u;
const PLAIN_NUMBER = /^[-+]?\d*\.?\d+(?:e[-+]?\d+)?$/i;
const TIME =
  /^(?:\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}|[A-Za-z]{3,9},? \d{1,2}.{0,12}\d{4})(?:$|[T\s,])/;
const COMPACT_TIME = /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const UNIX_TIME = /^(?:[89]\d{8}|1\d{9}|[89]\d{11}|1\d{12})(?:\.\d+)?$/;
const SLASHED = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})(?!\d)/;

export const looksLikeNumber = (cell: string): boolean => {
  const text = cell.trim();
  return PLAIN_NUMBER.test(text) || (/\d/.test(text) && NUMBER.test(text));
};
export const looksLikeTime = (cell: string): boolean => TIME.test(cell.trim()) || COMPACT_TIME.test(cell.trim());
export const looksLikeUnixTime = (cell: string): boolean => UNIX_TIME.test(cell.trim());
export const looksLikeEmail = (cell: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(cell.trim());
export const looksLikePhone = (cell: string): boolean =>
  /^\+?\d[\d\s().-]{6,17}\d$/.test(cell.trim()) && !looksLikeTime(cell);

/** True when a cell like `01/12/2010` could be read day first or month first. */
export const isSlashedDay = (cell: string): boolean => SLASHED.test(cell);

/** Does a column of amounts write its decimals behind a comma (`1.234,50`, `12,5`)? */
export function usesDecimalComma(cells: readonly string[]): boolean {
  let comma = 0;
  let dot = 0;
  for (const cell of cells) {
    const digits = cell.replaceAll(/[^\d.,]/g, '');
    if (/,\d{1,2}$/.test(digits) || /^\d{1,3}(?:\.\d{3})+,\d+$/.test(digits) || /^\d{1,3}(?:\.\d{3}){2,}$/.test(digits))
      comma++;
    else if (/\.(?:\d{1,2}|\d{4,})$/.test(digits) || /^\d{1,3}(?:,\d{3})+\.\d+$/.test(digits)) dot++;
  }
  return comma > dot;
}
