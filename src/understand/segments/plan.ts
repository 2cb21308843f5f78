// How a clause is asked of the engine, the way one would write it by hand: what one source answers is one pass over it; conditions that
// must all hold narrow each other, the cheapest source first; alternatives are a union; only what mixes sources inside a negation is
// decided over bits, one per probe, gathered per person from every source. Pure.
import { unreachable } from '../../kernel/result.ts';
import { compile, ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Clause, Probe, SeenRows, SegmentMoment, Source } from './operator.ts';

/** Where people (person_id, known_on), their days and their events are read from; see `personSource`. */
export type SegmentTables = {
  readonly people: Sql;
  readonly days: Sql;
  readonly events: Sql;
  /** `people` of those a subquery of person ids names. */
  readonly peopleAmong: (people: Sql) => Sql;
  /** Where facts, tastes and (by policy) states are read, unless in their published tables. */
  readonly facts?: Sql;
  readonly tastes?: Sql;
  readonly states?: ReadonlyMap<string, Sql>;
  /** Rows of a column person_id that was written earlier, under who each is now. */
  readonly asNow: (rows: Sql) => Sql;
};

const BITS = 64;

/** In which order sources narrow the people: cheap ones first, so that dear ones are read for few. */
const COST: readonly string[] = [
  'snapshots',
  'days',
  'states',
  'reasons',
  'tastes',
  'facts',
  'events',
  'traits',
  'people',
];
const costOf = (source: Source): number => COST.indexOf(source.split(' ')[0]!);

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

/** Parts that must all hold (`and`) or of which one must (`or`), negations pushed inwards as far as that opens them. */
function partsOf(clause: Clause, kind: 'and' | 'or'): Clause[] {
  if (clause.kind === kind) return clause.of.flatMap((child) => partsOf(child, kind));
  if (clause.kind !== 'not') return [clause];
  const { of: inner } = clause;
  if (inner.kind === 'not') return partsOf(inner.of, kind);
  const opposite = kind === 'and' ? 'or' : 'and';
  return inner.kind === opposite ? inner.of.flatMap((child) => partsOf({ kind: 'not', of: child }, kind)) : [clause];
}

/** Per name the first day any of the probes looks at; undefined: all days. */
function sinceByName(probes: readonly Probe[]): Map<string, string | undefined> {
  const since = new Map<string, string | undefined>();
  for (const { rows } of probes)
    for (const name of rows?.names ?? []) {
      const [known, wanted] = [since.get(name), rows?.since];
      const earliest = known === undefined || wanted === undefined ? undefined : known < wanted ? known : wanted;
      since.set(name, since.has(name) ? earliest : wanted);
    }
  return since;
}

/** The rows of a source that its probes can see. */
function visibleRows(since: ReadonlyMap<string, string | undefined>): Sql {
  const bySince = Map.groupBy(since, ([, day]) => day);
  return sql`(${joined(
    [...bySince].map(([day, entries]) => {
      const names = entries.map(([name]) => name);
      const named = names.length === 1 ? sql`name = ${p.text(names[0]!)}` : sql`name IN ${p.texts(names)}`;
      return day === undefined ? named : sql`(${named} AND day >= ${p.day(day)})`;
    }),
    ' OR ',
  )})`;
}

/** The filter of all the probes, where they have the same. */
function commonFilter(probes: readonly Probe[]): Sql | undefined {
  const filters = new Map(probes.map(({ rows }) => [JSON.stringify(rows?.filter), rows?.filter]));
  return filters.size === 1 ? [...filters.values()][0] : undefined;
}

type SourceRows = {
  readonly from: Sql;
  readonly where: Sql;
  /** Many rows a person: probes are aggregates. */
  readonly isGrouped: boolean;
  /** What `where` already says of every row. */
  readonly seen: SeenRows;
};

type Asked = { readonly tables: SegmentTables; readonly moment: SegmentMoment };

