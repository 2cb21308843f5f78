// Whom a policy is about: a segment of people, by what is known of them before anybody's stage is decided.
import { RekindleError } from '../../kernel/errors.ts';
import type { ConditionKind } from '../segments/conditions.ts';
import { leavesOf, parseSegment, type ResolvedSegment, type Segment } from '../segments/segment.ts';

/** A scope cannot look at stages, scores or silence: those are what the policy decides about the people of its scope. */
const SCOPE_KINDS: readonly ConditionKind[] = [
  'trait',
  'did',
  'did_not',
  'count',
  'amount',
  'average_order',
  'first',
  'last',
  'trend',
  'bought',
  'not_bought',
  'viewed',
  'not_viewed',
  'known_days',
  'bucket',
];

function refusedKind(segment: Segment): string | undefined {
  for (const { leaf } of leavesOf(segment)) if (!SCOPE_KINDS.some((kind) => kind === leaf.kind)) return leaf.kind;
  return undefined;
}

const isScope = (segment: Segment): segment is ResolvedSegment => refusedKind(segment) === undefined;

/** Parses unknown input. Throws RekindleError `invalid` as `parseSegment`, with the place named from `policy.scope` on. */
export function parseScope(input: unknown): ResolvedSegment {
  const where = 'policy.scope';
  let segment: Segment;
  try {
    segment = parseSegment(input);
  } catch (error) {
    if (!(error instanceof RekindleError && error.code === 'invalid')) throw error;
    const place = String(error.detailsIn('en')['where']).replace(/^segment/, where);
    throw new RekindleError('invalid', { ...error.details, where: place }, { cause: error });
  }
  if (isScope(segment)) return segment;
  const what = `"${refusedKind(segment)}" follows from the policy itself; a scope may look at ${SCOPE_KINDS.join(', ')}`;
  throw new RekindleError('invalid', { where, what });
}
