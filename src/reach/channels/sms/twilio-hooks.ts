// What Twilio tells us, in either of its forms: the fields of a callback, or the JSON of its event streams. Guarantee: nothing is read that
// Twilio did not sign. A form is signed with its fields; a JSON body by its SHA-256, which stands in the signed address as `bodySHA256`.
import { z } from 'zod';
import { sameText, sha256Hex } from '../../../kernel/hash.ts';
import { ok, refused, type Result } from '../../../kernel/result.ts';
import { readAs } from './answers.ts';
import {
  BAD_CONTENT,
  BAD_NUMBER,
  NOT_HERS,
  SHE_REFUSED,
  UNREACHABLE,
  type Fault,
  type Pushed,
  type PushRequest,
  type SmsInbound,
  type SmsReport,
} from './provider.ts';
import { signTwilio } from './signing.ts';

/** Of reports: a line that cannot or must not be texted is given up. A code that is not here (30034, an unregistered sender…) is not of her number. */
const FAULTS: Readonly<Record<string, Fault>> = {
  '30003': UNREACHABLE,
  '30004': SHE_REFUSED,
  '30005': BAD_NUMBER,
  '30006': BAD_NUMBER,
  '30007': BAD_CONTENT,
  '21610': SHE_REFUSED,
};
export const twilioReportFault = (code: string): Fault => FAULTS[code] ?? NOT_HERS;

const DELIVERED = new Set(['delivered', 'read']);
const FAILED = new Set(['failed', 'undelivered', 'canceled']);

/** What a status says for good; undefined while the text is on its way. */
export function twilioState(status: string): 'delivered' | 'failed' | undefined {
  const word = status.toLowerCase();
  return DELIVERED.has(word) ? 'delivered' : FAILED.has(word) ? 'failed' : undefined;
}

const OPT_OUTS = { STOP: 'stop', START: 'start', HELP: 'help' } as const;
/** Words of the business's own keyword list, which only Twilio knows. */
const optOutOf = (type: string | undefined): SmsInbound['meaning'] =>
  type !== undefined && Object.hasOwn(OPT_OUTS, type) ? OPT_OUTS[type as keyof typeof OPT_OUTS] : undefined;

/** WhatsApp and the like come to the same hooks as `whatsapp:+1…`. */
const isNumber = (address: string | undefined): address is string => address?.startsWith('+') === true;

type Read = Pick<Pushed, 'reports' | 'inbound'>;
const NOTHING: Read = { reports: [], inbound: [] };

const reportOf = (
  given: Pick<SmsReport, 'providerId' | 'messageId' | 'phone' | 'at'>,
  status: string,
  code: string,
): Read => {
  const state = twilioState(status);
  return state === undefined
    ? NOTHING
    : { reports: [{ ...given, state, ...twilioReportFault(code), code }], inbound: [] };
};

function readForm(form: Readonly<Record<string, string>>, url: string, at: Date): Read | undefined {
  const sid = form['MessageSid'] ?? form['SmsSid'];
  if (sid === undefined) return undefined;
  const status = form['MessageStatus'] ?? form['SmsStatus'];
  const { Body: text, From: from, To: to, OptOutType: optOut } = form;
  if (text !== undefined && from !== undefined && (status === undefined || status === 'received')) {
    if (!isNumber(from)) return NOTHING;
    const meaning = optOutOf(optOut);
    return {
      reports: [],
      inbound: [
        {
          phone: from,
          text,
          to: to ?? '',
          at,
          dedupeKey: sid,
          // Twilio answers the words it acts upon itself.
          isAnswered: optOut !== undefined,
          ...(meaning === undefined ? {} : { meaning }),
        },
      ],
    };
  }
  const messageId = new URL(url).searchParams.get('m') ?? undefined;
  return reportOf({ providerId: sid, messageId, phone: to, at }, status ?? '', form['ErrorCode'] ?? '');
}

const eventSchema = z.looseObject({
  specversion: z.literal('1.0'),
  type: z.string(),
  data: z.looseObject({
    messageSid: z.string().optional(),
    timestamp: z.string().optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    body: z.string().optional(),
    messageStatus: z.string().optional(),
    errorCode: z.union([z.string(), z.number()]).nullish(),
  }),
});
const eventsSchema = z.union([z.array(eventSchema), eventSchema.transform((event) => [event])]);

function readEvent({ type, data }: z.output<typeof eventSchema>, now: Date): Read {
  const { messageSid: sid, from, to } = data;
  if (sid === undefined || !isNumber(from) || !isNumber(to)) return NOTHING;
  const told = new Date(data.timestamp ?? '');
  const at = Number.isNaN(told.getTime()) ? now : told;
  if (type === 'com.twilio.messaging.inbound-message.received')
    return {
      reports: [],
      inbound: [{ phone: from, text: data.body ?? '', to, at, dedupeKey: sid, isAnswered: false }],
    };
  // `com.twilio.messaging.message.delivered` and its siblings end in the status.
  const [, status] = /^com\.twilio\.messaging\.message\.(\w+)$/.exec(type) ?? [];
  if (status === undefined) return NOTHING;
  const given = { providerId: sid, messageId: undefined, phone: to, at };
  return reportOf(given, data.messageStatus ?? status, String(data.errorCode ?? ''));
}

function readEvents(body: string, now: Date): Read | undefined {
  const read = readAs(eventsSchema, body)?.map((event) => readEvent(event, now));
  return (
    read && {
      reports: read.flatMap(({ reports }) => reports),
      inbound: read.flatMap(({ inbound }) => inbound),
    }
  );
}

/** `authToken`: the account's, which signs. */
export function readTwilioHook(
  { method, url, headers, body }: PushRequest,
  authToken: string,
  now: Date,
): Result<Read, 'not_authentic' | 'unreadable'> {
  const hash = new URL(url).searchParams.get('bodySHA256');
  const isJson = hash !== null || /^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
  // The fields of a GET are in its address already; those of a JSON body are proved by the hash.
  const fields = new URLSearchParams(isJson || method === 'GET' ? '' : body);
  if (!sameText(headers['x-twilio-signature'] ?? '', signTwilio(authToken, url, fields)))
    return refused('not_authentic');
  if (isJson && !sameText((hash ?? '').toLowerCase(), sha256Hex(body))) return refused('not_authentic');
  const read = isJson ? readEvents(body, now) : readForm(Object.fromEntries(new URLSearchParams(body)), url, now);
  return read === undefined ? refused('unreadable') : ok(read);
}
