// The events store's tables. Applied in order at start, under the records store's migration lock (the caller holds it).
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from './events.ts';

export type EventsMigration = { readonly name: string; readonly statements: readonly Sql[] };

const FIRST_LOOP: EventsMigration = {
  name: '0001-first-loop',
  statements: [
    // `actor_id` is who the sender said it was; `person_links` says which person that is now. `day` is the business's calendar day.
    sql`CREATE TABLE events (
      message_id String,
      actor_id String,
      name LowCardinality(String),
      occurred_at DateTime64(3, 'UTC'),
      received_at DateTime64(3, 'UTC'),
      day Date,
      amount_cents Int64,
      currency LowCardinality(String),
      order_id String,
      products Array(Tuple(product_id String, name String, category String, brand String, quantity Int32, price_cents Int64)),
      properties String CODEC(ZSTD(3)),
      source LowCardinality(String)
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (actor_id, name, occurred_at)`,

    // Every message id ever accepted, as `sipHash128(message_id)`: what makes retries and second imports add nothing.
    sql`CREATE TABLE message_ids (id FixedString(16)) ENGINE = MergeTree ORDER BY id`,
    sql`CREATE MATERIALIZED VIEW message_ids_feed TO message_ids AS SELECT sipHash128(message_id) AS id FROM events`,

    // Ids of erased people's events: all that is left of them, so that a late retry brings nothing back.
    sql`CREATE TABLE erased_message_ids (id FixedString(16)) ENGINE = MergeTree ORDER BY id`,

    // The per-person per-day roll-up, kept by the engine as events arrive: scoring costs people, not events.
    sql`CREATE TABLE person_days (
      actor_id String,
      name LowCardinality(String),
      day Date,
      events SimpleAggregateFunction(sum, UInt64),
      amount_cents SimpleAggregateFunction(sum, Int64),
      last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
    ) ENGINE = AggregatingMergeTree PARTITION BY toYear(day) ORDER BY (name, actor_id, day)`,
    sql`CREATE MATERIALIZED VIEW person_days_feed TO person_days AS
      SELECT actor_id, name, day, count() AS events, sum(amount_cents) AS amount_cents, max(occurred_at) AS last_at
      FROM events GROUP BY actor_id, name, day`,

    sql`CREATE TABLE person_links (actor_id String, person_id String, version UInt64)
      ENGINE = ReplacingMergeTree(version) ORDER BY actor_id`,

    sql`CREATE TABLE person_traits (person_id String, traits String, updated_at DateTime64(3, 'UTC'), erased UInt8)
      ENGINE = ReplacingMergeTree(updated_at) ORDER BY person_id`,

    // One row per policy and person: the latest stage, features and scores. An evaluation replaces its policy's whole partition at
    // once, so readers see one evaluation or the other, never a mixture. Scores are NULL where there was too little data to fit.
    sql`CREATE TABLE person_states (
      policy_id LowCardinality(String),
      person_id String,
      policy_version UInt32,
      as_of Date,
      stage LowCardinality(String),
      stage_since Date,
      cause LowCardinality(String),
      silent_days UInt32,
      threshold_days UInt32,
      active_days UInt32,
      first_on Date,
      last_on Date,
      spent_cents Int64,
      recency_quintile UInt8,
      frequency_quintile UInt8,
      monetary_quintile UInt8,
      rfm_group LowCardinality(String),
      return_probability Nullable(Float64),
      expected_value_cents Nullable(Float64),
      computed_at DateTime64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree(computed_at) PARTITION BY policy_id ORDER BY (policy_id, person_id)`,

    sql`CREATE TABLE stage_changes (
      policy_id LowCardinality(String),
      policy_version UInt32,
      person_id String,
      from_stage LowCardinality(String),
      to_stage LowCardinality(String),
      changed_on Date,
      cause LowCardinality(String),
      computed_at DateTime64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree(computed_at) ORDER BY (policy_id, person_id, changed_on, to_stage)`,
  ],
};

