// Does the account behind a network let us post? Asked without posting anything: who we are there, or a signed call that says it is a test.
import { z } from 'zod';
import type { SendOutcome } from '../channels/channel.ts';
import { httpClient, outcomeOfStatus, type HttpCall } from '../channels/http/exchange.ts';
import { outcomeOfReceiver, signedCall } from '../channels/webhook/signed-call.ts';
import { wechatRefusal, type WechatApi } from '../channels/wechat/wechat-api.ts';
import type { ConnectionSettings } from '../connections/connections.ts';

/** `sent` means that the account would take a post; its response says which account that is. */
export type AccountCheck = () => Promise<SendOutcome>;

const DAY_SECONDS = 86_400;

async function whoIs(call: HttpCall, timeoutMs: number, name: z.ZodType<string>, now: Date): Promise<SendOutcome> {
  const http = httpClient(timeoutMs);
  try {
    const answer = await http.exchange(call);
    if (answer.kind !== 'answered') return { kind: 'unavailable', detail: answer.detail };
    if (answer.status !== 200) {
      const outcome = outcomeOfStatus(answer, now);
      // Asking who one is leaves nothing behind that could be unknown.
      return outcome.kind === 'unknown' ? { kind: 'unavailable', detail: outcome.detail } : outcome;
    }
    let said: unknown;
    try {
      said = JSON.parse(answer.body);
    } catch {
      said = undefined; // What is no JSON is no answer of theirs.
    }
    const account = name.safeParse(said);
    return account.success
      ? { kind: 'sent', providerId: account.data, response: account.data }
      : { kind: 'unavailable', detail: 'HTTP 200, but no answer of such a server' };
  } finally {
    http.close();
  }
}

export const mastodonCheck =
  (settings: ConnectionSettings<'mastodon'>, now: () => Date): AccountCheck =>
  () =>
    whoIs(
      {
        url: new URL('/api/v1/accounts/verify_credentials', settings.baseUrl).href,
        method: 'GET',
        headers: { authorization: `Bearer ${settings.accessToken}` },
        body: '',
      },
      settings.timeoutMs,
      z.looseObject({ acct: z.string().min(1) }).transform(({ acct }) => `@${acct}`),
      now(),
    );

export const blueskyCheck =
  (settings: ConnectionSettings<'bluesky'>, now: () => Date): AccountCheck =>
  () =>
    whoIs(
      {
        url: new URL('/xrpc/com.atproto.server.createSession', settings.baseUrl).href,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ identifier: settings.identifier, password: settings.appPassword }),
      },
      settings.timeoutMs,
      z
        .looseObject({ did: z.string().min(1), handle: z.string().optional() })
        .transform(({ did, handle }) => handle ?? did),
      now(),
    );

/** Reads the moments of the last day: whoever may not do that may not plan one either. */
export const momentsCheck =
  (api: WechatApi, now: () => Date): AccountCheck =>
  async () => {
    const until = Math.floor(now().getTime() / 1_000);
    const said = await api.call('/cgi-bin/externalcontact/get_moment_list', {
      start_time: until - DAY_SECONDS,
      end_time: until,
      limit: 1,
    });
    if (!('errcode' in said)) return said.kind === 'unknown' ? { kind: 'unavailable', detail: said.detail } : said;
    return said.errcode === 0 ? { kind: 'sent', providerId: '', response: said.errmsg } : wechatRefusal(said);
  };

export const webhookCheck =
  (
    settings: ConnectionSettings<'post_webhook'>,
    options: { readonly source: () => string; readonly now: () => Date; readonly newId: () => string },
  ): AccountCheck =>
  async () => {
    const id = options.newId();
    const http = httpClient(settings.timeoutMs);
    try {
      const call = signedCall(settings, {
        id,
        source: options.source(),
        type: 'rekindle.post.tested',
        subject: id,
        at: options.now(),
        data: {},
      });
      const answer = await http.exchange(call);
      return answer.kind === 'answered' ? outcomeOfReceiver(answer, id, options.now()) : answer;
    } finally {
      http.close();
    }
  };
