// What the server's table of operators says of a condition: the fields it has, what it begins with, and what is still missing. Pure.
import type {
  FieldSchema,
  SegmentNode,
  SegmentOperator,
  SegmentVocabulary,
} from '../../../../src/http/contract/segments.ts';
import { isGroup, partsOf, placeOf } from './tree.ts';

/** Another saved segment is a condition too, though the server's table has no entry for it. */
export const REFERENCE: FieldSchema = {
  type: 'object',
  properties: { kind: { type: 'string' }, id: { type: 'string' } },
  required: ['kind', 'id'],
};

export type Operators = ReadonlyMap<string, SegmentOperator>;
export const operatorsOf = (vocabulary: SegmentVocabulary): Operators =>
  new Map(vocabulary.operators.map((operator) => [operator.kind, operator]));

export const fieldsOf = (kind: string, operators: Operators): FieldSchema | undefined =>
  kind === 'segment' ? REFERENCE : (operators.get(kind)?.fields as FieldSchema | undefined);

const isFree = (schema: FieldSchema | undefined): boolean =>
  schema?.type === 'string' && schema.enum === undefined && schema.format === undefined;

/** An example's fields, without names that this shop need not have: events and channels stay where they occur. */
function known(example: object, schema: FieldSchema, vocabulary: SegmentVocabulary): Record<string, unknown> {
  const { properties = {}, required = [] } = schema;
  const occurs = (name: string, value: unknown): boolean =>
    name === 'channel'
      ? vocabulary.channels.some((each) => each === value)
      : (name === 'event' || name === 'by') && vocabulary.events.some((each) => each.name === value);
  const fields = Object.entries(example).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    const field = properties[name];
    const items = field?.items;
    if (name === 'kind' || field === undefined || field.anyOf !== undefined || items?.anyOf !== undefined) return [];
    if (items?.type === 'object')
      return required.includes(name) && Array.isArray(value)
        ? [[name, value.map((each: object) => known(each, items, vocabulary))]]
        : [];
    if (isFree(items)) return [];
    return !isFree(field) || occurs(name, value) ? [[name, value]] : [];
  });
  return Object.fromEntries(fields);
}

/** A first condition of this kind: as its plainest example, as far as that speaks of this shop. */
export function firstOf(kind: string, vocabulary: SegmentVocabulary): SegmentNode {
  const operator = operatorsOf(vocabulary).get(kind);
  const example = operator?.examples[0]?.segment;
  if (operator === undefined || typeof example !== 'object' || example === null) return { kind };
  return {
    ...known(example, operator.fields as FieldSchema, vocabulary),
    kind,
  };
}

export type Problem = { readonly place: string } & (
  | { readonly kind: 'missing'; readonly field: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown'; readonly operator: string }
  | { readonly kind: 'refused'; readonly what: string }
);

const isMissing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

function missingIn(value: object, schema: FieldSchema, place: string): Problem[] {
  const held = new Map<string, unknown>(Object.entries(value));
  const own = (schema.required ?? [])
    .filter((field) => isMissing(held.get(field)))
    .map((field): Problem => ({
      kind: 'missing',
      field,
      place: `${place}.${field}`,
    }));
  const within = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const list = held.get(name);
    const { items } = inner;
    if (items?.type !== 'object' || !Array.isArray(list)) return [];
    return list.flatMap((each: unknown, i) =>
      typeof each === 'object' && each !== null ? missingIn(each, items, `${place}.${name}.${i}`) : [],
    );
  });
  return [...own, ...within];
}

/** What can be said before the server is asked: empty groups and fields that are needed. The server says the rest. */
export function problemsOf(root: SegmentNode, operators: Operators): readonly Problem[] {
  return [...partsOf(root)].flatMap(({ node, path }): Problem[] => {
    const place = placeOf(path);
    if (isGroup(node)) return [{ kind: 'empty', place }];
    const schema = fieldsOf(node.kind, operators);
    return schema === undefined ? [{ kind: 'unknown', operator: node.kind, place }] : missingIn(node, schema, place);
  });
}
