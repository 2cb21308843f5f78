// Is everything a segment names really there? A misspelt event, trait, property, product, policy, programme, channel or snapshot would be a
// condition that is silently never (or always) true; it is refused with the nearest known name.
import { leftOutMoney } from '../../collect/money.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { occurringEvents } from '../dormancy/policy.service.ts';
import type { Condition } from './conditions.ts';
import { leavesOf, type Segment } from './segment.ts';

type Stores = { readonly records: Records; readonly events: Events; readonly channels: readonly string[] };

const NAMES_SUGGESTED_FROM = 2_000;

function refuse(where: string, what: string): never {
  throw new RekindleError('invalid', { where, what });
}

type Named = { readonly name: string; readonly place: string };

/** Steps of a condition that name an event, with their tests of properties. */
function eventsOf(leaf: Condition): { event: string; place: string; properties: readonly string[] }[] {
  const found = [];
  if ('event' in leaf)
    found.push({
      event: leaf.event,
      place: 'event',
      properties: 'where' in leaf ? (leaf.where ?? []).map((test) => test.name) : [],
    });
  if (leaf.kind === 'not_followed') found.push({ event: leaf.by, place: 'by', properties: [] });
  if (leaf.kind === 'sequence')
    for (const [i, step] of leaf.steps.entries())
      found.push({
        event: step.event,
        place: `steps.${i}.event`,
        properties: (step.where ?? []).map((test) => test.name),
      });
  return found;
}

async function assertEvents(events: Events, named: readonly Named[]): Promise<void> {
  if (named.length === 0) return;
  const rows = await events.rows<{ name: string }>(
    // One row of each is enough, and stands at a known place: people by the million have tens of millions of days.
    joined(
      [...new Set(named.map(({ name }) => name))].map(
        (name) =>
          sql`SELECT toString(name) AS name FROM (SELECT name FROM actor_days WHERE name = ${p.text(name)} LIMIT 1)`,
      ),
      ' UNION ALL ',
    ),
  );
  const seen = new Set(rows.map((row) => row.name));
  const missing = named.find(({ name }) => !seen.has(name));
  if (missing === undefined) return;
  const known = await occurringEvents(events);
  const near = didYouMean(missing.name, known);
  const some = known.slice(0, 10).map((name) => `"${name}"`);
  refuse(
    missing.place,
    `the event "${missing.name}" never occurred${
      near !== ''
        ? near
        : some.length === 0
          ? '; no events have been collected yet'
          : `; events that occurred: ${some.join(', ')}`
    }`,
  );
}

async function assertProperty(events: Events, event: string, property: string, place: string): Promise<void> {
  const [there] = await events.rows(
    sql`SELECT 1 AS there FROM events WHERE name = ${p.text(event)} AND JSONHas(properties, ${p.text(property)}) LIMIT 1`,
  );
  if (there !== undefined) return;
  const known = await events.rows<{ name: string }>(sql`
    SELECT arrayJoin(JSONExtractKeys(properties)) AS name FROM (SELECT properties FROM events WHERE name = ${p.text(event)} LIMIT 100000)
    GROUP BY name ORDER BY count() DESC LIMIT ${p.int(NAMES_SUGGESTED_FROM)}`);
  const near = didYouMean(
    property,
    known.map((row) => row.name),
  );
  refuse(place, `no "${event}" ever had a property "${property}"${near}`);
}

async function assertTrait(events: Events, name: string, place: string): Promise<void> {
  const [there] = await events.rows(
    sql`SELECT 1 AS there FROM person_traits WHERE erased = 0 AND JSONHas(traits, ${p.text(name)}) LIMIT 1`,
  );
  if (there !== undefined) return;
  const known = await events.rows<{ name: string }>(sql`
    SELECT arrayJoin(JSONExtractKeys(traits)) AS name FROM (SELECT traits FROM person_traits WHERE erased = 0 LIMIT 100000)
    GROUP BY name ORDER BY count() DESC LIMIT ${p.int(NAMES_SUGGESTED_FROM)}`);
  const near = didYouMean(
    name,
    known.map((row) => row.name),
  );
  refuse(place, `nobody has a trait "${name}"${near}`);
}

