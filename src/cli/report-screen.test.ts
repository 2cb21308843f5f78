import { describe, expect, it } from 'vitest';
import { compareArms, figuresOf, sampleRatioOf, sumTotals } from '../prove/outcomes/lift.ts';
import { estimateText, reportScreen, type ReportJson } from './report-screen.ts';
import { NO_COLOURS } from './session.ts';
import { widthOf } from './table.ts';

const totals = (people: number, returned: number) => ({
  ...sumTotals([]),
  people,
  contacted: people,
  delivered: people,
  returned,
  orders: returned,
  revenue_cents: returned * 5_000,
  margin_cents: returned * 2_000,
  margin_squares: returned * 2_000 ** 2,
  message_cost_cents: people,
});

const report = (): ReportJson => {
  const [treated, control] = [
    totals(8_000, 800),
    { ...totals(2_000, 120), contacted: 0, delivered: 0, message_cost_cents: 0 },
  ];
  return {
    programmeId: 'win-back',
    name: '春季唤醒',
    state: 'running',
    until: '2026-06-01T09:30:00.000Z',
    goalDays: 28,
    considered: 12_000,
    refused: [
      { code: 'no_consent', people: 1_500 },
      { code: 'global_control', people: 500 },
    ],
    messages: { sent: 7_998, unknown: 2 },
    treated: figuresOf(treated),
    control: figuresOf(control),
    total: compareArms(treated, control),
    variants: ['a', 'b'].map((key) => ({
      key,
      figures: figuresOf(treated),
      comparison: compareArms(treated, control),
    })),
    sampleRatio: sampleRatioOf(8_000, 2_000, 0.2),
    leftOut: null,
    currency: 'EUR',
  };
};

describe('the report screen', () => {
  it('shows arms, reasons in words, the lift and what is unknown', () => {
    const screen = reportScreen(report(), 'en', NO_COLOURS);
    expect(screen).toContain('春季唤醒 · running · as of 2026-06-01 09:30 UTC');
    // 800 / 8000 − 120 / 2000 = 4.0 points.
    expect(screen).toContain('+4.0 points');
    expect(screen).toMatch(/Returns +\+320 {2}\(/);
    expect(screen).toContain('1,500  never agreed to marketing on this channel');
    expect(screen).toContain('2 messages have an unknown fate');
    expect(screen).toContain('variant b');
    expect(screen).toContain('as planned');
  });
  it('says the same in Chinese, in aligned columns', () => {
    const screen = reportScreen(report(), 'zh', NO_COLOURS);
    expect(screen).toContain('从未同意该渠道的营销触达');
    const table = screen.split('\n').slice(2, 7);
    expect(new Set(table.map(widthOf)).size).toBe(1);
  });
  it('raises the alarm where the arms do not have their people', () => {
    const screen = reportScreen({ ...report(), sampleRatio: sampleRatioOf(9_000, 1_000, 0.2) }, 'en', NO_COLOURS);
    expect(screen).toContain('ALARM');
  });
  it('says why there is no figure yet', () => {
    expect(estimateText({ kind: 'not_enough_data', reason: 'too_few_people' }, String, 'en')).toBe(
      'not enough people yet',
    );
    expect(estimateText({ kind: 'estimated', estimate: -2, low: -5, high: 1, p: 0.2 }, String, 'en')).toBe(
      '−2  (−5 … +1)',
    );
  });
});
