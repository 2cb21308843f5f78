// Reads sources for details of refusals that speak one language only: a sentence among the details is `{ en, zh }`, and so is what is handed on to a refusal.
import { parseSync } from 'vite';

type Node = { readonly type: string; readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
const childrenOf = (node: Node): Node[] =>
  Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
const nameOf = (node: unknown): string =>
  isNode(node) ? ([node['name'], node['value']].find((each) => typeof each === 'string') ?? '') : '';

/** Fields, files and names are spelled alike in both languages; sizes too. */
const NOT_WORDS = /^(?:[\s\d.,:;/→"'“”*()[\]_-]|\b(?:[kMG]?B)\b)*$/;
/** Where something stands is a path, and only becomes words with a blank in it. */
const PATH_ONLY = /^\S*$/;
const PLACES = new Set(['where', 'path', 'template', 'store']);

/** The words that stand in an expression as they are, whichever branch of it is taken. */
function wordsIn(node: unknown): string[] {
  if (!isNode(node)) return [];
  switch (node.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? [node['value']] : [];
    case 'TemplateLiteral': {
      const fixed = (node['quasis'] as { value: { cooked: string } }[]).map((quasi) => quasi.value.cooked).join('');
      return [fixed, ...(node['expressions'] as unknown[]).flatMap(wordsIn)];
    }
    case 'ConditionalExpression':
      return [node['consequent'], node['alternate']].flatMap(wordsIn);
    case 'LogicalExpression':
    case 'BinaryExpression':
      return [node['left'], node['right']].flatMap(wordsIn);
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return wordsIn(node['expression']);
    default:
      return [];
  }
}

/** Parameters of the functions around a place that are plain text by their type. */
type Scope = ReadonlySet<string>;
const scopeOf = (node: Node, outer: Scope): Scope => {
  if (!Array.isArray(node['params'])) return outer;
  const inner = new Set(outer);
  for (const param of node['params'] as unknown[]) {
    if (!isNode(param) || param.type !== 'Identifier') continue;
    const annotation = param['typeAnnotation'];
    const type = isNode(annotation) ? annotation['typeAnnotation'] : undefined;
    if (isNode(type) && type.type === 'TSStringKeyword') inner.add(nameOf(param));
    else inner.delete(nameOf(param));
  }
  return inner;
};

/** What a reason is called wherever one is handed on; a name or an id is called otherwise. */
const REASONS = new Set(['what', 'why', 'en', 'message', 'words']);

function refusedIn(details: Node, texts: Scope): string[] {
  const properties = (details['properties'] as unknown[]).filter(isNode);
  return properties.flatMap((property) => {
    const [name, value] = [nameOf(property['key']), property['value']];
    if (isNode(value) && value.type === 'Identifier' && texts.has(nameOf(value)) && REASONS.has(nameOf(value)))
      return [`${name} is the text "${nameOf(value)}", whoever calls`];
    if (isNode(value) && value.type === 'MemberExpression' && nameOf(value['object']) === 'issue')
      return [`${name}: what the schema says of itself`];
    const isPlace = PLACES.has(name);
    return wordsIn(value)
      .filter((words) => !(isPlace ? PATH_ONLY : NOT_WORDS).test(words.trim()))
      .map((words) => `${name}: ${words.trim()}`);
  });
}

/** Methods of a zod schema that take words for what they refuse, as text or as `message` or `error` of their last argument. */
const RULES = new Set([
  'regex',
  'refine',
  'superRefine',
  'check',
  'int',
  'min',
  'max',
  'length',
  'startsWith',
  'endsWith',
]);

/** Words of a rule that stand as they are, and are not said in both languages by `inWords`. */
function ruleWords(call: Node): string[] {
  const callee = call['callee'];
  if (!isNode(callee) || callee.type !== 'MemberExpression' || !RULES.has(nameOf(callee['property']))) return [];
  const given = call['arguments'] as unknown[];
  const rest = nameOf(callee['property']) === 'int' ? given : given.slice(1);
  return rest.flatMap((argument) => {
    if (!isNode(argument)) return [];
    if (argument.type !== 'ObjectExpression') return wordsIn(argument);
    return (argument['properties'] as unknown[])
      .filter(isNode)
      .filter((property) => ['message', 'error'].includes(nameOf(property['key'])))
      .flatMap((property) => wordsIn(property['value']));
  });
}

/** Details of refusals, and rules of schemas, in one file that speak English only. */
export function oneTongued(path: string, text: string): string[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be read: ${errors[0]?.message}`);
  const visit = (node: Node, texts: Scope): string[] => {
    const inner = scopeOf(node, texts);
    const own =
      node.type === 'NewExpression' && nameOf(node['callee']) === 'RekindleError'
        ? (node['arguments'] as unknown[])
            .slice(1, 2)
            .flatMap((details) =>
              isNode(details) && details.type === 'ObjectExpression' ? refusedIn(details, inner) : [],
            )
        : [];
    const rules = node.type === 'CallExpression' ? ruleWords(node).map((words) => `a rule: ${words.trim()}`) : [];
    return [...own, ...rules, ...childrenOf(node).flatMap((child) => visit(child, inner))];
  };
  return isNode(program) ? visit(program, new Set()) : [];
}
