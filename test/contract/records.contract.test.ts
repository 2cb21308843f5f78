// One suite, both records adapters: what the rest of the house relies on, whichever PostgreSQL stands behind the port.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKETS, BUCKET_HASH_VERSION, bucketOf } from '../../src/kernel/hash.ts';
import { migrateRecords } from '../../src/stores/records/migrations.ts';
import { openPglite } from '../../src/stores/records/pglite.ts';
import { openPostgres } from '../../src/stores/records/postgres.ts';
import type { Records } from '../../src/stores/records/records.ts';
import { inTransaction } from '../../src/stores/records/transactions.ts';
import { columnsOfTypes, recordsSchema } from '../support/schema.ts';
import { postgresAbsent, startPostgres, type PostgresServer } from '../support/postgres.ts';

const AT = new Date('2026-03-01T10:00:00.123Z');

const offer = (id: string) => ({
  offer_id: id,
  name: 'Ten off',
  kind: 'coupon' as const,
  definition: '{}',
  budget_cents: 10_000,
  unit_cost_cents: 1000,
  capacity: 10,
  created_at: AT,
});
const grant = (id: string, code: string, personId = 'p1') => ({
  grant_id: id,
  offer_id: 'o1',
  person_id: personId,
  programme_id: 'g1',
  run_id: 'r1',
  code,
  state: 'reserved' as const,
  cost_cents: 1000,
  reserved_at: AT,
  issued_at: null,
  expires_at: AT,
  redeemed_at: null,
  order_id: null,
});
const message = (id: string, personId: string, addressKey: string, step = 0) => ({
  message_id: id,
  programme_id: 'g1',
  run_id: 'r1',
  step,
  person_id: personId,
  channel: 'email',
  purpose: 'marketing',
  address: 'a@example.com',
  address_key: addressKey,
  variant: 'a',
  template_id: 't1',
  template_version: 1,
  language: 'en',
  grant_id: null,
  state: 'planned' as const,
  due_at: AT,
  expires_at: AT,
  claimed_by: null,
  claimed_at: null,
  sent_at: null,
  provider_id: null,
  code: null,
  detail: null,
  created_at: AT,
  finished_at: null,
});
const consent = (id: string, personId: string) => ({
  consent_id: id,
  person_id: personId,
  channel: 'email',
  purpose: 'marketing',
  status: 'granted' as const,
  basis: 'consent',
  text_version: 'v1',
  source: 'form',
  proof: '{"ip":"192.0.2.1"}',
  decided_at: AT,
  expires_at: null,
});

const excuses = { pglite: '', postgres: postgresAbsent };

