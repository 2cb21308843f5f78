import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expensiveCharacters, smsLength } from './segments.ts';

const abroad = (text: string) => smsLength(text, { mainland: false });
const mainland = (text: string) => smsLength(text, { mainland: true });

describe('the length of an SMS', () => {
  // 3GPP TS 23.038: 140 octets are 160 septets or 70 UCS-2 characters; a concatenation header of 6 octets leaves 153 and 67.
  it.each([
    ['', 'gsm7', 0, 0],
    ['a'.repeat(160), 'gsm7', 160, 1],
    ['a'.repeat(161), 'gsm7', 161, 2],
    ['a'.repeat(306), 'gsm7', 306, 2],
    ['a'.repeat(307), 'gsm7', 307, 3],
    ['€'.repeat(80), 'gsm7', 160, 1],
    ['€'.repeat(81), 'gsm7', 162, 2],
    ['^{}\\[~]|€', 'gsm7', 18, 1],
    ['ñäöüàèéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ', 'gsm7', 29, 1],
    ['ç', 'ucs2', 1, 1],
    ['ё'.repeat(70), 'ucs2', 70, 1],
    [`${'a'.repeat(69)}’`, 'ucs2', 70, 1],
    [`${'a'.repeat(70)}’`, 'ucs2', 71, 2],
    ['你'.repeat(134), 'ucs2', 134, 2],
    ['你'.repeat(135), 'ucs2', 135, 3],
    ['😀'.repeat(35), 'ucs2', 70, 1],
    ['😀'.repeat(36), 'ucs2', 72, 2],
  ] as const)('%# %s', (text, alphabet, units, segments) => {
    expect(abroad(text)).toMatchObject({ alphabet, units, segments });
  });

  // 阿里云 and 腾讯云 bill by characters: up to 70 is one, above it 67 each, signature included, whatever the script.
  it.each([
    ['a'.repeat(70), 1],
    ['a'.repeat(71), 2],
    ['a'.repeat(134), 2],
    ['a'.repeat(135), 3],
    ['€'.repeat(70), 1],
    [`【店】${'好'.repeat(67)}`, 1],
    [`【店】${'好'.repeat(68)}`, 2],
  ] as const)('counts every character one on the mainland: %#', (text, segments) => {
    expect(mainland(text).segments).toBe(segments);
  });

  it('cuts no escape pair and no surrogate pair in two', () => {
    // 152 letters leave one septet: the euro needs two, so it begins the next part.
    expect(abroad(`${'a'.repeat(152)}€${'b'.repeat(20)}`).parts.map((part) => part.length)).toEqual([152, 21]);
    expect(abroad(`${'你'.repeat(66)}😀${'好'.repeat(10)}`).parts.map((part) => part.length)).toEqual([66, 12]);
  });

  it('names what makes it expensive', () => {
    expect(expensiveCharacters('it’s “nice” €5')).toEqual(['’', '“', '”']);
  });

  it('splits into well-formed parts that are the text, none too long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.boolean(), (text, isMainland) => {
        const { parts, alphabet, segments, left } = smsLength(text, { mainland: isMainland });
        expect(parts.join('')).toBe(text);
        expect(parts).toHaveLength(segments);
        expect(parts.every((part) => part.isWellFormed())).toBe(true);
        const most = alphabet === 'gsm7' ? (segments > 1 ? 153 : 160) : segments > 1 ? 67 : 70;
        expect(left).toBeGreaterThanOrEqual(0);
        // Septets are more than characters, never fewer.
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(most);
      }),
    );
  });
});
