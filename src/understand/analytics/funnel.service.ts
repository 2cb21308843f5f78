// Counts a funnel in the events store: one pass over the events that matter, one fold per person, one row per group and step.
import { personSource } from '../../collect/people/person-of.sql.ts';
import { addDays, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { PURCHASE } from '../recommend/training.service.ts';
import { wilson } from '../surveys/tally.ts';
import { DIMENSIONS, groupLabel, groupsQuery } from './dimension.ts';
import { funnelProgress } from './funnel.sql.ts';
import {
  stepLabel,
  type Funnel,
  type FunnelQuery,
  type FunnelRange,
  type FunnelStep,
  type FunnelStepResult,
} from './funnel.ts';
import { peopleIn } from './whom.sql.ts';

type Counted = { readonly group: string; readonly step: number; readonly people: number; readonly half_ms: number };

function stepsOf(steps: readonly FunnelStep[], rows: readonly Counted[]): FunnelStepResult[] {
  const at = (k: number): Counted | undefined => rows.find((row) => row.step === k);
  const first = at(0)?.people ?? 0;
  return steps.map((step, k) => {
    const people = at(k)?.people ?? 0;
    const before = k === 0 ? people : (at(k - 1)?.people ?? 0);
    const gone = k === 0 || before === 0 ? undefined : wilson(people, before);
    return {
      label: stepLabel(step),
      people,
      ofFirst: first === 0 ? null : people / first,
      ofPrevious: k === 0 ? (first === 0 ? null : 1) : (gone?.share ?? null),
      low: gone?.low ?? null,
      high: gone?.high ?? null,
      medianHours: k === 0 || people === 0 ? null : at(k)!.half_ms / 3_600_000,
    };
  });
}

/** Days counted where none are given. */
const DEFAULT_DAYS = 90;

/** The query with its days settled. Throws `not_enough_data` where no step ever happened, so that there is no last day. */
async function rangeOf(events: Events, { steps, windowDays, ...given }: FunnelQuery): Promise<FunnelRange> {
  let { to } = given;
  if (to === undefined) {
    const names = steps.flatMap((step) => step.events);
    const [last] = await events.rows<{ seen: number; day: Day }>(
      sql`SELECT count() AS seen, toString(max(day)) AS day FROM actor_days WHERE name IN ${p.texts(names)}`,
    );
    if (last === undefined || last.seen === 0)
      throw new RekindleError('not_enough_data', {
        what: { en: `nobody did ${names.join(', ')}`, zh: `没有人做过 ${names.join('、')}` },
      });
    to = last.day;
  }
  const from = given.from ?? addDays(to, 1 - DEFAULT_DAYS);
  if (from > to)
    throw new RekindleError('invalid', {
      where: 'from',
      what: { en: `${from} is after ${to}`, zh: `${from} 晚于 ${to}` },
    });
  return { steps, windowDays, from, to };
}

/** Throws `not_enough_data` as `rangeOf`, `invalid` for a grouping or segment that lacks its policy, `not_found` for a policy never evaluated. */
export async function countFunnel(events: Events, query: FunnelQuery): Promise<Funnel> {
  const { groupBy, groupsShown, policyId } = query;
  const range = await rangeOf(events, query);
  const { steps, windowDays, from, to } = range;
  const { events: source } = await personSource(events);
  const whom = await peopleIn(events, { policyId, segment: query.segment });
  const activity = steps[0]!.events;
  const groups =
    groupBy === undefined
      ? undefined
      : await groupsQuery(events, groupBy, {
          // What somebody bought is in her orders, whatever the funnel is about.
          activity: groupBy.by === 'first_month' ? activity : PURCHASE,
          asOf: addDays(to, windowDays),
          policyId,
        });
  const counts = (value: Sql, join: Sql): Sql => sql`
    SELECT ${value} AS group, step, count() AS people, quantileExactLow(0.5)(ms) AS half_ms
    FROM (${funnelProgress(range, source, whom)}) AS f ${join}
    ARRAY JOIN arrayEnumerate(arrayPushFront(f.took, 0)) AS place, arrayPushFront(f.took, 0) AS ms
    WHERE f.began AND ms >= 0 GROUP BY group, place - 1 AS step`;
  const everybody = await events.rows<Counted>(counts(sql`''`, sql``));
  const shown: Funnel['groups'] = [];
  if (groups !== undefined && groupBy !== undefined) {
    const rows = await events.rows<Counted>(sql`
      WITH counted AS (${counts(sql`g.value`, sql`LEFT ANY JOIN (${groups}) AS g ON g.person_id = f.person_id`)}),
        (SELECT groupArray(group) FROM (SELECT group FROM counted WHERE step = 0 ORDER BY people DESC, group LIMIT ${p.int(groupsShown)})) AS largest
      SELECT * FROM counted WHERE has(largest, group) ORDER BY group, step`);
    const byGroup = Map.groupBy(rows, (row) => row.group);
    const size = (of: readonly Counted[]): number => of.find((row) => row.step === 0)?.people ?? 0;
    for (const [group, of] of [...byGroup].toSorted(([, a], [, b]) => size(b) - size(a)))
      shown.push({ group, label: groupLabel(groupBy, group), steps: stepsOf(steps, of) });
  }
  const dimension = groupBy === undefined ? null : DIMENSIONS[groupBy.by].label;
  return {
    from,
    to,
    windowDays,
    steps: stepsOf(steps, everybody),
    groupedBy: dimension === null ? null : { en: dimension.en, zh: dimension.zh },
    groups: shown,
  };
}
