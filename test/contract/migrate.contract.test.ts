// Several processes start at once on two servers: one migrates, the others wait, all find the same tables.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '../../src/kernel/sql.ts';
import { openClickhouse } from '../../src/stores/events/events.ts';
import { EVENTS_MIGRATIONS } from '../../src/stores/events/migrations.ts';
import { migrateStores } from '../../src/stores/migrate.ts';
import { openPostgres } from '../../src/stores/records/postgres.ts';
import { startClickhouse, type ClickhouseServer } from '../support/clickhouse.ts';
import { postgresAbsent, startPostgres, type PostgresServer } from '../support/postgres.ts';

describe.skipIf(postgresAbsent !== '')(`migrating both stores${postgresAbsent}`, () => {
  let postgres: PostgresServer | undefined;
  let clickhouse: ClickhouseServer | undefined;
  beforeAll(async () => {
    [postgres, clickhouse] = await Promise.all([startPostgres(), startClickhouse()]);
  });
  afterAll(async () => {
    await Promise.all([postgres?.stop(), clickhouse?.stop()]);
  });

  it('happens once for three starts at once', async () => {
    const recordsUrl = await postgres!.newDatabase();
    const starts = await Promise.all(
      [1, 2, 3].map(async () => ({
        records: await openPostgres(recordsUrl),
        events: await openClickhouse(clickhouse!.url),
      })),
    );
    try {
      const now = new Date('2026-03-01T00:00:00Z');
      await Promise.all(starts.map(({ records, events }) => migrateStores(records, events, now)));
      const applied = await starts[0]!.events.rows(sql`SELECT name FROM migrations ORDER BY name`);
      expect(applied).toEqual(EVENTS_MIGRATIONS.map(({ name }) => ({ name })));
    } finally {
      await Promise.all(starts.flatMap(({ records, events }) => [records.close(), events.close()]));
    }
  });
});
