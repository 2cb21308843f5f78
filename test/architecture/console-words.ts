// Reads the console's dictionaries and sources: which keys exist, which are said, and what stands there in a language of its own.
import { parseSync } from 'vite';

type Node = { readonly type: string; readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    if (isNode(value)) yield* nodesOf(value);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield* nodesOf(item);
  }
}

function nodes(path: string, text: string): Node[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be read: ${errors[0]?.message}`);
  return isNode(program) ? [...nodesOf(program)] : [];
}

const named = (node: unknown, name: string): boolean => isNode(node) && node['name'] === name;
const textOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;

/** Keys of `export const en = {…}` in a dictionary. */
export function keysOf(path: string, text: string): string[] {
  const declared = nodes(path, text).find(
    (node) => node.type === 'VariableDeclarator' && (named(node['id'], 'en') || named(node['id'], 'zh')),
  );
  const init = declared?.['init'];
  const object = isNode(init) && init.type === 'TSAsExpression' ? init['expression'] : init;
  const properties = isNode(object) && Array.isArray(object['properties']) ? (object['properties'] as Node[]) : [];
  return properties.map((property) => {
    const key = property['key'];
    return textOf(key) ?? (isNode(key) ? String(key['name']) : '');
  });
}

export const spokenName = (key: string): string => key.replace(/_(?:one|other)$/, '');

export type Said = { readonly keys: ReadonlySet<string>; readonly prefixes: readonly string[] };

/**
 * What a source says: literal keys and, for keys put together (`` say(`stage_${stage}`) ``), how they begin. Any string literal counts as a
 * said key, because keys also stand in tables (`{ label: 'role_owner' }`).
 */
export function saidIn(path: string, text: string): Said {
  const keys = new Set<string>();
  const prefixes: string[] = [];
  for (const node of nodes(path, text)) {
    const literal = textOf(node);
    if (literal !== undefined) keys.add(literal);
    if (node.type === 'TemplateLiteral') {
      const [first] = node['quasis'] as { value: { cooked: string } }[];
      if (first !== undefined && /^[a-z]\w*_$/.test(first.value.cooked)) prefixes.push(first.value.cooked);
    }
  }
  return { keys, prefixes };
}

const SPOKEN_ATTRIBUTES =
  /^(?:title|label|placeholder|alt|description|aria-label|okText|cancelText|help|extra|tooltip|question|intro|note|text|message|content|searchHint)$/;
const LETTERS = /\p{L}{2}/u;
const CJK = /\p{Script=Han}/u;
/** Names that are the same in every language. */
const NAMES = new Set(['English', '中文', 'Rekindle']);

/** Text that stands in a source instead of a dictionary. */
export function hardCodedIn(path: string, text: string): string[] {
  return nodes(path, text).flatMap((node): string[] => {
    if (node.type === 'JSXText' && LETTERS.test(String(node['value']))) return [String(node['value']).trim()];
    const literal = textOf(node);
    if (literal !== undefined && CJK.test(literal) && !NAMES.has(literal)) return [literal];
    if (node.type !== 'JSXAttribute') return [];
    const name = isNode(node['name']) ? String(node['name']['name']) : '';
    const attribute = textOf(node['value']);
    return attribute !== undefined && LETTERS.test(attribute) && SPOKEN_ATTRIBUTES.test(name)
      ? [`${name}="${attribute}"`]
      : [];
  });
}
