// Mail providers against local servers that check each request as the real ones would: the signature is recomputed from what arrived, required
// fields and limits are held, the mail inside is opened; refusals are the documented ones.
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { SendOutcome } from '../../src/reach/channels/channel.ts';
import { dkimKey } from '../../src/reach/channels/email/dkim.ts';
import type { MailToSend } from '../../src/reach/channels/email/mime.ts';
import type { MailProvider, MailProviderOptions } from '../../src/reach/channels/email/providers/provider.ts';
import { mailProvider } from '../../src/reach/channels/email/providers/providers.ts';
import { mailProviderOf, parseMailProvider, shownSettings } from '../../src/reach/channels/email/providers/settings.ts';
import { parseMail } from '../../src/reach/channels/email/sink.ts';
import { readAddressToken } from '../../src/reach/tracking/token.ts';
import {
  channelContract,
  startFakeServer,
  type FakeAnswer,
  type FakeServer,
  type SeenRequest,
} from './channel.contract.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const KEY_SECRET = 'the-secret-of-the-account';
const TOKEN_SECRET = 'a secret for tests';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const OPTIONS: MailProviderOptions = {
  now: () => NOW,
  secret: TOKEN_SECRET,
  dkimKeys: [dkimKey('shop.example', 'rk', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())],
  fetchText: () => Promise.reject(new Error('nothing is fetched here')),
};
const messageId = (n: number): string => `msg_01arz3ndektsv4rrffq69g5${String(n).padStart(3, '0')}`;
const UNSUBSCRIBE = 'https://m.shop.example/u/abcdefghijklmnopqrstuvwxyz01234567890123';

