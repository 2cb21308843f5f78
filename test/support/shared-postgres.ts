// One PostgreSQL for a whole run of tests, started when the first file asks for it and gone with the run: a file that asks copies a migrated database
// in 0.1–0.4 s, where a cluster of its own and its migrations took 1–2 s. With REKINDLE_TEST_DATABASE_URL there is a server already.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PostgresServer, SharedPostgres } from './postgres.ts';

let door: Server | undefined;
let server: PostgresServer | undefined;
let started: Promise<SharedPostgres> | undefined;

async function start(): Promise<SharedPostgres> {
  const [{ startCluster }, { openPostgres }, { migrateRecords }] = await Promise.all([
    import('./postgres.ts'),
    import('../../src/stores/records/postgres.ts'),
    import('../../src/stores/records/migrations.ts'),
  ]);
  server = await startCluster();
  const url = await server.newDatabase();
  const records = await openPostgres(url);
  await migrateRecords(records.db);
  // Only a database that nobody uses can be copied.
  await records.close();
  return { url: server.url, template: new URL(url).pathname.slice(1) };
}

export async function setup(): Promise<void> {
  if (process.env['REKINDLE_TEST_DATABASE_URL'] !== undefined) return;
  const own = createServer((_, response) => {
    (started ??= start()).then(
      (shared) => response.end(JSON.stringify(shared)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await once(own.listen(0, '127.0.0.1'), 'listening');
  process.env['REKINDLE_TEST_POSTGRES_DOOR'] = `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
  door = own;
}

export async function teardown(): Promise<void> {
  delete process.env['REKINDLE_TEST_POSTGRES_DOOR'];
  door?.close();
  await started?.catch(() => undefined);
  await server?.stop();
}
