// Reasons by group, and how they moved since an earlier day. Shares are means of probabilities; their intervals say which of these people it
// really was (Σ p(1 − p) / n², symmetric in log-odds), not how far the weights themselves may be off: for that see `shares.ts`.
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Text } from '../../kernel/lang.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { DIMENSIONS, groupLabel, groupsQuery, type Dimension } from '../analytics/dimension.ts';
import { peopleIn } from '../analytics/whom.sql.ts';
import { computeStates } from '../dormancy/evaluate.service.ts';
import type { SegmentContext } from '../segments/questions.service.ts';
import { dropTable } from '../dormancy/evaluate.sql.ts';
import type { SavedPolicy } from '../dormancy/policy.service.ts';
import { evaluatedUntil } from '../dormancy/states.sql.ts';
import { REASON_LABELS, REASONS, type Reason } from './causes.ts';
import { TABLE_MODEL } from './model.ts';
import {
  createAnswers,
  createReasons,
  createStrengths,
  fillStrengths,
  insertReasons,
  likeliestReasons,
  quietOf,
  quietPeople,
  reasonMeans,
  signalsByReason,
  type ReasonMeans,
} from './reasons.sql.ts';
import { SIGNALS } from './signals.ts';

const Z95 = 1.959964;

export type MeanShare = {
  readonly reason: Reason;
  readonly label: Text;
  readonly share: number;
  readonly low: number;
  readonly high: number;
};

/** 95% interval of a mean of probabilities, symmetric in log-odds so that it stays inside (0, 1). */
function meanShares({ means, variances }: ReasonMeans): MeanShare[] {
  return REASONS.map((reason, k) => {
    const share = means[k]!;
    const base = { reason, label: REASON_LABELS[reason], share };
    if (share <= 0 || share >= 1) return { ...base, low: share, high: share };
    const middle = Math.log(share / (1 - share));
    const reach = (Z95 * Math.sqrt(variances[k]!)) / (share * (1 - share));
    const at = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));
    return { ...base, low: at(middle - reach), high: at(middle + reach) };
  });
}

export type ReasonGroups = {
  readonly policyId: string;
  readonly groupedBy: Text;
  /** Most quiet people first. */
  readonly groups: readonly {
    readonly group: string;
    readonly label: Text;
    readonly people: number;
    readonly shares: readonly MeanShare[];
  }[];
};

export type ReasonGroupsQuery = Dimension & { readonly limit: number; readonly segment?: unknown };

/** Shares per group as last evaluated. Throws `not_found` before the first evaluation, `invalid` as `groupsQuery`. */
export async function reasonGroups(
  events: Events,
  { policyId, activity }: { readonly policyId: string; readonly activity: readonly string[] },
  { limit, segment, ...dimension }: ReasonGroupsQuery,
): Promise<ReasonGroups> {
  const asOf = await evaluatedUntil(events, policyId);
  const [there] = await events.rows<{ people: number }>(
    sql`SELECT count() AS people FROM person_reasons WHERE policy_id = ${p.text(policyId)}`,
  );
  if (asOf === undefined || (there?.people ?? 0) === 0)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of the reasons of policy "${policyId}"`, zh: `规则“${policyId}”的原因分析结果` },
    });
  const groups = await groupsQuery(events, dimension, { activity, asOf, policyId });
  const whom = await peopleIn(events, { policyId, segment });
  const rows = await events.rows<ReasonMeans & { readonly group: string }>(sql`
    SELECT group, count() AS people, avgForEach(p) AS means,
      arrayMap(s -> s / greatest(1, count()) / greatest(1, count()), sumForEach(arrayMap(v -> v * (1 - v), p))) AS variances
    FROM (
      SELECT g.value AS group, arrayMap(r -> q.probabilities[r], ${p.texts(REASONS)}) AS p
      FROM (SELECT person_id, probabilities FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId)}
        ${whom === undefined ? sql`` : sql`AND person_id IN (${whom})`}) AS q
      LEFT ANY JOIN (${groups}) AS g ON g.person_id = q.person_id
    ) GROUP BY group ORDER BY people DESC, group LIMIT ${p.int(limit)}`);
  const { label } = DIMENSIONS[dimension.by];
  return {
    policyId,
    groupedBy: { en: label.en, zh: label.zh },
    groups: rows.map((row) => ({
      group: row.group,
      label: groupLabel(dimension, row.group),
      people: row.people,
      shares: meanShares(row),
    })),
  };
}

export type ReasonEvidence = {
  readonly reason: Reason;
  readonly label: Text;
  /** For whom it is the likeliest reason, and how many of them left no trace at all. */
  readonly people: number;
  readonly withoutTrace: number;
  /** Those that speak for the reason before the others, the most frequent first. `survey`: she answered one. */
  readonly signals: readonly {
    readonly signal: string;
    readonly label: Text;
    readonly people: number;
    readonly speaksForIt: boolean;
  }[];
};

const SURVEY_LABEL: Text = { en: 'Answered a survey', zh: '回答过问卷' };

/** What the people of each likeliest reason left behind, as last evaluated. Throws `not_found` before the first evaluation. */
export async function reasonEvidence(events: Events, policyId: string): Promise<ReasonEvidence[]> {
  const likeliest = await events.rows<{ reason: Reason; people: number; withoutTrace: number }>(
    likeliestReasons(policyId),
  );
  if (likeliest.length === 0)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of the reasons of policy "${policyId}"`, zh: `规则“${policyId}”的原因分析结果` },
    });
  const counted = await events.rows<{ reason: Reason; signal: string; people: number }>(signalsByReason(policyId));
  return likeliest
    .toSorted((a, b) => b.people - a.people)
    .map(({ reason, people, withoutTrace }) => ({
      reason,
      label: REASON_LABELS[reason],
      people,
      withoutTrace,
      signals: counted
        .filter((row) => row.reason === reason)
        .flatMap((row) => {
          const signal = SIGNALS.find(({ id }) => id === row.signal);
          if (signal === undefined && row.signal !== 'survey') return [];
          const speaksForIt = signal === undefined || (signal.weights[reason] ?? 0) > 0;
          return [{ signal: row.signal, label: signal?.label ?? SURVEY_LABEL, people: row.people, speaksForIt }];
        })
        .toSorted((a, b) => Number(b.speaksForIt) - Number(a.speaksForIt)),
    }));
}