const FIELDS = {
  product: sql`if(product.product_id != '', product.product_id, product.name)`,
  category: sql`product.category`,
  brand: sql`product.brand`,
} as const;
const ITEM_FIELDS = { product: sql`item_id`, category: sql`category`, brand: sql`brand` } as const;

async function assertProducts(
  events: Events,
  by: keyof typeof FIELDS,
  values: readonly string[],
  place: string,
): Promise<void> {
  const items = await events.rows<{ value: string }>(
    sql`SELECT DISTINCT toString(${ITEM_FIELDS[by]}) AS value FROM items WHERE value IN ${p.texts(values)}`,
  );
  const known = new Set(items.map((row) => row.value));
  // The catalogue is read once a day; what is newer stands in the events alone.
  for (const value of values.filter((each) => !known.has(each))) {
    const [there] = await events.rows(
      sql`SELECT 1 AS there FROM events ARRAY JOIN products AS product WHERE ${FIELDS[by]} = ${p.text(value)} LIMIT 1`,
    );
    if (there !== undefined) continue;
    const all = await events.rows<{ value: string }>(sql`
      SELECT toString(${FIELDS[by]}) AS value FROM events ARRAY JOIN products AS product
      GROUP BY value ORDER BY count() DESC LIMIT ${p.int(NAMES_SUGGESTED_FROM)}`);
    const near = didYouMean(
      value,
      all.map((row) => row.value),
    );
    refuse(place, `there is no ${by} "${value}"${near}`);
  }
}

/** The only currency of an event's amounts, or none: two looks instead of a count. Undefined where there are several. */
async function fewCurrenciesOf(events: Events, names: readonly string[]): Promise<readonly string[] | undefined> {
  const any = (where: Sql): Promise<{ currency: string }[]> =>
    events.rows(sql`
      SELECT toString(currency) AS currency FROM events WHERE name IN ${p.texts(names)} AND amount_cents != 0 AND ${where} LIMIT 1`);
  const [first] = await any(sql`1`);
  if (first === undefined) return [];
  const [other] = await any(sql`currency != ${p.text(first.currency)}`);
  return other === undefined ? [first.currency] : undefined;
}

/** The currencies an event's amounts are in, the most frequent first. */
async function currenciesOf(events: Events, names: readonly string[]): Promise<string[]> {
  const rows = await events.rows<{ currency: string }>(sql`
    SELECT toString(currency) AS currency FROM events WHERE name IN ${p.texts(names)} AND amount_cents != 0
    GROUP BY currency ORDER BY count() DESC, currency`);
  return rows.map((row) => row.currency);
}

async function assertCurrency(
  events: Events,
  names: readonly string[],
  wanted: string | undefined,
  place: string,
  way: string,
): Promise<void> {
  const amounts = `amounts of ${names.map((name) => `"${name}"`).join(', ')}`;
  if (wanted === undefined) {
    const left = await leftOutMoney(events, { names });
    if (left !== null)
      refuse(
        place,
        `${amounts} in ${left.amounts.map((each) => `${each.currency} (${each.events})`).join(' and ')} are not money of the business: give a rate of that currency in its profile, or ${way}`,
      );
    return;
  }
  const there = (await fewCurrenciesOf(events, names)) ?? (await currenciesOf(events, names));
  if (there.length > 0 && !there.includes(wanted))
    refuse(place, `${amounts} are in ${there.join(' and ')}, none in ${wanted}`);
}

