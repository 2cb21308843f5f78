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

/** Longest text, in characters, the link included. */
export const POST_NETWORKS = {
  wecom_moments: { en: 'WeCom Moments', zh: '企业微信客户朋友圈', connection: 'wecom', lengthMax: 2_000 },
  mastodon: { en: 'Mastodon', zh: 'Mastodon', connection: 'mastodon', lengthMax: 500 },
  bluesky: { en: 'Bluesky', zh: 'Bluesky', connection: 'bluesky', lengthMax: 300 },
  webhook: { en: 'Webhook', zh: 'Webhook', connection: 'post_webhook', lengthMax: 10_000 },
} as const satisfies Readonly<
  Record<
    string,
    { readonly en: string; readonly zh: string; readonly connection: ConnectionKey; readonly lengthMax: number }
  >
>;
export type PostNetworkKey = keyof typeof POST_NETWORKS;
export const POST_NETWORK_KEYS = Object.keys(POST_NETWORKS).filter((key): key is PostNetworkKey =>
  Object.hasOwn(POST_NETWORKS, key),
);

const wordsOf = ({ text, url }: Post): string => (url === null ? text : `${text}\n${url}`);
/** What a reader counts: a flag or a family is one. */
const graphemes = (text: string): number => [...new Intl.Segmenter().segment(text)].length;
export const postLength = (post: Pick<Post, 'text' | 'url'>): number =>
  graphemes(post.text) + (post.url === null ? 0 : 1 + graphemes(post.url));

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
        : { attachments: [{ msgtype: 'link', link: { title: post.text.slice(0, 64), url: post.url } }] }),
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
