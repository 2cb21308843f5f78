// A mail server said no: whose fault is it, and what follows? One table by enhanced status (RFC 3463), a second by the words
// people's servers use when the status is missing or says nothing (x.0.0, x.3.0, x.5.0), a third by the bare reply code.
// 4xx is always soft. 5.7.x blames the sender: the address stays good and sending pauses (Outlook's 5.7.515 included).
import type { RejectionClass } from '../channel.ts';

export type BounceAction = 'suppress_address' | 'soft_bounce' | 'pause_sender' | 'fix_content';
export type BounceVerdict = {
  readonly class: RejectionClass;
  readonly permanent: boolean;
  readonly action: BounceAction;
};

const ADDRESS: BounceVerdict = { class: 'address', permanent: true, action: 'suppress_address' };
const MAILBOX_CLOSED: BounceVerdict = { class: 'mailbox', permanent: true, action: 'suppress_address' };
const MAILBOX_SOFT: BounceVerdict = { class: 'mailbox', permanent: false, action: 'soft_bounce' };
const SENDER: BounceVerdict = { class: 'sender', permanent: true, action: 'pause_sender' };
const CONTENT: BounceVerdict = { class: 'content', permanent: true, action: 'fix_content' };

/** For providers that have judged already, and say so in a word of their own. */
export const VERDICTS = { address: ADDRESS, soft: MAILBOX_SOFT, sender: SENDER, content: CONTENT } as const;

/** Gmail says 5.2.1 of a mailbox that is only full of others' mail at the moment, as it does of one that is closed. */
const BUSY = /receiving (?:e?mail|messages) (?:at a rate|too (?:quickly|fast))/i;

/** Subject.detail of RFC 3463 (the class digit is the caller's), most particular first. */
const BY_STATUS: readonly (readonly [pattern: RegExp, verdict: BounceVerdict])[] = [
  [/^1\.(?:1|2|3|4|6|10)$/, ADDRESS],
  [/^1\.(?:7|8|9)$/, SENDER],
  [/^2\.1$/, MAILBOX_CLOSED],
  [/^2\.2$/, MAILBOX_SOFT],
  [/^2\.3$/, CONTENT],
  [/^3\.4$/, CONTENT],
  [/^4\.4$/, ADDRESS],
  [/^6\.\d+$/, CONTENT],
  [/^7\.\d+$/, SENDER],
];

/**
 * What servers write, in the order of certainty: a full mailbox often also says "mailbox unavailable". Words about us go first: QQ, NetEase and many
 * others refuse a sender, his speed or his server with the same bare 550 that says that nobody is there.
 */
