// What 腾讯云 says when it does not take a text, and when one did not arrive. Sources: cloud.tencent.com/document/api/382/55981 (SendSms, 2021-01-11)
// and cloud.tencent.com/document/product/382/3771 ("状态回执错误码", by carrier; text of github.com/tencentyun/qcloud-documents). Where its page
// gives one number two meanings (China Unicom's and China Telecom's), or a dead number and a phone that is off in one breath, the milder one stands.
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

const NOT_SERVED: Fault = { class: 'address', permanent: false };

const SENDS = codeTable([
  ['FailedOperation.PhoneNumberInBlacklist', SHE_REFUSED],
  ['InvalidParameterValue.IncorrectPhoneNumber', BAD_NUMBER],
  ['UnsupportedOperation.UnsupportedRegion LimitExceeded.AppCountryOrRegionInBlacklist', NOT_SERVED],
  [
    `FailedOperation.ContainSensitiveWord FailedOperation.TemplateParamSetNotMatchApprovedTemplate FailedOperation.TemplateIncorrectOrUnapproved
     FailedOperation.TemplateUnapprovedOrNotExist InvalidParameterValue.TemplateParameterLengthLimit
     InvalidParameterValue.TemplateParameterFormatError InvalidParameterValue.ProhibitedUseUrlInTemplateParameter
     InvalidParameterValue.ContentLengthLimit UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone
     UnsupportedOperation.GlobalTemplateToChineseMainlandPhone UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber`,
    BAD_CONTENT,
  ],
  // One signature is set for all texts, and one clock stamps them.
  [
    `FailedOperation.SignatureIncorrectOrUnapproved FailedOperation.MissingSignature FailedOperation.InsufficientBalanceInSmsPackage
     FailedOperation.NotEnterpriseCertification FailedOperation.ForbidAddMarketingTemplates InvalidParameterValue.SdkAppIdNotExist
     InternalError.RequestTimeException InternalError.SigFieldMissing InternalError.SigVerificationFail IpInBlacklist IpNotInWhitelist`,
    OUR_ACCOUNT,
  ],
  [
    `FailedOperation.FailResolvePacket FailedOperation.JsonParseFail InternalError.RestApiInterfaceNotExist MissingParameter.EmptyPhoneNumberSet
     LimitExceeded.PhoneNumberCountLimit UnsupportedOperation`,
    OUR_FAULT,
  ],
  [
    'LimitExceeded.AppDailyLimit LimitExceeded.AppMainlandChinaDailyLimit LimitExceeded.AppGlobalDailyLimit LimitExceeded.DailyLimit',
    'slower',
  ],
  [
    `FailedOperation.MarketingSendTimeConstraint LimitExceeded.AppCountryOrRegionDailyLimit LimitExceeded.DeliveryFrequencyLimit
     LimitExceeded.PhoneNumberDailyLimit LimitExceeded.PhoneNumberOneHourLimit LimitExceeded.PhoneNumberSameContentDailyLimit
     LimitExceeded.PhoneNumberThirtySecondLimit`,
    'later',
  ],
]);

/** Of the answer to a send; limits are of a number unless the table says otherwise. `unknown`: they may have taken it before they stumbled. */
export function tencentFault(code: string): Fault | NotNow | 'unknown' {
  const known = SENDS.find(code);
  if (known !== undefined) return known;
  if (code.startsWith('InternalError')) return 'unknown';
  if (code.startsWith('RequestLimitExceeded')) return 'slower';
  if (code.startsWith('LimitExceeded')) return 'later';
  return /^(?:AuthFailure|UnauthorizedOperation)(?:\.|$)/.test(code) ? OUR_ACCOUNT : OUR_FAULT;
}

