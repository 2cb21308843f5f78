// Posts in public: planned → sending → sent | failed | unknown, or cancelled before it left. A post is claimed in one guarded statement before the
// network sees it, so it is never made twice; what may have been made and is not known stays `unknown`.
import { sql } from 'kysely';
import { z } from 'zod';
import { addMs } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { SendOutcome } from '../channels/channel.ts';
import type { AccountCheck } from './post-accounts.ts';
import {
  POST_NETWORK_KEYS,
  POST_NETWORKS,
  postLength,
  type PostNetwork,
  type PostNetworkKey,
} from './post-networks.ts';

const words = z.string().trim().min(1).max(10_000);
export const newPostSchema = z.strictObject({
  postId: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'lower-case letters, digits, - and _'),
  networks: z.array(z.enum(POST_NETWORK_KEYS)).min(1),
  text: z.strictObject({ en: words.optional(), zh: words.optional() }),
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** Absent: now. */
  dueAt: z.coerce.date().optional(),
});

export type PostContext = {
  readonly db: RecordsDb;
  /** The adapter, or undefined while its account is not connected. */
  readonly network: (key: PostNetworkKey) => PostNetwork | undefined;
  /** Asks the account, or undefined while it is not connected. */
  readonly check: (key: PostNetworkKey) => AccountCheck | undefined;
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
export const listPostNetworks = (context: PostContext) =>
  POST_NETWORK_KEYS.map((network) => {
    const { en, zh, connection, lengthMax } = POST_NETWORKS[network];
    return {
      network,
      label: { en, zh },
      connection,
      lengthMax,
      language: context.language(network),
      isConnected: context.network(network) !== undefined,
    };
  });

/** Asks the account of a network without posting. Throws `not_found` for a network there is not, `conflict` while it is not connected. */
export async function testPostNetwork(context: PostContext, network: string): Promise<SendOutcome> {
  const key = POST_NETWORK_KEYS.find((each) => each === network);
  if (key === undefined) throw new RekindleError('not_found', { what: `network "${network}"` });
  const check = context.check(key);
  if (check === undefined)
    throw new RekindleError('conflict', {
      what: { en: `${POST_NETWORKS[key].en} is not connected yet`, zh: `尚未连接${POST_NETWORKS[key].zh}` },
    });
  return check();
}

/** Plans a post on each network, in the language of its account where there is one. Throws `invalid`, `conflict` for an id that is taken. */
export async function planPost(context: PostContext, given: z.output<typeof newPostSchema>) {
  const { db, now } = context;
  const rows = [...new Set(given.networks)].map((network) => {
    const wanted = context.language(network);
    const language = given.text[wanted] === undefined ? (wanted === 'en' ? 'zh' : 'en') : wanted;
    const text = given.text[language];
    if (text === undefined) throw new RekindleError('invalid', { where: 'text', what: 'en, zh or both' });
    const url = given.url ?? null;
    const { lengthMax } = POST_NETWORKS[network];
    const length = postLength({ text, url });
    if (length > lengthMax)
      throw new RekindleError('invalid', {
        where: `text.${language}`,
        what: `${length} characters; ${network} takes ${lengthMax}`,
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
    if (added.length < rows.length) throw new RekindleError('conflict', { what: `post ${given.postId} exists` });
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
  if (posts.length === 0) throw new RekindleError('not_found', { what: `post "${postId}"` });
  if (stopped.length === 0) throw new RekindleError('conflict', { what: `post ${postId} has left` });
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

async function finish(db: RecordsDb, post: Claimed, outcome: SendOutcome, now: Date): Promise<void> {
  const again = outcome.kind === 'deferred' || outcome.kind === 'unavailable';
  const waits = again && post.attempts < ATTEMPTS_MAX;
  const after = outcome.kind === 'deferred' ? (outcome.retryAfterSeconds ?? 0) * 1_000 : 0;
  const state = outcome.kind === 'sent' || outcome.kind === 'unknown' ? outcome.kind : waits ? 'planned' : 'failed';
  await db
    .updateTable('posts')
    .set({
      state,
      provider_id: outcome.kind === 'sent' ? outcome.providerId : null,
      code:
        outcome.kind === 'rejected' || outcome.kind === 'deferred'
          ? outcome.code
          : outcome.kind === 'sent'
            ? null
            : outcome.kind,
      detail: (outcome.kind === 'sent' ? outcome.response : outcome.detail).slice(0, 500),
      finished_at: waits ? null : now,
      ...(waits ? { due_at: addMs(now, Math.max(after, 60_000 * 4 ** (post.attempts - 1))) } : {}),
    })
    .where('post_id', '=', post.post_id)
    .where('network', '=', post.network)
    .where('state', '=', 'sending')
    .execute();
}

/** Sends what is due on connected networks; gives up as `unknown` what a dead process left on the wire. Returns how many left. */
export async function sendPosts(context: PostContext): Promise<number> {
  const { db, now } = context;
  await sql`UPDATE posts SET state = 'unknown', code = 'no_answer', finished_at = ${now()}::timestamptz
    WHERE state = 'sending' AND claimed_at < ${addMs(now(), -LEASE_MS)}::timestamptz`.execute(db);
  const ready = POST_NETWORK_KEYS.filter((key) => context.network(key) !== undefined);
  const { rows } = await sql<Claimed>`
    UPDATE posts p SET state = 'sending', claimed_at = ${now()}::timestamptz, attempts = attempts + 1
    FROM (SELECT post_id, network FROM posts WHERE state = 'planned' AND due_at <= ${now()}::timestamptz AND network = ANY(${ready}::text[])
      ORDER BY due_at, post_id LIMIT ${POSTS_PER_ROUND} FOR UPDATE SKIP LOCKED) AS due
    WHERE p.post_id = due.post_id AND p.network = due.network
    RETURNING p.post_id, p.network, p.language, p.text, p.url, p.created_at, p.attempts`.execute(db);
  let sent = 0;
  for (const post of rows) {
    const key = ready.find((each) => each === post.network);
    const network = key === undefined ? undefined : context.network(key);
    const outcome: SendOutcome =
      network === undefined
        ? { kind: 'unavailable', detail: 'not connected' }
        : await network({
            postId: post.post_id,
            language: post.language,
            text: post.text,
            url: post.url,
            createdAt: post.created_at,
          });
    await finish(db, post, outcome, now());
    if (outcome.kind === 'sent') sent++;
  }
  return sent;
}
