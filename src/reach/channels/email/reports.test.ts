// The corpus is written after reports as these systems send them; names, addresses and hosts are invented.
import { describe, expect, it } from 'vitest';
import { signAddressToken, signToken } from '../../tracking/token.ts';
import { parseComplaint } from './arf.ts';
import { bounceOf, parseDsn } from './dsn.ts';
import { buildMime } from './mime.ts';

const SECRET = 'a secret';
const ID = 'msg_01arz3ndektsv4rrffq69g5fav';
const TOKEN = signAddressToken(SECRET, ID);
const BOUNCE_TO = `b-${TOKEN}@bounce.example.com`;
const ORIGINAL_HEAD = [
  'From: Fern <hello@shop.example.com>',
  'To: mia@example.net',
  'Subject: It has been a while',
  `Message-ID: <${TOKEN}@shop.example.com>`,
  `List-Unsubscribe: <https://m.example.com/u/${signToken(SECRET, { kind: 'unsubscribe', messageId: ID })}>`,
].join('\n');

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'));

/** A multipart/report with the usual three parts. */
const report = (
  head: string,
  words: string,
  status: string,
  original = `Content-Type: message/rfc822\n\n${ORIGINAL_HEAD}\n\nHello`,
): Buffer =>
  bytes(`${head}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=utf-8

${words}

--=_b
Content-Type: message/delivery-status

${status}

--=_b
${original}

--=_b--
`);