const BY_WORDS: readonly (readonly [pattern: RegExp, verdict: BounceVerdict])[] = [
  [BUSY, MAILBOX_SOFT],
  [/content (?:denied|rejected|not accepted)|内容.{0,6}拒/i, CONTENT],
  [
    /\b(?:ip|connection|domain|sender|sending) (?:address )?frequency limited|bounce attack|connection (?:denied|refused by policy)|\b(?:DT|RP|MI|HL):[A-Z]{3}\b|no permission|(?:sender|from)(?: address| domain)? (?:rejected|denied|refused|verif)|(?:envelope|null|your) sender|sender domain|verification failed|\b(?:helo|ehlo)\b|\bptr\b|reverse dns|protocol violation|administrative(?:ly)? prohibit|smtp auth|too many|in reply to mail from|发件人.{0,12}(?:拒|禁止|黑名单|不允许)/i,
    SENDER,
  ],
  [
    /over ?quota|quota (?:is )?exceed|exceed\w* .{0,30}quota|mailbox (?:is )?full|out of storage|insufficient (?:system )?storage|storage .{0,20}exceed|邮箱(?:已)?满|空间(?:已满|不足)|容量/i,
    MAILBOX_SOFT,
  ],
  [
    /(?:account|mailbox|user|address).{0,40}(?:disabled|inactive|suspended|deactivated|locked)|frequency limited user|(?:帐号|账号|邮箱).{0,6}(?:禁用|停用|冻结|注销|锁定)/i,
    MAILBOX_CLOSED,
  ],
  [
    /(?:user|mailbox|recipient|account|address|local part).{0,40}(?:unknown|not found|not exist|n['o]t exist|no exist|invalid|illegal|unavailable|not listed|no longer)|(?:unknown|no such|invalid|non-?existent) (?:user|mailbox|recipient|address|local part|account)|(?:does|do|did) ?n[o']t (?:exist|have (?:a|an|any) .{0,40}(?:account|mailbox))|unavailable (?:mail )?user|no mailbox here|recipient address(?:es)? rejected|address rejected|unrouteable|host (?:or domain name )?not found|domain .{0,20}not (?:exist|found)|name service error|nxdomain|couldn't find any host|(?:收件人|用户|邮箱|帐号|账号|地址).{0,12}(?:不存在|未开通)|域名.{0,8}(?:不存在|错误)/i,
    ADDRESS,
  ],
  [/too large|too big|size limit|exceeds? .{0,30}size|virus|malware|attachment|邮件(?:过大|太大)|病毒/i, CONTENT],
  [
    /spam|junk|block|black ?list|deny ?list|\brbl\b|spamhaus|reputation|polic(?:y|ies)|authenticat|\bspf\b|\bdkim\b|\bdmarc\b|not (?:allowed|permitted|authori[sz]ed)|access denied|relay|rate limit|垃圾|拒[绝收]|黑名单|频率/i,
    SENDER,
  ],
];

/** RFC 5321 4.2.3, when nothing else is known. */
const BY_CODE: Readonly<Record<string, BounceVerdict>> = {
  '550': ADDRESS,
  '551': ADDRESS,
  '552': MAILBOX_SOFT,
  '553': ADDRESS,
  '554': SENDER,
};

// Statuses that servers use for anything.
const SAYS_NOTHING = /^(?:\d\.0|1\.0|2\.0|3\.\d|4\.\d|5\.\d)$/;

const matched = (table: readonly (readonly [RegExp, BounceVerdict])[], text: string): BounceVerdict | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

export type Bounce = {
  /** `5.1.1`; missing when the server gave none. */
  readonly status?: string | undefined;
  /** `550`. */
  readonly code?: string | undefined;
  readonly text: string;
  /** Where in the SMTP dialogue; a refused MAIL FROM is never the recipient's fault, a refused body rarely her address. */
  readonly stage?: 'mail' | 'rcpt' | 'data' | undefined;
};

/** Who is to blame and what to do; total: every bounce gets a verdict, an unreadable one a soft one. */
export function judgeBounce(bounce: Bounce): BounceVerdict {
  const temporary =
    bounce.status?.startsWith('4.') === true || (!bounce.status && bounce.code?.startsWith('4') === true);
  const detail = bounce.status?.slice(2) ?? '';
  const known = matched(BY_STATUS, detail);
  if (temporary)
    return {
      class: known?.class ?? matched(BY_WORDS, bounce.text)?.class ?? 'mailbox',
      permanent: false,
      action: 'soft_bounce',
    };
  if (bounce.stage === 'mail') return SENDER;
  if (known) return known === MAILBOX_CLOSED && BUSY.test(bounce.text) ? MAILBOX_SOFT : known;
  const vague = detail === '' || SAYS_NOTHING.test(detail);
  const byWords = vague ? matched(BY_WORDS, bounce.text) : undefined;
  if (byWords) return byWords;
  if (bounce.stage === 'data') return CONTENT;
  if (detail.startsWith('1.')) return ADDRESS;
  if (detail.startsWith('2.')) return MAILBOX_SOFT;
  return BY_CODE[bounce.code ?? ''] ?? MAILBOX_SOFT;
}

/** The enhanced status and reply code inside a server's line, `550 5.1.1 …` or `550-5.1.1 …`. */
export function readReply(text: string): { readonly code?: string; readonly status?: string } {
  const code = /(?:^|[^\d.])([245]\d{2})(?=[\s-]|$)/.exec(text)?.[1];
  const status = /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text)?.[1];
  return { ...(code && { code }), ...(status && { status }) };
}
