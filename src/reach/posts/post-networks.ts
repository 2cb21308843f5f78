// Where a post in public goes: WeCom Moments (a task that employees let go), Mastodon, Bluesky, and a signed webhook. Each says what became of a post in
// the five ways of every channel.
import { z } from 'zod';
import type { SendOutcome } from '../channels/channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer } from '../channels/http/exchange.ts';
import { outcomeOfReceiver, signedCall } from '../channels/webhook/signed-call.ts';
import { wechatRefusal, type WechatApi } from '../channels/wechat/wechat-api.ts';
import type { ConnectionKey, ConnectionSettings } from '../connections/connections.ts';

export type Post = {
  readonly postId: string;
  readonly language: 'en' | 'zh';
  readonly text: string;
  readonly url: string | null;
  readonly createdAt: Date;
};
export type PostNetwork = (post: Post) => Promise<SendOutcome>;

/** What became of a post that a network took and works on for a while. `unheard`: nobody could be asked. */
export type PostFate =
  | { readonly kind: 'processing'; readonly unheard?: Exclude<SendOutcome, { readonly kind: 'sent' }> }
  | { readonly kind: 'done'; readonly providerId: string; readonly detail: string }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };
/** By the id that the network gave when it took the post. Never throws. */
export type PostFates = (providerId: string) => Promise<PostFate>;

/**
 * Longest text, in characters as a reader counts them, the link included; and in bytes, where the network counts these as well. `linkLengthMin`: Mastodon takes each
 * link for 23 (`characters_reserved_per_url`), others of its kind for what it is, so the longer of the two counts.
 */
export const POST_NETWORKS = {
  wecom_moments: { en: 'WeCom Moments', zh: '企业微信客户朋友圈', connection: 'wecom', lengthMax: 2_000 },
  mastodon: { en: 'Mastodon', zh: 'Mastodon', connection: 'mastodon', lengthMax: 500, linkLengthMin: 23 },
  bluesky: { en: 'Bluesky', zh: 'Bluesky', connection: 'bluesky', lengthMax: 300, bytesMax: 3_000 },
  webhook: { en: 'Webhook', zh: 'Webhook', connection: 'post_webhook', lengthMax: 10_000 },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly en: string;
      readonly zh: string;
      readonly connection: ConnectionKey;
      readonly lengthMax: number;
      readonly bytesMax?: number;
      readonly linkLengthMin?: number;
    }
  >
>;
export type PostNetworkKey = keyof typeof POST_NETWORKS;
export const POST_NETWORK_KEYS = Object.keys(POST_NETWORKS).filter((key): key is PostNetworkKey =>
  Object.hasOwn(POST_NETWORKS, key),
);

const wordsOf = ({ text, url }: Pick<Post, 'text' | 'url'>): string => (url === null ? text : `${text}\n${url}`);
/** What a reader counts: a flag or a family is one. */
const graphemes = (text: string): number => [...new Intl.Segmenter().segment(text)].length;
const LINK = /https?:\/\/\S+/g;
export function postLength(post: Pick<Post, 'text' | 'url'>, linkLengthMin = 0): number {
  const words = wordsOf(post);
  const links = words.match(LINK) ?? [];
  return links.reduce((sum, link) => sum + Math.max(0, linkLengthMin - graphemes(link)), graphemes(words));
}

export const postBytes = (post: Pick<Post, 'text' | 'url'>): number =>
  Buffer.byteLength(post.text) + (post.url === null ? 0 : 1 + Buffer.byteLength(post.url));

/** As much of a text as fits, whole characters only. */
function cutToBytes(text: string, bytesMax: number): string {
  let cut = '';
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > bytesMax) break;
    cut += segment;
  }
  return cut;
}

/** Their limit of a link's title, in bytes. */
const MOMENT_TITLE_BYTES_MAX = 64;

function read<Shape extends z.ZodType>(shape: Shape, answer: HttpAnswer): z.output<Shape> | undefined {
  if (answer.status !== 200) return undefined;
  try {
    return shape.safeParse(JSON.parse(answer.body)).data;
  } catch {
    return undefined; // What is no JSON is no answer of theirs.
  }
}

export const momentsPosts =
  (api: WechatApi, settings: ConnectionSettings<'wecom'>): PostNetwork =>
  async (post) => {
    const said = await api.call('/cgi-bin/externalcontact/add_moment_task', {
      text: { content: post.text },
      ...(post.url === null
        ? {}
        : {
            attachments: [
              { msgtype: 'link', link: { title: cutToBytes(post.text, MOMENT_TITLE_BYTES_MAX), url: post.url } },
            ],
          }),
      ...(settings.employees === undefined
        ? {}
        : { visible_range: { sender_list: { user_list: settings.employees } } }),
    });
    if (!('errcode' in said)) return said;
    if (said.errcode !== 0) return wechatRefusal(said);
    const jobid = /"jobid"\s*:\s*"([^"]+)"/.exec(said.body)?.[1];
    return jobid === undefined
      ? { kind: 'unknown', detail: 'accepted without an id' }
      : { kind: 'sent', providerId: jobid, response: 'task created; employees let it go' };
  };

const momentResultSchema = z.looseObject({
  status: z.number(),
  result: z
    .looseObject({ errcode: z.number().default(0), errmsg: z.string().default(''), moment_id: z.string().default('') })
    .optional(),
});
/** Of the task that makes a moment: 1 begun, 2 worked on, 3 over. */
const MOMENT_OVER = 3;

