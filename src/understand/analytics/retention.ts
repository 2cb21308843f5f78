// Who comes back, by when they first came? A cohort is everybody first seen in one week or month; each later period shows how many of them
// were there again and what they spent. A period that is not over yet says so.
import { z } from 'zod';
import { inWords } from '../../kernel/issue.ts';
import { leftOutAnswer } from './left-out.ts';
import { UNITS } from './period.ts';

const day = z.iso.date();
const names = z.array(z.string().min(1).max(200)).min(1).max(50);

export const retentionSchema = z
  .strictObject({
    unit: z.enum(UNITS).default('month'),
    /** What makes somebody first seen; orders unless told. */
    activity: names.optional(),
    /** What counts as being there again; the same unless told. */
    returning: names.optional(),
    /** The first cohort is the one that holds `from`. */
    from: day.optional(),
    to: day.optional(),
    /** The last day of data that counts; the last there is unless told. */
    asOf: day.optional(),
    /** Columns after the first. */
    periods: z.int().min(1).max(60).default(12),
    policyId: z.string().min(1).optional(),
    segment: z.unknown().optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    message: inWords('is after `to`', '晚于 `to`'),
  });

export type RetentionQuery = z.output<typeof retentionSchema>;

const share = z.number().min(0).max(1);
const cellAnswer = z.object({
  /** Whole weeks or months since the cohort's first. */
  period: z.int(),
  people: z.int(),
  share,
  spentCents: z.int(),
  /** False while the period still runs. */
  isOver: z.boolean(),
});
const cohortAnswer = z.object({ cohort: z.string(), people: z.int(), cells: z.array(cellAnswer) });

export const retentionAnswer = z.object({
  unit: z.enum(UNITS),
  asOf: z.string(),
  /** Amounts that none of the sums holds. */
  leftOut: leftOutAnswer.nullable(),
  activity: z.array(z.string()),
  returning: z.array(z.string()),
  cohorts: z.array(cohortAnswer),
  /** All cohorts together, of those whose period is over: Σ people there / Σ people of the cohort, with a 95% interval (Wilson). */
  overall: z.array(z.object({ period: z.int(), people: z.int(), of: z.int(), share, low: share, high: share })),
});

export type Retention = z.output<typeof retentionAnswer>;