function rowsOf(source: Source, probes: readonly Probe[], { tables, moment }: Asked, among?: Sql): SourceRows {
  const narrowed = among === undefined ? sql`1` : sql`person_id IN (${among})`;
  const one = (from: Sql): SourceRows => ({ from, where: narrowed, isGrouped: false, seen: {} });
  const many = (from: Sql): SourceRows => {
    const since = sinceByName(probes);
    const [only, ...others] = since;
    const named = only === undefined || others.length > 0 ? {} : { only: only[0] };
    const filter = commonFilter(probes);
    return {
      from,
      where: sql`${visibleRows(since)} AND day <= ${p.day(moment.asOf)} AND ${filter ?? sql`1`} AND ${narrowed}`,
      isGrouped: true,
      seen: { ...named, since, isFiltered: filter !== undefined },
    };
  };
  const policyId = source.slice(source.indexOf(' ') + 1);
  switch (source) {
    case 'people':
      return {
        from: among === undefined ? tables.people : tables.peopleAmong(among),
        where: sql`1`,
        isGrouped: false,
        seen: {},
      };
    case 'days':
      return many(tables.days);
    case 'events':
      return many(tables.events);
    case 'traits':
      return {
        ...one(sql`(SELECT person_id, traits FROM person_traits FINAL WHERE erased = 0 AND ${narrowed})`),
        where: sql`1`,
      };
    case 'facts':
      return one(tables.facts ?? sql`(SELECT * FROM person_facts FINAL)`);
    case 'tastes':
      return one(tables.tastes ?? ident('person_preferences'));
    case 'snapshots':
      return {
        from: tables.asNow(
          sql`(SELECT * FROM segment_snapshot_members WHERE snapshot_id IN ${p.texts([...new Set(probes.flatMap(({ rows }) => rows?.names ?? []))])})`,
        ),
        where: narrowed,
        isGrouped: true,
        seen: {},
      };
    default:
      return one(
        source.startsWith('states ')
          ? (tables.states?.get(policyId) ??
              sql`(SELECT * FROM person_states FINAL WHERE policy_id = ${p.text(policyId)})`)
          : sql`(SELECT * FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId)})`,
      );
  }
}

/** The clause without groups of one and double negations around it. */
function bare(clause: Clause): Clause {
  if (clause.kind === 'not') {
    const inner = bare(clause.of);
    return inner.kind === 'not' ? inner.of : { kind: 'not', of: inner };
  }
  if (clause.kind !== 'and' && clause.kind !== 'or') return clause;
  const [only, ...others] = clause.of;
  return only !== undefined && others.length === 0 ? bare(only) : clause;
}

/** What people are asked for: in a `set` somebody may be named twice. */
type Use = 'list' | 'set';

/** The people of one source of whom the clause, which asks nothing else, is true. */
function fromOne(
  source: Source,
  clause: Clause,
  asked: Asked,
  {
    among,
    also = [],
    use = 'list',
  }: { readonly among?: Sql | undefined; readonly also?: readonly Sql[]; readonly use?: Use } = {},
): Sql {
  const { from, where, isGrouped, seen } = rowsOf(source, probesOf(clause), asked, among);
  const asks = bare(clause);
  if (isGrouped && asks.kind === 'probe' && asks.rows?.isPresence === true && also.length === 0) {
    const people = sql`person_id FROM ${from} WHERE ${where}`;
    return use === 'set' ? sql`SELECT ${people}` : sql`SELECT ${people} GROUP BY person_id`;
  }
  const holds = joined([decided(clause, (probe) => sql`(${probe.holds(seen)})`), ...also], ' AND ');
  if (isGrouped) return sql`SELECT person_id FROM ${from} WHERE ${where} GROUP BY person_id HAVING ${holds}`;
  // What a column of a state says costs less than to look her up among those already found.
  const tests = source.startsWith('states ') ? [holds, where] : [where, holds];
  return sql`SELECT person_id FROM ${from} WHERE ${joined(tests, ' AND ')}`;
}

const sourcesOf = (clause: Clause): Source[] => [...new Set(probesOf(clause).map((probe) => probe.source))];

