import { describe, expect, it } from 'vitest';
import { confirmationText, inboundMeaning } from './inbound-words.ts';

describe('an answer by SMS', () => {
  it.each([
    // 47 CFR 64.1200(a)(10): the per-se words.
    ...['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe'].map(
      (word) => [word, 'US', 'stop'] as const,
    ),
    ['STOP', 'US', 'stop'],
    [' Stop. ', 'US', 'stop'],
    ['ＳＴＯＰ', 'US', 'stop'],
    ['stopall', 'US', 'stop'],
    ['ARRÊT', 'FR', 'stop'],
    ['TD', 'CN', 'stop'],
    ['ｔｄ', 'CN', 'stop'],
    ['t d', 'CN', 'stop'],
    ['T', 'CN', 'stop'],
    ['Ｒ', 'CN', 'stop'],
    ['N', 'CN', 'stop'],
    ['TDZD', 'CN', 'stop'],
    ['0000', 'CN', 'stop'],
    ['００００', 'CN', 'stop'],
    ['退订', 'CN', 'stop'],
    ['退订。', 'CN', 'stop'],
    ['【退订】', 'CN', 'stop'],
    // Understood wherever she is.
    ['退订', 'US', 'stop'],
    ['stop', 'CN', 'stop'],
    ['stop', undefined, 'stop'],
    ['START', 'US', 'start'],
    ['unstop', 'US', 'start'],
    ['订阅', 'CN', 'start'],
    ['help', 'GB', 'help'],
    ['帮助', 'CN', 'help'],
    // One letter means nothing where nobody prints it.
    ['R', 'US', 'free_text'],
    ['n', 'US', 'free_text'],
    ['订阅', 'US', 'free_text'],
    ['when does it start?', 'US', 'free_text'],
    ['please stop texting me so late', 'US', 'free_text'],
    ['什么时候开始', 'CN', 'free_text'],
    ['不想退订，只想改地址', 'CN', 'free_text'],
    ['', 'US', 'free_text'],
    ['👍', 'US', 'free_text'],
  ] as const)('%j from %s is %s', (text, country, meaning) => {
    expect(inboundMeaning(text, country)).toBe(meaning);
  });

  it('confirms without selling', () => {
    for (const lang of ['en', 'zh'] as const) {
      expect(confirmationText('Fern', lang)).toContain('Fern');
      expect(confirmationText('Fern', lang)).not.toMatch(/https?:|%|优惠|offer|discount/i);
    }
  });
});
