import { describe, expect, it } from 'vitest';
import { judgeBounce, readReply, type BounceAction } from './bounce-policy.ts';

// Enhanced statuses of RFC 3463 and the IANA registry; the actions are the policy of the product.
describe('a status decides', () => {
  it.each<[string, BounceAction]>([
    ['5.1.1', 'suppress_address'],
    ['5.1.2', 'suppress_address'],
    ['5.1.3', 'suppress_address'],
    ['5.1.6', 'suppress_address'],
    ['5.1.10', 'suppress_address'],
    ['5.2.1', 'suppress_address'],
    ['5.2.2', 'soft_bounce'],
    ['4.2.2', 'soft_bounce'],
    ['4.1.1', 'soft_bounce'],
    ['4.7.0', 'soft_bounce'],
    ['4.4.7', 'soft_bounce'],
    ['5.7.0', 'pause_sender'],
    ['5.7.1', 'pause_sender'],
    ['5.7.26', 'pause_sender'],
    ['5.7.515', 'pause_sender'],
    ['5.1.8', 'pause_sender'],
    ['5.3.4', 'fix_content'],
    ['5.2.3', 'fix_content'],
    ['5.6.1', 'fix_content'],
  ])('%s → %s', (status, action) => {
    expect(judgeBounce({ status, text: 'words that say nothing' }).action).toBe(action);
  });
});

it('does not take a mailbox that is busy for one that is closed', () => {
  const text =
    '550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.';
  expect(judgeBounce({ ...readReply(text), text })).toMatchObject({ permanent: false, action: 'soft_bounce' });
});

// Words as providers publish them (Gmail, Yahoo, Outlook, QQ, NetEase, Coremail, postfix, qmail).
describe('words decide where the status says nothing', () => {
  it.each<[string, BounceAction]>([
    ['550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?id=20022', 'suppress_address'],
    ['550 User not found: mia@163.example', 'suppress_address'],
    ['550 #2175041 unavailable mail user', 'suppress_address'],
    ['550 no such user here (umail mta)', 'suppress_address'],
    ['550 5.0.0 the user does not exist', 'suppress_address'],
    ['550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)', 'suppress_address'],
    ['550 5.4.1 Recipient address rejected: Access denied.', 'suppress_address'],
    ["554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [-5]", 'suppress_address'],
    ['550 #5.1.0 Address rejected.', 'suppress_address'],
    ['该用户不存在', 'suppress_address'],
    [
      '550 5.4.1 All recipient addresses rejected : Access denied [DB5EUR03.prod.protection.outlook.com]',
      'suppress_address',
    ],
    // Said with the same bare 550 as "nobody is there", and about us.
    ['550 Ip frequency limited [MaM1]. http://service.mail.qq.com/detail/122/168', 'pause_sender'],
    ['550 Connection frequency limited', 'pause_sender'],
    ['550 Suspected bounce attacks', 'pause_sender'],
    ['550 Connection denied', 'pause_sender'],
    ['550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726', 'fix_content'],
    ['550 RP:TRC 163 mx14', 'pause_sender'],
    ['550 User has no permission', 'pause_sender'],
    ['550 Sender verify failed', 'pause_sender'],
    ['550 5.1.0 <hi@shop.example>: Sender address rejected: Domain not found', 'pause_sender'],
    ['550 HELO should be a FQDN', 'pause_sender'],
    ['550 Your IP has no PTR record', 'pause_sender'],
    ['550 Administrative prohibition', 'pause_sender'],
    ['550 Too many invalid recipients', 'pause_sender'],
    ['550 该发件人被收件人拒收', 'pause_sender'],
    ['该用户未开通QQ邮箱', 'suppress_address'],
    [
      '554 delivery error: dd Sorry, your message cannot be delivered. This mailbox is disabled (554.30).',
      'suppress_address',
    ],
    ['550 User suspended', 'suppress_address'],
    ['552 Quota exceeded or service disabled.', 'soft_bounce'],
    ['收件人空间不足', 'soft_bounce'],
    ['554 5.0.0 mailbox full', 'soft_bounce'],
    ['450 the recipient is unavailable', 'soft_bounce'],
    ['554 DT:SPM 163 smtp, spam', 'pause_sender'],
    ['550 5.0.0 Mail rejected due to possible SPAM', 'pause_sender'],
    ['550 Domain frequency limited, IP in blacklist', 'pause_sender'],
    ['554 5.3.0 blocked using zen.spamhaus.org', 'pause_sender'],
    ['552 message exceeds fixed maximum size limit', 'fix_content'],
    ['554 gibberish', 'pause_sender'],
    ['nothing at all', 'soft_bounce'],
  ])('%s → %s', (text, action) => {
    expect(judgeBounce({ ...readReply(text), text }).action).toBe(action);
  });
});

it('never blames the recipient for a refused MAIL FROM', () => {
  expect(judgeBounce({ code: '550', text: 'no such user', stage: 'mail' }).class).toBe('sender');
});

it('finds code and status in a reply', () => {
  expect(readReply('550-5.1.1 The email account')).toEqual({ code: '550', status: '5.1.1' });
  expect(readReply('host mx.qq.com[103.7.30.40] said: 550 Mailbox not found')).toEqual({ code: '550' });
  expect(readReply('Sorry (#5.1.2)')).toEqual({ status: '5.1.2' });
});
