// Cutpoints as the engine finds them: of n values in order, the k-th with k = ⌈n · level⌉; of last days the latest come first.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRng } from '../../kernel/random.ts';
import { sql } from '../../kernel/sql.ts';
import { openChdb, type Events } from '../../stores/events/events.ts';
import { rfmCutpoints, type RfmCutpoints } from './rfm.sql.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekindle-rfm-'));
let events: Events;
beforeAll(async () => {
  events = await openChdb(folder);
  await events.run(
    sql`CREATE TABLE people (days Array(UInt16), spent_cents Int64) ENGINE = MergeTree ORDER BY tuple()`,
  );
});
afterAll(async () => {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
});

/** ⌈n · fifths / 5⌉ in whole numbers. */
const fifthsOf = (ordered: readonly number[]): readonly number[] =>
  [1, 2, 3, 4].map((fifth) => ordered[Math.floor((ordered.length * fifth + 4) / 5) - 1]!);
const fifths = (values: readonly number[]): readonly number[] => fifthsOf(values.toSorted((a, b) => a - b));
/** The earliest day of the latest four fifths, three, two, of the latest fifth. */
const latestFifths = (days: readonly number[]): readonly number[] =>
  fifthsOf(days.toSorted((a, b) => b - a)).toReversed();

test.each([1, 2, 3, 4, 5, 6, 9, 10, 11, 25, 1_000, 4_999])('of %i people', async (count) => {
  const rng = seededRng(`cutpoints of ${count}`);
  const people = Array.from({ length: count }, () => {
    const first = 1 + rng.below(500);
    return {
      days: Array.from({ length: 1 + rng.below(9) }, (_, i) => first + i),
      // Few values, so that many are equal, in some; money back in others.
      spent_cents: rng.below(2) === 0 ? rng.below(5) * 1_000 : rng.below(1_000_000) - 1_000,
    };
  });
  await events.run(sql`TRUNCATE TABLE people`);
  await events.insert('people', people);
  const [found] = await events.rows<RfmCutpoints>(sql`SELECT ${rfmCutpoints} FROM people`);
  expect(found).toEqual({
    recency: latestFifths(people.map(({ days }) => days.at(-1)!)),
    frequency: fifths(people.map(({ days }) => days.length)),
    monetary: fifths(people.map((person) => person.spent_cents)),
  });
});
