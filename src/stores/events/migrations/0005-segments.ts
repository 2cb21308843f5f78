// What segments ask of a person beyond her events, and who is in them.
import { sql, type Sql } from '../../../kernel/sql.ts';

export const SEGMENTS: readonly Sql[] = [
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
];
