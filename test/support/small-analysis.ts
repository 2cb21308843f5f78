// A small analysis written by hand, for tests of how one is shown. Its figures mean nothing.
import type { Analysis } from '../../src/prove/reports/analysis.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import { STAGE_NAMES, STAGES } from '../../src/understand/dormancy/stage.ts';
import { RFM_GROUP_NAMES, RFM_GROUPS } from '../../src/understand/value/rfm.ts';

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
  };
}
