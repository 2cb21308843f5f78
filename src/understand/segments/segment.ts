// A segment: a closed tree of and / or / not over conditions. An unknown operator, an unknown field, an empty `and` or `or` and a tree
// that is too large are errors with a reason, never an empty condition.
import { z } from 'zod';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import { joined, sql, type Sql } from '../../kernel/sql.ts';
import { CONDITION_SCHEMAS, entryOf, type Condition, type SegmentPerson, type SegmentScope } from './conditions.ts';

export type Segment =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Segment[] }
  | { readonly kind: 'not'; readonly of: Segment }
  | Condition;

const DEPTH_MAX = 10;
const NODES_MAX = 200;

const KINDS = ['and', 'or', 'not', ...Object.keys(CONDITION_SCHEMAS)];

const isKind = (kind: string): kind is keyof typeof CONDITION_SCHEMAS => Object.hasOwn(CONDITION_SCHEMAS, kind);

const node = z.looseObject({ kind: z.string() });
const group = z.strictObject({ kind: z.enum(['and', 'or']), of: z.array(z.unknown()).min(1).max(NODES_MAX) });
const negation = z.strictObject({ kind: z.literal('not'), of: z.unknown() });

/** Parses unknown input. Throws RekindleError `invalid` naming the place (`segment.of.1.from`) and the reason. */
export function parseSegment(input: unknown): Segment {
  let nodes = 0;
  const refuse = (path: readonly PropertyKey[], what: string): never => {
    throw new RekindleError('invalid', { where: ['segment', ...path.map(String)].join('.'), what });
  };
  const checked = <T>(schema: z.ZodType<T>, value: unknown, path: readonly PropertyKey[]): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0]!;
    return refuse([...path, ...issue.path], issue.message);
  };
  const read = (value: unknown, path: readonly PropertyKey[], depth: number): Segment => {
    if (depth > DEPTH_MAX) refuse(path, `nested deeper than ${DEPTH_MAX}`);
    if (++nodes > NODES_MAX) refuse(path, `more than ${NODES_MAX} conditions`);
    const { kind } = checked(node, value, path);
    if (kind === 'and' || kind === 'or') {
      const { of } = checked(group, value, path);
      return { kind, of: of.map((child, i) => read(child, [...path, 'of', i], depth + 1)) };
    }
    if (kind === 'not') return { kind, of: read(checked(negation, value, path).of, [...path, 'of'], depth + 1) };
    if (isKind(kind)) return checked<Condition>(CONDITION_SCHEMAS[kind], value, path);
    return refuse([...path, 'kind'], `"${kind}" is not known; known are ${KINDS.join(', ')}`);
  };
  return read(input, [], 1);
}

/** The segment as one boolean expression over the columns of `person_states`. */
export function compileSegment(segment: Segment, scope: SegmentScope): Sql {
  switch (segment.kind) {
    case 'and':
    case 'or':
      return sql`(${joined(
        segment.of.map((child) => compileSegment(child, scope)),
        segment.kind === 'and' ? ' AND ' : ' OR ',
      )})`;
    case 'not':
      return sql`(NOT ${compileSegment(segment.of, scope)})`;
    default:
      return sql`(${entryOf(segment).compile(segment, scope)})`;
  }
}

/** The same answer for one person in memory. */
export function matchesSegment(segment: Segment, person: SegmentPerson, asOf: Day): boolean {
  switch (segment.kind) {
    case 'and':
      return segment.of.every((child) => matchesSegment(child, person, asOf));
    case 'or':
      return segment.of.some((child) => matchesSegment(child, person, asOf));
    case 'not':
      return !matchesSegment(segment.of, person, asOf);
    default:
      return entryOf(segment).matches(segment, person, asOf);
  }
}

const WORDS = { and: { en: ' and ', zh: '，且' }, or: { en: ' or ', zh: '，或' } } as const;

/** The segment in words. */
export function explainSegment(segment: Segment, lang: Lang): string {
  switch (segment.kind) {
    case 'and':
    case 'or': {
      const parts = segment.of.map((child) => explainSegment(child, lang));
      return parts.length === 1 ? parts[0]! : `(${parts.join(WORDS[segment.kind][lang])})`;
    }
    case 'not':
      return lang === 'zh' ? `非（${explainSegment(segment.of, lang)}）` : `not (${explainSegment(segment.of, lang)})`;
    default:
      return entryOf(segment).explain(segment, lang);
  }
}
