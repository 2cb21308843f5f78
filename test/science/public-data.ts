// Reads the public data sets for tests, with a reader of the tests' own. Absent data makes a test skip, with this reason.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { History } from '../../src/understand/value/purchase-history.ts';

const DATA_FOLDER = process.env['REKINDLE_DATA'] ?? join(import.meta.dirname, '../../../shared/data');

export const isAbsent = (file: string): boolean => !existsSync(join(DATA_FOLDER, file));
/** For titles of suites that skip. */
export const ifPresent = (file: string): string => `(needs ${file} in ../shared/data or REKINDLE_DATA)`;

const linesOf = (file: string): string[] => {
  const bytes = readFileSync(join(DATA_FOLDER, file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  return text.trim().split(/\r?\n/).slice(1);
};

export const dayOf = (date: string): number => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / 86_400_000;

/** Per person: spend by day, so purchases of one day are one purchase. */
export type Purchases = ReadonlyMap<string, ReadonlyMap<number, number>>;

function collect(rows: Iterable<readonly [person: string, day: number, spend: number]>): Purchases {
  const people = new Map<string, Map<number, number>>();
  for (const [person, day, spend] of rows) {
    const days = people.get(person) ?? new Map<number, number>();
    people.set(person, days.set(day, (days.get(day) ?? 0) + spend));
  }
  return people;
}

export const cdnowSample = (): Purchases =>
  collect(
    linesOf('cdnow_sample.csv').map((line) => {
      const [, person, date, , spend] = line.split(',');
      return [person!, dayOf(date!), Number(spend)];
    }),
  );

export const cdnowMaster = (): Purchases =>
  collect(
    linesOf('cdnow_master.csv').map((line) => {
      const [person, date, , spend] = line.split(',');
      return [person!, dayOf(date!), Number(spend)];
    }),
  );

/** The usual cleaning: a customer id, quantity > 0, price > 0, no "C" invoice. */
export function onlineRetail(): { readonly rows: number; readonly purchases: Purchases } {
  const kept: [string, number, number][] = [];
  for (const line of linesOf('online_retail_1.csv.gz')) {
    // Descriptions hold commas inside quotes; everything else does not.
    const match = /^([^,]*),[^,]*,.*,(-?\d+),([^,]*),([^,]*),([^,]*),[^,]*$/.exec(line);
    if (!match) throw new Error(`unread line: ${line}`);
    const [, invoice, quantity, date, price, person] = match;
    if (!person || invoice!.startsWith('C') || Number(quantity) <= 0 || Number(price) <= 0) continue;
    kept.push([person, dayOf(date!), Number(quantity) * Number(price)]);
  }
  return { rows: kept.length, purchases: collect(kept) };
}

/** x, tx, T in weeks up to and including `asOf` for everybody seen by then, and her purchase days after it until `until`. */
export function historiesAsOf(
  purchases: Purchases,
  asOf: string,
  until: string = asOf,
): (History & { readonly later: number; readonly meanRepeatSpend: number })[] {
  const end = dayOf(asOf);
  const last = dayOf(until);
  const people: (History & { later: number; meanRepeatSpend: number })[] = [];
  for (const byDay of purchases.values()) {
    const days = [...byDay.keys()].filter((d) => d <= end).sort((p, q) => p - q);
    if (days.length === 0) continue;
    const repeats = days.slice(1);
    people.push({
      x: repeats.length,
      tx: (days.at(-1)! - days[0]!) / 7,
      T: (end - days[0]!) / 7,
      later: [...byDay.keys()].filter((d) => d > end && d <= last).length,
      meanRepeatSpend: repeats.reduce((sum, d) => sum + byDay.get(d)!, 0) / Math.max(1, repeats.length),
    });
  }
  return people;
}

/** The summary shipped with the sample: ID, x, t_x, T, mean spend; two decimals. */
export const cdnowSummary = (): (History & { readonly meanSpend: number })[] =>
  linesOf('cdnow_summary_rfm.csv').map((line) => {
    const [, x, tx, T, meanSpend] = line.split(',').map(Number);
    return { x: x!, tx: tx!, T: T!, meanSpend: meanSpend! };
  });

/** One row per past customer of the MineThatData e-mail challenge. */
export const hillstrom = (): readonly {
  readonly arm: string;
  readonly visit: number;
  readonly conversion: number;
  readonly spend: number;
}[] =>
  linesOf('hillstrom.csv.gz').map((line) => {
    const [arm, conversion, visit, spend] = line.split(',').slice(-4);
    return { arm: arm!, visit: Number(visit), conversion: Number(conversion), spend: Number(spend) };
  });
