// What came back by SMS: receipts, refusals, wishes to come back, and free text for a human. Guarantees: a refusal is in force when the
// provider is answered; the same push twice changes nothing; at most one confirmation follows a refusal, and it sells nothing; no word gives a
// consent that was not asked for and had never been given.
import { sql } from 'kysely';
import { addressKey } from '../../../kernel/address.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import { DAY_MS } from '../../../kernel/days.ts';
import { newId } from '../../../kernel/ids.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import { langOf, type Lang } from '../../../kernel/lang.ts';
import { unreachable } from '../../../kernel/result.ts';
import type { RecordsDb } from '../../../stores/records/records.ts';
import { inTransaction } from '../../../stores/records/transactions.ts';
import { recordConsents, suppress, unsubscribeAll } from '../../consent/consent.service.ts';
import { confirmByText } from '../../consent/double-opt-in.service.ts';
import { softlyGivenUp } from '../../tracking/delivery-reports.service.ts';
import { finishMessages } from '../../messages/ledger.sql.ts';
import { confirmationText, inboundMeaning, type InboundMeaning } from './inbound-words.ts';
import { smsNumber } from './phone.ts';
import type { AskedSms, SmsFate, SmsInbound, SmsReport } from './provider.ts';

export type SmsReplies = {
  readonly db: RecordsDb;
  readonly addressSecret: string;
  readonly brand: () => string;
  /** Texts her one message, without signature of an offer or a way out; false when the provider takes no free text. */
  readonly reply: (phone: string, text: string) => Promise<boolean>;
};

type Matched = {
  readonly message_id: string;
  readonly state: string;
  readonly address_key: string;
  readonly n: number;
};

/** Writes receipts down, tells the fate of what was unknown, and gives up numbers that are dead. An unknown text is passed over. */
export async function takeReports(db: RecordsDb, reports: readonly SmsReport[], now: Date): Promise<number> {
  if (reports.length === 0) return 0;
  const asked = reports.map((report, n) => ({
    n,
    message_id: report.messageId ?? null,
    provider_id: report.providerId ?? null,
    phone: report.phone ?? null,
  }));
  const { rows } = await sql<Matched>`
    SELECT DISTINCT m.message_id, m.state, m.address_key, r.n
    FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS r (n integer, message_id text, provider_id text, phone text)
    JOIN messages m ON m.channel = 'sms' AND (m.message_id = r.message_id
      OR (r.message_id IS NULL AND m.provider_id = r.provider_id AND (r.phone IS NULL OR m.address = r.phone)))`.execute(
    db,
  );
  const found = rows.map((row) => ({ row, report: reports[row.n]! }));
  const receipts = found.map(({ row, report }) => ({
    message_id: row.message_id,
    kind: report.state === 'delivered' ? 'delivered' : 'bounced',
    class: report.state === 'delivered' ? 'provider' : report.class,
    detail: { code: report.code },
    occurred_at: report.at,
    dedupe_key: report.state,
  }));
  await sql`
    INSERT INTO receipts (message_id, kind, class, detail, occurred_at, dedupe_key)
    SELECT * FROM jsonb_to_recordset(${JSON.stringify(receipts)}::jsonb) AS r (
      message_id text, kind text, class text, detail jsonb, occurred_at timestamptz, dedupe_key text)
    ON CONFLICT (message_id, kind, dedupe_key) DO NOTHING`.execute(db);
  await finishMessages(
    db,
    found
      .filter(({ row }) => row.state === 'unknown')
      .map(({ row, report }) => ({
        message_id: row.message_id,
        state: 'sent',
        at: now,
        provider_id: report.providerId ?? null,
        code: null,
        detail: 'known by its receipt',
        due_at: null,
      })),
  );
  const dead = found.filter(({ report }) => report.state === 'failed' && report.permanent);
  const soft = found.filter(({ report }) => report.state === 'failed' && report.class === 'mailbox');
  const given = await softlyGivenUp(
    db,
    soft.map(({ row }) => row.address_key),
    now,
  );
  await suppress(
    db,
    [
      ...dead.map(({ row, report }) => ({
        kind: 'address' as const,
        key: row.address_key,
        channel: 'sms',
        reason: report.byHerself === true ? ('unsubscribed' as const) : ('bounced' as const),
      })),
      ...given.filter(({ channel }) => channel === 'sms'),
    ],
    now,
  );
  return found.length;
}