describe.each(['pglite', 'postgres'] as const)('records on %s', (kind) => {
  const excuse = excuses[kind];
  describe.skipIf(excuse !== '')(`the port${excuse}`, () => {
    let server: PostgresServer | undefined;
    let url = '';
    let records: Records;

    beforeAll(async () => {
      if (kind === 'postgres') {
        server = await startPostgres();
        url = await server.newDatabase();
        records = await openPostgres(url);
      } else records = await openPglite('memory://');
      await migrateRecords(records.db);
      await records.db.insertInto('offers').values(offer('o1')).execute();
    });
    afterAll(async () => {
      await records?.close();
      await server?.stop();
    });

    it('migrates twice without changing anything', async () => {
      const applied = sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`;
      const before = (await applied.execute(records.db)).rows;
      await migrateRecords(records.db);
      expect((await applied.execute(records.db)).rows).toEqual(before);
      expect(before.length).toBeGreaterThan(0);
    });

    it('makes the tables of docs/schema/records.sql (after a wanted change: npm run schema)', async () => {
      const snapshot = join(import.meta.dirname, '../../docs/schema/records.sql');
      expect(await recordsSchema(records)).toBe(readFileSync(snapshot, 'utf8'));
    });

    it('makes the columns that the TypeScript types name', async () => {
      const { rows } = await sql<{ table: string; columns: string[] }>`
        SELECT table_name AS table, array_agg(column_name::text ORDER BY column_name::text COLLATE "C") AS columns
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely_%'
        GROUP BY table_name`.execute(records.db);
      const made = Object.fromEntries(rows.map((row) => [row.table, row.columns]));
      expect(columnsOfTypes()).toEqual(made);
    });

    it('hears what committed transactions notify, when they commit, and nothing after it stopped listening', async () => {
      const heard: string[] = [];
      const stop = await records.listen(
        'bell',
        (payload) => heard.push(payload),
        () => undefined,
      );
      const ring = (db: Records['db'], payload: string) => sql`SELECT pg_notify('bell', ${payload})`.execute(db);
      await records.db
        .transaction()
        .execute(async (tx) => {
          await ring(tx, 'rolled back');
          throw new Error('no');
        })
        .catch(() => undefined);
      await records.db.transaction().execute(async (tx) => {
        await ring(tx, 'one');
        expect(heard).toEqual([]);
      });
      await ring(records.db, 'two');
      await expect.poll(() => heard).toEqual(['one', 'two']);
      await stop();
      await ring(records.db, 'three');
      expect(heard).toEqual(['one', 'two']);
    });

    // The embedded store is one process: there is no connection to break.
    it.skipIf(kind === 'pglite')(
      'says that it may have missed something when the connection broke, and hears again',
      async () => {
        const heard: string[] = [];
        let missed = 0;
        const stop = await records.listen(
          'line',
          (payload) => heard.push(payload),
          () => missed++,
        );
        const afterStart = missed;
        await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%line%' AND pid <> pg_backend_pid()`.execute(
          records.db,
        );
        await expect.poll(() => missed, { timeout: 10_000 }).toBe(afterStart + 2);
        await sql`SELECT pg_notify('line', 'again')`.execute(records.db);
        await expect.poll(() => heard).toEqual(['again']);
        await stop();
      },
    );

    it('lets four starts at once migrate one empty store', async () => {
      for (let round = 0; round < 3; round++) {
        const starts: Records[] = [];
        if (server) {
          const fresh = await server.newDatabase();
          for (let i = 0; i < 4; i++) starts.push(await openPostgres(fresh));
        } else starts.push(await openPglite('memory://')); // Its folder has one holder, which may still be asked twice.
        try {
          await Promise.all([0, 1, 2, 3].map((i) => migrateRecords(starts[i % starts.length]!.db)));
          expect(await starts[0]!.db.selectFrom('people').selectAll().execute()).toEqual([]);
        } finally {
          await Promise.all(starts.map((start) => start.close()));
        }
      }
    });

    it('reads int8 as a number, timestamptz as a Date to the millisecond, date as text, jsonb as a value', async () => {
      const row = await records.db
        .selectFrom('offers')
        .selectAll()
        .where('offer_id', '=', 'o1')
        .executeTakeFirstOrThrow();
      expect(row.budget_cents).toBe(10_000);
      expect(row.created_at).toEqual(AT);
      const { rows } = await sql<
        Record<string, unknown>
      >`SELECT date '2026-03-29' AS day, 9007199254740991::bigint AS big,
        '{"姓":"王"}'::jsonb AS json, ARRAY['a,b','c"d'] AS texts, count(*) AS n, 0.5::float8 AS f FROM offers`.execute(
        records.db,
      );
      expect(rows).toEqual([
        { day: '2026-03-29', big: Number.MAX_SAFE_INTEGER, json: { 姓: '王' }, texts: ['a,b', 'c"d'], n: 1, f: 0.5 },
      ]);
    });

    it('binds text that looks like SQL as text', async () => {
      const hostile = `'); DROP TABLE people; -- \\' "$1" \n\t 王小明`;
      await records.db
        .insertInto('settings')
        .values({ key: hostile, value: JSON.stringify(hostile) })
        .execute();
      const row = await records.db
        .selectFrom('settings')
        .selectAll()
        .where('key', '=', hostile)
        .executeTakeFirstOrThrow();
      expect(row.value).toBe(hostile);
    });

    it('rolls a transaction back as a whole', async () => {
      const work = records.db.transaction().execute(async (trx) => {
        await trx.insertInto('settings').values({ key: 'half', value: '1' }).execute();
        throw new Error('stop here');
      });
      await expect(work).rejects.toThrow('stop here');
      expect(await records.db.selectFrom('settings').selectAll().where('key', '=', 'half').execute()).toEqual([]);
    });

    it('gives one coupon code to one grant', async () => {
      await records.db.insertInto('grants').values(grant('gr1', 'WAKE-1')).execute();
      const second = records.db
        .insertInto('grants')
        .values(grant('gr2', 'WAKE-1', 'p2'))
        .execute();
      await expect(second).rejects.toThrow(/grants_code_key/);
      const samePerson = records.db.insertInto('grants').values(grant('gr3', 'WAKE-2')).execute();
      await expect(samePerson).rejects.toThrow(/grants_offer_id_run_id_person_id_key/);
    });

    it('plans one message per run, step and person, and one per address', async () => {
      await records.db
        .insertInto('messages')
        .values(message('m1', 'p1', 'k1'))
        .execute();
      const samePerson = records.db
        .insertInto('messages')
        .values(message('m2', 'p1', 'k2'))
        .execute();
      await expect(samePerson).rejects.toThrow(/messages_run_id_step_person_id_key/);
      const sameAddress = records.db
        .insertInto('messages')
        .values(message('m3', 'p2', 'k1'))
        .execute();
      await expect(sameAddress).rejects.toThrow(/messages_run_id_step_channel_address_key_key/);
      await records.db
        .insertInto('messages')
        .values(message('m4', 'p1', 'k1', 1))
        .execute();
      const known = await records.db
        .insertInto('messages')
        .values(message('m5', 'p1', 'k1', 1))
        .onConflict((on) => on.doNothing())
        .returning('message_id')
        .execute();
      expect(known).toEqual([]);
    });

    it('never rewrites a consent, but lets it follow a merged person and be erased', async () => {
      await records.db.insertInto('consents').values(consent('c1', 'p1')).execute();
      const rewrite = records.db
        .updateTable('consents')
        .set({ status: 'withdrawn' })
        .where('consent_id', '=', 'c1')
        .execute();
      await expect(rewrite).rejects.toThrow('the consent ledger is append-only');
      await records.db.updateTable('consents').set({ person_id: 'p9' }).where('consent_id', '=', 'c1').execute();
      const sneaky = records.db
        .updateTable('consents')
        .set({ person_id: 'p10', status: 'withdrawn' })
        .where('consent_id', '=', 'c1')
        .execute();
      await expect(sneaky).rejects.toThrow('the consent ledger is append-only');
      await records.db.deleteFrom('consents').where('person_id', '=', 'p9').execute();
      expect(await records.db.selectFrom('consents').selectAll().execute()).toEqual([]);
    });

    it.each([
      ['spends more than the budget', { committed_cents: 10_001 }],
      ['grants more than the capacity', { granted: 11 }],
      ['grants less than nothing', { granted: -1 }],
      ['spends less than nothing', { committed_cents: -1 }],
    ])('refuses an offer that %s', async (_, change) => {
      const update = records.db.updateTable('offers').set(change).where('offer_id', '=', 'o1').execute();
      await expect(update).rejects.toThrow(/check constraint/);
    });

    it('refuses a word outside a closed set', async () => {
      const update = sql`UPDATE messages SET state = 'lost' WHERE message_id = 'm1'`.execute(records.db);
      await expect(update).rejects.toThrow(/messages_state_check/);
    });

    it('keeps a guarded counter right under concurrent claims', async () => {
      await records.db
        .insertInto('offers')
        .values({ ...offer('o2'), capacity: 7 })
        .execute();
      const claims = Array.from({ length: 20 }, () =>
        sql`UPDATE offers SET granted = granted + 1, committed_cents = committed_cents + unit_cost_cents
          WHERE offer_id = 'o2' AND granted < capacity AND committed_cents + unit_cost_cents <= budget_cents
          RETURNING offer_id`.execute(records.db),
      );
      const won = (await Promise.all(claims)).filter((claim) => claim.rows.length === 1);
      expect(won).toHaveLength(7);
    });

    it.skipIf(kind === 'pglite')('begins a transaction again that a deadlock broke off', async () => {
      await records.db
        .insertInto('offers')
        .values([offer('left'), offer('right')])
        .execute();
      const met = { left: Promise.withResolvers<void>(), right: Promise.withResolvers<void>() };
      const done = { left: Promise.withResolvers<void>(), right: Promise.withResolvers<void>() };
      let begun = 0;
      const takeBoth = async (first: 'left' | 'right', second: 'left' | 'right'): Promise<void> => {
        let own = 0;
        await inTransaction(records.db, async (tx) => {
          begun++;
          // Whoever was broken off lets the other one end: they would meet again.
          if (own++ > 0) await done[second].promise;
          const grant = (id: string) => sql`UPDATE offers SET granted = granted + 1 WHERE offer_id = ${id}`.execute(tx);
          await grant(first);
          met[first].resolve();
          await met[second].promise;
          await grant(second);
        });
        done[first].resolve();
      };
      await Promise.all([takeBoth('left', 'right'), takeBoth('right', 'left')]);
      const rows = await records.db
        .selectFrom('offers')
        .select('granted')
        .where('offer_id', 'in', ['left', 'right'])
        .execute();
      expect([begun, rows.map((row) => row.granted)]).toEqual([3, [2, 2]]);
    });

    it('computes the assignment bucket that TypeScript computes', async () => {
      const pairs = [
        ['programme-1', 'person-1'],
        ['', ''],
        ['盐', '王小明'],
        ['a:b', "c'\\d\n"],
      ] as const;
      for (const [salt, key] of pairs) {
        const { rows } = await sql<{ bucket: number }>`SELECT
          ('x' || substr(md5(${`${BUCKET_HASH_VERSION}:${salt}:${key}`}::text), 1, 8))::bit(32)::bigint % ${sql.lit(BUCKETS)} AS bucket`.execute(
          records.db,
        );
        expect(rows[0]?.bucket).toBe(bucketOf(salt, key));
      }
    });
  });
});

describe('a PostgreSQL that is not there', () => {
  it('is a refusal that names the store', async () => {
    await expect(openPostgres('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});
