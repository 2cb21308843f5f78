import { expect, test } from 'vitest';
import { RekindleError } from '../../kernel/errors.ts';
import { checkMapping, kindOf, parseMapping } from './mapping.ts';

const columns = ['CustomerID', 'InvoiceDate', 'UnitPrice', 'Quantity', 'a*b'];

test('columns, products, constants and unset fields', () => {
  expect(
    parseMapping(
      "person=CustomerID, time=invoicedate,amount=UnitPrice*Quantity,currency='GBP',product=a*b,country=",
      columns,
    ),
  ).toEqual({
    set: {
      person: { kind: 'column', column: 'CustomerID' },
      time: { kind: 'column', column: 'InvoiceDate' },
      amount: { kind: 'product', columns: ['UnitPrice', 'Quantity'] },
      currency: { kind: 'constant', text: 'GBP' },
      product: { kind: 'column', column: 'a*b' },
    },
    unset: ['country'],
  });
});

test('field names may be written with underscores', () => {
  expect(parseMapping('unit_price=UnitPrice', columns).set).toEqual({
    unitPrice: { kind: 'column', column: 'UnitPrice' },
  });
});

test.each([
  ['person=Customer', 'there is no column "Customer". The columns are: CustomerID, InvoiceDate'],
  ['who=CustomerID', 'there is no field "who"'],
  ['person=CustomerID*Quantity', 'cannot be a product'],
])('%s is refused', (text, words) => {
  expect(() => parseMapping(text, columns)).toThrow(RekindleError);
  expect(() => parseMapping(text, columns)).toThrow(words);
});

test('JSON paths are allowed below a known column', () => {
  expect(parseMapping('amount=properties.sum', ['properties'], true).set.amount).toEqual({
    kind: 'column',
    column: 'properties.sum',
  });
  expect(() => checkMapping({ amount: { kind: 'column', column: 'properties.sum' } }, ['properties'])).toThrow(
    'no column',
  );
});

test('kinds', () => {
  expect(kindOf({ event: { kind: 'constant', text: 'Login' } })).toBe('events');
  expect(kindOf({ order: { kind: 'column', column: 'o' } })).toBe('orders');
  expect(kindOf({ person: { kind: 'column', column: 'p' } })).toBeUndefined();
});
