// What was published at a policy's last evaluation: how many people stand in each stage, and where one person stands.
import { p, sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';
import type { Events } from '../../stores/events/events.ts';
import type { RfmGroup } from '../value/rfm.ts';
import type { Cause, Stage } from './stage.ts';
import { lastEvaluation } from './evaluate.sql.ts';

export type StageCount = { readonly stage: Stage; readonly people: number };

/** Undefined where the policy was never evaluated, or for nobody. */
export async function evaluatedUntil(events: Events, policyId: string): Promise<Day | undefined> {
  const [last] = await events.rows<{ as_of: Day; people: number }>(lastEvaluation(policyId));
  return last === undefined || last.people === 0 ? undefined : last.as_of;
}

export const stageCounts = (events: Events, policyId: string): Promise<StageCount[]> =>
  events.rows<StageCount>(sql`
    SELECT stage, count() AS people FROM person_states FINAL WHERE policy_id = ${p.text(policyId)}
    GROUP BY stage ORDER BY people DESC, stage`);

/** One person under one policy. Money in cents, probability within the evaluation's horizon. */
export type PersonState = {
  readonly policyId: string;
  readonly policyVersion: number;
  readonly asOf: Day;
  readonly stage: Stage;
  readonly stageSince: Day;
  readonly cause: Cause;
  readonly silentDays: number;
  readonly thresholdDays: number;
  readonly activeDays: number;
  readonly firstOn: Day;
  readonly lastOn: Day;
  readonly spentCents: number;
  readonly rfmGroup: RfmGroup;
  /** Null where no model could be fitted. */
  readonly returnProbability: number | null;
  readonly expectedValueCents: number | null;
};

export const personStates = (events: Events, personId: string): Promise<PersonState[]> =>
  events.rows<PersonState>(sql`
    SELECT policy_id AS policyId, policy_version AS policyVersion, toString(as_of) AS asOf, stage, toString(stage_since) AS stageSince, cause,
      silent_days AS silentDays, threshold_days AS thresholdDays, active_days AS activeDays, toString(first_on) AS firstOn,
      toString(last_on) AS lastOn, spent_cents AS spentCents, rfm_group AS rfmGroup,
      if(isFinite(return_probability), return_probability, NULL) AS returnProbability,
      if(isFinite(expected_value_cents), round(expected_value_cents), NULL) AS expectedValueCents
    FROM person_states FINAL WHERE person_id = ${p.text(personId)} ORDER BY policy_id`);

export type StageMove = {
  readonly policyId: string;
  readonly changedOn: Day;
  readonly from: Stage | '';
  readonly to: Stage;
  readonly cause: Cause;
};

/** A person's dated stage changes, the latest first. */
export const stageMoves = (events: Events, personId: string, limit: number): Promise<StageMove[]> =>
  events.rows<StageMove>(sql`
    SELECT policy_id AS policyId, toString(changed_on) AS changedOn, from_stage AS from, to_stage AS to, cause
    FROM stage_changes FINAL WHERE person_id = ${p.text(personId)} ORDER BY changed_on DESC, policy_id LIMIT ${p.int(limit)}`);

/** A person's whole history under one policy, the oldest first: every change of stage with its day and cause, as recorded by evaluations. */
export const stageHistoryOf = (events: Events, policyId: string, personId: string): Promise<StageMove[]> =>
  events.rows<StageMove>(sql`
    SELECT policy_id AS policyId, toString(changed_on) AS changedOn, from_stage AS from, to_stage AS to, cause
    FROM stage_changes FINAL WHERE policy_id = ${p.text(policyId)} AND person_id = ${p.text(personId)}
    ORDER BY changed_on, computed_at`);

/** Who stands as recovered under any policy. */
export async function recoveredPeople(events: Events): Promise<string[]> {
  const rows = await events.rows<{ person_id: string }>(
    sql`SELECT DISTINCT person_id FROM person_states FINAL WHERE stage = 'recovered'`,
  );
  return rows.map((row) => row.person_id);
}
