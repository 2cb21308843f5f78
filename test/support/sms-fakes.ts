// 阿里云, 腾讯云 and Twilio as their servers are: the signature is recomputed from what arrived, by the published algorithm; required fields and
// limits are held; refusals are the documented ones. Each takes one account, sign and template, and answers as its state says.
import { createHash, createHmac } from 'node:crypto';
import type { FakeAnswer, SeenRequest } from '../contract/channel.contract.ts';

/** The secret key of all three accounts. */
export const SMS_SECRET = 'the-secret-of-the-account';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const json = (status: number, body: unknown): FakeAnswer => ({ status, body: JSON.stringify(body) });
const rfc3986 = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.codePointAt(0)!.toString(16).toUpperCase()}`);

export type AliyunState = {
  details: Record<string, unknown>[];
  code: string;
  /** Of a number: what it refuses any request with. */
  refuses?: Readonly<Record<string, string>>;
};
export const aliyunFake =
  (state: AliyunState, now: () => Date) =>
  (request: SeenRequest): FakeAnswer => {
    const problem = (status: number, code: string) => json(status, { Code: code, Message: code, RequestId: 'r' });
    const auth = /^ACS3-HMAC-SHA256 Credential=(\S+),SignedHeaders=(\S+),Signature=([0-9a-f]{64})$/.exec(
      request.headers['authorization'] ?? '',
    );
    if (auth === null) return problem(400, 'MissingAuthorization');
    const names = auth[2]!.split(';');
    for (const needed of [
      'host',
      'x-acs-action',
      'x-acs-date',
      'x-acs-signature-nonce',
      'x-acs-version',
      'x-acs-content-sha256',
    ])
      if (!names.includes(needed)) return problem(400, `Unsigned.${needed}`);
    if (Math.abs(Date.parse(request.headers['x-acs-date']!) - now().getTime()) > 15 * 60_000)
      return problem(400, 'InvalidTimeStamp.Expired');
    if (request.headers['x-acs-content-sha256'] !== sha256(request.body)) return problem(400, 'InvalidContentSha256');
    const query = [...request.query]
      .map(([name, value]) => `${rfc3986(name)}=${rfc3986(value)}`)
      .toSorted()
      .join('&');
    const canonical = `${request.method}\n/\n${query}\n${names.map((name) => `${name}:${request.headers[name]}\n`).join('')}\n${auth[2]}\n${request.headers['x-acs-content-sha256']}`;
    const signature = hmac(SMS_SECRET, `ACS3-HMAC-SHA256\n${sha256(canonical)}`).toString('hex');
    if (auth[1] !== 'LTAI-key' || signature !== auth[3]) return problem(400, 'SignatureDoesNotMatch');
    if (request.headers['x-acs-version'] !== '2017-05-25') return problem(400, 'InvalidVersion');
    const field = (name: string): string => request.query.get(name) ?? '';
    const isMobile = (phone: string): boolean => /^1\d{10}$/.test(phone);
    const refusalOf = (phones: readonly string[]): string | undefined =>
      phones.flatMap((phone) => state.refuses?.[phone] ?? [])[0];
    switch (request.headers['x-acs-action']) {
      case 'SendSms': {
        const phones = field('PhoneNumbers').split(',');
        if (phones.length > 1_000) return problem(200, 'isv.MOBILE_COUNT_OVER_LIMIT');
        if (!phones.every(isMobile)) return problem(200, 'isv.MOBILE_NUMBER_ILLEGAL');
        const refused = refusalOf(phones);
        if (refused !== undefined) return problem(200, refused);
        if (field('SignName') !== '山楂小铺') return problem(200, 'isv.SMS_SIGNATURE_ILLEGAL');
        if (field('TemplateCode') !== 'SMS_1') return problem(200, 'isv.SMS_TEMPLATE_ILLEGAL');
        if (Object.keys(JSON.parse(field('TemplateParam')) as object).join() !== 'name')
          return problem(200, 'isv.TEMPLATE_MISSING_PARAMETERS');
        return json(200, {
          Code: state.code,
          Message: state.code,
          RequestId: 'r',
          ...(state.code === 'OK' ? { BizId: '9006^1' } : {}),
        });
      }
      case 'SendBatchSms': {
        const phones = JSON.parse(field('PhoneNumberJson')) as string[];
        const signs = JSON.parse(field('SignNameJson')) as string[];
        const params = JSON.parse(field('TemplateParamJson')) as object[];
        if (phones.length > 100) return problem(200, 'isv.MOBILE_COUNT_OVER_LIMIT');
        if (signs.length !== phones.length || params.length !== phones.length)
          return problem(200, 'isv.PARAM_LENGTH_LIMIT');
        if (!phones.every(isMobile)) return problem(200, 'isv.MOBILE_NUMBER_ILLEGAL');
        const refused = refusalOf(phones);
        if (refused !== undefined) return problem(200, refused);
        return json(200, { Code: 'OK', Message: 'OK', RequestId: 'r', BizId: '9006^batch' });
      }
      case 'QuerySendDetails': {
        if (!/^\d{8}$/.test(field('SendDate')) || Number(field('PageSize')) > 50)
          return problem(200, 'isv.INVALID_PARAMETERS');
        return json(200, {
          Code: 'OK',
          TotalCount: state.details.length,
          SmsSendDetailDTOs: {
            SmsSendDetailDTO: state.details.filter(
              (detail) =>
                detail['PhoneNum'] === field('PhoneNumber') &&
                String(detail['SendDate']).slice(0, 10).replaceAll('-', '') === field('SendDate'),
            ),
          },
        });
      }
      default:
        return problem(404, 'InvalidAction.NotFound');
    }
  };
export type TencentState = { code: string; queue: unknown[]; replies: unknown[] };
export const tencentFake =
  (state: TencentState, now: () => Date) =>
  (request: SeenRequest): FakeAnswer => {
    const problem = (code: string) => json(200, { Response: { Error: { Code: code, Message: code }, RequestId: 'r' } });
    const auth =
      /^TC3-HMAC-SHA256 Credential=(\S+?)\/(\d{4}-\d\d-\d\d)\/sms\/tc3_request, SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
        request.headers['authorization'] ?? '',
      );
    const timestamp = Number(request.headers['x-tc-timestamp']);
    if (auth === null) return problem('AuthFailure.InvalidAuthorization');
    if (Math.abs(timestamp * 1000 - now().getTime()) > 300_000) return problem('AuthFailure.SignatureExpire');
    if (new Date(timestamp * 1000).toISOString().slice(0, 10) !== auth[2])
      return problem('AuthFailure.SignatureFailure');
    const names = auth[3]!.split(';');
    const canonical = `POST\n/\n\n${names.map((name) => `${name}:${request.headers[name]!.toLowerCase()}\n`).join('')}\n${auth[3]}\n${sha256(request.body)}`;
    const signing = hmac(hmac(hmac(`TC3${SMS_SECRET}`, auth[2]!), 'sms'), 'tc3_request');
    const wanted = hmac(
      signing,
      `TC3-HMAC-SHA256\n${timestamp}\n${auth[2]}/sms/tc3_request\n${sha256(canonical)}`,
    ).toString('hex');
    if (auth[1] !== 'AKID-key' || wanted !== auth[4]) return problem('AuthFailure.SignatureFailure');
    if (request.headers['x-tc-version'] !== '2021-01-11' || !request.headers['x-tc-region'])
      return problem('MissingParameter');
    const body = JSON.parse(request.body) as Record<string, unknown>;
    if (body['SmsSdkAppId'] !== '1400006666') return problem('UnauthorizedOperation.SmsSdkAppIdVerifyFail');
    switch (request.headers['x-tc-action']) {
      case 'SendSms': {
        const phones = body['PhoneNumberSet'] as string[];
        if (phones.length > 200) return problem('LimitExceeded.PhoneNumberCountLimit');
        if (!phones.every((phone) => /^\+\d{8,15}$/.test(phone)))
          return problem('InvalidParameterValue.IncorrectPhoneNumber');
        if (body['SignName'] !== '山楂小铺') return problem('FailedOperation.SignatureIncorrectOrUnapproved');
        if (
          body['TemplateId'] !== '449739' ||
          JSON.stringify((body['TemplateParamSet'] as string[]).slice(1)) !== '["b"]'
        )
          return problem('FailedOperation.TemplateParamSetNotMatchApprovedTemplate');
        return json(200, {
          Response: {
            SendStatusSet: phones.map((PhoneNumber) => ({
              SerialNo: state.code === 'Ok' ? `5000:${PhoneNumber}` : '',
              PhoneNumber,
              Fee: 1,
              SessionContext: body['SessionContext'],
              Code: state.code,
              Message: state.code,
              IsoCode: 'CN',
            })),
            RequestId: 'r',
          },
        });
      }
      case 'PullSmsSendStatus':
        return json(200, {
          Response: { PullSmsSendStatusSet: state.queue.splice(0, Number(body['Limit'])), RequestId: 'r' },
        });
      case 'PullSmsReplyStatus':
        return json(200, {
          Response: { PullSmsReplyStatusSet: state.replies.splice(0, Number(body['Limit'])), RequestId: 'r' },
        });
      default:
        return problem('InvalidAction');
    }
  };
export type TwilioState = { error: { status: number; code: number } | undefined; messages: unknown[] };
export const twilioFake =
  (state: TwilioState) =>
  (request: SeenRequest): FakeAnswer => {
    const problem = (status: number, code: number) => json(status, { code, message: `error ${code}`, status });
    if (request.headers['authorization'] !== `Basic ${Buffer.from(`AC123:${SMS_SECRET}`).toString('base64')}`)
      return problem(401, 20003);
    if (request.method === 'GET' && request.path.endsWith('/Messages.json')) {
      // A filter by the date of sending leaves out what is queued: it has none yet.
      const isByDate = request.query.has('DateSent>') || request.query.has('DateSent');
      const listed = state.messages.filter(
        (each) => !isByDate || ((each as { date_sent?: unknown }).date_sent ?? undefined) !== undefined,
      );
      return json(200, { messages: listed });
    }
    if (request.method === 'GET') return json(200, state.messages[0]);
    if (request.path !== '/2010-04-01/Accounts/AC123/Messages.json') return problem(404, 20404);
    const form = new URLSearchParams(request.body);
    if (state.error !== undefined) return problem(state.error.status, state.error.code);
    if (!/^\+\d{8,15}$/.test(form.get('To') ?? '')) return problem(400, 21211);
    if (form.get('From') !== '+15005550006') return problem(400, 21606);
    if ((form.get('Body') ?? '') === '') return problem(400, 21602);
    if ((form.get('Body') ?? '').length > 1_600) return problem(400, 21617);
    return json(201, {
      sid: `SM${sha256(request.body).slice(0, 32)}`,
      status: 'queued',
      to: form.get('To'),
      error_code: null,
    });
  };
