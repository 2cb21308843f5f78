// Whom an answer is about: everybody, or the people of a segment under a policy's last evaluation.
import { personSource } from '../../collect/people/person-of.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { addDays } from '../../kernel/days.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { evaluatedUntil } from '../dormancy/states.sql.ts';
import { isResolved, parseSegment } from '../segments/segment.ts';
import { isInSegment } from '../segments/segment.sql.ts';

export type Whom = { readonly policyId?: string | undefined; readonly segment?: unknown };

/** SELECT of person_id, or undefined for everybody. Throws `invalid` for a segment without a policy or with references to others, `not_found` before its first evaluation. */
export async function peopleIn(events: Events, { policyId, segment }: Whom): Promise<Sql | undefined> {
  if (segment === undefined) return undefined;
  if (policyId === undefined)
    throw new RekindleError('invalid', { where: 'segment', what: { en: 'needs a policyId', zh: '需要 policyId' } });
  const asOf = await evaluatedUntil(events, policyId);
  if (asOf === undefined)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  const tree = parseSegment(segment);
  if (!isResolved(tree))
    throw new RekindleError('invalid', {
      where: 'segment',
      what: { en: 'refers to a saved segment that was not looked up', zh: '引用了未读取的已存分群' },
    });
  // Consents are judged as of the end of the evaluation's day, like everything else.
  const moment = { asOf, now: new Date(`${addDays(asOf, 1)}T00:00:00Z`), policyId };
  return sql`SELECT person_id FROM person_states FINAL
    WHERE policy_id = ${p.text(policyId)} AND ${isInSegment(tree, await personSource(events), moment)}`;
}
