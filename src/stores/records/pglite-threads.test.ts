import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { openPglite } from './pglite.ts';
import { freeOn, writes } from './pglite-room.ts';
import type { Records } from './records.ts';

// PostgreSQL panics when it cannot begin the next piece of its log: a full disk does that, and so does a folder that is not there.
describe('a store whose engine ends itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-lost-'));
  const log = join(folder, 'records', 'pg_wal');
  const away = join(folder, 'away');
  let records: Records | undefined;
  afterEach(async () => {
    await records?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const values = async (db: Records['db']): Promise<readonly number[]> => {
    const { rows } = await sql<{ x: number }>`SELECT x FROM kept ORDER BY x`.execute(db);
    return rows.map(({ x }) => x);
  };

  it('fails what was under way, refuses while it cannot start, and goes on from its log when it can', async () => {
    records = await openPglite(join(folder, 'records'));
    const { db, listen, jobsDatabase } = records;
    const add = (x: number, to = db) => sql`INSERT INTO kept VALUES (${x})`.execute(to);
    await sql`CREATE TABLE kept (x int)`.execute(db);
    await add(1);
    const heard: string[] = [];
    let missed = 0;
    await listen(
      'bell',
      (payload) => heard.push(payload),
      () => missed++,
    );

    renameSync(log, away);
    const ended = db.transaction().execute(async (tx) => {
      await add(2, tx);
      await sql`SELECT pg_switch_wal()`.execute(tx);
      await add(3, tx);
    });
    // The COMMIT is never answered.
    await expect(ended).rejects.toThrow(/pg_wal/);
    // The work of a transaction that cannot begin is not waited for.
    const refusal = /initialize/;
    await expect(db.transaction().execute((tx) => add(4, tx))).rejects.toThrow(refusal);
    await expect(add(5)).rejects.toThrow(refusal);
    await expect(jobsDatabase.executeSql('SELECT 1')).rejects.toThrow(refusal);

    renameSync(away, log);
    await expect.poll(() => values(db).catch(() => undefined), { timeout: 20_000 }).toEqual([1]);
    expect(missed).toBe(1);
    await db.transaction().execute(async (tx) => {
      await add(6, tx);
      await sql`SELECT pg_notify('bell', 'again')`.execute(tx);
    });
    expect(await values(db)).toEqual([1, 6]);
    expect(heard).toEqual(['again']);
    expect((await jobsDatabase.executeSql('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a store that is not there yet', () => {
  it('is made beside its place and moved there whole, whatever an earlier start that died has left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rekindle-made-'));
    const place = join(folder, 'records');
    // As PGlite leaves them when it dies while it copies a new store.
    for (const left of ['records.new', 'records']) mkdirSync(join(folder, left, 'pg_wal'), { recursive: true });
    writeFileSync(join(folder, 'records.new', 'PG_VERSION'), '18\n');
    try {
      const records = await openPglite(place);
      await sql`CREATE TABLE kept AS SELECT 1 AS x`.execute(records.db);
      await records.close();
      expect(readdirSync(folder)).toEqual(['records']);
      const again = await openPglite(place);
      expect((await sql`SELECT x FROM kept`.execute(again.db)).rows).toEqual([{ x: 1 }]);
      await again.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('takes a file system that does not tell its size for one with room', () => {
  expect(freeOn({ blocks: 0, bavail: 0, bsize: 4_096 })).toBe(Infinity);
  expect(freeOn({ blocks: 100, bavail: 0, bsize: 4_096 })).toBe(0);
  expect(freeOn({ blocks: 100, bavail: 2, bsize: 4_096 })).toBe(8_192);
});

describe('writes', () => {
  it.each([
    ['SELECT 1', false],
    ['-- why\n  with a as (select 1) select * from a', false],
    ['/* mark */ select "updated_at" from "people"', false],
    ['ROLLBACK', false],
    ['SELECT 1 FROM grants FOR UPDATE', true],
    ['SELECT 1 FROM grants FOR KEY SHARE', true],
    ['WITH gone AS (DELETE FROM grants RETURNING 1) SELECT * FROM gone', true],
    ['insert into "people" values (1)', true],
    ['BEGIN; SELECT 1; COMMIT', true],
    ['VACUUM people', true],
  ])('%s: %s', (text, expected) => {
    expect(writes(text)).toBe(expected);
  });
});
