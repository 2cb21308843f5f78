// A segment as SQL over the events store.
import { sql, type Sql } from '../../kernel/sql.ts';
import type { SegmentMoment } from './operator.ts';
import { segmentQuery, type SegmentTables } from './plan.ts';
import { clauseOf, type ResolvedSegment } from './segment.ts';

/** SELECT of one column person_id, everybody once. */
export const peopleOf = (segment: ResolvedSegment, tables: SegmentTables, moment: SegmentMoment): Sql =>
  segmentQuery(clauseOf(segment, moment), tables, moment);

/** The segment as a condition on a column `person_id`. */
export const isInSegment = (segment: ResolvedSegment, tables: SegmentTables, moment: SegmentMoment): Sql =>
  sql`person_id IN (${peopleOf(segment, tables, moment)})`;
