// The results of a wave: how many were asked and answered, what they said, by stage of a policy and within a segment.
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Text } from '../../kernel/lang.ts';
import { ident, p, sql } from '../../kernel/sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { dropTable, lastEvaluation } from '../dormancy/evaluate.sql.ts';
import type { ResolvedSegment } from '../segments/segment.ts';
import { isInSegment } from '../segments/segment.sql.ts';
import { SURVEYS, type Wave } from './survey.ts';
import { biasNote, npsOf, weightedShare, wilson, type GroupCount, type Nps, type Share } from './tally.ts';
import { showWave } from './surveys.service.ts';

export type ResultsQuery = {
  readonly surveyId: string;
  /** Stages and segments are those of this policy's last evaluation; without one everybody is one group. */
  readonly policyId?: string;
  readonly segment?: ResolvedSegment;
};

type AnswerResult = Share & {
  readonly answer: string;
  readonly label: Text;
  readonly count: number;
  readonly weightedShare: number;
};
type GroupResult = {
  readonly group: string;
  readonly invited: number;
  readonly answered: number;
  readonly response: Share;
};
type FreeText = { readonly answer: string; readonly text: string; readonly at: Date };

/** Shares by stage ('none': not known to the policy), and means; null for nobody. */
export type AskedProfile = {
  readonly people: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly meanSpentCents: number | null;
  readonly meanSilentDays: number | null;
};

export type SurveyResults = {
  readonly survey: Wave;
  readonly invited: number;
  readonly answered: number;
  readonly response: Share;
  readonly answers: readonly AnswerResult[];
  readonly nps: Nps | null;
  readonly groups: readonly (GroupResult & { readonly answers: Readonly<Record<string, number>> })[];
  readonly bias: Text;
  /** Those asked and those who answered, side by side; null without a policy to tell them apart by. */
  readonly comparison: { readonly invited: AskedProfile; readonly answered: AskedProfile } | null;
  /** The latest words, without who wrote them; only where no segment narrows the view to few. */
  readonly texts: readonly FreeText[];
};

const TEXTS_SHOWN = 200;
const ROWS_PER_INSERT = 50_000;

/** Everybody asked and what she said ('' while silent); who answered without an invitation on record counts as asked. */
async function askedPeople(records: Records, surveyId: string): Promise<{ person_id: string; answer: string }[]> {
  const answers = await records.db
    .selectFrom('survey_answers')
    .select(['person_id', 'answer'])
    .where('survey_id', '=', surveyId)
    .execute();
  const said = new Map(answers.map((row) => [row.person_id, row.answer]));
  const invited = await records.db
    .selectFrom('survey_invitations')
    .select('person_id')
    .where('survey_id', '=', surveyId)
    .execute();
  const everybody = new Set([...invited.map((row) => row.person_id), ...said.keys()]);
  return [...everybody].map((person_id) => ({ person_id, answer: said.get(person_id) ?? '' }));
}

/** Sums over people of one stage, one half by money spent and one answer ('' while silent). */
type Counted = {
  readonly stage: string;
  readonly isHighValue: boolean;
  readonly answer: string;
  readonly people: number;
  readonly spentCents: number;
  readonly silentDays: number;
};

async function countedByStage(
  events: Events,
  asked: readonly { person_id: string; answer: string }[],
  policyId: string,
  segment: ResolvedSegment | undefined,
  now: Date,
): Promise<Counted[]> {
  const [last] = await events.rows<{ as_of: Day; people: number }>(lastEvaluation(policyId));
  if (last === undefined || last.people === 0)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  const name = newId('scratch_asked', new Date(0));
  try {
    await events.run(
      sql`CREATE TABLE ${ident(name)} (person_id String, answer String) ENGINE = MergeTree ORDER BY person_id`,
    );
    for (let at = 0; at < asked.length; at += ROWS_PER_INSERT)
      await events.insert(name, asked.slice(at, at + ROWS_PER_INSERT));
    const moment = { asOf: last.as_of, now, policyId };
    const within = segment === undefined ? sql`` : sql`AND ${isInSegment(segment, await personSource(events), moment)}`;
    // Whom the policy does not know (no activity at all) can be in no stage and in no segment.
    return await events.rows<Counted>(sql`
      SELECT if(s.stage = '', 'none', toString(s.stage)) AS stage, s.monetary_quintile > 3 AS isHighValue, a.answer AS answer, count() AS people,
        sum(s.spent_cents) AS spentCents, sum(s.silent_days) AS silentDays
      FROM ${ident(name)} AS a
      ${segment === undefined ? sql`LEFT` : sql`INNER`} ANY JOIN (
        SELECT person_id, stage, monetary_quintile, spent_cents, silent_days FROM person_states FINAL WHERE policy_id = ${p.text(policyId)} ${within}) AS s ON a.person_id = s.person_id
      GROUP BY stage, isHighValue, answer ORDER BY stage, isHighValue, answer`);
  } finally {
    await events.run(dropTable(ident(name)));
  }
}