export type ReasonDrift = {
  readonly policyId: string;
  readonly since: Day;
  readonly asOf: Day;
  readonly people: { readonly since: number; readonly now: number };
  readonly reasons: readonly {
    readonly reason: Reason;
    readonly label: Text;
    readonly since: number;
    readonly now: number;
    readonly change: number;
    /** 95% interval of the change. */
    readonly low: number;
    readonly high: number;
    /** Whether the interval leaves out no change. */
    readonly isClear: boolean;
  }[];
  readonly note: Text;
};

const DRIFT_NOTE: Text = {
  en: 'Both days by the built-in weights and without survey answers, so that what differs is what people left behind, not how it is weighed.',
  zh: '两个日期均使用内置权重且不含问卷回答，差异来自用户留下的迹象，而非权重变化。',
};

/** Mean probabilities of whoever is quiet in `quiet`, by the table's weights. Nothing is published. */
async function meansOf(events: Events, quiet: Sql, policyId: string, asOf: Day, now: Date): Promise<ReasonMeans> {
  const names = ['scratch_answers', 'scratch_strengths', 'scratch_reasons'].map((name) => ident(newId(name, now)));
  const [said, strengths, reasons] = names as [Sql, Sql, Sql];
  try {
    await events.run(createAnswers(said));
    await events.run(createStrengths(strengths));
    const source = await personSource(events);
    await events.run(fillStrengths(strengths, said, SIGNALS, quiet, source.events, asOf));
    await events.run(createReasons(reasons));
    await events.run(insertReasons(reasons, strengths, SIGNALS, TABLE_MODEL, { policyId, asOf, kind: 'table', now }));
    const [means] = await events.rows<ReasonMeans>(reasonMeans(reasons));
    return means ?? { people: 0, traced: 0, means: [], variances: [] };
  } finally {
    for (const table of names) await events.run(dropTable(table));
  }
}

/**
 * How the shares moved between the end of day `since` and the policy's last evaluation. Throws `not_found` before the first evaluation,
 * `invalid` for a day that is not before it, `not_enough_data` where nobody was quiet on either day.
 */
export async function reasonDrift(
  events: Events,
  { policy, version }: Pick<SavedPolicy, 'policy' | 'version'>,
  since: Day,
  now: Date,
  scopes?: SegmentContext,
): Promise<ReasonDrift> {
  const { policyId } = policy;
  const asOf = await evaluatedUntil(events, policyId);
  if (asOf === undefined)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  if (since >= asOf)
    throw new RekindleError('invalid', {
      where: 'since',
      what: { en: `${since} is not before ${asOf}`, zh: `${since} 不早于 ${asOf}` },
    });
  const scratch = await computeStates(events, { policy, version, asOf: since, now, scopes });
  let before: ReasonMeans;
  try {
    before = await meansOf(events, quietOf(scratch.states), policyId, since, now);
  } finally {
    await scratch.close();
  }
  const after = await meansOf(events, quietPeople(policyId), policyId, asOf, now);
  if (before.people === 0 || after.people === 0)
    throw new RekindleError('not_enough_data', {
      what: {
        en: `nobody was quiet on ${before.people === 0 ? since : asOf}`,
        zh: `${before.people === 0 ? since : asOf} 没有沉默用户`,
      },
    });
  return {
    policyId,
    since,
    asOf,
    people: { since: before.people, now: after.people },
    reasons: REASONS.map((reason, k) => {
      const change = after.means[k]! - before.means[k]!;
      const reach = Z95 * Math.sqrt(after.variances[k]! + before.variances[k]!);
      return {
        reason,
        label: REASON_LABELS[reason],
        since: before.means[k]!,
        now: after.means[k]!,
        change,
        low: change - reach,
        high: change + reach,
        isClear: Math.abs(change) > reach,
      };
    }),
    note: DRIFT_NOTE,
  };
}
