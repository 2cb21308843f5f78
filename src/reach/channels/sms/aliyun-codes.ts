// What 阿里云 says when it does not take a text, and when one did not arrive. Sources: help.aliyun.com/zh/sms, "API 错误码" (`isv.…`, `isp.…`,
// document 101346) and "国内消息发送状态回执错误码" (document 101347). A code that may mean a dead number or a phone that is off counts as off.
import {
  BAD_CONTENT,
  BAD_NUMBER,
  NOT_HERS,
  OUR_ACCOUNT,
  OUR_FAULT,
  SHE_REFUSED,
  UNREACHABLE,
  type Fault,
  type NotNow,
} from './provider.ts';
import { codeTable } from './receipt-codes.ts';

export const ALIYUN_CODES = codeTable([
  ['isv.MOBILE_NUMBER_ILLEGAL', BAD_NUMBER],
  // She told the carrier or them, or complained. BLACK_KEY… was of words once; today their page says it is of numbers that refused or complained.
  ['isv.CUSTOMER_REFUSED isv.BLACK_KEY_CONTROL_LIMIT MOBILE_IN_BLACK USER_REJECT', SHE_REFUSED],
  [
    'MOBILE_NOT_ON_SERVICE MOBILE_ACCOUNT_ABNORMAL MOBLLE_TERMINAL_ERROR MOBILE_TERMINAL_ERROR INVALID_NUMBER SP_NOT_BY_INTER_SMS',
    UNREACHABLE,
  ],
  [
    `isv.SMS_TEMPLATE_ILLEGAL isv.SMS_SIGNATURE_SCENE_ILLEGAL isv.DOMESTIC_NUMBER_NOT_SUPPORTED isv.SMS_CONTENT_ILLEGAL
     isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE isv.UNSUPPORTED_CONTENT isv.TEMPLATE_PARAMS_ILLEGAL isv.TEMPLATE_MISSING_PARAMETERS
     isv.PARAM_LENGTH_LIMIT isv.PARAM_NOT_SUPPORT_URL isv.INVALID_JSON_PARAM isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL
     TEMPLATE_PARAMETER_COUNT_ILLEGAL CONTENT_KEYWORD CONTENT_ERROR`,
    BAD_CONTENT,
  ],
  // One signature is set for all texts, and one clock stamps them.
  [
    `isv.SMS_SIGNATURE_ILLEGAL isv.SMS_SIGN_ILLEGAL isv.SIGN_STATE_ILLEGAL isv.SIGN_NAME_ILLEGAL isv.SIGN_SOURCE_ILLEGAL isv.SMS_SIGN_EMOJI_ILLEGAL
     isv.SMS_TEST_SIGN_TEMPLATE_LIMIT isv.SMS_TEST_NUMBER_LIMIT SIGNATURE_BLACKLIST SIGNER_BLACKLIST PORT_NOT_REGISTERED
     isv.OUT_OF_SERVICE isv.AMOUNT_NOT_ENOUGH isv.PRODUCT_UN_SUBSCRIPT isv.PRODUCT_UNSUBSCRIBE isv.ACCOUNT_NOT_EXISTS isv.ACCOUNT_ABNORMAL
     isv.SECURITY_FROZEN_ACCOUNT isv.DENY_IP_RANGE isp.RAM_PERMISSION_DENY SignatureDoesNotMatch IncompleteSignature InvalidTimeStamp.Expired`,
    OUR_ACCOUNT,
  ],
  [
    `isv.INVALID_PARAMETERS isv.MOBILE_COUNT_OVER_LIMIT isv.EXTEND_CODE_ERROR isv.ONE_CODE_MULTIPLE_SIGN isv.CODE_EXCEED_LIMIT isv.CODE_ERROR
     InvalidVersion InvalidAction.NotFound PARAMS_ILLEGAL NO_ROUTE`,
    OUR_FAULT,
  ],
  // Theirs, or a carrier's: a closed route, no receipt at all, no reason given.
  ['IS_CLOSE REQUEST_SUCCESS SP_UNKNOWN_ERROR', NOT_HERS],
  ['isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL', 'slower'],
  [
    'isv.BUSINESS_LIMIT_CONTROL isp.SYSTEM_ERROR isp.GATEWAY_ERROR SignatureNonceUsed MOBILE_SEND_LIMIT VALVE:M_MC VALVE:H_MC VALVE:D_MC',
    'later',
  ],
]);

/** Of the answer to a send. Whole families are their gateway's: too fast; or whoever signs is unknown, not active, or may not. */
export function aliyunFault(code: string): Fault | NotNow | undefined {
  if (code.startsWith('Throttling') || code === 'ServiceUnavailable') return 'slower';
  if (/^(?:InvalidAccessKeyId|Forbidden|NoPermission|MissingAuthorization)/.test(code)) return OUR_ACCOUNT;
  return ALIYUN_CODES.find(code);
}

const OF_ONE = new Set([
  'isv.MOBILE_NUMBER_ILLEGAL',
  'isv.CUSTOMER_REFUSED',
  'isv.BLACK_KEY_CONTROL_LIMIT',
  'isv.BUSINESS_LIMIT_CONTROL',
  'isv.DOMESTIC_NUMBER_NOT_SUPPORTED',
  'isv.SMS_CONTENT_ILLEGAL',
  'isv.UNSUPPORTED_CONTENT',
  'isv.TEMPLATE_PARAMS_ILLEGAL',
  'isv.TEMPLATE_MISSING_PARAMETERS',
  'isv.PARAM_LENGTH_LIMIT',
  'isv.PARAM_NOT_SUPPORT_URL',
  'isv.INVALID_JSON_PARAM',
]);
/** Whether a refused request of many may be refused for the number or the words of one among them. */
export const mayBeOfOne = (code: string): boolean => OF_ONE.has(code);
