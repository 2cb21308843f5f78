// Who objects to being profiled.
import { sql, type Sql } from '../../../kernel/sql.ts';

export const OBJECTIONS: readonly Sql[] = [
  // A copy of the records store's objections: who is left out of everything said about one person.
  sql`CREATE TABLE objectors (person_id String, objects UInt8, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY person_id`,
];
