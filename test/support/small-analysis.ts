// A small analysis written by hand, for tests of how one is shown. Its figures mean nothing.
import type { Analysis } from '../../src/prove/reports/analysis.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import { STAGE_NAMES, STAGES } from '../../src/understand/dormancy/stage.ts';
import { RFM_GROUP_NAMES, RFM_GROUPS } from '../../src/understand/value/rfm.ts';

const figures = {
  people: 10,
  dormantPeople: 4,
  dormantShare: 0.4,
  low: 0.17,
  high: 0.69,
  dormantSpentCents: 100_00,
  paceCents: 20_00,
  expectedCents: 5_00,
  atRiskCents: 15_00,
};

/** `name` stands wherever a file's own words do. */
const smallBeyond = (name: string): Analysis['beyond'] => ({
  retention: {
    unit: 'month',
    asOf: '2025-01-31',
    leftOut: null,
    activity: ['Order Completed'],
    returning: ['Order Completed'],
    cohorts: ['2024-12-01', '2025-01-01'].map((cohort, i) => ({
      cohort,
      people: 20,
      cells: Array.from({ length: 2 - i }, (_, period) => ({
        period,
        people: period === 0 ? 20 : 5,
        share: period === 0 ? 1 : 0.25,
        spentCents: 100,
        isOver: period === 0,
      })),
    })),
    overall: [{ period: 0, people: 40, of: 40, share: 1, low: 0.9, high: 1 }],
  },
  byGroup: {
    by: 'category',
    policyId: 'shop',
    asOf: '2025-01-31',
    horizonDays: 30,
    leftOut: null,
    total: figures,
    stages: [],
    groupedBy: { en: 'Favourite category', zh: '偏好品类' },
    groups: [{ group: name, label: { en: name, zh: name }, ...figures }],
  },
  funnel: {
    from: '2024-11-03',
    to: '2025-01-31',
    windowDays: 7,
    steps: [
      { label: name, people: 100, ofFirst: 1, ofPrevious: 1, low: null, high: null, medianHours: null },
      { label: 'Order Completed', people: 25, ofFirst: 0.25, ofPrevious: 0.25, low: 0.18, high: 0.34, medianHours: 5 },
    ],
    groupedBy: null,
    groups: [],
  },
  reasons: {
    policyId: 'shop',
    asOf: '2025-01-31',
    people: 300,
    weights: { kind: 'table', answers: 0, why: { en: 'The built-in weights.', zh: '使用内置权重。' } },
    shares: [{ reason: 'forgot', share: 0.4, low: 0.2, high: 0.6 }],
  },
  recommended: {
    model: 'ease',
    asOf: '2025-01-31',
    groups: [
      {
        group: 'AT_RISK',
        label: { en: 'At risk', zh: '有流失风险' },
        people: 20,
        products: [{ itemId: 'x', name, share: 0.5 }],
      },
    ],
  },
});

export function smallAnalysis(personId = 'ada'): Analysis {
  return {
    files: [
      {
        path: `${personId}.csv`,
        kind: 'orders',
        mapping: { person: { kind: 'column', column: personId }, time: { kind: 'column', column: 'date' } },
        rowsRead: 1_000,
        rowsKept: 900,
        orders: 900,
        people: 700,
        rejected: 3,
        rejectReasons: [{ reason: 'bad_time', count: 3 }],
        excluded: [{ reason: 'cancelled', count: 97 }],
        dayOrder: 'unsure',
      },
    ],
    currency: { code: 'CNY', source: 'file', mixed: [] },
    dataFrom: '2024-01-01',
    dataUntil: '2025-03-31',
    windowDays: 90,
    picture: {
      judgedBy: null,
      policy: PRESETS.shop,
      asOf: '2025-01-31',
      horizonDays: 30,
      people: 700,
      repeatPeople: 300,
      dormantPeople: 300,
      dormantShare: 300 / 700,
      spentCents: 1_234_567_89,
      leftOut: null,
      stages: STAGE_NAMES.map((stage) => ({
        stage,
        label: { en: STAGES[stage].en, zh: STAGES[stage].zh },
        people: 100,
        share: 1 / 7,
        spentCents: 1_763_668_41,
        expectedValueCents: 12_345_67,
        meanReturnProbability: 0.25,
        examples: [],
      })),
      measuredReturn: {
        kind: 'measured',
        dormantPeople: 300,
        returnedPeople: 60,
        returnShare: 0.2,
        predictedShare: 0.25,
      },
      returnCurve: Array.from({ length: 200 }, (_, day) => ({
        day,
        stillSilent: Math.exp(-day / 100),
        low: Math.exp(-day / 90),
        high: Math.exp(-day / 110),
        atRisk: 900 - day,
        open: 1,
      })),
      recommendedThreshold: {
        kind: 'recommended',
        days: 77,
        reason: { en: 'Because of the curve.', zh: '依据曲线。' },
      },
      atRisk: { coolingCents: 12_345_67, dormantCents: 37_037_01 },
      rfm: RFM_GROUP_NAMES.map((group, i) => ({
        group,
        label: { en: RFM_GROUPS[group].en, zh: RFM_GROUPS[group].zh },
        advice: RFM_GROUPS[group].advice,
        people: 25 + 10 * i,
        dormantPeople: 2 * i,
        spentCents: 1_000_00 * i,
        expectedValueCents: 100_00,
        meanReturnProbability: 0.25,
      })),
      wakeFirst: {
        explanation: { en: 'Ordered by what a return is worth.', zh: '按回归价值排序。' },
        people: [
          {
            personId,
            stage: 'dormant',
            silentDays: 120,
            lastOn: '2024-10-03',
            activeDays: 7,
            spentCents: 543_21,
            rfmGroup: 'AT_RISK',
            returnProbability: 0.31,
            expectedValueCents: 45_67,
            priorityCents: 31_51,
          },
        ],
      },
      months: Array.from({ length: 13 }, (_, i) => ({
        month: `${i < 12 ? 2024 : 2025}-${String((i % 12) + 1).padStart(2, '0')}-01`,
        activePeople: 100 + i,
        firstSeen: 50,
        becameDormant: 30,
        returned: 5,
        dormantAtEnd: 25 * i,
      })),
      model: {
        horizonDays: 30,
        returns: {
          kind: 'mbg-nbd',
          params: { r: 0.5, alpha: 6, a: 0.8, b: 2.5 },
          people: 700,
          sampled: 700,
          logLikelihood: -1,
        },
        value: { kind: 'mean', meanCents: 2_000, reason: { en: 'Few spenders.', zh: '消费用户少。' } },
      },
    },
    beyond: smallBeyond(personId),
  };
}
