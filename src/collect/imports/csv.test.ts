import { array, assert, constantFrom, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine, DELIMITERS, fieldsOf, recordsOf } from './csv.ts';

test('fields as RFC 4180 has them', () => {
  expect(fieldsOf('a,"b,c","d ""e"""', ',')).toEqual(['a', 'b,c', 'd "e"']);
  expect(fieldsOf('"a', ',')).toBe('open');
  expect(fieldsOf('"a"b,c', ',')).toBe('broken');
  expect(fieldsOf('a,', ',')).toEqual(['a', '']);
  expect(fieldsOf('5" pipe,1', ',')).toEqual(['5" pipe', '1']);
});

test('a stray quote costs its own line only', () => {
  expect(recordsOf('a,b\n1,"x"y\n2,"open\n3,z\n', ',', 10)).toEqual([
    ['a', 'b'],
    ['1', '"x"y'],
    ['2', '"open'],
    ['3', 'z'],
  ]);
});

test('property: what csvLine writes, recordsOf reads', () => {
  const cell = string().map((text) => text.replaceAll('\r', ''));
  const records = array(array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  assert(
    property(records, constantFrom(...DELIMITERS), (written, delimiter) => {
      const text = written.map((record) => csvLine(record, delimiter)).join('');
      expect(recordsOf(text, delimiter, 100)).toEqual(written);
    }),
  );
});
