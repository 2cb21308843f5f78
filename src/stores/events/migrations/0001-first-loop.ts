// Events, the ids of all that was ever accepted, the roll-up per person and day, and the states of dormancy policies.
import { sql, type Sql } from '../../../kernel/sql.ts';

export const FIRST_LOOP: readonly Sql[] = [
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
];