const mail = (n: number, more: Partial<MailToSend> = {}): MailToSend => ({
  messageId: messageId(n),
  from: { name: '山楂小铺', address: 'hi@shop.example' },
  to: { address: `mia${n}@example.net` },
  subject: `好久不见 ${n}`,
  html: `<p>回来看看 ${n}</p>`,
  text: `回来看看 ${n}`,
  date: NOW,
  unsubscribeUrl: UNSUBSCRIBE,
  feedbackId: 'win-back:a:rekindle',
  list: { name: 'Shop', id: 'win-back.shop.example' },
  bounceDomain: 'bounces.shop.example',
  ...more,
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const json = (status: number, body: unknown, headers: Record<string, string> = {}): FakeAnswer => ({
  status,
  headers,
  body: JSON.stringify(body),
});
const isOurs = (token: unknown): boolean => readAddressToken(TOKEN_SECRET, String(token)).ok;
/** What one-click unsubscribe (RFC 8058) and Gmail's reports need, whoever wrote the headers down. */
const LIST_HEADERS: Readonly<Record<string, RegExp>> = {
  'list-unsubscribe': /^<https:\/\/m\.shop\.example\/u\/[\w-]{40}>$/,
  'list-unsubscribe-post': /^List-Unsubscribe=One-Click$/,
  'list-id': /^"Shop" <win-back\.shop\.example>$/,
  'feedback-id': /^win-back:a:rekindle$/,
  'message-id': /^<[0-9a-z]{48}@shop\.example>$/,
};

// ---- Amazon SES

/** As AWS documents it: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function sesProblem(request: SeenRequest): FakeAnswer | undefined {
  const problem = (status: number, type: string, message = type): FakeAnswer =>
    json(status, { message }, { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazonaws.ses/` });
  const auth =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/ses\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers['authorization'] ?? '',
    );
  if (auth === null) return problem(403, 'MissingAuthenticationTokenException');
  const names = auth[4]!.split(';');
  if (!['host', 'x-amz-date'].every((name) => names.includes(name))) return problem(403, 'SignatureDoesNotMatch');
  const date = request.headers['x-amz-date']!;
  if (date !== '20260302T120000Z') return problem(403, 'RequestExpired');
  const headers = names.map((name) => `${name}:${request.headers[name]}\n`).join('');
  const canonical = `POST\n${request.path}\n\n${headers}\n${auth[4]}\n${sha256(request.body)}`;
  const day = hmac(`AWS4${KEY_SECRET}`, '20260302');
  const key = hmac(hmac(hmac(day, 'eu-west-1'), 'ses'), 'aws4_request');
  const scope = '20260302/eu-west-1/ses/aws4_request';
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
  if (auth[1] !== 'AKIATEST' || auth[3] !== 'eu-west-1' || signature !== auth[5])
    return problem(403, 'SignatureDoesNotMatch');
  if (request.path !== '/v2/email/outbound-emails') return problem(404, 'NotFoundException');
  return undefined;
}
type SesBody = {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly Content: { readonly Raw: { readonly Data: string } };
  readonly EmailTags: readonly { readonly Name: string; readonly Value: string }[];
  readonly ConfigurationSetName?: string;
};
const sesRaw = (request: SeenRequest): Buffer =>
  Buffer.from((JSON.parse(request.body) as SesBody).Content.Raw.Data, 'base64');
function sesFake(request: SeenRequest): FakeAnswer {
  const refused = sesProblem(request);
  if (refused !== undefined) return refused;
  const body = JSON.parse(request.body) as SesBody;
  const bad = (message: string): FakeAnswer => json(400, { message }, { 'x-amzn-errortype': 'BadRequestException' });
  if (body.Destination.ToAddresses.length !== 1) return bad('one recipient is expected');
  if (sesRaw(request).length > 40 * 1024 * 1024) return bad('too large');
  if (!body.EmailTags.every(({ Name, Value }) => /^[\w-]{1,256}$/.test(Name) && /^[\w.@-]{1,256}$/.test(Value)))
    return bad('invalid tag');
  if (body.ConfigurationSetName !== 'marketing') return bad('configuration set');
  if (!isOurs(body.EmailTags.find(({ Name }) => Name === 'rekindle')?.Value)) return bad('tag');
  return json(200, { MessageId: '0102017f-ses-000000' });
}

// ---- SendGrid

type SendgridBody = {
  readonly personalizations: readonly { readonly to: readonly { readonly email: string }[] }[];
  readonly from: { readonly email: string };
  readonly subject: string;
  readonly content: readonly { readonly type: string; readonly value: string }[];
  readonly headers: Readonly<Record<string, string>>;
  readonly custom_args: Readonly<Record<string, string>>;
  readonly tracking_settings: Readonly<Record<string, { readonly enable: boolean }>>;
};
/** Headers that SendGrid does not let anybody set. */
const SENDGRID_RESERVED =
  /^(?:x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i;
function sendgridFake(request: SeenRequest): FakeAnswer {
  const bad = (field: string | null, message: string): FakeAnswer =>
    json(400, { errors: [{ message, field, help: null }] });
  if (request.headers['authorization'] !== `Bearer ${KEY_SECRET}`)
    return json(401, { errors: [{ message: 'The provided authorization grant is invalid, expired, or revoked' }] });
  if (request.path !== '/v3/mail/send') return json(404, { errors: [{ message: 'not found' }] });
  const body = JSON.parse(request.body) as SendgridBody;
  if (body.personalizations.length !== 1 || body.personalizations[0]!.to.length !== 1)
    return bad('personalizations', 'one recipient is expected');
  if (!/@/.test(body.from.email)) return bad('from.email', 'Does not contain a valid address.');
  if (body.content.map(({ type }) => type).join() !== 'text/plain,text/html')
    return bad('content', 'text/plain must come first');
  const reserved = Object.keys(body.headers).find((name) => SENDGRID_RESERVED.test(name));
  if (reserved !== undefined) return bad('headers', `${reserved} is a reserved header`);
  if (JSON.stringify(body.custom_args).length > 10_000) return bad('custom_args', 'too large');
  if (!isOurs(body.custom_args['rekindle'])) return bad('custom_args', 'no mark');
  if (Object.values(body.tracking_settings).some(({ enable }) => enable)) return bad('tracking_settings', 'tracks');
  return { status: 202, headers: { 'x-message-id': 'LRzXl_NHStOGhQ4kofSm_A' }, body: '' };
}

// ---- Mailgun

function formFields(request: SeenRequest): ReadonlyMap<string, string> {
  const boundary = /^multipart\/form-data; boundary=([\w'()+,./:=?-]{1,70})$/.exec(
    request.headers['content-type'] ?? '',
  )?.[1];
  if (boundary === undefined) return new Map();
  const parts = request.body.split(`--${boundary}`);
  if (parts.at(-1) !== '--\r\n' || parts[0] !== '') return new Map();
  return new Map(
    parts.slice(1, -1).map((part) => {
      const [, head, value] = /^\r\n([\s\S]*?)\r\n\r\n([\s\S]*)\r\n$/.exec(part) ?? [];
      return [/name="([^"]+)"/.exec(head ?? '')?.[1] ?? '', value ?? ''];
    }),
  );
}
function mailgunFake(request: SeenRequest): FakeAnswer {
  if (request.headers['authorization'] !== `Basic ${Buffer.from(`api:${KEY_SECRET}`).toString('base64')}`)
    return { status: 401, body: 'Forbidden' };
  if (request.path !== '/v3/mg.shop.example/messages.mime') return json(404, { message: 'Domain not found' });
  const fields = formFields(request);
  if (!/^[^\s@]+@[^\s@]+$/.test(fields.get('to') ?? ''))
    return json(400, { message: "'to' parameter is not a valid address. please check documentation" });
  if (!(fields.get('message') ?? '').includes('\r\nMIME-Version: 1.0\r\n'))
    return json(400, { message: 'message parameter is missing' });
  if (fields.get('o:tracking') !== 'no' || !isOurs(fields.get('v:rekindle')))
    return json(400, { message: 'options are wrong' });
  const id = /\r\nMessage-ID: (<[^>]+>)/i.exec(fields.get('message')!)?.[1];
  return json(200, { id, message: 'Queued. Thank you.' });
}

// ---- Postmark

type PostmarkBody = {
  readonly From: string;
  readonly To: string;
  readonly Subject: string;
  readonly HtmlBody: string;
  readonly TextBody: string;
  readonly MessageStream: string;
  readonly TrackOpens: boolean;
  readonly TrackLinks: string;
  readonly Headers: readonly { readonly Name: string; readonly Value: string }[];
  readonly Metadata: Readonly<Record<string, string>>;
};
function postmarkFake(request: SeenRequest): FakeAnswer {
  const problem = (status: number, ErrorCode: number, Message: string): FakeAnswer =>
    json(status, { ErrorCode, Message });
  if (request.headers['x-postmark-server-token'] !== KEY_SECRET)
    return problem(401, 10, 'The Server Token you provided in the X-Postmark-Server-Token request header was invalid.');
  if (request.path !== '/email' || request.headers['accept'] !== 'application/json')
    return problem(406, 1, 'not accepted');
  const body = JSON.parse(request.body) as PostmarkBody;
  if (!/<[^\s@]+@[^\s@]+>$/.test(body.From)) return problem(422, 300, "Invalid 'From' address");
  if (!/^[^\s@]+@[^\s@]+$/.test(body.To)) return problem(422, 300, "Invalid 'To' address");
  if (body.MessageStream !== 'broadcast') return problem(422, 1235, 'no such stream');
  if (Buffer.byteLength(body.HtmlBody) > 5 * 1024 * 1024) return problem(422, 300, 'HtmlBody too large');
  if (Object.entries(body.Metadata).some(([name, value]) => name.length > 20 || value.length > 80))
    return problem(422, 300, 'Metadata too long');
  if (!isOurs(body.Metadata['rekindle']) || body.TrackOpens || body.TrackLinks !== 'None')
    return problem(422, 300, 'wrong');
  return json(200, {
    To: body.To,
    SubmittedAt: '2026-03-02T12:00:00.0000000Z',
    MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d',
    ErrorCode: 0,
    Message: 'OK',
  });
}

const SETTINGS = {
  ses: { provider: 'ses', keyId: 'AKIATEST', region: 'eu-west-1', configurationSet: 'marketing' },
  sendgrid: { provider: 'sendgrid' },
  mailgun: { provider: 'mailgun', domain: 'mg.shop.example' },
  postmark: { provider: 'postmark' },
} as const;
type Key = keyof typeof SETTINGS;
const FAKES: Readonly<Record<Key, (request: SeenRequest) => FakeAnswer>> = {
  ses: sesFake,
  sendgrid: sendgridFake,
  mailgun: mailgunFake,
  postmark: postmarkFake,
};
const open = (key: Key, baseUrl: string, timeoutMs = 1_000): MailProvider =>
  mailProvider(parseMailProvider({ ...SETTINGS[key], keySecret: KEY_SECRET, baseUrl, timeoutMs }), OPTIONS);
const KEYS: readonly Key[] = ['ses', 'sendgrid', 'mailgun', 'postmark'];

for (const key of KEYS)
  channelContract<MailToSend>({
    name: key,
    now: NOW,
    open: (baseUrl, timeoutMs) => open(key, baseUrl, timeoutMs).channel,
    message: mail,
    fake: FAKES[key],
    secrets: [KEY_SECRET],
  });

let server: FakeServer | undefined;
let provider: MailProvider | undefined;
afterEach(async () => {
  await provider?.channel.close();
  await server?.close();
});
async function start(key: Key): Promise<{ readonly server: FakeServer; readonly provider: MailProvider }> {
  server = await startFakeServer(FAKES[key]);
  provider = open(key, server.url);
  return { server, provider };
}
const said = (outcome: SendOutcome): string =>
  outcome.kind === 'rejected' ? `${outcome.class} ${outcome.permanent ? 'for good' : 'today'}` : outcome.kind;

describe('what the providers are handed', () => {
  const dns = (name: string): Promise<string[][]> =>
    name === 'rk._domainkey.shop.example'
      ? Promise.resolve([[`v=DKIM1; k=rsa; p=${PUBLIC}`]])
      : Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  const signatures = async (raw: Buffer): Promise<readonly string[]> => {
    const { results } = await dkimVerify(raw, { resolver: dns, curTime: NOW });
    return results.map(({ status }) => status.result);
  };

  it('is our own mail with our own signature, where the provider takes one', async () => {
    const { server, provider } = await start('mailgun');
    expect(await provider.channel.send(mail(1))).toMatchObject({ kind: 'sent' });
    const sent = Buffer.from(formFields(server.seen[0]!).get('message')!);
    expect(await signatures(sent)).toEqual(['pass']);
    const parsed = await parseMail(sent);
    expect([parsed.subject, parsed.text?.trim()]).toEqual(['好久不见 1', '回来看看 1']);
    for (const [name, value] of Object.entries(LIST_HEADERS))
      expect([name, parsed.headers.find((header) => header.key === name)?.value]).toEqual([
        name,
        expect.stringMatching(value),
      ]);
  });

  it('keeps a valid signature when SES writes its own Message-ID and Date', async () => {
    const { server, provider } = await start('ses');
    expect(await provider.channel.send(mail(1))).toMatchObject({ kind: 'sent', providerId: '0102017f-ses-000000' });
    const raw = sesRaw(server.seen[0]!).toString('latin1');
    const rewritten = raw
      .replace(/^Message-ID: .*$/m, 'Message-ID: <0102017f-ses-000000@eu-west-1.amazonses.com>')
      .replace(/^Date: .*$/m, 'Date: Mon, 2 Mar 2026 12:00:03 +0000');
    expect(rewritten).not.toBe(raw);
    expect(await signatures(Buffer.from(rewritten, 'latin1'))).toEqual(['pass']);
    expect(/ h=([^;]*);/.exec(raw)![1]!.split(/\s*:\s*/)).toEqual(
      expect.arrayContaining(['from', 'list-unsubscribe', 'list-unsubscribe-post', 'feedback-id']),
    );
  });

  it.each(['sendgrid', 'postmark'] as const)('names every header of ours to %s, which writes the mail', async (key) => {
    const { server, provider } = await start(key);
    expect(await provider.channel.send(mail(1))).toMatchObject({ kind: 'sent' });
    const body = JSON.parse(server.seen[0]!.body) as SendgridBody & PostmarkBody;
    const headers =
      key === 'sendgrid' ? Object.entries(body.headers) : body.Headers.map(({ Name, Value }) => [Name, Value] as const);
    const lower = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
    for (const [name, value] of Object.entries(LIST_HEADERS))
      expect([name, lower[name]]).toEqual([name, expect.stringMatching(value)]);
    expect(key === 'sendgrid' ? body.content[1]!.value : body.HtmlBody).toBe('<p>回来看看 1</p>');
    expect(key === 'sendgrid' ? body.subject : body.Subject).toBe('好久不见 1');
  });

  it.each(KEYS)('%s is never asked about an address that is none, nor told a broken header', async (key) => {
    const { server, provider } = await start(key);
    expect(said(await provider.channel.send(mail(1, { to: { address: 'a b@example.net' } })))).toBe('address for good');
    expect(said(await provider.channel.send(mail(1, { unsubscribeUrl: 'http://shop.example/u/1' })))).toBe(
      'content for good',
    );
    expect(server.seen).toEqual([]);
    const injected = mail(2, {
      subject: 'hello\r\nBcc: evil@example.org',
      from: { name: 'A\r\nB', address: 'hi@shop.example' },
    });
    expect(await provider.channel.send(injected)).toMatchObject({ kind: 'sent' });
    const sent = key === 'ses' ? sesRaw(server.seen[0]!).toString() : server.seen[0]!.body;
    expect(sent).not.toMatch(/\nBcc:|\\nBcc/i);
  });
});

describe('what their refusals mean', () => {
  const aws = (status: number, type: string, message = type): FakeAnswer =>
    json(status, { message }, { 'x-amzn-errortype': type });
  const sg = (status: number, message: string, field: string | null = null): FakeAnswer =>
    json(status, { errors: [{ message, field }] });
  const mg = (status: number, message: string): FakeAnswer => json(status, { message });
  const pm = (status: number, ErrorCode: number, Message: string): FakeAnswer => json(status, { ErrorCode, Message });
  const cases: readonly (readonly [Key, FakeAnswer, string])[] = [
    ['ses', aws(400, 'MessageRejected', 'Email address is not verified.'), 'account today'],
    ['ses', aws(400, 'MessageRejected', 'Message content failed virus scan'), 'content today'],
    ['ses', aws(400, 'AccountSuspendedException'), 'account today'],
    ['ses', aws(400, 'SendingPausedException'), 'account today'],
    ['ses', aws(400, 'MailFromDomainNotVerifiedException'), 'account today'],
    ['ses', aws(404, 'NotFoundException', 'Configuration set does not exist'), 'account today'],
    ['ses', aws(400, 'LimitExceededException'), 'deferred'],
    ['ses', aws(429, 'TooManyRequestsException'), 'deferred'],
    ['ses', aws(403, 'InvalidSignatureException'), 'account today'],
    ['ses', aws(400, 'BadRequestException'), 'content today'],
    ['ses', aws(500, 'InternalFailure'), 'unknown'],
    ['sendgrid', sg(400, 'Does not contain a valid address.', 'personalizations.0.to.0.email'), 'address for good'],
    ['sendgrid', sg(403, 'The from address does not match a verified Sender Identity.', 'from'), 'account today'],
    ['sendgrid', sg(400, 'The from object must be provided', 'from.email'), 'account today'],
    ['sendgrid', sg(413, 'The JSON payload you have included in your request is too large.'), 'content today'],
    ['sendgrid', sg(401, 'Permission denied, wrong credentials'), 'account today'],
    ['sendgrid', sg(429, 'too many requests'), 'deferred'],
    ['sendgrid', sg(500, 'internal error'), 'unknown'],
    ['mailgun', mg(400, "'to' parameter is not a valid address. please check documentation"), 'address for good'],
    ['mailgun', mg(400, 'Domain mg.shop.example is not allowed to send: disabled'), 'account today'],
    ['mailgun', mg(400, 'message parameter is missing'), 'content today'],
    ['mailgun', { status: 401, body: 'Forbidden' }, 'account today'],
    ['mailgun', mg(402, 'Payment required'), 'account today'],
    ['mailgun', mg(404, 'Domain not found: mg.shop.example'), 'account today'],
    ['mailgun', mg(413, 'Request Entity Too Large'), 'content today'],
    ['mailgun', mg(429, 'too many requests'), 'deferred'],
    ['mailgun', mg(500, 'Internal Server Error'), 'unknown'],
    ['postmark', pm(422, 300, "Invalid 'To' address: 'x'."), 'address for good'],
    [
      'postmark',
      pm(422, 406, 'You tried to send to a recipient that has been marked as inactive.'),
      'address for good',
    ],
    ['postmark', pm(422, 400, 'The From address is not a Sender Signature'), 'account today'],
    ['postmark', pm(422, 405, 'Not allowed to send: no credits'), 'account today'],
    ['postmark', pm(422, 412, 'Your account is pending approval'), 'account today'],
    ['postmark', pm(422, 1235, 'The stream does not exist'), 'account today'],
    ['postmark', pm(422, 402, 'Invalid JSON'), 'content today'],
    ['postmark', pm(401, 10, 'bad token'), 'account today'],
    ['postmark', pm(429, 429, 'rate limited'), 'deferred'],
    ['postmark', pm(503, 100, 'maintenance'), 'deferred'],
    ['postmark', pm(500, 0, 'internal'), 'unknown'],
  ];
  it.each(cases)('%s %o is %s', async (key, trouble, meaning) => {
    const { server, provider } = await start(key);
    server.trouble = trouble;
    expect(said(await provider.channel.send(mail(1)))).toBe(meaning);
  });
});

describe('settings', () => {
  it('are read from the environment, and their secrets are never shown', () => {
    const environment = {
      REKINDLE_MAIL_PROVIDER: 'mailgun',
      REKINDLE_MAIL_KEY_SECRET: KEY_SECRET,
      REKINDLE_MAIL_DOMAIN: 'mg.shop.example',
      REKINDLE_MAIL_WEBHOOK_KEY: 'another-secret',
    };
    const settings = mailProviderOf(environment)!;
    expect(settings).toMatchObject({ provider: 'mailgun', region: 'us', webhookKey: 'another-secret' });
    expect(JSON.stringify(shownSettings(settings))).not.toMatch(/another-secret|the-secret/);
    expect(mailProviderOf({})).toBeUndefined();
    for (const wrong of [
      { ...environment, REKINDLE_MAIL_PROVIDER: 'pigeon' },
      { ...environment, REKINDLE_MAIL_REGION: 'mars' },
      { REKINDLE_MAIL_PROVIDER: 'sendgrid', REKINDLE_MAIL_KEY_SECRET: 'x', REKINDLE_MAIL_WEBHOOK_KEY: 'no key at all' },
      { REKINDLE_MAIL_PROVIDER: 'ses', REKINDLE_MAIL_KEY_SECRET: 'x', REKINDLE_MAIL_KEY_ID: 'x' },
    ])
      expect(() => mailProviderOf(wrong)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});
