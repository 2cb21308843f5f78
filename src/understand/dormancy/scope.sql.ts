// Consent as it stood on a past day, from the ledger of every word ever said.
import { p, sql, type Sql } from '../../kernel/sql.ts';

/** One word of consent or of its withdrawal, under the names of the channels it is a word for. */
export type ConsentWord = {
  readonly person_id: string;
  /** As it was said: a later word on the same replaces it. */
  readonly said: string;
  readonly channels: readonly string[];
  readonly purpose: string;
  readonly status: 'granted' | 'withdrawn';
  readonly decided_at: string;
  /** 1970: never. */
  readonly expires_at: string;
  readonly word_id: string;
};

/** A table of `ConsentWord`. */
export const createConsentWords = (table: Sql): Sql => sql`
  CREATE TABLE ${table} (person_id String, said LowCardinality(String), channels Array(LowCardinality(String)), purpose LowCardinality(String),
    status LowCardinality(String), decided_at DateTime64(3, 'UTC'), expires_at DateTime64(3, 'UTC'), word_id String)
  ENGINE = MergeTree ORDER BY (person_id, said, purpose)`;

/** `person_facts` as far as a past instant can be known: the consents of that instant, programme history (which is dated), the control group. */
export const factsAt = (words: Sql, at: Date): Sql => sql`(
  SELECT f.person_id AS person_id, f.touches AS touches, f.global_control AS global_control, w.consents AS consents
  FROM (SELECT person_id, touches, global_control FROM person_facts FINAL) AS f
  LEFT JOIN (
    SELECT person_id, CAST(groupArrayArray(arrayMap(c -> (toString(c), toString(purpose), latest.2, latest.3), latest.1))
      AS Array(Tuple(channel String, purpose String, status String, expires_at DateTime64(3, 'UTC')))) AS consents
    FROM (
      SELECT person_id, said, purpose, argMax((channels, toString(status), expires_at), (decided_at, toString(status), word_id)) AS latest
      FROM ${words} WHERE decided_at <= ${p.instant(at)} GROUP BY person_id, said, purpose
    ) GROUP BY person_id
  ) AS w ON w.person_id = f.person_id)`;
