// Draws the dormancy picture: evaluates the policy in scratch tables (nothing is published) and asks a few queries of them.
import { leftOutMoney } from '../../collect/money.sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { addDays, dayText } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import { percentText } from '../../kernel/figures.ts';
import type { Events } from '../../stores/events/events.ts';
import { computeStates, HORIZON_DAYS, type EvaluateInput, type ScratchStates } from '../dormancy/evaluate.service.ts';
import { judgedBy } from '../dormancy/predicted-threshold.ts';
import { recommendThreshold, type ThresholdRecommendation } from '../dormancy/recommend-threshold.ts';
import { returnCurve } from '../dormancy/return-curve.ts';
import { silenceGroups } from '../dormancy/return-curve.sql.ts';
import { STAGE_NAMES, STAGES, type Stage } from '../dormancy/stage.ts';
import { RFM_GROUP_NAMES, RFM_GROUPS, type RfmGroup } from '../value/rfm.ts';
import {
  NO_MODEL_EXPLANATION,
  WAKE_EXPLANATION,
  type DormancyPicture,
  type ExamplePerson,
  type MeasuredReturn,
  type MonthRow,
  type PersonToWake,
  type RecommendedThreshold,
} from './picture.ts';
import {
  dataUntil,
  measuredReturns,
  monthlyActive,
  monthlyFlow,
  stageAndGroupTotals,
  stageExamples,
  wakeFirst,
} from './picture.sql.ts';

export type PictureInput = EvaluateInput & {
  readonly wakeLimit?: number;
  /** Looks at the scratch states before they are dropped. */
  readonly alsoOf?: (scratch: ScratchStates) => Promise<void>;
};

type Totals = {
  readonly stage: Stage;
  readonly rfm_group: RfmGroup;
  readonly people: number;
  readonly all_spent_cents: number;
  readonly all_expected_cents: number | null;
  readonly expected_returns: number | null;
};

type Sums = {
  readonly people: number;
  readonly spentCents: number;
  readonly expectedValueCents: number | null;
  readonly meanReturnProbability: number | null;
};

function sumOf(rows: readonly Totals[], hasModel: boolean): Sums {
  const total = (of: (row: Totals) => number | null): number => rows.reduce((sum, row) => sum + (of(row) ?? 0), 0);
  const people = total((row) => row.people);
  return {
    people,
    spentCents: total((row) => row.all_spent_cents),
    expectedValueCents: hasModel ? Math.round(total((row) => row.all_expected_cents)) : null,
    meanReturnProbability: hasModel && people > 0 ? total((row) => row.expected_returns) / people : null,
  };
}

/** Why this threshold, in words. */
export function thresholdInWords(found: ThresholdRecommendation): RecommendedThreshold {
  const { thresholdDays: days, horizonDays, stillReturning, bestChance, bestDay } = found;
  const chances = {
    still: percentText(stillReturning),
    best: percentText(bestChance),
    returned: percentText(found.returnedByThen),
  };
  const recommended = (reason: Text): RecommendedThreshold => ({ kind: 'recommended', days: days ?? 0, reason });
  switch (found.reason) {
    case 'target_reached':
      return recommended({
        en: `${chances.returned} of all silences end by day ${days}; from then on at most ${chances.still} come back unaided within ${horizonDays} days, half of the best chance (${chances.best} on day ${bestDay}).`,
        zh: `${chances.returned} 的沉默在第 ${days} 天前结束；此后 ${horizonDays} 天内自行回归的比例不超过 ${chances.still}，为最高值（第 ${bestDay} 天的 ${chances.best}）的一半。`,
      });
    case 'knee':
      return recommended({
        en: `The chance of an unaided return within ${horizonDays} days never falls to half of its best (${chances.best}); beyond day ${days} (${chances.still}) waiting longer tells little more.`,
        zh: `${horizonDays} 天内自行回归的概率始终未降至最高值（${chances.best}）的一半；第 ${days} 天（${chances.still}）之后继续等待意义不大。`,
      });
    case 'silence_tells_nothing':
      return recommended({
        en: `How long somebody has been silent says little here: about ${chances.best} come back within ${horizonDays} days whatever the threshold.`,
        zh: `沉默时长在此区分度很小：无论阈值多少，约 ${chances.best} 会在 ${horizonDays} 天内回归。`,
      });
    case 'not_enough_history':
      return {
        kind: 'none',
        reason: {
          en: `There is too little history to watch silences for a full ${horizonDays} days.`,
          zh: `历史数据不足，无法对沉默进行完整 ${horizonDays} 天的观察。`,
        },
      };
    case 'nobody_returned':
      return {
        kind: 'none',
        reason: {
          en: `Nobody who fell silent came back within ${horizonDays} days, so no length of silence says more than another.`,
          zh: `沉默后的 ${horizonDays} 天内无人回归，因此沉默多久都没有区别。`,
        },
      };
  }
}

