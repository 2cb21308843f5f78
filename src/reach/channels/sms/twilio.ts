// Twilio. Free text; our id comes back in the address it reports to. After silence a text is looked up among those sent to the number.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ok } from '../../../kernel/result.ts';
import type { SendOutcome } from '../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer, type HttpCall } from '../http/exchange.ts';
import { numberRefusal, readAs, refusalOf } from './answers.ts';
import { smsNumber } from './phone.ts';
import {
  BAD_CONTENT,
  BAD_NUMBER,
  OUR_ACCOUNT,
  OUR_FAULT,
  SHE_REFUSED,
  type FaultTable,
  type ProviderOptions,
  type SmsFate,
  type SmsProvider,
} from './provider.ts';
import { optOutOf, type SettingsOf } from './settings.ts';
import { finishedSms, hasBrackets } from './sms-text.ts';
import { readTwilioHook, twilioReportFault, twilioState } from './twilio-hooks.ts';

const FAULTS: FaultTable = {
  '20003': OUR_ACCOUNT,
  '20005': OUR_ACCOUNT,
  '20403': OUR_ACCOUNT,
  '20404': OUR_ACCOUNT,
  '30002': OUR_ACCOUNT,
  // The number or service that texts: one for all.
  '21603': OUR_ACCOUNT,
  '21606': OUR_ACCOUNT,
  '21659': OUR_ACCOUNT,
  '21660': OUR_ACCOUNT,
  '21701': OUR_ACCOUNT,
  '21703': OUR_ACCOUNT,
  '63038': 'slower',
  '20429': 'slower',
  // Her country is not switched on in the account: others may be.
  '21408': { class: 'address', permanent: false },
  '21211': BAD_NUMBER,
  '21214': BAD_NUMBER,
  '21217': BAD_NUMBER,
  '21614': BAD_NUMBER,
  '21610': SHE_REFUSED,
  '21612': { class: 'address', permanent: false },
  '21602': BAD_CONTENT,
  '21617': BAD_CONTENT,
  '21619': BAD_CONTENT,
};
const sentSchema = z.looseObject({ sid: z.string().min(1), status: z.string() });
const errorSchema = z.looseObject({ code: z.number(), message: z.string().default('') });
const messageSchema = z.looseObject({
  sid: z.string(),
  status: z.string(),
  body: z.string(),
  date_created: z.string(),
  error_code: z.number().nullable().optional(),
});
const listSchema = z.looseObject({ messages: z.array(messageSchema) });
type Message = z.output<typeof messageSchema>;

/** No words of ours: what Twilio should answer her is nothing. */
const ANSWER = { contentType: 'text/xml', body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' };

function outcomeOf(answer: HttpAnswer, now: Date): SendOutcome {
  if (answer.status >= 200 && answer.status < 300) {
    const said = readAs(sentSchema, answer.body);
    return said === undefined
      ? { kind: 'unknown', detail: 'accepted without an id' }
      : { kind: 'sent', providerId: said.sid, response: said.status };
  }
  const error = readAs(errorSchema, answer.body);
  if (error === undefined || answer.status >= 500) return outcomeOfStatus(answer, now);
  const code = String(error.code);
  const isRefused = answer.status === 401 || answer.status === 403;
  const fault = FAULTS[code] ?? (answer.status === 429 ? 'slower' : isRefused ? OUR_ACCOUNT : OUR_FAULT);
  return refusalOf(fault, code, error.message, answer, now);
}

export function twilioSms(settings: SettingsOf<'twilio'>, options: ProviderOptions): SmsProvider {
  const http = httpClient(settings.timeoutMs);
  const { now } = options;
  const base = new URL(settings.baseUrl ?? 'https://api.twilio.com').origin;
  const account = `${base}/2010-04-01/Accounts/${settings.keyId}`;
  const authorization = `Basic ${Buffer.from(`${settings.keyId}:${settings.keySecret}`).toString('base64')}`;
  const lookupAfterMs = options.lookupAfterMs ?? [2_000, 6_000];
  const callFor = (to: string, text: string, messageId: string | undefined): HttpCall => ({
    url: `${account}/Messages.json`,
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      To: to,
      [settings.from.startsWith('MG') ? 'MessagingServiceSid' : 'From']: settings.from,
      Body: text,
      ...(messageId === undefined ? {} : { StatusCallback: `${options.hookUrl}?m=${encodeURIComponent(messageId)}` }),
    }).toString(),
  });
  const get = async (url: string): Promise<HttpAnswer | undefined> => {
    const answer = await http.exchange({ url, method: 'GET', headers: { authorization }, body: '' });
    return answer.kind === 'answered' && answer.status === 200 ? answer : undefined;
  };
  const fateOf = (messageId: string, phone: string, found: Message): SmsFate => {
    const state = twilioState(found.status);
    const code = String(found.error_code ?? '');
    return {
      messageId,
      providerId: found.sid,
      report:
        state === undefined
          ? undefined
          : { providerId: found.sid, messageId, phone, state, ...twilioReportFault(code), code, at: now() },
    };
  };
  /** The same words to the same number since we began: nobody else writes them. */
  const afterSilence = async (phone: string, text: string, silence: SendOutcome): Promise<SendOutcome> => {
    const since = now();
    for (const waitMs of lookupAfterMs) {
      await sleep(waitMs);
      // The newest come first; a text that is still queued has no date of sending to filter by.
      const query = new URLSearchParams({ To: phone, PageSize: '50' });
      const answer = await get(`${account}/Messages.json?${query.toString()}`);
      const found = (answer === undefined ? undefined : readAs(listSchema, answer.body))?.messages.find(
        (each) => each.body === text && Date.parse(each.date_created) >= since.getTime() - settings.timeoutMs - 2_000,
      );
      if (found !== undefined) return { kind: 'sent', providerId: found.sid, response: 'found after silence' };
    }
    return silence;
  };
  return {
    key: 'twilio',
    channel: {
      key: 'sms',
      send: async (message, signal, mayLeave) => {
        const to = smsNumber(message.address, settings);
        if (!to.ok) return numberRefusal(to);
        if (hasBrackets(message.fields.text))
          return { ...BAD_CONTENT, kind: 'rejected', code: 'brackets', detail: '【】 belongs to the signature' };
        const frame = {
          signature: settings.signature,
          optOut: optOutOf(settings),
          mainland: to.value.country === 'CN',
        };
        const text = finishedSms(message.fields.text, frame);
        const answer = await http.exchange(callFor(to.value.e164, text, message.messageId), signal, mayLeave);
        const outcome = answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
        return outcome.kind === 'unknown' ? afterSilence(to.value.e164, text, outcome) : outcome;
      },
      close: () => {
        http.close();
        return Promise.resolve();
      },
    },
    read: (request, at) => {
      const read = readTwilioHook(request, settings.keySecret, at);
      return read.ok ? ok({ ...read.value, answer: ANSWER }) : read;
    },
    ask: async (texts) => {
      const fates: SmsFate[] = [];
      for (const text of texts) {
        if (text.providerId === null) continue;
        const answer = await get(`${account}/Messages/${encodeURIComponent(text.providerId)}.json`);
        const found = answer === undefined ? undefined : readAs(messageSchema, answer.body);
        if (found !== undefined) fates.push(fateOf(text.messageId, text.phone, found));
      }
      return fates;
    },
    reply: async (phone, text) => {
      const frame = { signature: settings.signature, optOut: '', mainland: phone.startsWith('+86') };
      const answer = await http.exchange(callFor(phone, finishedSms(text, frame), undefined));
      return answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
    },
    pull: () => Promise.resolve({ reports: [], inbound: [] }),
  };
}