/** What was asked and is known now. */
export async function takeFates(db: RecordsDb, fates: readonly SmsFate[], now: Date): Promise<void> {
  await finishMessages(
    db,
    fates.map((fate) => ({
      message_id: fate.messageId,
      state: 'sent',
      at: now,
      provider_id: fate.providerId,
      code: null,
      detail: 'found by asking the provider',
      due_at: null,
    })),
  );
  await takeReports(
    db,
    fates.flatMap(({ report }) => report ?? []),
    now,
  );
}

const ASKED_MAX = 50;

/** Texts whose fate is open: unknown ones, and sent ones without a receipt after a quarter of an hour; of the last three days. */
export async function openTexts(db: RecordsDb, now: Date): Promise<AskedSms[]> {
  const { rows } = await sql<{ message_id: string; provider_id: string | null; address: string; claimed_at: Date }>`
    SELECT message_id, provider_id, address, claimed_at FROM messages m
    WHERE channel = 'sms' AND claimed_at > ${now}::timestamptz - interval '3 days' AND address <> ''
      AND (state = 'unknown' OR (state = 'sent' AND claimed_at < ${now}::timestamptz - interval '15 minutes'
        AND provider_id IS NOT NULL AND provider_id NOT LIKE 'sink:%'
        AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = m.message_id AND r.kind IN ('delivered', 'bounced'))))
    -- Another fifty each minute, so that texts without any receipt do not stand before the rest.
    ORDER BY state DESC, md5(message_id || ${now.toISOString().slice(0, 16)}) LIMIT ${ASKED_MAX}`.execute(db);
  return rows.map((row) => ({
    messageId: row.message_id,
    providerId: row.provider_id,
    phone: row.address,
    claimedAt: row.claimed_at,
  }));
}

type Owner = { readonly person_id: string; readonly language: string | null };

const ownersOf = async (db: RecordsDb, phoneKey: string): Promise<Owner[]> =>
  (
    await sql<Owner>`
    SELECT person_id, language FROM people WHERE phone_key = ${phoneKey}
    UNION SELECT m.person_id, pe.language FROM messages m JOIN people pe ON pe.person_id = m.person_id
      WHERE m.channel = 'sms' AND m.address_key = ${phoneKey}
    ORDER BY person_id`.execute(db)
  ).rows;

type Wish = {
  readonly phoneKey: string;
  readonly owners: readonly Owner[];
  readonly proof: JsonObject;
  /** When she said it, by the provider's clock. */
  readonly said: Date;
  readonly now: Date;
};

/** Ends marketing by SMS to a number, whoever shares it. Says whether it was still allowed before. */
async function stop(tx: RecordsDb, { phoneKey, owners, proof, now }: Wish): Promise<boolean> {
  const before = await tx
    .selectFrom('suppressions')
    .select('reason')
    .where('kind', '=', 'address')
    .where('key', '=', phoneKey)
    .where('channel', 'in', ['sms', '*'])
    .executeTakeFirst();
  await suppress(tx, [{ kind: 'address', key: phoneKey, channel: 'sms', reason: 'unsubscribed' }], now);
  await unsubscribeAll(
    tx,
    owners.map(({ person_id: personId }) => ({ personId, addressKey: phoneKey, channel: 'sms', proof })),
    now,
  );
  return before === undefined;
}

/**
 * Of those who have the number now: who said no from it, or, where nobody shares it, any other way, and had said yes before; for `anew`, whose
 * consent to texts is not given.
 */
async function withoutConsent(tx: RecordsDb, phoneKey: string, anew: boolean): Promise<string[]> {
  const { rows } = await sql<{ person_id: string }>`
    SELECT person_id FROM (
      SELECT p.person_id, c.latest, c.was_given, c.latest_proof ? 'text' AS was_said_here, count(*) OVER () AS holders
      FROM people p LEFT JOIN LATERAL (
        SELECT (array_agg(c.status ORDER BY c.decided_at DESC, c.status DESC))[1] AS latest,
          (array_agg(c.proof ORDER BY c.decided_at DESC, c.status DESC))[1] AS latest_proof, bool_or(c.status = 'granted') AS was_given
        FROM consents c WHERE c.person_id = p.person_id AND c.channel = 'sms' AND c.purpose = 'marketing'
      ) c ON true
      WHERE p.phone_key = ${phoneKey}
    ) holder
    WHERE (latest = 'withdrawn' AND was_given AND (was_said_here OR holders = 1))
      OR (${anew}::boolean AND latest IS DISTINCT FROM 'granted')`.execute(tx);
  return rows.map(({ person_id }) => person_id);
}

