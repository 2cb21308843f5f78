// Stages of everybody at once, in the engine: the same rules as `stage.ts`, over one row of active days per person.
import { empty, ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import { unreachable } from '../../kernel/result.ts';
import type { Day } from '../../kernel/days.ts';
import { rfmCutpointsOf, type HistoryEnds } from '../value/rfm.sql.ts';
import type { DormancyPolicy } from './policy.ts';
import { fallbackThresholds } from './predicted-threshold.ts';
import { outlastsSql, predictedThresholdsSql } from './predicted-threshold.sql.ts';
import type { DormancyRule, PredictedRule, Prediction, StageRules } from './rule.ts';
import { hundredths, STAGE_NAMES, type Cause, type Stage } from './stage.ts';
import { NOT_SUNSET, overlaid } from './sunset.sql.ts';

/**
 * The scratch table every step of an evaluation reads: one row per person with activity, her distinct active days ascending, what she
 * spent on how many lines and items in all, and by the end of each of the days `fillActiveDays` was asked for.
 */
export const createActiveDays = (table: Sql): Sql => sql`
  CREATE TABLE ${table} (person_id String, days Array(UInt16), spent_cents Int64, lines UInt64, items UInt64,
    spent_by Array(Int64), lines_by Array(UInt64), items_by Array(UInt64)) ENGINE = MergeTree ORDER BY tuple()`;

/** Fills it from `days` (rows of person_id, name, day, money_cents, lines, items: the roll-up, or raw events) up to the end of day `throughOn`. */
export const fillActiveDays = (
  table: Sql,
  days: Sql,
  activity: readonly string[],
  throughOn: Day,
  { by = [], scope = sql`1` }: { readonly by?: readonly Day[]; readonly scope?: Sql } = {},
): Sql => {
  const each = (column: Sql): Sql =>
    joined(
      by.map((on) => sql`sumIf(${column}, day <= ${p.day(on)})`),
      ', ',
    );
  return sql`
  INSERT INTO ${table} SETTINGS max_insert_threads = 4, min_insert_block_size_rows = 131072
  SELECT person_id, arrayCompact(arraySort(groupArray(toUInt16(day)))) AS days, sum(money_cents) AS spent_cents, sum(lines) AS all_lines, sum(items) AS all_items,
    CAST([${each(sql`money_cents`)}] AS Array(Int64)) AS spent_by, CAST([${each(sql`lines`)}] AS Array(UInt64)) AS lines_by,
    CAST([${each(sql`items`)}] AS Array(UInt64)) AS items_by
  FROM ${days}
  WHERE name IN ${p.texts(activity)} AND day <= ${p.day(throughOn)} AND ${scope}
  GROUP BY person_id`;
};

/** Where a history begins and ends, as day numbers, and how many active days it has. */
type History = HistoryEnds & { readonly firstDay: Sql };

const OF_DAYS: History = { firstDay: sql`days[1]`, lastDay: sql`days[-1]`, activeDays: sql`length(days)` };

/** The base's pooled mean gap between active days, in hundredths of a day; 0 while nobody came twice. */
const baseGapOf = ({ firstDay, lastDay, activeDays }: History): Sql => sql`
    count() AS people, countIf(${activeDays} > 1) AS repeaters,
    toInt64(if(sum(${activeDays} - 1) = 0, 0,
      round(100 * sum(toInt64(${lastDay}) - ${firstDay}) / greatest(1, sum(${activeDays} - 1))))) AS base_gap`;

/** One row of people, repeaters, base_gap. */
export const baseGap = (table: Sql): Sql => sql`SELECT ${baseGapOf(OF_DAYS)} FROM ${table}`;

/** The same with the cutpoints of RFM: what everybody is measured by. */
export const baseMeasure = (table: Sql): Sql =>
  sql`SELECT ${baseGapOf(OF_DAYS)}, ${rfmCutpointsOf(OF_DAYS)} FROM ${table}`;

const int = (value: number): Sql => sql`toInt32(${p.int(value)})`;

/** What a policy judges by: its rules, and what a predicted rule predicts with. */
export type JudgingPolicy = DormancyPolicy & Pick<StageRules, 'prediction'>;

type WindowDays = { readonly coolingDays: number; readonly dormantDays: number; readonly lostDays: number };

/** The rule as the engine's expressions know it: a predicted one without a model is a window. */
type SettledRule =
  | { readonly kind: 'window'; readonly days: WindowDays }
  | { readonly kind: 'cadence'; readonly rule: Extract<DormancyRule, { kind: 'cadence' }> }
  | { readonly kind: 'predicted'; readonly rule: PredictedRule; readonly prediction: Prediction };

function settled({ rule, prediction }: JudgingPolicy): SettledRule {
  switch (rule.kind) {
    case 'window':
      return { kind: 'window', days: rule };
    case 'cadence':
      return { kind: 'cadence', rule };
    case 'predicted':
      return prediction === undefined
        ? { kind: 'window', days: fallbackThresholds(rule) }
        : { kind: 'predicted', rule, prediction };
    default:
      return unreachable(rule);
  }
}

const windowColumns = ({ coolingDays, dormantDays, lostDays }: WindowDays): Sql =>
  sql`${int(coolingDays)} AS c, ${int(dormantDays)} AS w, ${int(lostDays)} AS l`;

/** `w_each`: a cadence's threshold after each active day. */
const cadenceColumn = (rule: Extract<DormancyRule, { kind: 'cadence' }>, baseGapHundredths: number): Sql => {
  const shrinkage = hundredths(rule.shrinkage);
  return sql`
      arrayMap((d, i) -> toInt32(if(i = 1 AND ${p.int(shrinkage)} = 0, ${p.int(rule.maxDays)}, least(${p.int(rule.maxDays)}, greatest(${p.int(rule.minDays)},
        intDiv(
          ${p.int(hundredths(rule.multiplier))} * (toInt64(d - days[1]) * 10000 + ${p.int(shrinkage * baseGapHundredths)})
            + greatest(1, (toInt64(i) - 1) * 100 + ${p.int(shrinkage)}) * 10000 - 1,
          greatest(1, (toInt64(i) - 1) * 100 + ${p.int(shrinkage)}) * 10000))))), days, arrayEnumerate(days)) AS w_each`;
};

const cadenceLost = (rule: Extract<DormancyRule, { kind: 'cadence' }>, w: Sql): Sql =>
  sql`toInt32(intDiv(${p.int(hundredths(rule.lostMultiplier))} * ${w} + 99, 100))`;

/**
 * WITH columns over `days`, `first` and `last`: the thresholds after the last active day (`c`, `w`, `l`), and the last day that followed a
 * silence longer than cooling (`run_on`) or dormancy (`return_on`), 0 where there was none.
 */
function lastThresholds(settledRule: SettledRule, baseGapHundredths: number): Sql {
  switch (settledRule.kind) {
    case 'window':
      return sql`${windowColumns(settledRule.days)},
      arrayLast((d, g) -> g > c, days, gaps) AS run_on, arrayLast((d, g) -> g > w, days, gaps) AS return_on`;
    case 'cadence':
      return sql`${cadenceColumn(settledRule.rule, baseGapHundredths)},
      w_each[-1] AS w, intDiv(w + 1, 2) AS c, ${cadenceLost(settledRule.rule, sql`w`)} AS l, arrayShiftRight(w_each, 1) AS w_before,
      arrayLast((d, g, v) -> g > intDiv(v + 1, 2), days, gaps, w_before) AS run_on,
      arrayLast((d, g, v) -> g > v, days, gaps, w_before) AS return_on`;
    case 'predicted': {
      const { rule, prediction } = settledRule;
      const now = predictedThresholdsSql(rule, prediction, {
        x: sql`toInt32(length(days)) - 1`,
        spanDays: sql`last - first`,
      });
      const over = outlastsSql(rule, prediction, { x: sql`toInt32(i) - 2`, spanDays: sql`toInt32(d) - g - first` });
      return sql`${now.dormant} AS w, ${now.cooling(sql`w`)} AS c, ${now.lost(sql`w`)} AS l,
      arrayLast((d, g, i) -> i > 1 AND ${over.cooling}, days, gaps, arrayEnumerate(days)) AS run_on,
      arrayLast((d, g, i) -> i > 1 AND ${over.dormant}, days, gaps, arrayEnumerate(days)) AS return_on`;
    }
    default:
      return unreachable(settledRule);
  }
}

export type StageInputs = {
  readonly policy: JudgingPolicy;
  readonly asOf: Day;
  readonly baseGapHundredths: number;
  /** Are there people the policy has sunset (`person_sunsets`)? Then their stages say so. */
  readonly hasSunsets?: boolean;
};

/**
 * Settings for statements that judge everybody. Branches of these expressions cost less than finding out for whom each is needed, and to
 * compile them for one day costs more than it gains.
 */
export const EVERY_ROW = sql`short_circuit_function_evaluation = 'disable', compile_expressions = 0`;
/** Settings for a few aggregates: the same of compiling them. */
const ONCE = sql`compile_aggregate_expressions = 0`;

/** The day she is judged on: `asOf`, or the day after it for somebody whose activity on it is already known. */
const TODAY = (asOf: Day): Sql => sql`greatest(toInt32(toUInt16(${p.day(asOf)})), toInt32(days[-1]))`;

/** A stage as its place in the list of stages: numbers are compared and written faster than names by a third of the whole evaluation. */
const code = (stage: Stage): Sql => sql`toUInt8(${p.int(STAGE_NAMES.indexOf(stage) + 1)})`;

const named = (names: readonly (Stage | Cause)[], place: Sql): Sql =>
  sql`CAST(${p.texts(names)} AS Array(LowCardinality(String)))[${place}]`;

/** `stageAsOf` of everybody: person_id, stage, stage_since, cause, silent_days, threshold_days, active_days, first_on, last_on, spent_cents, lines, items and what is `carried` over. */
export function stagesOf(table: Sql, inputs: StageInputs, carried: Sql = sql`days`): Sql {
  const { policy, asOf, baseGapHundredths } = inputs;
  const stages = sql`
  WITH ${TODAY(asOf)} AS today, toInt32(days[1]) AS first, toInt32(days[-1]) AS last, today - last AS silent,
    arrayDifference(days) AS gaps, ${lastThresholds(settled(policy), baseGapHundredths)},
    toInt32(if(run_on = 0, first, run_on)) AS run_from,
    if(return_on = 0, first + ${int(policy.newDays)}, return_on + ${int(policy.recoveredDays)}) AS settles_on,
    multiIf(
      silent >= l, ${code('lost')},
      silent >= w, if(return_on > 0 AND last + w - return_on < ${int(policy.relapsedDays)}, ${code('relapsed')}, ${code('dormant')}),
      silent >= c, ${code('cooling')},
      today >= settles_on, ${code('active')},
      return_on > 0, ${code('recovered')},
      ${code('new')}) AS stage_now
  SELECT person_id, ${named(STAGE_NAMES, sql`stage_now`)} AS stage,
    toDate(toUInt16(multiIf(
      silent >= l, last + l, silent >= w, last + w, silent >= c, last + c,
      stage_now = ${code('active')}, greatest(run_from, settles_on),
      run_from))) AS stage_since,
    ${named(
      ['silence', 'time', 'first_seen', 'activity'],
      sql`multiIf(silent >= c, toUInt8(1), stage_now = ${code('active')} AND settles_on > run_from, 2, run_from = first, 3, 4)`,
    )} AS cause,
    toUInt32(silent) AS silent_days, toUInt32(w) AS threshold_days, toUInt32(length(days)) AS active_days,
    toDate(days[1]) AS first_on, toDate(days[-1]) AS last_on, spent_cents, lines, items, ${carried}
  FROM ${table}`;
  return inputs.hasSunsets === true ? overlaid(stages, policy, asOf, carried) : stages;
}

/** How `historyOf` cuts runs: WITH columns, when a gap `g` before the `i`-th active day ends a run, and the thresholds after the runs' `ends`. */
function runThresholds(
  settledRule: SettledRule,
  baseGapHundredths: number,
): { readonly columns: Sql; readonly isBreak: Sql; readonly ws: Sql; readonly cs: Sql; readonly ls: Sql } {
  switch (settledRule.kind) {
    case 'window':
      return {
        columns: windowColumns(settledRule.days),
        isBreak: sql`g > c`,
        ws: sql`arrayMap(i -> w, starts)`,
        cs: sql`arrayMap(i -> c, starts)`,
        ls: sql`arrayMap(i -> l, starts)`,
      };
    case 'cadence':
      return {
        columns: cadenceColumn(settledRule.rule, baseGapHundredths),
        isBreak: sql`g > intDiv(w_each[i - 1] + 1, 2)`,
        ws: sql`arrayMap(i -> w_each[i], ends)`,
        cs: sql`arrayMap(v -> intDiv(v + 1, 2), ws)`,
        ls: sql`arrayMap(v -> ${cadenceLost(settledRule.rule, sql`v`)}, ws)`,
      };
    case 'predicted': {
      const { rule, prediction } = settledRule;
      const before = { x: sql`toInt32(i) - 2`, spanDays: sql`toInt32(d) - g - first` };
      const after = predictedThresholdsSql(rule, prediction, { x: sql`toInt32(i) - 1`, spanDays: sql`t - first` });
      return {
        columns: sql`0 AS unused`,
        isBreak: outlastsSql(rule, prediction, before).cooling,
        ws: sql`arrayMap((i, t) -> ${after.dormant}, ends, tos)`,
        cs: sql`arrayMap((i, t, v) -> ${after.cooling(sql`v`)}, ends, tos, ws)`,
        ls: sql`arrayMap((i, t, v) -> ${after.lost(sql`v`)}, ends, tos, ws)`,
      };
    }
    default:
      return unreachable(settledRule);
  }
}

/** `stageHistory` of everybody, one row per change: person_id, changed_on, from_stage ('' for the first), to_stage, cause. */
export function historyOf(table: Sql, { policy, asOf, baseGapHundredths }: StageInputs): Sql {
  const after = runThresholds(settled(policy), baseGapHundredths);
  return sql`
  SELECT person_id, toDate(toUInt16(change.1)) AS changed_on, change.2 AS from_stage, change.3 AS to_stage, change.4 AS cause
  FROM (
    WITH ${TODAY(asOf)} AS today, toInt32(days[1]) AS first, arrayDifference(days) AS gaps, ${after.columns},
      arrayFilter((i, g, d) -> i = 1 OR ${after.isBreak}, arrayEnumerate(days), gaps, days) AS starts,
      arrayPushBack(arrayMap(i -> toUInt32(i - 1), arrayPopFront(starts)), toUInt32(length(days))) AS ends,
      arrayMap(i -> toInt32(days[i]), starts) AS froms, arrayMap(i -> toInt32(days[i]), ends) AS tos,
      ${after.ws} AS ws, ${after.cs} AS cs, ${after.ls} AS ls,
      arrayPushBack(arrayPopFront(froms), toInt32(1000000)) AS nexts,
      arrayFill(r -> r != 0, arrayMap((f, i) -> if(i > 1 AND f - tos[i - 1] > ws[i - 1], f, toInt32(0)), froms, arrayEnumerate(froms))) AS returns,
      arrayMap(r -> if(r = 0, first + ${int(policy.newDays)}, r + ${int(policy.recoveredDays)}), returns) AS settles,
      arrayFlatten(arrayMap((f, t, n, r, s, wd, cd, ld) -> arrayFilter(x -> x.1 < n AND x.1 <= today AND x.2 != '', [
        (f, multiIf(f >= s, 'active', r = 0, 'new', 'recovered'), if(f = first, 'first_seen', 'activity')),
        (s, if(f < s AND s < t + cd, 'active', ''), 'time'),
        (t + cd, 'cooling', 'silence'),
        (t + wd, if(r > 0 AND t + wd - r < ${int(policy.relapsedDays)}, 'relapsed', 'dormant'), 'silence'),
        (t + ld, 'lost', 'silence')
      ]), froms, tos, nexts, returns, settles, ws, cs, ls)) AS moments,
      arrayShiftRight(arrayMap(m -> m.2, moments), 1) AS froms_of
    SELECT person_id, arrayJoin(arrayMap((m, s) -> (m.1, s, m.2, m.3), moments, froms_of)) AS change
    FROM ${table}
  )`;
}

/** Columns of `person_states` in the table's order, for INSERT … SELECT by name. */
export const STATE_COLUMNS = sql`policy_id, person_id, policy_version, as_of, stage, stage_since, cause, silent_days, threshold_days,
  active_days, first_on, last_on, spent_cents, recency_quintile, frequency_quintile, monetary_quintile, rfm_group,
  return_probability, expected_value_cents, computed_at, days, lines, items`;

/** What was recorded before: is there an evaluation of this policy, of which version and day? */
export const lastEvaluation = (policyId: string): Sql => sql`
  SELECT toString(max(as_of)) AS as_of, max(policy_version) AS version, count() AS people
  FROM person_states WHERE policy_id = ${p.text(policyId)}`;

const recorded = (policyId: string, columns: Sql, where: Sql = sql`1`): Sql =>
  sql`(SELECT ${columns} FROM person_states FINAL WHERE policy_id = ${p.text(policyId)} AND ${where})`;

/** What the next evaluation takes over of a person: the columns of active days that are no snapshot's. */
export const ACTIVE_DAYS = sql`person_id, days, spent_cents, lines, items`;

/** What the next evaluation finds of the last one. */
export type Carried = {
  readonly policyId: string;
  /** Table of the shape of active days with the people who have news; undefined where nobody has. */
  readonly renewed: Sql | undefined;
  /** Has anybody been judged again since the last evaluation? */
  readonly isRefreshed: boolean;
};

/**
 * Columns of `person_states`, one row a person without news. Who was judged again since the last evaluation has a second row until the engine
 * merges them. An evaluation writes everybody with one `computed_at` and every later judgement has a later one, so that only the few need to
 * be told apart, and the rest comes as it is stored: in order.
 */
const untouched = ({ policyId, renewed, isRefreshed }: Carried, columns: Sql): Sql => {
  const ofPolicy = sql`policy_id = ${p.text(policyId)}`;
  const known = sql`${ofPolicy}
    ${renewed === undefined ? empty : sql`AND person_id NOT IN (SELECT person_id FROM ${renewed})`}`;
  if (!isRefreshed) return sql`SELECT ${columns} FROM person_states WHERE ${known}`;
  const isLater = sql`computed_at > (SELECT min(computed_at) FROM person_states WHERE ${ofPolicy})`;
  return sql`SELECT ${columns} FROM person_states
      WHERE ${known} AND person_id NOT IN (SELECT person_id FROM person_states WHERE ${ofPolicy} AND ${isLater})
    UNION ALL SELECT ${columns} FROM (
      SELECT * FROM person_states WHERE ${known} AND ${isLater} ORDER BY computed_at DESC LIMIT 1 BY person_id)`;
};

/** Everybody's active days as recorded at the last evaluation, but for the people of `renewed`, who are read from it. */
export const carriedDays = (carried: Carried): Sql => {
  const { renewed } = carried;
  return sql`(${untouched(carried, ACTIVE_DAYS)}
    ${renewed === undefined ? empty : sql`UNION ALL SELECT ${ACTIVE_DAYS} FROM ${renewed}`})`;
};

const HISTORY: History = { firstDay: sql`first_day`, lastDay: sql`last_day`, activeDays: sql`active_days` };

/** `baseMeasure` of `carriedDays`, without reading the days. */
export const carriedMeasure = (carried: Carried): Sql => {
  const { renewed } = carried;
  return sql`SELECT ${baseGapOf(HISTORY)}, ${rfmCutpointsOf(HISTORY)} FROM (
    ${untouched(carried, sql`toUInt16(first_on) AS first_day, toUInt16(last_on) AS last_day, active_days, spent_cents`)}
    ${
      renewed === undefined
        ? empty
        : sql`UNION ALL SELECT days[1] AS first_day, days[-1] AS last_day, toUInt32(length(days)) AS active_days, spent_cents FROM ${renewed}`
    }) SETTINGS ${ONCE}`;
};

/** The people (and their active days) whose stage can have changed since the last evaluation: the rest needs no history. */
export const fillMoved = (moved: Sql, activeDays: Sql, states: Sql, policyId: string): Sql => sql`
  INSERT INTO ${moved} (${ACTIVE_DAYS})
  SELECT ${ACTIVE_DAYS} FROM ${activeDays} WHERE person_id IN (
    SELECT n.person_id FROM ${states} AS n
    LEFT ANY JOIN ${recorded(policyId, sql`person_id, stage, stage_since, last_on`)} AS o ON n.person_id = o.person_id
    WHERE o.person_id = '' OR n.stage != o.stage OR n.stage_since != o.stage_since OR n.last_on != o.last_on)`;

/** The same where active days were carried over: without news only time moves somebody, and her old stage stands beside her days. */
export const fillMovedCarried = (moved: Sql, carried: Carried, inputs: StageInputs): Sql => {
  const { renewed } = carried;
  const before = sql`(${untouched(carried, sql`${ACTIVE_DAYS}, stage AS old_stage, stage_since AS old_since`)})`;
  return sql`
  INSERT INTO ${moved} (${ACTIVE_DAYS}) SETTINGS ${EVERY_ROW}
  SELECT ${ACTIVE_DAYS} FROM (${stagesOf(before, inputs, sql`days, old_stage, old_since`)}) WHERE stage != old_stage OR stage_since != old_since
  ${renewed === undefined ? empty : sql`UNION ALL SELECT ${ACTIVE_DAYS} FROM ${renewed}`}`;
};

export type ChangeInputs = StageInputs & { readonly version: number; readonly now: Date };

const movedOnly = (moved: Sql): Sql => sql`person_id IN (SELECT person_id FROM ${moved})`;

const CHANGE_COLUMNS = sql`policy_id, policy_version, person_id, from_stage, to_stage, changed_on, cause, computed_at`;

/**
 * Writes stage changes since each person's previous evaluation under this version; of people never evaluated, their whole history. Somebody
 * whose activity after the evaluated day was taken in has been judged up to that day.
 */
export const insertChanges = (moved: Sql, inputs: ChangeInputs): Sql => sql`
  INSERT INTO stage_changes (${CHANGE_COLUMNS}) SETTINGS optimize_on_insert = 0
  SELECT ${p.text(inputs.policy.policyId)}, toUInt32(${p.int(inputs.version)}), h.person_id, h.from_stage, h.to_stage, h.changed_on, h.cause,
    ${p.instant(inputs.now)}
  FROM (${historyOf(moved, inputs)}) AS h LEFT ANY JOIN ${recorded(
    inputs.policy.policyId,
    sql`person_id, policy_version, greatest(as_of, last_on) AS judged_until`,
    movedOnly(moved),
  )} AS b ON h.person_id = b.person_id
  WHERE (b.person_id = '' OR (b.policy_version = ${p.int(inputs.version)} AND h.changed_on > b.judged_until))
    ${inputs.hasSunsets === true ? sql`AND ${NOT_SUNSET(inputs.policy.policyId, sql`h.person_id`)}` : sql``}`;

/**
 * Writes one row for each person whose stage differs without a dated change: a new policy version sees her otherwise (dated `asOf`),
 * events that arrived late rewrote the past before her previous evaluation, or a sunset began or ended (dated where the new stage began).
 * Runs after `insertChanges`.
 */
export const insertCorrections = (moved: Sql, states: Sql, inputs: ChangeInputs): Sql => sql`
  INSERT INTO stage_changes (${CHANGE_COLUMNS}) SETTINGS optimize_on_insert = 0
  SELECT ${p.text(inputs.policy.policyId)}, toUInt32(${p.int(inputs.version)}), n.person_id, b.stage, n.stage,
    if(b.policy_version = n.policy_version, n.stage_since, n.as_of), if(b.policy_version = n.policy_version, n.cause, 'policy_changed'),
    ${p.instant(inputs.now)}
  FROM (SELECT * FROM ${states} WHERE ${movedOnly(moved)}) AS n
  INNER JOIN ${recorded(inputs.policy.policyId, sql`person_id, stage, policy_version`, movedOnly(moved))} AS b ON n.person_id = b.person_id
  WHERE n.stage != b.stage AND n.person_id NOT IN (
    SELECT person_id FROM stage_changes WHERE policy_id = ${p.text(inputs.policy.policyId)} AND computed_at = ${p.instant(inputs.now)})`;

/** Puts the states of some people beside the others': the latest of a person counts. */
export const mergeStates = (states: Sql): Sql => sql`
  INSERT INTO person_states (${STATE_COLUMNS}) SELECT ${STATE_COLUMNS} FROM ${states}`;

export const dropTable = (table: Sql): Sql => sql`DROP TABLE IF EXISTS ${table}`;
export const createStates = (table: Sql): Sql => sql`CREATE TABLE ${table} AS ${ident('person_states')}`;
/** Its parts are merged once they are published: before that the engine would only take time from those who write them. */
export const leaveUnmerged = (table: Sql): Sql =>
  sql`ALTER TABLE ${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1`;

/** Scratch tables that a killed process left behind. By the engine's own clock: they are about processes, not about business days. */
export const LEFTOVERS = sql`
  SELECT name FROM system.tables
  WHERE database = currentDatabase() AND startsWith(name, 'scratch_') AND metadata_modification_time < now() - INTERVAL 1 DAY`;
