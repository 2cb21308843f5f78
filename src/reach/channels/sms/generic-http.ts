// Any other provider that speaks HTTP, described by data: where, with what, what means yes, where the id is, what its reports look like.
import { isObject } from '../../../kernel/json.ts';
import { sha256Hex } from '../../../kernel/hash.ts';
import { ok, refused } from '../../../kernel/result.ts';
import type { SendOutcome } from '../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer, type HttpCall } from '../http/exchange.ts';
import { numberRefusal, refusalOf } from './answers.ts';
import { smsNumber, type SmsNumber } from './phone.ts';
import {
  BAD_CONTENT,
  BAD_NUMBER,
  OUR_FAULT,
  UNREACHABLE,
  type ProviderOptions,
  type SmsInbound,
  type SmsProvider,
  type SmsReport,
} from './provider.ts';
import { carrierFault } from './receipt-codes.ts';
import { optOutOf, type HttpSmsRules, type SettingsOf } from './settings.ts';
import { finishedSms, hasBrackets } from './sms-text.ts';

type Scalar = string | number | boolean;

/** What lies at `data.0.id`; undefined where the way ends. */
function at(value: unknown, path: string): unknown {
  let here = value;
  for (const name of path.split('.')) {
    if (Array.isArray(here)) here = (here as unknown[])[Number(name)];
    else if (isObject(here) && Object.hasOwn(here, name)) here = here[name];
    else return undefined;
  }
  return here;
}
const scalarAt = (value: unknown, path: string): Scalar | undefined => {
  const found = at(value, path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? found : undefined;
};
const isIn = (value: Scalar | undefined, list: readonly Scalar[]): boolean =>
  value !== undefined && list.some((each) => String(each) === String(value));

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Reports may come as a form.
    return text.includes('=') ? Object.fromEntries(new URLSearchParams(text)) : undefined;
  }
}
const itemsOf = (body: unknown, listPath: string | undefined): readonly unknown[] => {
  const found = listPath === undefined ? body : at(body, listPath);
  return Array.isArray(found) ? (found as unknown[]) : found === undefined ? [] : [found];
};

const QUOTE = {
  json: (text: string): string => JSON.stringify(text).slice(1, -1),
  form: (text: string): string => encodeURIComponent(text),
  header: (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, ''),
} as const;

const fill = (template: string, slots: Readonly<Record<string, string>>, quote: (text: string) => string): string =>
  template.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_all, name: string) => quote(slots[name] ?? ''));

function outcomeOf(rules: HttpSmsRules, answer: HttpAnswer, now: Date): SendOutcome {
  const body = bodyOf(answer.body);
  const code = rules.errorPath === undefined ? undefined : scalarAt(body, rules.errorPath);
  if (isIn(code, rules.deferred)) return refusalOf('slower', String(code), '', answer, now);
  if (isIn(code, rules.badAddress)) return refusalOf(BAD_NUMBER, String(code), '', answer, now);
  if (!rules.success.status.includes(answer.status)) return outcomeOfStatus(answer, now);
  const { rule } = rules.success;
  if (rule !== undefined) {
    const said = scalarAt(body, rule.path);
    if (said === undefined) return { kind: 'unknown', detail: `no ${rule.path} in the answer` };
    if (!isIn(said, rule.in)) return refusalOf(OUR_FAULT, String(code ?? said), answer.body.slice(0, 200), answer, now);
  }
  const id = scalarAt(body, rules.idPath);
  return id === undefined || String(id) === ''
    ? { kind: 'unknown', detail: `no ${rules.idPath} in the answer` }
    : { kind: 'sent', providerId: String(id), response: String(answer.status) };
}

