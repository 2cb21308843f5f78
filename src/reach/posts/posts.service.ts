// Posts in public: planned → sending → sent | failed | unknown, or cancelled before it left. A post is claimed in one guarded statement before the
// network sees it, so it is never made twice; what may have been made and is not known stays `unknown`. Where the account itself is refused, is to be
// slower or is silent, its posts stay planned and wait until it takes one again.
import { sql } from 'kysely';
import { z } from 'zod';
import { addMs, DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { SendOutcome } from '../channels/channel.ts';
import { accountsWaitMs } from '../channels/brake.ts';
import { accountKey, type NoteClosure } from '../messages/closures.service.ts';
import { closedChannels } from '../messages/pace.sql.ts';
import type { PostAccount } from './braked-account.ts';
import { POST_NETWORK_KEYS, POST_NETWORKS, postBytes, postLength, type PostNetworkKey } from './post-networks.ts';

const words = z.string().trim().min(1).max(10_000);
export const newPostSchema = z.strictObject({
  postId: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, inWords('lower-case letters, digits, - and _', '小写字母、数字、- 和 _')),
  networks: z.array(z.enum(POST_NETWORK_KEYS)).min(1),
  text: z.strictObject({ en: words.optional(), zh: words.optional() }),
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** Absent: now. */
  dueAt: z.coerce.date().optional(),
});

export type PostContext = {
  readonly db: RecordsDb;
  /** Undefined while none is connected. */
  readonly account: (key: PostNetworkKey) => PostAccount | undefined;
  /** Tells whoever looks whether an account stands still. */
  readonly note: NoteClosure;
  /** The language an account's readers are written to in. */
  readonly language: (key: PostNetworkKey) => 'en' | 'zh';
  readonly now: () => Date;
};

export const listPosts = async (db: RecordsDb, postId?: string) => {
  const rows = await db
    .selectFrom('posts')
    .selectAll()
    .$if(postId !== undefined, (query) => query.where('post_id', '=', postId!))
    .orderBy('due_at', 'desc')
    .orderBy('post_id')
    .orderBy('network')
    .limit(500)
    .execute();
  return rows.map((row) => ({
    postId: row.post_id,
    network: row.network,
    language: row.language === 'zh' ? ('zh' as const) : ('en' as const),
    text: row.text,
    url: row.url,
    state: row.state,
    dueAt: row.due_at,
    finishedAt: row.finished_at,
    providerId: row.provider_id,
    code: row.code,
    detail: row.detail,
  }));
};

/** Where posts can go, and whether they would. */
export const listPostNetworks = async (context: PostContext) => {
  const closed = await closedChannels(context.db, context.now());
  return POST_NETWORK_KEYS.map((network) => {
    const { en, zh, connection, lengthMax } = POST_NETWORKS[network];
    return {
      network,
      label: { en, zh },
      connection,
      lengthMax,
      language: context.language(network),
      isConnected: context.account(network) !== undefined,
      closed: closed.get(accountKey(connection)) ?? null,
    };
  });
};

/** Asks the account of a network without posting; one that answers well takes what waits for it. Throws `not_found` for a network there is not, `conflict` while it is not connected. */
export async function testPostNetwork(context: PostContext, network: string): Promise<SendOutcome> {
  const key = POST_NETWORK_KEYS.find((each) => each === network);
  if (key === undefined)
    throw new RekindleError('not_found', { what: { en: `network "${network}"`, zh: `网络“${network}”` } });
  const account = context.account(key);
  if (account === undefined)
    throw new RekindleError('conflict', {
      what: { en: `${POST_NETWORKS[key].en} is not connected yet`, zh: `尚未连接${POST_NETWORKS[key].zh}` },
    });
  const outcome = await account.check();
  await context.note(accountKey(POST_NETWORKS[key].connection), account.closed());
  // What came back to wait for the account need not wait any more.
  if (outcome.kind === 'sent')
    await sql`UPDATE posts SET due_at = ${context.now()}::timestamptz WHERE network = ${key} AND state = 'planned' AND code IS NOT NULL
      AND due_at > ${context.now()}::timestamptz`.execute(context.db);
  return outcome;
}