/** Parts by what they ask: of one source those of it, those of none (`''`), and each that asks several by itself. */
function groupedParts(parts: readonly Clause[], kind: 'and' | 'or') {
  const single = new Map<Source | '', Clause[]>();
  const mixed: Clause[] = [];
  for (const part of parts) {
    const [source = '', ...others] = sourcesOf(part);
    // Her id inside a part of a source is decided with it; but only where the source says something of her.
    if (others.length > 0 || (source !== '' && ofNobody(part) === undefined)) mixed.push(part);
    else single.set(source, [...(single.get(source) ?? []), part]);
  }
  return {
    single: new Map([...single].map(([source, of]) => [source, { kind, of } satisfies Clause])),
    mixed,
  };
}

/**
 * Is it said that she did something, and not said of late? Then she was known before that, without asking since when. A probe holds of nobody
 * without one of its rows, and every row is of a day on which she was known.
 */
function isKnownBefore(day: string, parts: readonly Clause[]): boolean {
  const names = new Set(
    parts.flatMap((part) =>
      part.kind === 'probe' && (part.source === 'days' || part.source === 'events') && part.rows?.names.length === 1
        ? part.rows.names
        : [],
    ),
  );
  return parts.some((part) => {
    if (part.kind !== 'not' || part.of.kind !== 'probe') return false;
    const { rows } = part.of;
    return (
      rows?.isPresence === true &&
      rows.filter === undefined &&
      rows.since !== undefined &&
      rows.since <= day &&
      rows.names.every((name) => names.has(name))
    );
  });
}

/** Parts that must all hold, without those that the others imply. */
function neededParts(clause: Clause): Clause[] {
  const parts = partsOf(clause, 'and');
  return parts.filter(
    (part) => part.kind !== 'probe' || part.knownBefore === undefined || !isKnownBefore(part.knownBefore, parts),
  );
}

const NOBODY = sql`SELECT '' AS person_id WHERE 0`;

function everyPart(clause: Clause, asked: Asked): Sql {
  const { single, mixed } = groupedParts(neededParts(clause), 'and');
  const also: Sql[] = [];
  const narrowing: { readonly source: Source; readonly clause: Clause }[] = [];
  for (const [source, part] of single) {
    if (source === '') also.push(decided(part, () => sql`0`));
    // Of the people themselves anything can be asked, as everybody is among them.
    else if (source === 'people' || ofNobody(part) === false) narrowing.push({ source, clause: part });
    else also.push(sql`person_id NOT IN (${fromOne(source, { kind: 'not', of: part }, asked, { use: 'set' })})`);
  }
  const own = narrowing.find(({ source }) => source === 'people');
  const others = narrowing
    .filter(({ source }) => source !== 'people')
    .toSorted((a, b) => costOf(a.source) - costOf(b.source));
  let among: Sql | undefined;
  others.forEach(({ source, clause: part }, i) => {
    const isLast = i === others.length - 1 && mixed.length === 0 && own === undefined;
    among = fromOne(source, part, asked, { among, use: isLast ? 'list' : 'set' });
  });
  for (const part of mixed) {
    const found = planned(part, asked);
    among = among === undefined ? found : sql`SELECT person_id FROM (${found}) WHERE person_id IN (${among})`;
  }
  if (own !== undefined || among === undefined)
    return fromOne('people', own?.clause ?? { kind: 'and', of: [] }, asked, { among, also });
  return also.length === 0 ? among : sql`SELECT person_id FROM (${among}) WHERE ${joined(also, ' AND ')}`;
}

/** Undefined where a part is true of somebody of whom nothing is said: then everybody must be looked at. */
function anyPart(clause: Clause, asked: Asked): Sql | undefined {
  const { single, mixed } = groupedParts(partsOf(clause, 'or'), 'or');
  if ([...single.values(), ...mixed].some((part) => ofNobody(part) !== false)) return undefined;
  const found = [
    ...[...single].map(([source, part]) => (source === '' ? NOBODY : fromOne(source, part, asked, { use: 'set' }))),
    ...mixed.map((part) => planned(part, asked)),
  ];
  // Of one set the union is itself, and DISTINCT alone would run on one thread.
  const [only = NOBODY, ...others] = found;
  return others.length === 0
    ? sql`SELECT person_id FROM (${only}) GROUP BY person_id`
    : joined(found, ' UNION DISTINCT ');
}

