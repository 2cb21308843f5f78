// A test on one field of free JSON (a trait, an event's property): in the engine's SQL over a JSON text, and in memory.
import { z } from 'zod';
import { inWords } from '../../../kernel/issue.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import type { Lang } from '../../../kernel/lang.ts';
import { joined, p, sql, type Sql } from '../../../kernel/sql.ts';
import { inLang, inRange, listWords, quoted, rangeSql, rangeWords } from '../operator.ts';

const value = z.union([z.string().max(1000), z.number(), z.boolean()]);

/** Exactly one test; `from` and `to` together are one. */
const TESTS = {
  equals: value.optional(),
  in: z.array(value).min(1).max(200).optional(),
  contains: z.string().min(1).max(200).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  exists: z.boolean().optional(),
};

export const fieldShape = { name: z.string().min(1).max(200), ...TESTS };
type FieldTest = z.output<z.ZodObject<typeof fieldShape>>;

const given = (c: FieldTest): number =>
  [c.equals, c.in, c.contains, c.from ?? c.to, c.exists].filter((each) => each !== undefined).length;

/** The schema held to one test. */
export const oneTest = <T extends FieldTest>(schema: z.ZodType<T>) =>
  schema
    .refine((c) => given(c) === 1, {
      message: inWords(
        'needs exactly one test: equals, in, contains, from/to or exists',
        'equals、in、contains、from/to、exists 须且只能填一项',
      ),
    })
    .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
      message: inWords('`from` is above `to`', '`from` 大于 `to`'),
    });

export const whereSchema = z
  .array(oneTest(z.strictObject(fieldShape)))
  .min(1)
  .max(10)
  .optional();

function equalsSql(json: Sql, name: string, equals: string | number | boolean): Sql {
  const key = p.text(name);
  switch (typeof equals) {
    case 'string':
      return sql`(JSONType(${json}, ${key}) = 'String' AND JSONExtractString(${json}, ${key}) = ${p.text(equals)})`;
    case 'boolean':
      return sql`(JSONType(${json}, ${key}) = 'Bool' AND JSONExtractBool(${json}, ${key}) = ${p.int(equals ? 1 : 0)})`;
    default:
      return sql`(JSONType(${json}, ${key}) IN ('Int64', 'UInt64', 'Double') AND JSONExtractFloat(${json}, ${key}) = ${p.float(equals)})`;
  }
}

/** A person or event without the field passes only `exists: false`; null is no value. */
export function fieldSql(json: Sql, c: FieldTest): Sql {
  const key = p.text(c.name);
  if (c.equals !== undefined) return equalsSql(json, c.name, c.equals);
  if (c.in !== undefined)
    return sql`(${joined(
      c.in.map((each) => equalsSql(json, c.name, each)),
      ' OR ',
    )})`;
  if (c.contains !== undefined)
    return sql`(JSONType(${json}, ${key}) = 'String' AND position(JSONExtractString(${json}, ${key}), ${p.text(c.contains)}) > 0)`;
  if (c.exists !== undefined) {
    const there = sql`(JSONHas(${json}, ${key}) AND JSONType(${json}, ${key}) != 'Null')`;
    return c.exists ? there : sql`(NOT ${there})`;
  }
  return sql`(JSONType(${json}, ${key}) IN ('Int64', 'UInt64', 'Double') AND ${rangeSql(c, sql`JSONExtractFloat(${json}, ${key})`)})`;
}

export function fieldMatches(json: JsonObject, c: FieldTest): boolean {
  const found = Object.hasOwn(json, c.name) ? json[c.name] : undefined;
  if (c.equals !== undefined) return found === c.equals;
  if (c.in !== undefined) return c.in.some((each) => each === found);
  if (c.contains !== undefined) return typeof found === 'string' && found.includes(c.contains);
  if (c.exists !== undefined) return (found !== undefined && found !== null) === c.exists;
  return typeof found === 'number' && inRange(c, found);
}

const shown = (each: string | number | boolean, lang: Lang): string =>
  typeof each === 'string' ? quoted(each, lang) : String(each);

export function fieldWords(c: FieldTest, lang: Lang): string {
  if (c.equals !== undefined)
    return inLang(lang, `${c.name} is ${shown(c.equals, lang)}`, `${c.name}为${shown(c.equals, lang)}`);
  if (c.in !== undefined) {
    const list = listWords(
      c.in.map((each) => shown(each, lang)),
      lang,
    );
    return inLang(lang, `${c.name} is ${list}`, `${c.name}为${list}`);
  }
  if (c.contains !== undefined)
    return inLang(lang, `${c.name} contains "${c.contains}"`, `${c.name}包含“${c.contains}”`);
  if (c.exists !== undefined)
    return c.exists
      ? inLang(lang, `${c.name} is known`, `${c.name}已知`)
      : inLang(lang, `${c.name} is not known`, `${c.name}未知`);
  return inLang(lang, `${c.name} is ${rangeWords(c, lang)}`, `${c.name}${rangeWords(c, lang)}`);
}

/** ` with a is 1 and b is 2` / `（a为1，b为2）`, or nothing. */
export function whereWords(where: readonly FieldTest[] | undefined, lang: Lang): string {
  if (where === undefined) return '';
  const tests = where.map((each) => fieldWords(each, lang));
  return inLang(lang, ` with ${tests.join(' and ')}`, `（${tests.join('，')}）`);
}
