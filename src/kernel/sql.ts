// A typed tag for the events store's SQL. Slots accept only fragments or bound parameters, so a bare string cannot reach the query text.
import { unreachable } from './result.ts';

export type SqlType =
  | 'String'
  | 'UInt8'
  | 'UInt16'
  | 'UInt32'
  | 'UInt64'
  | 'Int32'
  | 'Int64'
  | 'Float64'
  | 'Date'
  | "DateTime64(3,'UTC')"
  | 'Array(String)'
  | 'Array(Float64)'
  | 'Array(UInt32)';

export type Param = { readonly kind: 'param'; readonly type: SqlType; readonly value: unknown };
export type Sql = {
  readonly kind: 'sql';
  readonly chunks: readonly string[];
  readonly slots: readonly (Sql | Param)[];
};
export type CompiledSql = { readonly text: string; readonly params: Readonly<Record<string, unknown>> };

export function sql(chunks: TemplateStringsArray, ...slots: readonly (Sql | Param)[]): Sql {
  return { kind: 'sql', chunks, slots };
}

const param = (type: SqlType, value: unknown): Param => ({ kind: 'param', type, value });

/** The shortest decimal text that reads back as `value`. The embedded engine's binder refuses numbers ≥ 2^53, not their text. */
function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`not a number that can be bound: ${value}`);
  return String(value);
}

function integer(value: number): number {
  const whole = Math.trunc(value);
  if (!Number.isSafeInteger(whole)) throw new RangeError(`not an integer that can be bound: ${value}`);
  return whole;
}

/** Bound parameters, one function per engine type. Numbers must be finite, integers within ±2^53 (fractions are cut off): RangeError. */
export const p = {
  text: (value: string) => param('String', value),
  texts: (value: readonly string[]) => param('Array(String)', value),
  int: (value: number) => param('Int64', integer(value)),
  float: (value: number) => param('Float64', numeral(value)),
  floats: (value: readonly number[]) => param('Array(Float64)', `[${value.map(numeral).join(',')}]`),
  day: (value: string) => param('Date', value),
  instant: (value: Date) => param("DateTime64(3,'UTC')", value.toISOString().replace('T', ' ').replace('Z', '')),
} as const;

const NAME = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/i;

/** An identifier (optionally `database.table`) written literally; throws unless it is a plain name. */
export function ident(name: string): Sql {
  if (!NAME.test(name)) throw new Error(`not an identifier: ${name}`);
  return { kind: 'sql', chunks: [name], slots: [] };
}

export const empty: Sql = { kind: 'sql', chunks: [''], slots: [] };

/** Joins fragments with a literal separator. */
export function joined(
  parts: readonly Sql[],
  separator: ', ' | ' AND ' | ' OR ' | ' UNION ALL ' | ' UNION DISTINCT ' | '\n',
): Sql {
  if (parts.length === 0) return empty;
  return { kind: 'sql', chunks: ['', ...Array.from({ length: parts.length - 1 }, () => separator), ''], slots: parts };
}

/** Query text with `{p0:Type}` placeholders and their values, as `@clickhouse/client` takes them. */
export function compile(query: Sql): CompiledSql {
  const params: Record<string, unknown> = {};
  let count = 0;
  const write = (part: Sql | Param): string => {
    switch (part.kind) {
      case 'param': {
        const name = `p${count++}`;
        params[name] = part.value;
        return `{${name}:${part.type}}`;
      }
      case 'sql':
        return part.chunks.reduce((text, chunk, i) => {
          const slot = part.slots[i - 1];
          return text + (slot ? write(slot) : '') + chunk;
        }, '');
      default:
        return unreachable(part);
    }
  };
  return { text: write(query), params };
}
