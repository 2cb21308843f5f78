// Reading a return curve: who is still silent on a day, who comes back after it, how many people have been silent for so long. Pure.
import type { CurvePointWire, PolicyWire } from '../../../../src/http/contract/policies.ts';

/** Days reached by fewer silences than this are not drawn: the curve there is noise. */
const AT_RISK_MIN = 30;

type Step = { readonly stillSilent: number; readonly low: number; readonly high: number };

/** One step per day, from 0 to the last day that enough silences reach. */
export function daysOf(points: readonly CurvePointWire[]): readonly Step[] {
  const last = points.findLast(({ atRisk }) => atRisk >= AT_RISK_MIN)?.day ?? 0;
  const steps: Step[] = [];
  let at = 0;
  let now: Step = { stillSilent: 1, low: 1, high: 1 };
  for (let day = 0; day <= last; day++) {
    for (let next = points[at]; next !== undefined && next.day <= day; next = points[++at]) now = next;
    steps.push(now);
  }
  return steps;
}

/** Of those silent for `day` days, the share that comes back within `horizonDays`; undefined where the curve does not reach so far. */
export function returningAfter(steps: readonly Step[], day: number, horizonDays: number): number | undefined {
  const now = steps[day]?.stillSilent;
  const then = steps[day + horizonDays]?.stillSilent;
  if (now === undefined || then === undefined) return undefined;
  return now === 0 ? 0 : 1 - then / now;
}

/** People who have been silent for `days` days or longer today. */
export const silentFor = (points: readonly CurvePointWire[], days: number): number =>
  points.reduce((sum, { day, open }) => sum + (day >= days ? open : 0), 0);

/** The policy with another window: cooling from half of it, lost from four times it. */
export function withThreshold(policy: PolicyWire, dormantDays: number): PolicyWire {
  const coolingDays = Math.max(1, Math.ceil(dormantDays / 2));
  return { ...policy, rule: { kind: 'window', coolingDays, dormantDays, lostDays: dormantDays * 4 } };
}
