// From a link in a mail to a question and an answer. Opening the link changes nothing; only `answerByLink` does.
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { SURVEYS, linkIndexOf, surveyLinkOf, type SurveyKind, type Wave } from '../../understand/surveys/survey.ts';
import { answerOf, recordAnswer, waveAt } from '../../understand/surveys/surveys.service.ts';
import { signToken } from '../tracking/token.ts';
import { opened, type TrackingContext } from '../tracking/tracking.service.ts';

export type SurveyTarget = {
  readonly wave: Wave;
  readonly personId: string;
  readonly language: string;
  /** The option that the link itself names. */
  readonly linked: string | undefined;
  /** What she chose before. */
  readonly chosen: string | undefined;
};

/** What this link asks whom. Throws `token_invalid` for a forged link, and where nothing was asked at the time. */
export async function surveyTarget(context: TrackingContext, token: string): Promise<SurveyTarget> {
  const { messageId, linkIndex } = opened(context, token, 'survey');
  const { kind, answer } = surveyLinkOf(linkIndex);
  const { rows } = await sql<{ person_id: string; language: string; at: Date }>`
    SELECT person_id, language, COALESCE(claimed_at, created_at) AS at FROM messages WHERE message_id = ${messageId}`.execute(
    context.db,
  );
  const message = rows[0];
  const wave = message === undefined ? undefined : await waveAt(context.db, kind, message.at);
  if (message === undefined || wave === undefined) throw new RekindleError('token_invalid');
  const chosen = await answerOf(context.db, wave.surveyId, message.person_id);
  return { wave, personId: message.person_id, language: message.language, linked: answer, chosen };
}

/** Keeps the answer of whoever the link belongs to. Throws as `surveyTarget` and `recordAnswer`. */
export async function answerByLink(
  context: TrackingContext,
  target: SurveyTarget,
  given: { readonly answer: string; readonly freeText: string; readonly language: Lang },
  now: Date,
): Promise<'kept' | 'changed' | 'closed' | 'gone'> {
  const { wave, personId } = target;
  return recordAnswer(context.db, { surveyId: wave.surveyId, personId, ...given }, now);
}

export type SurveyLinks = {
  readonly url: string;
  readonly options: readonly { readonly label: { readonly en: string; readonly zh: string }; readonly url: string }[];
};

/** The links of one message: one to the question, and one per option that preselects it. */
export function surveyLinks(publicUrl: string, tokenSecret: string, messageId: string, kind: SurveyKind): SurveyLinks {
  const url = (answer?: string): string =>
    `${publicUrl}/s/${signToken(tokenSecret, { kind: 'survey', messageId, linkIndex: linkIndexOf(kind, answer) })}`;
  return {
    url: url(),
    options: SURVEYS[kind].options.map(({ answer, label }) => ({ label, url: url(answer) })),
  };
}

/** The waves whose questions a mail written now may carry. */
export async function openWaves(db: RecordsDb, now: Date): Promise<Readonly<Partial<Record<SurveyKind, Wave>>>> {
  const [reason, nps] = await Promise.all([waveAt(db, 'reason', now), waveAt(db, 'nps', now)]);
  return { ...(reason === undefined ? {} : { reason }), ...(nps === undefined ? {} : { nps }) };
}
