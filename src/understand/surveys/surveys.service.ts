// Waves and their answers. Guarantees: one wave of a kind is open at a time; one answer per person and wave, changeable until the wave
// closes; an answer that comes later than that, or of somebody who was erased, is not kept.
import { sql, type Selectable } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang, Text } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { SurveysTable } from '../../stores/records/tables/people.ts';
import { freeTextOf, isAnswer, SURVEYS, type NewWave, type SurveyKind, type Wave } from './survey.ts';

const waveOf = (row: Selectable<SurveysTable>): Wave => ({
  surveyId: row.survey_id,
  kind: row.kind,
  name: row.name,
  question: row.question === null ? SURVEYS[row.kind].question : (row.question as Text),
  openedAt: row.opened_at,
  closedAt: row.closed_at,
});

/** Opens a wave from now on. Throws `conflict` when the id is taken or another wave of the kind is open. */
export async function openWave(db: RecordsDb, wave: NewWave, now: Date): Promise<Wave> {
  const row = await db
    .insertInto('surveys')
    .values({
      survey_id: wave.surveyId,
      kind: wave.kind,
      name: wave.name,
      question: JSON.stringify(wave.question ?? null),
      opened_at: now,
      closed_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) return waveOf(row);
  const open = await waveAt(db, wave.kind, now);
  const what =
    open === undefined || open.surveyId === wave.surveyId
      ? `There is a survey "${wave.surveyId}" already.`
      : `The survey "${open.surveyId}" of this kind is open; close it first.`;
  throw new RekindleError('conflict', { what });
}

/** Closes a wave for ever; closing it again changes nothing. Throws `not_found`. */
export async function closeWave(db: RecordsDb, surveyId: string, now: Date): Promise<Wave> {
  await sql`UPDATE surveys SET closed_at = greatest(${now}::timestamptz, opened_at + interval '1 millisecond')
    WHERE survey_id = ${surveyId} AND closed_at IS NULL`.execute(db);
  return showWave(db, surveyId);
}

/** Throws `not_found`. */
export async function showWave(db: RecordsDb, surveyId: string): Promise<Wave> {
  const row = await db.selectFrom('surveys').selectAll().where('survey_id', '=', surveyId).executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `survey "${surveyId}"`, zh: `调查“${surveyId}”` } });
  return waveOf(row);
}

export type WaveCounts = Wave & { readonly invited: number; readonly answered: number };

/** The newest first. */
export async function listWaves(db: RecordsDb): Promise<WaveCounts[]> {
  const { rows } = await sql<Selectable<SurveysTable> & { invited: number; answered: number }>`
    SELECT s.*, (SELECT count(*) FROM survey_invitations i WHERE i.survey_id = s.survey_id) AS invited,
      (SELECT count(*) FROM survey_answers a WHERE a.survey_id = s.survey_id) AS answered
    FROM surveys s ORDER BY s.opened_at DESC, s.survey_id`.execute(db);
  return rows.map((row) => ({ ...waveOf(row), invited: row.invited, answered: row.answered }));
}

/** The wave of a kind that was open at an instant: what a link written then asks. */
export async function waveAt(db: RecordsDb, kind: SurveyKind, at: Date): Promise<Wave | undefined> {
  const row = await db
    .selectFrom('surveys')
    .selectAll()
    .where('kind', '=', kind)
    .where('opened_at', '<=', at)
    .where((eb) => eb.or([eb('closed_at', 'is', null), eb('closed_at', '>', at)]))
    .executeTakeFirst();
  return row === undefined ? undefined : waveOf(row);
}

/** Remembers who was asked; the second time changes nothing. */
export async function inviteToWave(
  db: RecordsDb,
  surveyId: string,
  personIds: readonly string[],
  channel: string,
  now: Date,
): Promise<void> {
  if (personIds.length === 0) return;
  await db
    .insertInto('survey_invitations')
    .values(
      [...new Set(personIds)].map((personId) => ({
        survey_id: surveyId,
        person_id: personId,
        channel,
        invited_at: now,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export type GivenAnswer = {
  readonly surveyId: string;
  readonly personId: string;
  readonly answer: string;
  /** Empty: earlier words stay. */
  readonly freeText: string;
  readonly language: Lang;
};

/**
 * Keeps or changes an answer. `closed`: the wave is over. `gone`: nobody of that id is known any more. Throws `invalid` for an answer
 * that the survey does not offer, `not_found` for an unknown wave.
 */
export async function recordAnswer(
  db: RecordsDb,
  given: GivenAnswer,
  now: Date,
): Promise<'kept' | 'changed' | 'closed' | 'gone'> {
  const wave = await showWave(db, given.surveyId);
  if (!isAnswer(wave.kind, given.answer))
    throw new RekindleError('invalid', {
      where: 'answer',
      what: { en: `"${given.answer}" is not offered`, zh: `没有“${given.answer}”这一选项` },
    });
  const freeText = freeTextOf(given.freeText);
  const { rows } = await sql<{ is_new: boolean }>`
    INSERT INTO survey_answers (survey_id, person_id, answer, free_text, language, answered_at, changed_at)
    SELECT s.survey_id, p.person_id, ${given.answer}, ${freeText}, ${given.language}, ${now}::timestamptz, ${now}::timestamptz
    FROM surveys s, people p
    WHERE s.survey_id = ${given.surveyId} AND p.person_id = ${given.personId}
      AND s.opened_at <= ${now}::timestamptz AND (s.closed_at IS NULL OR s.closed_at > ${now}::timestamptz)
    ON CONFLICT (survey_id, person_id) DO UPDATE SET answer = EXCLUDED.answer, language = EXCLUDED.language, changed_at = EXCLUDED.changed_at,
      free_text = CASE WHEN EXCLUDED.free_text = '' THEN survey_answers.free_text ELSE EXCLUDED.free_text END
    RETURNING (xmax = 0) AS is_new`.execute(db);
  if (rows[0] !== undefined) return rows[0].is_new ? 'kept' : 'changed';
  return wave.closedAt !== null && wave.closedAt <= now ? 'closed' : 'gone';
}

/** The option a person chose in a wave, if any. Never her own words: whoever holds a forwarded mail may see this. */
export async function answerOf(db: RecordsDb, surveyId: string, personId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('survey_answers')
    .select('answer')
    .where('survey_id', '=', surveyId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row?.answer;
}
