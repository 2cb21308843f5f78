// How long do silences last, group by group? One return curve with its interval and its recommended threshold for everybody, and for each
// category, RFM group, number of orders or value of a trait.
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import type { Sql } from '../../kernel/sql.ts';
import { unreachable } from '../../kernel/result.ts';
import type { Events } from '../../stores/events/events.ts';
import { computeStates, HORIZON_DAYS, type EvaluateInput, type ScratchStates } from '../dormancy/evaluate.service.ts';
import { recommendThreshold } from '../dormancy/recommend-threshold.ts';
import { chanceOfReturn, returnCurve } from '../dormancy/return-curve.ts';
import { silenceGroups } from '../dormancy/return-curve.sql.ts';
import { RFM_GROUPS } from '../value/rfm.ts';
import type { CurvePoint, RecommendedThreshold } from './picture.ts';
import {
  categoryGroups,
  peopleByGroup,
  rfmGroups,
  silencesByCount,
  silencesByGroup,
  traitGroups,
} from './curves.sql.ts';
import { thresholdInWords } from './picture.service.ts';

export const CURVE_GROUPINGS = ['rfm', 'orders', 'category', 'trait'] as const;

/** `trait` names the trait. `orders`: active days so far when the silence began. */
export type CurveGrouping =
  { readonly kind: 'rfm' | 'orders' | 'category' } | { readonly kind: 'trait'; readonly trait: string };

export type GroupCurve = {
  /** '' for people without a value. */
  readonly group: string;
  readonly label: Text;
  /** Silences that were watched, finished or not: what the interval rests on. */
  readonly silences: number;
  /** Share of people silent for 30 and 90 days who come back within the horizon; null where the curve does not reach that far. */
  readonly returningAfter30Days: number | null;
  readonly returningAfter90Days: number | null;
  readonly points: readonly CurvePoint[];
  readonly recommendedThreshold: RecommendedThreshold;
};

export type ReturnCurves = {
  readonly asOf: Day;
  readonly horizonDays: number;
  readonly all: GroupCurve;
  /** The largest groups, at most GROUPS_MAX; `leftOut` more are not shown. */
  readonly groups: readonly GroupCurve[];
  readonly leftOut: number;
};

const GROUPS_MAX = 12;

type Silence = { readonly silent_days: number; readonly returned: number; readonly censored: number };

function curveOf(group: string, label: Text, silences: readonly Silence[], horizonDays: number): GroupCurve {
  const curve = returnCurve(
    silences.map((row) => ({ silentDays: row.silent_days, returned: row.returned, censored: row.censored })),
  );
  const last = curve.at(-1)?.day ?? 0;
  const after = (day: number): number | null =>
    last < day + horizonDays ? null : chanceOfReturn(curve, day, horizonDays);
  return {
    group,
    label,
    silences: silences.reduce((sum, row) => sum + row.returned + row.censored, 0),
    returningAfter30Days: after(30),
    returningAfter90Days: after(90),
    points: curve.map(({ survival, ...point }) => ({ ...point, stillSilent: survival })),
    recommendedThreshold: thresholdInWords(recommendThreshold(curve, { horizonDays })),
  };
}

const NONE: Text = { en: 'none', zh: '无' };

function labelOf(grouping: CurveGrouping, group: string): Text {
  if (group === '') return NONE;
  if (grouping.kind === 'rfm') return Object.entries(RFM_GROUPS).find(([name]) => name === group)?.[1] ?? NONE;
  if (grouping.kind === 'orders')
    return { en: `${group} active ${group === '1' ? 'day' : 'days'} so far`, zh: `此前活跃 ${group} 天` };
  return { en: group, zh: group };
}

async function groupsOf(
  events: Events,
  grouping: CurveGrouping,
  scratch: ScratchStates,
  { policy, asOf }: EvaluateInput,
): Promise<Sql | undefined> {
  switch (grouping.kind) {
    case 'orders':
      return undefined;
    case 'rfm':
      return rfmGroups(scratch.states);
    case 'category':
      return categoryGroups((await personSource(events)).events, policy.activity, asOf);
    case 'trait':
      return traitGroups(grouping.trait);
    default:
      return unreachable(grouping);
  }
}

/** As of the end of day `asOf`. Throws `not_enough_data` when nobody had any activity by then. */
export async function returnCurves(
  events: Events,
  input: EvaluateInput & { readonly grouping?: CurveGrouping },
): Promise<ReturnCurves> {
  const { policy, asOf, grouping } = input;
  const horizonDays = input.horizonDays ?? HORIZON_DAYS;
  const scratch = await computeStates(events, input);
  try {
    const { activeDays } = scratch;
    if (scratch.base.people === 0) {
      const what = `nobody was active (${policy.activity.join(', ')}) up to ${asOf}`;
      throw new RekindleError('not_enough_data', { what });
    }
    const everybody = await events.rows<Silence>(silenceGroups(activeDays, asOf));
    const all = curveOf('all', { en: 'Everybody', zh: '全部用户' }, everybody, horizonDays);
    if (grouping === undefined) return { asOf, horizonDays, all, groups: [], leftOut: 0 };
    const groups = await groupsOf(events, grouping, scratch, input);
    const rows = await events.rows<Silence & { grp: string }>(
      groups === undefined ? silencesByCount(activeDays, asOf) : silencesByGroup(activeDays, groups, asOf),
    );
    const byGroup = Map.groupBy(rows, (row) => row.grp);
    const order =
      groups === undefined
        ? [...byGroup.keys()].toSorted()
        : (await events.rows<{ grp: string }>(peopleByGroup(activeDays, groups))).map((row) => row.grp);
    const shown = order
      .slice(0, GROUPS_MAX)
      .map((group) => curveOf(group, labelOf(grouping, group), byGroup.get(group) ?? [], horizonDays));
    return { asOf, horizonDays, all, groups: shown, leftOut: Math.max(0, order.length - GROUPS_MAX) };
  } finally {
    await scratch.close();
  }
}
