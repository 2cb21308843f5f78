// What came back from a mail: opens, clicks and unsubscribes, each recorded once. Opens and robots decide nothing.
// Guarantees: a redirect leads only to a link that was in the message; no GET or HEAD changes a wish; an unsubscribe is in force when it resolves.
import { sql } from 'kysely';
import { groupCommit, type GroupCommit } from '../../collect/ingest/group-commit.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { ReceiptsTable } from '../../stores/records/tables/messages.ts';
import { unsubscribe } from '../consent/consent.service.ts';
import { classifyClick, FASTEST_HUMAN_MS, type ClickRule } from './click-class.ts';
import { classifyOpen } from './open-class.ts';
import { readToken, type TokenKind } from './token.ts';

export type Visit = {
  readonly token: string;
  readonly method: string;
  readonly userAgent: string | undefined;
  readonly purpose: string | undefined;
};

export type TrackingContext = { readonly db: RecordsDb; readonly tokenSecret: string };

const ALL_LINKS_WITHIN_MS = 1_500;
/** Whoever follows the link that no person sees follows the others about now. */
const TRAP_WITHIN_MS = 10_000;

type Receipt = {
  readonly messageId: string;
  readonly kind: ReceiptsTable['kind'];
  readonly class: string;
  readonly detail: JsonObject;
  readonly at: Date;
  readonly dedupeKey: string;
};

/** Adds a receipt once; an unknown message adds nothing. */
export async function recordReceipt(db: RecordsDb, receipt: Receipt): Promise<void> {
  await sql`
    INSERT INTO receipts (message_id, kind, class, detail, occurred_at, dedupe_key)
    SELECT message_id, ${receipt.kind}, ${receipt.class}, ${JSON.stringify(receipt.detail)}::jsonb, ${receipt.at}, ${receipt.dedupeKey}
    FROM messages WHERE message_id = ${receipt.messageId}
    ON CONFLICT (message_id, kind, dedupe_key) DO NOTHING`.execute(db);
}

/** What a token of this kind says. Throws `token_invalid` for any other. */
export function opened(
  context: TrackingContext,
  token: string,
  kind: TokenKind,
): { readonly messageId: string; readonly linkIndex: number } {
  const read = readToken(context.tokenSecret, token);
  if (!read.ok || read.value.kind !== kind) throw new RekindleError('token_invalid');
  return read.value;
}

/** Records the click with its class and says where to go. Throws `token_invalid` for a forged link, `not_found` for a link that was not in the mail. */
export async function visitLink(context: TrackingContext, visit: Visit, now: Date): Promise<string> {
  const { messageId, linkIndex } = opened(context, visit.token, 'click');
  const { db } = context;
  const found = await sql<{ url: string; sent_at: Date; links: number; others: number; trapped: boolean }>`
    SELECT l.url, COALESCE(m.sent_at, m.claimed_at, ${now}::timestamptz) AS sent_at,
      (SELECT count(*)::int FROM message_links WHERE message_id = m.message_id) AS links,
      (SELECT count(DISTINCT r.detail ->> 'link')::int FROM receipts r WHERE r.message_id = m.message_id AND r.kind = 'clicked'
        AND r.occurred_at > ${new Date(now.getTime() - ALL_LINKS_WITHIN_MS)} AND r.detail ->> 'link' <> ${String(linkIndex)}) AS others,
      EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = m.message_id AND r.kind = 'clicked' AND r.detail ->> 'rule' = 'honeypot'
        AND r.occurred_at > ${new Date(now.getTime() - TRAP_WITHIN_MS)}) AS trapped
    FROM messages m JOIN message_links l ON l.message_id = m.message_id AND l.position = ${linkIndex}
    WHERE m.message_id = ${messageId}`.execute(db);
  const link = found.rows[0];
  if (link === undefined)
    throw new RekindleError('not_found', { what: { en: 'such a link in this message', zh: '此消息中的该链接' } });
  const { class: actor, rule } = classifyClick({
    method: visit.method,
    userAgent: visit.userAgent,
    msSinceSent: now.getTime() - link.sent_at.getTime(),
    allLinksAtOnce: link.links > 1 && link.others >= link.links - 1,
    honeypot: link.trapped,
    purpose: visit.purpose,
  });
  await recordReceipt(db, {
    messageId,
    kind: 'clicked',
    class: actor,
    detail: { link: linkIndex, rule },
    at: now,
    dedupeKey: `${linkIndex}:${visit.method}:${now.getTime()}:${sha256Hex(visit.userAgent ?? '').slice(0, 8)}`,
  });
  // Only the last of a burst shows that it was one; the clicks before it were the same machine's.
  if (rule === 'all_links') await machineSince(db, messageId, rule, new Date(now.getTime() - ALL_LINKS_WITHIN_MS));
  return link.url;
}

