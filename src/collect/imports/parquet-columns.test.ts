// Footers written out by hand after apache/parquet-format's parquet.thrift and Thrift's compact protocol (field header: delta << 4 | type;
// numbers zigzag varints). Files of a real writer are read in test/contract/imports.contract.test.ts.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { footerLengthOf, parquetColumns } from './parquet-columns.ts';

const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
/** 1: type INT64 (2 → zigzag 4); 3: repetition OPTIONAL (1 → 2); 4: name. */
const leaf = (name: string): number[] => [0x15, 4, 0x25, 2, 0x18, ...text(name), 0];
/** As a leaf, REPEATED (2 → 4). */
const repeated = (name: string): number[] => [0x15, 4, 0x25, 4, 0x18, ...text(name), 0];
/** 4: name; 5: children. */
const group = (name: string, children: number): number[] => [0x48, ...text(name), 0x15, children * 2, 0];
/** 1: version 2; 2: list of structs; 3: rows; and behind it a map and a double that must be passed over. */
const footer = (elements: readonly number[][]): Uint8Array => {
  const schema = [0x15, 4, 0x19, (elements.length << 4) | 12, ...elements.flat()];
  return Uint8Array.from([...schema, 0x16, 6, 0x1b, 1, 0x85, ...text('key'), 2, 0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
};

it('names the columns of single values; lists, maps and structs are passed over', () => {
  const elements = [
    group('schema', 4),
    leaf('id'),
    group('items', 1),
    group('list', 2),
    leaf('a'),
    leaf('b'),
    repeated('tags'),
    leaf('day'),
  ];
  expect(parquetColumns(footer(elements))).toEqual(['id', 'day']);
});

it('refuses what is no footer with a RangeError, whatever it is', () => {
  expect(() => parquetColumns(footer([group('schema', 2), leaf('id')]))).toThrow(RangeError);
  expect(() => parquetColumns(footer([group('schema', 0)]))).toThrow(RangeError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let outcome: unknown;
      try {
        outcome = parquetColumns(bytes).length;
      } catch (error) {
        outcome = error;
      }
      expect(outcome instanceof RangeError || (typeof outcome === 'number' && outcome > 0)).toBe(true);
    }),
  );
});

it('knows the end of a Parquet file', () => {
  expect(footerLengthOf(Uint8Array.from([0x10, 1, 0, 0, ...Buffer.from('PAR1')]))).toBe(272);
  expect(footerLengthOf(Uint8Array.from([0x10, 1, 0, 0, ...Buffer.from('PARE')]))).toBeUndefined();
  expect(footerLengthOf(Buffer.from('PAR1'))).toBeUndefined();
});
