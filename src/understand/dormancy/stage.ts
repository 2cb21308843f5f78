// What stage is a person in, since when and why? Pure, from her active days; `evaluate.sql.ts` says the same for everybody at once
// and a property test holds the two equal. As of the end of day D: silent days = D − last active day.
//
// Active days fall into runs: a run ends where a silence outlasts the cooling threshold that held after its last day. A run that
// begins after a silence longer than the dormancy threshold begins with a return. Every stage change is one of five moments of a run:
// its first day, the end of newness or recovery, and the days on which the silence after it reaches cooling, dormant and lost.
import type { Text } from '../../kernel/lang.ts';
import { unreachable } from '../../kernel/result.ts';
import { fallbackThresholds, predictedThresholds, type Thresholds } from './predicted-threshold.ts';
import type { StageRules } from './rule.ts';

/** `isDormant`: counts among the dormant (silent for the dormancy threshold or longer). */
export const STAGES = {
  new: { en: 'New', zh: '新用户', isDormant: false },
  active: { en: 'Active', zh: '活跃', isDormant: false },
  cooling: { en: 'Cooling', zh: '趋冷', isDormant: false },
  dormant: { en: 'Dormant', zh: '休眠', isDormant: true },
  lost: { en: 'Lost', zh: '流失', isDormant: true },
  recovered: { en: 'Recovered', zh: '已回归', isDormant: false },
  relapsed: { en: 'Relapsed', zh: '再次休眠', isDormant: true },
  sunset: { en: 'Sunset', zh: '停止触达', isDormant: true },
  repermissioned: { en: 'Re-permissioned', zh: '重新许可', isDormant: false },
} as const satisfies Record<string, Text & { isDormant: boolean }>;

export type Stage = keyof typeof STAGES;
export const STAGE_NAMES = Object.keys(STAGES) as readonly Stage[];
export const DORMANT_STAGES = STAGE_NAMES.filter((stage) => STAGES[stage].isDormant);

export const CAUSES = {
  first_seen: { en: 'First activity', zh: '首次活跃' },
  activity: { en: 'Activity', zh: '产生活跃行为' },
  silence: { en: 'Silence', zh: '持续沉默' },
  time: { en: 'Time passed', zh: '时间推移' },
  contacts: { en: 'Silent after contacts', zh: '多次触达后仍沉默' },
  consent: { en: 'Consented again', zh: '重新同意' },
  policy_changed: { en: 'The policy changed', zh: '规则变更' },
} as const satisfies Record<string, Text>;
export type Cause = keyof typeof CAUSES;

/** `on` is a day number (days since 1970-01-01). */
export type StageChange = { readonly on: number; readonly to: Stage; readonly cause: Cause };

export type StageState = {
  readonly stage: Stage;
  readonly stageSince: number;
  readonly cause: Cause;
  readonly silentDays: number;
  readonly thresholdDays: number;
};

/** Decimal settings as whole hundredths, so TypeScript and SQL compute the same integer. */
export const hundredths = (value: number): number => Math.round(value * 100);

/**
 * Thresholds in force after a person's `count`-th active day, `spanDays` after her first. `baseGapHundredths` is the base's pooled
 * mean gap in hundredths of a day (cadence only). Rounded up to whole days.
 */
export function thresholdsAfter(
  { rule, prediction }: Pick<StageRules, 'rule' | 'prediction'>,
  count: number,
  spanDays: number,
  baseGapHundredths: number,
): Thresholds {
  switch (rule.kind) {
    case 'window':
      return rule;
    case 'cadence': {
      const shrinkage = hundredths(rule.shrinkage);
      const gaps = (count - 1) * 100 + shrinkage;
      const silence = hundredths(rule.multiplier) * (spanDays * 10_000 + shrinkage * baseGapHundredths);
      const personal = gaps === 0 ? rule.maxDays : Math.ceil(silence / (gaps * 10_000));
      const dormantDays = Math.min(rule.maxDays, Math.max(rule.minDays, personal));
      return {
        dormantDays,
        coolingDays: Math.ceil(dormantDays / 2),
        lostDays: Math.ceil((hundredths(rule.lostMultiplier) * dormantDays) / 100),
      };
    }
    case 'predicted':
      return prediction === undefined
        ? fallbackThresholds(rule)
        : predictedThresholds(rule, prediction, count, spanDays);
    default:
      return unreachable(rule);
  }
}

type Run = {
  readonly from: number;
  readonly to: number;
  readonly after: Thresholds;
  readonly returnedOn: number | undefined;
};

function runsOf(activeDays: readonly number[], policy: StageRules, baseGapHundredths: number): Run[] {
  const first = activeDays[0]!;
  const runs: Run[] = [];
  let from = first;
  let returnedOn: number | undefined;
  activeDays.forEach((day, i) => {
    const after = thresholdsAfter(policy, i + 1, day - first, baseGapHundredths);
    const next = activeDays[i + 1];
    if (next !== undefined && next - day <= after.coolingDays) return;
    runs.push({ from, to: day, after, returnedOn });
    if (next === undefined) return;
    from = next;
    if (next - day > after.dormantDays) returnedOn = next;
  });
  return runs;
}

/**
 * Every stage change of a person up to the end of day `asOf`, oldest first. `activeDays` are her distinct active days, ascending, none
 * after `asOf`; an empty list has no history.
 */
export function stageHistory(
  activeDays: readonly number[],
  policy: StageRules,
  asOf: number,
  baseGapHundredths: number,
): StageChange[] {
  const first = activeDays[0];
  if (first === undefined) return [];
  const runs = runsOf(activeDays, policy, baseGapHundredths);
  return runs.flatMap(({ from, to, after, returnedOn }, k) => {
    const ends = runs[k + 1]?.from ?? Number.POSITIVE_INFINITY;
    const settlesOn = returnedOn === undefined ? first + policy.newDays : returnedOn + policy.recoveredDays;
    const fresh: Stage = returnedOn === undefined ? 'new' : 'recovered';
    const dormantOn = to + after.dormantDays;
    const isRelapse = returnedOn !== undefined && dormantOn - returnedOn < policy.relapsedDays;
    const changes: StageChange[] = [
      { on: from, to: from < settlesOn ? fresh : 'active', cause: k === 0 ? 'first_seen' : 'activity' },
    ];
    if (from < settlesOn && settlesOn < to + after.coolingDays)
      changes.push({ on: settlesOn, to: 'active', cause: 'time' });
    changes.push({ on: to + after.coolingDays, to: 'cooling', cause: 'silence' });
    changes.push({ on: dormantOn, to: isRelapse ? 'relapsed' : 'dormant', cause: 'silence' });
    changes.push({ on: to + after.lostDays, to: 'lost', cause: 'silence' });
    return changes.filter((change) => change.on < ends && change.on <= asOf);
  });
}

/** The stage as of the end of day `asOf`; undefined for a person without activity. Arguments as `stageHistory`. */
export function stageAsOf(
  activeDays: readonly number[],
  policy: StageRules,
  asOf: number,
  baseGapHundredths: number,
): StageState | undefined {
  const last = stageHistory(activeDays, policy, asOf, baseGapHundredths).at(-1);
  const [first, lastOn] = [activeDays[0], activeDays.at(-1)];
  if (last === undefined || first === undefined || lastOn === undefined) return undefined;
  const { dormantDays } = thresholdsAfter(policy, activeDays.length, lastOn - first, baseGapHundredths);
  return {
    stage: last.to,
    stageSince: last.on,
    cause: last.cause,
    silentDays: asOf - lastOn,
    thresholdDays: dormantDays,
  };
}
