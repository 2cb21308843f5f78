// Trains the recommender on everything bought up to a day and publishes its neighbours: EASE where the catalogue is small enough for one
// matrix inversion, item-kNN as one statement in the engine above.
import { profiledSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { refreshItems } from '../../collect/catalogue/catalogue.sql.ts';
import { moneyRules } from '../../collect/money.sql.ts';
import { trainEaseInWorker } from './ease.service.ts';
import type { EaseWeights } from './ease.ts';
import {
  basketsOf,
  createBaskets,
  createNumbers,
  createPurchases,
  easeRows,
  fillNumbers,
  gramRows,
  knnRows,
  purchasesOf,
  replaceAll,
  type ItemWeighting,
} from './training.sql.ts';

/** One matrix of this many items squared is 200 MB and takes about a minute of one core to invert. */
export const EASE_ITEMS_MAX = 5_000;
export const NEIGHBOURS_KEPT = 100;
const GRAM_ROWS = 250;

/**
 * EASE's λ, in people: 1,000 did best in validation on a base of three thousand, and published values for bases of 10⁵ stay there. Below,
 * it shrinks with the base, because doubling everybody should change nothing.
 */
const LAMBDA_MAX = 1_000;
const LAMBDA_SHARE = 0.3;

export const PURCHASE: readonly string[] = ['Order Completed'];

export type TrainInput = {
  /** Orders up to the end of this day count. */
  readonly asOf: Day;
  readonly now: Date;
  /** Which events are purchases. */
  readonly activity?: readonly string[];
  /** Regularisation of EASE, in people; by the size of the base unless told. */
  readonly lambda?: number;
  /** Catalogues above take item-kNN; 0 for item-kNN always. */
  readonly easeItemsMax?: number;
  readonly weighting?: ItemWeighting;
  /** Only the items most people bought: for a first look at a file, in seconds. */
  readonly itemsMax?: number;
};

export type Training = {
  readonly model: 'ease' | ItemWeighting;
  readonly people: number;
  readonly items: number;
  readonly asOf: Day;
};

/** Working tables with everybody's purchases. The caller drops them. */
export type ScratchPurchases = {
  readonly purchases: Sql;
  readonly numbers: Sql;
  readonly baskets: Sql;
  readonly close: () => Promise<void>;
};

/** Purchases, item numbers and baskets as of the end of a day. `numbers`: an existing numbering to use instead of a new one. */
export async function gatherPurchases(
  events: Events,
  { asOf, now, activity = PURCHASE, itemsMax }: Pick<TrainInput, 'asOf' | 'now' | 'activity' | 'itemsMax'>,
  existing?: Sql,
): Promise<ScratchPurchases> {
  const purchases = ident(newId('scratch_purchases', now));
  const made = ident(newId('scratch_numbers', now));
  const numbers = existing ?? made;
  const baskets = ident(newId('scratch_baskets', now));
  const close = async (): Promise<void> => {
    for (const table of [purchases, made, baskets]) await events.run(sql`DROP TABLE IF EXISTS ${table}`);
  };
  try {
    await events.run(createPurchases(purchases));
    const { events: source } = await profiledSource(events);
    await events.run(sql`INSERT INTO ${purchases} ${purchasesOf(source, activity, asOf)}`);
    if (existing === undefined) {
      await events.run(createNumbers(made));
      await events.run(fillNumbers(made, purchases, itemsMax));
    }
    await events.run(createBaskets(baskets));
    await events.run(sql`INSERT INTO ${baskets} ${basketsOf(purchases, numbers)}`);
    return { purchases, numbers, baskets, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** XᵀX from the engine, its lower triangle filled, row by row. */
async function gramMatrix(events: Events, baskets: Sql, n: number): Promise<Float64Array<ArrayBuffer>> {
  const gram = new Float64Array(n * n);
  for (let from = 0; from < n; from += GRAM_ROWS) {
    const rows = await events.rows<{ item: number; others: number[]; counts: number[] }>(
      gramRows(baskets, from, Math.min(n, from + GRAM_ROWS)),
    );
    for (const { item, others, counts } of rows)
      others.forEach((other, k) => {
        gram[item * n + other] = counts[k]!;
      });
  }
  return gram;
}

const cut = <T>(
  array: Iterable<T> & { subarray: (from: number, to: number) => Iterable<T> },
  of: Uint32Array,
  i: number,
) => [...array.subarray(of[i]!, of[i + 1]!)];

async function uploadWeights(events: Events, table: Sql, { neighbours, signs }: EaseWeights): Promise<void> {
  await events.run(sql`CREATE TABLE ${table} (item UInt32, others Array(UInt32), weights Array(Float32), sign_of Array(UInt32),
    sign_weights Array(Float32)) ENGINE = MergeTree ORDER BY item`);
  const rows = Array.from({ length: neighbours.offsets.length - 1 }, (_, item) => ({
    item,
    others: cut(neighbours.ids, neighbours.offsets, item),
    weights: cut(neighbours.weights, neighbours.offsets, item),
    sign_of: cut(signs.ids, signs.offsets, item),
    sign_weights: cut(signs.weights, signs.offsets, item),
  }));
  await events.insert(table.chunks[0]!, rows);
}

/** Trains and publishes. Throws `not_enough_data` where nobody bought a product by then. */
export async function trainRecommender(events: Events, input: TrainInput): Promise<Training> {
  const { asOf, now, easeItemsMax = EASE_ITEMS_MAX, weighting = 'cosine' } = input;
  await events.run(refreshItems(now, await moneyRules(events)));
  const scratch = await gatherPurchases(events, input);
  const { numbers, baskets } = scratch;
  const trained = ident(newId('scratch_neighbours', now));
  const matrix = ident(newId('scratch_matrix', now));
  try {
    const [size] = await events.rows<{ people: number; items: number }>(
      sql`SELECT (SELECT count() FROM ${baskets}) AS people, (SELECT count() FROM ${numbers}) AS items`,
    );
    const { people = 0, items = 0 } = size ?? {};
    if (items === 0)
      throw new RekindleError('not_enough_data', {
        what: { en: `no order with products up to ${asOf}`, zh: `截至 ${asOf} 没有含商品的订单` },
      });
    await events.run(sql`CREATE TABLE ${trained} AS item_neighbours`);
    const stamp = { asOf, now };
    const lambda = input.lambda ?? Math.min(LAMBDA_MAX, LAMBDA_SHARE * people);
    const model = items <= easeItemsMax ? 'ease' : weighting;
    if (model === 'ease') {
      const gram = await gramMatrix(events, baskets, items);
      const weights = await trainEaseInWorker({ gram, n: items, lambda, keep: NEIGHBOURS_KEPT });
      await uploadWeights(events, matrix, weights);
      await events.run(sql`INSERT INTO ${trained} ${easeRows(matrix, numbers, stamp)}`);
    } else {
      await events.run(sql`INSERT INTO ${trained} ${knnRows(baskets, numbers, model, NEIGHBOURS_KEPT, stamp)}`);
    }
    await events.run(replaceAll(ident('item_neighbours'), trained));
    return { model, people, items, asOf };
  } finally {
    for (const table of [trained, matrix]) await events.run(sql`DROP TABLE IF EXISTS ${table}`);
    await scratch.close();
  }
}
