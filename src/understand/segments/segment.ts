// A segment: a closed tree of and / or / not over conditions and other segments. An unknown operator, an unknown field, an empty `and` or
// `or` and a tree that is too large are errors with a reason and the nearest known name, never an empty condition.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import type { Lang } from '../../kernel/lang.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { CONDITION_KINDS, CONDITIONS, entryOf, isConditionKind, type Condition } from './conditions.ts';
import type { Clause, SegmentMoment } from './operator.ts';
import type { SegmentPerson } from './world.ts';

/** Another segment by its id; `resolve.service.ts` puts its tree in its place. */
export type SegmentReference = { readonly kind: 'segment'; readonly id: string };

type Tree<Leaf> =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Tree<Leaf>[] }
  | { readonly kind: 'not'; readonly of: Tree<Leaf> }
  | Leaf;

/** As it is written and saved. */
export type Segment = Tree<Condition | SegmentReference>;
/** As it can be asked: nothing in it stands for something else. */
export type ResolvedSegment = Tree<Condition>;

const DEPTH_MAX = 10;
const NODES_MAX = 200;

const KINDS = ['and', 'or', 'not', 'segment', ...CONDITION_KINDS];

const node = z.looseObject({ kind: z.string() });
const group = z.strictObject({
  kind: z.enum(['and', 'or']),
  of: z.array(z.unknown()).min(1, inWords('needs one condition at least', '至少需要一个条件')).max(NODES_MAX),
});
const negation = z.strictObject({ kind: z.literal('not'), of: z.unknown() });
const reference = z.strictObject({ kind: z.literal('segment'), id: z.string().min(1).max(100) });

/** Fields a condition of this kind may have. */
const FIELDS = new Map(
  Object.entries(CONDITIONS).map(([kind, { schema }]) => {
    const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
    return [kind, Object.keys(properties)];
  }),
);

function whatIsWrong(issue: z.core.$ZodIssue, kind: string, value: unknown): string {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const [name = ''] = issue.keys;
      return `there is no field "${name}"${didYouMean(name, FIELDS.get(kind) ?? ['kind', 'of', 'id'])}`;
    }
    case 'invalid_value': {
      const found = issue.path.reduce<unknown>(
        (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
        value,
      );
      const known = issue.values.map(String);
      if (typeof found !== 'string') return issue.message;
      const nearest = didYouMean(found, known);
      return `"${found}" is not known${nearest === '' ? `; known are ${known.join(', ')}` : nearest}`;
    }
    default:
      return issue.message;
  }
}

/** Parses unknown input. Throws RekindleError `invalid` naming the place (`segment.of.1.from`) and the reason. */
export function parseSegment(input: unknown): Segment {
  let nodes = 0;
  const refuse = (path: readonly PropertyKey[], what: string): never => {
    throw new RekindleError('invalid', { where: ['segment', ...path.map(String)].join('.'), what });
  };
  const checked = <T>(schema: z.ZodType<T>, kind: string, value: unknown, path: readonly PropertyKey[]): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { issues } = parsed.error;
    // A name that is not known is the likelier mistake than the one it was meant to be being absent.
    const issue = issues.find((each) => each.code === 'unrecognized_keys') ?? issues[0]!;
    return refuse([...path, ...issue.path], whatIsWrong(issue, kind, value));
  };
  const read = (value: unknown, path: readonly PropertyKey[], depth: number): Segment => {
    if (depth > DEPTH_MAX) refuse(path, `nested deeper than ${DEPTH_MAX}`);
    if (++nodes > NODES_MAX) refuse(path, `more than ${NODES_MAX} conditions`);
    const { kind } = checked(node, '', value, path);
    if (kind === 'and' || kind === 'or') {
      const { of } = checked(group, kind, value, path);
      return { kind, of: of.map((child, i) => read(child, [...path, 'of', i], depth + 1)) };
    }
    if (kind === 'not') return { kind, of: read(checked(negation, kind, value, path).of, [...path, 'of'], depth + 1) };
    if (kind === 'segment') return checked(reference, kind, value, path);
    if (isConditionKind(kind)) return checked(entryOf(kind).schema, kind, value, path);
    const nearest = didYouMean(kind, KINDS);
    return refuse(
      [...path, 'kind'],
      `"${kind}" is not known${nearest === '' ? `; known are ${KINDS.join(', ')}` : nearest}`,
    );
  };
  return read(input, [], 1);
}

/** Every condition and reference in it, from left to right, with its place. */
export function* leavesOf(
  segment: Segment,
  place = 'segment',
): Generator<{ readonly leaf: Condition | SegmentReference; readonly place: string }> {
  switch (segment.kind) {
    case 'and':
    case 'or':
      for (const [i, child] of segment.of.entries()) yield* leavesOf(child, `${place}.of.${i}`);
      return;
    case 'not':
      yield* leavesOf(segment.of, `${place}.of`);
      return;
    default:
      yield { leaf: segment, place };
  }
}

/** Is there no reference left in it? */
export const isResolved = (segment: Segment): segment is ResolvedSegment =>
  [...leavesOf(segment)].every(({ leaf }) => leaf.kind !== 'segment');

/** The segment as one clause. Throws `invalid` where a condition needs a policy and none is named. */
export function clauseOf(segment: ResolvedSegment, moment: SegmentMoment): Clause {
  switch (segment.kind) {
    case 'and':
    case 'or':
      return { kind: segment.kind, of: segment.of.map((child) => clauseOf(child, moment)) };
    case 'not':
      return { kind: 'not', of: clauseOf(segment.of, moment) };
    default:
      return entryOf(segment.kind).compile(segment, moment);
  }
}

/** The same answer for one person in memory. */
export function matchesSegment(segment: ResolvedSegment, person: SegmentPerson, moment: SegmentMoment): boolean {
  switch (segment.kind) {
    case 'and':
      return segment.of.every((child) => matchesSegment(child, person, moment));
    case 'or':
      return segment.of.some((child) => matchesSegment(child, person, moment));
    case 'not':
      return !matchesSegment(segment.of, person, moment);
    default:
      return entryOf(segment.kind).matches(segment, person, moment);
  }
}

const WORDS = { and: { en: ' and ', zh: '，且' }, or: { en: ' or ', zh: '，或' } } as const;

/** The segment in words. */
export function explainSegment(segment: Segment, lang: Lang): string {
  switch (segment.kind) {
    case 'and':
    case 'or': {
      const parts = segment.of.map((child) => explainSegment(child, lang));
      if (parts.length === 1) return parts[0]!;
      const text = parts.join(WORDS[segment.kind][lang]);
      return lang === 'zh' ? `（${text}）` : `(${text})`;
    }
    case 'not':
      return lang === 'zh' ? `非（${explainSegment(segment.of, lang)}）` : `not (${explainSegment(segment.of, lang)})`;
    case 'segment':
      return lang === 'zh' ? `属于人群“${segment.id}”` : `is in segment "${segment.id}"`;
    default:
      return entryOf(segment.kind).explain(segment, lang);
  }
}