export function httpSms(settings: SettingsOf<'http'>, options: ProviderOptions): SmsProvider {
  const http = httpClient(settings.timeoutMs);
  const { now } = options;
  const rules = settings.http;
  const home = { homeCountry: settings.homeCountry };
  const callFor = (messageId: string, words: string, optOut: string, to: SmsNumber): HttpCall => {
    const slots = {
      to: to.e164,
      national: to.national,
      text: finishedSms(words, { signature: settings.signature, optOut, mainland: to.country === 'CN' }),
      messageId,
      signature: settings.signature,
      secret: settings.keySecret ?? '',
    };
    const quote = rules.contentType === 'application/json' ? QUOTE.json : QUOTE.form;
    return {
      url: fill(rules.url, slots, QUOTE.form),
      method: rules.method,
      headers: {
        ...(rules.method === 'GET' ? {} : { 'content-type': rules.contentType }),
        ...Object.fromEntries(
          Object.entries(rules.headers).map(([name, value]) => [name.toLowerCase(), fill(value, slots, QUOTE.header)]),
        ),
      },
      body: rules.method === 'GET' ? '' : fill(rules.body, slots, quote),
    };
  };
  const e164 = (phone: string): string => {
    const number = smsNumber(phone, home);
    return number.ok ? number.value.e164 : phone;
  };
  return {
    key: 'http',
    channel: {
      key: 'sms',
      send: async (message, signal, mayLeave) => {
        const to = smsNumber(message.address, settings);
        if (!to.ok) return numberRefusal(to);
        if (hasBrackets(message.fields.text))
          return { ...BAD_CONTENT, kind: 'rejected', code: 'brackets', detail: '【】 belongs to the signature' };
        const answer = await http.exchange(
          callFor(message.messageId, message.fields.text, optOutOf(settings), to.value),
          signal,
          mayLeave,
        );
        return answer.kind === 'answered' ? outcomeOf(rules, answer, now()) : answer;
      },
      close: () => {
        http.close();
        return Promise.resolve();
      },
    },
    read: ({ body: text }, when) => {
      const body = bodyOf(text);
      if (body === undefined) return refused('unreadable');
      const { receipts, inbound } = rules;
      const reports =
        receipts === undefined
          ? []
          : itemsOf(body, receipts.listPath).flatMap((item): SmsReport[] => {
              const [id, status] = [scalarAt(item, receipts.idPath), scalarAt(item, receipts.statusPath)];
              const isDelivered = isIn(status, receipts.delivered);
              if (id === undefined || !(isDelivered || isIn(status, receipts.failed))) return [];
              const phone = receipts.phonePath === undefined ? undefined : scalarAt(item, receipts.phonePath);
              return [
                {
                  providerId: String(id),
                  messageId: undefined,
                  phone: phone === undefined ? undefined : e164(String(phone)),
                  state: isDelivered ? 'delivered' : 'failed',
                  ...(carrierFault(String(status)) ?? UNREACHABLE),
                  code: String(status),
                  at: when,
                },
              ];
            });
      const texts =
        inbound === undefined
          ? []
          : itemsOf(body, inbound.listPath).flatMap((item): SmsInbound[] => {
              const [from, words] = [scalarAt(item, inbound.fromPath), scalarAt(item, inbound.textPath)];
              if (from === undefined || words === undefined) return [];
              const id = inbound.idPath === undefined ? undefined : scalarAt(item, inbound.idPath);
              return [
                {
                  phone: e164(String(from)),
                  text: String(words),
                  to: '',
                  at: when,
                  dedupeKey: String(id ?? sha256Hex(JSON.stringify(item))),
                  isAnswered: false,
                },
              ];
            });
      return ok({ reports, inbound: texts, answer: { contentType: 'application/json', body: rules.pushAnswer } });
    },
    reply: async (phone, text) => {
      const to = smsNumber(phone, home);
      if (!to.ok) return numberRefusal(to);
      const answer = await http.exchange(callFor(`reply-${options.nonce()}`, text, '', to.value));
      return answer.kind === 'answered' ? outcomeOf(rules, answer, now()) : answer;
    },
    ask: () => Promise.resolve([]),
    pull: () => Promise.resolve({ reports: [], inbound: [] }),
  };
}
