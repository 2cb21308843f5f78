// What an evaluation settled for everybody: the measure by which the people with news until the next one are judged, and which model
// scores them. One row per policy and day.
import { MONEY_RULES } from '../../collect/money.sql.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';
import type { Events } from '../../stores/events/events.ts';
import type { RfmCutpoints } from '../value/rfm.sql.ts';
import type { ScoreModel } from '../value/score.ts';
import type { Base } from '../value/score.service.ts';
import type { Prediction } from './rule.ts';

/** The models of an evaluation; `prediction` only for a policy of the kind `predicted`, null where there was too little data. */
export type Models = { readonly scores: ScoreModel; readonly prediction: Prediction | null };

/** What everybody is measured by. */
export type Measure = {
  readonly base: Base;
  readonly baseGapHundredths: number;
  readonly cutpoints: RfmCutpoints;
  readonly models: Models;
  /** The day the models were fitted for. */
  readonly modelAsOf: Day;
};

export type RecordedEvaluation = Measure & {
  readonly version: number;
  readonly asOf: Day;
  readonly throughOn: Day;
  readonly horizonDays: number;
  /** The rules by which amounts were money. */
  readonly money: string;
  /** By the engine's clock, as it writes an instant. */
  readonly seenUntil: string;
  readonly computedAt: string;
};

type Row = {
  readonly version: number;
  readonly asOf: Day;
  readonly throughOn: Day;
  readonly horizonDays: number;
  readonly people: number;
  readonly repeaters: number;
  readonly baseGapHundredths: number;
  readonly recency: [number, number, number, number];
  readonly frequency: [number, number, number, number];
  readonly monetary: [number, number, number, number];
  readonly model: string;
  readonly modelAsOf: Day;
  readonly money: string;
  readonly seenUntil: string;
  readonly computedAt: string;
};

/** The policy's last evaluation, whatever its version; undefined before the first. */
export async function recordedEvaluation(events: Events, policyId: string): Promise<RecordedEvaluation | undefined> {
  const [row] = await events.rows<Row>(sql`
    SELECT policy_version AS version, toString(as_of) AS asOf, toString(through_on) AS throughOn, horizon_days AS horizonDays, people, repeaters,
      base_gap_hundredths AS baseGapHundredths, recency_cutpoints AS recency, frequency_cutpoints AS frequency, monetary_cutpoints AS monetary,
      model, toString(model_as_of) AS modelAsOf, money, toString(seen_until) AS seenUntil, toString(computed_at) AS computedAt
    FROM policy_evaluations FINAL WHERE policy_id = ${p.text(policyId)} ORDER BY as_of DESC LIMIT 1`);
  if (row === undefined) return undefined;
  const { people, repeaters, recency, frequency, monetary, model, ...rest } = row;
  return {
    ...rest,
    base: { people, repeaters },
    cutpoints: { recency, frequency, monetary },
    models: JSON.parse(model) as Models,
  };
}

export const recordEvaluation = (
  events: Events,
  policyId: string,
  evaluation: Omit<RecordedEvaluation, 'computedAt'>,
  now: Date,
): Promise<void> =>
  events.insert('policy_evaluations', [
    {
      policy_id: policyId,
      policy_version: evaluation.version,
      as_of: evaluation.asOf,
      through_on: evaluation.throughOn,
      horizon_days: evaluation.horizonDays,
      people: evaluation.base.people,
      repeaters: evaluation.base.repeaters,
      base_gap_hundredths: evaluation.baseGapHundredths,
      recency_cutpoints: evaluation.cutpoints.recency,
      frequency_cutpoints: evaluation.cutpoints.frequency,
      monetary_cutpoints: evaluation.cutpoints.monetary,
      model: JSON.stringify(evaluation.models),
      model_as_of: evaluation.modelAsOf,
      money: evaluation.money,
      seen_until: evaluation.seenUntil,
      computed_at: now.toISOString(),
    },
  ]);

/**
 * Now, by the engine's clock; how many ids of erased people's events there are: more of them later means that somebody was erased; and the
 * rules by which amounts are money.
 */
export const ENGINE_MARKS: Sql = sql`
  SELECT toString(now64(3, 'UTC')) AS now, (SELECT count() FROM erased_message_ids) AS erased, (${MONEY_RULES}) AS money`;

export type EngineMarks = { readonly now: string; readonly erased: number; readonly money: string };

/** An insert's views see the clock before the insert is visible, and a link's version is older than its row: by less than this. */
const COMMIT_SECONDS_MAX = 60;

export const createTouched = (table: Sql): Sql =>
  sql`CREATE TABLE ${table} (person_id String) ENGINE = MergeTree ORDER BY person_id`;

type Since = Pick<RecordedEvaluation, 'seenUntil' | 'computedAt'>;

const newLinks = ({ computedAt }: Since): Sql =>
  sql`person_links WHERE actor_id != person_id AND version > toUnixTimestamp64Milli(toDateTime64(${p.text(computedAt)}, 3, 'UTC')) - ${p.int(COMMIT_SECONDS_MAX * 1000)}`;

/** Everybody with activity that came in, or an id that was joined to hers, since an evaluation. `days` as of `personSource`. */
export const fillTouched = (table: Sql, days: Sql, activity: readonly string[], since: Since): Sql => sql`
  INSERT INTO ${table} SELECT DISTINCT person_id FROM (
    SELECT person_id FROM ${days} WHERE name IN ${p.texts(activity)}
      AND touched_at > toDateTime64(${p.text(since.seenUntil)}, 3, 'UTC') - ${p.int(COMMIT_SECONDS_MAX)}
    UNION ALL SELECT person_id FROM ${newLinks(since)})`;

/** How many are touched, how many who have a state are somebody else by now, and whether anybody was judged again since everybody was. */
export const touchedCounts = (table: Sql, policyId: string, since: Since): Sql => sql`
  SELECT (SELECT count() FROM ${table}) AS touched,
    (SELECT count() FROM person_states WHERE policy_id = ${p.text(policyId)} AND person_id IN (SELECT actor_id FROM ${newLinks(since)})) AS vanished,
    (SELECT min(computed_at) < max(computed_at) FROM person_states WHERE policy_id = ${p.text(policyId)}) AS refreshed
  SETTINGS compile_aggregate_expressions = 0`;
