// Product files as shops export them: column names in two languages, prices and stock as people write them, rows that make no sense.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryEvents } from '../../../test/support/events-store.ts';
import type { Events } from '../../stores/events/events.ts';
import { itemsOf } from './items.sql.ts';
import { availabilityOf, priceCentsOf, productMapping } from './product-file.ts';
import { importProductFile } from './product-file.service.ts';

const NOW = new Date('2026-06-30T12:00:00Z');

describe('cells', () => {
  it.each([
    ['12.5', 1_250],
    ['$1,234.50', 123_450],
    ['1.234,50 €', 123_450],
    ['¥88', 8_800],
    ['12.99 USD', 1_299],
    ['1,234', 123_400],
    ['.5', 50],
    ['0', 0],
    ['free', undefined],
    ['-3', undefined],
  ])('a price of %s is %s cents', (cell, cents) => expect(priceCentsOf(cell)).toBe(cents));

  it.each([
    ['in stock', true],
    ['In_Stock', true],
    ['有货', true],
    ['12', true],
    ['0', false],
    ['-2', false],
    ['out of stock', false],
    ['下架', false],
    ['perhaps', undefined],
  ])('stock of %s is %s', (cell, available) => expect(availabilityOf(cell)).toBe(available));
});

describe('columns', () => {
  it('by their names, in English and Chinese; what is told comes first', () => {
    expect(
      productMapping(['id', 'title', 'link', 'image_link', 'price', 'availability', 'brand', 'product_type']),
    ).toEqual({
      itemId: 'id',
      name: 'title',
      url: 'link',
      imageUrl: 'image_link',
      price: 'price',
      available: 'availability',
      brand: 'brand',
      category: 'product_type',
    });
    expect(productMapping(['商品编号', '商品名称', '品类', '售价', '库存'])).toEqual({
      itemId: '商品编号',
      name: '商品名称',
      category: '品类',
      price: '售价',
      available: '库存',
    });
    expect(productMapping(['id', 'code'], 'itemId=code')).toEqual({ itemId: 'code' });
    expect(() => productMapping(['id'], 'colour=id')).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-products-'));
  let events: Events;
  let close: () => Promise<void>;
  const file = (name: string, bytes: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
  });
  afterAll(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a CSV with a quoted line break, a row too much and one id twice', async () => {
    const path = file(
      'products.csv',
      '\ufeffid,title,price,availability,link\na,"Mug,\nlarge",12.50,in stock,https://shop.example/a\nb,Lid,x,in stock,\na,Mug,13,out of stock,not a link\na,Mug,13,out of stock,\n',
    );
    const done = await importProductFile(events, path, { now: NOW });
    expect(done).toMatchObject({ imported: 1, rejected: 2 });
    expect(done.rejects).toEqual([
      { line: 4, reason: { en: 'price: "x" is no amount', zh: '价格“x”不是有效金额' } },
      {
        line: 5,
        reason: {
          en: 'link: not an address of at most 2,000 characters',
          zh: '商品链接不是有效网址，或超过 2,000 个字符',
        },
      },
    ]);
    // A field left out keeps what is known only from before: the last row of an id is its word.
    expect((await itemsOf(events, ['a', 'b'])).get('a')).toMatchObject({
      name: 'Mug',
      priceCents: 1_300,
      available: false,
    });
    expect((await itemsOf(events, ['b'])).size).toBe(0);
  });

  it('JSON lines, packed; and a GB18030 file', async () => {
    const lines = ['{"sku":"j1","name":"Tea","price":5.5,"in_stock":true}', '', 'broken', '{"sku":7,"name":"Pot"}'];
    const done = await importProductFile(events, file('products.jsonl.gz', gzipSync(lines.join('\n'))), { now: NOW });
    expect(done).toMatchObject({
      imported: 2,
      rejects: [{ line: 3, reason: { en: 'not JSON', zh: '不是有效的 JSON' } }],
    });
    const known = await itemsOf(events, ['j1', '7']);
    expect(known.get('j1')).toMatchObject({ name: 'Tea', priceCents: 550, available: true });
    expect(known.get('7')).toMatchObject({ name: 'Pot', priceCents: 0, available: true });
    // 商品编号,商品名称,库存 / c1,茶,0 in GB18030.
    const chinese = Buffer.from(
      'c9ccc6b7b1e0bac52cc9ccc6b7c3fbb3c62cbfe2b4e60a63312cb2e82c300a63322cb2e8b1ad2c330a',
      'hex',
    );
    expect(await importProductFile(events, file('gb.csv', chinese), { now: NOW })).toMatchObject({ imported: 2 });
    expect((await itemsOf(events, ['c1'])).get('c1')).toMatchObject({ name: '茶', available: false });
  });

  it('refuses a file without an id column', async () => {
    const path = file('nameless.csv', 'colour,size\nred,1\n');
    await expect(importProductFile(events, path, { now: NOW })).rejects.toMatchObject({ code: 'columns_unclear' });
  });
});
