// One suite, the events store both ways: ClickHouse in process, and over ClickHouse's HTTP interface.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKETS, BUCKET_HASH_VERSION, bucketOf } from '../../src/kernel/hash.ts';
import { ident, joined, p, sql } from '../../src/kernel/sql.ts';
import { openChdb, openClickhouse, type Events } from '../../src/stores/events/events.ts';
import { EVENTS_MIGRATIONS, migrateEvents } from '../../src/stores/events/migrations.ts';
import { eventsSchema } from '../support/schema.ts';
import { startClickhouse, type ClickhouseServer } from '../support/clickhouse.ts';

const AT = new Date('2026-03-01T10:00:00.123Z');

const event = (id: string, actor: string, day: string, amountCents: number) => ({
  message_id: id,
  actor_id: actor,
  name: 'Order Completed',
  occurred_at: `${day} 08:00:00.250`,
  received_at: `${day}T08:00:01.000Z`,
  day,
  amount_cents: amountCents,
  currency: 'CNY',
  order_id: `o-${id}`,
  products: [
    {
      product_id: 'sku"1',
      name: '茉莉花茶 100克',
      category: '茶',
      brand: "L'eau",
      quantity: 2,
      price_cents: amountCents / 2,
    },
  ],
  properties: JSON.stringify({ note: '换行\n"引号"', nested: { a: [1, 2] } }),
  source: 'test',
});

