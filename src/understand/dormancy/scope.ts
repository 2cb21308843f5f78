// Whom a policy is about: any segment of people but one that follows from the policy itself. Pure; `scope.service.ts` asks it.
import { RekindleError } from '../../kernel/errors.ts';
import type { Condition } from '../segments/conditions.ts';
import { STANDING } from '../segments/operators/standing.ts';
import { leavesOf, parseSegment, type Segment } from '../segments/segment.ts';

const WHERE = 'policy.scope';

/** Parses unknown input. Throws RekindleError `invalid` as `parseSegment`, with the place named from `policy.scope` on. */
export function parseScope(input: unknown): Segment {
  try {
    return parseSegment(input);
  } catch (error) {
    throw inScope(error);
  }
}

/** A refusal of a segment as one of the scope it is. */
export function inScope(error: unknown): unknown {
  if (!(error instanceof RekindleError) || error.details['where'] === undefined) return error;
  const said = String(error.detailsIn('en')['where']);
  if (said.startsWith(WHERE)) return error;
  const where = said.startsWith('segment') ? said.replace(/^segment/, WHERE) : `${WHERE}: ${said}`;
  return new RekindleError(error.code, { ...error.details, where }, { cause: error });
}

type StandingCondition = Extract<Condition, { readonly kind: keyof typeof STANDING }>;

/** Conditions that read what a policy says of people (stage, score, reason, RFM …), with their places. */
export function* standingsOf(scope: Segment): Generator<{ readonly leaf: StandingCondition; readonly place: string }> {
  for (const { leaf, place } of leavesOf(scope, WHERE))
    if (Object.hasOwn(STANDING, leaf.kind)) yield { leaf: leaf as StandingCondition, place };
}

/**
 * Refuses a scope that follows from its own policy (`scope_cycle`) or does not say whose stages it means (`invalid`): a policy cannot be
 * asked about the people it is about to choose.
 */
export function assertNotItsOwn(scope: Segment, policyId: string): void {
  for (const { leaf, place } of standingsOf(scope)) {
    if (leaf.policyId === policyId)
      throw new RekindleError('scope_cycle', { where: place, way: `${policyId} → ${policyId}` });
    if (leaf.policyId === undefined)
      throw new RekindleError('invalid', {
        where: place,
        what: {
          en: `"${leaf.kind}" belongs to a policy: name another one's with policyId; its own follows from itself`,
          zh: `“${leaf.kind}”由规则得出：请用 policyId 指明另一规则；不能取决于自身`,
        },
      });
  }
}