/** Plans a post on each network, in the language of its account where there is one. Throws `invalid`, `conflict` for an id that is taken. */
export async function planPost(context: PostContext, given: z.output<typeof newPostSchema>) {
  const { db, now } = context;
  const rows = [...new Set(given.networks)].map((network) => {
    const wanted = context.language(network);
    const language = given.text[wanted] === undefined ? (wanted === 'en' ? 'zh' : 'en') : wanted;
    const text = given.text[language];
    if (text === undefined)
      throw new RekindleError('invalid', { where: 'text', what: { en: 'en, zh or both', zh: '须有 en、zh 或两者' } });
    const url = given.url ?? null;
    const limits: { readonly lengthMax: number; readonly bytesMax?: number; readonly linkLengthMin?: number } =
      POST_NETWORKS[network];
    const { lengthMax, bytesMax, linkLengthMin } = limits;
    const length = postLength({ text, url }, linkLengthMin);
    if (length > lengthMax)
      throw new RekindleError('invalid', {
        where: `text.${language}`,
        what: {
          en: `${length} characters; ${network} takes ${lengthMax}`,
          zh: `共 ${length} 个字符，${POST_NETWORKS[network].zh}上限为 ${lengthMax}`,
        },
      });
    const bytes = postBytes({ text, url });
    if (bytesMax !== undefined && bytes > bytesMax)
      throw new RekindleError('invalid', {
        where: `text.${language}`,
        what: {
          en: `${bytes} bytes; ${network} takes ${bytesMax}`,
          zh: `共 ${bytes} 字节，${POST_NETWORKS[network].zh}上限为 ${bytesMax}`,
        },
      });
    return {
      post_id: given.postId,
      network,
      language,
      text,
      url,
      state: 'planned' as const,
      due_at: given.dueAt ?? now(),
      claimed_at: null,
      provider_id: null,
      code: null,
      detail: null,
      created_at: now(),
      finished_at: null,
    };
  });
  await db.transaction().execute(async (tx) => {
    const added = await tx
      .insertInto('posts')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .returning('network')
      .execute();
    if (added.length < rows.length)
      throw new RekindleError('conflict', {
        what: { en: `post ${given.postId} exists`, zh: `动态 ${given.postId} 已存在` },
      });
  });
  return { posts: await listPosts(db, given.postId) };
}

/** Takes back what has not left. Throws `not_found`, `conflict` when all of it has. */
export async function cancelPost({ db, now }: PostContext, postId: string) {
  const stopped = await db
    .updateTable('posts')
    .set({ state: 'cancelled', finished_at: now() })
    .where('post_id', '=', postId)
    .where('state', '=', 'planned')
    .returning('network')
    .execute();
  const posts = await listPosts(db, postId);
  if (posts.length === 0)
    throw new RekindleError('not_found', { what: { en: `post "${postId}"`, zh: `动态“${postId}”` } });
  if (stopped.length === 0)
    throw new RekindleError('conflict', { what: { en: `post ${postId} has left`, zh: `动态 ${postId} 已发出` } });
  return { posts };
}

const ATTEMPTS_MAX = 6;
const LEASE_MS = 15 * 60_000;
const POSTS_PER_ROUND = 50;

type Claimed = {
  readonly post_id: string;
  readonly network: string;
  readonly language: 'en' | 'zh';
  readonly text: string;
  readonly url: string | null;
  readonly created_at: Date;
  readonly attempts: number;
};

/** A post that its network took and works on; asked for until it says what became of it, for as long as it remembers. */
const OPEN = 'task_open';
const OPEN_MS = DAY_MS;
const FATES_PER_ROUND = 20;

async function settleOpen(
  { db, now }: PostContext,
  network: string,
  { fateOf, closed }: Pick<PostAccount, 'fateOf' | 'closed'>,
): Promise<void> {
  if (fateOf === undefined) return;
  const open = await db
    .selectFrom('posts')
    .select(['post_id', 'provider_id', 'finished_at'])
    .where('network', '=', network)
    .where('state', '=', 'sent')
    .where('code', '=', OPEN)
    .orderBy('finished_at')
    .limit(FATES_PER_ROUND)
    .execute();
  for (const post of open) {
    if (closed() !== undefined) return;
    const fate = await fateOf(post.provider_id ?? '');
    const isForgotten = (post.finished_at?.getTime() ?? 0) + OPEN_MS <= now().getTime();
    if (fate.kind === 'processing' && !isForgotten) continue;
    await db
      .updateTable('posts')
      .set(
        fate.kind === 'failed'
          ? { state: 'failed', code: fate.code, detail: fate.detail.slice(0, 500), finished_at: now() }
          : { code: null, ...(fate.kind === 'done' ? { provider_id: fate.providerId, detail: fate.detail } : {}) },
      )
      .where('post_id', '=', post.post_id)
      .where('network', '=', network)
      .where('code', '=', OPEN)
      .execute();
  }
}

