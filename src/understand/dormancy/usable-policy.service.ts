// Can a policy be used as it is written? Everything it names must be there: a misspelt event, trait or channel would call the wrong people
// dormant, or nobody.
import { RekindleError } from '../../kernel/errors.ts';
import { assertKnownNames } from '../segments/known-names.service.ts';
import type { SegmentContext } from '../segments/questions.service.ts';
import { assertActivityOccurs } from './policy.service.ts';
import { parsePolicy, type DormancyPolicy } from './policy.ts';
import { withSettledScope } from './scope-policies.service.ts';
import { inScope, standingsOf } from './scope.ts';
import { evaluatedUntil } from './states.sql.ts';

/**
 * The policy, its scope with every saved segment in its place. Throws `invalid` and `scope_cycle` as `parsePolicy`, `invalid` for a name that
 * never occurred, `not_found` for an unknown segment, policy, or evaluation whose reasons the scope looks at.
 */
export async function usablePolicy(context: SegmentContext, input: unknown): Promise<DormancyPolicy> {
  const written = parsePolicy(input);
  await assertActivityOccurs(context.events, written);
  const policy = await withSettledScope(context.records.db, written);
  const { scope } = policy;
  if (scope === undefined) return policy;
  try {
    await assertKnownNames(context, scope, false);
  } catch (error) {
    throw inScope(error);
  }
  for (const { leaf } of standingsOf(scope)) {
    const { kind, policyId } = leaf;
    // Stages are judged for the day where they are not published; reasons are not.
    if (kind === 'reason' && policyId !== undefined && (await evaluatedUntil(context.events, policyId)) === undefined)
      throw new RekindleError('not_found', {
        what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
      });
  }
  return policy;
}
