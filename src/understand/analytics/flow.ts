// Between which stages do people move over time? Columns are the ends of weeks or months; between two columns flow the people who stood in one
// stage at the first and in another (or the same) at the second. Ready to be drawn as a Sankey diagram: node ids are unique and point one way.
import { z } from 'zod';
import { CAUSES, STAGE_NAMES, STAGES, type Cause, type Stage } from '../dormancy/stage.ts';
import { UNITS } from './period.ts';

const day = z.iso.date();

export const overTimeSchema = z.strictObject({
  unit: z.enum(UNITS).default('month'),
  /** Six months before the end unless told. */
  from: day.optional(),
  /** The policy's last evaluation unless told. */
  to: day.optional(),
});
export type OverTimeQuery = z.output<typeof overTimeSchema>;

const STAGE_ENUM = STAGE_NAMES as [Stage, ...Stage[]];
/** Not a customer yet at that day. */
export const NOT_YET = 'not_yet';
const nodeStage = z.enum([NOT_YET, ...STAGE_ENUM]);
const label = z.object({ en: z.string(), zh: z.string() });

export const flowAnswer = z.object({
  policyId: z.string(),
  unit: z.enum(UNITS),
  columns: z.array(z.string()),
  nodes: z.array(z.object({ id: z.string(), on: z.string(), stage: nodeStage, label, people: z.int() })),
  links: z.array(z.object({ source: z.string(), target: z.string(), people: z.int() })),
  /** Single changes between the first column and the last, the most frequent first; one person may have made several. */
  moves: z.array(
    z.object({
      from: nodeStage,
      to: z.enum(STAGE_ENUM),
      cause: z.enum(Object.keys(CAUSES) as [Cause, ...Cause[]]),
      causeLabel: label,
      changes: z.int(),
    }),
  ),
});
export type StageFlow = z.output<typeof flowAnswer>;
export type FlowStage = z.output<typeof nodeStage>;

export const dormancyAnswer = z.object({
  policyId: z.string(),
  unit: z.enum(UNITS),
  periods: z.array(
    z.object({
      /** Last day of the period. */
      on: z.string(),
      people: z.int(),
      dormantPeople: z.int(),
      dormantShare: z.number().min(0).max(1),
      stages: z.record(z.enum(STAGE_ENUM), z.int()),
      firstSeen: z.int(),
      becameDormant: z.int(),
      returned: z.int(),
    }),
  ),
});
export type DormancyOverTime = z.output<typeof dormancyAnswer>;

export const flowLabel = (stage: FlowStage): { en: string; zh: string } =>
  stage === NOT_YET ? { en: 'Not a customer yet', zh: '尚未成为用户' } : { en: STAGES[stage].en, zh: STAGES[stage].zh };

export const nodeId = (on: string, stage: FlowStage): string => `${on}/${stage}`;
