// 阿里云 SMS. Sending has no idempotency key: after silence the receipt is looked up, and a text of which nothing is known stays `unknown`
// and is not sent again. Texts of one template that come together share a SendBatchSms (100 numbers at most).
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ok, refused } from '../../../kernel/result.ts';
import type { SendOutcome } from '../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer, type HttpCall, type HttpExchange } from '../http/exchange.ts';
import type { Outgoing } from '../outgoing.ts';
import { ALIYUN_CODES, aliyunFault, mayBeOfOne } from './aliyun-codes.ts';
import { beijingTime, numberRefusal, readAs, refusalOf } from './answers.ts';
import { gather } from './gather.ts';
import { smsNumber, type SmsNumber } from './phone.ts';
import {
  BAD_CONTENT,
  OUR_FAULT,
  type AskedSms,
  type ProviderOptions,
  type Pushed,
  type SmsFate,
  type SmsProvider,
  type SmsReport,
} from './provider.ts';
import { receiptFault } from './receipt-codes.ts';
import type { SettingsOf } from './settings.ts';
import { canonicalQuery, signAcs3 } from './signing.ts';

const VERSION = '2017-05-25';
const BATCH_MAX = 100;
const GATHER_MS = 10;
/** Longer than any text takes from its claim to their books. */
const ON_ITS_WAY_MS = 120_000;

const answerSchema = z.looseObject({ Code: z.string(), Message: z.string().optional(), BizId: z.string().optional() });
const detailSchema = z.looseObject({
  PhoneNum: z.string(),
  /** 1 waits for the receipt, 2 failed, 3 arrived. */
  SendStatus: z.number(),
  ErrCode: z.string().optional(),
  OutId: z.string().optional(),
  SendDate: z.string(),
  ReceiveDate: z.string().optional(),
});
const detailsSchema = z.looseObject({
  Code: z.string(),
  SmsSendDetailDTOs: z.looseObject({ SmsSendDetailDTO: z.array(detailSchema).default([]) }).optional(),
});
const reportSchema = z.looseObject({
  phone_number: z.string(),
  success: z.boolean(),
  biz_id: z.string().optional(),
  out_id: z.string().optional(),
  err_code: z.string().optional(),
  report_time: z.string().optional(),
});
const upSchema = z.looseObject({
  phone_number: z.string(),
  content: z.string(),
  dest_code: z.string().optional(),
  send_time: z.string(),
  sequence_id: z.union([z.string(), z.number()]).optional(),
});
const pushSchema = z.array(z.union([reportSchema, upSchema])).min(1);

const beijingDay = (at: Date): string =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
/** The mainland's numbers without prefix, others without the plus. */
const spelled = (number: SmsNumber): string => (number.country === 'CN' ? number.national : number.e164.slice(1));
const e164 = (phone: string): string => {
  const number = smsNumber(phone.startsWith('+') || phone.length <= 11 ? phone : `+${phone}`, { homeCountry: 'CN' });
  return number.ok ? number.value.e164 : phone;
};

type Text = Outgoing<'sms'> & { readonly to: SmsNumber; readonly templateCode: string; readonly params: string };

function outcomeOf(answer: HttpAnswer, now: Date): SendOutcome {
  const said = readAs(answerSchema, answer.body);
  if (said === undefined) return outcomeOfStatus(answer, now);
  const { Code: code, Message: detail = '', BizId: bizId } = said;
  if (code === 'OK') {
    return bizId === undefined
      ? { kind: 'unknown', detail: 'accepted without an id' }
      : { kind: 'sent', providerId: bizId, response: code };
  }
  const known = aliyunFault(code);
  // Their own stumble, in a word we do not know: they may have taken it before.
  if (known === undefined && answer.status >= 500) return { kind: 'unknown', detail: `${code}: ${detail}` };
  return refusalOf(known ?? OUR_FAULT, code, detail, answer, now);
}

