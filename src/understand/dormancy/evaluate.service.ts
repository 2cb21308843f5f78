// Evaluates a dormancy policy for everybody as of the end of a day: stages, features and scores into `person_states`, stage changes
// into `stage_changes`. A handful of set-based statements; the number of people never reaches TypeScript.
import { personSource } from '../../collect/people/person-of.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { addDays, type Day } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { isInSegment } from '../segments/segment.sql.ts';
import type { SegmentMoment } from '../segments/operator.ts';
import type { SegmentTables } from '../segments/plan.ts';
import { quintileSql, rfmCutpoints, rfmGroupSql, type RfmCutpoints } from '../value/rfm.sql.ts';
import type { ScoreModel } from '../value/score.ts';
import { fitScores, type Base } from '../value/score.service.ts';
import { orderValueSql, returnProbabilitySql, scoreColumns } from '../value/score.sql.ts';
import {
  baseGap,
  createActiveDays,
  createStates,
  dropTable,
  fillActiveDays,
  fillMoved,
  insertChanges,
  insertCorrections,
  lastEvaluation,
  LEFTOVERS,
  publishStates,
  stagesOf,
  STATE_COLUMNS,
  type StageInputs,
} from './evaluate.sql.ts';
import type { DormancyPolicy } from './policy.ts';
import { thresholdsAfter } from './stage.ts';

/** Default horizon of the scores: a quarter of a year. */
export const HORIZON_DAYS = 90;

export type EvaluateInput = {
  readonly policy: DormancyPolicy;
  readonly version: number;
  readonly asOf: Day;
  readonly horizonDays?: number;
  readonly now: Date;
  /** Where to read person_id, name, day, amount_cents from; the roll-up unless told. */
  readonly days?: Sql;
};

/** States of everybody in scratch tables, not yet published. `close` drops them. */
export type ScratchStates = {
  readonly activeDays: Sql;
  readonly states: Sql;
  readonly inputs: StageInputs;
  readonly base: Base;
  readonly model: ScoreModel;
  readonly close: () => Promise<void>;
};

/** The policy's scope as a condition on the roll-up's rows; nothing where the policy is about everybody. */
export const scopeOf = (
  policy: DormancyPolicy,
  tables: SegmentTables,
  moment: SegmentMoment,
): { readonly scope?: Sql } => (policy.scope === undefined ? {} : { scope: isInSegment(policy.scope, tables, moment) });

const insertStates = (
  states: Sql,
  activeDays: Sql,
  input: EvaluateInput,
  inputs: StageInputs,
  cutpoints: RfmCutpoints,
  model: ScoreModel,
): Sql => sql`
  INSERT INTO ${states} (${STATE_COLUMNS}) SETTINGS optimize_on_insert = 0, max_insert_threads = 4
  ${scoreColumns(model.returns)}
  SELECT ${p.text(input.policy.policyId)}, person_id, toUInt32(${p.int(input.version)}), ${p.day(input.asOf)}, stage, stage_since, cause,
    silent_days, threshold_days, active_days, first_on, last_on, spent_cents,
    ${quintileSql(sql`toInt64(toUInt16(last_on))`, cutpoints.recency)} AS recency_quintile,
    ${quintileSql(sql`active_days`, cutpoints.frequency)} AS frequency_quintile,
    ${quintileSql(sql`spent_cents`, cutpoints.monetary)} AS monetary_quintile,
    ${rfmGroupSql()} AS rfm_group,
    ${returnProbabilitySql(model.returns, model.horizonDays)} AS return_probability,
    return_probability * ${orderValueSql(model.value)} AS expected_value_cents,
    ${p.instant(input.now)}
  FROM (${stagesOf(activeDays, inputs)})`;

/** Computes everybody's state without publishing it: for previews, back-tests and `analyze`. The caller closes it. */
export async function computeStates(events: Events, input: EvaluateInput): Promise<ScratchStates> {
  const { policy, asOf, now } = input;
  const activeDays = ident(newId('scratch_days', now));
  const states = ident(newId('scratch_states', now));
  const close = async (): Promise<void> => {
    await events.run(dropTable(activeDays));
    await events.run(dropTable(states));
  };
  try {
    const source = await personSource(events);
    const days = input.days ?? source.days;
    await events.run(createActiveDays(activeDays));
    const horizonDays = input.horizonDays ?? HORIZON_DAYS;
    const snapshots = [addDays(asOf, -horizonDays), addDays(asOf, -2 * horizonDays)] as const;
    await events.run(
      fillActiveDays(activeDays, days, policy.activity, asOf, {
        spentBy: snapshots,
        ...scopeOf(policy, { ...source, days }, { asOf, now }),
      }),
    );
    const [row] = await events.rows<{ people: number; repeaters: number; base_gap: number }>(baseGap(activeDays));
    const base = { people: row?.people ?? 0, repeaters: row?.repeaters ?? 0 };
    const inputs = { policy, asOf, baseGapHundredths: row?.base_gap ?? 0 };
    const [cutpoints] = await events.rows<RfmCutpoints>(rfmCutpoints(activeDays));
    const model = await fitScores(events, {
      table: activeDays,
      base,
      asOf,
      horizonDays,
      snapshots,
      dormantAfter: (count, spanDays) =>
        thresholdsAfter(policy.rule, count, spanDays, inputs.baseGapHundredths).dormantDays,
    });
    await events.run(createStates(states));
    await events.run(insertStates(states, activeDays, input, inputs, cutpoints!, model));
    return { activeDays, states, inputs, base, model, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type Evaluation = { readonly asOf: Day; readonly base: Base; readonly model: ScoreModel };

/**
 * Evaluates and publishes. Running it again for the same day and data changes nothing; running it after a pause writes the changes of
 * every day in between. A day before the policy's last evaluation is refused (`conflict`): history is not rewritten.
 */
export async function evaluatePolicy(events: Events, input: EvaluateInput): Promise<Evaluation> {
  const { policyId } = input.policy;
  const [last] = await events.rows<{ as_of: Day; version: number; people: number }>(lastEvaluation(policyId));
  if (last !== undefined && last.people > 0 && last.as_of > input.asOf) {
    throw new RekindleError('conflict', {
      what: `Policy "${policyId}" was already evaluated as of ${last.as_of}; ${input.asOf} can only be looked at as a back-test.`,
    });
  }
  for (const { name } of await events.rows<{ name: string }>(LEFTOVERS)) await events.run(dropTable(ident(name)));
  const scratch = await computeStates(events, input);
  const moved = ident(newId('scratch_moved', input.now));
  try {
    await events.run(createActiveDays(moved));
    await events.run(fillMoved(moved, scratch.activeDays, scratch.states, policyId));
    const changes = { ...scratch.inputs, version: input.version, now: input.now };
    await events.run(insertChanges(moved, changes));
    if ((last?.people ?? 0) > 0) await events.run(insertCorrections(scratch.states, changes));
    await events.run(publishStates(scratch.states, policyId));
  } finally {
    await events.run(dropTable(moved));
    await scratch.close();
  }
  return { asOf: input.asOf, base: scratch.base, model: scratch.model };
}
