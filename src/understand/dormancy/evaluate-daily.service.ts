// Keeps every active policy evaluated and its quiet people explained as of the end of yesterday. Run it as often as you like: a policy that
// is up to date costs two queries.
import { RekindleError } from '../../kernel/errors.ts';
import { addDays, dayIn } from '../../kernel/days.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { evaluateReasons, reasonShares } from '../reasons/reasons.service.ts';
import { evaluatePolicy } from './evaluate.service.ts';
import { listPolicies } from './policy.service.ts';
import { evaluatedUntil } from './states.sql.ts';

/** Returns the policies that were evaluated now. */
export async function evaluateDaily(
  { records, events, timeZone }: { readonly records: Records; readonly events: Events; readonly timeZone: string },
  now: Date,
): Promise<string[]> {
  const asOf = addDays(dayIn(now, timeZone), -1);
  const evaluated: string[] = [];
  for (const { policy, version, active } of await listPolicies(records)) {
    if (!active) continue;
    const { policyId } = policy;
    const until = await evaluatedUntil(events, policyId);
    if (until === undefined || until < asOf) {
      try {
        await evaluatePolicy(events, { policy, version, asOf, now });
      } catch (error) {
        // A run of a programme was quicker and has evaluated a later day.
        if (!(error instanceof RekindleError && error.code === 'conflict')) throw error;
      }
      evaluated.push(policyId);
    }
    const explained = await reasonShares(records, policyId);
    const evaluatedOn = await evaluatedUntil(events, policyId);
    if (evaluatedOn !== undefined && (explained === undefined || explained.asOf < evaluatedOn))
      await evaluateReasons({ records, events }, policyId, now);
  }
  return evaluated;
}
