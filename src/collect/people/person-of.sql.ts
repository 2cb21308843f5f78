// Which person does an event belong to now? Events keep the id they arrived with; links made later (sign-in, merge) are joined at read time.
import { empty, sql, type Sql } from '../../kernel/sql.ts';
import type { MoneyRules } from '../../kernel/money-rules.ts';
import type { Events } from '../../stores/events/events.ts';
import { isMoneySql, MONEY_RULES, moneySql, parseMoneyRules } from '../money.sql.ts';

/**
 * Where to read people (person_id, known_on), their days and their events from. While no two ids were ever joined no join is paid for.
 * `money_cents` is an amount in the business's currency, 0 where it is none of its money (`is_money`); a day has a row per currency.
 */
export type PersonSource = {
  /** The ids of everybody (person_id), some more than once: to be counted. */
  readonly ids: Sql;
  readonly people: Sql;
  /** `people` of those a subquery of person ids names, read by key where there are few. */
  readonly peopleAmong: (people: Sql) => Sql;
  readonly days: Sql;
  readonly events: Sql;
  /** Rows of a column person_id that was written when ids may have been apart, under who each is now. */
  readonly asNow: (rows: Sql) => Sql;
  /** `days` of the people a subquery of person ids names, read by key where there are few. */
  readonly daysOf: (people: Sql) => Sql;
};

const COLUMNS = sql`name, day, events, lines, items, last_at, touched_at`;

/** What products say, each by itself: a column of a subquery is otherwise read with all of its parts. */
const PARTS = sql`products.product_id AS product_ids, products.name AS product_names, products.category AS product_categories,
    products.brand AS product_brands`;

const moneyOf = (rules: MoneyRules | undefined): Sql =>
  sql`${moneySql(rules, sql`amount_cents`)} AS money_cents, ${isMoneySql(rules)} AS is_money`;

const plain = (money: Sql): PersonSource => ({
  asNow: (rows) => rows,
  ids: sql`(SELECT actor_id AS person_id FROM person_spans)`,
  people: sql`(SELECT actor_id AS person_id, min(first_on) AS known_on FROM person_spans GROUP BY actor_id)`,
  peopleAmong: (people) =>
    sql`(SELECT actor_id AS person_id, min(first_on) AS known_on FROM person_spans WHERE actor_id IN (${people}) GROUP BY actor_id)`,
  days: sql`(SELECT actor_id AS person_id, ${COLUMNS}, ${money} FROM actor_days)`,
  events: sql`(SELECT *, actor_id AS person_id, ${PARTS}, ${money} FROM events)`,
  daysOf: (people) =>
    sql`(SELECT actor_id AS person_id, ${COLUMNS}, ${money} FROM actor_days WHERE actor_id IN (${people}))`,
});

const LINKS = sql`(SELECT actor_id, argMax(person_id, version) AS linked_to FROM person_links GROUP BY actor_id)`;

const linkedDays = (
  money: Sql,
  where: Sql,
): Sql => sql`(SELECT if(l.linked_to = '', d.actor_id, l.linked_to) AS person_id, d.name AS name, d.day AS day,
      d.events AS events, d.money_cents AS money_cents, d.is_money AS is_money, d.lines AS lines, d.items AS items, d.last_at AS last_at,
      d.touched_at AS touched_at
    FROM (SELECT actor_id, ${COLUMNS}, ${money} FROM actor_days ${where}) AS d LEFT ANY JOIN ${LINKS} AS l ON d.actor_id = l.actor_id)`;

const linkedPeople = sql`(SELECT if(l.linked_to = '', s.actor_id, l.linked_to) AS person_id, min(s.first_on) AS known_on
    FROM person_spans AS s LEFT ANY JOIN ${LINKS} AS l ON s.actor_id = l.actor_id GROUP BY person_id)`;

const linked = (money: Sql): PersonSource => ({
  asNow: (rows) => sql`(SELECT r.* EXCEPT person_id, if(l.linked_to = '', r.person_id, l.linked_to) AS person_id
    FROM ${rows} AS r LEFT ANY JOIN ${LINKS} AS l ON r.person_id = l.actor_id)`,
  ids: sql`(SELECT if(l.linked_to = '', s.actor_id, l.linked_to) AS person_id
    FROM (SELECT actor_id FROM person_spans) AS s LEFT ANY JOIN ${LINKS} AS l ON s.actor_id = l.actor_id)`,
  people: linkedPeople,
  peopleAmong: (people) => sql`(SELECT person_id, known_on FROM ${linkedPeople} WHERE person_id IN (${people}))`,
  days: linkedDays(money, empty),
  events: sql`(SELECT e.*, if(l.linked_to = '', e.actor_id, l.linked_to) AS person_id
    FROM (SELECT *, ${PARTS}, ${money} FROM events) AS e LEFT ANY JOIN ${LINKS} AS l ON e.actor_id = l.actor_id)`,
  daysOf: (people) => {
    const actors = sql`SELECT actor_id FROM ${LINKS} WHERE linked_to IN (${people}) UNION ALL ${people}`;
    // An id that was joined to somebody else is among the people asked for, and its days are not theirs.
    return sql`(SELECT * FROM ${linkedDays(money, sql`WHERE actor_id IN (${actors})`)} WHERE person_id IN (${people}))`;
  },
});

/** The ids of everybody who did something, each once or more, without the join that whole rows cost: what a million ids are counted by. */
export const PERSON_IDS = sql`SELECT actor_id AS person_id FROM person_spans WHERE actor_id NOT IN (SELECT actor_id FROM person_links)
  UNION ALL SELECT linked_to AS person_id FROM ${LINKS}
    WHERE actor_id IN (SELECT actor_id FROM person_spans WHERE actor_id IN (SELECT actor_id FROM person_links))`;

/** Subqueries with a `person_id` column: everybody (`people`), the roll-up (`days`) and the raw events (`events`). */
export async function personSource(events: Events): Promise<PersonSource> {
  const [row] = await events.rows<{ links: number; rules: string }>(
    sql`SELECT count() AS links, (${MONEY_RULES}) AS rules FROM person_links`,
  );
  const money = moneyOf(parseMoneyRules(row?.rules ?? ''));
  return (row?.links ?? 0) > 0 ? linked(money) : plain(money);
}

const OBJECTORS = sql`SELECT person_id FROM objectors FINAL WHERE objects = 1`;

/** As `personSource`, without those who object to being profiled: for everything that says something about one person. */
export async function profiledSource(events: Events): Promise<PersonSource> {
  const source = await personSource(events);
  const [row] = await events.rows<{ objectors: number }>(sql`SELECT count() AS objectors FROM (${OBJECTORS})`);
  if ((row?.objectors ?? 0) === 0) return source;
  const without = (rows: Sql): Sql => sql`(SELECT * FROM ${rows} WHERE person_id NOT IN (${OBJECTORS}))`;
  return {
    asNow: source.asNow,
    ids: without(source.ids),
    people: without(source.people),
    peopleAmong: (people) => without(source.peopleAmong(people)),
    days: without(source.days),
    events: without(source.events),
    daysOf: (people) => without(source.daysOf(people)),
  };
}
