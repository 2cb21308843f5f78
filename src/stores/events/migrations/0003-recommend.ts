// What is sold, what goes with what, and the best items of each person.
import { sql, type Sql } from '../../../kernel/sql.ts';

export const RECOMMEND: readonly Sql[] = [
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
];