const POSTFIX = report(
  `Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com (Mail Delivery System)\nTo: ${BOUNCE_TO}\nSubject: Undelivered Mail Returned to Sender`,
  'This is the mail system at host mx.example.com.\n\n<mia@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1\n    <mia@example.net>: Recipient address rejected: User unknown (in reply to RCPT TO command)',
  'Reporting-MTA: dns; mx.example.com\nArrival-Date: Sun, 22 Nov 2026 08:00:00 +0000\n\nFinal-Recipient: rfc822; mia@example.net\nOriginal-Recipient: rfc822;mia@example.net\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 5.1.1 <mia@example.net>: Recipient address\n    rejected: User unknown',
);
const GMAIL = report(
  `Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nTo: hello@shop.example.com\nSubject: Delivery Status Notification (Failure)\nX-Failed-Recipients: mia@gmail.example`,
  "** Address not found **\n\nYour message wasn't delivered to mia@gmail.example because the address couldn't be found.",
  'Reporting-MTA: dns; googlemail.com\nReceived-From-MTA: dns; hello@shop.example.com\nX-Original-Message-ID: <x@y>\n\nFinal-Recipient: rfc822; mia@gmail.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; gmail-smtp-in.l.google.example\nDiagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser - gsmtp\nLast-Attempt-Date: Sun, 22 Nov 2026 00:00:00 -0800',
);
const YAHOO_DISABLED = report(
  'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: hello@shop.example.com\nSubject: failure notice',
  'Sorry, we were unable to deliver your message.',
  'Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; <Mia@yahoo.example>\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 30 Sorry, your message to mia@yahoo.example cannot be delivered. This mailbox is disabled (554.30).',
);
const OUTLOOK_AUTH = report(
  'Return-Path: <>\nFrom: postmaster@outlook.example\nTo: hello@shop.example.com\nSubject: Undeliverable: It has been a while',
  'Your message could not be delivered.',
  'Reporting-MTA: dns;AM0.prod.outlook.example\n\nFinal-Recipient: rfc822;mia@outlook.example\nAction: failed\nStatus: 5.7.515\nDiagnostic-Code: smtp;550 5.7.515 Access denied, sending domain SHOP.EXAMPLE.COM does not meet the required authentication level.',
);
const EXCHANGE_2007 = report(
  'Return-Path: <>\nFrom: MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example\nTo: hello@shop.example.com\nSubject: Undeliverable: It has been a while',
  'Delivery has failed to these recipients or distribution lists:\n\nMia<mailto:mia@corp.example>',
  'Reporting-MTA: dns;mx4.corp.example\n\nFinal-Recipient: RFC822;mia@corp.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found\nX-Display-Name: Mia',
  `Content-Type: text/rfc822-headers\n\n${ORIGINAL_HEAD}`,
);
const DELAYED = report(
  'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: hello@shop.example.com\nSubject: Delayed Mail (still being retried)',
  'YOU DO NOT NEED TO RESEND YOUR MESSAGE.',
  'Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; mia@example.net\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: X-Postfix; connect to mx.example.net[192.0.2.1]:25: Connection timed out\nWill-Retry-Until: Fri, 27 Nov 2026 08:00:00 +0000',
);
const DELIVERED = report(
  'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: hello@shop.example.com\nSubject: Successful Mail Delivery Report',
  'delivered',
  'Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; mia@example.net\nAction: delivered\nStatus: 2.0.0\nDiagnostic-Code: smtp; 250 ok',
);
// The format of http://cr.yp.to/proto/qsbmf.txt: no MIME, paragraphs, a break line, then the original.
const QMAIL = bytes(`Return-Path: <>
From: MAILER-DAEMON@mail.example.org
To: ${BOUNCE_TO}
Subject: failure notice

Hi. This is the qmail-send program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<mia@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <hello@shop.example.com>
${ORIGINAL_HEAD}

Hello other@example.org
`);
const QQ = bytes(`Return-Path: <>
From: PostMaster@qq.example
To: hello@shop.example.com
Subject: =?utf-8?B?${Buffer.from('系统退信').toString('base64')}?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_q"

--=_q
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

${Buffer.from('<html><body><p>抱歉，您的邮件被退回来了……</p><table><tr><td>收件人邮件地址：</td><td>12345@qq.example</td></tr><tr><td>退信原因：</td><td>该用户不存在</td></tr><tr><td>host mx3.qq.example[203.0.113.9] said: 550 Mailbox not found</td></tr></table></body></html>').toString('base64')}

--=_q
Content-Type: message/rfc822

${ORIGINAL_HEAD}

Hello
--=_q--
`);
const NETEASE_FULL = bytes(`Return-Path: <>
From: Postmaster@163.example
To: ${BOUNCE_TO}
Subject: =?gbk?B?z7XNs83L0MU=?=
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

抱歉，您的邮件被退回来了。
收件人：xiaoyu@163.example
退信原因：对方邮箱空间已满，无法接收。
英文说明：xiaoyu@163.example 552 Quota exceeded
`);
const OUT_OF_OFFICE = bytes(`Return-Path: <>
From: mia@example.net
To: hello@shop.example.com
Subject: Automatic reply: It has been a while
Auto-Submitted: auto-replied

I am away until Monday. Mail to mia@example.net is not read. 550
`);
/** What a mail system writes in its reader's language, without a part for machines. */
const inWords = (from: string, subject: string, words: string): Buffer =>
  bytes(`Return-Path: <>
From: ${from}
To: ${BOUNCE_TO}
Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

${words}
`);
const HUMAN = bytes(`Return-Path: <mia@example.net>
From: Mia <mia@example.net>
To: hello@shop.example.com
Subject: Re: delivery failed last time?

My parcel delivery failed. Please call.
`);

