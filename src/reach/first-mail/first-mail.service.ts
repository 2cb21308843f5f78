// The first mail of an installation: a real win-back mail to whoever asks for it, to her own address. It is no test beside the product but one message
// of its ledger: her consent is recorded, the arbiter judges it, its links are signed and work, and she can unsubscribe. Only the clock and the caps
// are not asked, because she asked for this very mail. Guarantee: who is on the suppression list, objected or withdrew gets none.
import { sql } from 'kysely';
import { addressKey, normalEmail } from '../../kernel/address.ts';
import { unfinishedFields } from '../../collect/business.service.ts';
import { personUpdateOf } from '../../collect/people/person.ts';
import { savePeople, type PeopleStores } from '../../collect/people/people.service.ts';
import { fieldsText, type Business } from '../../kernel/business.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { MessageState } from '../../stores/records/tables/messages.ts';
import { recordConsents } from '../consent/consent.service.ts';
import { planMessages } from '../messages/ledger.sql.ts';
import { STARTER_TEMPLATES } from '../templates/starter-library.ts';
import { mailVersion } from '../templates/templates.service.ts';

export type FirstMail = {
  readonly to: string;
  readonly templateId: string;
  readonly language: Lang;
  readonly firstName: string | undefined;
};

const PROGRAMME = 'rekindle.first-mail';
const MINUTES = 15;

type Context = { readonly stores: PeopleStores & { readonly addressSecret: string }; readonly business: Business };

type Held = { readonly person_id: string; readonly status: string | null };

/** Who reads this mailbox, and what she last said of marketing mail. */
async function holderOf(db: RecordsDb, key: string): Promise<Held | undefined> {
  const { rows } = await sql<Held>`
    SELECT pe.person_id, k.status FROM people pe LEFT JOIN LATERAL (
      SELECT status FROM consents WHERE person_id = pe.person_id AND channel = 'email' AND purpose = 'marketing'
      ORDER BY decided_at DESC, status DESC, consent_id DESC LIMIT 1) k ON true
    WHERE pe.email_key = ${key} ORDER BY pe.person_id LIMIT 1`.execute(db);
  return rows[0];
}

/**
 * Plans it, due now. Throws `profile_unfinished` while the mail could not say lawfully who writes, `invalid` for a wrong address, `conflict` for one
 * that said no, `not_found` for a template that is none.
 */
export async function planFirstMail({ stores, business }: Context, mail: FirstMail, now: Date): Promise<string> {
  const { db } = stores.records;
  // Its links lead to this machine until a public address is set, which is enough for oneself.
  const missing = unfinishedFields(business).filter((field) => field !== 'publicUrl');
  if (missing.length > 0) throw new RekindleError('profile_unfinished', { fields: fieldsText(missing) });
  const email = normalEmail(mail.to);
  if (email === undefined)
    throw new RekindleError('invalid', {
      where: 'body.to',
      what: { en: 'not an e-mail address', zh: '不是邮箱地址' },
    });
  const version = await mailVersion(db, STARTER_TEMPLATES, mail.templateId, now);
  const key = addressKey(stores.addressSecret, email);
  let holder = await holderOf(db, key);
  if (holder === undefined) {
    await savePeople(stores, [
      personUpdateOf(email, { email, firstName: mail.firstName, language: mail.language }, now),
    ]);
    holder = { person_id: email, status: null };
  }
  if (holder.status === 'withdrawn')
    throw new RekindleError('conflict', {
      what: { en: `${email} has withdrawn her consent to mail`, zh: `${email} 已撤回邮件同意` },
    });
  if (holder.status === null)
    await recordConsents(db, [
      {
        personId: holder.person_id,
        channel: 'email',
        purpose: 'marketing',
        status: 'granted',
        basis: 'express',
        textVersion: '',
        source: 'first-mail',
        proof: { how: 'asked for this mail to her own address' },
        decidedAt: now,
        expiresAt: null,
      },
    ]);
  const messageId = newId('msg', now);
  await planMessages(db, [
    {
      message_id: messageId,
      programme_id: PROGRAMME,
      run_id: messageId,
      step: 0,
      person_id: holder.person_id,
      channel: 'email',
      purpose: 'requested',
      address: email,
      address_key: key,
      variant: 'first',
      template_id: mail.templateId,
      template_version: version,
      language: mail.language,
      grant_id: null,
      content: {},
      priority: 0,
      due_at: now,
      expires_at: new Date(now.getTime() + MINUTES * 60_000),
      created_at: now,
      cost_cents: 0,
    },
  ]);
  return messageId;
}

export type MailFate = {
  readonly state: MessageState;
  readonly code: string | null;
  /** What the server said, or the network. */
  readonly detail: string | null;
  readonly attempts: number;
};

export const fateOf = (db: RecordsDb, messageId: string): Promise<MailFate> =>
  db
    .selectFrom('messages')
    .select(['state', 'code', 'detail', 'attempts'])
    .where('message_id', '=', messageId)
    .executeTakeFirstOrThrow();

/** Whether nothing more will happen by itself in the next seconds: an end, or an attempt that failed and is tried later. */
export const isSettled = ({ state, attempts }: MailFate): boolean =>
  state !== 'sending' && (state !== 'planned' || attempts > 0);

/** A mail that has not left is not tried again behind the back of who asked for it. */
export const giveUp = async (db: RecordsDb, messageId: string, now: Date): Promise<void> => {
  await db
    .updateTable('messages')
    .set({ state: 'cancelled', finished_at: now })
    .where('message_id', '=', messageId)
    .where('state', '=', 'planned')
    .execute();
};
