// What became of WeCom messages: employees let them go when they like, so results are asked for during a week. And how often a customer may be
// written to: WeCom allows as many a month as the month has days, over all employees.
import { sql } from 'kysely';
import { z } from 'zod';
import type { RecordsDb } from '../../../stores/records/records.ts';
import { recordReceipt } from '../../tracking/tracking.service.ts';
import { disableEndpoints } from '../endpoints.service.ts';
import type { Outgoing } from '../outgoing.ts';
import { wechatRefusal, type WechatApi } from './wechat-api.ts';

const ASKED_DAYS = 7;
const MESSAGES_PER_ROUND = 200;
const PAGES_MAX = 50;
const BEIJING_MS = 8 * 3_600_000;

/** The month of Beijing's calendar that an instant is in. */
function monthOf(at: Date): { readonly from: Date; readonly until: Date; readonly days: number } {
  const local = new Date(at.getTime() + BEIJING_MS);
  const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
  const from = Date.UTC(year, month, 1);
  const until = Date.UTC(year, month + 1, 1);
  return {
    from: new Date(from - BEIJING_MS),
    until: new Date(until - BEIJING_MS),
    days: Math.round((until - from) / 86_400_000),
  };
}

/** 0 when she may be written to now. Claims of one address are never judged at the same time, so what was claimed before is seen. */
export const wecomAllowance =
  (db: RecordsDb, now: () => Date) =>
  async (message: Outgoing<'wechat'>): Promise<number> => {
    const { from, until, days } = monthOf(now());
    const { rows } = await sql<{ sent: number }>`
      SELECT count(*)::int AS sent FROM messages WHERE address_key = ${message.addressKey} AND channel = 'wecom'
        AND message_id <> ${message.messageId} AND state IN ('sending', 'sent', 'unknown') AND claimed_at >= ${from}::timestamptz`.execute(
      db,
    );
    return (rows[0]?.sent ?? 0) < days ? 0 : Math.ceil((until.getTime() - now().getTime()) / 1000);
  };

const tasksSchema = z.looseObject({
  task_list: z.array(z.looseObject({ userid: z.string() })).default([]),
});
const resultsSchema = z.looseObject({
  next_cursor: z.string().default(''),
  send_list: z
    .array(
      z.looseObject({ external_userid: z.string().default(''), status: z.number(), send_time: z.number().optional() }),
    )
    .default([]),
});
type Result = z.output<typeof resultsSchema>['send_list'][number];

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // What is no JSON is no answer of theirs.
  }
};

/** An answer as it should be; 'none' where they know nothing of it; 'unheard' where the line, their servers or their patience are at an end. */
async function asked<T>(
  api: WechatApi,
  path: string,
  body: object,
  schema: z.ZodType<T>,
): Promise<T | 'none' | 'unheard'> {
  const said = await api.call(`/cgi-bin/externalcontact/${path}`, body);
  if (!('errcode' in said)) return 'unheard';
  if (said.errcode !== 0) return wechatRefusal(said).kind === 'deferred' ? 'unheard' : 'none';
  const read = schema.safeParse(jsonOf(said.body));
  return read.success ? read.data : 'unheard';
}

/** What is known of one hand-over by now, and whether everything was heard. */
async function resultsOf(
  api: WechatApi,
  msgid: string,
): Promise<{ readonly results: readonly Result[]; readonly isHeard: boolean }> {
  const results: Result[] = [];
  const tasks = await asked(api, 'get_groupmsg_task', { msgid, limit: 1_000 }, tasksSchema);
  if (tasks === 'unheard') return { results, isHeard: false };
  for (const { userid } of tasks === 'none' ? [] : tasks.task_list) {
    let cursor = '';
    for (let page = 0; page < PAGES_MAX; page++) {
      const more = cursor === '' ? {} : { cursor };
      const said = await asked(
        api,
        'get_groupmsg_send_result',
        { msgid, userid, limit: 1_000, ...more },
        resultsSchema,
      );
      if (said === 'unheard') return { results, isHeard: false };
      if (said === 'none') break;
      results.push(...said.send_list);
      cursor = said.next_cursor;
      if (cursor === '') break;
    }
  }
  return { results, isHeard: true };
}

/** 1: sent. 2: she is no friend any more. 3: others have used up her month. 0: nobody has let it go yet. */
const FAILURES: Readonly<Record<number, string>> = { 2: 'not_a_friend', 3: 'month_full' };

/**
 * Asks for the results of what has none yet; returns how many became known. Whoever is not heard once is not asked for the rest of the round, which
 * would wait as long for each message: the next round asks again.
 */
export async function pollWecom(db: RecordsDb, api: WechatApi, now: Date): Promise<number> {
  const since = new Date(now.getTime() - ASKED_DAYS * 86_400_000);
  const open = await sql<{ message_id: string; provider_id: string; address: string; address_key: string }>`
    SELECT message_id, provider_id, address, address_key FROM messages m
    WHERE channel = 'wecom' AND state = 'sent' AND sent_at > ${since}::timestamptz AND provider_id NOT LIKE 'sink:%'
      AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = m.message_id AND r.kind IN ('delivered', 'bounced'))
    ORDER BY sent_at LIMIT ${MESSAGES_PER_ROUND}`.execute(db);
  let known = 0;
  for (const message of open.rows) {
    const { results, isHeard } = await resultsOf(api, message.provider_id);
    const hers = results.find((each) => each.external_userid === message.address && each.status !== 0);
    if (hers === undefined && !isHeard) break;
    if (hers === undefined) continue;
    known++;
    const failure = FAILURES[hers.status];
    await recordReceipt(db, {
      messageId: message.message_id,
      kind: failure === undefined ? 'delivered' : 'bounced',
      class: failure ?? 'provider',
      detail: { status: hers.status },
      at: hers.send_time === undefined ? now : new Date(hers.send_time * 1000),
      dedupeKey: message.provider_id,
    });
    if (failure === 'not_a_friend') await disableEndpoints(db, 'wecom', [message.address_key], failure, now);
  }
  return known;
}
