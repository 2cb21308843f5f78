// Signal strengths of every quiet person at once, in the events store: the formula of `signal.ts` over one pass of the events that matter.
import { empty, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import { unreachable } from '../../kernel/result.ts';
import type { Day } from '../../kernel/days.ts';
import type { EventMatch, EventSignal, PropertyTest, Signal, StateSignal, TraitSignal } from './signal.ts';

const text = (key: string): Sql => sql`JSONExtractString(e.properties, ${p.text(key)})`;
const NUMBERS = sql`('Int64', 'UInt64', 'Double')`;
const any = (parts: readonly Sql[]): Sql => sql`(${joined(parts, ' OR ')})`;

function testSql(test: PropertyTest): Sql {
  switch (test.kind) {
    case 'is':
      return any(test.keys.map((key) => sql`has(${p.texts(test.texts)}, ${text(key)})`));
    case 'contains':
      return any(
        test.keys.map((key) => sql`arrayExists(w -> position(lowerUTF8(${text(key)}), w) > 0, ${p.texts(test.words)})`),
      );
    case 'at_most':
    case 'at_least':
      return any(
        test.keys.map((key) => {
          const value = sql`JSONExtractFloat(e.properties, ${p.text(key)})`;
          const compared =
            test.kind === 'at_most' ? sql`${value} <= ${p.float(test.value)}` : sql`${value} >= ${p.float(test.value)}`;
          return sql`(toString(JSONType(e.properties, ${p.text(key)})) IN ${NUMBERS} AND ${compared})`;
        }),
      );
    case 'true':
      return any(test.keys.map((key) => sql`JSONExtractRaw(e.properties, ${p.text(key)}) = 'true'`));
    case 'not_true':
      return sql`NOT ${any(test.keys.map((key) => sql`JSONExtractRaw(e.properties, ${p.text(key)}) = 'true'`))}`;
    case 'product':
      return sql`arrayExists(line -> arrayExists(w -> position(lowerUTF8(line.2), w) > 0, ${p.texts(test.words)})
        ${test.name === undefined ? empty : sql`AND match(line.1, ${p.text(test.name)})`},
        if(notEmpty(e.products), arrayMap(l -> (l.name, l.category), e.products),
          JSONExtract(e.properties, 'products', 'Array(Tuple(name String, category String))')))`;
    default:
      return unreachable(test);
  }
}

const matchSql = (matches: readonly EventMatch[]): Sql =>
  any(
    matches.map(
      ({ names, tests = [] }) =>
        sql`(${joined([sql`has(${p.texts(names)}, toString(e.name))`, ...tests.map(testSql)], ' AND ')})`,
    ),
  );

/** 1 where the event is a sighting, −1 where it takes one away, 0 otherwise. */
const hitSql = (signal: EventSignal): Sql =>
  sql`toInt8(multiIf(${matchSql(signal.any)}, 1, ${signal.less === undefined ? sql`0` : matchSql(signal.less)}, -1, 0))`;

const isEvents = (signal: Signal): signal is EventSignal => signal.kind === 'events';

const namesOf = (signals: readonly EventSignal[]): string[] => [
  ...new Set(signals.flatMap(({ any: matched, less = [] }) => [...matched, ...less].flatMap(({ names }) => names))),
];

/**
 * person_id → `raw`, `counts`, `lasts` (arrays over the event signals) for the people of `quiet` (person_id, last_on). `events` as of
 * `personSource`, up to the end of day `asOf`.
 */
const sightings = (signals: readonly EventSignal[], quiet: Sql, events: Sql, asOf: Day): Sql => sql`
  SELECT person_id,
    sumForEach(arrayMap((h, half, after) -> if(h = 0 OR age < -after, 0., h * exp2(-greatest(age, 0) / half)), hits, halves, afters)) AS raw,
    sumForEach(arrayMap((h, after) -> toUInt32(h > 0 AND age >= -after), hits, afters)) AS counts,
    maxForEach(arrayMap((h, after) -> if(h > 0 AND age >= -after, day, toDate(0)), hits, afters)) AS lasts
  FROM (
    SELECT e.person_id AS person_id, e.day AS day, toInt32(q.last_on) - toInt32(e.day) AS age,
      ${p.floats(signals.map((signal) => signal.halfLifeDays))} AS halves,
      ${p.floats(signals.map((signal) => signal.afterDays))} AS afters,
      [${joined(signals.map(hitSql), ', ')}] AS hits
    FROM (SELECT * FROM ${events} WHERE name IN ${p.texts(namesOf(signals))} AND day <= ${p.day(asOf)}) AS e
    INNER JOIN ${quiet} AS q ON e.person_id = q.person_id
    WHERE arrayExists(h -> h != 0, hits))
  GROUP BY person_id`;

const traitSql = ({ trait, is }: TraitSignal): Sql =>
  sql`toFloat64(JSONExtractRaw(t.traits, ${p.text(trait)}) = ${p.text(String(is))})`;

function stateSql({ state }: StateSignal): Sql {
  switch (state) {
    case 'not_due':
      return sql`least(1., greatest(0., (3 - q.silent_days
        / if(q.active_days > 1, (toInt32(q.last_on) - toInt32(q.first_on)) / greatest(1, toInt32(q.active_days) - 1), q.threshold_days)) / 2))`;
    default:
      return unreachable(state);
  }
}

const TRAITS = sql`(SELECT person_id, argMax(traits, updated_at) AS traits FROM person_traits GROUP BY person_id HAVING argMax(erased, updated_at) = 0)`;

/**
 * person_id, strengths, counts, lasts (day, or 1970-01-01): one row for every row of `quiet` (person_states columns), arrays in the order
 * of `signals`.
 */
export function strengthsOf(signals: readonly Signal[], quiet: Sql, events: Sql, asOf: Day): Sql {
  const ofEvents = signals.filter(isEvents);
  const column = (of: (signal: Signal, at: number) => Sql): Sql =>
    joined(
      signals.map((s) => of(s, isEvents(s) ? ofEvents.indexOf(s) + 1 : 0)),
      ', ',
    );
  const strength = (signal: Signal, at: number): Sql => {
    switch (signal.kind) {
      case 'events':
        return sql`greatest(0., s.raw[${p.int(at)}])`;
      case 'trait':
        return traitSql(signal);
      case 'state':
        return stateSql(signal);
      default:
        return unreachable(signal);
    }
  };
  return sql`
    SELECT q.person_id AS person_id, [${column(strength)}] AS strengths,
      [${column((s, at) => (s.kind === 'events' ? sql`s.counts[${p.int(at)}]` : sql`toUInt64(${strength(s, 0)} > 0)`))}] AS counts,
      [${column((s, at) => (s.kind === 'events' ? sql`s.lasts[${p.int(at)}]` : sql`toDate(0)`))}] AS lasts
    FROM ${quiet} AS q
    LEFT ANY JOIN (${sightings(ofEvents, quiet, events, asOf)}) AS s ON q.person_id = s.person_id
    LEFT ANY JOIN ${TRAITS} AS t ON q.person_id = t.person_id`;
}