function groupsOf(counted: readonly Counted[], keyOf: (row: Counted) => string): GroupCount[] {
  return [...Map.groupBy(counted, keyOf)].map(([group, rows]) => {
    const answers = new Map<string, number>();
    for (const { answer, people } of rows) if (answer !== '') answers.set(answer, (answers.get(answer) ?? 0) + people);
    return { group, invited: rows.reduce((sum, row) => sum + row.people, 0), answers };
  });
}

/** Everybody of some rows on what response depends on most. */
function profileOf(rows: readonly Counted[]): AskedProfile {
  const total = (of: (row: Counted) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const people = total((row) => row.people);
  const mean = (sum: number): number | null => (people === 0 ? null : sum / people);
  const stages = [...new Set(rows.map((row) => row.stage))];
  return {
    people,
    stages: Object.fromEntries(
      stages.map((stage) => [stage, mean(total((row) => (row.stage === stage ? row.people : 0))) ?? 0]),
    ),
    meanSpentCents: mean(total((row) => row.spentCents)),
    meanSilentDays: mean(total((row) => row.silentDays)),
  };
}

const totalOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

/** Throws `not_found` for an unknown wave or a policy never evaluated, `invalid` for a segment without a policy. */
export async function surveyResults(
  { records, events }: { readonly records: Records; readonly events: Events },
  { surveyId, policyId, segment }: ResultsQuery,
  now: Date,
): Promise<SurveyResults> {
  const survey = await showWave(records.db, surveyId);
  if (segment !== undefined && policyId === undefined)
    throw new RekindleError('invalid', { where: 'segment', what: { en: 'needs a policyId', zh: '需要 policyId' } });
  const asked = await askedPeople(records, surveyId);
  const counted =
    policyId === undefined
      ? [...Map.groupBy(asked, (row) => row.answer)].map(([answer, rows]) => ({
          stage: 'all',
          isHighValue: false,
          answer,
          people: rows.length,
          spentCents: 0,
          silentDays: 0,
        }))
      : await countedByStage(events, asked, policyId, segment, now);
  const groups = groupsOf(counted, (row) => row.stage);
  // Response differs by stage and by value: the weights take account of both.
  const cells = groupsOf(counted, (row) => `${row.stage}/${row.isHighValue ? 'high' : 'low'}`);
  const counts = new Map<string, number>();
  for (const group of groups)
    for (const [answer, people] of group.answers) counts.set(answer, (counts.get(answer) ?? 0) + people);
  const invited = groups.reduce((sum, group) => sum + group.invited, 0);
  const answered = totalOf(counts);
  const texts =
    segment === undefined
      ? await records.db
          .selectFrom('survey_answers')
          .select(['answer', 'free_text as text', 'changed_at as at'])
          .where('survey_id', '=', surveyId)
          .where('free_text', '<>', '')
          .orderBy('changed_at', 'desc')
          .limit(TEXTS_SHOWN)
          .execute()
      : [];
  return {
    survey,
    invited,
    answered,
    response: wilson(answered, invited),
    answers: SURVEYS[survey.kind].options.map(({ answer, label }) => {
      const count = counts.get(answer) ?? 0;
      return { answer, label, count, ...wilson(count, answered), weightedShare: weightedShare(cells, answer) };
    }),
    nps: survey.kind === 'nps' ? (npsOf(counts) ?? null) : null,
    groups: groups.map((group) => ({
      group: group.group,
      invited: group.invited,
      answered: totalOf(group.answers),
      response: wilson(totalOf(group.answers), group.invited),
      answers: Object.fromEntries(group.answers),
    })),
    bias: biasNote(groups),
    comparison:
      policyId === undefined
        ? null
        : { invited: profileOf(counted), answered: profileOf(counted.filter((row) => row.answer !== '')) },
    texts,
  };
}
