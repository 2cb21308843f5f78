import { describe, expect, it } from 'vitest';
import { compile, empty, ident, joined, p, sql } from './sql.ts';

describe('the SQL tag', () => {
  it('numbers parameters from left to right, through nested fragments', () => {
    const inner = sql`name = ${p.text("it's")} AND day > ${p.day('2026-01-01')}`;
    expect(compile(sql`SELECT ${p.int(1)} FROM ${ident('events')} WHERE ${inner} LIMIT ${p.int(2)}`)).toEqual({
      text: 'SELECT {p0:Int64} FROM events WHERE name = {p1:String} AND day > {p2:Date} LIMIT {p3:Int64}',
      params: { p0: 1, p1: "it's", p2: '2026-01-01', p3: 2 },
    });
  });

  it('never writes a value into the text', () => {
    const hostile = "'; DROP TABLE events; --";
    const { text, params } = compile(sql`SELECT ${p.text(hostile)}, ${p.texts([hostile])}`);
    expect(text).toBe('SELECT {p0:String}, {p1:Array(String)}');
    expect(Object.values(params)).toEqual([hostile, [hostile]]);
  });

  it('joins fragments', () => {
    const parts = [sql`a = ${p.int(1)}`, sql`b = ${p.int(2)}`, sql`c`];
    expect(compile(sql`WHERE ${joined(parts, ' AND ')}`).text).toBe('WHERE a = {p0:Int64} AND b = {p1:Int64} AND c');
    expect(compile(joined([sql`x`], ', ')).text).toBe('x');
    expect(joined([], ' OR ')).toBe(empty);
    expect(compile(sql`SELECT 1${empty}`).text).toBe('SELECT 1');
  });

  it('keeps backslashes as the engine is to see them', () =>
    expect(compile(sql`SELECT '\\d'`).text).toBe(String.raw`SELECT '\d'`));

  it('writes plain names only', () => {
    expect(compile(ident('rekindle.events')).text).toBe('rekindle.events');
    for (const name of ['', 'a b', 'a;b', 'a.b.c', '`a`', "a'", '1a', 'a-b', '表'])
      expect(() => ident(name)).toThrow('not an identifier');
  });

  it('binds instants to the millisecond in UTC, and cuts fractions off integers', () => {
    expect(p.instant(new Date('2026-03-01T10:00:00.123Z')).value).toBe('2026-03-01 10:00:00.123');
    expect(p.int(-1.9).value).toBe(-1);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('does not bind %d', (value) => {
    expect(() => p.int(value)).toThrow(RangeError);
    expect(() => p.float(value)).toThrow(RangeError);
    expect(() => p.floats([1, value])).toThrow(RangeError);
  });
  it('does not bind an integer that a number cannot hold exactly', () =>
    expect(() => p.int(2 ** 53)).toThrow(RangeError));
});
