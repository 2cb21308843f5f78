import { expect, it } from 'vitest';
import { proofHeader, proofLine, type ConsentProof } from './proofs.sql.ts';

const proof = (more: Partial<ConsentProof>): ConsentProof => ({
  consentId: 'con_1',
  personId: 'p1',
  email: null,
  phone: null,
  channel: 'email',
  purpose: 'marketing',
  status: 'granted',
  basis: 'express',
  textVersion: '',
  text: null,
  source: 'form',
  proof: {},
  decidedAt: '2026-03-01T10:00:00.000Z',
  expiresAt: null,
  ...more,
});
/** RFC 4180, 2: the cells of one record. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  );
const sourceOf = (source: string): string =>
  cellsOf(proofLine(proof({ source })))[proofHeader.split(',').indexOf('source')]!;

// https://owasp.org/www-community/attacks/CSV_Injection names the beginnings.
it.each(['=cmd|x', '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＋1', '－1', '＠x'])(
  'begins no formula with %j',
  (source) => {
    expect(sourceOf(source)).toBe(`'${source}`);
  },
);

it.each(['say "hi", please\r\nthen', '😀 Zoë', '=', "o'clock", 'a;b', ''])('gives %j back as it was', (source) => {
  expect(sourceOf(source)).toBe(source === '=' ? "'=" : source);
});

it('leaves a number its prefix, and writes objects as JSON', () => {
  const line = proofLine(proof({ phone: '+8613800138000', proof: { form: '=1\n"x"' }, text: { en: 'Yes', zh: '是' } }));
  const cells = Object.fromEntries(proofHeader.split(',').map((name, at) => [name, cellsOf(line)[at]]));
  expect(cells).toMatchObject({
    phone: '+8613800138000',
    proof: '{"form":"=1\\n\\"x\\""}',
    text: '{"en":"Yes","zh":"是"}',
    expiresAt: '',
  });
});
