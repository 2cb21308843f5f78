// Who is a programme about, today? Brings the policy's stages up to date and yields the people of the wanted stages and segment.
import type { Day } from '../../kernel/days.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { evaluatePolicy } from '../../understand/dormancy/evaluate.service.ts';
import { showPolicy } from '../../understand/dormancy/policy.service.ts';
import { audienceOf } from '../../understand/segments/audience.sql.ts';
import { parseSegment } from '../../understand/segments/segment.ts';
import type { Programme } from './programme.ts';

const CHUNK = 5_000;

/**
 * Person ids in ascending order, in chunks. The policy is evaluated as of the end of `asOf` first. Browsers and devices that nobody signed
 * in on have no address and are left out.
 */
export async function* programmeAudience(
  { records, events }: { readonly records: Records; readonly events: Events },
  audience: Programme['audience'],
  asOf: Day,
  now: Date,
): AsyncIterable<readonly string[]> {
  const { policy, version } = await showPolicy(records, audience.policyId);
  await evaluatePolicy(events, { policy, version, asOf, now });
  const { policyId, stages, segment } = audience;
  const personIds = await audienceOf(events, {
    policyId,
    stages,
    ...(segment === null ? {} : { segment: parseSegment(segment) }),
  });
  const known = personIds.filter((personId) => !personId.startsWith('anon:'));
  for (let at = 0; at < known.length; at += CHUNK) yield known.slice(at, at + CHUNK);
}
