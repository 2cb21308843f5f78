import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey, normalEmail, normalPhone } from './address.ts';
import { hmacSha256 } from './hash.ts';

describe('addresses', () => {
  it.each([
    [' Mia@Example.COM ', 'mia@example.com'],
    ['MIA+shop@mail.example.co.uk', 'mia+shop@mail.example.co.uk'],
    ['王@例子.中国', '王@例子.中国'],
  ])('writes %j as %j', (text, normal) => expect(normalEmail(text)).toBe(normal));

  it.each([
    '',
    'mia',
    'mia@',
    '@example.com',
    'mia@example',
    'a b@example.com',
    'mia@ex ample.com',
    'a@b@example.com',
    'Mia <mia@example.com>',
    'mia@example.com, bob@example.com',
    'mia@example.com\r\nBcc: bob@example.com',
    `${'x'.repeat(250)}@example.com`,
  ])('finds no address in %j', (text) => expect(normalEmail(text)).toBeUndefined());

  it.each([
    ['+86 138 0013 8000', '+8613800138000'],
    ['0086-138-0013-8000', '+8613800138000'],
    ['(+1) 415.555.2671', '+14155552671'],
    ['＋４９３０１２３４５６７８', '+493012345678'],
  ])('writes the number %j as %j', (text, normal) => expect(normalPhone(text)).toBe(normal));

  it.each(['13800138000', '+1234567', '+1234567890123456', '+86 abc', ''])('guesses no country for %j', (text) =>
    expect(normalPhone(text)).toBeUndefined(),
  );

  it('normalises once and for all', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        const normal = normalEmail(email);
        expect(normal === undefined ? undefined : normalEmail(` ${normal.toUpperCase()} `)).toBe(normal);
      }),
    );
  });

  it.each([
    ['mia@bücher.example', 'mia@xn--bcher-kva.example'],
    ['mia@faß.example', 'mia@xn--fa-hia.example'],
    ['王@例子.中国', '王@xn--fsqu00a.xn--fiqs8s'],
  ])('keys %s as %s', (unicode, ascii) => {
    expect(normalEmail(ascii)).toBe(ascii);
    expect(addressKey('k', unicode)).toBe(addressKey('k', ascii));
    expect(addressKey('k', unicode)).not.toBe(addressKey('k', unicode.replace(/^./, 'x')));
  });

  it('keys what only looks like a host as it is written', () => {
    for (const address of ['mia@1.23', 'mia@0x7f.example', '+8613800138000'])
      expect(addressKey('Jefe', address)).toBe(hmacSha256('Jefe', address).subarray(0, 16).toString('hex'));
  });

  it('keys by HMAC-SHA256, cut to 128 bits (RFC 4231, test case 2)', () => {
    expect(addressKey('Jefe', 'what do ya want for nothing?')).toBe('5bdcc146bf60754e6a042426089575c7');
  });
});
