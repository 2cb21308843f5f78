import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleaned, isDeeperThan, isObject, numberOf, objectOf, storableJson, textOf } from './json.ts';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('a JSON text that is to be kept', () => {
  it('is what it says, without NUL and half surrogate pairs, which no store takes as text', () => {
    expect(storableJson('{"a":"x\\u0000y","b":["\\ud800"],"c":"\\ud83d\\ude00"}')).toEqual({
      a: 'xy',
      b: ['\ufffd'],
      c: '😀',
    });
    expect(storableJson('[1,"2"]')).toEqual([1, '2']);
    expect(() => storableJson('{')).toThrow(SyntaxError);
  });
});

describe('reading JSON', () => {
  it('tells objects from everything else', () => {
    expect([{}, [], null, 'x', 1, undefined].map(isObject)).toEqual([true, false, false, false, false, false]);
    expect(objectOf([1])).toEqual({});
  });

  it.each([
    [' a ', 'a'],
    ['  ', undefined],
    [0, '0'],
    [1.5, '1.5'],
    [Number.NaN, undefined],
    [true, undefined],
    [null, undefined],
  ])('reads %j as text %j', (value, text) => expect(textOf(value)).toBe(text));

  it.each([
    [' 12.5 ', 12.5],
    ['1e3', 1000],
    ['', undefined],
    ['12,5', undefined],
    ['Infinity', undefined],
    [Infinity, undefined],
    [null, undefined],
    [[5], undefined],
  ])('reads %j as number %j', (value, number) => expect(numberOf(value)).toBe(number));

  it('measures nesting without falling into it', () => {
    expect(isDeeperThan(nested(3), 3)).toBe(false);
    expect(isDeeperThan(nested(4), 3)).toBe(true);
    expect(isDeeperThan(nested(200_000), 32)).toBe(true);
    expect(isDeeperThan('x', 0)).toBe(false);
  });

  it('takes out what no database stores as text, in keys too', () => {
    expect(cleaned(JSON.parse('{"a\\u0000b":["x\\u0000","\\ud800","\\ud83d\\ude00"]}'))).toEqual({
      ab: ['x', '\ufffd', '😀'],
    });
    expect(JSON.stringify(cleaned(nested(200_000))).length).toBeLessThan(500);
  });

  it('changes nothing that is storable', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 5 }), (value) => {
        const round: unknown = JSON.parse(JSON.stringify(value).replaceAll('\\u0000', ''));
        expect(cleaned(round)).toEqual(round);
      }),
    );
  });
});
