// Asks once whether we may write again, when a policy has stopped writing to somebody (`sunset.askAgain`). Guarantees: one such mail per silence,
// whatever number of policies stopped; who answers by its link has consented with that as proof; who does not stays off; who comes back of herself
// is not asked any more, from the answer to the event that says so.
import { sql } from 'kysely';
import type { Business } from '../../kernel/business.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { langOf } from '../../kernel/lang.ts';
import type { Records, RecordsDb, RecordsTransaction } from '../../stores/records/records.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
import type { DormancyPolicy } from '../../understand/dormancy/policy.ts';
import { listPolicies } from '../../understand/dormancy/policy.service.ts';
import { isChannelKey } from '../channels/channels.ts';
import { stopMessages } from '../messages/ledger.sql.ts';
import { askTemplate, planQuestions, type Question } from './asking.service.ts';
import { OWN_MAILS } from './own-mails.ts';
import { saveConsentText } from './texts.service.ts';

const PEOPLE_PER_ROUND = 5_000;
/** Long enough for who reads her mail once in two months. */
const LINK_DAYS = 60;

type AskContext = { readonly records: Records; readonly business: Business };

/** Names of channels, and a mail to ask with, must exist before a policy is saved. Throws `invalid` and `not_found`. */
export async function assertSunsetRule(db: RecordsDb, sunset: DormancyPolicy['sunset'], now: Date): Promise<void> {
  const unknown = sunset?.channels?.find((channel) => !isChannelKey(channel));
  if (unknown !== undefined)
    throw new RekindleError('invalid', {
      where: 'policy.sunset.channels',
      what: { en: `there is no channel "${unknown}"`, zh: `没有渠道“${unknown}”` },
    });
  if (sunset?.askAgain === undefined) return;
  if (sunset.channels !== undefined && !sunset.channels.includes('email'))
    throw new RekindleError('invalid', {
      where: 'policy.sunset.askAgain',
      what: { en: 'asks by mail, which this rule does not stop', zh: '以邮件征询，但本规则并不停发邮件' },
    });
  await askTemplate(db, sunset.askAgain.templateId, now);
}

/** The words she agrees to, with the name of who asks; a changed name is a new version. */
const wordsFor = (brand: string): { readonly textId: string; readonly en: string; readonly zh: string } => ({
  textId: 're-permission',
  en: `Yes, ${brand} may go on sending me news and offers by e-mail. I can withdraw this at any time.`,
  zh: `是的，我同意 ${brand} 继续通过电子邮件向我发送资讯与优惠。我可以随时撤回。`,
});

type Due = {
  readonly person_id: string;
  readonly since_on: string;
  /** When the first of her open sunsets began: the name of this silence, whichever policy asks. */
  readonly silent_on: string;
  readonly email: string;
  readonly email_key: string;
  readonly language: string | null;
};

