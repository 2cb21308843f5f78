// What the four providers report, read from their documented bodies: proved or refused with the reason, and judged by the one bounce policy.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signedBySns, SNS_TEST_CERTIFICATE } from '../../../../../test/support/sns-certificate.ts';
import { signAddressToken } from '../../../tracking/token.ts';
import type { HookRequest, MailProvider } from './provider.ts';
import { mailProvider } from './providers.ts';
import { parseMailProvider } from './settings.ts';

const NOW = new Date('2026-12-20T12:00:00.000Z');
const SECRET = 'a secret for tests';
const ID = 'msg_01arz3ndektsv4rrffq69g5fav';
const TOKEN = signAddressToken(SECRET, ID);
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:ses';
const fetched: string[] = [];
const open = (settings: object): MailProvider =>
  mailProvider(parseMailProvider({ keySecret: 'k', ...settings }), {
    now: () => NOW,
    secret: SECRET,
    dkimKeys: [],
    fetchText: (url) => {
      fetched.push(url);
      return Promise.resolve(SNS_TEST_CERTIFICATE);
    },
  });
async function told(provider: MailProvider, request: HookRequest, now = NOW): Promise<unknown> {
  const read = await provider.read(request, now);
  return read.ok
    ? read.value.map((report) =>
        report.kind === 'bounced'
          ? `bounced ${report.verdict.action} ${report.status}`.trim()
          : `${report.kind}${report.recipient === undefined ? '' : ` ${report.recipient}`}`,
      )
    : read.error;
}

