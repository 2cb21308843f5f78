// Computes what an analysis tells beyond the picture, in the throw-away store of one command: it may publish states there, because nobody
// else reads them.
import type { Day } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { countFunnel } from '../../understand/analytics/funnel.service.ts';
import { funnelSchema, type Funnel } from '../../understand/analytics/funnel.ts';
import { retentionOf } from '../../understand/analytics/retention.service.ts';
import { retentionSchema } from '../../understand/analytics/retention.ts';
import { riskBy } from '../../understand/analytics/risk.service.ts';
import type { ScratchStates } from '../../understand/dormancy/evaluate.service.ts';
import { STATE_COLUMNS } from '../../understand/dormancy/evaluate.sql.ts';
import type { DormancyPolicy } from '../../understand/dormancy/policy.ts';
import { DORMANT_STAGES } from '../../understand/dormancy/stage.ts';
import { explainQuiet, type ReasonShares } from '../../understand/reasons/reasons.service.ts';
import { SIGNALS } from '../../understand/reasons/signals.ts';
import { recommendForEveryone } from '../../understand/recommend/scoring.service.ts';
import { trainRecommender } from '../../understand/recommend/training.service.ts';
import { RFM_GROUP_NAMES, RFM_GROUPS, type RfmGroup } from '../../understand/value/rfm.ts';
import type { AnalysisBeyond, GroupProducts } from './analysis-beyond.ts';

export type BeyondInput = {
  readonly policy: DormancyPolicy;
  readonly asOf: Day;
  readonly now: Date;
  readonly horizonDays: number;
  readonly dataFrom: Day;
};

const PRODUCTS_PER_GROUP = 3;
const GROUPS_SHOWN = 12;
/** A matrix of so many items takes a second or two; the lists of a first look hardly reach beyond them. */
const ITEMS_LEARNT = 1_000;
const COHORT_PERIODS = 12;
/** Shorter histories are told by the week. */
const WEEKLY_UNTIL_DAYS = 100;
const FUNNEL_DAYS = 7;

/** The way to an order, as the Segment specification names its steps. */
const WAY_TO_ORDER = [
  ['Product Viewed', 'Product Clicked'],
  ['Product Added', 'Cart Viewed'],
  ['Checkout Started', 'Checkout Step Viewed'],
  ['Order Completed'],
] as const;

async function wayToOrder(events: Events, names: ReadonlySet<string>): Promise<Funnel | null> {
  const steps = WAY_TO_ORDER.map((step) => step.filter((name) => names.has(name))).filter((step) => step.length > 0);
  if (steps.length < 2) return null;
  const query = { steps: steps.map((step) => ({ events: step })), windowDays: FUNNEL_DAYS };
  return countFunnel(events, funnelSchema.parse(query));
}

/** Only where something was seen that is neither the activity nor what everybody's silence shows. */
async function reasonsIfSeen(
  events: Events,
  names: ReadonlySet<string>,
  { policy, now }: BeyondInput,
): Promise<ReasonShares | null> {
  const telling = SIGNALS.flatMap((signal) =>
    signal.kind === 'events' ? signal.any.flatMap((match) => match.names) : [],
  );
  if (!telling.some((name) => names.has(name) && !policy.activity.includes(name))) return null;
  return explainQuiet(events, { policyId: policy.policyId, now, answers: [] });
}

async function recommendedOf(
  events: Events,
  scratch: ScratchStates,
  { policy, asOf, now }: BeyondInput,
): Promise<AnalysisBeyond['recommended']> {
  const [bought] = await events.rows<{ lines: number }>(sql`
    SELECT sum(length(products)) AS lines FROM events WHERE name IN ${p.texts(policy.activity)} AND day <= ${p.day(asOf)}`);
  if ((bought?.lines ?? 0) === 0) return null;
  const training = await trainRecommender(events, { asOf, now, activity: policy.activity, itemsMax: ITEMS_LEARNT });
  await recommendForEveryone(events, { asOf, now, activity: policy.activity });
  const rows = await events.rows<{
    rfm_group: RfmGroup;
    people: number;
    item_id: string;
    name: string;
    share: number;
  }>(sql`
    WITH dormant AS (
      SELECT r.person_id AS person_id, r.item_id AS item_id, toString(s.rfm_group) AS rfm_group FROM person_recommendations AS r
      INNER JOIN (SELECT person_id, rfm_group FROM ${scratch.states} WHERE has(${p.texts(DORMANT_STAGES)}, toString(stage))) AS s ON s.person_id = r.person_id
    ), sizes AS (SELECT rfm_group, uniqExact(person_id) AS people FROM dormant GROUP BY rfm_group)
    SELECT d.rfm_group AS rfm_group, any(z.people) AS people, d.item_id AS item_id, any(i.name) AS name, count() / people AS share
    FROM dormant AS d INNER JOIN sizes AS z ON z.rfm_group = d.rfm_group
    LEFT ANY JOIN (SELECT item_id, name FROM items FINAL) AS i ON i.item_id = d.item_id
    GROUP BY rfm_group, item_id ORDER BY rfm_group, share DESC, item_id LIMIT ${p.int(PRODUCTS_PER_GROUP)} BY rfm_group`);
  const groups = RFM_GROUP_NAMES.flatMap((group): GroupProducts[] => {
    const own = rows.filter((row) => row.rfm_group === group);
    const [first] = own;
    if (first === undefined) return [];
    return [
      {
        group,
        label: { en: RFM_GROUPS[group].en, zh: RFM_GROUPS[group].zh },
        people: first.people,
        products: own.map((row) => ({
          itemId: row.item_id,
          name: row.name === '' ? row.item_id : row.name,
          share: row.share,
        })),
      },
    ];
  });
  return { model: training.model, asOf, groups };
}

async function riskOfGroups(
  events: Events,
  scratch: ScratchStates,
  input: BeyondInput,
): Promise<AnalysisBeyond['byGroup']> {
  const { policy, asOf, horizonDays } = input;
  const base = { policyId: policy.policyId, activity: policy.activity, states: scratch.states, asOf, horizonDays };
  for (const by of ['category', 'brand', 'product'] as const) {
    const risk = await riskBy(events, base, { by, limit: GROUPS_SHOWN });
    // One group, or one and those nothing is known of, tells nothing.
    if (risk.groups.filter(({ group }) => group !== '').length > 1) return { ...risk, by };
  }
  return null;
}

/** Everything the files allow. `scratch` as the picture computed it; its states are published on the way. */
export async function lookBeyond(events: Events, scratch: ScratchStates, input: BeyondInput): Promise<AnalysisBeyond> {
  const { policy, asOf, dataFrom } = input;
  const seen = await events.rows<{ name: string }>(sql`SELECT DISTINCT toString(name) AS name FROM actor_days`);
  const names = new Set(seen.map((row) => row.name));
  const days = (Date.parse(asOf) - Date.parse(dataFrom)) / 86_400_000;
  const unit = days < WEEKLY_UNTIL_DAYS ? 'week' : 'month';
  const retention = await retentionOf(
    events,
    retentionSchema.parse({ unit, asOf, activity: policy.activity, periods: COHORT_PERIODS }),
  );
  const byGroup = await riskOfGroups(events, scratch, input);
  const funnel = await wayToOrder(events, names);
  await events.run(sql`INSERT INTO person_states (${STATE_COLUMNS}) SELECT ${STATE_COLUMNS} FROM ${scratch.states}`);
  const reasons = await reasonsIfSeen(events, names, input);
  return { retention, byGroup, funnel, reasons, recommended: await recommendedOf(events, scratch, input) };
}
