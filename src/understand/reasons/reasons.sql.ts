// From strengths to probabilities for every quiet person at once: the formula of `model.ts` as SQL, and what is read back of it.
import { ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';
import { REASONS, type Reason } from './causes.ts';
import { ANSWER_RELIABILITY, type ReasonModel } from './model.ts';
import type { Signal } from './signal.ts';
import { SIGNALS } from './signals.ts';
import { strengthsOf } from './signals.sql.ts';

/** Silent enough to ask why. */
const QUIET_STAGES = ['dormant', 'lost', 'relapsed'];

export const quietPeople = (policyId: string): Sql =>
  sql`(SELECT * FROM person_states FINAL WHERE policy_id = ${p.text(policyId)} AND has(${p.texts(QUIET_STAGES)}, toString(stage)))`;

/** The same of states that are not published. */
export const quietOf = (states: Sql): Sql =>
  sql`(SELECT * FROM ${states} WHERE has(${p.texts(QUIET_STAGES)}, toString(stage)))`;

export const createAnswers = (table: Sql): Sql =>
  sql`CREATE TABLE ${table} (person_id String, reason LowCardinality(String)) ENGINE = MergeTree ORDER BY person_id`;

/** What nobody did: the silence itself tells it of everybody. */
const SILENT_SIGNALS = SIGNALS.filter(({ kind }) => kind === 'state').map(({ id }) => id);

/** The scratch table between the one pass over events and the model: arrays in the order of the signals. */
export const createStrengths = (table: Sql): Sql =>
  sql`CREATE TABLE ${table} (person_id String, strengths Array(Float64), counts Array(UInt32), lasts Array(Date), answer String)
    ENGINE = MergeTree ORDER BY person_id`;

export const fillStrengths = (
  table: Sql,
  answers: Sql,
  signals: readonly Signal[],
  quiet: Sql,
  events: Sql,
  asOf: Day,
): Sql => sql`
  INSERT INTO ${table}
  SELECT x.person_id, x.strengths, x.counts, x.lasts, toString(a.reason)
  FROM (${strengthsOf(signals, quiet, events, asOf)}) AS x LEFT ANY JOIN ${answers} AS a ON x.person_id = a.person_id`;

/** Features of those who answered, no more than `limit`, chosen by hash. */
export const answeredFeatures = (table: Sql, limit: number): Sql => sql`
  SELECT arrayMap(s -> log2(1 + s), strengths) AS features, answer FROM ${table} WHERE answer != ''
  ORDER BY cityHash64(person_id), person_id LIMIT ${p.int(limit)}`;

/** Features of `limit` people, chosen by hash. */
export const sampledFeatures = (table: Sql, limit: number): Sql => sql`
  SELECT arrayMap(s -> log2(1 + s), strengths) AS features, answer FROM ${table}
  ORDER BY cityHash64(person_id), person_id LIMIT ${p.int(limit)}`;

/** Probabilities in the order of REASONS over columns `strengths` and `answer`, as WITH columns ending in `probabilities`. */
const probabilityColumns = (model: ReasonModel): Sql => {
  const score = (reason: Reason, k: number): Sql => sql`
    ${p.float(model.priors[k]!)} + arraySum(arrayMap((x, w) -> x * w, features, ${p.floats(model.weights.map((row) => row[k]!))}))
      + if(answer = '', 0., log(if(answer = ${p.text(reason)}, ${p.float(ANSWER_RELIABILITY)}, ${p.float((1 - ANSWER_RELIABILITY) / (REASONS.length - 1))})))`;
  return sql`arrayMap(s -> log2(1 + s), strengths) AS features,
    [${joined(REASONS.map(score), ', ')}] AS scores,
    arrayMap(s -> exp(s - arrayMax(scores)), scores) AS parts,
    arrayMap(part -> part / arraySum(parts), parts) AS shares`;
};

export const createReasons = (table: Sql): Sql => sql`CREATE TABLE ${table} AS ${ident('person_reasons')}`;

export const insertReasons = (
  reasons: Sql,
  strengths: Sql,
  signals: readonly Signal[],
  model: ReasonModel,
  given: { readonly policyId: string; readonly asOf: Day; readonly kind: string; readonly now: Date },
): Sql => sql`
  INSERT INTO ${reasons} (policy_id, person_id, as_of, reason, probability, probabilities, evidence, answer, model, computed_at)
  WITH ${probabilityColumns(model)}, ${p.texts(REASONS)} AS names, ${p.texts(signals.map((signal) => signal.id))} AS signal_ids
  SELECT ${p.text(given.policyId)}, person_id, ${p.day(given.asOf)}, names[indexOf(shares, arrayMax(shares))], arrayMax(shares),
    CAST((names, shares), 'Map(LowCardinality(String), Float64)'),
    toJSONString(arrayMap(i -> CAST((signal_ids[i], strengths[i], counts[i], if(lasts[i] = toDate(0), '', toString(lasts[i]))),
        'Tuple(signal String, strength Float64, count UInt32, lastOn String)'),
      arrayFilter(i -> counts[i] > 0 AND strengths[i] >= 0.01, arrayEnumerate(counts)))),
    answer, ${p.text(given.kind)}, ${p.instant(given.now)}
  FROM ${strengths}`;

export type ReasonMeans = {
  readonly people: number;
  /** Of whom we know anything that speaks for a reason, or who answered. */
  readonly traced: number;
  readonly means: number[];
  /** Σ p(1 − p) / n²: how far the true share of exactly these people may lie from the mean, were the model right. */
  readonly variances: number[];
};

export const reasonMeans = (reasons: Sql): Sql => sql`
  SELECT count() AS people, countIf(has_trace) AS traced, avgForEach(p) AS means, arrayMap(s -> s / greatest(1, count()) / greatest(1, count()), sumForEach(arrayMap(v -> v * (1 - v), p))) AS variances
  FROM (SELECT arrayMap(r -> probabilities[r], ${p.texts(REASONS)}) AS p, answer != '' OR arrayExists(
      e -> NOT has(${p.texts(SILENT_SIGNALS)}, JSONExtractString(e, 'signal')), JSONExtractArrayRaw(evidence)) AS has_trace FROM ${reasons})`;

export type ReasonRow = {
  readonly policyId: string;
  readonly asOf: Day;
  readonly reason: Reason;
  readonly probability: number;
  readonly probabilities: Readonly<Record<Reason, number>>;
  readonly evidence: string;
  readonly answer: Reason | '';
  readonly model: 'table' | 'survey';
};

export const reasonsOfPerson = (personId: string): Sql => sql`
  SELECT policy_id AS policyId, toString(as_of) AS asOf, reason, probability, probabilities, evidence, answer, model
  FROM person_reasons FINAL WHERE person_id = ${p.text(personId)} ORDER BY policy_id`;

/** Of everybody whose likeliest reason it is: how many there are, and how many left nothing behind. */
export const likeliestReasons = (policyId: string): Sql => sql`
  SELECT reason, count() AS people, countIf(evidence = '[]' AND answer = '') AS withoutTrace
  FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId)} GROUP BY reason`;

/** How many of them left which trace; `survey`: said so herself, whatever she said. */
export const signalsByReason = (policyId: string): Sql => sql`
  SELECT reason, signal, count() AS people FROM (
    SELECT reason, arrayJoin(arrayConcat(JSONExtract(evidence, 'Array(Tuple(signal String))').signal, if(answer = '', [], ['survey']))) AS signal
    FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId)}
  ) GROUP BY reason, signal ORDER BY people DESC, signal`;