/** What looked like a person's clicks on this message since then was a machine's. */
async function machineSince(db: RecordsDb, messageId: string, rule: ClickRule, since: Date): Promise<void> {
  await sql`UPDATE receipts SET class = 'bot', detail = detail || ${JSON.stringify({ rule })}::jsonb
    WHERE message_id = ${messageId} AND kind = 'clicked' AND class = 'human' AND occurred_at > ${since}`.execute(db);
}

/** Somebody followed the link that no person can see: its clicks of these seconds are a machine's. Throws `token_invalid` for a forged link. */
export async function visitTrap(context: TrackingContext, visit: Visit, now: Date): Promise<void> {
  const { messageId } = opened(context, visit.token, 'trap');
  await recordReceipt(context.db, {
    messageId,
    kind: 'clicked',
    class: 'bot',
    detail: { link: 'trap', rule: 'honeypot' },
    at: now,
    dedupeKey: `trap:${visit.method}:${now.getTime()}`,
  });
  await machineSince(context.db, messageId, 'honeypot', new Date(now.getTime() - TRAP_WITHIN_MS));
}

type Open = {
  readonly message_id: string;
  readonly at: Date;
  /** What the reader is, by when it asked: before the mail left, faster than a person, later. */
  readonly before: object;
  readonly fast: object;
  readonly later: object;
};

export type OpenLog = GroupCommit<Open, null>;

/** Opens come in crowds and decide nothing: those that arrive together are written by one statement. */
export const openLog = (db: RecordsDb): OpenLog =>
  groupCommit({
    itemsPerWriteMax: 1_000,
    waitingMax: 50_000,
    sizeOf: () => 1,
    write: async (groups) => {
      // One row per message and kind of reader is all that anybody may use.
      await sql`
        WITH read AS (
          SELECT o.message_id, o.at, CASE WHEN o.at < sent THEN o.before WHEN o.at < sent + make_interval(secs => ${FASTEST_HUMAN_MS / 1000}) THEN o.fast
            ELSE o.later END AS by
          FROM jsonb_to_recordset(${JSON.stringify(groups.flat())}::jsonb) AS o (message_id text, at timestamptz, before jsonb, fast jsonb, later jsonb)
          JOIN messages m USING (message_id), LATERAL (SELECT COALESCE(m.sent_at, m.claimed_at, o.at) AS sent) s
        )
        INSERT INTO receipts (message_id, kind, class, detail, occurred_at, dedupe_key)
        SELECT message_id, 'opened', by ->> 'class', jsonb_build_object('rule', by ->> 'rule'), at, by ->> 'class' FROM read ORDER BY at
        ON CONFLICT (message_id, kind, dedupe_key) DO NOTHING`.execute(db);
      return groups.map(() => null);
    },
  });

/** Records the open with its class. Throws `token_invalid` for a forged pixel. */
export async function visitPixel(context: TrackingContext, log: OpenLog, visit: Visit, now: Date): Promise<void> {
  const { messageId } = opened(context, visit.token, 'open');
  const readAfter = (msSinceSent: number): object =>
    classifyOpen({ method: visit.method, userAgent: visit.userAgent, msSinceSent });
  await log.submit([
    {
      message_id: messageId,
      at: now,
      before: readAfter(-1),
      fast: readAfter(0),
      later: readAfter(FASTEST_HUMAN_MS),
    },
  ]);
}

export type UnsubscribeTarget = {
  readonly messageId: string;
  readonly personId: string;
  readonly addressKey: string;
  readonly channel: string;
  readonly language: string;
};

/** Who would be unsubscribed by this link: for the page a GET shows. Changes nothing. */
export async function unsubscribeTarget(context: TrackingContext, token: string): Promise<UnsubscribeTarget> {
  const { messageId } = opened(context, token, 'unsubscribe');
  const row = await context.db
    .selectFrom('messages')
    .select(['person_id', 'address_key', 'channel', 'language'])
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  if (row === undefined) throw new RekindleError('token_invalid');
  return {
    messageId,
    personId: row.person_id,
    addressKey: row.address_key,
    channel: row.channel,
    language: row.language,
  };
}

/** Unsubscribes; in force when this resolves, and safe to repeat. */
export async function unsubscribeByToken(
  context: TrackingContext,
  token: string,
  how: string,
  now: Date,
): Promise<UnsubscribeTarget> {
  const target = await unsubscribeTarget(context, token);
  await unsubscribe(context.db, target, { messageId: target.messageId, how }, now);
  await recordReceipt(context.db, {
    messageId: target.messageId,
    kind: 'unsubscribed',
    class: 'human',
    detail: { how },
    at: now,
    dedupeKey: 'once',
  });
  return target;
}
