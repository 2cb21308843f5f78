// The jobs port on both records adapters.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openJobs, type Jobs } from '../../src/stores/jobs/jobs.ts';
import { migrateRecords } from '../../src/stores/records/migrations.ts';
import { openPglite } from '../../src/stores/records/pglite.ts';
import { openPostgres } from '../../src/stores/records/postgres.ts';
import type { Records } from '../../src/stores/records/records.ts';
import { postgresAbsent, startPostgres, type PostgresServer } from '../support/postgres.ts';

const excuses = { pglite: '', postgres: postgresAbsent };
const PATIENCE = { timeout: 15_000, interval: 50 };

describe.each(['pglite', 'postgres'] as const)('jobs on %s', (kind) => {
  const excuse = excuses[kind];
  describe.skipIf(excuse !== '')(`the port${excuse}`, () => {
    const errors: Error[] = [];
    let server: PostgresServer | undefined;
    let records: Records;
    let jobs: Jobs;

    beforeAll(async () => {
      if (kind === 'postgres') {
        server = await startPostgres();
        records = await openPostgres(await server.newDatabase());
      } else records = await openPglite('memory://');
      await migrateRecords(records.db);
      jobs = openJobs(records, (error) => errors.push(error));
      await jobs.start();
    });
    afterAll(async () => {
      await jobs?.stop();
      await records?.close();
      await server?.stop();
    });

    it('hands every payload to the worker, those sent before it began too', async () => {
      const seen: unknown[] = [];
      await jobs.send('greet', { n: 1, name: '王小明' });
      await jobs.work('greet', async (payload) => void seen.push(payload));
      await jobs.send('greet', { n: 2 });
      await vi.waitFor(() => expect(seen).toHaveLength(2), PATIENCE);
      expect(seen).toContainEqual({ n: 1, name: '王小明' });
      expect(seen).toContainEqual({ n: 2 });
    });

    it('adds one job per key while it waits or runs, and takes the key again afterwards', async () => {
      let runs = 0;
      let finish: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (finish = resolve));
      await jobs.send('score', {}, 'policy-1');
      await jobs.send('score', {}, 'policy-1');
      await jobs.work('score', async () => {
        runs++;
        await gate;
      });
      await vi.waitFor(() => expect(runs).toBe(1), PATIENCE);
      await jobs.send('score', {}, 'policy-1');
      const open = sql<{ n: number }>`SELECT count(*) AS n FROM jobs.job WHERE name = 'score' AND state <= 'active'`;
      expect((await open.execute(records.db)).rows[0]?.n).toBe(1);
      finish();
      await vi.waitFor(async () => expect((await open.execute(records.db)).rows[0]?.n).toBe(0), PATIENCE);
      await jobs.send('score', {}, 'policy-1');
      await vi.waitFor(() => expect(runs).toBe(2), PATIENCE);
    });

    it('tries a failed job again, and gives up after the third time', async () => {
      let attempts = 0;
      await jobs.work('flaky', async () => {
        attempts++;
        if (attempts < 2) throw new Error('not yet');
      });
      await jobs.send('flaky', {});
      await vi.waitFor(() => expect(attempts).toBe(2), PATIENCE);

      let failures = 0;
      await jobs.work('broken', () => {
        failures++;
        return Promise.reject(new Error('never'));
      });
      await jobs.send('broken', {});
      const failed = sql<{ n: number }>`SELECT count(*) AS n FROM jobs.job WHERE name = 'broken' AND state = 'failed'`;
      await vi.waitFor(async () => expect((await failed.execute(records.db)).rows[0]?.n).toBe(1), PATIENCE);
      expect(failures).toBe(3);
    });

    it('keeps a schedule by its queue and replaces it', async () => {
      await jobs.every('nightly', '0 3 * * *');
      await jobs.every('nightly', '0 4 * * *');
      const { rows } = await sql<{
        cron: string;
        timezone: string;
      }>`SELECT cron, timezone FROM jobs.schedule WHERE name = 'nightly'`.execute(records.db);
      expect(rows).toEqual([{ cron: '0 4 * * *', timezone: 'UTC' }]);
    });

    it('lets a running job finish when it stops, and leaves the store open', async () => {
      const other = openJobs(records, (error) => errors.push(error));
      await other.start();
      let state = 'none';
      await other.work('slow', async () => {
        state = 'running';
        await new Promise((resolve) => setTimeout(resolve, 300));
        state = 'finished';
      });
      await other.send('slow', {});
      await vi.waitFor(() => expect(state).toBe('running'), PATIENCE);
      await other.stop();
      expect(state).toBe('finished');
      expect((await sql`SELECT 1 AS one`.execute(records.db)).rows).toEqual([{ one: 1 }]);
    });

    it('reported no error of its own', () => expect(errors).toEqual([]));
  });
});
