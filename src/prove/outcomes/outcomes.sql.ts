// What each member of a programme did after she entered it, from the events; and what was done to her, from the records. One pass each.
import { sql as recordsSql } from 'kysely';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { EntryFacts } from '../../decide/programmes/entry-facts.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

/** One member with what the records know: arm, variant, and what she cost. */
export type MemberRow = {
  readonly person_id: string;
  readonly arm: 'treated' | 'control';
  readonly variant: string;
  readonly enrolled_at: Date;
  readonly contacted: number;
  readonly delivered: number;
  readonly clicked: number;
  readonly message_cost_cents: number;
  readonly offer_cost_cents: number;
  /** When a person of hers followed a link, oldest first. */
  readonly clicked_at: readonly Date[];
  /** What was known at her entry, before anything was done. */
  readonly known: EntryFacts;
};

/** Members of a programme, each once (her first entry): a person who enters again is still one person in the comparison. */
export async function programmeMembers(db: RecordsDb, programmeId: string, until: Date): Promise<MemberRow[]> {
  const rows = await recordsSql<MemberRow>`
    WITH member AS (
      SELECT DISTINCT ON (person_id) person_id, arm, COALESCE(variant, '') AS variant, enrolled_at, known
      FROM members WHERE programme_id = ${programmeId} AND enrolled_at <= ${until} ORDER BY person_id, enrolled_at
    ), sent AS (
      SELECT m.person_id, count(*)::int AS contacted, sum(m.cost_cents)::bigint AS message_cost_cents,
        count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = m.message_id AND r.kind = 'bounced'))::int AS delivered,
        count(*) FILTER (WHERE EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = m.message_id AND r.kind = 'clicked' AND r.class = 'human'))::int AS clicked
      FROM messages m WHERE m.programme_id = ${programmeId} AND m.state = 'sent' GROUP BY m.person_id
    ), clicks AS (
      SELECT m.person_id, array_agg(r.occurred_at ORDER BY r.occurred_at) AS clicked_at
      FROM messages m JOIN receipts r ON r.message_id = m.message_id AND r.kind = 'clicked' AND r.class = 'human'
      WHERE m.programme_id = ${programmeId} AND r.occurred_at <= ${until} GROUP BY m.person_id
    ), redeemed AS (
      SELECT person_id, sum(cost_cents)::bigint AS offer_cost_cents FROM grants
      WHERE programme_id = ${programmeId} AND state = 'redeemed' GROUP BY person_id
    )
    SELECT member.*, COALESCE(sent.contacted, 0) AS contacted, COALESCE(sent.delivered, 0) AS delivered, COALESCE(sent.clicked, 0) AS clicked,
      COALESCE(sent.message_cost_cents, 0) AS message_cost_cents, COALESCE(redeemed.offer_cost_cents, 0) AS offer_cost_cents,
      COALESCE(clicks.clicked_at, '{}') AS clicked_at
    FROM member LEFT JOIN sent USING (person_id) LEFT JOIN clicks USING (person_id) LEFT JOIN redeemed USING (person_id)
    ORDER BY member.person_id`.execute(db);
  return rows.rows;
}

export const createMembersTable = (table: Sql): Sql => sql`
  CREATE TABLE ${table} (person_id String, arm String, variant String, enrolled_at DateTime64(3, 'UTC'), contacted UInt32, delivered UInt32,
    clicked UInt32, message_cost_cents Int64, offer_cost_cents Int64, clicked_at Array(DateTime64(3, 'UTC')), stage String, rfm_group String,
    reason String, return_probability Nullable(Float64)) ENGINE = Memory`;

export type ArmTotals = {
  readonly arm: 'treated' | 'control';
  readonly variant: string;
  readonly people: number;
  readonly contacted: number;
  readonly delivered: number;
  readonly clicked: number;
  readonly returned: number;
  readonly orders: number;
  readonly revenue_cents: number;
  readonly revenue_squares: number;
  readonly margin_cents: number;
  readonly margin_squares: number;
  readonly message_cost_cents: number;
  readonly offer_cost_cents: number;
  /** People whose return was predicted at entry, and the sums of that prediction with itself and with the outcomes. */
  readonly predicted: number;
  readonly prediction_sum: number;
  readonly prediction_squares: number;
  readonly prediction_returned: number;
  readonly prediction_margin: number;
};

/** How members are told apart besides their arm. */
export const PARTS = {
  variant: sql`m.variant`,
  stage: sql`m.stage`,
  rfm_group: sql`m.rfm_group`,
  reason: sql`m.reason`,
} as const;

/**
 * Totals per arm and part (`variant` holds its name). Returned = any activity after entry, within `goalDays` and up to `until`. Revenue = orders less refunds in that
 * time. Margin of a person = revenue × margin share − discounts redeemed − messages; discounts are charged on everybody who redeemed, not
 * only on the incremental ones.
 */
