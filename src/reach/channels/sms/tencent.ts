// 腾讯云 SMS (2021-01-11). One request holds up to 200 numbers of the same text; every number has a status of its own. What became of a text is
// pushed, or pulled from a queue they keep for us; our message id travels as the session context.
import { z } from 'zod';
import { ok, refused } from '../../../kernel/result.ts';
import type { SendOutcome } from '../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer, type HttpCall } from '../http/exchange.ts';
import type { Outgoing } from '../outgoing.ts';
import { beijingTime, numberRefusal, readAs, refusalOf } from './answers.ts';
import { smsNumber } from './phone.ts';
import { BAD_CONTENT, type ProviderOptions, type Pushed, type SmsProvider, type SmsReport } from './provider.ts';
import { receiptFault } from './receipt-codes.ts';
import type { SettingsOf } from './settings.ts';
import { signTc3 } from './signing.ts';
import { TENCENT_RECEIPTS, tencentFault } from './tencent-codes.ts';

const VERSION = '2021-01-11';
const PULL_MAX = 100;
const PULLS_MAX = 20;

const errorSchema = z.looseObject({
  Response: z.looseObject({ Error: z.looseObject({ Code: z.string(), Message: z.string() }) }),
});
const statusSchema = z.looseObject({
  Response: z.looseObject({
    SendStatusSet: z
      .array(
        z.looseObject({
          SerialNo: z.string(),
          PhoneNumber: z.string(),
          Code: z.string(),
          Message: z.string().optional(),
        }),
      )
      .min(1),
  }),
});
const pulledSchema = z.looseObject({
  PhoneNumber: z.string(),
  SerialNo: z.string(),
  ReportStatus: z.string(),
  Description: z.string().optional(),
  SessionContext: z.string().optional(),
  UserReceiveTime: z.number().optional(),
});
const pulledSetSchema = z.looseObject({
  Response: z.looseObject({ PullSmsSendStatusSet: z.array(pulledSchema).default([]) }),
});
const repliesSchema = z.looseObject({
  Response: z.looseObject({
    PullSmsReplyStatusSet: z
      .array(
        z.looseObject({
          PhoneNumber: z.string(),
          ReplyContent: z.string(),
          ReplyTime: z.number(),
          ExtendCode: z.string().optional(),
        }),
      )
      .default([]),
  }),
});
const pushedStatusSchema = z
  .array(
    z.looseObject({
      nationcode: z.string(),
      mobile: z.string(),
      report_status: z.string(),
      errmsg: z.string().optional(),
      sid: z.string(),
      user_receive_time: z.string().optional(),
    }),
  )
  .min(1);
const pushedReplySchema = z.looseObject({
  nationcode: z.string(),
  mobile: z.string(),
  text: z.string(),
  time: z.number(),
  extend: z.string().optional(),
});

const refusal = (code: string, detail: string, answer: HttpAnswer, now: Date): SendOutcome => {
  const fault = tencentFault(code);
  return fault === 'unknown'
    ? { kind: 'unknown', detail: `${code}: ${detail}` }
    : refusalOf(fault, code, detail, answer, now);
};

function outcomeOf(answer: HttpAnswer, now: Date): SendOutcome {
  const error = readAs(errorSchema, answer.body)?.Response.Error;
  if (error !== undefined) return refusal(error.Code, error.Message, answer, now);
  const status = readAs(statusSchema, answer.body)?.Response.SendStatusSet[0];
  if (status === undefined) return outcomeOfStatus(answer, now);
  if (status.Code !== 'Ok') return refusal(status.Code, status.Message ?? '', answer, now);
  return status.SerialNo === ''
    ? { kind: 'unknown', detail: 'accepted without an id' }
    : { kind: 'sent', providerId: status.SerialNo, response: status.Code };
}