export const momentsFates =
  (api: WechatApi): PostFates =>
  async (jobid) => {
    const said = await api.call('/cgi-bin/externalcontact/get_moment_task_result', { jobid });
    // Asking does nothing that could be unknown.
    if (!('errcode' in said))
      return {
        kind: 'processing',
        unheard: said.kind === 'unknown' ? { kind: 'unavailable', detail: said.detail } : said,
      };
    if (said.errcode !== 0) {
      const refusal = wechatRefusal(said);
      return { kind: 'processing', ...(refusal.kind === 'sent' ? {} : { unheard: refusal }) };
    }
    const over = momentResultSchema.safeParse(JSON.parse(said.body));
    if (!over.success || over.data.status !== MOMENT_OVER) return { kind: 'processing' };
    const { errcode, errmsg, moment_id: momentId } = over.data.result ?? { errcode: 0, errmsg: '', moment_id: '' };
    return errcode === 0
      ? { kind: 'done', providerId: momentId === '' ? jobid : momentId, detail: 'employees have it to let go' }
      : { kind: 'failed', code: String(errcode), detail: errmsg };
  };

const statusSchema = z.looseObject({ id: z.string().min(1) });

/** The server knows a post by `Idempotency-Key`, so that even a repeated call is one status. */
export function mastodonPosts(settings: ConnectionSettings<'mastodon'>, now: () => Date): PostNetwork {
  const http = httpClient(settings.timeoutMs);
  return async (post) => {
    const answer = await http.exchange({
      url: new URL('/api/v1/statuses', settings.baseUrl).href,
      method: 'POST',
      headers: {
        authorization: `Bearer ${settings.accessToken}`,
        'content-type': 'application/json',
        'idempotency-key': post.postId,
      },
      body: JSON.stringify({ status: wordsOf(post), visibility: settings.visibility, language: post.language }),
    });
    if (answer.kind !== 'answered') return answer;
    const made = read(statusSchema, answer);
    if (made !== undefined) return { kind: 'sent', providerId: made.id, response: 'HTTP 200' };
    return answer.status === 200
      ? { kind: 'unknown', detail: 'HTTP 200 without an id' }
      : outcomeOfStatus(answer, now());
  };
}

const sessionSchema = z.looseObject({ accessJwt: z.string().min(1), did: z.string().min(1) });
const recordSchema = z.looseObject({ uri: z.string().min(1) });

/** A session for each post: posts are few, and a session is short-lived. Links are marked by their bytes, as the protocol counts. */
export function blueskyPosts(settings: ConnectionSettings<'bluesky'>, now: () => Date): PostNetwork {
  const http = httpClient(settings.timeoutMs);
  const call = (method: string, headers: Readonly<Record<string, string>>, body: object) =>
    http.exchange({
      url: new URL(`/xrpc/${method}`, settings.baseUrl).href,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return async (post) => {
    const opened = await call(
      'com.atproto.server.createSession',
      {},
      {
        identifier: settings.identifier,
        password: settings.appPassword,
      },
    );
    // Whatever becomes of this exchange, nothing is public yet.
    if (opened.kind !== 'answered') return { kind: 'unavailable', detail: `session: ${opened.detail}` };
    const session = read(sessionSchema, opened);
    if (session === undefined) {
      const outcome = outcomeOfStatus(opened, now());
      return outcome.kind === 'unknown' ? { kind: 'unavailable', detail: `session: ${outcome.detail}` } : outcome;
    }
    const text = wordsOf(post);
    const byteStart = Buffer.byteLength(`${post.text}\n`);
    const answer = await call(
      'com.atproto.repo.createRecord',
      { authorization: `Bearer ${session.accessJwt}` },
      {
        repo: session.did,
        collection: 'app.bsky.feed.post',
        record: {
          $type: 'app.bsky.feed.post',
          text,
          langs: [post.language],
          createdAt: now().toISOString(),
          ...(post.url === null
            ? {}
            : {
                facets: [
                  {
                    index: { byteStart, byteEnd: byteStart + Buffer.byteLength(post.url) },
                    features: [{ $type: 'app.bsky.richtext.facet#link', uri: post.url }],
                  },
                ],
              }),
        },
      },
    );
    if (answer.kind !== 'answered') return answer;
    const made = read(recordSchema, answer);
    if (made !== undefined) return { kind: 'sent', providerId: made.uri, response: 'HTTP 200' };
    return answer.status === 200
      ? { kind: 'unknown', detail: 'HTTP 200 without a uri' }
      : outcomeOfStatus(answer, now());
  };
}

export function webhookPosts(
  settings: ConnectionSettings<'post_webhook'>,
  options: { readonly source: () => string; readonly now: () => Date },
): PostNetwork {
  const http = httpClient(settings.timeoutMs);
  return async (post) => {
    const call = signedCall(settings, {
      id: post.postId,
      source: options.source(),
      type: 'rekindle.post.published',
      subject: post.postId,
      at: options.now(),
      data: { language: post.language, text: post.text, url: post.url },
    });
    const answer = await http.exchange(call);
    return answer.kind === 'answered' ? outcomeOfReceiver(answer, post.postId, options.now()) : answer;
  };
}
