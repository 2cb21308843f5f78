// What the next evaluation of a policy starts from, so that a day costs the people with news.
import { sql, type Sql } from '../../../kernel/sql.ts';

export const EVALUATIONS: readonly Sql[] = [
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
];
