// How far do people get? A funnel is an ordered list of steps; a person is as far as the longest chain of steps that begins with the first one
// and happens within the window. What one event may be counted for, and what comes first at the same instant, is said here and held equal to
// the engine by a property test. Pure.
import { z } from 'zod';
import type { Day } from '../../kernel/days.ts';
import { inWords } from '../../kernel/issue.ts';
import { dimensionSchema } from './dimension.ts';

const STEPS_MAX = 10;

const stepSchema = z.strictObject({
  label: z.string().min(1).max(120).optional(),
  /** Any of these events. */
  events: z.array(z.string().min(1).max(200)).min(1).max(20),
  /** Only events of at least this amount. */
  minAmountCents: z.int().min(1).optional(),
});

const day = z.iso.date();

export const funnelSchema = z
  .strictObject({
    steps: z.array(stepSchema).min(2).max(STEPS_MAX),
    /** From the first step to the last. */
    windowDays: z.int().min(1).max(365),
    /** Business days on which a chain may begin; the window may run past the last. The last ninety days of data unless told. */
    from: day.optional(),
    to: day.optional(),
    groupBy: dimensionSchema.optional(),
    /** Stages and segments are those of this policy's last evaluation. */
    policyId: z.string().min(1).optional(),
    segment: z.unknown().optional(),
    groupsShown: z.int().min(1).max(50).default(10),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    message: inWords('is after `to`', '晚于 `to`'),
  });

export type FunnelQuery = z.output<typeof funnelSchema>;
/** With its days settled. */
export type FunnelRange = Pick<FunnelQuery, 'steps' | 'windowDays'> & { readonly from: Day; readonly to: Day };
export type FunnelStep = FunnelQuery['steps'][number];

const share = z.number().min(0).max(1);
const text = z.object({ en: z.string(), zh: z.string() });

export const funnelStepAnswer = z.object({
  label: z.string(),
  people: z.int(),
  /** Of those of the first step, and of the step before; 1 for the first. Null where nobody was there to go on. */
  ofFirst: share.nullable(),
  ofPrevious: share.nullable(),
  /** 95% interval of `ofPrevious` (Wilson). */
  low: share.nullable(),
  high: share.nullable(),
  /** Hours from the first step to this one, of half of those who took it. */
  medianHours: z.number().nullable(),
});
const funnelGroupAnswer = z.object({ group: z.string(), label: text, steps: z.array(funnelStepAnswer) });

export const funnelAnswer = z.object({
  from: z.string(),
  to: z.string(),
  windowDays: z.int(),
  steps: z.array(funnelStepAnswer),
  groupedBy: text.nullable(),
  groups: z.array(funnelGroupAnswer),
});

export type FunnelStepResult = z.output<typeof funnelStepAnswer>;
export type Funnel = z.output<typeof funnelAnswer>;

/** One event as a funnel sees it: when, and for which steps (from 0) it may count. */
export type FunnelEvent = { readonly atMs: number; readonly steps: readonly number[]; readonly mayBegin: boolean };

/** Steps taken, and milliseconds from the first to each later one the first time it was reached. */
export type FunnelProgress = { readonly reached: number; readonly tookMs: readonly number[] };

/**
 * The rule: events in order of time, at the same instant those of earlier steps first; each event takes a chain at most one step further,
 * and of several chains at the same step the one that began last is kept, because it has most time left.
 */
export function progressOf(events: readonly FunnelEvent[], steps: number, windowMs: number): FunnelProgress {
  const mask = (event: FunnelEvent): number => event.steps.reduce((sum, step) => sum + 2 ** step, 0);
  const ordered = events.toSorted((a, b) => a.atMs - b.atMs || mask(a) - mask(b));
  let began = Array.from({ length: steps }, () => -1);
  let took = Array.from({ length: steps }, () => -1);
  for (const { atMs, steps: counts, mayBegin } of ordered) {
    const before = began;
    const isNext = (k: number): boolean =>
      counts.includes(k) && k > 0 && before[k - 1]! >= 0 && atMs - before[k - 1]! <= windowMs;
    took = took.map((ms, k) => (ms < 0 && isNext(k) ? atMs - before[k - 1]! : ms));
    began = before.map((at, k) => {
      if (k === 0) return counts.includes(0) && mayBegin ? atMs : at;
      return isNext(k) ? Math.max(at, before[k - 1]!) : at;
    });
  }
  if (began[0]! < 0) return { reached: 0, tookMs: took.slice(1) };
  return { reached: 1 + took.filter((ms) => ms >= 0).length, tookMs: took.slice(1) };
}

/** What a step is called. */
export const stepLabel = (step: FunnelStep): string => step.label ?? step.events.join(' / ');
