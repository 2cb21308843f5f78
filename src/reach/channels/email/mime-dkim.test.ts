import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it } from 'vitest';
import { readAddressToken, signToken } from '../../tracking/token.ts';
import { dkimKey, relaxedBody, relaxedHeader, signDkim, type DkimKey } from './dkim.ts';
import { emailChannel } from './email-channel.ts';
import { bounceTokenOf, buildMime, plainAddress, type MailToSend } from './mime.ts';
import { parseMail, startMailSink } from './sink.ts';

const SECRET = 'a secret';
const ID = 'msg_01arz3ndektsv4rrffq69g5fav';
const URL = `https://m.example.com/u/${signToken(SECRET, { kind: 'unsubscribe', messageId: ID })}`;
const MAIL: MailToSend = {
  messageId: ID,
  from: { name: 'Fern & Field, "Bristol"', address: 'hello@shop.example.com' },
  replyTo: { name: '客服', address: 'care@shop.example.com' },
  to: { name: '林小雨', address: 'rain@例子.cn' },
  subject: '小雨，好久不见 — a subject long enough to be folded over more than one line of seventy-eight characters',
  html: `<p>你好 ${'很长的一段话，'.repeat(60)}</p>`,
  text: `你好\n.\n..two dots\n   trailing   \n\n\n${'plain '.repeat(40)}\n\n\n`,
  date: new Date('2026-11-22T08:00:00Z'),
  unsubscribeUrl: URL,
  feedbackId: 'winback:step1:a:fern',
  list: { name: 'Fern news', id: 'news.shop.example.com' },
  bounceDomain: 'bounce.example.com',
};

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const pem = (key: { export: (how: { type: 'pkcs8'; format: 'pem' }) => string | Buffer }): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEYS: readonly DkimKey[] = [
  dkimKey('shop.example.com', 'r1', pem(rsa.privateKey)),
  dkimKey('shop.example.com', 'e1', pem(ed.privateKey)),
];
// RFC 6376 §3.6.1 (RSA: the SubjectPublicKeyInfo) and RFC 8463 §4.2 (Ed25519: the bare 32 bytes, the last of the SPKI).
const DNS: Readonly<Record<string, string>> = {
  'r1._domainkey.shop.example.com': `v=DKIM1; k=rsa; p=${createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'der' }).toString('base64')}`,
  'e1._domainkey.shop.example.com': `v=DKIM1; k=ed25519; p=${createPublicKey(ed.privateKey).export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`,
};
const verify = async (raw: Buffer): Promise<readonly string[]> => {
  const result = await dkimVerify(raw, {
    resolver: (name: string) =>
      DNS[name]
        ? Promise.resolve([[DNS[name]]])
        : Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' })),
    curTime: MAIL.date,
  });
  return result.results.map((signature) => `${signature.selector} ${signature.status.result}`);
};
// Line ends inside text parts are CRLF by law (RFC 2046 §4.1.1).
const lf = (text: string | undefined): string => (text ?? '').replaceAll('\r\n', '\n').trimEnd();
const headLines = (raw: Buffer): readonly string[] => raw.toString('latin1').split('\r\n\r\n')[0]!.split('\r\n');

