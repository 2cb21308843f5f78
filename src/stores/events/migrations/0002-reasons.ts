// Why quiet people went quiet.
import { sql, type Sql } from '../../../kernel/sql.ts';

export const REASONS: readonly Sql[] = [
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
];