describe('bounces', () => {
  it.each([
    ['postfix', POSTFIX, { recipient: 'mia@example.net', action: 'failed', status: '5.1.1' }, 'suppress_address'],
    ['Gmail', GMAIL, { recipient: 'mia@gmail.example', action: 'failed', status: '5.1.1' }, 'suppress_address'],
    [
      'Yahoo, mailbox disabled',
      YAHOO_DISABLED,
      { recipient: 'mia@yahoo.example', action: 'failed', status: '5.0.0' },
      'suppress_address',
    ],
    [
      'Outlook, authentication',
      OUTLOOK_AUTH,
      { recipient: 'mia@outlook.example', action: 'failed', status: '5.7.515' },
      'pause_sender',
    ],
    [
      'Exchange 2007, headers only',
      EXCHANGE_2007,
      { recipient: 'mia@corp.example', action: 'failed', status: '5.1.1' },
      'suppress_address',
    ],
    ['a delay', DELAYED, { recipient: 'mia@example.net', action: 'delayed', status: '4.4.1' }, 'soft_bounce'],
    ['a delivery', DELIVERED, { recipient: 'mia@example.net', action: 'delivered', status: '2.0.0' }, undefined],
    ['qmail', QMAIL, { recipient: 'mia@example.org', action: 'failed', status: '5.1.1' }, 'suppress_address'],
    ['QQ', QQ, { recipient: '12345@qq.example', action: 'failed' }, 'suppress_address'],
    [
      'German words',
      inWords(
        'Mailer-Daemon@mx.example.de',
        'Unzustellbar: Hallo',
        'Ihre Nachricht an mia@example.de wurde nicht zugestellt:\n550 5.1.1 Empfänger unbekannt',
      ),
      { recipient: 'mia@example.de', action: 'failed', status: '5.1.1' },
      'suppress_address',
    ],
    [
      'French words, full',
      inWords(
        'postmaster@example.fr',
        'Échec de remise',
        "Votre message n'a pas pu être remis à mia@example.fr : 552 5.2.2 boîte pleine",
      ),
      { recipient: 'mia@example.fr', action: 'failed', status: '5.2.2' },
      'soft_bounce',
    ],
    [
      'Japanese words',
      inWords(
        'MAILER-DAEMON@example.jp',
        'メールを配信できませんでした',
        '<mia@example.jp>: host mx.example.jp said: 550 5.1.1 宛先不明',
      ),
      { recipient: 'mia@example.jp', action: 'failed', status: '5.1.1' },
      'suppress_address',
    ],
    [
      'Russian words',
      inWords('mailer-daemon@example.ru', 'Сообщение не доставлено', 'mia@example.ru 550 5.1.1 нет такого ящика'),
      { recipient: 'mia@example.ru', action: 'failed', status: '5.1.1' },
      'suppress_address',
    ],
    ['NetEase, full', NETEASE_FULL, { recipient: 'xiaoyu@163.example', action: 'failed' }, 'soft_bounce'],
  ])('%s', async (_title, raw, expected, action) => {
    const dsn = await parseDsn(raw, SECRET);
    expect(dsn?.messageId).toBe(ID);
    expect(dsn?.recipients).toHaveLength(1);
    expect(dsn?.recipients[0]).toMatchObject(expected);
    expect(dsn?.recipients[0]?.verdict?.action).toBe(action);
  });

  it.each([
    ['an out-of-office note', OUT_OF_OFFICE],
    [
      'a German holiday note with figures in it',
      inWords('mia@example.net', 'Abwesenheitsnotiz: Hallo', 'Zimmer 550 5.1.1, bis Montag.'),
    ],
    [
      'a holiday note that quotes a delivery',
      inWords(
        'mia@example.net',
        'Re: delivery status of my order: failed',
        'I am away; write to bob@example.net. The user is no longer with us.',
      ),
    ],
    ['a person', HUMAN],
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a, 0x80])],
  ])('%s is no bounce', async (_title, raw) => {
    expect(await parseDsn(raw, SECRET, BOUNCE_TO)).toBeUndefined();
  });

  it('knows its message by the return path alone, in any case', async () => {
    const bare = report(
      'From: MAILER-DAEMON@x.example\nSubject: failure notice\nTo: x@y.example',
      '',
      'Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1',
      'Content-Type: text/plain\n\n',
    );
    expect((await parseDsn(bare, SECRET))?.messageId).toBeUndefined();
    expect((await parseDsn(bare, SECRET, BOUNCE_TO.toUpperCase()))?.messageId).toBe(ID);
  });

  it('believes no forged token', async () => {
    const forged = Buffer.from(
      POSTFIX.toString('latin1')
        .replaceAll(TOKEN, signAddressToken('guess', ID))
        .replaceAll(/List-Unsubscribe:.*\r\n/g, ''),
      'latin1',
    );
    expect((await parseDsn(forged, SECRET))?.messageId).toBeUndefined();
  });

  it.each([
    // A list behind the address: whoever took it proves that the address works.
    [['failed 5.1.1', 'delivered 2.0.0'], undefined],
    [['failed 5.1.1', 'delayed 4.4.1'], undefined],
    [['expanded 2.0.0', 'failed 5.1.1'], undefined],
    [['failed 5.1.1', 'failed 5.2.2'], 'soft_bounce'],
    [['failed 5.1.1', 'failed 5.1.2'], 'suppress_address'],
  ])('several recipients of one mail: %j amounts to %s', async (recipients, action) => {
    const groups = recipients.map((each, n) => {
      const [did, status] = each.split(' ');
      return `Final-Recipient: rfc822; ${n}@b.example\nAction: ${did}\nStatus: ${status}`;
    });
    const raw = report(
      'From: MAILER-DAEMON@x.example\nSubject: x',
      '',
      ['Reporting-MTA: dns; x', ...groups].join('\n\n'),
    );
    expect(bounceOf((await parseDsn(raw, SECRET))!)?.verdict?.action).toBe(action);
  });

  it('reads several recipients', async () => {
    const raw = report(
      'From: MAILER-DAEMON@x.example\nSubject: x',
      '',
      'Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.2.2\n\nFinal-Recipient: rfc822; c@d.example\nAction: failed\nStatus: 5.1.2',
    );
    expect((await parseDsn(raw, SECRET))?.recipients.map((one) => [one.recipient, one.verdict?.action])).toEqual([
      ['a@b.example', 'soft_bounce'],
      ['c@d.example', 'suppress_address'],
    ]);
  });
});

