// The tree of a segment while somebody builds it: where a node is, and every way to change it. Nothing is changed in place. Pure.
import type { SegmentNode } from '../../../../src/http/contract/segments.ts';

/** From the root: `['of', 1, 'of']`. */
export type Path = readonly (string | number)[];

export type Group = {
  readonly kind: 'and' | 'or';
  readonly of: readonly SegmentNode[];
};

export const isGroup = (node: SegmentNode): node is SegmentNode & Group => node.kind === 'and' || node.kind === 'or';

const isNode = (value: unknown): value is SegmentNode => typeof value === 'object' && value !== null && 'kind' in value;

/** What a `not` negates. */
export const negatedBy = (node: SegmentNode): SegmentNode | undefined => {
  const { of } = node;
  return node.kind === 'not' && isNode(of) ? of : undefined;
};

export const placeOf = (path: Path): string => ['segment', ...path].join('.');

/** What a builder holds: a group, whatever was saved. */
export const rooted = (segment: SegmentNode): SegmentNode =>
  isGroup(segment) ? segment : { kind: 'and', of: [segment] };

function changed(node: SegmentNode, path: Path, change: (node: SegmentNode) => SegmentNode): SegmentNode {
  const [, index] = path;
  if (path.length === 0) return change(node);
  if (isGroup(node) && typeof index === 'number')
    return {
      ...node,
      of: node.of.map((child, i) => (i === index ? changed(child, path.slice(2), change) : child)),
    };
  const inner = negatedBy(node);
  return inner === undefined ? node : { kind: 'not', of: changed(inner, path.slice(1), change) };
}

export function nodeAt(root: SegmentNode, path: Path): SegmentNode | undefined {
  if (path.length === 0) return root;
  const [, index] = path;
  if (isGroup(root) && typeof index === 'number') {
    const child = root.of[index];
    return child === undefined ? undefined : nodeAt(child, path.slice(2));
  }
  const inner = negatedBy(root);
  return inner === undefined ? undefined : nodeAt(inner, path.slice(1));
}

export const replaced = (root: SegmentNode, path: Path, node: SegmentNode): SegmentNode =>
  changed(root, path, () => node);

export const inserted = (root: SegmentNode, group: Path, at: number, node: SegmentNode): SegmentNode =>
  changed(root, group, (each) => (isGroup(each) ? { ...each, of: each.of.toSpliced(at, 0, node) } : each));

/** `path` is of a group's child, its negations included. */
export function removed(root: SegmentNode, path: Path): SegmentNode {
  const at = path.at(-1);
  return changed(root, path.slice(0, -2), (each) =>
    isGroup(each) && typeof at === 'number' ? { ...each, of: each.of.toSpliced(at, 1) } : each,
  );
}

/** Turns what stands there into its opposite, and back. */
export const negated = (root: SegmentNode, path: Path): SegmentNode =>
  changed(root, path, (node) => negatedBy(node) ?? { kind: 'not', of: node });

/** Puts what stands there into a group of its own. */
export const grouped = (root: SegmentNode, path: Path, kind: Group['kind']): SegmentNode =>
  changed(root, path, (node) => ({ kind, of: [node] }));

/** A group's children take its place. */
export function ungrouped(root: SegmentNode, path: Path): SegmentNode {
  const group = nodeAt(root, path);
  const at = path.at(-1);
  if (group === undefined || !isGroup(group) || typeof at !== 'number') return root;
  return changed(root, path.slice(0, -2), (each) =>
    isGroup(each) ? { ...each, of: each.of.toSpliced(at, 1, ...group.of) } : each,
  );
}

const GAP: SegmentNode = { kind: 'gap' };

function without(node: SegmentNode, gone: SegmentNode): SegmentNode {
  if (isGroup(node))
    return {
      ...node,
      of: node.of.filter((child) => child !== gone).map((child) => without(child, gone)),
    };
  const inner = negatedBy(node);
  return inner === undefined ? node : { kind: 'not', of: without(inner, gone) };
}

const isWithin = (path: Path, outer: Path): boolean => outer.every((part, i) => path[i] === part);

/** Takes what stands at `from` to place `at` of a group, both as they are before the move. Nothing goes into itself. */
export function moved(root: SegmentNode, from: Path, group: Path, at: number): SegmentNode {
  const node = nodeAt(root, from);
  if (node === undefined || isWithin(group, from)) return root;
  // A gap keeps every place where it was until the node is in its new one.
  return without(inserted(replaced(root, from, GAP), group, at, node), GAP);
}

/** One place up (−1) or down (+1) among its siblings. */
export function shifted(root: SegmentNode, path: Path, by: -1 | 1): SegmentNode {
  const at = path.at(-1);
  return typeof at === 'number' ? moved(root, path, path.slice(0, -2), by === 1 ? at + 2 : at - 1) : root;
}

/** Every leaf and empty group with its place, so that what is wrong can be said there. */
export function* partsOf(
  node: SegmentNode,
  path: Path = [],
): Generator<{ readonly node: SegmentNode; readonly path: Path }> {
  if (isGroup(node)) {
    if (node.of.length === 0) yield { node, path };
    for (const [i, child] of node.of.entries()) yield* partsOf(child, [...path, 'of', i]);
    return;
  }
  const inner = negatedBy(node);
  if (inner === undefined) yield { node, path };
  else yield* partsOf(inner, [...path, 'of']);
}
