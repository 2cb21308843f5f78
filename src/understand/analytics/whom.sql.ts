// Whom an answer is about: everybody, or the people of a segment under a policy's last evaluation.
import { personSource } from '../../collect/people/person-of.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { evaluatedUntil } from '../dormancy/states.sql.ts';
import { audienceQuery } from '../segments/audience.sql.ts';
import { parseSegment } from '../segments/segment.ts';

export type Whom = { readonly policyId?: string | undefined; readonly segment?: unknown };

/** SELECT of person_id, or undefined for everybody. Throws `invalid` for a segment without a policy, `not_found` before its first evaluation. */
export async function peopleIn(events: Events, { policyId, segment }: Whom): Promise<Sql | undefined> {
  if (segment === undefined) return undefined;
  if (policyId === undefined) throw new RekindleError('invalid', { where: 'segment', what: 'needs a policyId' });
  const asOf = await evaluatedUntil(events, policyId);
  if (asOf === undefined) throw new RekindleError('not_found', { what: `evaluation of policy "${policyId}"` });
  const { days } = await personSource(events);
  return audienceQuery({ policyId, stages: [], segment: parseSegment(segment) }, days, asOf);
}
