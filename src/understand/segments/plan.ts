// How a clause is asked of the engine: each source is read once, gives every person one bit per probe, and the tree is decided over the
// bits. One source needs no bits at all: then the statement is what one would write by hand. Pure.
import { unreachable } from '../../kernel/result.ts';
import { compile, ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Clause, Probe, SegmentMoment, Source } from './operator.ts';

/** Where people (person_id, known_on), their days and their events are read from; see `personSource`. */
export type SegmentTables = { readonly people: Sql; readonly days: Sql; readonly events: Sql };

const BITS = 64;

function probesOf(clause: Clause): Probe[] {
  switch (clause.kind) {
    case 'and':
    case 'or':
      return clause.of.flatMap(probesOf);
    case 'not':
      return probesOf(clause.of);
    case 'probe':
      return [clause];
    case 'id':
      return [];
    default:
      return unreachable(clause);
  }
}

/** What the tree says of somebody of whom no source says anything: true, false, or undefined where it depends on her id. */
function ofNobody(clause: Clause): boolean | undefined {
  switch (clause.kind) {
    case 'and': {
      const each = clause.of.map(ofNobody);
      return each.includes(false) ? false : each.includes(undefined) ? undefined : true;
    }
    case 'or': {
      const each = clause.of.map(ofNobody);
      return each.includes(true) ? true : each.includes(undefined) ? undefined : false;
    }
    case 'not': {
      const inner = ofNobody(clause.of);
      return inner === undefined ? undefined : !inner;
    }
    case 'probe':
      return false;
    case 'id':
      return undefined;
    default:
      return unreachable(clause);
  }
}

/** The tree as a condition, its probes said by `bit`. */
function decided(clause: Clause, bit: (probe: Probe) => Sql): Sql {
  switch (clause.kind) {
    case 'and':
    case 'or':
      return clause.of.length === 0
        ? sql`${p.int(clause.kind === 'and' ? 1 : 0)}`
        : sql`(${joined(
            clause.of.map((child) => decided(child, bit)),
            clause.kind === 'and' ? ' AND ' : ' OR ',
          )})`;
    case 'not':
      return sql`(NOT ${decided(clause.of, bit)})`;
    case 'probe':
      return bit(clause);
    case 'id':
      return clause.holds;
    default:
      return unreachable(clause);
  }
}

/** The rows of a source that its probes can see: per name from the first day any of them looks at. */
function visibleRows(probes: readonly Probe[]): Sql {
  const since = new Map<string, string | undefined>();
  for (const { rows } of probes)
    for (const name of rows?.names ?? []) {
      const known = since.get(name);
      const wanted = rows?.since;
      since.set(
        name,
        !since.has(name)
          ? wanted
          : known === undefined || wanted === undefined
            ? undefined
            : known < wanted
              ? known
              : wanted,
      );
    }
  const bySince = Map.groupBy([...since], ([, day]) => day);
  return sql`(${joined(
    [...bySince].map(([day, names]) => {
      const named = sql`name IN ${p.texts(names.map(([name]) => name))}`;
      return day === undefined ? named : sql`(${named} AND day >= ${p.day(day)})`;
    }),
    ' OR ',
  )})`;
}

type SourceRows = {
  readonly from: Sql;
  readonly where: Sql;
  /** Many rows a person: probes are aggregates. */
  readonly isGrouped: boolean;
};