/** Each source gives every person one bit per probe; the tree is decided over the bits. */
function overBits(clause: Clause, asked: Asked): Sql {
  const keyOf = (probe: Probe): string => `${probe.source} ${JSON.stringify(compile(probe.holds({})))}`;
  const probes = new Map(probesOf(clause).map((probe) => [keyOf(probe), probe]));
  const bySource = Map.groupBy(probes.values(), (probe) => probe.source);
  const needsEverybody = ofNobody(clause) !== false;
  if ((needsEverybody || bySource.size === 0) && !bySource.has('people')) bySource.set('people', []);

  const places = new Map([...probes.keys()].map((key, i) => [key, { word: Math.floor(i / BITS), bit: i % BITS }]));
  const words = Array.from({ length: Math.max(1, Math.ceil(places.size / BITS)) }, (_, word) => word);
  const nameOf = (word: number): Sql => ident(`bits_${word}`);
  const branches = [...bySource].map(([source, own]) => {
    const { from, where, isGrouped, seen } = rowsOf(source, own, asked);
    const columns = words.map((word) => {
      const set = own.flatMap((probe) => {
        const place = places.get(keyOf(probe))!;
        return place.word === word
          ? [sql`bitShiftLeft(toUInt64(${probe.holds(seen)}), toUInt8(${p.int(place.bit)}))`]
          : [];
      });
      return sql`${set.length === 0 ? sql`toUInt64(0)` : set.reduce((all, each) => sql`bitOr(${all}, ${each})`)} AS ${nameOf(word)}`;
    });
    const isSet = joined(
      words.map((word) => sql`${nameOf(word)} != 0`),
      ' OR ',
    );
    // Who has no bit set is only of interest where everybody is.
    const keep = source === 'people' && needsEverybody ? sql`1` : sql`(${isSet})`;
    return isGrouped
      ? sql`SELECT person_id, ${joined(columns, ', ')} FROM ${from} WHERE ${where} GROUP BY person_id HAVING ${keep}`
      : sql`SELECT person_id, ${joined(columns, ', ')} FROM ${from} WHERE ${where} AND ${keep}`;
  });
  const holds = decided(clause, (probe) => {
    const { word, bit } = places.get(keyOf(probe))!;
    return sql`bitTest(groupBitOr(${nameOf(word)}), ${p.int(bit)})`;
  });
  return sql`SELECT person_id FROM (${joined(branches, ' UNION ALL ')}) GROUP BY person_id HAVING ${holds}`;
}

function planned(clause: Clause, asked: Asked): Sql {
  const needed = neededParts(clause);
  if (needed.length < partsOf(clause, 'and').length) return planned({ kind: 'and', of: needed }, asked);
  // A group of one is its one part, however deep it is wrapped.
  for (const kind of ['and', 'or'] as const) {
    const [only, ...more] = partsOf(clause, kind);
    if (only !== undefined && more.length === 0 && only !== clause) return planned(only, asked);
  }
  const [source, ...others] = sourcesOf(clause);
  if (source !== undefined && others.length === 0 && (source === 'people' || ofNobody(clause) === false))
    return fromOne(source, clause, asked);
  if (partsOf(clause, 'and').length > 1 || others.length === 0) {
    const isOpaque = groupedParts(partsOf(clause, 'and'), 'and').mixed.includes(clause);
    if (!isOpaque) return everyPart(clause, asked);
  }
  return anyPart(clause, asked) ?? overBits(clause, asked);
}

/** SELECT of one column person_id, everybody once: the people of whom the clause is true. */
export const segmentQuery = (clause: Clause, tables: SegmentTables, moment: SegmentMoment): Sql =>
  planned(clause, { tables, moment });
