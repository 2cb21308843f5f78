// An import means the same whether the engine reads the file in process or is sent its bytes over HTTP.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookAtFile, planImport, runImport, type ImportResult } from '../../src/collect/imports/import.service.ts';
import type { ImportedPerson } from '../../src/collect/imports/import.sql.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import { openClickhouse, type Events } from '../../src/stores/events/events.ts';
import { migrateEvents } from '../../src/stores/events/migrations.ts';
import { startClickhouse, type ClickhouseServer } from '../support/clickhouse.ts';
import { temporaryEvents } from '../support/events-store.ts';

const now = new Date('2026-01-15T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'rekindle-imports-contract-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ORDERS = [
  'order_id\tcustomer_id\tdate\tsku\tqty\tunit_price\temail\tnote',
  '1\tu1\t25/12/2024\tA\t2\t1.50\ta@x.co\t"two\nlines"',
  '1\tu1\t25/12/2024\tB\t1\t¥4\ta@x.co\t',
  '2\tu2\tsoon\tA\t1\t1.50\t\t',
  '3\t\t01/02/2024\tA\t1\t1.50\t\t',
  '4\tu2\t01/02/2024\tA\t-1\t1.50\t\t',
  '',
].join('\n');
const CALLS = [
  '{"userId":"u1","event":"Login","timestamp":"2024-05-01T10:00:00Z","messageId":"a","properties":{"from":"web"}}',
  'not json',
  '{"userId":"u1","event":"Login","timestamp":"2024-05-01T11:00:00Z","messageId":"b","properties":{}}',
  '',
].join('\n');

describe.each(['chdb', 'clickhouse over HTTP'])('%s', (kind) => {
  let events: Events;
  let server: ClickhouseServer | undefined;
  let close: () => Promise<void>;
  beforeAll(async () => {
    if (kind === 'chdb') ({ events, close } = await temporaryEvents());
    else {
      server = await startClickhouse();
      events = await openClickhouse(server.url, 'imports');
      await migrateEvents(events, now);
      close = () => events.close();
    }
  });
  afterAll(async () => {
    await close();
    await server?.stop();
  });

  const load = async (name: string, content: string | Uint8Array): Promise<[ImportResult, ImportedPerson[]]> => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const deps = { events, timeZone: 'UTC', currency: 'USD', temporaryFolder: folder };
    const people: ImportedPerson[] = [];
    const [result] = await runImport(deps, [await planImport(deps, path, { now })], {
      now,
      rejectsFolder: folder,
      onPeople: async (some) => void people.push(...some),
    });
    return [result!, people];
  };

  test('gzipped order lines, twice', async () => {
    const [first, people] = await load('orders.tsv.gz', gzipSync(ORDERS));
    expect(first).toMatchObject({
      rowsRead: 5,
      rowsKept: 2,
      orders: 1,
      people: 1,
      rejected: 1,
      dayOrder: 'day_first',
      events: { added: 2, known: 0 },
    });
    expect(people).toEqual([{ personId: 'u1', email: 'a@x.co' }, { personId: 'u2' }]);
    // The first record spans two lines, so the rejected one begins in line 5.
    expect(readFileSync(first.rejectsPath!, 'utf8').split('\n')[1]).toBe('5,bad_time,2,u2,soon,A,1,1.50,,');
    const [order] = await events.rows(
      sql`SELECT amount_cents, toString(day) AS day, products.product_id AS ids FROM events WHERE order_id = '1'`,
    );
    expect(order).toEqual({ amount_cents: 700, day: '2024-12-25', ids: ['A', 'B'] });
    const [second] = await load('orders.tsv.gz', gzipSync(ORDERS));
    expect(second).toMatchObject({ orders: 1, events: { added: 0, known: 2 } });
  });

  test('JSON lines', async () => {
    const [result] = await load('calls.jsonl', CALLS);
    expect(result).toMatchObject({ kind: 'events', rejected: 1, events: { added: 2, known: 0 } });
    expect(readFileSync(result.rejectsPath!, 'utf8').split('\n')[1]).toBe('2,not_json,not json');
  });

  test.each(['plain', 'gzipped'])('Parquet, %s: typed and nullable columns; nested ones are none', async (packing) => {
    // Written by the engine itself (chDB), in three row groups.
    const path = join(folder, `${kind}-${packing}-written.parquet`);
    await events.run(sql`INSERT INTO FUNCTION file(${p.text(path)}, 'Parquet')
      SELECT number + 1 AS \`order id\`, concat('parquet-', ${p.text(packing)}, toString(number % 2)) AS customer_id,
        toDateTime('2024-05-01 10:00:00', 'UTC') + number * 86400 AS order_date, toDecimal64(number, 2) + 0.5 AS amount,
        if(number = 0, NULL, 'n''ote') AS note, [number, 7] AS parts
      FROM numbers(3) SETTINGS output_format_parquet_row_group_size = 1`);
    const bytes = readFileSync(path);
    const [result] = await load(`${packing}.parquet`, packing === 'plain' ? bytes : gzipSync(bytes));
    expect(result).toMatchObject({ rowsRead: 3, orders: 3, people: 2, rejected: 0, events: { added: 3, known: 0 } });
    expect(
      await events.rows(sql`SELECT actor_id, order_id, amount_cents, toString(occurred_at) AS at FROM events
        WHERE startsWith(actor_id, ${p.text(`parquet-${packing}`)}) ORDER BY at`),
    ).toEqual([
      { actor_id: `parquet-${packing}0`, order_id: '1', amount_cents: 50, at: '2024-05-01 10:00:00.000' },
      { actor_id: `parquet-${packing}1`, order_id: '2', amount_cents: 150, at: '2024-05-02 10:00:00.000' },
      { actor_id: `parquet-${packing}0`, order_id: '3', amount_cents: 250, at: '2024-05-03 10:00:00.000' },
    ]);
    const deps = { events, timeZone: 'UTC', currency: 'USD', temporaryFolder: folder };
    const look = await lookAtFile(deps, join(folder, `${packing}.parquet`));
    expect(look.columns).toEqual(['order id', 'customer_id', 'order_date', 'amount', 'note']);
    expect(look.rows.map((row) => [row[0], row[4]])).toEqual([
      ['1', ''],
      ['2', "n'ote"],
      ['3', "n'ote"],
    ]);
    await expect(load('cut.parquet', bytes.subarray(0, -20))).rejects.toMatchObject({ code: 'file_truncated' });
  });

  test('cancelled while a file is read or checked, nothing of it is kept', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `9${i}\tv${i % 999}\t25/12/2024\tA\t2\t1.50\t\t`);
    const path = join(folder, 'many.tsv');
    writeFileSync(path, [ORDERS.split('\n')[0], ...rows, ''].join('\n'));
    const deps = { events, timeZone: 'UTC', currency: 'USD', temporaryFolder: folder };
    for (const phase of ['reading', 'checking'] as const) {
      const cancel = new AbortController();
      const plan = await planImport(deps, path, { now });
      await expect(
        runImport(deps, [plan], {
          now,
          rejectsFolder: folder,
          signal: cancel.signal,
          onProgress: (progress) => {
            // After the statement has been handed over.
            if (progress.phase === phase) setTimeout(() => cancel.abort(new Error('no more')), 5);
          },
        }),
      ).rejects.toThrow('no more');
    }
    expect(await events.rows(sql`SELECT count() AS n FROM events WHERE startsWith(actor_id, 'v')`)).toEqual([{ n: 0 }]);
  });

  test('nothing is left of the staging', async () => {
    expect(
      await events.rows(
        sql`SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'import_')`,
      ),
    ).toEqual([]);
  });
});
