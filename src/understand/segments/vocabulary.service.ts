// What a segment can be written with: the operators with the schemas of their fields, and the names that occur in this shop's data.
import { z } from 'zod';
import type { Day } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import { STAGE_NAMES, STAGES } from '../dormancy/stage.ts';
import { REASON_LABELS, REASONS } from '../reasons/causes.ts';
import { RFM_GROUP_NAMES, RFM_GROUPS } from '../value/rfm.ts';
import { CONDITION_KINDS, CONDITIONS, entryOf } from './conditions.ts';
import { GROUPS, type GroupName } from './operator.ts';
import type { SegmentContext } from './questions.service.ts';
import { explainSegment } from './segment.ts';
import { listSegments, listSnapshots } from './segments.service.ts';

/** Names shown of each sort; a `search` narrows them. */
const NAMES_MAX = 200;
/** Traits are read of so many people, chosen by hash. */
const PEOPLE_READ_MAX = 100_000;

/** The table of operators as data. */
export const operatorTable = () =>
  CONDITION_KINDS.map((kind) => {
    const { label, group, schema } = entryOf(kind);
    return {
      kind,
      label,
      group: { name: group, label: GROUPS[group as GroupName] },
      fields: z.toJSONSchema(schema, { io: 'input' }),
      examples: CONDITIONS[kind].examples.map((segment) => {
        const parsed = entryOf(kind).schema.parse(segment);
        return { segment, words: { en: explainSegment(parsed, 'en'), zh: explainSegment(parsed, 'zh') } };
      }),
    };
  });

type EventName = {
  readonly name: string;
  readonly events: number;
  readonly people: number;
  readonly firstOn: Day;
  readonly lastOn: Day;
};
type TraitName = {
  readonly name: string;
  readonly people: number;
  readonly types: readonly string[];
  readonly values: readonly string[];
};
type ProductName = { readonly value: string; readonly label: string; readonly buyers: number };

const matching = (column: ReturnType<typeof sql>, search: string) =>
  search === '' ? sql`1` : sql`positionCaseInsensitiveUTF8(toString(${column}), ${p.text(search)}) > 0`;

export async function vocabulary(context: SegmentContext, search: string) {
  const { events, records } = context;
  const eventNames = await events.rows<EventName>(sql`
    SELECT toString(name) AS name, sum(events) AS events, uniq(actor_id) AS people, toString(min(day)) AS firstOn, toString(max(day)) AS lastOn
    FROM actor_days WHERE ${matching(sql`name`, search)} GROUP BY name ORDER BY events DESC, name LIMIT ${p.int(NAMES_MAX)}`);
  const traits = await events.rows<TraitName>(sql`
    SELECT pair.1 AS name, count() AS people, arraySort(groupUniqArray(8)(toString(JSONType(pair.2)))) AS types,
      arraySort(topK(8)(if(length(pair.2) <= 60, pair.2, ''))) AS values
    FROM (SELECT traits FROM person_traits FINAL WHERE erased = 0 ORDER BY cityHash64(person_id) LIMIT ${p.int(PEOPLE_READ_MAX)})
    ARRAY JOIN JSONExtractKeysAndValuesRaw(traits) AS pair
    WHERE ${matching(sql`pair.1`, search)} GROUP BY name ORDER BY people DESC, name LIMIT ${p.int(NAMES_MAX)}`);
  const products = (value: ReturnType<typeof sql>, label: ReturnType<typeof sql>): Promise<ProductName[]> =>
    events.rows<ProductName>(sql`
      SELECT toString(${value}) AS value, toString(anyLast(${label})) AS label, uniq(actor_id) AS buyers
      FROM events ARRAY JOIN products AS product
      WHERE name = 'Order Completed' AND ${value} != '' AND (${matching(value, search)} OR ${matching(label, search)})
      GROUP BY value ORDER BY buyers DESC, value LIMIT ${p.int(NAMES_MAX)}`);
  const policies = await records.db
    .selectFrom('dormancy_policies')
    .select(['policy_id', 'version', 'name'])
    .where('active', '=', true)
    .orderBy('policy_id')
    .execute();
  const programmes = await records.db
    .selectFrom('programmes')
    .select(['programme_id', 'name', 'state'])
    .orderBy('created_at', 'desc')
    .limit(NAMES_MAX)
    .execute();
  return {
    operators: operatorTable(),
    groups: Object.entries(GROUPS).map(([name, label]) => ({ name, label })),
    events: eventNames,
    traits: traits.map((trait) => ({ ...trait, values: trait.values.filter((value) => value !== '') })),
    products: await products(
      sql`if(product.product_id != '', product.product_id, product.name)`,
      sql`if(product.name != '', product.name, product.product_id)`,
    ),
    categories: await products(sql`product.category`, sql`product.category`),
    brands: await products(sql`product.brand`, sql`product.brand`),
    stages: STAGE_NAMES.map((name) => ({ name, label: { en: STAGES[name].en, zh: STAGES[name].zh } })),
    reasons: REASONS.map((name) => ({ name, label: REASON_LABELS[name] })),
    rfmGroups: RFM_GROUP_NAMES.map((name) => ({ name, label: { en: RFM_GROUPS[name].en, zh: RFM_GROUPS[name].zh } })),
    channels: context.channels,
    policies: policies.map((row) => ({ policyId: row.policy_id, version: row.version, name: row.name })),
    programmes: programmes.map((row) => ({ programmeId: row.programme_id, name: row.name, state: row.state })),
    segments: (await listSegments(records.db)).map(({ segmentId, name, version }) => ({ segmentId, name, version })),
    snapshots: await listSnapshots(records.db),
  };
}
