// SMS providers against local servers that check each request as the real ones would (`test/support/sms-fakes.ts`).
import { createHash, createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/reach/channels/channel.ts';
import type { Outgoing } from '../../src/reach/channels/outgoing.ts';
import type { ProviderOptions, SmsProvider } from '../../src/reach/channels/sms/provider.ts';
import { smsProvider } from '../../src/reach/channels/sms/providers.ts';
import { parseSmsSettings } from '../../src/reach/channels/sms/settings.ts';
import {
  aliyunFake,
  SMS_SECRET,
  tencentFake,
  twilioFake,
  type AliyunState,
  type TencentState,
} from '../support/sms-fakes.ts';
import {
  channelContract,
  startFakeServer,
  type FakeAnswer,
  type FakeServer,
  type SeenRequest,
} from './channel.contract.ts';

const NOW = new Date('2026-03-02T04:00:00.000Z');
const SECRET = SMS_SECRET;
let nonces = 0;
const OPTIONS: ProviderOptions = {
  now: () => NOW,
  nonce: () => `nonce${++nonces}`,
  hookUrl: 'https://m.shop.example/hooks/sms/twilio/token',
  lookupAfterMs: [5, 5],
};
const COMMON = { signature: '山楂小铺', homeCountry: 'CN' };

const sms = (n: number, more: Partial<Outgoing<'sms'>> = {}): Outgoing<'sms'> => ({
  kind: 'sms',
  channel: 'sms',
  messageId: `msg_${n}`,
  programmeId: 'p',
  personId: `p${n}`,
  address: `+86138${String(10_000_000 + n)}`,
  addressKey: `k${n}`,
  endpoint: undefined,
  lang: 'zh',
  fields: {
    text: `好久不见，给您留了九折 ${n}`,
    providerTemplates: {
      aliyun: { id: 'SMS_1', params: { name: `客${n}` } },
      tencent: { id: '449739', params: { '2': 'b', '1': `客${n}` } },
    },
  },
  unsubscribeUrl: 'https://m.shop.example/u/x',
  now: NOW,
  expiresAt: new Date(NOW.getTime() + 3_600_000),
  ...more,
});

const json = (status: number, body: unknown): FakeAnswer => ({ status, body: JSON.stringify(body) });
// ---- 阿里云

const aliyun = (baseUrl: string, timeoutMs = 1_000, now = OPTIONS.now): SmsProvider =>
  smsProvider(
    parseSmsSettings({ provider: 'aliyun', keyId: 'LTAI-key', keySecret: SECRET, baseUrl, timeoutMs, ...COMMON }),
    { ...OPTIONS, now },
  );
const isAliyunSend = (request: SeenRequest): boolean => (request.headers['x-acs-action'] ?? '').startsWith('Send');

// ---- 腾讯云

const tencent = (baseUrl: string, timeoutMs = 1_000): SmsProvider =>
  smsProvider(
    parseSmsSettings({
      provider: 'tencent',
      keyId: 'AKID-key',
      keySecret: SECRET,
      appId: '1400006666',
      baseUrl,
      timeoutMs,
      ...COMMON,
    }),
    OPTIONS,
  );

// ---- Twilio

const twilio = (baseUrl: string, timeoutMs = 1_000): SmsProvider =>
  smsProvider(
    parseSmsSettings({
      provider: 'twilio',
      keyId: 'AC123',
      keySecret: SECRET,
      from: '+15005550006',
      baseUrl,
      timeoutMs,
      ...COMMON,
    }),
    OPTIONS,
  );

// ---- any other

const genericFake = (request: SeenRequest): FakeAnswer => {
  if (request.headers['x-api-key'] !== SECRET) return json(403, { ret: 'forbidden' });
  const body = JSON.parse(request.body) as Record<string, string>;
  if (!/^\+\d+$/.test(body['mobile'] ?? '') || !body['content']!.startsWith('【山楂小铺】'))
    return json(200, { ret: 'badnumber' });
  return json(200, { ret: 0, data: [{ msgid: `g-${body['mobile']}` }] });
};
const generic = (baseUrl: string, timeoutMs = 1_000): SmsProvider =>
  smsProvider(
    parseSmsSettings({
      provider: 'http',
      keySecret: SECRET,
      timeoutMs,
      ...COMMON,
      http: {
        url: `${baseUrl}/send`,
        headers: { 'X-Api-Key': '{{secret}}' },
        body: '{"mobile":"{{to}}","content":"{{text}}","ext":"{{messageId}}"}',
        success: { status: [200], rule: { path: 'ret', in: [0] } },
        idPath: 'data.0.msgid',
        errorPath: 'ret',
        deferred: ['busy'],
        badAddress: ['badnumber'],
        receipts: {
          idPath: 'msgid',
          phonePath: 'mobile',
          statusPath: 'state',
          delivered: ['DELIVRD'],
          failed: ['UNDELIV', 'MBBLACK', 'MK:0001', 'lost'],
        },
        inbound: { fromPath: 'from', textPath: 'text', idPath: 'id' },
      },
    }),
    OPTIONS,
  );

const subjects = {
  aliyun: { open: aliyun, fake: aliyunFake({ details: [], code: 'OK' }, () => NOW), isSend: isAliyunSend },
  tencent: { open: tencent, fake: tencentFake({ code: 'Ok', queue: [], replies: [] }, () => NOW), isSend: () => true },
  twilio: {
    open: twilio,
    fake: twilioFake({ error: undefined, messages: [] }),
    isSend: (request: SeenRequest) => request.method === 'POST',
  },
  http: { open: generic, fake: genericFake, isSend: () => true },
} as const;

for (const [name, { open, fake, isSend }] of Object.entries(subjects))
  channelContract<Outgoing<'sms'>>({
    name,
    now: NOW,
    open: (baseUrl, timeoutMs) => open(baseUrl, timeoutMs).channel,
    message: (n) => sms(n),
    fake,
    isSend,
    secrets: [SECRET],
  });

describe('each provider', () => {
  let server: FakeServer;
  let provider: SmsProvider;
  afterEach(async () => {
    await provider.channel.close();
    await server.close();
  });
  const start = async (
    open: (url: string) => SmsProvider,
    fake: (request: SeenRequest) => FakeAnswer,
    isSend?: (request: SeenRequest) => boolean,
  ): Promise<void> => {
    server = await startFakeServer(fake, isSend);
    provider = open(server.url);
  };
  const outcome = (message = sms(1)): Promise<SendOutcome> => provider.channel.send(message);

  describe('阿里云', () => {
    it.each([
      ['isv.BUSINESS_LIMIT_CONTROL', { kind: 'deferred', code: 'isv.BUSINESS_LIMIT_CONTROL' }],
      ['isv.MOBILE_NUMBER_ILLEGAL', { kind: 'rejected', class: 'address', permanent: true }],
      ['isv.SMS_CONTENT_ILLEGAL', { kind: 'rejected', class: 'content', permanent: false }],
      ['isv.AMOUNT_NOT_ENOUGH', { kind: 'rejected', class: 'account', permanent: false }],
      ['isv.SMS_SIGNATURE_ILLEGAL', { kind: 'rejected', class: 'account' }],
      ['isp.RAM_PERMISSION_DENY', { kind: 'rejected', class: 'account' }],
      ['isv.DAY_LIMIT_CONTROL', { kind: 'deferred', of: 'account', retryAfterSeconds: 1_800 }],
      ['Throttling.User', { kind: 'deferred', of: 'account' }],
      ['Throttling.User', { kind: 'deferred' }],
      ['isv.A_CODE_OF_TOMORROW', { kind: 'rejected', class: 'sender', permanent: false }],
    ])('%s', async (code, wanted) => {
      await start(
        aliyun,
        aliyunFake({ details: [], code }, () => NOW),
      );
      expect(await outcome()).toMatchObject(wanted);
    });

    it('sends those that come together in one request of at most 100, one alone by itself', async () => {
      await start(
        aliyun,
        aliyunFake({ details: [], code: 'OK' }, () => NOW),
      );
      const outcomes = await Promise.all(Array.from({ length: 130 }, (_, n) => outcome(sms(n))));
      expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
      const sizes = server.seen.map(
        (request) => (JSON.parse(request.query.get('PhoneNumberJson') ?? '[0]') as unknown[]).length,
      );
      expect(sizes.toSorted((a, b) => b - a)).toEqual([100, 30]);
      expect(await outcome()).toMatchObject({ kind: 'sent', providerId: '9006^1' });
      expect(server.seen.at(-1)!.query.get('OutId')).toBe('msg_1');
    });

    it('refuses nobody for another’s sake: a batch that is refused for one of its numbers leaves without it', async () => {
      const refuses = { '13810000007': 'isv.CUSTOMER_REFUSED', '13810000042': 'isv.PARAM_LENGTH_LIMIT' };
      await start(
        aliyun,
        aliyunFake({ details: [], code: 'OK', refuses }, () => NOW),
      );
      const outcomes = await Promise.all(Array.from({ length: 100 }, (_, n) => outcome(sms(n))));
      expect(outcomes[7]).toMatchObject({ kind: 'rejected', class: 'address', byHerself: true });
      expect(outcomes[42]).toMatchObject({ kind: 'rejected', class: 'content' });
      expect(outcomes.filter(({ kind }) => kind === 'sent')).toHaveLength(98);
      // Each number was taken in one request only.
      const taken = server.seen
        .map(
          ({ query }) =>
            [query.get('PhoneNumbers') ?? [], JSON.parse(query.get('PhoneNumberJson') ?? '[]')].flat() as string[],
        )
        .filter((phones) => !phones.some((phone) => phone in refuses))
        .flat();
      expect(taken).toHaveLength(98);
      expect(new Set(taken).size).toBe(98);
      // A template that is refused is refused for all: nobody is asked about again.
      server.seen.length = 0;
      const bad = { text: 'x', providerTemplates: { aliyun: { id: 'SMS_2', params: { name: 'x' } } } };
      expect(await outcome(sms(1, { fields: bad }))).toMatchObject({ kind: 'rejected', class: 'content' });
      expect(server.seen).toHaveLength(1);
    });

    it('leaves out of a batch whoever may not be texted any more', async () => {
      await start(
        aliyun,
        aliyunFake({ details: [], code: 'OK' }, () => NOW),
      );
      const outcomes = await Promise.all(
        [1, 2, 3].map((n) => provider.channel.send(sms(n), undefined, () => Promise.resolve(n !== 2))),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'unavailable', 'sent']);
      expect(server.seen[0]!.query.get('PhoneNumberJson')).toBe('["13810000001","13810000003"]');
    });

    it('looks the receipt up after silence: found is sent, not found is unknown, and nothing is sent twice', async () => {
      const state: AliyunState = { details: [], code: 'OK' };
      await start(
        aliyun,
        aliyunFake(state, () => NOW),
        isAliyunSend,
      );
      server.trouble = 'hang-up';
      expect(await outcome()).toMatchObject({ kind: 'unknown' });
      state.details.push({ PhoneNum: '13810000001', SendStatus: 1, OutId: 'msg_0', SendDate: '2026-03-02 12:00:00' });
      expect(await outcome()).toMatchObject({ kind: 'unknown' });
      state.details.push({ PhoneNum: '13810000001', SendStatus: 1, OutId: 'msg_1', SendDate: '2026-03-02 12:00:01' });
      expect(await outcome()).toMatchObject({ kind: 'sent', providerId: 'out:msg_1' });
      expect(server.seen.filter(isAliyunSend)).toHaveLength(3);
      expect(server.seen.at(-1)!.query.get('SendDate')).toBe('20260302');
    });

    it('looks on both sides of Beijing’s midnight', async () => {
      // Taken just before it, and looked for after the silence; claimed just before it, and taken just after.
      let at = new Date('2026-03-02T16:00:00.500Z');
      const state: AliyunState = {
        details: [
          { PhoneNum: '13810000001', SendStatus: 3, OutId: 'msg_1', SendDate: '2026-03-02 23:59:59' },
          { PhoneNum: '13810000002', SendStatus: 3, OutId: 'msg_2', SendDate: '2026-03-03 00:00:01' },
        ],
        code: 'OK',
      };
      server = await startFakeServer(
        aliyunFake(state, () => at),
        isAliyunSend,
      );
      provider = aliyun(server.url, 1_000, () => at);
      server.trouble = 'hang-up';
      expect(await outcome()).toMatchObject({ kind: 'sent', providerId: 'out:msg_1' });
      at = new Date('2026-03-02T16:20:00Z');
      const claimedAt = new Date('2026-03-02T15:59:59Z');
      const asked = { messageId: 'msg_2', providerId: null, phone: '+8613810000002', claimedAt };
      expect(await provider.ask([asked])).toMatchObject([{ messageId: 'msg_2', report: { state: 'delivered' } }]);
    });

    it('asks later what became of a text', async () => {
      const state: AliyunState = {
        details: [
          {
            PhoneNum: '13810000001',
            SendStatus: 3,
            OutId: 'msg_1',
            ErrCode: 'DELIVERED',
            SendDate: '2026-03-02 12:00:01',
            ReceiveDate: '2026-03-02 12:00:09',
          },
        ],
        code: 'OK',
      };
      await start(
        aliyun,
        aliyunFake(state, () => NOW),
      );
      const asked = { messageId: 'msg_1', providerId: null, phone: '+8613810000001', claimedAt: NOW };
      expect(await provider.ask([asked, { ...asked, messageId: 'msg_9', phone: '+8613810000009' }])).toEqual([
        {
          messageId: 'msg_1',
          providerId: 'out:msg_1',
          report: expect.objectContaining({ state: 'delivered', at: new Date('2026-03-02T04:00:09Z') }) as unknown,
        },
      ]);
    });

    it('reads what it pushes, and answers what it wants to hear', async () => {
      await start(
        aliyun,
        aliyunFake({ details: [], code: 'OK' }, () => NOW),
      );
      const push = (body: unknown) =>
        provider.read({ method: 'POST', url: 'https://x', headers: {}, body: JSON.stringify(body) }, NOW);
      // The fields of SmsReport and SmsUp as they are documented.
      const report = {
        phone_number: '13800000001',
        send_time: '2026-03-02 11:12:13',
        report_time: '2026-03-02 11:12:15',
        success: false,
        err_code: 'UNDELIV',
        err_msg: 'x',
        sms_size: '1',
        biz_id: '12345',
        out_id: 'msg_7',
      };
      const up = {
        phone_number: '13800000001',
        content: 'TD',
        send_time: '2026-03-02 11:20:00',
        dest_code: '1069',
        sequence_id: 1234,
      };
      expect(push([report, up])).toEqual({
        ok: true,
        value: {
          reports: [
            {
              providerId: '12345',
              messageId: 'msg_7',
              phone: '+8613800000001',
              state: 'failed',
              class: 'mailbox',
              permanent: false,
              code: 'UNDELIV',
              at: new Date('2026-03-02T03:12:15Z'),
            },
          ],
          inbound: [
            {
              phone: '+8613800000001',
              text: 'TD',
              to: '1069',
              at: new Date('2026-03-02T03:20:00Z'),
              dedupeKey: '1234',
              isAnswered: false,
            },
          ],
          answer: { contentType: 'application/json', body: '{"code":0,"msg":"成功"}' },
        },
      });
      expect(push({ hello: 1 })).toEqual({ ok: false, error: 'unreadable' });
    });
  });

  describe('腾讯云', () => {
    it.each([
      ['FailedOperation.PhoneNumberInBlacklist', { kind: 'rejected', class: 'address', permanent: true }],
      ['LimitExceeded.PhoneNumberDailyLimit', { kind: 'deferred' }],
      ['FailedOperation.InsufficientBalanceInSmsPackage', { kind: 'rejected', class: 'account' }],
      ['UnauthorizedOperation.SmsSdkAppIdVerifyFail', { kind: 'rejected', class: 'account' }],
      ['AuthFailure.SecretIdNotFound', { kind: 'rejected', class: 'account' }],
      ['LimitExceeded.AppMainlandChinaDailyLimit', { kind: 'deferred', of: 'account', retryAfterSeconds: 1_800 }],
      ['RequestLimitExceeded.UinLimitExceeded', { kind: 'deferred', of: 'account' }],
      ['FailedOperation.ContainSensitiveWord', { kind: 'rejected', class: 'content' }],
      ['InternalError.Timeout', { kind: 'unknown' }],
    ])('%s', async (code, wanted) => {
      await start(
        tencent,
        tencentFake({ code, queue: [], replies: [] }, () => NOW),
      );
      expect(await outcome()).toMatchObject(wanted);
    });

    it('fills the slots in the order of their numbers and sends our id along', async () => {
      await start(
        tencent,
        tencentFake({ code: 'Ok', queue: [], replies: [] }, () => NOW),
      );
      expect(await outcome()).toMatchObject({ kind: 'sent', providerId: '5000:+8613810000001' });
      expect(JSON.parse(server.seen[0]!.body)).toMatchObject({
        TemplateParamSet: ['客1', 'b'],
        SessionContext: 'msg_1',
      });
    });

    it('pulls reports and replies, each once', async () => {
      const state: TencentState = {
        code: 'Ok',
        queue: [
          {
            PhoneNumber: '+8613800000001',
            SerialNo: '5000:1',
            ReportStatus: 'SUCCESS',
            Description: 'DELIVRD',
            SessionContext: 'msg_1',
            UserReceiveTime: 1_772_424_000,
            CountryCode: '86',
            SubscriberNumber: '13800000001',
          },
        ],
        replies: [
          {
            PhoneNumber: '+8613800000001',
            ReplyContent: 'R',
            ReplyTime: 1_772_424_001,
            ExtendCode: '12',
            CountryCode: '86',
            SignName: '山楂小铺',
          },
        ],
      };
      await start(
        tencent,
        tencentFake(state, () => NOW),
      );
      expect(await provider.pull()).toMatchObject({
        reports: [{ providerId: '5000:1', messageId: 'msg_1', state: 'delivered', at: new Date(1_772_424_000_000) }],
        inbound: [{ phone: '+8613800000001', text: 'R', to: '12' }],
      });
      expect(await provider.pull()).toEqual({ reports: [], inbound: [] });
      // Their limit of one call is 100; what waits beyond it is asked for at once.
      state.queue = Array.from({ length: 250 }, (_, n) => ({
        PhoneNumber: '+8613800000001',
        SerialNo: `5000:${n}`,
        ReportStatus: 'SUCCESS',
      }));
      expect((await provider.pull()).reports).toHaveLength(250);
    });

    it('reads what it pushes, and answers what it wants to hear', async () => {
      await start(
        tencent,
        tencentFake({ code: 'Ok', queue: [], replies: [] }, () => NOW),
      );
      const push = (body: unknown) =>
        provider.read({ method: 'POST', url: 'https://x', headers: {}, body: JSON.stringify(body) }, NOW);
      const answer = { contentType: 'application/json', body: '{"result":0,"errmsg":"OK"}' };
      expect(
        push([
          {
            user_receive_time: '2026-03-02 11:12:15',
            nationcode: '86',
            mobile: '13800000001',
            report_status: 'FAIL',
            errmsg: 'user is off',
            description: 'x',
            sid: '5000:2',
          },
        ]),
      ).toMatchObject({
        ok: true,
        value: {
          answer,
          reports: [
            { providerId: '5000:2', state: 'failed', phone: '+8613800000001', at: new Date('2026-03-02T03:12:15Z') },
          ],
        },
      });
      expect(
        push({
          extend: '01',
          mobile: '13800000001',
          nationcode: '86',
          sign: '山楂小铺',
          text: '退订',
          time: 1_772_424_001,
        }),
      ).toMatchObject({
        ok: true,
        value: { answer, inbound: [{ phone: '+8613800000001', text: '退订' }] },
      });
      expect(push(['?'])).toEqual({ ok: false, error: 'unreadable' });
    });
  });

  describe('Twilio', () => {
    const abroad = sms(1, { address: '+14155552671', fields: { text: 'It has been a while.' }, lang: 'en' });

    it.each([
      [
        { status: 400, code: 21211 },
        { kind: 'rejected', class: 'address', permanent: true },
      ],
      [
        { status: 400, code: 21610 },
        { kind: 'rejected', class: 'address', permanent: true, byHerself: true },
      ],
      [
        { status: 401, code: 20003 },
        { kind: 'rejected', class: 'account' },
      ],
      [
        { status: 400, code: 21606 },
        { kind: 'rejected', class: 'account' },
      ],
      [
        { status: 403, code: 99_999 },
        { kind: 'rejected', class: 'account' },
      ],
      [
        { status: 403, code: 21408 },
        { kind: 'rejected', class: 'address', permanent: false },
      ],
      [
        { status: 429, code: 20429 },
        { kind: 'deferred', of: 'account' },
      ],
      [
        { status: 400, code: 21617 },
        { kind: 'rejected', class: 'content' },
      ],
    ])('%j', async (error, wanted) => {
      await start(twilio, twilioFake({ error, messages: [] }));
      expect(await outcome(abroad)).toMatchObject(wanted);
    });

    it('says who it is and how to stop, and where to report', async () => {
      await start(twilio, twilioFake({ error: undefined, messages: [] }));
      await outcome(abroad);
      const form = new URLSearchParams(server.seen[0]!.body);
      expect(form.get('Body')).toBe('山楂小铺: It has been a while. Reply STOP to opt out');
      expect(form.get('StatusCallback')).toBe('https://m.shop.example/hooks/sms/twilio/token?m=msg_1');
      expect(await outcome(sms(1, { fields: { text: '【假的】好' } }))).toMatchObject({
        kind: 'rejected',
        code: 'brackets',
      });
    });

    it('finds a text of which nobody answered, by its words', async () => {
      const message = {
        sid: 'SM1',
        date_sent: null,
        status: 'delivered',
        body: '山楂小铺: Hi Reply STOP to opt out',
        date_created: 'Mon, 02 Mar 2026 04:00:01 +0000',
        error_code: null,
      };
      const messages = [{ ...message, body: 'another' }];
      await start(twilio, twilioFake({ error: undefined, messages }), (request) => request.method === 'POST');
      const hi = sms(1, { address: '+14155552671', fields: { text: 'Hi' }, lang: 'en' });
      server.trouble = 'hang-up';
      expect(await outcome(hi)).toMatchObject({ kind: 'unknown' });
      messages.unshift(message);
      expect(await outcome(hi)).toMatchObject({ kind: 'sent', providerId: 'SM1' });
      const asked = { messageId: 'msg_1', providerId: 'SM1', phone: '+14155552671', claimedAt: NOW };
      expect(await provider.ask([asked])).toMatchObject([
        { messageId: 'msg_1', providerId: 'SM1', report: { state: 'delivered' } },
      ]);
      expect(await provider.ask([{ ...asked, providerId: null }])).toEqual([]);
    });

    it('believes only what Twilio signed', async () => {
      await start(twilio, twilioFake({ error: undefined, messages: [] }));
      const url = 'https://m.shop.example/hooks/sms/twilio/token?m=msg_1';
      const push = (form: Record<string, string>, secret = SECRET) => {
        const text =
          url +
          Object.keys(form)
            .toSorted()
            .map((name) => name + form[name])
            .join('');
        const signature = createHmac('sha1', secret).update(text).digest('base64');
        return provider.read(
          {
            method: 'POST',
            url,
            headers: { 'x-twilio-signature': signature },
            body: new URLSearchParams(form).toString(),
          },
          NOW,
        );
      };
      expect(
        push({ MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30005', To: '+14155552671' }),
      ).toMatchObject({
        ok: true,
        value: {
          reports: [
            {
              providerId: 'SM1',
              messageId: 'msg_1',
              state: 'failed',
              class: 'address',
              permanent: true,
              code: '30005',
            },
          ],
        },
      });
      expect(push({ MessageSid: 'SM1', MessageStatus: 'sent', To: '+14155552671' })).toMatchObject({
        ok: true,
        value: { reports: [] },
      });
      expect(
        push({
          MessageSid: 'SM2',
          SmsStatus: 'received',
          From: '+14155552671',
          To: '+15005550006',
          Body: 'STOP',
          OptOutType: 'STOP',
        }),
      ).toMatchObject({
        ok: true,
        value: { inbound: [{ phone: '+14155552671', text: 'STOP', isAnswered: true, dedupeKey: 'SM2' }] },
      });
      // A keyword of the business's own: only Twilio knows that it means STOP.
      expect(
        push({ MessageSid: 'SM4', From: '+14155552671', To: '+15005550006', Body: 'PARA YA', OptOutType: 'STOP' }),
      ).toMatchObject({ ok: true, value: { inbound: [{ text: 'PARA YA', meaning: 'stop', isAnswered: true }] } });
      expect(push({ MessageSid: 'SM1', MessageStatus: 'delivered' }, 'guessed')).toEqual({
        ok: false,
        error: 'not_authentic',
      });
    });
  });

  describe('Twilio’s JSON', () => {
    const HOOK = 'https://m.shop.example/hooks/sms/twilio/token';
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const read = (body: string, url: string, given: { readonly signed?: string; readonly type?: string } = {}) =>
      provider.read(
        {
          method: 'POST',
          url,
          headers: {
            'content-type': given.type ?? 'application/json',
            // Over the address alone: the body's hash is in it.
            'x-twilio-signature': createHmac('sha1', SECRET)
              .update(given.signed ?? url)
              .digest('base64'),
          },
          body,
        },
        NOW,
      );
    const event = (type: string, data: Readonly<Record<string, unknown>>) => ({
      specversion: '1.0',
      type: `com.twilio.messaging.${type}`,
      source: '/2010-04-01/Accounts/AC123/Messages/SM1.json',
      id: 'EZ1',
      dataschema: 'https://events-schemas.twilio.com/Messaging.MessageStatus/8',
      datacontenttype: 'application/json',
      time: '2026-03-02T03:59:00.000Z',
      data: {
        messageSid: 'SM1',
        accountSid: 'AC123',
        timestamp: '2026-03-02T03:58:00.000Z',
        from: '+15005550006',
        to: '+14155552671',
        ...data,
      },
    });
    const EVENTS = JSON.stringify([
      event('message.undelivered', { messageStatus: 'UNDELIVERED', errorCode: 30005 }),
      event('message.sent', { messageStatus: 'SENT' }),
      event('inbound-message.received', { messageSid: 'SM2', from: '+14155552671', to: '+15005550006', body: 'STOP' }),
      event('inbound-message.received', { messageSid: 'SM3', from: 'whatsapp:+14155552671', body: 'STOP' }),
    ]);
    const url = `${HOOK}?bodySHA256=${sha256(EVENTS)}`;
    beforeEach(() => start(twilio, twilioFake({ error: undefined, messages: [] })));

    it('is believed when address and hash are signed, and says what became of texts and what people wrote', () => {
      expect(read(EVENTS, url)).toMatchObject({
        ok: true,
        value: {
          reports: [
            {
              providerId: 'SM1',
              messageId: undefined,
              phone: '+14155552671',
              state: 'failed',
              class: 'address',
              permanent: true,
              at: new Date('2026-03-02T03:58:00.000Z'),
            },
          ],
          inbound: [{ phone: '+14155552671', text: 'STOP', dedupeKey: 'SM2', isAnswered: false }],
        },
      });
      const one = JSON.stringify(event('message.delivered', { messageStatus: 'DELIVERED' }));
      expect(read(one, `${HOOK}?bodySHA256=${sha256(one)}`)).toMatchObject({
        ok: true,
        value: { reports: [{ providerId: 'SM1', state: 'delivered' }], inbound: [] },
      });
    });

    it.each([
      ['another body under the same address', EVENTS.replace('STOP', 'START'), url, {}],
      ['a space more', `${EVENTS} `, url, {}],
      ['a hash that is nobody’s', EVENTS, `${HOOK}?bodySHA256=0`, {}],
      ['an empty hash', EVENTS, `${HOOK}?bodySHA256=`, {}],
      ['no hash at all', EVENTS, HOOK, {}],
      ['no hash, and words that it is a form', EVENTS, HOOK, { type: 'application/x-www-form-urlencoded' }],
      ['the right hash in an address that was not signed', EVENTS, url, { signed: HOOK }],
      ['a signature of the address of another body', EVENTS, url, { signed: `${HOOK}?bodySHA256=${sha256('[]')}` }],
    ] as const)('is refused: %s', (_what, body, address, given) => {
      expect(read(body, address, given)).toEqual({ ok: false, error: 'not_authentic' });
    });

    it('that Twilio signed and that is no event is called unreadable', () => {
      const body = '{"hello":1}';
      expect(read(body, `${HOOK}?bodySHA256=${sha256(body)}`)).toEqual({ ok: false, error: 'unreadable' });
    });
  });

  describe('a provider described by data', () => {
    it('reads ids, reports and texts where the rules say', async () => {
      await start(generic, genericFake);
      expect(await outcome()).toMatchObject({ kind: 'sent', providerId: 'g-+8613810000001' });
      expect((JSON.parse(server.seen[0]!.body) as { content: string }).content).toBe(
        '【山楂小铺】好久不见，给您留了九折 1，回复TD退订',
      );
      const push = (body: string) => provider.read({ method: 'POST', url: 'https://x', headers: {}, body }, NOW);
      expect(push(JSON.stringify([{ msgid: 'g-1', mobile: '13800000001', state: 'DELIVRD' }]))).toMatchObject({
        ok: true,
        value: { reports: [{ providerId: 'g-1', phone: '+8613800000001', state: 'delivered' }] },
      });
      expect(push('from=13800000001&text=%E9%80%80%E8%AE%A2&id=7')).toMatchObject({
        ok: true,
        value: { inbound: [{ phone: '+8613800000001', text: '退订', dedupeKey: '7' }] },
      });
    });

    it('knows a mainland gateway’s words for a refusal and for a number that is none; any other failure is a phone that is off', async () => {
      await start(generic, genericFake);
      const faultOf = (state: string) => {
        const body = JSON.stringify({ msgid: 'g-1', mobile: '13800000001', state });
        const read = provider.read({ method: 'POST', url: 'https://x', headers: {}, body }, NOW);
        return read.ok ? read.value.reports[0] : read.error;
      };
      expect(faultOf('MBBLACK')).toMatchObject({ class: 'address', permanent: true, byHerself: true, code: 'MBBLACK' });
      expect(faultOf('MK:0001')).toMatchObject({ class: 'address', permanent: true });
      for (const state of ['UNDELIV', 'lost'])
        expect(faultOf(state)).toMatchObject({ class: 'mailbox', permanent: false });
    });

    it('takes words for what the rules say they are', async () => {
      await start(generic, () => json(200, { ret: 'busy' }));
      expect(await outcome()).toMatchObject({ kind: 'deferred', code: 'busy' });
      await provider.channel.close();
      await server.close();
      await start(generic, () => json(200, { ret: 'badnumber' }));
      expect(await outcome()).toMatchObject({ kind: 'rejected', class: 'address', permanent: true });
    });

    it('cannot be broken out of by a name', async () => {
      await start(generic, genericFake);
      expect(await outcome(sms(1, { fields: { text: 'a","mobile":"+1' } }))).toMatchObject({ kind: 'sent' });
      expect(JSON.parse(server.seen[0]!.body)).toMatchObject({ mobile: '+8613810000001', ext: 'msg_1' });
    });
  });

  it('refuses a number that cannot be texted before it asks anybody', async () => {
    await start(twilio, twilioFake({ error: undefined, messages: [] }));
    expect(await outcome(sms(1, { address: '+862112345678' }))).toMatchObject({ kind: 'rejected', code: 'not_mobile' });
    expect(server.seen).toEqual([]);
  });
});