const feedback = (type: string, original: string): Buffer =>
  bytes(`From: <abusedesk@example.net>
To: <fbl@shop.example.com>
Subject: FW: It has been a while
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_a"

--=_a
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--=_a
Content-Type: message/feedback-report

Feedback-Type: ${type}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <redacted@shop.example.com>
Arrival-Date: Sun, 22 Nov 2026 14:00:00 -0500
Source-IP: 192.0.2.1

--=_a
Content-Type: message/rfc822
Content-Disposition: inline

${original}

--=_a--
`);

describe('complaints', () => {
  it('are recognised although the address is blacked out (RFC 5965 appendix B shape)', async () => {
    const redacted = ORIGINAL_HEAD.replace('mia@example.net', '[redacted]');
    expect(await parseComplaint(feedback('abuse', `${redacted}\n\nHello`), SECRET)).toEqual({
      feedbackType: 'abuse',
      messageId: ID,
      recipient: undefined,
      userAgent: 'SomeGenerator/1.0',
      isComplaint: true,
    });
  });

  it('are recognised by the unsubscribe link when the Message-ID is gone', async () => {
    const without = ORIGINAL_HEAD.replace(/Message-ID:.*\n/, '');
    expect((await parseComplaint(feedback('abuse', `${without}\n\nHello`), SECRET))?.messageId).toBe(ID);
  });

  it('are recognised in mail as we really send it', async () => {
    const { raw } = buildMime(
      {
        messageId: ID,
        from: { address: 'hello@shop.example.com' },
        to: { address: 'mia@example.net' },
        subject: 'x',
        html: '<p>x</p>',
        text: 'x',
        date: new Date('2026-11-22T08:00:00Z'),
        unsubscribeUrl: 'https://m.example.com/u/x',
        list: { name: 'n', id: 'n.example.com' },
      },
      SECRET,
    );
    expect((await parseComplaint(feedback('abuse', raw.toString('latin1')), SECRET))?.messageId).toBe(ID);
  });

  // RFC 6430 and RFC 6591: neither is a person who wants no more.
  it.each([
    ['not-spam', false],
    ['auth-failure', false],
    ['fraud', true],
    ['opt-out', true],
    ['something new', true],
  ])('"%s" is a complaint: %s', async (type, is) => {
    expect((await parseComplaint(feedback(type, ORIGINAL_HEAD), SECRET))?.isComplaint).toBe(is);
  });

  it("are read from Outlook's form, which has no report part", async () => {
    const raw = bytes(`From: staff@hotmail.example
To: fbl@shop.example.com
Subject: complaint about message from 192.0.2.222
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_o"

--=_o
Content-Type: message/rfc822
Content-Disposition: inline

X-HmXmrOriginalRecipient: mia@outlook.example
${ORIGINAL_HEAD}

Hello
--=_o--
`);
    expect(await parseComplaint(raw, SECRET)).toMatchObject({
      feedbackType: 'abuse',
      messageId: ID,
      recipient: 'mia@outlook.example',
    });
  });

  it('are not seen in a bounce or a letter', async () => {
    expect(await parseComplaint(POSTFIX, SECRET)).toBeUndefined();
    expect(await parseComplaint(HUMAN, SECRET)).toBeUndefined();
  });
});