async function measured(
  events: Events,
  scratch: ScratchStates,
  { policy, asOf }: EvaluateInput,
  horizonDays: number,
): Promise<MeasuredReturn> {
  const { days } = await personSource(events);
  const until = (await events.rows<{ day: Day }>(dataUntil(days, policy.activity)))[0]?.day ?? asOf;
  if (until < addDays(asOf, horizonDays)) {
    const reason = {
      en: `The data ends on ${dayText(until, 'en')}; who returned within ${horizonDays} days of ${dayText(asOf, 'en')} is not known yet.`,
      zh: `数据截至 ${dayText(until, 'zh')}；尚无法得知 ${dayText(asOf, 'zh')}之后 ${horizonDays} 天内谁回归了。`,
    };
    return { kind: 'not_yet', dataUntil: until, reason };
  }
  const [row] = await events.rows<{ dormant: number; returned: number; predicted: number | null }>(
    measuredReturns(scratch.states, days, policy.activity, asOf, horizonDays),
  );
  const { dormant = 0, returned = 0, predicted = null } = row ?? {};
  return {
    kind: 'measured',
    dormantPeople: dormant,
    returnedPeople: returned,
    returnShare: dormant === 0 ? 0 : returned / dormant,
    predictedShare: predicted,
  };
}

async function months(events: Events, scratch: ScratchStates): Promise<MonthRow[]> {
  const flow = await events.rows<{ month: Day; first_seen: number; became_dormant: number; returned: number }>(
    monthlyFlow(scratch.activeDays, scratch.inputs),
  );
  const active = await events.rows<{ month: Day; active: number }>(monthlyActive(scratch.activeDays));
  const flowOf = new Map(flow.map((row) => [row.month, row]));
  const activeOf = new Map(active.map((row) => [row.month, row.active]));
  const rows: MonthRow[] = [];
  let dormant = 0;
  const first = flow[0]?.month;
  if (first === undefined) return rows;
  const last = `${scratch.inputs.asOf.slice(0, 7)}-01`;
  for (let month = first; month <= last; month = `${addDays(month, 31).slice(0, 7)}-01`) {
    const moved = flowOf.get(month);
    dormant += (moved?.became_dormant ?? 0) - (moved?.returned ?? 0);
    rows.push({
      month,
      activePeople: activeOf.get(month) ?? 0,
      firstSeen: moved?.first_seen ?? 0,
      becameDormant: moved?.became_dormant ?? 0,
      returned: moved?.returned ?? 0,
      dormantAtEnd: dormant,
    });
  }
  return rows;
}

async function peopleToWake(events: Events, scratch: ScratchStates, limit: number): Promise<PersonToWake[]> {
  const rows = await events.rows<Record<string, string | number>>(wakeFirst(scratch.states, limit));
  return rows.map((row) => ({
    personId: String(row['person_id']),
    stage: row['stage'] as Stage,
    silentDays: Number(row['silent_days']),
    lastOn: String(row['last_on']),
    activeDays: Number(row['active_days']),
    spentCents: Number(row['spent_cents']),
    rfmGroup: row['rfm_group'] as RfmGroup,
    returnProbability: Number(row['return_probability']),
    expectedValueCents: Math.round(Number(row['expected_value_cents'])),
    priorityCents: Math.round(Number(row['priority_cents'])),
  }));
}

