// Cohorts over the per-day roll-up: one statement, however many people.
import { leftOutMoney } from '../../collect/money.sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { addDays, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { PURCHASE } from '../recommend/training.service.ts';
import { wilson } from '../surveys/tally.ts';
import { nextStart, periodsSql, startSql } from './period.ts';
import type { Retention, RetentionQuery } from './retention.ts';
import { peopleIn } from './whom.sql.ts';

type Row = {
  readonly cohort: Day;
  readonly people: number;
  readonly periods: number[];
  readonly active: number[];
  readonly spent: number[];
};

const cohortsQuery = (
  days: Sql,
  whom: Sql | undefined,
  given: {
    readonly query: RetentionQuery;
    readonly activity: readonly string[];
    readonly returning: readonly string[];
    readonly asOf: Day;
  },
): Sql => {
  const { query, activity, returning, asOf } = given;
  const { unit, from, to, periods } = query;
  const inRange = sql`day <= ${p.day(asOf)} ${whom === undefined ? sql`` : sql`AND person_id IN (${whom})`}`;
  return sql`
    WITH first AS (
      SELECT person_id, ${startSql(sql`min(day)`, unit)} AS cohort FROM ${days}
      WHERE name IN ${p.texts(activity)} AND ${inRange} GROUP BY person_id
      HAVING 1 ${from === undefined ? sql`` : sql`AND cohort >= ${startSql(sql`toDate(${p.day(from)})`, unit)}`}
        ${to === undefined ? sql`` : sql`AND cohort <= ${p.day(to)}`}
    ), sizes AS (SELECT cohort, count() AS people FROM first GROUP BY cohort),
    cells AS (
      SELECT f.cohort AS cohort, ${periodsSql(sql`f.cohort`, sql`a.period`, unit)} AS later, uniqExact(a.person_id) AS active, sum(a.spent) AS spent
      FROM (SELECT person_id, ${startSql(sql`day`, unit)} AS period, sum(money_cents) AS spent FROM ${days}
        WHERE name IN ${p.texts(returning)} AND ${inRange} GROUP BY person_id, period) AS a
      INNER JOIN first AS f ON f.person_id = a.person_id
      WHERE a.period >= f.cohort AND later <= ${p.int(periods)} GROUP BY cohort, later
    )
    SELECT toString(s.cohort) AS cohort, any(s.people) AS people, groupArray(c.later) AS periods, groupArray(c.active) AS active, groupArray(c.spent) AS spent
    FROM sizes AS s LEFT JOIN cells AS c ON c.cohort = s.cohort GROUP BY cohort ORDER BY cohort`;
};

/** Throws `not_enough_data` where the activity never occurred, `invalid` and `not_found` as `peopleIn`. */
export async function retentionOf(events: Events, query: RetentionQuery): Promise<Retention> {
  const { unit, periods, activity = PURCHASE, returning = activity } = query;
  const { days } = await personSource(events);
  const [last] = await events.rows<{ seen: number; day: Day }>(sql`
    SELECT count() AS seen, toString(max(day)) AS day FROM actor_days WHERE name IN ${p.texts([...activity, ...returning])}`);
  if (last === undefined || last.seen === 0)
    throw new RekindleError('not_enough_data', {
      what: { en: `nobody did ${activity.join(', ')}`, zh: `没有人做过 ${activity.join('、')}` },
    });
  const asOf = query.asOf ?? last.day;
  const whom = await peopleIn(events, query);
  const rows = await events.rows<Row>(cohortsQuery(days, whom, { query, activity, returning, asOf }));
  const cohorts = rows.map(({ cohort, people, periods: seen, active, spent }) => {
    const cells: Retention['cohorts'][number]['cells'] = [];
    for (let period = 0, start = cohort; period <= periods && start <= asOf; period++, start = nextStart(start, unit)) {
      const at = seen.indexOf(period);
      const there = active[at] ?? 0;
      const isOver = addDays(nextStart(start, unit), -1) <= asOf;
      cells.push({ period, people: there, share: there / people, spentCents: spent[at] ?? 0, isOver });
    }
    return { cohort, people, cells };
  });
  const overall = Array.from({ length: periods + 1 }, (_, period) => {
    const over = cohorts.flatMap(({ people, cells }) => {
      const cell = cells[period];
      return cell?.isOver === true ? [{ people: cell.people, of: people }] : [];
    });
    const people = over.reduce((sum, each) => sum + each.people, 0);
    const of = over.reduce((sum, each) => sum + each.of, 0);
    return { period, people, of, ...wilson(people, of) };
  }).filter(({ of }) => of > 0);
  const leftOut = await leftOutMoney(events, { names: returning, until: asOf });
  return { unit, asOf, leftOut, activity: [...activity], returning: [...returning], cohorts, overall };
}
