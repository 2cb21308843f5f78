// Sentences of evidence as a reader would write them: one refund, two refunds, days in her language.
import { expect, it } from 'vitest';
import { explainEvidence } from './evidence.ts';

const saidOf = (signal: string, count: number) =>
  explainEvidence({
    reason: 'bad_experience',
    evidence: JSON.stringify([{ signal, strength: 1, count, lastOn: '2026-01-13' }]),
    answer: '',
  })[0]?.text;

it('says one and many, and writes days out', () => {
  expect(saidOf('late_delivery', 1)).toEqual({
    en: '1 late delivery, on 13 Jan 2026',
    zh: '配送延迟 1 次，在 2026年1月13日',
  });
  expect(saidOf('late_delivery', 2)).toEqual({
    en: '2 late deliveries, the last on 13 Jan 2026',
    zh: '配送延迟 2 次，最近一次在 2026年1月13日',
  });
});
