import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMail } from '../../templates/compile.ts';
import { renderMail } from '../../templates/render.ts';
import { STARTER_TEMPLATES } from '../../templates/starter-library.ts';
import { LANGUAGES, VARIANTS } from '../../templates/template.ts';
import { buildMime, type MailToSend } from './mime.ts';

const mailOf = (html: string, standing?: readonly string[]): MailToSend => ({
  messageId: 'msg_01arz3ndektsv4rrffq69g5fav',
  from: { name: 'Shop', address: 'hello@shop.example' },
  to: { address: 'mia@example.net' },
  subject: 'x',
  html,
  text: 'Hello\n',
  date: new Date('2026-03-01T10:00:00Z'),
  unsubscribeUrl: 'https://m.shop.example/u/token',
  list: { name: 'Shop', id: 'p.shop.example' },
  standing,
});
const rawOf = (html: string, standing?: readonly string[]): string =>
  buildMime(mailOf(html, standing), 'secret').raw.toString('latin1');

describe('what stands in all mails of a template', () => {
  it('changes no byte of a starter mail, and is most of it', async () => {
    for (const template of STARTER_TEMPLATES.filter((each) => each.kind === 'email')) {
      const compiled = await compileMail(template);
      for (const lang of LANGUAGES)
        for (const variant of VARIANTS) {
          const { html } = renderMail(compiled, {
            lang,
            variant,
            context: {
              person: { firstName: 'Mia <b>&' },
              brand: { name: 'Shop', address: '1 Road, Town', url: 'https://shop.example' },
              unsubscribeUrl: 'https://m.shop.example/u/token',
            },
            trackLink: (_url, index) => `https://m.shop.example/c/${index}`,
            openPixelUrl: 'https://m.shop.example/o/token',
            honeypotUrl: 'https://m.shop.example/h/token',
          });
          const standing = compiled.parts[lang]![variant].standing;
          expect(rawOf(html, standing)).toBe(rawOf(html));
          const found = standing.filter((text) => html.includes(text));
          expect(found.join('').length).toBeGreaterThan(html.length / 2);
        }
    }
  });

  it('changes no byte of anything: passages that are there, are not, overlap, begin inside a line, or must not travel as they are', () => {
    const line = fc.oneof(
      fc.constantFrom('From here', '.', '', 'a\r', '\r', 'x'.repeat(901), 'é', 'plain words', '<p>one</p>', '\u0001'),
      fc.string({ maxLength: 8 }),
    );
    const passage = fc.array(line, { maxLength: 4 }).map((lines) => lines.map((each) => `${each}\n`).join(''));
    const piece = fc.oneof(passage, line);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(passage, { maxLength: 3 }), (pieces, others) => {
        const html = pieces.join('');
        const standing = [...pieces.filter((each) => each.endsWith('\n')), ...others].filter((each) => each !== '');
        return rawOf(html, standing) === rawOf(html);
      }),
      { numRuns: 500 },
    );
  });
});
