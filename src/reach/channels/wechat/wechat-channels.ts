// The three ways to a person in WeChat: the mini program's subscription message, the service account's template message, and the WeCom message that
// an employee lets go (`sent` when her task exists; what became of it is asked for later).
import type { ConnectionSettings } from '../../connections/connections.ts';
import type { Channel, SendOutcome } from '../channel.ts';
import type { Outgoing } from '../outgoing.ts';
import { messageIdIn, wechatApi, wechatRefusal, type WechatApi, type WechatAnswer } from './wechat-api.ts';

type Options = { readonly now: () => Date };
type Wechat = Outgoing<'wechat'>;

const WECHAT = 'https://api.weixin.qq.com';
const WECOM = 'https://qyapi.weixin.qq.com';
/** Their limit of a text, in bytes. */
const WECOM_TEXT_BYTES_MAX = 4_000;

const content = (code: string, detail: string): SendOutcome => ({
  kind: 'rejected',
  class: 'content',
  permanent: true,
  code,
  detail,
});

const slotsOf = (data: Readonly<Record<string, string>>): Record<string, { readonly value: string }> =>
  Object.fromEntries(Object.entries(data).map(([slot, value]) => [slot, { value }]));

const isAnswer = (said: Awaited<ReturnType<WechatApi['call']>>): said is WechatAnswer => 'errcode' in said;

async function handOver(
  api: WechatApi,
  path: string,
  message: Wechat,
  body: object,
  given: readonly [AbortSignal | undefined, (() => Promise<boolean>) | undefined],
): Promise<SendOutcome> {
  const said = await api.call(path, body, ...given);
  if (!isAnswer(said)) return said;
  if (said.errcode !== 0) return wechatRefusal(said);
  return { kind: 'sent', providerId: messageIdIn(said.body) ?? message.messageId, response: 'errcode 0' };
}

const appApi = (settings: ConnectionSettings<'wechat_mini' | 'wechat_service'>, { now }: Options): WechatApi =>
  wechatApi({
    baseUrl: settings.baseUrl ?? WECHAT,
    timeoutMs: settings.timeoutMs,
    now,
    tokenPath: `/cgi-bin/token?${new URLSearchParams({
      grant_type: 'client_credential',
      appid: settings.appId,
      secret: settings.appSecret,
    }).toString()}`,
  });

export function miniProgramChannel(settings: ConnectionSettings<'wechat_mini'>, options: Options): Channel<Wechat> {
  const api = appApi(settings, options);
  return {
    key: 'wechat_mini',
    send: async (message, ...given) => {
      const { wechatTemplateId, page, data } = message.fields;
      if (wechatTemplateId === undefined) return content('template_missing', 'a subscription message has a template');
      return handOver(
        api,
        '/cgi-bin/message/subscribe/send',
        message,
        {
          touser: message.address,
          template_id: wechatTemplateId,
          ...(page === undefined ? {} : { page }),
          data: slotsOf(data),
          miniprogram_state: settings.state,
          lang: message.lang === 'zh' ? 'zh_CN' : 'en_US',
        },
        [given[0], given[1]],
      );
    },
    close: () => Promise.resolve(api.close()),
  };
}

export function serviceAccountChannel(
  settings: ConnectionSettings<'wechat_service'>,
  options: Options,
): Channel<Wechat> {
  const api = appApi(settings, options);
  return {
    key: 'wechat_service',
    send: async (message, ...given) => {
      const { wechatTemplateId, url, data } = message.fields;
      if (wechatTemplateId === undefined) return content('template_missing', 'a template message has a template');
      return handOver(
        api,
        '/cgi-bin/message/template/send',
        message,
        {
          touser: message.address,
          template_id: wechatTemplateId,
          ...(url === undefined ? {} : { url }),
          // Within ten minutes the same id is one message, whoever asks twice.
          client_msg_id: message.messageId.slice(0, 32),
          data: slotsOf(data),
        },
        [given[0], given[1]],
      );
    },
    close: () => Promise.resolve(api.close()),
  };
}

export const wecomApi = (settings: ConnectionSettings<'wecom'>, { now }: Options): WechatApi =>
  wechatApi({
    baseUrl: settings.baseUrl ?? WECOM,
    timeoutMs: settings.timeoutMs,
    now,
    tokenPath: `/cgi-bin/gettoken?${new URLSearchParams({ corpid: settings.corpId, corpsecret: settings.corpSecret }).toString()}`,
  });

const WAY_OUT = { en: 'No more of these: ', zh: '不想再收到：' } as const;

/**
 * WeCom has no switch of its own for the customer, so the words say how to refuse; words that lead to a way out already are left as they are. Her way out is
 * hers alone, so no two texts are the same, and a task (which may name 10,000 customers with one text) names one.
 */
function withWayOut(words: string, { unsubscribeUrl, lang }: Wechat): string {
  if (!URL.canParse(unsubscribeUrl)) return words;
  const { origin } = new URL(unsubscribeUrl);
  return [`${origin}/u/`, `${origin}/p/`].some((way) => words.includes(way))
    ? words
    : `${words}\n${WAY_OUT[lang]}${unsubscribeUrl}`;
}

/** `secondsUntilAllowed`: WeCom lets a customer be written to so often a month; 0 when she may be now. */
export function wecomChannel(
  api: WechatApi,
  secondsUntilAllowed: (message: Wechat) => Promise<number>,
): Channel<Wechat> {
  return {
    key: 'wecom',
    send: async (message, ...given) => {
      const { text, url } = message.fields;
      if (text === undefined) return content('text_missing', 'a WeCom message is free text');
      const words = withWayOut(url === undefined ? text : `${text}\n${url}`, message);
      if (Buffer.byteLength(words) > WECOM_TEXT_BYTES_MAX)
        return content('too_long', `${Buffer.byteLength(words)} bytes, ${WECOM_TEXT_BYTES_MAX} are allowed`);
      const wait = await secondsUntilAllowed(message);
      if (wait > 0)
        return {
          kind: 'deferred',
          code: 'month_full',
          detail: 'as many as the month has days',
          retryAfterSeconds: wait,
        };
      const sender = message.endpoint?.details['sender'];
      const said = await api.call(
        '/cgi-bin/externalcontact/add_msg_template',
        {
          chat_type: 'single',
          external_userid: [message.address],
          ...(typeof sender === 'string' ? { sender } : {}),
          text: { content: words },
        },
        given[0],
        given[1],
      );
      if (!isAnswer(said)) return said;
      if (said.errcode !== 0) return wechatRefusal(said);
      const msgid = messageIdIn(said.body);
      if (msgid === undefined) return { kind: 'unknown', detail: 'accepted without an id' };
      const { fail_list: failed } = JSON.parse(said.body) as { readonly fail_list?: readonly string[] };
      if (failed?.includes(message.address) === true)
        return {
          kind: 'rejected',
          class: 'address',
          permanent: false,
          code: 'fail_list',
          detail: 'not a customer of ours',
        };
      return { kind: 'sent', providerId: msgid, response: 'task created; an employee lets it go' };
    },
    close: () => Promise.resolve(api.close()),
  };
}