async function finish(db: RecordsDb, post: Claimed, outcome: SendOutcome, now: Date, isOpen: boolean): Promise<void> {
  const waitMs = accountsWaitMs(outcome);
  const again = outcome.kind === 'deferred' || outcome.kind === 'unavailable';
  const waits = waitMs !== undefined || (again && post.attempts < ATTEMPTS_MAX);
  const after = outcome.kind === 'deferred' ? (outcome.retryAfterSeconds ?? 0) * 1_000 : 0;
  const state = outcome.kind === 'sent' || outcome.kind === 'unknown' ? outcome.kind : waits ? 'planned' : 'failed';
  await db
    .updateTable('posts')
    .set({
      state,
      provider_id: outcome.kind === 'sent' ? outcome.providerId : null,
      code:
        outcome.kind === 'sent'
          ? isOpen
            ? OPEN
            : null
          : 'code' in outcome
            ? (outcome.code ?? outcome.kind)
            : outcome.kind,
      detail: (outcome.kind === 'sent' ? outcome.response : outcome.detail).slice(0, 500),
      finished_at: waits ? null : now,
      // What the account is the reason for is no attempt of the post.
      ...(waitMs === undefined ? {} : { attempts: post.attempts - 1 }),
      ...(waits ? { due_at: addMs(now, waitMs ?? Math.max(after, 60_000 * 4 ** (post.attempts - 1))) } : {}),
    })
    .where('post_id', '=', post.post_id)
    .where('network', '=', post.network)
    .where('state', '=', 'sending')
    .execute();
}

/** One at a time: what a dying process leaves on the wire is one post. */
async function claimNext(db: RecordsDb, networks: readonly string[], now: Date): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed>`
    UPDATE posts p SET state = 'sending', claimed_at = ${now}::timestamptz, attempts = attempts + 1
    FROM (SELECT post_id, network FROM posts WHERE state = 'planned' AND due_at <= ${now}::timestamptz AND network = ANY(${[...networks]}::text[])
      ORDER BY due_at, post_id, network LIMIT 1 FOR UPDATE SKIP LOCKED) AS due
    WHERE p.post_id = due.post_id AND p.network = due.network
    RETURNING p.post_id, p.network, p.language, p.text, p.url, p.created_at, p.attempts`.execute(db);
  return rows[0];
}

/**
 * Sends what is due through accounts that are connected and do not stand still; gives up as `unknown` what a dead process left on the wire. Returns how
 * many left.
 */
export async function sendPosts(context: PostContext): Promise<number> {
  const { db, now } = context;
  await sql`UPDATE posts SET state = 'unknown', code = 'no_answer', finished_at = ${now()}::timestamptz
    WHERE state = 'sending' AND claimed_at < ${addMs(now(), -LEASE_MS)}::timestamptz`.execute(db);
  const accounts = new Map(
    POST_NETWORK_KEYS.flatMap((key): [string, PostAccount][] => {
      const account = context.account(key);
      return account === undefined ? [] : [[key, account]];
    }),
  );
  for (const account of accounts.values()) await account.hear();
  for (const [key, account] of accounts) if (account.closed() === undefined) await settleOpen(context, key, account);
  const open = (): string[] => [...accounts].flatMap(([key, { closed }]) => (closed() === undefined ? [key] : []));
  let sent = 0;
  for (let round = 0; round < POSTS_PER_ROUND; round++) {
    const post = await claimNext(db, open(), now());
    const account = accounts.get(post?.network ?? '');
    if (post === undefined || account === undefined) break;
    const outcome = await account.post({
      postId: post.post_id,
      language: post.language,
      text: post.text,
      url: post.url,
      createdAt: post.created_at,
    });
    await finish(db, post, outcome, now(), account.fateOf !== undefined);
    if (outcome.kind === 'sent') sent++;
  }
  for (const key of POST_NETWORK_KEYS)
    await context.note(accountKey(POST_NETWORKS[key].connection), accounts.get(key)?.closed());
  return sent;
}