export function aliyunSms(settings: SettingsOf<'aliyun'>, options: ProviderOptions): SmsProvider {
  const http = httpClient(settings.timeoutMs);
  const { now } = options;
  const base = new URL(settings.baseUrl ?? 'https://dysmsapi.aliyuncs.com');
  const lookupAfterMs = options.lookupAfterMs ?? [1_000, 3_000, 8_000];

  const call = (action: string, query: Readonly<Record<string, string>>): HttpCall => ({
    url: `${base.origin}/?${canonicalQuery(query)}`,
    method: 'POST',
    headers: signAcs3(
      { id: settings.keyId, secret: settings.keySecret },
      { host: base.host, action, version: VERSION, query, nonce: options.nonce(), at: now() },
    ),
    body: '',
  });

  const callFor = (texts: readonly Text[], outId: string): HttpCall => {
    const [first] = texts;
    if (first === undefined) throw new Error('nobody to send to');
    if (texts.length === 1)
      return call('SendSms', {
        PhoneNumbers: spelled(first.to),
        SignName: settings.signature,
        TemplateCode: first.templateCode,
        TemplateParam: first.params,
        OutId: outId,
      });
    return call('SendBatchSms', {
      PhoneNumberJson: JSON.stringify(texts.map(({ to }) => spelled(to))),
      SignNameJson: JSON.stringify(texts.map(() => settings.signature)),
      TemplateCode: first.templateCode,
      TemplateParamJson: `[${texts.map(({ params }) => params).join(',')}]`,
      OutId: outId,
    });
  };

  /** The newest record of a text, if they have one: they file it under Beijing's day, which may turn while it is on its way. */
  const lookUp = async (
    phone: string,
    { from, until }: { readonly from: Date; readonly until: Date },
    isIt: (detail: z.output<typeof detailSchema>) => boolean,
    bizId?: string,
  ): Promise<z.output<typeof detailSchema> | undefined> => {
    for (const SendDate of new Set([beijingDay(until), beijingDay(from)])) {
      const answer = await http.exchange(
        call('QuerySendDetails', {
          PhoneNumber: phone,
          SendDate,
          PageSize: '50',
          CurrentPage: '1',
          ...(bizId === undefined ? {} : { BizId: bizId }),
        }),
      );
      if (answer.kind !== 'answered') return undefined;
      const found = readAs(detailsSchema, answer.body)?.SmsSendDetailDTOs?.SmsSendDetailDTO.find(isIt);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const afterSilence = async (
    texts: readonly Text[],
    outId: string,
    silence: SendOutcome,
  ): Promise<readonly SendOutcome[]> => {
    const until = now();
    const days = { from: new Date(until.getTime() - settings.timeoutMs), until };
    const known = new Map<string, SendOutcome>();
    for (const waitMs of lookupAfterMs) {
      await sleep(waitMs);
      for (const { messageId, to } of texts) {
        if (known.has(messageId)) continue;
        const detail = await lookUp(spelled(to), days, (each) => each.OutId === outId);
        if (detail !== undefined)
          known.set(messageId, {
            kind: 'sent',
            providerId: `out:${outId}`,
            response: 'found by its receipt after silence',
          });
      }
      if (known.size === texts.length) break;
    }
    return texts.map(({ messageId }) => known.get(messageId) ?? silence);
  };

  const outIdOf = (texts: readonly Text[]): string =>
    texts.length === 1 ? texts[0]!.messageId : `batch:${options.nonce()}`;

  /**
   * They take all of a request or none. A refusal that may be of one among them is nobody else's: each half is handed over again, down to whom
   * it is about.
   */
  const outcomesOf = async (
    texts: readonly Text[],
    outId: string,
    answer: HttpExchange,
  ): Promise<readonly SendOutcome[]> => {
    const outcome = answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
    if (outcome.kind === 'unknown' && outId !== '') return afterSilence(texts, outId, outcome);
    if (texts.length === 1 || !('code' in outcome) || !mayBeOfOne(outcome.code ?? '')) return texts.map(() => outcome);
    const middle = Math.ceil(texts.length / 2);
    const halves = await Promise.all(
      [texts.slice(0, middle), texts.slice(middle)].map(async (half) => {
        const id = outIdOf(half);
        return outcomesOf(half, id, await http.exchange(callFor(half, id)));
      }),
    );
    return halves.flat();
  };

  const gathered = gather<Text>({
    max: BATCH_MAX,
    waitMs: GATHER_MS,
    keyOf: ({ templateCode }) => templateCode,
    sendGroup: async (ask, leaving) => {
      // What was written, for the look-up: known once the group was asked.
      let outId = '';
      const answer = await http.exchange(
        {
          origin: base.origin,
          write: () => {
            outId = outIdOf(leaving());
            return callFor(leaving(), outId);
          },
        },
        undefined,
        ask,
      );
      const texts = leaving();
      if (texts.length > 0) return outcomesOf(texts, outId, answer);
      return [answer.kind === 'answered' ? outcomeOf(answer, now()) : answer];
    },
  });

  const report = (detail: z.output<typeof detailSchema>, asked: AskedSms): SmsReport | undefined =>
    detail.SendStatus === 1
      ? undefined
      : {
          providerId: asked.providerId ?? undefined,
          messageId: asked.messageId,
          phone: asked.phone,
          state: detail.SendStatus === 3 ? 'delivered' : 'failed',
          ...receiptFault(ALIYUN_CODES, detail.ErrCode ?? ''),
          code: detail.ErrCode ?? '',
          at: beijingTime(detail.ReceiveDate, now()),
        };

  return {
    key: 'aliyun',
    channel: {
      key: 'sms',
      send: async (message, signal, mayLeave) => {
        const to = smsNumber(message.address, settings);
        if (!to.ok) return numberRefusal(to);
        const template = message.fields.providerTemplates?.['aliyun'];
        if (template === undefined)
          return { ...BAD_CONTENT, kind: 'rejected', code: 'template_missing', detail: 'no filed template for aliyun' };
        const text = { ...message, to: to.value, templateCode: template.id, params: JSON.stringify(template.params) };
        return gathered.send(text, signal, mayLeave);
      },
      close: async () => {
        await gathered.close();
        http.close();
      },
    },
    read: ({ body }, at) => {
      const pushed = readAs(pushSchema, body);
      if (pushed === undefined) return refused('unreadable');
      const reports: SmsReport[] = [];
      const inbound: Pushed['inbound'][number][] = [];
      for (const each of pushed) {
        if ('success' in each && typeof each.success === 'boolean') {
          const { success, biz_id, out_id, err_code, report_time } = reportSchema.parse(each);
          reports.push({
            providerId: biz_id,
            messageId: out_id === undefined || out_id.startsWith('batch:') ? undefined : out_id,
            phone: e164(each.phone_number),
            state: success ? 'delivered' : 'failed',
            ...receiptFault(ALIYUN_CODES, err_code ?? ''),
            code: err_code ?? '',
            at: beijingTime(report_time, at),
          });
        } else {
          const up = upSchema.parse(each);
          inbound.push({
            phone: e164(up.phone_number),
            text: up.content,
            to: up.dest_code ?? '',
            at: beijingTime(up.send_time, at),
            dedupeKey:
              up.sequence_id === undefined
                ? `${up.phone_number} ${up.send_time} ${up.content}`
                : String(up.sequence_id),
            isAnswered: false,
          });
        }
      }
      return ok({ reports, inbound, answer: { contentType: 'application/json', body: '{"code":0,"msg":"成功"}' } });
    },
    ask: async (texts) => {
      const fates: SmsFate[] = [];
      for (const text of texts) {
        const to = smsNumber(text.phone, settings);
        if (!to.ok) continue;
        const bizId = text.providerId === null || text.providerId.startsWith('out:') ? undefined : text.providerId;
        // A text of a batch that nobody answered has the batch's mark instead of its own.
        const soon = (detail: z.output<typeof detailSchema>): boolean =>
          detail.OutId?.startsWith('batch:') === true &&
          Math.abs(beijingTime(detail.SendDate, new Date(0)).getTime() - text.claimedAt.getTime()) < ON_ITS_WAY_MS;
        const detail = await lookUp(
          spelled(to.value),
          { from: text.claimedAt, until: new Date(text.claimedAt.getTime() + ON_ITS_WAY_MS) },
          (each) => bizId !== undefined || each.OutId === text.messageId || soon(each),
          bizId,
        );
        if (detail !== undefined)
          fates.push({
            messageId: text.messageId,
            providerId: text.providerId ?? `out:${detail.OutId ?? text.messageId}`,
            report: report(detail, text),
          });
      }
      return fates;
    },
    pull: () => Promise.resolve({ reports: [], inbound: [] }),
  };
}
