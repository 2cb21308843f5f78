// A mail came back: which message, which address, why? Reads delivery status notifications (RFC 3464) and the many things servers
// send instead: Exchange with its status in the words, qmail's plain text, and Chinese providers' pages. Anything that is not a
// bounce (a person's answer, an out-of-office note) is `undefined`. The verdict comes from the one bounce policy.
import { judgeBounce, readReply, type BounceVerdict } from './bounce-policy.ts';
import { addressOf, fieldGroups, openReport, ourMessageIn, type OpenedReport } from './report.ts';

type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export type DsnRecipient = {
  readonly recipient: string | undefined;
  readonly action: DsnAction;
  /** `5.1.1`; missing when nobody said. */
  readonly status: string | undefined;
  readonly detail: string;
  /** Undefined unless the action is failed or delayed. */
  readonly verdict: BounceVerdict | undefined;
};

export type Dsn = {
  /** Ours, proved by a signed token; missing for a bounce of something we did not send. */
  readonly messageId: string | undefined;
  readonly recipients: readonly DsnRecipient[];
};

const ACTIONS: readonly DsnAction[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];
const clip = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 500);

function recipientOf(fields: ReadonlyMap<string, string>, words: string): DsnRecipient {
  const diagnostic = (fields.get('diagnostic-code') ?? '').replace(/^[\w-]+\s*;\s*/, '');
  const reply = readReply(diagnostic);
  const stated = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(fields.get('status') ?? '')?.[1];
  // "5.0.0" in the field beside "550 5.1.1" in the words of the server that refused: the server knows better.
  const status = stated === undefined || /^\d\.0\.0$/.test(stated) ? (reply.status ?? stated) : stated;
  const named = ACTIONS.find(
    (action) =>
      action ===
      fields
        .get('action')
        ?.toLowerCase()
        .split(/[\s;(]/)[0],
  );
  const action = named ?? (status?.startsWith('4') ? 'delayed' : status?.startsWith('2') ? 'delivered' : 'failed');
  const bad = action === 'failed' || action === 'delayed';
  const text = diagnostic || words;
  const judged = action === 'delayed' && !status?.startsWith('4') ? '4.0.0' : status;
  return {
    recipient: addressOf(fields.get('original-recipient')) ?? addressOf(fields.get('final-recipient')),
    action,
    status,
    detail: clip(text),
    verdict: bad ? judgeBounce({ status: judged, code: reply.code, text }) : undefined,
  };
}

const MAILER = /^(mailer-daemon|postmaster|mail-daemon|mailerdaemon|microsoftexchange\w*|mail delivery|noreply-mail)/i;
const BOUNCE_SUBJECT =
  /undeliver|deliver(?:y|ed)? .{0,40}(?:fail|status|delay|problem)|fail(?:ed|ure).{0,20}(?:deliver|notice)|returned? (?:mail|to sender)|failure notice|系统退信|退信|投递失败|无法投递|发送失败|邮件.{0,6}失败/i;
const NOT_A_BOUNCE =
  /out of (?:the )?office|auto(?:matic)? ?(?:reply|response)|vacation|on leave|abwesen|automatische antwort|absence|réponse automatique|fuera de la oficina|respuesta automática|ausência|risposta automatica|автоответ|自动回复|自動回覆|休假|不在通知|自動返信|자동 ?회신|부재/i;

// Without the machine-readable part: a mail system's sender, its subject or the answer of the server that refused, and a reason in its words. Whose
// language that is written in matters only to the subject. A holiday note comes without a return path too, from the person's own address.
function fromWords(report: OpenedReport): DsnRecipient | undefined {
  const { email, words } = report;
  const subject = email.subject ?? '';
  const sender = email.from?.address ?? '';
  const nullSender = email.headers.some((header) => header.key === 'return-path' && /^<?\s*>?$/.test(header.value));
  const robot = MAILER.test(sender) || email.headers.some((header) => header.key === 'x-failed-recipients');
  if (NOT_A_BOUNCE.test(subject) || !(robot || nullSender)) return undefined;
  // The original follows the reason in most texts, and names addresses of its own.
  const reason = words.split(/^-{2,}.*(?:original|copy of the message|原邮件|below this line).*$/im)[0] ?? words;
  const reply = readReply(reason);
  const isSaid = BOUNCE_SUBJECT.test(subject) || /^Hi\. This is the qmail-send/m.test(words);
  const isAnswered = reply.status !== undefined && reply.code?.startsWith(reply.status.charAt(0)) === true;
  if (!(robot ? isSaid || isAnswered : isSaid && isAnswered)) return undefined;
  const failedHeader = email.headers.find((header) => header.key === 'x-failed-recipients')?.value;
  const delayed = /delay|still trying|will (?:be )?retr|延迟/i.test(subject) || reply.status?.startsWith('4') === true;
  const ours = new Set([sender.toLowerCase(), ...(email.to ?? []).map((to) => to.address?.toLowerCase() ?? '')]);
  const named = Array.from(reason.matchAll(/[^\s<>;:"'()[\]，。（）：]+@[\w.-]+\.[a-z]{2,}/gi), ([found]) =>
    found.toLowerCase(),
  );
  return {
    recipient: addressOf(failedHeader) ?? named.find((address) => !ours.has(address)),
    action: delayed ? 'delayed' : 'failed',
    status: reply.status,
    detail: clip(reason),
    verdict: judgeBounce({ status: delayed && !reply.status ? '4.0.0' : reply.status, code: reply.code, text: reason }),
  };
}

/**
 * The one bounce a returned mail amounts to, if any. A mail goes to one address: several recipients are who stands behind it, a list or a forward.
 * Where one of them took it, or may still, the address works; where none did, it is no worse than the mildest of their reasons.
 */
export function bounceOf({ recipients }: Dsn): DsnRecipient | undefined {
  if (recipients.some(({ action }) => action !== 'failed')) return undefined;
  return recipients.find(({ verdict }) => verdict?.action !== 'suppress_address') ?? recipients[0];
}

/**
 * What a returned mail says. `secret` is the installation's token secret; `envelopeTo` the address it was returned to, where the
 * signed return path is. Undefined when it is no bounce at all.
 */
export async function parseDsn(raw: Uint8Array, secret: string, envelopeTo = ''): Promise<Dsn | undefined> {
  const report = await openReport(raw, 'message/delivery-status');
  const [perMessage, ...rest] = fieldGroups(report.fields);
  // Some servers forget the blank line, or the per-message group.
  const groups = (perMessage?.has('final-recipient') ? [perMessage, ...rest] : rest).filter(
    (fields) => fields.has('final-recipient') || fields.has('action') || fields.has('status'),
  );
  const single = groups.length === 0 ? fromWords(report) : undefined;
  const recipients = single ? [single] : groups.map((fields) => recipientOf(fields, report.words));
  if (recipients.length === 0) return undefined;
  const to = report.email.to?.map((mailbox) => mailbox.address ?? '').join(' ') ?? '';
  const delivered = report.email.headers.filter(
    (header) => header.key === 'delivered-to' || header.key === 'x-original-to',
  );
  const texts = [envelopeTo, to, delivered.map((header) => header.value).join(' '), report.original, report.words];
  return { messageId: ourMessageIn(secret, texts), recipients };
}