const REASONS: EventsMigration = {
  name: '0002-reasons',
  statements: [
    // One row per policy and quiet person: why, with which probability and on what evidence. Replaced by partition like person_states.
    sql`CREATE TABLE person_reasons (
      policy_id LowCardinality(String),
      person_id String,
      as_of Date,
      reason LowCardinality(String),
      probability Float64,
      probabilities Map(LowCardinality(String), Float64),
      evidence String CODEC(ZSTD(3)),
      answer LowCardinality(String),
      model LowCardinality(String),
      computed_at DateTime64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree(computed_at) PARTITION BY policy_id ORDER BY (policy_id, person_id)`,
  ],
};

const RECOMMEND: EventsMigration = {
  name: '0003-recommend',
  statements: [
    // What the shop sells. `origin` says who spoke last: 'events' (products of orders and views) or 'catalogue', which overrides them.
    sql`CREATE TABLE items (
      item_id String,
      name String,
      category LowCardinality(String),
      brand LowCardinality(String),
      price_cents Int64,
      available UInt8,
      first_seen_on Date,
      url String,
      image_url String,
      origin LowCardinality(String),
      updated_at DateTime64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY item_id`,

    // The trained recommender: one row per sold item. Items are numbered from 0, those most people bought first; neighbours are numbers.
    // Holding the item adds `weights` to its best `neighbours`, or `sign_weights` to the items (`sign_of`) it is one of the best signs of.
    // Popularity runs from 0 to 1 (the most sold item of the last 90 days; trend: of late). A training replaces the whole table at once.
    sql`CREATE TABLE item_neighbours (
      item_id String,
      item_no UInt32,
      model LowCardinality(String),
      people UInt32,
      popularity Float32,
      trend Float32,
      neighbours Array(UInt32),
      weights Array(Float32),
      sign_of Array(UInt32),
      sign_weights Array(Float32),
      as_of Date,
      trained_at DateTime64(3, 'UTC')
    ) ENGINE = MergeTree ORDER BY item_no`,

    // The best items of everybody who ever bought, as of the last scoring pass, which replaces the whole table at once.
    sql`CREATE TABLE person_recommendations (
      person_id String,
      rank UInt16,
      item_id String,
      score Float32,
      reason LowCardinality(String),
      own_orders UInt32,
      because_item_id String,
      as_of Date,
      computed_at DateTime64(3, 'UTC')
    ) ENGINE = MergeTree ORDER BY (person_id, rank)`,

    // What each person likes, and at which local hour she comes; shares, smoothed towards everybody's.
    sql`CREATE TABLE person_preferences (
      person_id String,
      orders UInt32,
      categories Array(Tuple(name String, share Float32)),
      brands Array(Tuple(name String, share Float32)),
      price_bands Array(Float32),
      hours Array(Float32),
      as_of Date,
      computed_at DateTime64(3, 'UTC')
    ) ENGINE = MergeTree ORDER BY person_id`,
  ],
};

const EVALUATIONS: EventsMigration = {
  name: '0004-evaluations',
  statements: [
    // When the engine took an event in, by its own clock: who has news since an evaluation is found without reading events.
    sql`ALTER TABLE person_days ADD COLUMN IF NOT EXISTS touched_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))`,
    sql`CREATE MATERIALIZED VIEW person_days_feed TO person_days AS
      SELECT actor_id, name, day, count() AS events, sum(amount_cents) AS amount_cents, max(occurred_at) AS last_at, max(now64(3, 'UTC')) AS touched_at
      FROM events GROUP BY actor_id, name, day`,

    // A person's active days under the policy, ascending: with her stage they are the per-person roll-up the next evaluation starts from.
    sql`ALTER TABLE person_states ADD COLUMN IF NOT EXISTS days Array(UInt16)`,

    // What an evaluation settled for everybody, so that the next one and the people with news in between are judged by the same measure.
    // One row per policy and day, the last one written counts. `through_on`: activity up to this day was taken in. `seen_until`: by the
    // engine's clock. `model`: the fitted models as JSON, `model_as_of` the day they were fitted for.
    sql`CREATE TABLE policy_evaluations (
      policy_id LowCardinality(String),
      policy_version UInt32,
      as_of Date,
      through_on Date,
      horizon_days UInt32,
      people UInt64,
      repeaters UInt64,
      base_gap_hundredths Int64,
      recency_cutpoints Array(Int64),
      frequency_cutpoints Array(Int64),
      monetary_cutpoints Array(Int64),
      model String CODEC(ZSTD(3)),
      model_as_of Date,
      seen_until DateTime64(3, 'UTC'),
      computed_at DateTime64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree(computed_at) ORDER BY (policy_id, as_of)`,

    // The records store's sunsets beside the states they change. Replaced as a whole.
    sql`CREATE TABLE person_sunsets (
      policy_id LowCardinality(String),
      person_id String,
      since_on Date,
      contacts UInt32,
      ended_on Nullable(Date),
      end_cause LowCardinality(String)
    ) ENGINE = MergeTree PARTITION BY policy_id ORDER BY (policy_id, person_id)`,
  ],
};

