// Which columns of another tool's export say that somebody must not be written to, or may be? One table of names as they are in the wild
// (Mailchimp, HubSpot, Klaviyo, Brevo, Shopify, SendGrid, Salesforce, Chinese CRMs), compared without case, spaces and punctuation. Pure.

/** `optOut`, `optIn`: a yes or no about one channel. `status`: a word that may be either. `happened`: any value is an opt-out. */
export type Meaning =
  | { readonly kind: 'person' | 'email' | 'phone' | 'firstName' | 'decidedAt' | 'proof' }
  | { readonly kind: 'optOut' | 'optIn' | 'status' | 'happened'; readonly channel: 'email' | 'sms' | '*' };

type Row = { readonly names: string; readonly meaning: Meaning };

const FOREIGN_COLUMNS: readonly Row[] = [
  {
    names: 'personid userid customerid contactid externalid recordid 用户id 客户id 会员号 会员编号',
    meaning: { kind: 'person' },
  },
  { names: 'email emailaddress mail subscriber 邮箱 电子邮箱 电子邮件', meaning: { kind: 'email' } },
  {
    names: 'phone phonenumber mobile mobilephone mobilephonenumber sms 手机 手机号 手机号码 电话',
    meaning: { kind: 'phone' },
  },
  { names: 'firstname givenname name 姓名 名字', meaning: { kind: 'firstName' } },
  // Opt-outs by channel.
  {
    names:
      'unsubscribedfromallemail hsemailoptout hasoptedoutofemail emailoptout emailoptedout emailblacklist emailblacklisted optout optedout unsubscribed donotemail emailunsubscribed 退订 已退订 是否退订 邮件退订',
    meaning: { kind: 'optOut', channel: 'email' },
  },
  {
    names: 'smsblacklist smsblacklisted smsoptout smsoptedout smsunsubscribed donotsms donottext 短信退订 短信拒收',
    meaning: { kind: 'optOut', channel: 'sms' },
  },
  {
    names: 'donotcontact blacklist blacklisted suppressed dnc 黑名单 拒收 禁止联系 勿扰',
    meaning: { kind: 'optOut', channel: '*' },
  },
  {
    names:
      'unsubtime unsubscribedat unsubscribetime optouttime cleantime cleanedat emailhardbouncereason hsemailhardbouncereasonenum bouncedat complainedat emailsuppressions suppressionreason 退订时间',
    meaning: { kind: 'happened', channel: 'email' },
  },
  { names: 'smssuppressions smsunsubscribedat 短信退订时间', meaning: { kind: 'happened', channel: 'sms' } },
  // Words that may be a yes or a no.
  {
    names: 'status subscriptionstatus subscriberstatus memberstatus emailmarketingconsent emailstatus 订阅状态',
    meaning: { kind: 'status', channel: 'email' },
  },
  { names: 'smsmarketingconsent smsstatus 短信状态', meaning: { kind: 'status', channel: 'sms' } },
  // Yeses.
  {
    names:
      'acceptsmarketing acceptsemailmarketing emailoptin marketingconsent subscribed newsletter optin consent 营销许可 同意营销 接受营销 接受邮件营销 是否订阅',
    meaning: { kind: 'optIn', channel: 'email' },
  },
  {
    names: 'acceptssmsmarketing smsoptin smsconsent 接受短信 接受短信营销 接受营销短信 是否接受营销短信',
    meaning: { kind: 'optIn', channel: 'sms' },
  },
  {
    names:
      'confirmtime optintime subscribedat consentedat consenttimestamp emailmarketingconsenttimestamp 同意时间 订阅时间',
    meaning: { kind: 'decidedAt' },
  },
  {
    names: 'optinip confirmip consentip consentsource consentmethod consenttext source 同意来源 来源',
    meaning: { kind: 'proof' },
  },
];

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** What a column means, or undefined for one that says nothing of consent. */
export function meaningOf(column: string): Meaning | undefined {
  const name = plain(column);
  return FOREIGN_COLUMNS.find((row) => row.names.split(' ').includes(name))?.meaning;
}

const YES = new Set(
  '1 true yes y t on subscribed active optin optedin granted confirmed 是 同意 已订阅 接受 有'.split(' '),
);
const NO = new Set(
  '0 false no n f off none null never neversubscribed notsubscribed nonsubscribed unset 否 不 无 未订阅 未退订'.split(
    ' ',
  ),
);
const OUT = new Set(
  'unsubscribed cleaned bounced bounce hardbounced complained complaint spam suppressed blacklisted blocked invalid optedout optout redacted withdrawn deleted archived 退订 已退订 拒收 黑名单 拒绝 不同意'.split(
    ' ',
  ),
);
/** Said neither yes nor no. */
const OPEN = new Set(
  'pending unconfirmed transactional neversubscribed notsubscribed nonsubscribed never none null'.split(' '),
);

export type Word = 'yes' | 'no' | 'out' | 'nothing' | 'unclear';

/** What a cell says. An opt-out column that holds anything but a no is read as an opt-out: the careful reading. */
export function wordOf(meaning: Meaning, cell: string): Word {
  const word = plain(cell);
  switch (meaning.kind) {
    case 'optOut':
      return word === '' || NO.has(word) ? 'nothing' : 'out';
    case 'happened':
      return word === '' || NO.has(word) || cell.trim() === '[]' ? 'nothing' : 'out';
    case 'status':
      if (word === '' || OPEN.has(word)) return 'nothing';
      return YES.has(word) ? 'yes' : OUT.has(word) ? 'out' : 'unclear';
    case 'optIn':
      if (word === '' || OPEN.has(word)) return 'nothing';
      return YES.has(word) ? 'yes' : OUT.has(word) || NO.has(word) ? 'no' : 'unclear';
    default:
      return 'nothing';
  }
}
