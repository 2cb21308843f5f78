// Whom a policy is about: a segment of people, by what is known of them before anybody's stage is decided.
import { RekindleError } from '../../kernel/errors.ts';
import type { ConditionKind } from '../segments/conditions.ts';
import { parseSegment, type Segment } from '../segments/segment.ts';

/** A scope cannot look at stages, scores or silence: those are what the policy decides about the people of its scope. */
const SCOPE_KINDS: readonly ConditionKind[] = ['trait', 'did', 'did_not', 'bucket'];

function refusedKind(segment: Segment): ConditionKind | undefined {
  switch (segment.kind) {
    case 'and':
    case 'or':
      return segment.of.map(refusedKind).find((kind) => kind !== undefined);
    case 'not':
      return refusedKind(segment.of);
    default:
      return SCOPE_KINDS.includes(segment.kind) ? undefined : segment.kind;
  }
}

/** Parses unknown input. Throws RekindleError `invalid` as `parseSegment`, with the place named from `policy.scope` on. */
export function parseScope(input: unknown): Segment {
  const where = 'policy.scope';
  let segment: Segment;
  try {
    segment = parseSegment(input);
  } catch (error) {
    if (!(error instanceof RekindleError && error.code === 'invalid')) throw error;
    const place = String(error.details['where']).replace(/^segment/, where);
    throw new RekindleError('invalid', { ...error.details, where: place }, { cause: error });
  }
  const refused = refusedKind(segment);
  if (refused === undefined) return segment;
  const what = `"${refused}" follows from the policy itself; a scope may look at ${SCOPE_KINDS.join(', ')}`;
  throw new RekindleError('invalid', { where, what });
}