/** Enough to see what kind of person a stage holds. */
const EXAMPLES_PER_STAGE = 3;

async function examplesOf(
  events: Events,
  scratch: ScratchStates,
): Promise<ReadonlyMap<Stage, readonly ExamplePerson[]>> {
  const rows = await events.rows<{
    stage: Stage;
    person_id: string;
    silent_days: number;
    threshold_days: number;
    last_on: Day;
    active_days: number;
    spent_cents: number;
  }>(stageExamples(scratch.states, EXAMPLES_PER_STAGE));
  const examples = rows.map((row) => ({
    stage: row.stage,
    person: {
      personId: row.person_id,
      silentDays: row.silent_days,
      thresholdDays: row.threshold_days,
      lastOn: row.last_on,
      activeDays: row.active_days,
      spentCents: row.spent_cents,
    },
  }));
  return new Map(
    STAGE_NAMES.map((stage) => [stage, examples.filter((row) => row.stage === stage).map(({ person }) => person)]),
  );
}

/** The picture as of the end of day `asOf`. Throws `not_enough_data` when nobody had any activity by then. */
export async function drawPicture(events: Events, input: PictureInput): Promise<DormancyPicture> {
  const { policy, asOf } = input;
  const horizonDays = input.horizonDays ?? HORIZON_DAYS;
  const scratch = await computeStates(events, input);
  try {
    const { base, model } = scratch;
    if (base.people === 0) {
      const what = `nobody was active (${policy.activity.join(', ')}) up to ${asOf}`;
      throw new RekindleError('not_enough_data', { what });
    }
    await input.alsoOf?.(scratch);
    const totals = await events.rows<Totals>(stageAndGroupTotals(scratch.states));
    const silences = await events.rows<{ silent_days: number; returned: number; censored: number }>(
      silenceGroups(scratch.activeDays, asOf),
    );
    const curve = returnCurve(
      silences.map((row) => ({ silentDays: row.silent_days, returned: row.returned, censored: row.censored })),
    );
    const examples = await examplesOf(events, scratch);
    const hasModel = model.returns.kind !== 'none';
    const sums = (keep: (row: Totals) => boolean): Sums => sumOf(totals.filter(keep), hasModel);
    const dormant = sums((row) => STAGES[row.stage].isDormant);
    return {
      policy,
      asOf,
      horizonDays,
      people: base.people,
      repeatPeople: base.repeaters,
      dormantPeople: dormant.people,
      dormantShare: dormant.people / base.people,
      spentCents: sums(() => true).spentCents,
      leftOut: await leftOutMoney(events, { names: policy.activity, until: asOf }),
      stages: STAGE_NAMES.map((stage) => {
        const row = sums((total) => total.stage === stage);
        return {
          stage,
          label: { en: STAGES[stage].en, zh: STAGES[stage].zh },
          share: row.people / base.people,
          ...row,
          examples: examples.get(stage) ?? [],
        };
      }),
      measuredReturn: await measured(events, scratch, input, horizonDays),
      returnCurve: curve.map(({ survival, ...point }) => ({ ...point, stillSilent: survival })),
      recommendedThreshold: thresholdInWords(recommendThreshold(curve, { horizonDays })),
      atRisk: {
        coolingCents: sums((row) => row.stage === 'cooling').expectedValueCents,
        dormantCents: dormant.expectedValueCents,
      },
      rfm: RFM_GROUP_NAMES.map((group) => ({
        group,
        label: { en: RFM_GROUPS[group].en, zh: RFM_GROUPS[group].zh },
        advice: RFM_GROUPS[group].advice,
        dormantPeople: sums((row) => row.rfm_group === group && STAGES[row.stage].isDormant).people,
        ...sums((row) => row.rfm_group === group),
      })),
      wakeFirst: {
        explanation: hasModel ? WAKE_EXPLANATION : NO_MODEL_EXPLANATION,
        people: await peopleToWake(events, scratch, input.wakeLimit ?? 20),
      },
      months: await months(events, scratch),
      model,
      judgedBy: judgedBy(policy, scratch.measure.models.prediction, base),
    };
  } finally {
    await scratch.close();
  }
}
