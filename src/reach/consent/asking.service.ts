// Asks people by mail for a consent that they give by a link: the question and the mail are made in one transaction, and the mail leaves through the
// message ledger like every other, judged when its turn comes. Guarantee: nobody is asked more often than the limits say, however many ask at once.
import { sql } from 'kysely';
import type { Business } from '../../kernel/business.ts';
import { DAY_MS } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { langOf, type Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
import { planMessages, type PlannedMessage } from '../messages/ledger.sql.ts';
import { ASK_TEMPLATES } from '../templates/starter-asks.ts';
import { mailVersion } from '../templates/templates.service.ts';
import { OWN_MAILS, requestOfMail } from './own-mails.ts';
import type { ConsentPolicy } from './consent-policy.service.ts';

/** A mail is worth sending for so long; its link may live longer. */
const MAIL_DAYS = 14;

export type Question = {
  readonly personId: string;
  readonly email: string;
  readonly emailKey: string;
  readonly language: Lang;
  readonly textVersion: string;
  readonly source: string;
  readonly proof: JsonObject;
  /** What her yes is recorded as. */
  readonly basis: 'double_opt_in' | 'express';
  /** One mail per run and person, and per run and address. */
  readonly runId: string;
};

export const askTemplate = (db: RecordsDb, templateId: string, now: Date): Promise<number> =>
  mailVersion(db, ASK_TEMPLATES, templateId, now);

/** Plans the mails and keeps the questions of those that were really added. Returns their people. */
export async function planQuestions(
  tx: RecordsDb,
  own: keyof typeof OWN_MAILS,
  questions: readonly Question[],
  template: { readonly id: string; readonly version: number; readonly linkDays: number },
  now: Date,
): Promise<ReadonlySet<string>> {
  if (questions.length === 0) return new Set();
  const { programmeId, purpose } = OWN_MAILS[own];
  const planned = questions.map((question) => {
    const message: PlannedMessage = {
      message_id: newId('msg', now),
      programme_id: programmeId,
      run_id: question.runId,
      step: 0,
      person_id: question.personId,
      channel: 'email',
      purpose,
      address: question.email,
      address_key: question.emailKey,
      variant: 'ask',
      template_id: template.id,
      template_version: template.version,
      language: question.language,
      grant_id: null,
      content: {},
      priority: 0,
      due_at: now,
      expires_at: new Date(now.getTime() + Math.min(MAIL_DAYS, template.linkDays) * DAY_MS),
      created_at: now,
      cost_cents: 0,
    };
    return { question, message };
  });
  const added = await planMessages(
    tx,
    planned.map(({ message }) => message),
  );
  const asked = planned.filter(({ message }) => added.has(message.message_id));
  if (asked.length === 0) return new Set();
  await tx
    .insertInto('consent_requests')
    .values(
      asked.map(({ question, message }) => ({
        request_id: requestOfMail(message.message_id),
        person_id: question.personId,
        channel: 'email',
        purpose: 'marketing',
        address_key: question.emailKey,
        text_version: question.textVersion,
        language: question.language,
        source: question.source,
        proof: JSON.stringify({ ...question.proof, askedIn: message.message_id }),
        basis: question.basis,
        requested_at: now,
        expires_at: new Date(now.getTime() + template.linkDays * DAY_MS),
        confirmed_at: null,
      })),
    )
    .execute();
  return new Set(asked.map(({ question }) => question.personId));
}

export type SignUp = {
  readonly personId: string;
  /** `text@version` of the words she is asked to confirm. */
  readonly textVersion: string;
  readonly source: string;
  readonly proof: JsonObject;
  readonly language?: Lang | undefined;
};

/** `asked_recently` and `asked_often`: the mail of an earlier request is the one to look for. */
export type AskedFate = 'asked' | 'already' | 'asked_recently' | 'asked_often' | 'no_address';

type AskState = {
  readonly person_id: string;
  readonly email: string | null;
  readonly email_key: string | null;
  readonly language: string | null;
  readonly confirmed: boolean;
  readonly asked: number;
  readonly asked_last: Date | null;
};

/** Asks each to confirm her sign-up, once, within the limits of the policy. All texts and people must be known. */
export async function askToConfirm(
  db: RecordsDb,
  signUps: readonly SignUp[],
  policy: ConsentPolicy['doubleOptIn'],
  business: Pick<Business, 'defaultLanguage'>,
  now: Date,
): Promise<ReadonlyMap<string, AskedFate>> {
  const version = await askTemplate(db, policy.templateId, now);
  const people = new Map(signUps.map((each) => [each.personId, each] as const));
  return inTransaction(db, async (tx) => {
    const ids = [...people.keys()];
    // Who asks for the same mailbox at the same moment waits, and sees what was asked.
    await sql`SELECT pg_advisory_xact_lock(hashtextextended('ask ' || key, 0)) FROM (
      SELECT DISTINCT email_key AS key FROM people WHERE person_id = ANY(${ids}) AND email_key IS NOT NULL ORDER BY 1) k`.execute(
      tx,
    );
    const { rows } = await sql<AskState>`
      SELECT pe.person_id, pe.email, pe.email_key, pe.language, COALESCE(latest.confirmed, false) AS confirmed,
        COALESCE(r.asked, 0)::int AS asked, r.asked_last
      FROM people pe
      LEFT JOIN LATERAL (
        SELECT count(*) AS asked, max(q.requested_at) AS asked_last FROM consent_requests q
        WHERE q.address_key = pe.email_key AND q.channel = 'email' AND q.confirmed_at IS NULL
          AND q.requested_at > ${now}::timestamptz - make_interval(days => ${policy.withinDays}::int)) r ON true
      LEFT JOIN LATERAL (
        SELECT k.status = 'granted' AND k.basis = 'double_opt_in' AND (k.expires_at IS NULL OR k.expires_at > ${now}) AS confirmed
        FROM consents k WHERE k.person_id = pe.person_id AND k.channel = 'email' AND k.purpose = 'marketing'
        ORDER BY k.decided_at DESC, k.status DESC, k.consent_id DESC LIMIT 1) latest ON true
      WHERE pe.person_id = ANY(${ids})`.execute(tx);
    const recently = now.getTime() - policy.resendAfterHours * 3_600_000;
    const fates = new Map<string, AskedFate>();
    const questions: Question[] = [];
    for (const row of rows) {
      const signUp = people.get(row.person_id)!;
      const { email, email_key: emailKey } = row;
      if (email === null || emailKey === null) fates.set(row.person_id, 'no_address');
      else if (row.confirmed) fates.set(row.person_id, 'already');
      else if (row.asked >= policy.mailsMax) fates.set(row.person_id, 'asked_often');
      else if (row.asked_last !== null && row.asked_last.getTime() > recently)
        fates.set(row.person_id, 'asked_recently');
      else
        questions.push({
          ...signUp,
          email,
          emailKey,
          language: signUp.language ?? langOf(row.language ?? business.defaultLanguage),
          basis: 'double_opt_in',
          // One mail to an address at a time: of several people who share it the first is asked.
          runId: `confirmation/${now.toISOString()}`,
        });
    }
    const asked = await planQuestions(
      tx,
      'confirmation',
      questions,
      { id: policy.templateId, version, linkDays: policy.validDays },
      now,
    );
    for (const { personId } of questions) fates.set(personId, asked.has(personId) ? 'asked' : 'asked_recently');
    return fates;
  });
}
