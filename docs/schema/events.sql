-- The events store after all migrations. Written by `npm run schema`; a test compares it with the migrations.

CREATE TABLE actor_days
(
    `actor_id` String,
    `name` LowCardinality(String),
    `day` Date,
    `currency` LowCardinality(String),
    `events` SimpleAggregateFunction(sum, UInt64),
    `amount_cents` SimpleAggregateFunction(sum, Int64),
    `last_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `touched_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `lines` SimpleAggregateFunction(sum, UInt64),
    `items` SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(day)
ORDER BY (name, actor_id, day, currency)
SETTINGS index_granularity = 8192;

CREATE MATERIALIZED VIEW actor_days_feed TO actor_days
(
    `actor_id` String,
    `name` LowCardinality(String),
    `day` Date,
    `currency` LowCardinality(String),
    `events` UInt64,
    `amount_cents` Int64,
    `last_at` DateTime64(3, 'UTC'),
    `touched_at` DateTime64(3, 'UTC'),
    `lines` UInt64,
    `items` UInt64
)
AS SELECT
    actor_id,
    name,
    day,
    currency,
    count() AS events,
    sum(amount_cents) AS amount_cents,
    max(occurred_at) AS last_at,
    max(now64(3, 'UTC')) AS touched_at,
    sum(lines) AS lines,
    sum(items) AS items
FROM events
GROUP BY
    actor_id,
    name,
    day,
    currency;

CREATE TABLE erased_message_ids
(
    `id` FixedString(16)
)
ENGINE = MergeTree
ORDER BY id
SETTINGS index_granularity = 8192;

CREATE TABLE events
(
    `message_id` String,
    `actor_id` String,
    `name` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC'),
    `received_at` DateTime64(3, 'UTC'),
    `day` Date,
    `amount_cents` Int64,
    `currency` LowCardinality(String),
    `order_id` String,
    `products` Array(Tuple(
        product_id String,
        name String,
        category String,
        brand String,
        quantity Int32,
        price_cents Int64)),
    `properties` String CODEC(ZSTD(3)),
    `source` LowCardinality(String),
    `lines` UInt32 DEFAULT toUInt32(greatest(1, length(products))),
    `items` UInt32 DEFAULT toUInt32(least(4000000000., greatest(1., if(empty(products), ifNotFinite(round(JSONExtract(properties, 'quantity', 'Float64')), 1.), toFloat64(abs(arraySum(each -> tupleElement(each, 'quantity'), products)))))))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (actor_id, name, occurred_at)
SETTINGS index_granularity = 8192;

CREATE TABLE item_neighbours
(
    `item_id` String,
    `item_no` UInt32,
    `model` LowCardinality(String),
    `people` UInt32,
    `popularity` Float32,
    `trend` Float32,
    `neighbours` Array(UInt32),
    `weights` Array(Float32),
    `sign_of` Array(UInt32),
    `sign_weights` Array(Float32),
    `as_of` Date,
    `trained_at` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY item_no
SETTINGS index_granularity = 8192;

CREATE TABLE items
(
    `item_id` String,
    `name` String,
    `category` LowCardinality(String),
    `brand` LowCardinality(String),
    `price_cents` Int64,
    `available` UInt8,
    `first_seen_on` Date,
    `url` String,
    `image_url` String,
    `origin` LowCardinality(String),
    `updated_at` DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY item_id
SETTINGS index_granularity = 8192;

CREATE TABLE message_ids
(
    `id` FixedString(16)
)
ENGINE = MergeTree
ORDER BY id
SETTINGS index_granularity = 8192;

CREATE MATERIALIZED VIEW message_ids_feed TO message_ids
(
    `id` FixedString(16)
)
AS SELECT sipHash128(message_id) AS id
FROM events;

CREATE TABLE migrations
(
    `name` String,
    `applied_at` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY name
SETTINGS index_granularity = 8192;

CREATE TABLE money_rules
(
    `rules` String,
    `version` UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY tuple()
SETTINGS index_granularity = 8192;

CREATE TABLE objectors
(
    `person_id` String,
    `objects` UInt8,
    `version` UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY person_id
SETTINGS index_granularity = 8192;

CREATE TABLE person_facts
(
    `person_id` String,
    `created_on` Date,
    `addresses` Array(LowCardinality(String)),
    `consents` Array(Tuple(
        channel String,
        purpose String,
        status String,
        expires_at DateTime64(3, 'UTC'))),
    `suppressed` Array(LowCardinality(String)),
    `global_control` UInt8,
    `touches` Array(Tuple(
        what String,
        programme_id String,
        channel String,
        on_day Date)),
    `version` UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY person_id
SETTINGS index_granularity = 8192;

CREATE TABLE person_links
(
    `actor_id` String,
    `person_id` String,
    `version` UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY actor_id
SETTINGS index_granularity = 8192;

CREATE TABLE person_preferences
(
    `person_id` String,
    `orders` UInt32,
    `categories` Array(Tuple(
        name String,
        share Float32)),
    `brands` Array(Tuple(
        name String,
        share Float32)),
    `price_bands` Array(Float32),
    `hours` Array(Float32),
    `as_of` Date,
    `computed_at` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY person_id
SETTINGS index_granularity = 8192;

CREATE TABLE person_reasons
(
    `policy_id` LowCardinality(String),
    `person_id` String,
    `as_of` Date,
    `reason` LowCardinality(String),
    `probability` Float64,
    `probabilities` Map(LowCardinality(String), Float64),
    `evidence` String CODEC(ZSTD(3)),
    `answer` LowCardinality(String),
    `model` LowCardinality(String),
    `computed_at` DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(computed_at)
PARTITION BY policy_id
ORDER BY (policy_id, person_id)
SETTINGS index_granularity = 8192;

CREATE TABLE person_recommendations
(
    `person_id` String,
    `rank` UInt16,
    `item_id` String,
    `score` Float32,
    `reason` LowCardinality(String),
    `own_orders` UInt32,
    `because_item_id` String,
    `as_of` Date,
    `computed_at` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (person_id, rank)
SETTINGS index_granularity = 8192;

CREATE TABLE person_spans
(
    `actor_id` String,
    `first_on` SimpleAggregateFunction(min, Date),
    `last_on` SimpleAggregateFunction(max, Date)
)
ENGINE = AggregatingMergeTree
ORDER BY actor_id
SETTINGS index_granularity = 8192;

CREATE MATERIALIZED VIEW person_spans_feed TO person_spans
(
    `actor_id` String,
    `first_on` Date,
    `last_on` Date
)
AS SELECT
    actor_id,
    min(day) AS first_on,
    max(day) AS last_on
FROM events
GROUP BY actor_id;

CREATE TABLE person_states
(
    `policy_id` LowCardinality(String),
    `person_id` String,
    `policy_version` UInt32,
    `as_of` Date,
    `stage` LowCardinality(String),
    `stage_since` Date,
    `cause` LowCardinality(String),
    `silent_days` UInt32,
    `threshold_days` UInt32,
    `active_days` UInt32,
    `first_on` Date,
    `last_on` Date,
    `spent_cents` Int64,
    `recency_quintile` UInt8,
    `frequency_quintile` UInt8,
    `monetary_quintile` UInt8,
    `rfm_group` LowCardinality(String),
    `return_probability` Nullable(Float64),
    `expected_value_cents` Nullable(Float64),
    `computed_at` DateTime64(3, 'UTC'),
    `days` Array(UInt16),
    `lines` UInt64,
    `items` UInt64
)
ENGINE = ReplacingMergeTree(computed_at)
PARTITION BY policy_id
ORDER BY (policy_id, person_id)
SETTINGS index_granularity = 8192;

CREATE TABLE person_sunsets
(
    `policy_id` LowCardinality(String),
    `person_id` String,
    `since_on` Date,
    `contacts` UInt32,
    `ended_on` Nullable(Date),
    `end_cause` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY policy_id
ORDER BY (policy_id, person_id)
SETTINGS index_granularity = 8192;

CREATE TABLE person_traits
(
    `person_id` String,
    `traits` String,
    `updated_at` DateTime64(3, 'UTC'),
    `erased` UInt8
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY person_id
SETTINGS index_granularity = 8192;

CREATE TABLE policy_evaluations
(
    `policy_id` LowCardinality(String),
    `policy_version` UInt32,
    `as_of` Date,
    `through_on` Date,
    `horizon_days` UInt32,
    `people` UInt64,
    `repeaters` UInt64,
    `base_gap_hundredths` Int64,
    `recency_cutpoints` Array(Int64),
    `frequency_cutpoints` Array(Int64),
    `monetary_cutpoints` Array(Int64),
    `model` String CODEC(ZSTD(3)),
    `model_as_of` Date,
    `seen_until` DateTime64(3, 'UTC'),
    `computed_at` DateTime64(3, 'UTC'),
    `money` String
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (policy_id, as_of)
SETTINGS index_granularity = 8192;

CREATE TABLE segment_members
(
    `segment_id` LowCardinality(String),
    `person_id` String,
    `since` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
PARTITION BY segment_id
ORDER BY (segment_id, person_id)
SETTINGS index_granularity = 8192;

CREATE TABLE segment_snapshot_members
(
    `snapshot_id` LowCardinality(String),
    `person_id` String
)
ENGINE = MergeTree
PARTITION BY snapshot_id
ORDER BY (snapshot_id, person_id)
SETTINGS index_granularity = 8192;

CREATE TABLE stage_changes
(
    `policy_id` LowCardinality(String),
    `policy_version` UInt32,
    `person_id` String,
    `from_stage` LowCardinality(String),
    `to_stage` LowCardinality(String),
    `changed_on` Date,
    `cause` LowCardinality(String),
    `computed_at` DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (policy_id, person_id, changed_on, to_stage)
SETTINGS index_granularity = 8192;
