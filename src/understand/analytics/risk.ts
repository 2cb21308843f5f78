// Which groups go quiet, and what does that cost? The dormant of each group, and the revenue at risk: what the cooling and the dormant would
// spend within the horizon at the pace of their last year, less what is expected of them anyway.
import { z } from 'zod';
import { STAGE_NAMES, type Stage } from '../dormancy/stage.ts';
import { dimensionSchema } from './dimension.ts';
import { leftOutAnswer } from './left-out.ts';

export const riskSchema = dimensionSchema.extend({
  /** Groups shown; the rest is one row. */
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export type RiskQuery = z.output<typeof riskSchema>;

const label = z.object({ en: z.string(), zh: z.string() });
const share = z.number().min(0).max(1);

const figures = {
  people: z.int(),
  /** Dormant, lost or relapsed. */
  dormantPeople: z.int(),
  dormantShare: share,
  /** 95% interval of the share (Wilson). */
  low: share,
  high: share,
  /** What the group's dormant spent in all their life. */
  dormantSpentCents: z.int(),
  /** Of the cooling and the dormant, all for the horizon: at their own pace, as the model expects, and the difference. */
  paceCents: z.int(),
  /** Null where no model could be fitted. */
  expectedCents: z.int().nullable(),
  atRiskCents: z.int(),
};

export const riskAnswer = z.object({
  policyId: z.string(),
  asOf: z.string(),
  /** Amounts that none of the sums holds. */
  leftOut: leftOutAnswer.nullable(),
  horizonDays: z.int(),
  total: z.object(figures),
  stages: z.array(
    z.object({
      stage: z.enum(STAGE_NAMES as [Stage, ...Stage[]]),
      label,
      people: z.int(),
      paceCents: z.int(),
      expectedCents: z.int().nullable(),
      atRiskCents: z.int(),
    }),
  ),
  groupedBy: label,
  /** Most dormant people first; the rest, if any, last. */
  groups: z.array(z.object({ group: z.string(), label, ...figures })),
});
export type Risk = z.output<typeof riskAnswer>;
export type RiskFigures = Omit<Risk['groups'][number], 'group' | 'label'>;
