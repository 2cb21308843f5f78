// Facts at entry, for a set of people, from the policy's latest evaluation and the latest reasons.
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { EntryFacts } from './entry-facts.ts';

/** Ids of a query to a server travel in its address, which has a limit. */
const PEOPLE_PER_QUERY = { chdb: 5_000, clickhouse: 500 } as const;

type Row = {
  readonly person_id: string;
  readonly stage: string;
  readonly rfm_group: string;
  readonly reason: string;
  readonly return_probability: number | null;
};

/** People whom the policy has not evaluated are left out. */
export async function entryFactsOf(
  events: Events,
  policyId: string,
  personIds: readonly string[],
): Promise<Map<string, EntryFacts>> {
  const facts = new Map<string, EntryFacts>();
  const step = PEOPLE_PER_QUERY[events.kind];
  for (let at = 0; at < personIds.length; at += step) {
    const some = p.texts(personIds.slice(at, at + step));
    const rows = await events.rows<Row>(sql`
      SELECT s.person_id AS person_id, s.stage AS stage, s.rfm_group AS rfm_group, r.reason AS reason, s.return_probability AS return_probability
      FROM (SELECT person_id, stage, rfm_group, return_probability FROM person_states FINAL
        WHERE policy_id = ${p.text(policyId)} AND person_id IN ${some}) AS s
      LEFT JOIN (SELECT person_id, reason FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId)} AND person_id IN ${some}) AS r
        ON r.person_id = s.person_id`);
    for (const row of rows) {
      facts.set(row.person_id, {
        stage: row.stage,
        ...(row.rfm_group === '' ? {} : { rfmGroup: row.rfm_group }),
        ...(row.reason === '' ? {} : { reason: row.reason }),
        ...(row.return_probability === null ? {} : { returnProbability: row.return_probability }),
      });
    }
  }
  return facts;
}