const SEGMENTS: EventsMigration = {
  name: '0005-segments',
  statements: [
    // Since when each id is known, and its last day: who is there at all costs people, not days. People without events are added by
    // whoever mirrors their facts.
    sql`CREATE TABLE person_spans (
      actor_id String,
      first_on SimpleAggregateFunction(min, Date),
      last_on SimpleAggregateFunction(max, Date)
    ) ENGINE = AggregatingMergeTree ORDER BY actor_id`,
    sql`INSERT INTO person_spans SELECT actor_id, min(day), max(day) FROM person_days GROUP BY actor_id`,
    sql`CREATE MATERIALIZED VIEW person_spans_feed TO person_spans AS
      SELECT actor_id, min(day) AS first_on, max(day) AS last_on FROM events GROUP BY actor_id`,

    // What the records store knows of each person, mirrored for segments: addresses that exist (by channel), the latest word of consent
    // per channel and purpose (expiry 1970: never), suppressed channels ('*': all), and what programmes did with her.
    sql`CREATE TABLE person_facts (
      person_id String,
      created_on Date,
      addresses Array(LowCardinality(String)),
      consents Array(Tuple(channel String, purpose String, status String, expires_at DateTime64(3, 'UTC'))),
      suppressed Array(LowCardinality(String)),
      global_control UInt8,
      touches Array(Tuple(what String, programme_id String, channel String, on_day Date)),
      version UInt64
    ) ENGINE = ReplacingMergeTree(version) ORDER BY person_id`,

    // Who is in each watched segment since when; an evaluation replaces its segment's whole partition at once.
    sql`CREATE TABLE segment_members (
      segment_id LowCardinality(String),
      person_id String,
      since DateTime64(3, 'UTC')
    ) ENGINE = MergeTree PARTITION BY segment_id ORDER BY (segment_id, person_id)`,

    // Sets of people frozen for good.
    sql`CREATE TABLE segment_snapshot_members (
      snapshot_id LowCardinality(String),
      person_id String
    ) ENGINE = MergeTree PARTITION BY snapshot_id ORDER BY (snapshot_id, person_id)`,
  ],
};

const OBJECTIONS: EventsMigration = {
  name: '0006-objections',
  statements: [
    // A copy of the records store's objections: who is left out of everything said about one person.
    sql`CREATE TABLE objectors (person_id String, objects UInt8, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY person_id`,
  ],
};

export const EVENTS_MIGRATIONS: readonly EventsMigration[] = [
  FIRST_LOOP,
  REASONS,
  RECOMMEND,
  EVALUATIONS,
  SEGMENTS,
  OBJECTIONS,
];

/** Applies what is missing. Statements of a half-applied migration are made idempotent by dropping what it made first. */
export async function migrateEvents(events: Events, now: Date): Promise<void> {
  await events.run(
    sql`CREATE TABLE IF NOT EXISTS migrations (name String, applied_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY name`,
  );
  const applied = new Set(
    (await events.rows<{ name: string }>(sql`SELECT name FROM migrations`)).map((row) => row.name),
  );
  for (const migration of EVENTS_MIGRATIONS) {
    if (applied.has(migration.name)) continue;
    for (const statement of migration.statements) {
      const made = /^CREATE (?:TABLE|MATERIALIZED VIEW) (\w+)/.exec(statement.chunks[0] ?? '')?.[1];
      if (made !== undefined) await events.run(sql`DROP TABLE IF EXISTS ${ident(made)}`);
      await events.run(statement);
    }
    await events.run(sql`INSERT INTO migrations VALUES (${p.text(migration.name)}, ${p.instant(now)})`);
  }
}