describe('Amazon SES through SNS', () => {
  const ses = open({ provider: 'ses', keyId: 'x', region: 'eu-west-1', topicArn: TOPIC });
  const signed = (more: Record<string, unknown> = {}): HookRequest => signedBySns({ TopicArn: TOPIC, ...more });
  const event = (body: object, more: object = {}): HookRequest =>
    signed({
      Message: JSON.stringify({ mail: { messageId: 'ses-1', tags: { rekindle: [TOKEN] } }, ...body }),
      ...more,
    });
  const bounce = (bounceType: string, recipients: readonly object[], bounceSubType = 'General'): HookRequest =>
    event({
      eventType: 'Bounce',
      bounce: {
        bounceType,
        bounceSubType,
        bouncedRecipients: recipients,
        timestamp: '2026-12-20T11:58:00.000Z',
        feedbackId: 'x',
      },
    });

  it.each(['1', '2'])('is proved by signature version %s', async (SignatureVersion) => {
    expect(
      await told(
        ses,
        event({ eventType: 'Delivery', delivery: { recipients: ['mia@example.net'] } }, { SignatureVersion }),
      ),
    ).toEqual(['delivered']);
    expect(await told(ses, event({ eventType: 'Delivery' }, { SignatureVersion, Subject: undefined }))).toEqual([]);
  });

  it('is refused with a forged field, another topic, a certificate from elsewhere, an old signature', async () => {
    const good = JSON.parse(event({ eventType: 'Send' }).body) as Record<string, unknown>;
    const forged = { headers: {}, body: JSON.stringify({ ...good, Message: '{"eventType":"Bounce"}' }) };
    expect(await told(ses, forged)).toBe('not_authentic');
    expect(await told(ses, event({ eventType: 'Send' }, { TopicArn: 'arn:aws:sns:eu-west-1:1:other' }))).toBe(
      'not_authentic',
    );
    for (const SigningCertURL of [
      'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
      'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem',
      'https://evil.example/SimpleNotificationService-1.pem',
      'https://x@sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
      'https://sns.eu-west-1.amazonaws.com/mine.pem',
      'https://mybucket.s3.amazonaws.com/SimpleNotificationService-1.pem',
    ]) {
      fetched.length = 0;
      expect(await told(ses, event({ eventType: 'Send' }, { SigningCertURL }))).toBe('not_authentic');
      expect(fetched).toEqual([]);
    }
    expect(await told(ses, event({ eventType: 'Send' }, { Timestamp: '2026-12-18T12:00:00.000Z' }))).toBe('too_old');
    expect(await told(ses, event({ eventType: 'Send' }, { Timestamp: '2026-12-20T13:00:00.000Z' }))).toBe('too_old');
    expect(await told(ses, { headers: {}, body: 'hello' })).toBe('unreadable');
    expect(await told(ses, signed({ Message: 'not an event' }))).toBe('unreadable');
  });

  it('confirms a subscription at Amazon, and nowhere else', async () => {
    const confirm = (SubscribeURL: string): HookRequest =>
      signed({ Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL });
    fetched.length = 0;
    const url = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t';
    expect(await told(ses, confirm(url))).toEqual([]);
    expect(fetched).toContain(url);
    expect(await told(ses, confirm('https://169.254.169.254/latest'))).toBe('not_authentic');
    expect(await told(ses, signed({ Type: 'UnsubscribeConfirmation', Token: 't', SubscribeURL: url }))).toEqual([]);
    expect(
      await told(ses, signed({ Message: 'Successfully validated SNS topic for Amazon SES event publishing.' })),
    ).toEqual([]);
  });

  it('reads every kind, one recipient or many', async () => {
    const mia = { emailAddress: 'mia@example.net', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' };
    expect(await told(ses, bounce('Permanent', [mia]))).toEqual(['bounced suppress_address 5.1.1']);
    expect(await told(ses, bounce('Permanent', [{ emailAddress: 'mia@example.net' }], 'NoEmail'))).toEqual([
      'bounced suppress_address',
    ]);
    expect(
      await told(
        ses,
        bounce('Permanent', [
          {
            ...mia,
            status: '5.7.515',
            diagnosticCode: 'smtp; 550 5.7.515 Access denied, sending domain does not pass DMARC',
          },
        ]),
      ),
    ).toEqual(['bounced pause_sender 5.7.515']);
    expect(await told(ses, bounce('Transient', [mia], 'MailboxFull'))).toEqual(['bounced soft_bounce 5.1.1']);
    expect(await told(ses, bounce('Transient', [mia], 'MessageTooLarge'))).toEqual(['bounced fix_content 5.1.1']);
    expect(await told(ses, bounce('Undetermined', [mia]))).toEqual(['bounced soft_bounce 5.1.1']);
    expect(await told(ses, bounce('Permanent', [mia, { emailAddress: 'bo@example.net' }]))).toHaveLength(2);
    const complaint = (more: object): HookRequest =>
      event({
        notificationType: 'Complaint',
        complaint: { complainedRecipients: [{ emailAddress: 'a@x.org' }, { emailAddress: 'b@x.org' }], ...more },
      });
    expect(await told(ses, complaint({}))).toEqual(['complained a@x.org', 'complained b@x.org']);
    expect(await told(ses, complaint({ complaintFeedbackType: 'not-spam' }))).toEqual([]);
    expect(await told(ses, complaint({ complaintFeedbackType: 'auth-failure' }))).toEqual([]);
    expect(await told(ses, event({ eventType: 'Reject', reject: { reason: 'Bad content' } }))).toEqual([
      'bounced fix_content',
    ]);
    expect(await told(ses, event({ eventType: 'Rendering Failure', failure: { errorMessage: 'x' } }))).toEqual([
      'bounced fix_content',
    ]);
    expect(
      await told(
        ses,
        event({ eventType: 'Subscription', subscription: { newTopicPreferences: { unsubscribeAll: true } } }),
      ),
    ).toEqual(['unsubscribed']);
    for (const eventType of ['Open', 'Click', 'Send', 'DeliveryDelay'])
      expect(await told(ses, event({ eventType }))).toEqual([]);
  });
});

describe('SendGrid', () => {
  it('accepts the signed example SendGrid publishes with its libraries', async () => {
    // https://github.com/sendgrid/sendgrid-nodejs, packages/eventwebhook: key, signature, time and body as they stand there.
    const provider = open({
      provider: 'sendgrid',
      webhookKey:
        'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
    });
    const request: HookRequest = {
      headers: {
        'x-twilio-email-event-webhook-signature':
          'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
        'x-twilio-email-event-webhook-timestamp': '1600112502',
      },
      body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
    };
    const then = new Date(1_600_112_502_000);
    expect(await told(provider, request, then)).toEqual(['bounced suppress_address']);
    const read = await provider.read(request, then);
    expect(read.ok && read.value[0]).toMatchObject({ providerId: 'LRzXl_NHStOGhQ4kofSm_A', messageId: undefined });
    expect(await told(provider, { ...request, body: request.body.trim() }, then)).toBe('not_authentic');
    expect(await told(provider, request, NOW)).toBe('too_old');
  });

  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const provider = open({
    provider: 'sendgrid',
    webhookKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  });
  const signed = (body: string, timestamp = String(NOW.getTime() / 1000)): HookRequest => ({
    headers: {
      'x-twilio-email-event-webhook-signature': sign('sha256', Buffer.from(timestamp + body), privateKey).toString(
        'base64',
      ),
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
    body,
  });
  const one = (more: object): HookRequest =>
    signed(JSON.stringify([{ sg_event_id: 'e', timestamp: 1_795_176_000, rekindle: TOKEN, ...more }]));

  it.each([
    [{ event: 'delivered' }, ['delivered']],
    [
      { event: 'bounce', type: 'bounce', status: '5.1.1', reason: '550 5.1.1 no such user' },
      ['bounced suppress_address 5.1.1'],
    ],
    [
      { event: 'bounce', type: 'blocked', status: '5.7.1', reason: '550 5.7.1 blocked' },
      ['bounced pause_sender 5.7.1'],
    ],
    [{ event: 'bounce', type: 'blocked', reason: '550 user unknown' }, ['bounced soft_bounce']],
    [{ event: 'bounce', type: 'bounce', status: '5.2.2', reason: '552 over quota' }, ['bounced soft_bounce 5.2.2']],
    [{ event: 'dropped', reason: 'Unsubscribed Address' }, ['unsubscribed']],
    [{ event: 'dropped', reason: 'Spam Reporting Address' }, ['complained']],
    [{ event: 'spamreport' }, ['complained']],
    [{ event: 'unsubscribe' }, ['unsubscribed']],
    [{ event: 'group_unsubscribe' }, ['unsubscribed']],
    [{ event: 'deferred' }, []],
    [{ event: 'open' }, []],
  ])('reads %o', async (body, expected) => {
    expect(await told(provider, one(body))).toEqual(expected);
  });

  it('refuses what is not signed, or not by this key, and takes nothing without a key', async () => {
    expect(await told(provider, { headers: {}, body: '[]' })).toBe('not_authentic');
    const request = one({ event: 'spamreport' });
    for (const signature of ['AAAA', '', 'MEUCIGHQVtGj'])
      expect(
        await told(provider, {
          ...request,
          headers: { ...request.headers, 'x-twilio-email-event-webhook-signature': signature },
        }),
      ).toBe('not_authentic');
    expect(await told(open({ provider: 'sendgrid' }), request)).toBe('not_authentic');
    expect(await told(provider, signed('{"not":"a list"}'))).toBe('unreadable');
  });
});

describe('Mailgun', () => {
  const provider = open({ provider: 'mailgun', domain: 'mg.shop.example', webhookKey: 'signing-key' });
  const hook = (data: object, more: { timestamp?: string; token?: string; key?: string } = {}): HookRequest => {
    const { timestamp = String(NOW.getTime() / 1000), token = 'a'.repeat(50), key = 'signing-key' } = more;
    const signature = createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex');
    return {
      headers: {},
      body: JSON.stringify({
        signature: { timestamp, token, signature },
        'event-data': { 'user-variables': { rekindle: TOKEN }, timestamp: 1_795_176_000.5, ...data },
      }),
    };
  };
  it.each([
    [{ event: 'delivered' }, ['delivered']],
    [
      {
        event: 'failed',
        severity: 'permanent',
        reason: 'bounce',
        'delivery-status': { code: 550, message: '5.1.1 The email account does not exist' },
      },
      ['bounced suppress_address 5.1.1'],
    ],
    [
      { event: 'failed', severity: 'permanent', reason: 'suppress-bounce', 'delivery-status': { code: 605 } },
      ['bounced suppress_address'],
    ],
    [
      {
        event: 'failed',
        severity: 'permanent',
        'delivery-status': { code: 550, 'enhanced-code': '5.7.26', message: 'unauthenticated' },
      },
      ['bounced pause_sender 5.7.26'],
    ],
    [
      { event: 'failed', severity: 'temporary', 'delivery-status': { code: 452, message: '4.2.2 over quota' } },
      ['bounced soft_bounce 4.2.2'],
    ],
    [{ event: 'complained' }, ['complained']],
    [{ event: 'unsubscribed' }, ['unsubscribed']],
    [{ event: 'opened' }, []],
  ])('reads %o', async (data, expected) => {
    expect(await told(provider, hook(data))).toEqual(expected);
  });
  it('refuses a wrong key, an old signature and no signature', async () => {
    expect(await told(provider, hook({ event: 'complained' }, { key: 'other' }))).toBe('not_authentic');
    expect(await told(provider, hook({ event: 'complained' }, { timestamp: '1700000000' }))).toBe('too_old');
    expect(await told(provider, { headers: {}, body: '{"event-data":{"event":"complained"}}' })).toBe('unreadable');
  });
});

describe('Postmark', () => {
  const provider = open({ provider: 'postmark', webhookKey: 'hook:a-long-password' });
  const hook = (body: object, password = 'a-long-password'): HookRequest => ({
    headers: { authorization: `Basic ${Buffer.from(`hook:${password}`).toString('base64')}` },
    body: JSON.stringify({ MessageID: '883953f4', Metadata: { rekindle: TOKEN }, ...body }),
  });
  const bounced = (Type: string, Details = ''): HookRequest =>
    hook({
      RecordType: 'Bounce',
      ID: 42,
      Type,
      Details,
      BouncedAt: '2026-12-20T11:00:00.2735393-00:00',
      Inactive: true,
    });
  it.each([
    ['HardBounce', 'smtp;550 5.1.1 unknown user', ['bounced suppress_address 5.1.1']],
    ['HardBounce', '', ['bounced suppress_address']],
    ['HardBounce', 'smtp;550 5.7.515 sending domain does not pass', ['bounced pause_sender 5.7.515']],
    ['Transient', '', ['bounced soft_bounce']],
    ['SoftBounce', '', ['bounced soft_bounce']],
    ['Blocked', '', ['bounced pause_sender']],
    ['DMARCPolicy', '', ['bounced pause_sender']],
    ['SpamNotification', '', ['bounced fix_content']],
    ['SpamComplaint', '', ['complained']],
    ['Unsubscribe', '', ['unsubscribed']],
    ['AutoResponder', '', []],
  ])('reads a bounce of type %s %s', async (type, details, expected) => {
    expect(await told(provider, bounced(type, details))).toEqual(expected);
  });
  it('reads complaints and changes of subscription; one that lets in again gives no consent', async () => {
    const change = (SuppressSending: boolean, SuppressionReason: string | null): HookRequest =>
      hook({
        RecordType: 'SubscriptionChange',
        SuppressSending,
        SuppressionReason,
        ChangedAt: '2026-12-20T11:00:00Z',
        Origin: 'Recipient',
      });
    expect(
      await told(provider, hook({ RecordType: 'SpamComplaint', ID: 1, BouncedAt: '2026-12-20T11:00:00Z' })),
    ).toEqual(['complained']);
    expect(await told(provider, change(true, 'ManualSuppression'))).toEqual(['unsubscribed']);
    expect(await told(provider, change(true, 'HardBounce'))).toEqual(['bounced suppress_address']);
    expect(await told(provider, change(true, 'SpamComplaint'))).toEqual(['complained']);
    expect(await told(provider, change(false, null))).toEqual([]);
    expect(await told(provider, hook({ RecordType: 'Delivery', DeliveredAt: '2026-12-20T11:00:00Z' }))).toEqual([
      'delivered',
    ]);
  });
  it('refuses a wrong password, an old report, and everything while no password is set', async () => {
    expect(await told(provider, { ...bounced('HardBounce'), headers: {} })).toBe('not_authentic');
    expect(await told(provider, hook({ RecordType: 'SpamComplaint' }, 'wrong-password'))).toBe('not_authentic');
    expect(await told(open({ provider: 'postmark' }), bounced('HardBounce'))).toBe('not_authentic');
    expect(await told(provider, hook({ RecordType: 'SpamComplaint', ID: 1, BouncedAt: '2026-10-01T11:00:00Z' }))).toBe(
      'too_old',
    );
    expect(await told(provider, { ...bounced('HardBounce'), body: '[]' })).toBe('unreadable');
  });
});