async function askOf(
  { records: { db }, business }: AskContext,
  { policyId, sunset }: DormancyPolicy,
  now: Date,
): Promise<number> {
  const ask = sunset?.askAgain;
  if (ask === undefined) return 0;
  const { programmeId } = OWN_MAILS.re_permission;
  const today = sql`(${now}::timestamptz AT TIME ZONE ${business.timeZone})::date`;
  const version = await askTemplate(db, ask.templateId, now);
  return inTransaction(db, async (tx) => {
    // Locked until the mails are planned: a return that is recorded meanwhile waits, and finds the mail that it has to stop.
    const { rows } = await sql<Due>`
      SELECT u.person_id, u.since_on::text AS since_on, s.silent_on::text AS silent_on, pe.email, pe.email_key, pe.language
      FROM sunsets u JOIN people pe ON pe.person_id = u.person_id AND pe.email IS NOT NULL AND pe.email_key IS NOT NULL,
        LATERAL (SELECT min(x.since_on) AS silent_on FROM sunsets x WHERE x.person_id = u.person_id AND x.ended_on IS NULL) s
      WHERE u.policy_id = ${policyId} AND u.ended_on IS NULL AND (u.channels IS NULL OR 'email' = ANY(u.channels))
        AND u.since_on + ${ask.afterDays}::int <= ${today}
        AND NOT EXISTS (
          SELECT 1 FROM messages m WHERE (m.person_id = u.person_id OR m.address_key = pe.email_key) AND m.programme_id = ${programmeId}
            AND (m.created_at AT TIME ZONE ${business.timeZone})::date >= s.silent_on)
      ORDER BY u.person_id LIMIT ${PEOPLE_PER_ROUND} FOR UPDATE OF u`.execute(tx);
    if (rows.length === 0) return 0;
    const { textId, version: words } = await saveConsentText(tx, wordsFor(business.brand), now);
    const questions = rows.map((row): Question => ({
      personId: row.person_id,
      email: row.email,
      emailKey: row.email_key,
      language: langOf(row.language ?? business.defaultLanguage),
      textVersion: `${textId}@${words}`,
      source: 're-permission',
      proof: { policyId, sunsetOn: row.since_on },
      basis: 'express',
      runId: `re-permission/${row.silent_on}`,
    }));
    const template = { id: ask.templateId, version, linkDays: LINK_DAYS };
    return (await planQuestions(tx, 're_permission', questions, template, now)).size;
  });
}

/**
 * Ends a policy's sunsets of people who were active on a later day, as soon as that is known, and stops the mail that was to ask them (one that is
 * on its way too, until its last byte). Where another policy still has her, that one asks.
 */
export async function endSunsets(
  tx: RecordsTransaction,
  policyId: string,
  returns: readonly { readonly person_id: string; readonly at: Date }[],
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): Promise<void> {
  const { rows: ended } = await sql<{ person_id: string }>`
    WITH open AS (
      SELECT u.person_id, u.since_on, (r.at AT TIME ZONE ${timeZone})::date AS returned_on
      FROM sunsets u JOIN jsonb_to_recordset(${JSON.stringify(returns)}::jsonb) AS r (person_id text, at timestamptz) ON r.person_id = u.person_id
      WHERE u.policy_id = ${policyId} AND u.ended_on IS NULL AND (r.at AT TIME ZONE ${timeZone})::date > u.since_on
      ORDER BY u.person_id FOR UPDATE OF u
    )
    UPDATE sunsets u SET ended_on = o.returned_on, end_cause = 'returned' FROM open o
    WHERE u.policy_id = ${policyId} AND u.person_id = o.person_id AND u.since_on = o.since_on AND u.ended_on IS NULL
    RETURNING u.person_id`.execute(tx);
  if (ended.length === 0) return;
  const { rows: free } = await sql<{ person_id: string }>`
    SELECT person_id FROM unnest(${ended.map((row) => row.person_id)}::text[]) AS e (person_id)
    WHERE NOT EXISTS (SELECT 1 FROM sunsets u WHERE u.person_id = e.person_id AND u.ended_on IS NULL)`.execute(tx);
  const { programmeId } = OWN_MAILS.re_permission;
  const personIds = free.map((row) => row.person_id);
  await stopMessages(tx, { personIds, programmeId, code: 'returned', now });
}

/** One round over all active policies. Returns how many were asked. Running it again asks nobody twice. */
export async function askAgain(context: AskContext, now: Date): Promise<number> {
  const { programmeId } = OWN_MAILS.re_permission;
  await sql`
    UPDATE messages m SET state = 'cancelled', code = 'sunset_ended', finished_at = ${now}
    WHERE m.programme_id = ${programmeId} AND m.state = 'planned'
      AND NOT EXISTS (SELECT 1 FROM sunsets u WHERE u.person_id = m.person_id AND u.ended_on IS NULL)`.execute(
    context.records.db,
  );
  let asked = 0;
  for (const { policy, active } of await listPolicies(context.records))
    if (active) asked += await askOf(context, policy, now);
  return asked;
}
