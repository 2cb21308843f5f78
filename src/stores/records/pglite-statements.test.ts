import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openStatements, type Statements } from './pglite-statements.ts';
import { FEW } from './planning.ts';

let instance: PGlite;
let statements: Statements;
let nowMs = 0;
const ask = async (text: string, ...values: unknown[]) => (await statements.query(text, values, undefined)).rows;
const keptTexts = async (): Promise<string[]> =>
  (await instance.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements')).rows.map(
    (row) => row.statement,
  );

beforeAll(async () => {
  instance = await PGlite.create();
}, 60_000);
afterAll(() => instance.close());
beforeEach(async () => {
  await instance.exec('DEALLOCATE ALL; DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, word text)');
  await instance.exec("INSERT INTO t SELECT i, 'w' || i FROM generate_series(1, 9) i");
  statements = openStatements(instance, () => nowMs);
});

it('answers what the unnamed statement answers, for every kind of value, the first time and again', async () => {
  const text = `SELECT $1::int AS i, $2::bigint AS b, $3::text AS t, $4::timestamptz AS at, $5::jsonb AS j, $6::text[] AS a,
    $7::boolean AS y, $8::numeric AS n, $9::date::text AS d, $10::bytea AS x, $11::int[] AS ia, $12::text AS nothing`;
  const values = [1, 2, 'é "\\', new Date(5), { a: [1, null] }, ['x', 'y,"z'], true, 1.5, '2026-01-02', new Uint8Array([1, 255]), [3, 4], null]; // prettier-ignore
  const expected = await instance.query(text, values);
  for (let time = 0; time < 8; time++) expect(await statements.query(text, values, undefined)).toEqual(expected);
  const rows = await statements.query('SELECT id, word FROM t WHERE id = $1', [3], 'array');
  expect(rows.rows).toEqual([[3, 'w3']]);
});

it('tells how many rows a change touched', async () => {
  const changed = await statements.query('UPDATE t SET word = $1 WHERE id > $2', ['x', 7], undefined);
  expect([changed.affectedRows, changed.rows]).toEqual([2, []]);
});

it("carries the database's own error, and goes on after it", async () => {
  const add = 'INSERT INTO t VALUES ($1, $2)';
  await ask(add, 10, 'ten');
  await expect(ask(add, 10, 'again')).rejects.toMatchObject({ code: '23505', constraint: 't_pkey' });
  await expect(ask('SELECT nothing FROM t')).rejects.toMatchObject({ code: '42703' });
  await expect(ask('SELECT 1 / $1::int AS x', 0)).rejects.toMatchObject({ code: '22012' });
  await ask(add, 11, 'eleven');
  expect(await ask('SELECT word FROM t WHERE id = $1', 11)).toEqual([{ word: 'eleven' }]);
});

it('survives a transaction that is rolled back, and its failure stays a failure', async () => {
  await instance
    .transaction(async () => {
      await ask('UPDATE t SET word = $1', 'gone');
      throw new Error('no');
    })
    .catch(() => undefined);
  expect(await ask('SELECT word FROM t WHERE id = $1', 1)).toEqual([{ word: 'w1' }]);
  let within: unknown;
  await instance
    .transaction(async () => {
      await ask('SELECT 1 / $1::int AS x', 0).catch(() => undefined);
      within = await ask('SELECT word FROM t WHERE id = $1', 1).catch((error: unknown) => error);
    })
    .catch(() => undefined);
  expect(within).toMatchObject({ code: '25P02' });
  expect(await ask('UPDATE t SET word = $1 WHERE id = 1 RETURNING id', 'back')).toEqual([{ id: 1 }]);
});

it('answers with the columns a table has now', async () => {
  const text = 'SELECT * FROM t WHERE id = $1';
  await ask(text, 1);
  await instance.exec('ALTER TABLE t ADD COLUMN extra int DEFAULT 7');
  expect(await ask(text, 1)).toEqual([{ id: 1, word: 'w1', extra: 7 }]);
  expect(await ask(text, 2)).toEqual([{ id: 2, word: 'w2', extra: 7 }]);
});

it('keeps small questions for a while, sets and commands not at all, and never more than two hundred', async () => {
  const small = 'SELECT word FROM t WHERE id = $1';
  const set = 'SELECT word FROM t WHERE word = ANY($1::text[])';
  await ask(small, 1);
  await ask(set, [...Array(400).keys()].map(String));
  await ask('TRUNCATE t');
  expect(await keptTexts()).toEqual([small]);
  nowMs += 601_000;
  const [before] = (await instance.query<{ name: string }>('SELECT name FROM pg_prepared_statements')).rows;
  await ask(small, 1);
  const [after] = (await instance.query<{ name: string }>('SELECT name FROM pg_prepared_statements')).rows;
  expect(after!.name).not.toBe(before!.name);
  for (let i = 0; i < 250; i++) await ask(`SELECT ${i} AS i`);
  const texts = await keptTexts();
  expect(texts.length).toBe(200);
  expect(texts).not.toContain(small);
});

it('plans once for any values what says that it asks for few, and leaves the others as they were', async () => {
  const few = `${FEW} SELECT word FROM t WHERE id = ANY($1::int[])`;
  const other = 'SELECT word FROM t WHERE id > $1 AND id < 3';
  for (let time = 0; time < 3; time++) {
    expect(await ask(few, [2, 3])).toEqual([{ word: 'w2' }, { word: 'w3' }]);
    expect(await ask(other, 1)).toEqual([{ word: 'w2' }]);
  }
  await expect(ask(few, ['x'])).rejects.toMatchObject({ code: '22P02' });
  const { rows } = await instance.query(
    'SELECT statement, generic_plans::int AS generic, custom_plans::int AS custom FROM pg_prepared_statements WHERE from_sql = false ORDER BY generic DESC',
  );
  expect(rows).toContainEqual({ statement: few, generic: 3, custom: 0 });
  expect(rows).toContainEqual({ statement: other, generic: 0, custom: 3 });
  expect((await instance.query('SHOW plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'auto' }]);
});