describe('the MIME message', () => {
  it('reads back as it was meant', async () => {
    const parsed = await parseMail(buildMime(MAIL, SECRET).raw);
    expect(parsed.subject).toBe(MAIL.subject);
    expect(parsed.from).toMatchObject({ name: 'Fern & Field, "Bristol"', address: 'hello@shop.example.com' });
    // Punycode of 例子 (RFC 3492), as every registrar shows it: xn--fsqu00a.
    expect(parsed.to?.[0]).toMatchObject({ name: '林小雨', address: 'rain@xn--fsqu00a.cn' });
    expect(lf(parsed.html)).toBe(MAIL.html);
    expect(lf(parsed.text)).toBe(MAIL.text.trimEnd());
    expect(parsed.date).toBe('2026-11-22T08:00:00.000Z');
  });

  it('carries any text there and back, in lines that every relay passes', async () => {
    const word = fc
      .string({ unit: 'grapheme', maxLength: 200 })
      .map((text) => text.replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ').trim());
    const paragraph = fc.oneof(word, fc.constantFrom('From here', '.', '--=_x', 'x'.repeat(3_000), '=3D', 'ü'));
    const header = fc.oneof(word, fc.constantFrom('x'.repeat(2_000), `a ${'word'.repeat(400)} b`));
    const content = fc.array(paragraph, { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n'));
    await fc.assert(
      fc.asyncProperty(header, header, content, content, async (subject, name, text, html) => {
        const { raw } = buildMime({ ...MAIL, subject, to: { ...MAIL.to, name }, text, html }, SECRET);
        expect(
          Math.max(
            ...raw
              .toString('latin1')
              .split('\r\n')
              .map((line) => line.length),
          ),
        ).toBeLessThanOrEqual(900);
        expect(raw.toString('latin1')).toMatch(/^[\t\r\n\u0020-\u007e]*$/);
        const parsed = await parseMail(raw);
        expect(parsed.subject ?? '').toBe(subject);
        expect(parsed.to?.[0]?.name ?? '').toBe(name);
        expect(lf(parsed.text)).toBe(text.trimEnd());
        expect(lf(parsed.html)).toBe(html.trimEnd());
      }),
      { numRuns: 200 },
    );
  });

  it('shows filters a text that is nearly ASCII, and hides no line from stores that alter "From "', () => {
    const text = `Unsubscribe\u00a0·\u00a0Choose what you receive. Read all of this, please, it is quite long.\nFrom here on: caf\u00e9\n`;
    const raw = buildMime({ ...MAIL, text }, SECRET).raw.toString('latin1');
    const part = raw.slice(raw.indexOf('Content-Type: text/plain'), raw.indexOf('Content-Type: text/html'));
    expect(part).toContain('Content-Transfer-Encoding: quoted-printable');
    expect(part).toContain('Choose what you receive');
    // RFC 2045, 6.7 rule 1: any octet may be written so; F is 46.
    expect(part).toContain('\r\n=46rom here on: caf=C3=A9');
    expect(part).not.toMatch(/^From /m);
  });

  it('offers one-click unsubscribe in exactly one line each (RFC 8058)', async () => {
    const lines = headLines(buildMime(MAIL, SECRET).raw);
    expect(lines.filter((line) => /^list-unsubscribe:/i.test(line))).toEqual([`List-Unsubscribe: <${URL}>`]);
    expect(lines.filter((line) => /^list-unsubscribe-post:/i.test(line))).toEqual([
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ]);
    expect(lines.filter((line) => /^list-id:/i.test(line)).map((line) => line.slice(9))).toEqual([
      '"Fern news" <news.shop.example.com>',
    ]);
    expect(lines).toContain('Feedback-ID: winback:step1:a:fern');
  });

  it('signs the message id and the return path', async () => {
    const built = buildMime(MAIL, SECRET);
    const token = bounceTokenOf(built.envelopeFrom.toUpperCase());
    expect(built.envelopeFrom).toMatch(/@bounce\.example\.com$/);
    expect(built.envelopeFrom.indexOf('@')).toBeLessThanOrEqual(64);
    expect(readAddressToken(SECRET, token ?? '')).toEqual({ ok: true, value: ID });
    expect(headLines(built.raw)).toContain(`Message-ID: <${token}@shop.example.com>`);
  });

  it.each([
    ['Latin with marks', 'Zoë Ångström-Şahin'], ['Greek', 'Ελένη Παππά'], ['Cyrillic', 'Екатерина Щёголева'], ['Armenian', 'Անահիտ Սարգսյան'],
    ['Georgian', 'ნინო ბერიძე'], ['Hebrew', 'נועה כהן'], ['Arabic', 'محمد الخليل'], ['Devanagari', 'प्रिया शर्मा'], ['Bengali', 'রবীন্দ্রনাথ'],
    ['Tamil', 'தமிழ்ச்செல்வி'], ['Thai', 'สมชาย ใจดี'], ['Amharic', 'ሰላም አበበ'], ['Khmer', 'សុខា'], ['Chinese', '欧阳娜娜'], ['beyond the BMP', '𠮷野家𡈽屋'],
    ['Japanese', '髙橋さくら'], ['Korean', '김서연'], ['decomposed', 'e\u0301lodie'], ['emoji', '👩🏽‍🚀 Mae 👨‍👩‍👧‍👦'], ['punctuation', '"Bob" <ceo@bank.example>, (x); \\ @'],
    ['encoded words', '=?utf-8?B?QmNjOiBh?='], ['long', '王小明'.repeat(60)],
  ])('shows a display name in %s as it is, from one sender to one recipient', async (_script, name) => {
    const { raw } = buildMime({ ...MAIL, from: { ...MAIL.from, name }, to: { ...MAIL.to, name } }, SECRET);
    const lines = headLines(raw);
    for (const line of lines) expect(line).toMatch(/^[\t\u0020-\u007e]{0,900}$/);
    for (const header of ['From', 'To']) expect(lines.filter((line) => line.startsWith(`${header}:`))).toHaveLength(1);
    const parsed = await parseMail(raw);
    expect(parsed.from).toMatchObject({ name, address: MAIL.from.address });
    expect(parsed.to).toEqual([{ name, address: 'rain@xn--fsqu00a.cn' }]);
  }); // prettier-ignore

  it('takes the marks out of a name that would turn what follows around', async () => {
    // UAX #9: embeddings, overrides and isolates; "exe.cod" behind U+202E reads as "doc.exe".
    const name = 'Invoice \u202eexe.cod\u202c \u2066x\u2069';
    const { raw } = buildMime({ ...MAIL, subject: name, from: { ...MAIL.from, name } }, SECRET);
    const parsed = await parseMail(raw);
    expect([parsed.from?.name, parsed.subject]).toEqual(['Invoice exe.cod x', 'Invoice exe.cod x']);
  });

  it('cannot be given a header by a name or a subject', async () => {
    const evil = 'x\r\nBcc: victim@example.com\r\n\r\nbody';
    const { raw } = buildMime(
      { ...MAIL, subject: evil, from: { ...MAIL.from, name: evil }, list: { ...MAIL.list, name: evil } },
      SECRET,
    );
    expect(headLines(raw).filter((line) => /^bcc/i.test(line))).toEqual([]);
    expect((await parseMail(raw)).bcc).toBeUndefined();
  });

  it.each(['a@b@c', 'a b@c.de', 'a@c.de\r\nX: y', '<a@c.de>', 'a@c.de,b@c.de', 'a@', '@c.de', ''])(
    'refuses the address %j',
    (address) => {
      expect(() => plainAddress(address, 'to')).toThrow(expect.objectContaining({ code: 'invalid' }));
    },
  );

  it('insists on https for one-click, except on this machine', async () => {
    expect(() => buildMime({ ...MAIL, unsubscribeUrl: 'http://m.example.com/u/x' }, SECRET)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
    expect(buildMime({ ...MAIL, unsubscribeUrl: 'http://localhost:3000/u/x' }, SECRET).raw.length).toBeGreaterThan(0);
  });
});

describe('DKIM', () => {
  it('canonicalises as in the example of RFC 6376 §3.4.5', () => {
    expect(['A: X', 'B : Y\t\r\n\tZ  '].map(relaxedHeader)).toEqual(['a:X', 'b:Y Z']);
    expect(relaxedBody(' C \r\nD \t E\r\n\r\n\r\n')).toBe(' C\r\nD E\r\n');
    expect(relaxedBody('\r\n\r\n')).toBe('');
  });

  it('passes another implementation, RSA and Ed25519, and names both unsubscribe headers', async () => {
    const signed = await signDkim(buildMime(MAIL, SECRET).raw, KEYS, MAIL.date);
    expect(await verify(signed)).toEqual(['r1 pass', 'e1 pass']);
    // RFC 6376 §3.5: white space may stand around a colon, not within a name.
    const names = /h=([^;]+);/.exec(signed.toString('latin1'))?.[1]?.split(/\s*:\s*/) ?? [];
    expect(names.join(':')).not.toMatch(/\s/);
    expect(names).toEqual(
      expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post', 'from', 'subject', 'date']),
    );
    expect(names.filter((name) => name === 'from')).toHaveLength(2);
  });

  it.each([
    ['the subject', (text: string) => text.replace('Subject: ', 'Subject: x')],
    ['the unsubscribe address', (text: string) => text.replace('m.example.com/u/', 'm.evil.com/u/')],
    ['the body', (text: string) => text.replace('two dots', 'too dots')],
    ['a second From', (text: string) => text.replace('\r\nFrom:', '\r\nFrom: evil@example.org\r\nFrom:')],
  ])('fails when %s was changed', async (_title, change) => {
    const signed = await signDkim(buildMime({ ...MAIL, text: 'two dots' }, SECRET).raw, KEYS, MAIL.date);
    const changed = change(signed.toString('latin1'));
    expect(changed).not.toBe(signed.toString('latin1'));
    expect((await verify(Buffer.from(changed, 'latin1'))).filter((result) => result.endsWith('pass'))).toEqual([]);
  });

  it('refuses weak keys', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(() => dkimKey('example.com', 's', pem(weak.privateKey))).toThrow(/2048/);
  });

  it('still passes after the whole journey through SMTP', async () => {
    let arrived: Buffer | undefined;
    const sink = await startMailSink({ onMail: (mail) => void (arrived = mail.raw) });
    const channel = emailChannel({ smtpUrl: sink.url, secret: SECRET, dkimKeys: KEYS });
    expect((await channel.send(MAIL)).kind).toBe('sent');
    expect(await channel.send({ ...MAIL, to: { address: 'not an address' } })).toMatchObject({
      kind: 'rejected',
      class: 'address',
      code: 'local',
    });
    await channel.close();
    await sink.close();
    expect(await verify(arrived!)).toEqual(['r1 pass', 'e1 pass']);
  });
});