describe.each(['chdb', 'clickhouse'] as const)('events on %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-events-'));
  let server: ClickhouseServer | undefined;
  let events: Events;

  beforeAll(async () => {
    if (kind === 'clickhouse') {
      server = await startClickhouse();
      events = await openClickhouse(server.url);
    } else events = await openChdb(folder);
    await migrateEvents(events, AT);
  });
  afterAll(async () => {
    await events?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what it is', () => expect([events.kind, events.database]).toEqual([kind, 'rekindle']));

  it('stops a statement in the engine when asked, leaves nothing of it, and goes on with the next', async () => {
    await events.run(sql`CREATE TABLE stopped (n UInt64) ENGINE = Memory`);
    // A million years of work: it can only end by being stopped.
    const endless = sql`INSERT INTO stopped SELECT number FROM numbers(1000000000000000) WHERE NOT ignore(sipHash64(number))`;
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('enough')), 50);
    await expect(events.until(cancel.signal).run(endless)).rejects.toThrow('enough');
    expect(await events.rows(sql`SELECT count() AS n FROM stopped`)).toEqual([{ n: 0 }]);
    expect(
      await events.rows(
        sql`SELECT query FROM system.processes WHERE query LIKE '%INSERT INTO stopped%' AND query NOT LIKE '%processes%'`,
      ),
    ).toEqual([]);
    await expect(events.until(cancel.signal).rows(sql`SELECT 1`)).rejects.toThrow('enough');
    await events.run(sql`DROP TABLE stopped`);
  });

  it('migrates twice without changing anything', async () => {
    await migrateEvents(events, new Date('2027-01-01T00:00:00Z'));
    const applied = await events.rows(sql`SELECT name, applied_at FROM migrations ORDER BY name`);
    expect(applied).toEqual(EVENTS_MIGRATIONS.map(({ name }) => ({ name, applied_at: '2026-03-01 10:00:00.123' })));
  });

  it('makes the tables of docs/schema/events.sql (after a wanted change: npm run schema)', async () => {
    const snapshot = join(import.meta.dirname, '../../docs/schema/events.sql');
    expect(await eventsSchema(events)).toBe(readFileSync(snapshot, 'utf8'));
  });

  it('finishes a migration that was cut off half-way', async () => {
    await events.run(sql`DROP TABLE stage_changes`);
    await events.run(sql`ALTER TABLE migrations DELETE WHERE 1 SETTINGS mutations_sync = 2`);
    await migrateEvents(events, AT);
    expect(await events.rows(sql`SELECT count() AS n FROM stage_changes`)).toEqual([{ n: 0 }]);
  });

  it('returns rows as they were inserted: Chinese, quotes, nested products, instants, days', async () => {
    const sent = event('m1', '王小明', '2026-02-28', 12_800);
    await events.insert('events', [sent]);
    const rows = await events.rows(sql`SELECT * FROM events WHERE actor_id = ${p.text('王小明')}`);
    expect(rows).toEqual([{ ...sent, received_at: '2026-02-28 08:00:01.000', lines: 1, items: 2 }]);
  });

  it('reads 64-bit integers as numbers, arrays and tuples as their JSON', async () => {
    const rows = await events.rows(sql`SELECT toInt64(9007199254740991) AS big, toUInt64(7) AS seven, [1, 2] AS list,
      ('a', 1)::Tuple(name String, n UInt8) AS pair, [(1, 'x')] AS pairs, 1.5 AS half, NULL AS nothing, true AS yes,
      toDate('2026-03-29') AS day, map('k', toUInt64(1)) AS m`);
    expect(rows).toEqual([
      {
        big: Number.MAX_SAFE_INTEGER,
        seven: 7,
        list: [1, 2],
        pair: { name: 'a', n: 1 },
        pairs: [[1, 'x']],
        half: 1.5,
        nothing: null,
        yes: true,
        day: '2026-03-29',
        m: { k: 1 },
      },
    ]);
  });

  const hostile = [
    "it's",
    `say "yes"`,
    'back\\slash',
    String.raw`\n is two characters`,
    "\\' OR 1=1 --",
    "'; DROP TABLE events; --",
    'line\nbreak\r\n\ttab',
    '{p0:String}',
    '${x}?&=%25+',
    '',
    ' ',
    '\\N',
    'NULL',
    '王小明 🔥 é',
  ];
  it.each(hostile)('binds the text %j as text', async (text) => {
    const rows = await events.rows(sql`SELECT ${p.text(text)} AS v, length(${p.text(text)}) AS bytes`);
    expect(rows).toEqual([{ v: text, bytes: Buffer.byteLength(text) }]);
  });

  it('binds every other kind of parameter', async () => {
    const rows = await events.rows(sql`SELECT ${p.texts(hostile)} AS texts, ${p.texts([])} AS none, ${p.int(-42)} AS i,
      ${p.int(Number.MAX_SAFE_INTEGER)} AS big, ${p.float(0.1)} AS f, ${p.float(1e21)} AS huge, ${p.float(-2.5e-7)} AS tiny,
      ${p.floats([1, -0.25, 3e-9])} AS fs, ${p.day('2026-02-28')} AS day, ${p.instant(AT)} AS at,
      toUnixTimestamp64Milli(${p.instant(AT)}) AS ms`);
    expect(rows).toEqual([
      {
        texts: hostile,
        none: [],
        i: -42,
        big: Number.MAX_SAFE_INTEGER,
        f: 0.1,
        huge: 1e21,
        tiny: -2.5e-7,
        fs: [1, -0.25, 3e-9],
        day: '2026-02-28',
        at: '2026-03-01 10:00:00.123',
        ms: AT.getTime(),
      },
    ]);
  });

  it('takes fragments inside fragments', async () => {
    const conditions = joined([sql`number > ${p.int(2)}`, sql`number < ${p.int(5)}`], ' AND ');
    const rows = await events.rows(sql`SELECT number AS ${ident('n')} FROM numbers(10) WHERE ${conditions}`);
    expect(rows).toEqual([{ n: 3 }, { n: 4 }]);
  });

  it('keeps the per-person roll-up and the message ids as events arrive', async () => {
    await events.insert('events', [
      event('r1', 'roll', '2026-01-05', 1000),
      event('r2', 'roll', '2026-01-05', 250),
      { ...event('r3', 'roll', '2026-01-06', 400), products: [], properties: '{"quantity":3}' },
    ]);
    await events.insert('events', [event('r4', 'roll', '2026-01-05', -50)]);
    const days = await events.rows(sql`SELECT day, sum(events) AS n, sum(amount_cents) AS cents, max(last_at) AS last,
        sum(lines) AS all_lines, sum(items) AS all_items
      FROM actor_days WHERE actor_id = 'roll' GROUP BY day ORDER BY day`);
    expect(days).toEqual([
      { day: '2026-01-05', n: 3, cents: 1200, last: '2026-01-05 08:00:00.250', all_lines: 3, all_items: 6 },
      { day: '2026-01-06', n: 1, cents: 400, last: '2026-01-06 08:00:00.250', all_lines: 1, all_items: 3 },
    ]);
    const known = await events.rows(sql`SELECT count() AS n FROM message_ids
      WHERE id IN (SELECT sipHash128(arrayJoin(${p.texts(['r1', 'r4', 'unknown'])})))`);
    expect(known).toEqual([{ n: 2 }]);
  });

  it('takes no rows, and ten thousand rows, in one insert', async () => {
    await events.insert('person_links', []);
    const links = Array.from({ length: 10_000 }, (_, i) => ({ actor_id: `a${i}`, person_id: 'p', version: i }));
    await events.insert('person_links', links);
    expect(await events.rows(sql`SELECT count() AS n, max(version) AS last FROM person_links`)).toEqual([
      { n: 10_000, last: 9999 },
    ]);
  });

  it('answers ten questions at once', async () => {
    const asked = Array.from({ length: 10 }, (_, i) =>
      events.rows(sql`SELECT ${p.int(i)} AS i, ${p.text(`t${i}`)} AS t`),
    );
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 10 }, (_, i) => [{ i, t: `t${i}` }]));
  });

  it('throws with the words of the engine', async () => {
    await expect(events.rows(sql`SELECT * FROM no_such_table`)).rejects.toThrow(/no_such_table/);
    await expect(events.insert('no_such_table', [{ a: 1 }])).rejects.toThrow(/no_such_table/);
    await expect(events.rows(sql`SELEKT 1`)).rejects.toThrow(/Syntax error/i);
    await expect(events.run(sql`SELECT throwIf(1, 'broken on purpose')`)).rejects.toThrow(/broken on purpose/);
    await expect(events.rows(sql`SELECT ${p.day('not a day')} AS d`)).rejects.toThrow(/not a day/);
    await expect(events.insert('person_links', [{ actor_id: 'x', person_id: 'y', version: 'z' }])).rejects.toThrow(
      /version/,
    );
  });

  it('refuses a column that the table does not have', async () => {
    const insert = events.insert('person_links', [{ actor_id: 'x', person_id: 'y', version: 1, surprise: 1 }]);
    await expect(insert).rejects.toThrow(/surprise/);
  });

  it('computes the assignment bucket that TypeScript computes', async () => {
    for (const [salt, key] of [
      ['programme-1', 'person-1'],
      ['', ''],
      ['盐', '王小明'],
    ] as const) {
      const text = p.text(`${BUCKET_HASH_VERSION}:${salt}:${key}`);
      const [row] = await events.rows<{ bucket: number }>(
        sql`SELECT reinterpretAsUInt32(reverse(substring(MD5(${text}), 1, 4))) % ${p.int(BUCKETS)} AS bucket`,
      );
      expect(row?.bucket).toBe(bucketOf(salt, key));
    }
  });
});

