// Keeps every active policy's stages fresh. When a day is over everybody is judged as of its end, and while the next one runs whoever has news
// is judged again. Run it as often as you like: where nothing happened it costs a few short queries per policy.
import { RekindleError } from '../../kernel/errors.ts';
import { addDays, addMs, dayIn } from '../../kernel/days.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { evaluateReasons, reasonShares } from '../reasons/reasons.service.ts';
import type { SegmentContext } from '../segments/questions.service.ts';
import { evaluatePolicy, refreshPolicy, type EvaluateInput } from './evaluate.service.ts';
import { listPolicies } from './policy.service.ts';
import { dependentsLast } from './scope-policies.service.ts';
import { evaluatedUntil } from './states.sql.ts';
import { settleSunsets } from './sunset.service.ts';

export type KeepContext = {
  readonly records: Records;
  readonly events: Events;
  readonly timeZone: string;
  /** What scopes may ask beyond the events. */
  readonly scopes?: SegmentContext;
};

/** `evaluated` for everybody, or only for the people with news; `unchanged` where there were none. */
export type Kept = { readonly policyId: string; readonly what: 'evaluated' | 'refreshed' | 'unchanged' };

async function keepStages(events: Events, input: EvaluateInput): Promise<Kept['what']> {
  const people = await refreshPolicy(events, input);
  if (people !== undefined) return people === 0 ? 'unchanged' : 'refreshed';
  try {
    await evaluatePolicy(events, input);
  } catch (error) {
    // A run of a programme was quicker and has evaluated a later day.
    if (!(error instanceof RekindleError && error.code === 'conflict')) throw error;
  }
  return 'evaluated';
}

/** One round over all active policies, as of the end of yesterday and with today's activity. */
export async function keepEvaluated(
  { records, events, timeZone, scopes }: KeepContext,
  now: Date,
): Promise<readonly Kept[]> {
  const throughOn = dayIn(now, timeZone);
  const asOf = addDays(throughOn, -1);
  const kept: Kept[] = [];
  const active = (await listPolicies(records)).filter((saved) => saved.active);
  for (const { policy, version } of dependentsLast(active)) {
    const { policyId } = policy;
    const input = { policy, version, asOf, throughOn, now, scopes };
    const what = await keepStages(events, input);
    const moved = await settleSunsets({ records, events, timeZone }, { policy, asOf, now });
    if (moved.length > 0) {
      const again = { ...input, now: addMs(now, 1) };
      if ((await refreshPolicy(events, again, moved)) === undefined) await evaluatePolicy(events, again);
    }
    kept.push({ policyId, what: moved.length > 0 && what === 'unchanged' ? 'refreshed' : what });
    const explained = await reasonShares(records, policyId);
    const evaluatedOn = await evaluatedUntil(events, policyId);
    if (evaluatedOn !== undefined && (explained === undefined || explained.asOf < evaluatedOn))
      await evaluateReasons({ records, events }, policyId, now);
  }
  return kept;
}