/** `errmsg` of a receipt whose `report_status` is FAIL. */
export const TENCENT_RECEIPTS = codeTable([
  // 空号, 号码不存在, 号码已失效, and nothing else.
  [
    `9998 MI:0010 MK:0000 MK:0001 MK:0012 MK:0013 MK00001 MN:0051 TA:169 XL:169 16 33 61 67 72 95 101
     LT:0-37 LT:0001 LT:0010 LT:0012 LT:0023 LT:0040 LT:0100 LT:103 U2:1 U2:10 U2:24 U2:29 U2:48 U2:-75`,
    BAD_NUMBER,
  ],
  // 退订, and the black lists whose entries refused or complained.
  [
    `MX:0011 MX:0012 BWLIST BWLIST_006 BWLISTS BWLISTSS163S TD:0001 TD:19 TC:0001 144 1077 DB:0141 DB:0144 DB00144 DB:0145 DB:0146 DB:0164
     HD:19 MH:19 HIGRISK ID:0069 ID:0096 ID:0097 ID:0141 ID:0199 MB:0022 MB:1076 MB:1077 MM:0064 TUIDING W-BLACK MOBILEBLACK 69 237
     LT:67 LT:86 U2:-19`,
    SHE_REFUSED,
  ],
  // Off, suspended, in arrears, out of reach, full, no text service, or one of these and perhaps dead.
  [
    `UNDELIV UNDELIVRD EXPIRED -13 9992 9994 9997 CB:0013 CB:0015 DB:0100..0103 ERR_NUM ERR_NUM_006 IB:0064 IC:0001 IC:0151 ID:0054..0056
     ID:0068 ID:0073 ID:0100..0103 ID:1244..1247 ID:6151..6153 MA:0053 MB:0000 MB:0254 MB:1031 MB:1042 MB:1043 MB:1051 MC:0055
     MC:0055_000 MC:0055_006 MC:0151 MI:0000 MI:0001 MI:0004 MI:0005 MI:0011 MI:0012 MI:0013 MI:0015 MI:0017 MI:0020 MI:0024 MI:0029
     MI:0044 MI:0050 MI:0052..0055 MI:0059 MI:0080 MI:0083 MI:0084 MI:0090 MI00000 MI0020 MI00022 MK:0003 MK:0004 MK:0005 MK:0007
     MK:0008 MK:0009 MK:0010 MK:0011 MK:0015 MK:0016 MK:0017 MK:0019 MK:0024 MK:0029 MK:0044 MK:0075 MK:0079 MK:0090 MK:0115 MK:0128
     MK:0209 MK:0210 MM:0000 MN:0001 MN:0011 MN:0012 MN:0013 MN0013 MN:0022 MN:0036 MN:0041 MN:0050 MN:0054 MN:0059
     -43 -37 1 4 5 10 15 20 24 27 29 31 36 37 43 44 45 50..56 64 70 75 79 85 86 88 89 93 98 99 102 105 108 118 124 182 213 219
     LT:0-74 LT:0000 LT:0003 LT:0004 LT:0008 LT:0009 LT:0011 LT:0013 LT:0024 LT:0027 LT:0029 LT:0031 LT:0048 LT:0050 LT:0051 LT:0053
     LT:0054 LT:0055 LT:0059 LT:0089 LT:0104 LT:1 LT:5 LT:6 LT:9 LT:12 LT:13 LT:21 LT:31 LT:32 LT:34..36 LT:52 LT:90..92 LT:100..102
     LT:104 LT:106 LT:107 LT:182 LT:218..220 S::-9 U2:4 U2:5 U2:9 U2:15 U2:20 U2:27 U2:31 U2:36 U2:-37 U2:52..56 U2:64 U2:75 U2:106
     U2:-108 U2:122 601 602 608 612..615 617 619 620 627 634 636 640 680 701 702 705 706 711..716 726 760 765 771 801 802 813 814 817
     827 869 880 999 GB:0006`,
    UNREACHABLE,
  ],
  // 关键字, 敏感词, 疑似钓鱼, 反欺诈, 人工审核不通过.
  [
    `-106 76 115 ID:0076 ID:0318 C100100 CJ:0007 MB:1079 MB:1083 MK:0118 MN:0000 MN:0174 MN:0999 TC:0007 TD:0004 TE:0014 174 222 660 888 899
     LT:0061 U2:6 U2:8 8 GB:0013 UNDELIVS702S`,
    BAD_CONTENT,
  ],
  // 超过下发限制, 运营商内部错误, 携号转网异常, 路由, "拒绝" without a reason: the number is not at fault.
  [
    `REJECTD REJECTD_006 REJECTD_706 REJECT UNKNOWN NOROUTE BEYONDN MX:0002 MX:0003 TD:18 TE:0002 TE:0003 -9000 7 1243 C100106 CA:0054 CB:0010
     CJ:0006 DA:0053 DA:0054 DB:0006 DB:0007 DB:0009 DB:0010 DB:0106 DB:0107 DB:0126 DB:0129 DB:0140 DB:0142 DB:0143 DB:0152 DB:0501
     DB:0502 DB:0504 DB:0505 E:CHAN E:ODML IA:0051 IA:0053 IA:0054 IA:0073 IB:0008 IB:0009 IB:0013 IB:0169 IB:0255 IC:0015 IC:0055
     ID:0000 ID:0001 ID:0004 ID:0006 ID:0008 ID:0012 ID:0013 ID:0020 ID:0021 ID:0043 ID:0045..0049 ID:0064..0067 ID:0070 ID:0074 ID:0075
     ID:0084..0089 ID:0126 ID:0129 ID:0142 ID:0143 ID:0311 MA:0001 MA:0022 MA:0051 MA:0054 MA:0073 MB:0001 MB:0007 MB:0008 MB:0088
     MB:0255 MB:1025 MB:1026 MB:1034 MB:1041 MB:1069 MB:1070 MB:1072..1075 MB:1078 MB:1080..1082 MB:1086 MB:1279 MC:0001 MC00151
     MI:0002 MI:0008 MI:0022 MI:0023 MI:0030 MI:0036 MI:0038 MI:0041 MI:0045 MI:0048 MI:0051 MI:0056 MI:0057 MI:0063 MI:0064 MI:0081
     MI:0089 MI:0098 MI:0099 MI:0660 MI:0999 MI00036 MK:0006 MK:0018 MK:0020..0023 MK:0025 MK:0030..0037 MK:0040 MK:0041 MK:0045 MK:0046
     MK:0051..0058 MK:0061..0063 MK:0065 MK:0066 MK:0068 MK:0069 MK:0077 MK:0078 MK:0084 MK:0088 MK:0130 MK:0195 MK:0196 MK:0208
     MN:0009 MN:0017 MN:0019 MN:0020 MN:0029 MN:0045 MN:0052 MN:0053 MN:0055 MN:0075 MN:0098 MN00001 NA:0001 S::8
     -74 -1 2 3 6 9 11 12 13 14 17 18 19 21 22 23 32 40 46 48 57 58 59 63 73 90 92 100 103 104 106 107 110 116 117 134 148 164 255 2-67
     2-68 LT:00-1 LT:0002 LT:0005 LT:0015 LT:0017 LT:0020 LT:0022 LT:0044 LT:0046 LT:0057 LT:0069 LT:0079 LT:0086 LT:0090 LT:0092
     LT:0093 LT:0098 LT:0106 LT:0117 LT:0122 LT:11 LT:23 LT:27 LT:61 LT:110..122 LT:181 LT:215 LT:217 LT:221..223 LT:225..254 SGIP:90
     SK:8210 U2:2 U2:3 U2:7 U2:11 U2:12 U2:13 U2:17 U2:22 U2:23 U2:51 U2:57 U2:59 U2:63 U2:-74 U2:92 U2:100 624 650 870`,
    NOT_HERS,
  ],
]);
