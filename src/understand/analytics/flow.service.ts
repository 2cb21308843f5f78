// Stages over time from the recorded changes: where everybody stood at the end of each period, in one pass over `stage_changes`.
import { addDays, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { CAUSES, DORMANT_STAGES, STAGE_NAMES, STAGES, type Cause, type Stage } from '../dormancy/stage.ts';
import { evaluatedUntil } from '../dormancy/states.sql.ts';
import {
  flowLabel,
  NOT_YET,
  nodeId,
  type DormancyOverTime,
  type FlowStage,
  type OverTimeQuery,
  type StageFlow,
} from './flow.ts';
import { periodEnds, startOf } from './period.ts';

/** About half a year before the end, where no beginning is given. */
const DEFAULT_DAYS = 182;

async function endsOf(events: Events, policyId: string, query: OverTimeQuery): Promise<Day[]> {
  const until = await evaluatedUntil(events, policyId);
  if (until === undefined)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  const to = query.to ?? until;
  if (to > until) {
    throw new RekindleError('invalid', {
      where: 'to',
      what: { en: `the policy was evaluated up to ${until}`, zh: `该规则仅评估至 ${until}` },
    });
  }
  return periodEnds(query.from ?? addDays(to, -DEFAULT_DAYS), to, query.unit);
}

/** Under a policy a person's changes are in order by day; of those of one day the one written last counts. */
const changesOf = (policyId: string): Sql => sql`
  SELECT person_id, arraySort(groupArray((changed_on, computed_at, toString(to_stage)))) AS changes
  FROM stage_changes FINAL WHERE policy_id = ${p.text(policyId)} GROUP BY person_id`;

/** person_id and `stages`: where she stood at the end of each of `ends`, '' before she was first seen. */
const stagesAt = (policyId: string, ends: readonly Day[]): Sql => sql`
  SELECT arrayMap(on -> arrayLast(c -> c.1 <= on, changes).3, [${joined(
    ends.map((on) => sql`toDate(${p.day(on)})`),
    ', ',
  )}]) AS stages
  FROM (${changesOf(policyId)})`;

const stageName = (stage: string): FlowStage => (stage === '' ? NOT_YET : (stage as Stage));
const ORDER: readonly FlowStage[] = [NOT_YET, ...STAGE_NAMES];
const place = (stage: FlowStage): number => ORDER.indexOf(stage);

/** Throws `not_found` for a policy never evaluated, `invalid` for days that make no columns. */
export async function stageFlow(events: Events, policyId: string, query: OverTimeQuery): Promise<StageFlow> {
  const columns = await endsOf(events, policyId, query);
  if (columns.length < 2)
    throw new RekindleError('invalid', {
      where: 'from',
      what: { en: `a flow runs over two ${query.unit}s at least`, zh: `流转至少需要两个周期（${query.unit}）` },
    });
  const pairs = await events.rows<{ column: number; before: string; after: string; people: number }>(sql`
    SELECT i - 1 AS column, stages[i] AS before, stages[i + 1] AS after, count() AS people
    FROM (${stagesAt(policyId, columns)}) ARRAY JOIN range(1, ${p.int(columns.length)}) AS i
    GROUP BY column, before, after`);
  const links = pairs
    .map(({ column, before, after, people }) => ({
      column,
      before: stageName(before),
      after: stageName(after),
      people,
    }))
    // Who is not a customer at either end is nobody's news.
    .filter(({ before, after }) => before !== NOT_YET || after !== NOT_YET)
    .toSorted((a, b) => a.column - b.column || place(a.before) - place(b.before) || place(a.after) - place(b.after));
  const nodes = columns.flatMap((on, column) =>
    ORDER.flatMap((stage) => {
      const leaving = links.filter((link) => link.column === column && link.before === stage);
      const arriving = links.filter((link) => link.column === column - 1 && link.after === stage);
      const people = (column < columns.length - 1 ? leaving : arriving).reduce((sum, link) => sum + link.people, 0);
      return people === 0 ? [] : [{ id: nodeId(on, stage), on, stage, label: flowLabel(stage), people }];
    }),
  );
  const moves = await events.rows<{ from: string; to: Stage; cause: Cause; changes: number }>(sql`
    SELECT toString(from_stage) AS from, toString(to_stage) AS to, toString(cause) AS cause, count() AS changes
    FROM stage_changes FINAL
    WHERE policy_id = ${p.text(policyId)} AND changed_on > ${p.day(columns[0]!)} AND changed_on <= ${p.day(columns.at(-1)!)}
    GROUP BY from, to, cause ORDER BY changes DESC, from, to, cause`);
  return {
    policyId,
    unit: query.unit,
    columns,
    nodes,
    links: links.map(({ column, before, after, people }) => ({
      source: nodeId(columns[column]!, before),
      target: nodeId(columns[column + 1]!, after),
      people,
    })),
    moves: moves.map(({ from, to, cause, changes }) => ({
      from: stageName(from),
      to,
      cause,
      causeLabel: { en: CAUSES[cause].en, zh: CAUSES[cause].zh },
      changes,
    })),
  };
}

/** Throws as `stageFlow`. */
export async function dormancyOverTime(
  events: Events,
  policyId: string,
  query: OverTimeQuery,
): Promise<DormancyOverTime> {
  const ends = await endsOf(events, policyId, query);
  const counted = await events.rows<{ period: number; stage: Stage; people: number }>(sql`
    SELECT i - 1 AS period, stages[i] AS stage, count() AS people
    FROM (${stagesAt(policyId, ends)}) ARRAY JOIN arrayEnumerate(stages) AS i WHERE stage != '' GROUP BY period, stage`);
  const isDormant = (stage: Sql): Sql => sql`has(${p.texts(DORMANT_STAGES)}, toString(${stage}))`;
  const dates = joined(
    ends.map((on) => sql`toDate(${p.day(on)})`),
    ', ',
  );
  const moved = await events.rows<{ period: number; first: number; fell: number; returned: number }>(sql`
    SELECT arrayFirstIndex(on -> changed_on <= on, [${dates}]) - 1 AS period, countIf(from_stage = '') AS first,
      countIf(${isDormant(sql`to_stage`)} AND NOT ${isDormant(sql`from_stage`)}) AS fell,
      countIf(${isDormant(sql`from_stage`)} AND NOT ${isDormant(sql`to_stage`)}) AS returned
    FROM stage_changes FINAL
    WHERE policy_id = ${p.text(policyId)} AND changed_on >= ${p.day(startOf(ends[0]!, query.unit))} AND changed_on <= ${p.day(ends.at(-1)!)}
    GROUP BY period`);
  return {
    policyId,
    unit: query.unit,
    periods: ends.map((on, i) => {
      const stages = Object.fromEntries(
        STAGE_NAMES.map((stage) => [
          stage,
          counted.find((row) => row.period === i && row.stage === stage)?.people ?? 0,
        ]),
      ) as Record<Stage, number>;
      const people = STAGE_NAMES.reduce((sum, stage) => sum + stages[stage], 0);
      const dormantPeople = STAGE_NAMES.reduce((sum, stage) => sum + (STAGES[stage].isDormant ? stages[stage] : 0), 0);
      const moves = moved.find((row) => row.period === i);
      return {
        on,
        people,
        dormantPeople,
        dormantShare: people === 0 ? 0 : dormantPeople / people,
        stages,
        firstSeen: moves?.first ?? 0,
        becameDormant: moves?.fell ?? 0,
        returned: moves?.returned ?? 0,
      };
    }),
  };
}
