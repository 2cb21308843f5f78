import { describe, expect, it } from 'vitest';
import { meaningOf, wordOf, type Meaning } from './foreign-columns.ts';

describe('columns of other tools', () => {
  it.each([
    ['Email Address', 'email'],
    ['Unsubscribed from all email', 'optOut:email'],
    ['EMAIL_BLACKLIST', 'optOut:email'],
    ['Email Opt Out', 'optOut:email'],
    ['UNSUB_TIME', 'happened:email'],
    ['CLEAN_TIME', 'happened:email'],
    ['Email Marketing Consent', 'status:email'],
    ['SMS Marketing Consent', 'status:sms'],
    ['Accepts Email Marketing', 'optIn:email'],
    ['Accepts SMS Marketing', 'optIn:sms'],
    ['Do Not Contact', 'optOut:*'],
    ['短信退订', 'optOut:sms'],
    ['是否退订', 'optOut:email'],
    ['黑名单', 'optOut:*'],
    ['手机号码', 'phone'],
  ])('%s', (column, meaning) => {
    const found = meaningOf(column);
    expect(found === undefined ? '' : 'channel' in found ? `${found.kind}:${found.channel}` : found.kind).toBe(meaning);
  });
  it('that say nothing of it', () => {
    for (const column of ['Total spent', 'Tags', 'unsub_campaign_title', '备注'])
      expect(meaningOf(column)).toBeUndefined();
  });

  const of = (kind: 'optOut' | 'optIn' | 'status' | 'happened'): Meaning => ({ kind, channel: 'email' });
  it.each([
    ['optOut', 'TRUE', 'out'],
    ['optOut', '是', 'out'],
    ['optOut', 'No', 'nothing'],
    ['optOut', '', 'nothing'],
    // Nobody knows this word: the careful reading.
    ['optOut', 'manual', 'out'],
    ['happened', '2025-01-01 10:00:00', 'out'],
    ['happened', '[]', 'nothing'],
    ['status', 'SUBSCRIBED', 'yes'],
    ['status', 'NEVER_SUBSCRIBED', 'nothing'],
    ['status', 'cleaned', 'out'],
    ['status', 'pending', 'nothing'],
    ['status', 'perhaps', 'unclear'],
    ['optIn', 'yes', 'yes'],
    ['optIn', '否', 'no'],
    ['optIn', 'maybe', 'unclear'],
  ] as const)('%s column that holds "%s": %s', (kind, cell, word) => expect(wordOf(of(kind), cell)).toBe(word));
});
