// A segment with every reference to a saved segment replaced by that segment's own tree. A reference that leads back to itself, to nothing
// or too deep is an error that says the way.
import { RekindleError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Condition } from './conditions.ts';
import { STANDING } from './operators/standing.ts';
import { leavesOf, parseSegment, type ResolvedSegment, type Segment } from './segment.ts';

const REFERENCES_DEEP_MAX = 10;
const CONDITIONS_MAX = 500;

type Saved = { readonly tree: Segment; readonly policyId: string | undefined };

export type StoredDefinition = { readonly segment: unknown; readonly policyId?: string };

/** The active versions of these segments. */
async function savedTrees(db: RecordsDb, ids: readonly string[]): Promise<Map<string, Saved>> {
  const rows = await db
    .selectFrom('segments')
    .select(['segment_id', 'definition'])
    .where('segment_id', 'in', [...ids])
    .where('active', '=', true)
    .execute();
  return new Map(
    rows.map((row) => {
      const { segment, policyId } = row.definition as StoredDefinition;
      return [row.segment_id, { tree: parseSegment(segment), policyId }];
    }),
  );
}

const referencesOf = (segment: Segment): string[] =>
  [...leavesOf(segment)].flatMap(({ leaf }) => (leaf.kind === 'segment' ? [leaf.id] : []));

/** Everything the segment refers to, level by level: a statement a level. Throws `not_found` naming the nearest id. */
async function loadReferences(
  db: RecordsDb,
  segment: Segment,
  own: { readonly id: string; readonly tree: Segment } | undefined,
): Promise<Map<string, Saved>> {
  const found = new Map<string, Saved>();
  if (own !== undefined) found.set(own.id, { tree: own.tree, policyId: undefined });
  for (let wanted = referencesOf(segment); wanted.length > 0;) {
    const missing = [...new Set(wanted)].filter((id) => !found.has(id));
    if (missing.length === 0) break;
    const saved = await savedTrees(db, missing);
    for (const id of missing) {
      const tree = saved.get(id);
      if (tree === undefined) {
        const known = await db.selectFrom('segments').select('segment_id').where('active', '=', true).execute();
        const near = didYouMean(
          id,
          known.map((row) => row.segment_id),
        );
        throw new RekindleError('not_found', { what: `segment "${id}"${near}` });
      }
      found.set(id, tree);
    }
    wanted = missing.flatMap((id) => referencesOf(found.get(id)!.tree));
  }
  return found;
}

/** Puts the policy of the segment it was written in where a condition names none. */
function withPolicy(leaf: Condition, policyId: string | undefined): Condition {
  if (policyId === undefined || !Object.hasOwn(STANDING, leaf.kind)) return leaf;
  return 'policyId' in leaf && leaf.policyId !== undefined ? leaf : ({ ...leaf, policyId } as Condition);
}

/**
 * Throws `not_found` for an unknown reference and `invalid` for a cycle. `own` is the segment being saved: a way back to its id is a
 * cycle even before it is saved.
 */
export async function resolveSegment(
  db: RecordsDb,
  segment: Segment,
  own?: { readonly id: string; readonly policyId?: string },
): Promise<ResolvedSegment> {
  const saved = await loadReferences(db, segment, own === undefined ? undefined : { id: own.id, tree: segment });
  const replaced = (
    node: Segment,
    policyId: string | undefined,
    way: readonly string[],
    place: string,
  ): ResolvedSegment => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return { kind: node.kind, of: node.of.map((child, i) => replaced(child, policyId, way, `${place}.of.${i}`)) };
      case 'not':
        return { kind: 'not', of: replaced(node.of, policyId, way, `${place}.of`) };
      case 'segment': {
        if (way.includes(node.id))
          throw new RekindleError('invalid', {
            where: place,
            what: {
              en: `refers to itself: ${[...way.slice(way.indexOf(node.id)), node.id].join(' → ')}`,
              zh: `引用了自身：${[...way.slice(way.indexOf(node.id)), node.id].join(' → ')}`,
            },
          });
        if (way.length >= REFERENCES_DEEP_MAX)
          throw new RekindleError('invalid', {
            where: place,
            what: {
              en: `segments refer to each other more than ${REFERENCES_DEEP_MAX} deep`,
              zh: `分群相互引用超过 ${REFERENCES_DEEP_MAX} 层`,
            },
          });
        const { tree, policyId: theirs } = saved.get(node.id)!;
        return replaced(tree, theirs, [...way, node.id], place);
      }
      default:
        return withPolicy(node, policyId);
    }
  };
  const resolved = replaced(segment, own?.policyId, own === undefined ? [] : [own.id], 'segment');
  const conditions = [...leavesOf(resolved)].length;
  if (conditions > CONDITIONS_MAX)
    throw new RekindleError('invalid', {
      where: 'segment',
      what: `${conditions} conditions with those of the segments it refers to; at most ${CONDITIONS_MAX}`,
    });
  return resolved;
}