/** Lifts only what she herself had set: a dead number, a complaint or an erasure stays. */
async function lift(tx: RecordsDb, { phoneKey, proof, now }: Wish, anew: boolean): Promise<boolean> {
  const lifted = await tx
    .deleteFrom('suppressions')
    .where('kind', '=', 'address')
    .where('key', '=', phoneKey)
    .where('channel', '=', 'sms')
    .where('reason', '=', 'unsubscribed')
    .returning('suppression_id')
    .execute();
  if (lifted.length === 0 && !anew) return false;
  await recordConsents(
    tx,
    (await withoutConsent(tx, phoneKey, anew)).map((personId) => ({
      personId,
      channel: 'sms',
      purpose: 'marketing',
      status: 'granted',
      basis: 'express',
      textVersion: '',
      source: 'sms-reply',
      proof,
      decidedAt: now,
      expiresAt: null,
    })),
  );
  return true;
}

/**
 * A word that comes back takes back a no that was said from this number, and confirms what was asked of it; it makes up no consent that she never
 * gave. False where there was neither: then it was an answer to something else. Words may overtake each other on their way, so one that is not
 * younger than her last no changes nothing.
 */
async function start(tx: RecordsDb, wish: Wish): Promise<boolean> {
  const { phoneKey, proof, said, now } = wish;
  const refused = await tx
    .selectFrom('sms_inbound')
    .select('inbound_id')
    // What their clock calls later was not taken a day before: the index is on when it was taken.
    .where('taken_at', '>', new Date(said.getTime() - DAY_MS))
    .where('phone_key', '=', phoneKey)
    .where('received_at', '>=', said)
    .where((is) => is.or([is('meaning', '=', 'stop'), is('resolution', '=', 'stop')]))
    .executeTakeFirst();
  if (refused !== undefined) return false;
  const isConfirmed = await confirmByText(tx, phoneKey, proof, { said, now });
  return (await lift(tx, wish, false)) || isConfirmed;
}

/** Takes texts that came in, each with what it means in one piece. Those already known are passed over, so a provider may push again. */
export async function takeTexts(
  replies: SmsReplies,
  provider: string,
  texts: readonly SmsInbound[],
  now: Date,
): Promise<void> {
  for (const text of texts) {
    const number = smsNumber(text.phone);
    const phone = number.ok ? number.value.e164 : text.phone;
    const country = number.ok ? number.value.country : undefined;
    const phoneKey = addressKey(replies.addressSecret, phone);
    const meaning = text.meaning ?? inboundMeaning(text.text, country);
    const { owners, isConfirmed } = await inTransaction(replies.db, async (tx) => {
      const owners = await ownersOf(tx, phoneKey);
      const row = { provider, text, phone, phoneKey, meaning, owner: owners[0], now };
      const inboundId = await keepText(tx, row);
      if (inboundId === undefined) return { owners, isConfirmed: false };
      const proof = { text: text.text.slice(0, 200), provider, receivedAt: text.at.toISOString() };
      const wish = { phoneKey, owners, proof, said: text.at, now };
      if (meaning === 'start' && !(await start(tx, wish))) await leaveToHuman(tx, inboundId);
      const wasAllowed = meaning === 'stop' && (await stop(tx, wish));
      return { owners, isConfirmed: wasAllowed && !text.isAnswered };
    });
    if (isConfirmed) {
      const lang: Lang = country === 'CN' ? 'zh' : langOf(owners[0]?.language ?? undefined);
      await replies.reply(phone, confirmationText(replies.brand(), lang));
    }
  }
}

const leaveToHuman = (tx: RecordsDb, inboundId: string): Promise<unknown> =>
  tx
    .updateTable('sms_inbound')
    .set({ meaning: 'free_text', review: 'waiting' })
    .where('inbound_id', '=', inboundId)
    .execute();