export function tencentSms(settings: SettingsOf<'tencent'>, options: ProviderOptions): SmsProvider {
  const http = httpClient(settings.timeoutMs);
  const { now } = options;
  const base = new URL(settings.baseUrl ?? 'https://sms.tencentcloudapi.com');
  const call = (action: string, payload: object): HttpCall => {
    const body = JSON.stringify(payload);
    const { authorization, timestamp, contentType } = signTc3(
      { id: settings.keyId, secret: settings.keySecret },
      { host: base.host, service: 'sms', body, at: now() },
    );
    return {
      url: `${base.origin}/`,
      method: 'POST',
      headers: {
        authorization,
        'content-type': contentType,
        host: base.host,
        'x-tc-action': action,
        'x-tc-version': VERSION,
        'x-tc-region': settings.region,
        'x-tc-timestamp': timestamp,
      },
      body,
    };
  };
  const pulled = async (): Promise<SmsReport[]> => {
    const all: z.output<typeof pulledSchema>[] = [];
    // What a campaign leaves behind is more than one call gives.
    for (let time = 0; time < PULLS_MAX; time++) {
      const answer = await http.exchange(call('PullSmsSendStatus', { SmsSdkAppId: settings.appId, Limit: PULL_MAX }));
      const set =
        answer.kind === 'answered' ? readAs(pulledSetSchema, answer.body)?.Response.PullSmsSendStatusSet : undefined;
      all.push(...(set ?? []));
      if (set === undefined || set.length < PULL_MAX) break;
    }
    return all.map((each) => ({
      providerId: each.SerialNo,
      messageId: each.SessionContext === undefined || each.SessionContext === '' ? undefined : each.SessionContext,
      phone: each.PhoneNumber,
      state: each.ReportStatus === 'SUCCESS' ? 'delivered' : 'failed',
      ...receiptFault(TENCENT_RECEIPTS, each.Description ?? ''),
      code: each.Description ?? '',
      at: each.UserReceiveTime === undefined ? now() : new Date(each.UserReceiveTime * 1000),
    }));
  };
  const replies = async (): Promise<Pushed['inbound']> => {
    const answer = await http.exchange(call('PullSmsReplyStatus', { SmsSdkAppId: settings.appId, Limit: PULL_MAX }));
    const set =
      answer.kind === 'answered' ? readAs(repliesSchema, answer.body)?.Response.PullSmsReplyStatusSet : undefined;
    return (set ?? []).map((each) => ({
      phone: each.PhoneNumber,
      text: each.ReplyContent,
      to: each.ExtendCode ?? '',
      at: new Date(each.ReplyTime * 1000),
      dedupeKey: `${each.PhoneNumber} ${each.ReplyTime} ${each.ReplyContent}`,
      isAnswered: false,
    }));
  };
  const callFor = (
    message: Outgoing<'sms'>,
    to: string,
    template: { id: string; params: Readonly<Record<string, string>> },
  ): HttpCall =>
    call('SendSms', {
      PhoneNumberSet: [to],
      SmsSdkAppId: settings.appId,
      TemplateId: template.id,
      SignName: settings.signature,
      // Their slots have numbers: {1}, {2}…
      TemplateParamSet: Object.entries(template.params)
        .toSorted(([a], [b]) => Number(a) - Number(b))
        .map(([, value]) => value),
      SessionContext: message.messageId,
    });
  return {
    key: 'tencent',
    channel: {
      key: 'sms',
      send: async (message, signal, mayLeave) => {
        const to = smsNumber(message.address, settings);
        if (!to.ok) return numberRefusal(to);
        const template = message.fields.providerTemplates?.['tencent'];
        if (template === undefined)
          return {
            ...BAD_CONTENT,
            kind: 'rejected',
            code: 'template_missing',
            detail: 'no filed template for tencent',
          };
        const answer = await http.exchange(
          { origin: base.origin, write: () => callFor(message, to.value.e164, template) },
          signal,
          mayLeave,
        );
        return answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
      },
      close: () => {
        http.close();
        return Promise.resolve();
      },
    },
    read: ({ body }, at) => {
      const answer = { contentType: 'application/json', body: '{"result":0,"errmsg":"OK"}' };
      const statuses = readAs(pushedStatusSchema, body);
      if (statuses !== undefined) {
        const reports = statuses.map((each): SmsReport => ({
          providerId: each.sid,
          messageId: undefined,
          phone: `+${each.nationcode}${each.mobile}`,
          state: each.report_status === 'SUCCESS' ? 'delivered' : 'failed',
          ...receiptFault(TENCENT_RECEIPTS, each.errmsg ?? ''),
          code: each.errmsg ?? '',
          at: beijingTime(each.user_receive_time, at),
        }));
        return ok({ reports, inbound: [], answer });
      }
      const reply = readAs(pushedReplySchema, body);
      if (reply === undefined) return refused('unreadable');
      const phone = `+${reply.nationcode}${reply.mobile}`;
      return ok({
        reports: [],
        inbound: [
          {
            phone,
            text: reply.text,
            to: reply.extend ?? '',
            at: new Date(reply.time * 1000),
            dedupeKey: `${phone} ${reply.time} ${reply.text}`,
            isAnswered: false,
          },
        ],
        answer,
      });
    },
    // Their queue gives each status once: it is all pulled, and our id is in it.
    ask: () => Promise.resolve([]),
    pull: async () => ({ reports: await pulled(), inbound: await replies() }),
  };
}
