import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { SegmentNode } from '../../../../src/http/contract/segments.ts';
import {
  grouped,
  inserted,
  isGroup,
  moved,
  negated,
  negatedBy,
  nodeAt,
  partsOf,
  removed,
  replaced,
  rooted,
  shifted,
  ungrouped,
  type Path,
} from './tree.ts';

const leaf = (name: string): SegmentNode => ({ kind: 'bucket', salt: name });
const and = (...of: SegmentNode[]): SegmentNode => ({ kind: 'and', of });
const or = (...of: SegmentNode[]): SegmentNode => ({ kind: 'or', of });
const not = (of: SegmentNode): SegmentNode => ({ kind: 'not', of });
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(leaf) as [SegmentNode, SegmentNode, SegmentNode, SegmentNode];

const tree: fc.Arbitrary<SegmentNode> = fc.letrec<{
  node: SegmentNode;
  group: SegmentNode;
}>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.nat(9).map((n) => leaf(String(n))),
    tie('group'),
    tie('node').map((node) => not(node)),
  ),
  group: fc
    .record({
      kind: fc.constantFrom('and', 'or'),
      of: fc.array(tie('node'), { maxLength: 4 }),
    })
    .map(({ kind, of }): SegmentNode => ({ kind, of })),
})).group;

/** Every group of it, and every child of a group, by path. */
function placesOf(node: SegmentNode, path: Path = []): { groups: Path[]; children: Path[] } {
  const inner = negatedBy(node);
  if (inner !== undefined) return placesOf(inner, [...path, 'of']);
  if (!isGroup(node)) return { groups: [], children: [] };
  const below = node.of.map((child, i) => placesOf(child, [...path, 'of', i]));
  return {
    groups: [path, ...below.flatMap(({ groups }) => groups)],
    children: [...node.of.map((_, i): Path => [...path, 'of', i]), ...below.flatMap(({ children }) => children)],
  };
}
const leaves = (root: SegmentNode): string[] =>
  [...partsOf(root)]
    .filter(({ node }) => !isGroup(node))
    .map(({ node }) => JSON.stringify(node))
    .sort();

describe('the tree of a segment being built', () => {
  it('finds, replaces, inserts and removes at any depth, through negations', () => {
    const root = and(a, not(or(b, c)));
    expect(nodeAt(root, ['of', 1, 'of', 'of', 0])).toBe(b);
    expect(nodeAt(root, ['of', 7])).toBeUndefined();
    expect(replaced(root, ['of', 1, 'of', 'of', 1], d)).toEqual(and(a, not(or(b, d))));
    expect(inserted(root, ['of', 1, 'of'], 1, d)).toEqual(and(a, not(or(b, d, c))));
    expect(removed(root, ['of', 1, 'of', 'of', 0])).toEqual(and(a, not(or(c))));
    expect(removed(root, ['of', 1])).toEqual(and(a));
    expect(rooted(not(a))).toEqual(and(not(a)));
  });
  it('negates and groups, and takes both back', () => {
    expect(negated(and(a, b), ['of', 0])).toEqual(and(not(a), b));
    expect(negated(and(not(a), b), ['of', 0])).toEqual(and(a, b));
    expect(grouped(and(a, b), ['of', 1], 'or')).toEqual(and(a, or(b)));
    expect(ungrouped(and(a, or(b, c), d), ['of', 1])).toEqual(and(a, b, c, d));
  });
  it('moves up, down, out and in, and never into itself', () => {
    const root = and(a, or(b, c), d);
    expect(shifted(root, ['of', 0], 1)).toEqual(and(or(b, c), a, d));
    expect(shifted(root, ['of', 2], -1)).toEqual(and(a, d, or(b, c)));
    expect(shifted(root, ['of', 2], 1)).toEqual(root);
    expect(moved(root, ['of', 0], ['of', 1], 2)).toEqual(and(or(b, c, a), d));
    expect(moved(root, ['of', 1, 'of', 0], [], 0)).toEqual(and(b, a, or(c), d));
    expect(moved(root, ['of', 1], ['of', 1], 0)).toBe(root);
  });
  it('loses and doubles nothing by moving, wherever from and to', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), fc.nat(5), (root, from, to, at) => {
        const { groups, children } = placesOf(root);
        if (children.length === 0) return;
        const after = moved(root, children[from % children.length]!, groups[to % groups.length]!, at);
        expect(leaves(after)).toEqual(leaves(root));
        expect(placesOf(after).children.length).toBe(children.length);
      }),
    );
  });
});
