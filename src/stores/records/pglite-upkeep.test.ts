import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepUp, openLooks } from './pglite-upkeep.ts';
import type { UpkeepTrouble } from './records.ts';

let instance: PGlite;
beforeAll(async () => {
  instance = await PGlite.create();
}, 60_000);
afterAll(() => instance.close());

const numberOf = async (text: string): Promise<number> => {
  // Counters are told to the statistics at the end of a transaction, at most once a second: this tells them now.
  await instance.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await instance.query<{ n: number }>(text);
  return rows[0]!.n;
};
const estimated = (): Promise<number> => numberOf("SELECT reltuples::int AS n FROM pg_class WHERE relname = 't'");

it('counts a table that has grown, frees one that is full of dead rows, and leaves the others alone', async () => {
  await instance.exec('CREATE TABLE t (id int PRIMARY KEY, word text); CREATE TABLE "Odd name" (id int)');
  await instance.exec("INSERT INTO t SELECT i, 'word' FROM generate_series(1, 5000) i");
  await numberOf('SELECT 1 AS n');
  expect(await keepUp(instance)).toEqual(['t']);
  expect(await estimated()).toBe(5000);
  expect(await numberOf("SELECT count(*)::int AS n FROM pg_stats WHERE tablename = 't'")).toBe(2);

  await numberOf('SELECT 1 AS n');
  expect(await keepUp(instance)).toEqual([]);

  // Rows whose index entries are written anew: only a vacuum takes the dead ones away.
  await instance.exec('UPDATE t SET id = -id; INSERT INTO "Odd name" SELECT generate_series(1, 100)');
  expect(await numberOf("SELECT n_dead_tup::int AS n FROM pg_stat_user_tables WHERE relname = 't'")).toBe(5000);
  expect(await keepUp(instance)).toEqual(['"Odd name"', 't']);
  expect(await numberOf("SELECT n_dead_tup::int AS n FROM pg_stat_user_tables WHERE relname = 't'")).toBe(0);
  await numberOf('SELECT 1 AS n');
  expect(await keepUp(instance)).toEqual([]);
});

it('tells how often it has failed in a row and why, and of its end', async () => {
  let isFull = true;
  const told: (UpkeepTrouble | undefined)[] = [];
  const { used, look } = openLooks(
    {
      closed: false,
      exec: (text) => instance.exec(text),
      query: (text, values) =>
        isFull ? Promise.reject(new Error('No space left on device')) : instance.query(text, values),
    },
    (trouble) => told.push(trouble),
  );
  await look();
  expect(told).toEqual([]);
  used();
  // Without a statement in between: what has failed is tried again.
  await look();
  await look();
  expect(told).toEqual([
    { failures: 1, reason: 'No space left on device' },
    { failures: 2, reason: 'No space left on device' },
  ]);
  isFull = false;
  await look();
  await look();
  expect(told.slice(2)).toEqual([undefined]);
});
