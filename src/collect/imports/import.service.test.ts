// Files of every kind into the engine in process.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RekindleError } from '../../kernel/errors.ts';
import { ident, p, sql } from '../../kernel/sql.ts';
import { openChdb, type Events } from '../../stores/events/events.ts';
import { migrateEvents } from '../../stores/events/migrations.ts';
import {
  closePlan,
  planImport,
  runImport,
  type ImportDeps,
  type ImportResult,
  type PlanOptions,
} from './import.service.ts';
import type { ImportedPerson } from './import.sql.ts';

const now = new Date('2026-01-15T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'rekindle-imports-'));
let events: Events;
let deps: ImportDeps;

beforeAll(async () => {
  events = await openChdb(join(folder, 'events'));
  await migrateEvents(events, now);
  deps = { events, timeZone: 'Asia/Shanghai', currency: 'CNY', temporaryFolder: folder };
});
beforeEach(async () => {
  for (const table of ['events', 'message_ids', 'actor_days']) await events.run(sql`TRUNCATE TABLE ${ident(table)}`);
});
afterAll(async () => {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function load(
  path: string,
  options: Partial<PlanOptions> = {},
  more: Partial<ImportDeps> = {},
): Promise<ImportResult> {
  const used = { ...deps, ...more };
  const plan = await planImport(used, path, { now, ...options });
  const [result] = await runImport(used, [plan], { now, rejectsFolder: folder });
  return result!;
}

type Stored = {
  readonly actor_id: string;
  readonly name: string;
  readonly at: string;
  readonly day: string;
  readonly amount_cents: number;
  readonly order_id: string;
  readonly currency: string;
};
const stored = (): Promise<Stored[]> =>
  events.rows<Stored>(sql`SELECT actor_id, name, toString(occurred_at) AS at, toString(day) AS day, amount_cents, order_id, currency
    FROM events ORDER BY occurred_at, actor_id, name, amount_cents`);

const refusal = async (work: Promise<unknown>): Promise<RekindleError> => {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof RekindleError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
};

const SMALL = 'customer_id,date,amount\nu1,2024-05-01 07:30:00,10.50\nu2,2024-05-02,3\nu1,2024-05-03,0\n';

describe('formats and encodings read the same', () => {
  const chinese = '用户ID,下单时间,金额,商品名称\nu1,2024-05-01 07:30:00,¥10.50,"牛奶, 鲜"\nu2,2024-05-02,3,面包\n';
  // "用户ID,下单时间,金额,商品名称" and the rest in GB 2312, written out because Node does not encode it.
  const gb = Buffer.concat([
    Buffer.from([0xd3, 0xc3, 0xbb, 0xa7]),
    Buffer.from('ID,'),
    Buffer.from([0xcf, 0xc2, 0xb5, 0xa5, 0xca, 0xb1, 0xbc, 0xe4, 0x2c, 0xbd, 0xf0, 0xb6, 0xee, 0x2c]),
    Buffer.from([0xc9, 0xcc, 0xc6, 0xb7, 0xc3, 0xfb, 0xb3, 0xc6]),
    Buffer.from('\nu1,2024-05-01 07:30:00,10.50,"'),
    Buffer.from([0xc5, 0xa3, 0xc4, 0xcc]), // 牛奶
    Buffer.from('"\nu2,2024-05-02,3,"'),
    Buffer.from([0xc3, 0xe6, 0xb0, 0xfc]), // 面包
    Buffer.from('"\n'),
  ]);
  const utf16 = Buffer.from(`\ufeff${chinese}`, 'utf16le');
  test.each([
    ['utf-8', Buffer.from(chinese)],
    ['utf-8 with BOM', Buffer.from(`\ufeff${chinese}`)],
    ['gzip', gzipSync(chinese)],
    ['windows line ends', Buffer.from(chinese.replaceAll('\n', '\r\n'))],
    ['tabs', Buffer.from(chinese.replace('"牛奶, 鲜"', '牛奶 鲜').replaceAll(',', '\t'))],
    ['semicolons', Buffer.from(chinese.replaceAll(',', ';'))],
    ['pipes', Buffer.from(chinese.replaceAll(',', '|'))],
    ['utf-16le', utf16],
    ['utf-16be', Buffer.from(utf16).swap16()],
    ['gzipped utf-16', gzipSync(utf16)],
    ['gb18030', gb],
  ])('%s', async (name, bytes) => {
    const result = await load(write(`${name}.csv`, bytes));
    expect(result).toMatchObject({ rowsRead: 2, orders: 2, people: 2, rejected: 0, events: { added: 2, known: 0 } });
    // 07:30 in Shanghai is 23:30 of the day before in UTC; the day is Shanghai's.
    expect(await stored()).toMatchObject([
      { actor_id: 'u1', name: 'Order Completed', at: '2024-04-30 23:30:00.000', day: '2024-05-01', amount_cents: 1050 },
      { actor_id: 'u2', day: '2024-05-02', amount_cents: 300, currency: 'CNY' },
    ]);
    const [product] = await events.rows<{ name: string }>(
      sql`SELECT products[1].name AS name FROM events WHERE actor_id = 'u2'`,
    );
    expect(product?.name).toBe('面包');
  });

  test('Parquet with typed columns', async () => {
    const path = join(folder, 'orders.parquet');
    await events.run(sql`INSERT INTO FUNCTION file(${p.text(path)}, 'Parquet')
      SELECT toUInt32(number) AS customer_id, toDateTime('2024-05-01 00:00:00', 'UTC') + number AS order_date, toDecimal64(number, 2) + 0.5 AS amount
      FROM numbers(3)`);
    const result = await load(path, {}, { timeZone: 'UTC' });
    expect(result).toMatchObject({ orders: 3, people: 3, events: { added: 3 } });
    expect((await stored()).map((each) => each.amount_cents)).toEqual([50, 150, 250]);
  });

  test('a path with glob characters is one file', async () => {
    expect((await load(write('a*{b}?.csv', SMALL))).rowsRead).toBe(3);
  });

  test('no header', async () => {
    const path = write('bare.csv', 'u1,2024-05-01,10.5\nu2,2024-05-02,3\n');
    const result = await load(path, { map: 'person=column1,time=column2,amount=column3' });
    expect(result).toMatchObject({ rowsRead: 2, orders: 2 });
  });
});

describe('running twice', () => {
  test('adds nothing, and equal lines are two orders', async () => {
    const path = write('twice.csv', `${SMALL}u1,2024-05-01 07:30:00,10.50\n`);
    expect(await load(path)).toMatchObject({ orders: 4, events: { added: 4, known: 0 } });
    expect(await load(path)).toMatchObject({ orders: 4, events: { added: 0, known: 4 } });
    const overlap = write('overlap.csv', `${SMALL}u9,2024-06-01,1\n`);
    expect(await load(overlap)).toMatchObject({ events: { added: 1, known: 3 } });
    const [days] = await events.rows(sql`SELECT sum(events) AS events, sum(amount_cents) AS cents FROM actor_days`);
    expect(days).toEqual({ events: 5, cents: 1050 + 1050 + 300 + 0 + 100 });
  });

  test('no staging table stays behind', async () => {
    await load(write('clean.csv', SMALL));
    expect(await events.rows(sql`SELECT name FROM system.tables WHERE startsWith(name, 'import_')`)).toEqual([]);
  });
});

describe('order lines', () => {
  const lines = [
    'InvoiceNo,CustomerID,InvoiceDate,StockCode,Quantity,UnitPrice',
    '1001,17850.0,2024-05-01 08:00:00,A,2,1.25',
    '1001,17850.0,2024-05-01 08:01:00,B,1,3.00',
    '1002,,2024-05-01 09:00:00,A,1,1.25',
    'C1001,17850.0,2024-05-04 08:00:00,B,-1,3.00',
    '1003,13047.0,2024-05-02 08:00:00,A,-4,1.25',
    '1004,13047.0,2024-05-03 08:00:00,A,0,1.25',
    '1005,13047.0,2024-05-03 08:00:00,A,1,0.00',
    '1006,13047.0,2024-05-05 08:00:00,A,3,1.005',
    '',
  ].join('\n');

  test('become orders; what goes back becomes Order Refunded; the rest is counted', async () => {
    const result = await load(write('lines.csv', lines), {}, { timeZone: 'UTC', currency: 'GBP' });
    expect(result).toMatchObject({ rowsRead: 8, rowsKept: 3, orders: 2, people: 2, rejected: 0, events: { added: 4 } });
    expect(Object.fromEntries(result.excluded.map((each) => [each.reason, each.count]))).toEqual({
      no_person: 1,
      cancelled: 1,
      returned: 1,
      zero_quantity: 1,
      no_price: 1,
    });
    expect(await stored()).toMatchObject([
      // 2 × 1.25 + 1 × 3.00, at the earliest of its lines.
      {
        actor_id: '17850',
        name: 'Order Completed',
        at: '2024-05-01 08:00:00.000',
        amount_cents: 550,
        order_id: '1001',
      },
      { actor_id: '13047', name: 'Order Refunded', amount_cents: -500, order_id: '1003' },
      { actor_id: '17850', name: 'Order Refunded', amount_cents: -300, order_id: 'C1001' },
      // 3 × 1.005 = 3.015, halves away from zero.
      { actor_id: '13047', name: 'Order Completed', amount_cents: 302, order_id: '1006' },
    ]);
    const [order] = await events.rows(sql`SELECT products.product_id AS ids, products.quantity AS quantities,
      products.price_cents AS prices FROM events WHERE order_id = '1001'`);
    expect(order).toEqual({ ids: ['A', 'B'], quantities: [2, 1], prices: [125, 300] });
    const days =
      await events.rows(sql`SELECT actor_id, toString(name) AS name, sum(lines) AS all_lines, sum(items) AS all_items
      FROM actor_days GROUP BY actor_id, name ORDER BY actor_id, name`);
    expect(days).toEqual([
      { actor_id: '13047', name: 'Order Completed', all_lines: 1, all_items: 3 },
      { actor_id: '13047', name: 'Order Refunded', all_lines: 1, all_items: 4 },
      { actor_id: '17850', name: 'Order Completed', all_lines: 2, all_items: 3 },
      { actor_id: '17850', name: 'Order Refunded', all_lines: 1, all_items: 1 },
    ]);
  });

  test('without products still tell how many lines and items there were', async () => {
    const counted = async (path: string) => {
      await load(path);
      return events.rows(
        sql`SELECT sum(events) AS n, sum(lines) AS all_lines, sum(items) AS all_items FROM actor_days GROUP BY actor_id, day ORDER BY day`,
      );
    };
    const each = write(
      'each.csv',
      'customer_id,date,cds,usd\nu1,2024-05-01,2,20\nu1,2024-05-01,3,30\nu1,2024-05-02,1,9\n',
    );
    expect(await counted(each)).toEqual([
      { n: 2, all_lines: 2, all_items: 5 },
      { n: 1, all_lines: 1, all_items: 1 },
    ]);
    for (const table of ['events', 'message_ids', 'actor_days']) await events.run(sql`TRUNCATE TABLE ${ident(table)}`);
    const orders = write(
      'orders.csv',
      'order_id,customer_id,date,quantity,amount\n7,u1,2024-05-01,2,20\n7,u1,2024-05-01,3,30\n8,u1,2024-05-02,1,9\n',
    );
    expect(await counted(orders)).toEqual([
      { n: 1, all_lines: 2, all_items: 5 },
      { n: 1, all_lines: 1, all_items: 1 },
    ]);
  });

  test('a file of events with a quantity and no products tells the items of each', async () => {
    const path = write(
      'acts.csv',
      'user_id,event,timestamp,quantity\nu1,Saved,2024-05-01T08:00:00Z,4\nu1,Saved,2024-05-01T09:00:00Z,\n',
    );
    expect((await load(path)).events.added).toBe(2);
    const [day] = await events.rows(sql`SELECT sum(lines) AS all_lines, sum(items) AS all_items FROM actor_days`);
    expect(day).toEqual({ all_lines: 2, all_items: 5 });
  });

  test('order numbers that all begin with C cancel nothing', async () => {
    const path = write('c.csv', 'order_id,user_id,date,amount\nC1,u1,2024-05-01,5\nC2,u2,2024-05-01,6\n');
    expect(await load(path)).toMatchObject({ orders: 2, excluded: [] });
  });

  test('status, currency and --map of a product of columns', async () => {
    const path = write(
      'status.csv',
      'oid,who,when_at,a,b,cur,order_status\n1,u1,2024-05-01,2,3.5,JPY,done\n2,u1,2024-05-02,1,9,USD,已取消\n3,u2,2024-05-03,1,1.5,USD,待付款\n',
    );
    const result = await load(path, { map: 'person=who,time=when_at,amount=a*b,order=oid,currency=cur' });
    expect(result).toMatchObject({ orders: 1, excluded: [{ count: 1 }, { count: 1 }] });
    expect(await stored()).toMatchObject([
      { amount_cents: 7, currency: 'JPY', name: 'Order Completed' },
      { amount_cents: -900, currency: 'USD', name: 'Order Refunded' },
    ]);
  });

  test('lines of one person at one moment are one order where no order number stands', async () => {
    const path = write(
      'moments.csv',
      'user_id,time,sku,price,qty\nu,2024-05-01 10:00:00,A,1,2\nu,2024-05-01 10:00:00,B,5,1\nu,2024-05-02,A,1,1\n',
    );
    expect(await load(path)).toMatchObject({ orders: 2, events: { added: 2 } });
    expect((await stored()).map((each) => each.amount_cents)).toEqual([700, 100]);
  });
});

describe('bad rows', () => {
  test('go to a file with their true line number; the rest is imported', async () => {
    const path = write(
      'bad.csv',
      'customer_id,date,amount,note\nu1,2024-05-01,1,"two\nlines"\nu2,soon,2,\n\nu3,2024-05-01,abc,\nu4,,4,\nu5,2024-05-01,5,x,extra\nu6,2099-01-01,6,\n,2024-05-01,7,\nu8,2024-05-01,8,\n',
    );
    const result = await load(path);
    expect(result).toMatchObject({
      rowsRead: 8,
      orders: 2,
      rejected: 5,
      excluded: [{ reason: 'no_person', count: 1 }],
    });
    expect(readFileSync(result.rejectsPath!, 'utf8').split('\n')).toEqual([
      'line,reason,customer_id,date,amount,note',
      '4,bad_time,u2,soon,2,',
      '6,bad_amount,u3,2024-05-01,abc,',
      '7,no_time,u4,,4,',
      '8,too_many_columns,u5,2024-05-01,5,x',
      '9,time_out_of_range,u6,2099-01-01,6,',
      '',
    ]);
  });

  test('broken quotes are read as text', async () => {
    const path = write(
      'quotes.csv',
      'customer_id,date,amount,note\nu1,2024-05-01,1,"x"y\nu2,2024-05-02,2,"open\nu3,2024-05-03,3,\n',
    );
    expect(await load(path)).toMatchObject({ rowsRead: 3, orders: 3, rejected: 0 });
  });

  test('a file without one usable row imports nothing and says why', async () => {
    const path = write('none.csv', 'customer_id,date,amount\nu1,soon,1\nu2,later,2\n');
    const error = await refusal(load(path, { map: 'time=date' }));
    expect(error).toMatchObject({ code: 'columns_unclear' });
    expect(error.message).toContain('2 × not a time');
    expect(await stored()).toEqual([]);
  });

  test('several files: when the second cannot be read, the first is not imported', async () => {
    const good = await planImport(deps, write('good.csv', SMALL), { now });
    const bad = await planImport(deps, write('bad2.csv', 'customer_id,date,amount\nu1,soon,1\nu2,later,2\n'), {
      now,
      map: 'time=date',
    });
    await refusal(runImport(deps, [good, bad], { now, rejectsFolder: folder }));
    expect(await stored()).toEqual([]);
  });
});

describe('times and numbers', () => {
  const timesOf = async (cells: readonly string[], options: Partial<PlanOptions> = {}): Promise<string[]> => {
    const rows = cells.map((cell, i) => `u${i},"${cell}",${i}\n`).join('');
    await load(
      write('times.csv', `user_id,time,amount\n${rows}`),
      { map: 'time=time', ...options },
      { timeZone: 'UTC' },
    );
    const found = await events.rows<{ at: string }>(
      sql`SELECT toString(occurred_at) AS at FROM events ORDER BY actor_id`,
    );
    return found.map((each) => each.at.slice(0, 19));
  };

  test('formats side by side', async () => {
    // 1291191960 = 2010-12-01 08:26:00 UTC; Excel's day 40513 is 2010-12-01 and .5 is noon.
    expect(
      await timesOf([
        '2010-12-01 08:26:00',
        '2010-12-01T08:26:00+08:00',
        '1997/1/12',
        '1291191960',
        '1291191960000',
        '20101201',
        '40513.5',
        '2010年12月1日',
      ]),
    ).toEqual([
      '2010-12-01 08:26:00',
      '2010-12-01 00:26:00',
      '1997-01-12 00:00:00',
      '2010-12-01 08:26:00',
      '2010-12-01 08:26:00',
      '2010-12-01 00:00:00',
      '2010-12-01 12:00:00',
      '2010-12-01 00:00:00',
    ]);
  });

  test('one cell tells how the whole column is written', async () => {
    expect(await timesOf(['01/12/2010', '25/12/2010'])).toEqual(['2010-12-01 00:00:00', '2010-12-25 00:00:00']);
    await events.run(sql`TRUNCATE TABLE events`);
    await events.run(sql`TRUNCATE TABLE message_ids`);
    expect(await timesOf(['01/12/2010', '12/25/2010'])).toEqual(['2010-01-12 00:00:00', '2010-12-25 00:00:00']);
  });

  test('a column that never tells is day first, and said to be unsure; the caller may decide', async () => {
    const path = write('unsure.csv', 'user_id,time,amount\nu,01/12/2010,1\n');
    expect((await load(path)).dayOrder).toBe('unsure');
    expect((await stored())[0]?.day).toBe('2010-12-01');
    expect((await load(path, { dayOrder: 'month_first' })).dayOrder).toBe('month_first');
    expect((await stored())[0]?.day).toBe('2010-01-12');
  });

  const centsOfAmounts = async (cells: readonly string[]): Promise<number[]> => {
    const rows = cells.map((cell, i) => `u${i};2024-05-01;"${cell}"\n`).join('');
    await load(write('amounts.csv', `user_id;date;amount\n${rows}`));
    const found = await events.rows<{ cents: number }>(sql`SELECT amount_cents AS cents FROM events ORDER BY actor_id`);
    return found.map((each) => each.cents);
  };

  test('amounts as people write them', async () => {
    expect(
      await centsOfAmounts(['$1,234.50', '¥12', '(12.00)', '12.00-', '1,234', 'USD 5', '￥1,000元', '-3', '1 234.5']),
    ).toEqual([123450, 1200, -1200, -1200, 123400, 500, 100000, -300, 123450]);
  });
  test('amounts with decimal commas', async () => {
    expect(await centsOfAmounts(['1.234,50', '12,5', '1.234', '7', '1.234.567,00'])).toEqual([
      123450, 1250, 123400, 700, 123456700,
    ]);
  });
});

describe('events', () => {
  test('Segment calls keep their names, ids and money', async () => {
    const calls = [
      {
        type: 'track',
        userId: 'u1',
        event: 'Order Completed',
        timestamp: '2024-05-01T10:00:00Z',
        messageId: 'm1',
        properties: {
          order_id: 7,
          revenue: 12.5,
          currency: 'USD',
          products: [{ sku: 'A', price: '12.50', quantity: 1 }],
        },
      },
      { type: 'track', userId: 'u1', event: 'Login', timestamp: 1714557600000, messageId: 'm2', properties: {} },
      {
        type: 'identify',
        userId: 'u1',
        traits: { email: 'A@b.co', firstName: 'Ann' },
        timestamp: '2024-05-01T10:00:00Z',
        messageId: 'm3',
      },
      { type: 'track', anonymousId: 'x', event: 'Login', timestamp: '2024-05-01T10:00:00Z', messageId: 'm4' },
      { type: 'track', userId: 'u1', event: 'Login', timestamp: 1714557600000, messageId: 'm2', properties: {} },
    ];
    const path = write('calls.jsonl', `${calls.map((call) => JSON.stringify(call)).join('\n')}\nnot json\n`);
    const plan = await planImport(deps, path, { now });
    const people: ImportedPerson[] = [];
    const [result] = await runImport(deps, [plan], {
      now,
      rejectsFolder: folder,
      onPeople: async (some) => void people.push(...some),
    });
    expect(result).toMatchObject({
      kind: 'events',
      events: { added: 4, known: 0 },
      rejected: 1,
      rejectReasons: [{ reason: 'not_json', count: 1 }],
    });
    expect(readFileSync(result!.rejectsPath!, 'utf8')).toBe('line,reason,record\n6,not_json,not json\n');
    expect(
      await events.rows(sql`SELECT message_id, actor_id, name, amount_cents, order_id, currency, products.product_id AS ids,
      products.price_cents AS prices FROM events ORDER BY message_id`),
    ).toMatchObject([
      {
        message_id: 'm1',
        actor_id: 'u1',
        name: 'Order Completed',
        amount_cents: 1250,
        order_id: '7',
        currency: 'USD',
        ids: ['A'],
        prices: [1250],
      },
      { message_id: 'm2', name: 'Login', amount_cents: 0, currency: 'CNY' },
      { message_id: 'm3', name: 'identify' },
      { message_id: 'm4', actor_id: 'anon:x' },
    ]);
    expect(people).toEqual([{ personId: 'u1', email: 'A@b.co', firstName: 'Ann' }]);
  });

  test('a generic file of events, and a fixed event name', async () => {
    const generic = write(
      'generic.csv',
      'user_id,time,event,page\nu1,2024-05-01,Login,home\nu1,2024-05-01,Login,home\nu2,2024-05-01,Search,\n',
    );
    expect(await load(generic)).toMatchObject({ kind: 'events', events: { added: 3 } });
    const [search] = await events.rows(sql`SELECT properties FROM events WHERE name = 'Search'`);
    expect(search).toEqual({ properties: '{}' });
    const logins = write('logins.csv', 'user_id,login_time\nu1,2024-05-01\nu2,2024-05-02\n');
    expect((await refusal(planImport(deps, logins, { now }))).message).toContain("event='Login'");
    expect(await load(logins, { map: "event='Login'" })).toMatchObject({ events: { added: 2 } });
  });
});

describe('people', () => {
  test('are handed over with the latest of what the file says', async () => {
    const path = write(
      'people.csv',
      'user_id,date,amount,email,手机号,first_name,accepts_marketing\nu1,2024-05-01,1,old@x.co,,Ann,no\nu1,2024-06-01,1,new@x.co,13800000000,,yes\nu2,2024-05-01,1,,,,\n',
    );
    const plan = await planImport(deps, path, { now });
    const people: ImportedPerson[] = [];
    await runImport(deps, [plan], { now, onPeople: async (some) => void people.push(...some) });
    expect(people).toEqual([
      { personId: 'u1', email: 'new@x.co', phone: '13800000000', firstName: 'Ann', marketingConsent: true },
      { personId: 'u2' },
    ]);
  });
});

describe('files that are refused', () => {
  test.each([
    ['missing', () => join(folder, 'nowhere.csv'), {}, 'file_missing', 'nowhere.csv'],
    ['empty', () => write('empty.csv', ''), {}, 'file_empty', 'empty.csv'],
    ['blank', () => write('blank.csv', '\ufeff \n'), {}, 'file_empty', 'blank.csv'],
    ['empty gzip', () => write('empty.csv.gz', gzipSync('')), {}, 'file_empty', 'empty.csv.gz'],
    [
      'truncated gzip',
      () => write('cut.csv.gz', gzipSync(SMALL.repeat(500)).subarray(0, -30)),
      {},
      'file_truncated',
      'cut.csv.gz',
    ],
    ['only a header', () => write('head.csv', 'customer_id,date,amount\n'), {}, 'file_unreadable', 'no rows'],
    ['one column', () => write('one.csv', 'customer_id\nu1\nu2\n'), {}, 'columns_unclear', 'only one column'],
    [
      'wrong separator',
      () => write('wrong.csv', SMALL),
      { delimiter: ';' as const },
      'columns_unclear',
      'only one column was found with the separators ";"',
    ],
    [
      'a spreadsheet',
      () => write('book.xlsx', Buffer.from('PK\u0003\u0004\u0000\u0000rest')),
      {},
      'file_unreadable',
      'save it as CSV',
    ],
    [
      'nobody',
      () => write('nobody.csv', 'a,date,amount\n1,2024-05-01,3\n'),
      {},
      'columns_unclear',
      'The columns are: a, date, amount',
    ],
    [
      'unknown column',
      () => write('map.csv', SMALL),
      { map: 'person=Customer' },
      'invalid',
      'The columns are: customer_id, date, amount',
    ],
  ])('%s', async (_, path, options, code, words) => {
    const error = await refusal(planImport(deps, path(), { now, ...options }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});

test('a plan shows five rows as they were understood', async () => {
  const plan = await planImport(deps, write('preview.csv', SMALL.repeat(3)), { now });
  closePlan(plan);
  expect(plan.preview).toHaveLength(5);
  expect(plan.preview[0]).toMatchObject({ person: 'u1', at: '2024-04-30T23:30:00.000Z', amount: 10.5, problem: '' });
});