async function keepText(
  db: RecordsDb,
  row: {
    readonly provider: string;
    readonly text: SmsInbound;
    readonly phone: string;
    readonly phoneKey: string;
    readonly meaning: InboundMeaning;
    readonly owner: Owner | undefined;
    readonly now: Date;
  },
): Promise<string | undefined> {
  const needsHuman = row.meaning === 'free_text' || (row.meaning === 'help' && !row.text.isAnswered);
  const added = await db
    .insertInto('sms_inbound')
    .values({
      inbound_id: newId('sms', row.now),
      provider: row.provider,
      dedupe_key: row.text.dedupeKey,
      person_id: row.owner?.person_id ?? null,
      phone: row.phone,
      phone_key: row.phoneKey,
      text: row.text.text.slice(0, 1_000),
      sent_to: row.text.to,
      meaning: row.meaning,
      received_at: row.text.at,
      taken_at: row.now,
      review: needsHuman ? 'waiting' : 'none',
      resolved_at: null,
      resolution: null,
    })
    .onConflict((conflict) => conflict.columns(['provider', 'dedupe_key']).doNothing())
    .returning('inbound_id')
    .executeTakeFirst();
  return added?.inbound_id;
}

export type ListedText = {
  readonly inboundId: string;
  readonly personId: string | null;
  readonly phone: string;
  readonly text: string;
  readonly meaning: InboundMeaning;
  readonly review: 'none' | 'waiting' | 'resolved';
  readonly receivedAt: Date;
  readonly resolution: string | null;
};

/** The oldest waiting first, or the latest of all. */
export async function listTexts(db: RecordsDb, waiting: boolean, limit: number): Promise<ListedText[]> {
  let query = db
    .selectFrom('sms_inbound')
    .select([
      'inbound_id as inboundId',
      'person_id as personId',
      'phone',
      'text',
      'meaning',
      'review',
      'received_at as receivedAt',
      'resolution',
    ]);
  if (waiting) query = query.where('review', '=', 'waiting');
  return query
    .orderBy('received_at', waiting ? 'asc' : 'desc')
    .limit(limit)
    .execute();
}

export const RESOLUTIONS = ['stop', 'start', 'nothing'] as const;

/** A human read it: what she meant is done. Throws `not_found`, and `conflict` when somebody else was faster. */
export async function resolveText(
  replies: Pick<SmsReplies, 'db'>,
  inboundId: string,
  resolution: (typeof RESOLUTIONS)[number],
  now: Date,
): Promise<void> {
  await inTransaction(replies.db, async (tx) => {
    const row = await tx.selectFrom('sms_inbound').selectAll().where('inbound_id', '=', inboundId).executeTakeFirst();
    if (row === undefined)
      throw new RekindleError('not_found', { what: { en: `text ${inboundId}`, zh: `回复短信 ${inboundId}` } });
    const taken = await tx
      .updateTable('sms_inbound')
      .set({ review: 'resolved', resolved_at: now, resolution })
      .where('inbound_id', '=', inboundId)
      .where('review', '=', 'waiting')
      .returning('inbound_id')
      .executeTakeFirst();
    if (taken === undefined)
      throw new RekindleError('conflict', {
        what: { en: `text ${inboundId} needs no answer any more`, zh: `回复短信 ${inboundId} 已无需处理` },
      });
    const { phone_key: phoneKey, received_at: said } = row;
    const proof = { text: row.text.slice(0, 200), provider: row.provider, read: 'by a person' };
    const wish = { phoneKey, owners: await ownersOf(tx, phoneKey), proof, said, now };
    switch (resolution) {
      case 'stop':
        await stop(tx, wish);
        return;
      case 'start':
        await lift(tx, wish, true);
        return;
      case 'nothing':
        return;
      default:
        unreachable(resolution);
    }
  });
}

/** Forgets texts older than the records must be kept. */
export async function forgetTexts(db: RecordsDb, months: number, now: Date): Promise<void> {
  await sql`DELETE FROM sms_inbound WHERE taken_at < ${now}::timestamptz - make_interval(months => ${months})`.execute(
    db,
  );
}
