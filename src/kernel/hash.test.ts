import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, hmacSha256, sameText, sha256Hex } from './hash.ts';

describe('digests', () => {
  it('SHA-256 of FIPS 180-4, appendix B.1', () =>
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'));
  it('HMAC-SHA-256 of RFC 4231, test case 2', () =>
    expect(hmacSha256('Jefe', 'what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ));
  it('compares texts of any length', () => {
    expect(sameText('secret', 'secret')).toBe(true);
    expect(sameText('secret', 'secreT')).toBe(false);
    expect(sameText('', 'x')).toBe(false);
  });
});

describe('bucketOf', () => {
  // printf '1:SALT:KEY' | md5sum: the first eight hexadecimal digits, modulo 10,000.
  it.each([
    ['programme-1', 'person-1', 0x3d970537],
    ['', '', 0x2bade45c],
    ['盐', '王小明', 0xffb98949],
  ])('salt %j, key %j', (salt, key, head) => expect(bucketOf(salt, key)).toBe(head % BUCKETS));

  it('spreads keys evenly, and two salts independently', () => {
    const people = 100_000;
    const cells = 10;
    const counts = Array.from({ length: cells * cells }, () => 0);
    for (let i = 0; i < people; i++) {
      const row = Math.floor((bucketOf('a', `p${i}`) * cells) / BUCKETS);
      const column = Math.floor((bucketOf('b', `p${i}`) * cells) / BUCKETS);
      counts[row * cells + column]!++;
    }
    const expected = people / counts.length;
    const chi2 = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 99 degrees of freedom: 148.2 is the 0.999 quantile, 60.0 the 0.0005 quantile.
    expect(chi2).toBeLessThan(148.2);
    expect(chi2).toBeGreaterThan(60);
  });
});