async function assertOneCurrency(stores: Stores, leaf: Condition, place: string): Promise<void> {
  switch (leaf.kind) {
    case 'amount':
    case 'average_order':
      return assertCurrency(
        stores.events,
        [leaf.event],
        leaf.currency,
        `${place}.currency`,
        'name one with `currency`',
      );
    case 'trend':
      return leaf.measure === 'times'
        ? undefined
        : assertCurrency(stores.events, [leaf.event], undefined, `${place}.measure`, 'compare the times instead');
    case 'spent':
    case 'expected_value': {
      const rows = await stores.records.db
        .selectFrom('dormancy_policies')
        .select('definition')
        .where('active', '=', true)
        .$if(leaf.policyId !== undefined, (query) => query.where('policy_id', '=', leaf.policyId!))
        .execute();
      const names = new Set(
        rows.flatMap((row) => (row.definition as { readonly activity: readonly string[] }).activity),
      );
      return names.size === 0
        ? undefined
        : assertCurrency(stores.events, [...names], undefined, place, 'use `amount` with a `currency`');
    }
    default:
      return undefined;
  }
}

async function assertRecord(
  records: Records,
  table: 'programmes' | 'segment_snapshots' | 'dormancy_policies',
  id: string,
  place: string,
): Promise<void> {
  const ids = async (): Promise<string[]> => {
    switch (table) {
      case 'programmes':
        return (await records.db.selectFrom(table).select('programme_id as id').execute()).map((row) => row.id);
      case 'segment_snapshots':
        return (await records.db.selectFrom(table).select('snapshot_id as id').execute()).map((row) => row.id);
      default:
        return (await records.db.selectFrom(table).select('policy_id as id').where('active', '=', true).execute()).map(
          (row) => row.id,
        );
    }
  };
  const known = await ids();
  const word = { programmes: 'programme', segment_snapshots: 'snapshot', dormancy_policies: 'active policy' }[table];
  if (!known.includes(id)) refuse(place, `there is no ${word} "${id}"${didYouMean(id, known)}`);
}

async function assertComputed(events: Events, kind: string, place: string): Promise<void> {
  const [row] = await events.rows<{ people: number }>(sql`SELECT count() AS people FROM person_preferences`);
  if ((row?.people ?? 0) === 0)
    refuse(place, `"${kind}" reads preferences, which have not been computed yet (rekindle recommend train)`);
}

/** Throws `invalid` naming the place. With `allowUnseen` names of events, properties, traits and products may be new. */
export async function assertKnownNames(stores: Stores, segment: Segment, allowUnseen: boolean): Promise<void> {
  const { records, events, channels } = stores;
  const leaves = [...leavesOf(segment)];
  if (!allowUnseen)
    await assertEvents(
      events,
      leaves.flatMap(({ leaf, place }) =>
        leaf.kind === 'segment'
          ? []
          : eventsOf(leaf).map((each) => ({ name: each.event, place: `${place}.${each.place}` })),
      ),
    );
  for (const { leaf, place } of leaves) {
    if (leaf.kind === 'segment') continue;
    if ('policyId' in leaf && leaf.policyId !== undefined)
      await assertRecord(records, 'dormancy_policies', leaf.policyId, `${place}.policyId`);
    if ('programmeId' in leaf && leaf.programmeId !== undefined)
      await assertRecord(records, 'programmes', leaf.programmeId, `${place}.programmeId`);
    if (leaf.kind === 'snapshot') await assertRecord(records, 'segment_snapshots', leaf.id, `${place}.id`);
    if ('channel' in leaf && leaf.channel !== undefined) {
      if (!channels.includes(leaf.channel))
        refuse(`${place}.channel`, `there is no channel "${leaf.channel}"${didYouMean(leaf.channel, channels)}`);
    }
    if (leaf.kind === 'likes' || leaf.kind === 'price_band' || leaf.kind === 'usual_hour')
      await assertComputed(events, leaf.kind, place);
    await assertOneCurrency(stores, leaf, place);
    if (allowUnseen) continue;
    for (const { event, properties } of eventsOf(leaf))
      for (const property of properties) await assertProperty(events, event, property, `${place}.where`);
    if (leaf.kind === 'trait') await assertTrait(events, leaf.name, `${place}.name`);
    if ('by' in leaf && leaf.kind !== 'not_followed') await assertProducts(events, leaf.by, leaf.in, `${place}.in`);
  }
}