describe('what only an engine over HTTP does', () => {
  let server: ClickhouseServer;
  let events: Events;
  beforeAll(async () => {
    server = await startClickhouse();
    events = await openClickhouse(server.url, 'other_name');
    await events.run(sql`CREATE TABLE lines (n Int64, word String) ENGINE = MergeTree ORDER BY n`);
  });
  afterAll(async () => {
    await events?.close();
    await server?.stop();
  });

  it('uploads a stream of CSV into a table of the chosen database', async () => {
    const csv = Readable.from([Buffer.from('1,"一,'), Buffer.from('a"\n2,"二\nb"\n')]);
    await events.upload(sql`INSERT INTO lines FORMAT CSV`, csv);
    expect(await events.rows(sql`SELECT n, word FROM other_name.lines ORDER BY n`)).toEqual([
      { n: 1, word: '一,a' },
      { n: 2, word: '二\nb' },
    ]);
  });

  it('uploads through input() with bound parameters, and a Parquet file', async () => {
    await events.run(sql`TRUNCATE TABLE lines`);
    await events.upload(
      sql`INSERT INTO lines SELECT n + ${p.int(100)}, upper(word) FROM input('n Int64, word String') FORMAT CSV`,
      Readable.from([Buffer.from('1,a\n2,b\n')]),
    );
    const response = await fetch(`${server.url}/?default_format=Parquet`, {
      method: 'POST',
      body: `SELECT toInt64(7) AS n, 'p' AS word`,
    });
    await events.upload(
      sql`INSERT INTO lines (n, word) FORMAT Parquet`,
      Readable.from([Buffer.from(await response.arrayBuffer())]),
    );
    expect(await events.rows(sql`SELECT n, word FROM lines ORDER BY n`)).toEqual([
      { n: 7, word: 'p' },
      { n: 101, word: 'A' },
      { n: 102, word: 'B' },
    ]);
  });

  it('is refused as unavailable, naming the store, where nothing listens', async () => {
    await expect(openClickhouse('http://127.0.0.1:1')).rejects.toMatchObject({
      code: 'store_unavailable',
      details: { store: 'events' },
    });
  });

  it('speaks the HTTP interface: ping, GET, gzip both ways, exception header and status', async () => {
    expect(await (await fetch(`${server.url}/ping`)).text()).toBe('Ok.\n');
    expect(await (await fetch(`${server.url}/?query=${encodeURIComponent('SELECT 1, 2')}`)).text()).toBe('1\t2\n');
    const zipped = await fetch(`${server.url}/?enable_http_compression=1`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip', 'accept-encoding': 'gzip' },
      body: gzipSync(`SELECT '压缩'`),
    });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toBe('压缩\n');
    const refused = await fetch(server.url, { method: 'POST', body: 'SELECT * FROM nowhere' });
    expect([refused.status, refused.headers.get('x-clickhouse-exception-code')]).toEqual([404, '60']);
    expect(await refused.text()).toMatch(/^Code: 60\. DB::Exception: .*\(UNKNOWN_TABLE\)/s);
  });

  it('forgets the settings of one request before the next', async () => {
    const ask = async (settings: string): Promise<string> =>
      (
        await fetch(`${server.url}/?${settings}`, { method: 'POST', body: `SELECT getSetting('max_block_size')` })
      ).text();
    const usual = await ask('');
    expect(await ask('max_block_size=1234')).toBe('1234\n');
    expect(await ask('no_such_setting=1')).toMatch(/UNKNOWN_SETTING/);
    expect(await Promise.all(Array.from({ length: 8 }, () => ask('')))).toEqual(Array.from({ length: 8 }, () => usual));
  });
});
