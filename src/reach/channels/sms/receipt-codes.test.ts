// Each row is what the provider's own page says of the code (named in the tables), not what the tables say.
import { describe, expect, it } from 'vitest';
import { ALIYUN_CODES, aliyunFault } from './aliyun-codes.ts';
import { codeTable, receiptFault } from './receipt-codes.ts';
import { BAD_CONTENT } from './provider.ts';
import { TENCENT_RECEIPTS, tencentFault } from './tencent-codes.ts';
import { twilioReportFault } from './twilio-hooks.ts';

const gone = { class: 'address', permanent: true };
const refused = { class: 'address', permanent: true, byHerself: true };
const off = { class: 'mailbox', permanent: false };
const content = { class: 'content', permanent: false };
const nobodys = { class: 'sender', permanent: false };
const account = { class: 'account', permanent: false };

describe('a failed receipt of 阿里云', () => {
  it.each([
    // 停机、空号、暂停服务、关机、不在服务区: perhaps dead, perhaps off.
    ['MOBILE_NOT_ON_SERVICE', off],
    ['INVALID_NUMBER', off],
    ['MOBILE_ACCOUNT_ABNORMAL', off],
    // Their spelling.
    ['MOBLLE_TERMINAL_ERROR', off],
    ['SP_NOT_BY_INTER_SMS', off],
    // 通常为用户已退订此签名或命中运营商平台黑名单规则.
    ['MOBILE_IN_BLACK', refused],
    ['USER_REJECT', refused],
    ['CONTENT_KEYWORD', content],
    ['CONTENT_ERROR', content],
    ['SIGNATURE_BLACKLIST', account],
    ['SIGNER_BLACKLIST', account],
    ['PORT_NOT_REGISTERED', account],
    ['MOBILE_SEND_LIMIT', nobodys],
    ['IS_CLOSE', nobodys],
    ['REQUEST_SUCCESS', nobodys],
    ['SP_UNKNOWN_ERROR', nobodys],
    ['NO_ROUTE', nobodys],
    // A carrier's own words, passed on.
    ['UNDELIV', off],
    ['EXPIRED', off],
    ['REJECT', nobodys],
    ['REJECTD', nobodys],
    ['MBBLACK', refused],
    ['mbblack', refused],
    ['MK:0001', gone],
    ['MK：0001', gone],
    // "Dead" in one published list, "blocked in a province" in another.
    ['MK:0012', off],
    ['MI:0024', off],
    ['MN:0059', off],
    ['', nobodys],
    ['A_CODE_OF_TOMORROW', nobodys],
    ['__proto__', nobodys],
    ['constructor', nobodys],
  ])('%j', (code, fault) => {
    expect(receiptFault(ALIYUN_CODES, code)).toEqual(fault);
  });
});

describe('a failed receipt of 腾讯云', () => {
  it.each([
    ['MK:0000', gone],
    ['MK:0001', gone],
    ['MK:0012', gone],
    ['MN:0051', gone],
    ['XL:169', gone],
    ['67', gone],
    ['LT:0010', gone],
    // 目标号码在客户退订黑名单中.
    ['MX:0012', refused],
    ['DB:0141', refused],
    ['BWLIST _006', refused],
    ['MOBILE BLACK', refused],
    ['TUIDING', refused],
    ['UNDELIV', off],
    ['UNDELIV_640', off],
    ['EXPIRED_010', off],
    ['MK:0005', off],
    ['MK:0024', off],
    // Not in their list, and of a family it explains.
    ['MK:9999', off],
    ['54', off],
    // China Unicom's "no such number" is China Telecom's "our gateway stumbled".
    ['1', off],
    // China Unicom's "off or dead" is China Telecom's "a word was stopped".
    ['12', nobodys],
    ['ID:0076', content],
    ['CJ：0007', content],
    ['MB:1079', content],
    ['MK:0020', nobodys],
    ['DB:0142', nobodys],
    ['REJECTD', nobodys],
    ['LT:230', nobodys],
    ['user is off', nobodys],
    ['', nobodys],
  ])('%j', (code, fault) => {
    expect(receiptFault(TENCENT_RECEIPTS, code)).toEqual(fault);
  });
});

it('tells of 腾讯云’s send answers', () => {
  expect(tencentFault('FailedOperation.PhoneNumberInBlacklist')).toEqual(refused);
  expect(tencentFault('InvalidParameterValue.IncorrectPhoneNumber')).toEqual(gone);
  expect(tencentFault('InvalidParameterValue.ContentLengthLimit')).toEqual(content);
  expect(tencentFault('FailedOperation.TemplateUnapprovedOrNotExist')).toEqual(content);
  expect(tencentFault('LimitExceeded.AppCountryOrRegionInBlacklist')).toEqual({ class: 'address', permanent: false });
  expect(tencentFault('UnauthorizedOperation.ServiceSuspendDueToArrears')).toEqual(account);
  // A clock that is wrong: refused for certain, and so is whatever comes next.
  expect(tencentFault('InternalError.RequestTimeException')).toEqual(account);
  expect(tencentFault('InternalError.SendAndRecvFail')).toBe('unknown');
  expect(tencentFault('LimitExceeded.PhoneNumberDailyLimit')).toBe('later');
  expect(tencentFault('LimitExceeded.AppDailyLimit')).toBe('slower');
  expect(tencentFault('SomethingOfTomorrow')).toEqual(nobodys);
});

it('tells of 阿里云’s send answers', () => {
  expect(aliyunFault('isv.CUSTOMER_REFUSED')).toEqual(refused);
  expect(aliyunFault('isv.UNSUPPORTED_CONTENT')).toEqual(content);
  expect(aliyunFault('isv.SECURITY_FROZEN_ACCOUNT')).toEqual(account);
  expect(aliyunFault('Throttling.User')).toBe('slower');
  expect(aliyunFault('isp.GATEWAY_ERROR')).toBe('later');
  expect(aliyunFault('isv.SOMETHING_OF_TOMORROW')).toBeUndefined();
});

it('takes an unregistered sender’s failure (Twilio 30034) for nobody’s number', () => {
  expect(twilioReportFault('30034')).toEqual(nobodys);
  expect(twilioReportFault('30003')).toEqual(off);
  expect(twilioReportFault('30005')).toEqual(gone);
});

it('holds each code once, ranges with their zeros', () => {
  expect(() =>
    codeTable([
      ['A B', BAD_CONTENT],
      ['b', BAD_CONTENT],
    ]),
  ).toThrow('B stands twice');
  const table = codeTable([['ID:0098..0101', BAD_CONTENT]]);
  expect(['ID:0097', 'ID:0098', 'ID:0100', 'ID:0101', 'ID:0102'].map((code) => table.find(code) !== undefined)).toEqual(
    [false, true, true, true, false],
  );
});
