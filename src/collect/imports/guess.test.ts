import { expect, test } from 'vitest';
import { guessMapping } from './guess.ts';
import { showTerm } from './mapping.ts';

const shown = (columns: readonly string[], rows: readonly (readonly string[])[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(guessMapping(columns, rows).mapping).map(([field, term]) => [field, showTerm(term)]),
  );

test('Online Retail', () => {
  const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'.split(',');
  const row = ['536365', '85123A', 'WHITE HEART', '6', '2010-12-01 08:26:00', '2.55', '17850.0', 'United Kingdom'];
  expect(shown(header, [row])).toEqual({
    order: 'InvoiceNo',
    product: 'StockCode',
    productName: 'Description',
    quantity: 'Quantity',
    time: 'InvoiceDate',
    unitPrice: 'UnitPrice',
    person: 'CustomerID',
    country: 'Country',
  });
});

test('CDNOW', () => {
  expect(shown(['customer_id', 'date', 'cds', 'usd'], [['00001', '1997-01-01', '1', '11.77']])).toEqual({
    person: 'customer_id',
    time: 'date',
    quantity: 'cds',
    amount: 'usd',
  });
});

test('a Chinese order export', () => {
  const header = ['订单号', '会员号', '下单时间', '商品名称', '单价', '数量', '手机号', '邮箱', '订单状态'];
  const row = ['T1', 'm1', '2024-05-01 10:00:00', '牛奶', '¥12.00', '2', '13800000000', 'a@b.cn', '已完成'];
  expect(shown(header, [row])).toEqual({
    order: '订单号',
    person: '会员号',
    time: '下单时间',
    productName: '商品名称',
    unitPrice: '单价',
    quantity: '数量',
    phone: '手机号',
    email: '邮箱',
    status: '订单状态',
  });
});

test('Segment calls', () => {
  const columns = ['userId', 'anonymousId', 'event', 'timestamp', 'messageId', 'properties', 'type'];
  const row = ['u1', 'a1', 'Order Completed', '2024-05-01T10:00:00Z', 'm1', '{"revenue":5}', 'track'];
  expect(shown(columns, [row])).toEqual({
    person: 'userId',
    anonymous: 'anonymousId',
    event: 'event',
    time: 'timestamp',
    messageId: 'messageId',
    properties: 'properties',
  });
});

test('values overrule names: a date column of words is no time', () => {
  expect(shown(['user_id', 'date', 'when'], [['1', 'tomorrow', '2024-05-01']]).time).toBe('when');
});

test('an order total repeated on every line does not beat price times quantity', () => {
  const guess = shown(
    ['订单号', '用户ID', '下单时间', '单价', '数量', '订单金额'],
    [['1', 'u', '2024-05-01', '5', '2', '30']],
  );
  expect(guess['unitPrice']).toBe('单价');
  expect(guess['amount']).toBeUndefined();
});

test('without an id column the address names the person; a lone price is what was paid', () => {
  const guess = shown(['email', 'date', 'price'], [['a@b.co', '2024-05-01', '5']]);
  expect(guess).toMatchObject({ person: 'email', email: 'email', amount: 'price' });
});