export const armTotals = (
  members: Sql,
  source: Sql,
  input: {
    readonly activity: readonly string[];
    readonly goalDays: number;
    readonly marginShare: number;
    readonly until: Date;
    readonly part?: keyof typeof PARTS;
    /** Only who entered by then. */
    readonly enteredBy?: Date;
  },
): Sql => {
  const inTime = sql`e.name != '' AND e.occurred_at > m.enrolled_at AND e.occurred_at <= ${p.instant(input.until)}
    AND e.occurred_at <= m.enrolled_at + toIntervalDay(${p.int(input.goalDays)})`;
  return sql`
  WITH outcome AS (
    SELECT m.person_id AS person_id, any(m.arm) AS arm, any(${PARTS[input.part ?? 'variant']}) AS variant, any(m.contacted) AS contacted, any(m.delivered) AS delivered,
      any(m.clicked) AS clicked, any(m.message_cost_cents) AS message_cost, any(m.offer_cost_cents) AS offer_cost,
      any(m.return_probability) AS prediction,
      countIf(${inTime} AND e.name IN ${p.texts(input.activity)}) AS acts,
      countIf(${inTime} AND e.name = 'Order Completed') AS orders,
      sumIf(e.money_cents, ${inTime} AND e.name IN ('Order Completed', 'Order Refunded')) AS revenue
    FROM ${members} AS m
    LEFT JOIN (SELECT person_id, name, occurred_at, money_cents FROM ${source}
      WHERE (name IN ${p.texts(input.activity)} OR name IN ('Order Completed', 'Order Refunded')) AND person_id IN (SELECT person_id FROM ${members})) AS e ON e.person_id = m.person_id
    WHERE m.enrolled_at <= ${p.instant(input.enteredBy ?? input.until)}
    GROUP BY m.person_id
  ), netted AS (
    SELECT *, revenue * ${p.float(input.marginShare)} - offer_cost - message_cost AS margin FROM outcome
  )
  SELECT arm, variant, count() AS people, countIf(contacted > 0) AS contacted, countIf(delivered > 0) AS delivered, countIf(clicked > 0) AS clicked,
    countIf(acts > 0) AS returned, sum(orders) AS orders, sum(revenue) AS revenue_cents, sum(toFloat64(revenue) * revenue) AS revenue_squares,
    sum(margin) AS margin_cents, sum(margin * margin) AS margin_squares, sum(message_cost) AS message_cost_cents, sum(offer_cost) AS offer_cost_cents,
    countIf(prediction IS NOT NULL) AS predicted, sum(ifNull(prediction, 0)) AS prediction_sum,
    sum(ifNull(prediction, 0) * ifNull(prediction, 0)) AS prediction_squares,
    sumIf(ifNull(prediction, 0), acts > 0) AS prediction_returned, sum(ifNull(prediction, 0) * margin) AS prediction_margin
  FROM netted GROUP BY arm, variant ORDER BY arm, variant`;
};

/** Her events since she entered that could be revenue: the columns by which they are money or not. */
export const memberMoney = (members: Sql, source: Sql, until: Date): Sql => sql`(
  SELECT e.currency AS currency, e.amount_cents AS amount_cents, e.is_money AS is_money
  FROM ${members} AS m JOIN (SELECT person_id, occurred_at, currency, amount_cents, is_money FROM ${source}
    WHERE name IN ('Order Completed', 'Order Refunded') AND NOT is_money AND person_id IN (SELECT person_id FROM ${members})) AS e
    ON e.person_id = m.person_id
  WHERE e.occurred_at > m.enrolled_at AND e.occurred_at <= ${p.instant(until)})`;

export const dropTable = (table: Sql): Sql => sql`DROP TABLE IF EXISTS ${table}`;
export const scratchTable = (id: string): Sql => ident(id);

/** Why people were considered and not contacted: the first code of each person's last refusal. */
export async function refusalsByCode(db: RecordsDb, programmeId: string): Promise<{ code: string; people: number }[]> {
  const rows = await recordsSql<{ code: string; people: number }>`
    SELECT code, count(*)::int AS people FROM (
      SELECT DISTINCT ON (person_id) codes[1] AS code FROM decisions
      WHERE programme_id = ${programmeId} AND outcome = 'refused' ORDER BY person_id, decision_id DESC) AS last
    GROUP BY code ORDER BY people DESC, code`.execute(db);
  return rows.rows;
}

export async function messagesByState(db: RecordsDb, programmeId: string): Promise<Record<string, number>> {
  const rows = await recordsSql<{ state: string; messages: number }>`
    SELECT state, count(*)::int AS messages FROM messages WHERE programme_id = ${programmeId} GROUP BY state ORDER BY state`.execute(
    db,
  );
  return Object.fromEntries(rows.rows.map((row) => [row.state, row.messages]));
}
