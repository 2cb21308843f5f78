// Dormant people and revenue at risk by group, over a policy's last evaluation: one statement for the groups, one for the stages.
import { leftOutMoney } from '../../collect/money.sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { recordedEvaluation } from '../dormancy/evaluations.sql.ts';
import { DORMANT_STAGES, STAGE_NAMES, STAGES, type Stage } from '../dormancy/stage.ts';
import { wilson } from '../surveys/tally.ts';
import { DIMENSIONS, groupLabel, groupsQuery, OTHER_GROUP } from './dimension.ts';
import type { Risk, RiskFigures, RiskQuery } from './risk.ts';

/** The pace is that of this many days up to and including the last active one. */
const PACE_DAYS = 365;

type Counted = {
  readonly people: number;
  readonly dormant: number;
  readonly dormant_spent: number;
  readonly all_pace: number;
  readonly all_expected: number;
  readonly modelled: number;
  readonly all_at_risk: number;
};

export type RiskInput = {
  readonly policyId: string;
  readonly activity: readonly string[];
  readonly states: Sql;
  readonly asOf: Day;
  readonly horizonDays: number;
};

/**
 * One row per person of `states`: person_id, stage, spent_cents, is_dormant, is_going (cooling or dormant), and for the horizon pace,
 * expected (NULL without a model) and at_risk, in cents. A person's own risk is never below zero.
 */
const peopleAtRisk = ({ activity, states, asOf, horizonDays }: RiskInput, days: Sql): Sql => sql`
  SELECT s.person_id AS person_id, s.stage AS stage, s.spent_cents AS spent_cents, has(${p.texts(DORMANT_STAGES)}, s.stage) AS is_dormant,
    is_dormant OR s.stage = 'cooling' AS is_going, if(is_going, y.spent * ${p.int(horizonDays)} / ${p.int(PACE_DAYS)}, 0) AS pace,
    if(is_going, s.expected_value_cents, 0) AS expected, if(is_going, greatest(0, pace - ifNull(expected, 0)), 0) AS at_risk
  FROM ${states} AS s LEFT ANY JOIN (
    SELECT d.person_id AS person_id, sumIf(d.money_cents, d.day > q.last_on - ${p.int(PACE_DAYS)} AND d.day <= q.last_on) AS spent
    FROM (SELECT person_id, day, money_cents FROM ${days} WHERE name IN ${p.texts(activity)} AND day <= ${p.day(asOf)}) AS d
    INNER JOIN ${states} AS q ON q.person_id = d.person_id GROUP BY person_id
  ) AS y ON y.person_id = s.person_id`;

const SUMS = sql`count() AS people, countIf(is_dormant) AS dormant, sumIf(spent_cents, is_dormant) AS dormant_spent, sum(pace) AS all_pace,
  sum(expected) AS all_expected, countIf(is_going AND expected IS NOT NULL) AS modelled, sum(at_risk) AS all_at_risk`;

const figuresOf = (row: Counted): RiskFigures => {
  const { share, low, high } = wilson(row.dormant, row.people);
  return {
    people: row.people,
    dormantPeople: row.dormant,
    dormantShare: share,
    low,
    high,
    dormantSpentCents: row.dormant_spent,
    paceCents: Math.round(row.all_pace),
    expectedCents: row.modelled === 0 ? null : Math.round(row.all_expected),
    atRiskCents: Math.round(row.all_at_risk),
  };
};

/** By group over any table of states (columns of `person_states`), published or scratch. */
export async function riskBy(events: Events, input: RiskInput, query: RiskQuery): Promise<Risk> {
  const { policyId, asOf, activity, horizonDays } = input;
  const { limit, ...dimension } = query;
  const { days } = await personSource(events);
  const groups = await groupsQuery(events, dimension, { activity, asOf, policyId });
  const people = peopleAtRisk(input, days);
  const rows = await events.rows<Counted & { readonly group: string }>(sql`
    WITH grouped AS (SELECT r.*, g.value AS value FROM (${people}) AS r LEFT ANY JOIN (${groups}) AS g ON g.person_id = r.person_id),
      (SELECT groupArray(value) FROM (
        SELECT value FROM grouped GROUP BY value ORDER BY countIf(is_dormant) DESC, count() DESC, value LIMIT ${p.int(limit)})) AS largest
    SELECT if(has(largest, value), value, ${p.text(OTHER_GROUP)}) AS group, ${SUMS}
    FROM grouped GROUP BY group ORDER BY group = ${p.text(OTHER_GROUP)}, dormant DESC, people DESC, group`);
  const stages = await events.rows<Counted & { readonly stage: Stage }>(
    sql`SELECT toString(stage) AS stage, ${SUMS} FROM (${people}) GROUP BY stage`,
  );
  const [all] = await events.rows<Counted>(sql`SELECT ${SUMS} FROM (${people})`);
  const { label } = DIMENSIONS[dimension.by];
  return {
    policyId,
    asOf,
    horizonDays,
    leftOut: await leftOutMoney(events, { names: activity, until: asOf }),
    total: figuresOf(all!),
    stages: STAGE_NAMES.filter((stage) => stage === 'cooling' || STAGES[stage].isDormant).map((stage) => {
      const row = stages.find((each) => each.stage === stage);
      const found = row === undefined ? undefined : figuresOf(row);
      return {
        stage,
        label: { en: STAGES[stage].en, zh: STAGES[stage].zh },
        people: row?.people ?? 0,
        paceCents: found?.paceCents ?? 0,
        expectedCents: found?.expectedCents ?? null,
        atRiskCents: found?.atRiskCents ?? 0,
      };
    }),
    groupedBy: { en: label.en, zh: label.zh },
    groups: rows.map((row) => ({ group: row.group, label: groupLabel(dimension, row.group), ...figuresOf(row) })),
  };
}

/** As last evaluated. Throws `not_found` before the first evaluation, `invalid` for a grouping that lacks what it needs. */
export async function riskOf(
  events: Events,
  { policyId, activity }: { readonly policyId: string; readonly activity: readonly string[] },
  query: RiskQuery,
): Promise<Risk> {
  const evaluation = await recordedEvaluation(events, policyId);
  if (evaluation === undefined)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  const { asOf, horizonDays } = evaluation;
  const states = sql`(SELECT * FROM person_states FINAL WHERE policy_id = ${p.text(policyId)})`;
  return riskBy(events, { policyId, activity, states, asOf, horizonDays }, query);
}