function rowsOf(source: Source, probes: readonly Probe[], tables: SegmentTables, { asOf }: SegmentMoment): SourceRows {
  const one = (from: Sql): SourceRows => ({ from, where: sql`1`, isGrouped: false });
  const until = sql`day <= ${p.day(asOf)}`;
  const policyId = source.slice(source.indexOf(' ') + 1);
  switch (source) {
    case 'people':
      return one(tables.people);
    case 'days':
      return { from: tables.days, where: sql`${visibleRows(probes)} AND ${until}`, isGrouped: true };
    case 'events':
      return { from: tables.events, where: sql`${visibleRows(probes)} AND ${until}`, isGrouped: true };
    case 'traits':
      return one(sql`(SELECT person_id, traits FROM person_traits FINAL WHERE erased = 0)`);
    case 'facts':
      return one(sql`(SELECT * FROM person_facts FINAL)`);
    case 'tastes':
      return one(ident('person_preferences'));
    case 'snapshots':
      return {
        from: ident('segment_snapshot_members'),
        where: sql`snapshot_id IN ${p.texts([...new Set(probes.flatMap(({ rows }) => rows?.names ?? []))])}`,
        isGrouped: true,
      };
    default:
      return one(
        source.startsWith('states ')
          ? sql`(SELECT * FROM person_states FINAL WHERE policy_id = ${p.text(policyId)})`
          : sql`(SELECT * FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId)})`,
      );
  }
}

/** One source is enough: the tree is decided where its rows are read. */
function fromOne({ from, where, isGrouped }: SourceRows, holds: Sql): Sql {
  return isGrouped
    ? sql`SELECT person_id FROM ${from} WHERE ${where} GROUP BY person_id HAVING ${holds}`
    : sql`SELECT person_id FROM ${from} WHERE ${holds}`;
}

/** SELECT of one column person_id, everybody once: the people of whom the clause is true. */
export function segmentQuery(clause: Clause, tables: SegmentTables, moment: SegmentMoment): Sql {
  const keyOf = (probe: Probe): string => `${probe.source} ${JSON.stringify(compile(probe.holds))}`;
  const probes = new Map(probesOf(clause).map((probe) => [keyOf(probe), probe]));
  const bySource = Map.groupBy(probes.values(), (probe) => probe.source);
  const needsEverybody = ofNobody(clause) !== false;
  if ((needsEverybody || bySource.size === 0) && !bySource.has('people')) bySource.set('people', []);

  const [only, ...others] = bySource;
  if (only !== undefined && others.length === 0)
    return fromOne(
      rowsOf(only[0], only[1], tables, moment),
      decided(clause, (probe) => sql`(${probe.holds})`),
    );

  const places = new Map([...probes.keys()].map((key, i) => [key, { word: Math.floor(i / BITS), bit: i % BITS }]));
  const words = Array.from({ length: Math.max(1, Math.ceil(places.size / BITS)) }, (_, word) => word);
  const nameOf = (word: number): Sql => ident(`bits_${word}`);
  const branches = [...bySource].map(([source, own]) => {
    const { from, where, isGrouped } = rowsOf(source, own, tables, moment);
    const columns = words.map((word) => {
      const set = own.flatMap((probe) => {
        const place = places.get(keyOf(probe))!;
        return place.word === word ? [sql`bitShiftLeft(toUInt64(${probe.holds}), toUInt8(${p.int(place.bit)}))`] : [];
      });
      return sql`${set.length === 0 ? sql`toUInt64(0)` : set.reduce((all, each) => sql`bitOr(${all}, ${each})`)} AS ${nameOf(word)}`;
    });
    const isSet = joined(
      words.map((word) => sql`${nameOf(word)} != 0`),
      ' OR ',
    );
    // Who has no bit set is only of interest where everybody is.
    const keep = source === 'people' && needsEverybody ? sql`1` : isSet;
    return isGrouped
      ? sql`SELECT person_id, ${joined(columns, ', ')} FROM ${from} WHERE ${where} GROUP BY person_id HAVING ${keep}`
      : sql`SELECT person_id, ${joined(columns, ', ')} FROM ${from} WHERE ${keep}`;
  });
  const holds = decided(clause, (probe) => {
    const { word, bit } = places.get(keyOf(probe))!;
    return sql`bitTest(groupBitOr(${nameOf(word)}), ${p.int(bit)})`;
  });
  return sql`SELECT person_id FROM (${joined(branches, ' UNION ALL ')}) GROUP BY person_id HAVING ${holds}`;
}
