// Words of what an analysis tells beyond the picture: terminal screen and report say the same.
import type { Text } from '../../kernel/lang.ts';
import { DIMENSIONS } from '../../understand/analytics/dimension.ts';
import type { Analysis } from './analysis.ts';

export const BEYOND = {
  retention: { en: 'Cohorts: who came back', zh: '同期群留存' },
  cohort: { en: 'First seen', zh: '首次活跃' },
  all: { en: 'All', zh: '合计' },
  funnel: { en: 'The way to an order', zh: '下单路径' },
  step: { en: 'Step', zh: '步骤' },
  ofPrevious: { en: 'Of the step before', zh: '占上一步' },
  reasons: { en: 'Why they went quiet', zh: '休眠原因' },
  reason: { en: 'Reason', zh: '原因' },
  recommended: { en: 'What to show the dormant', zh: '给休眠用户推荐什么' },
  products: { en: 'In most of their lists', zh: '最常出现在推荐列表中的商品' },
  atRisk: { en: 'Revenue at risk', zh: '风险收入' },
  dormantShare: { en: 'Share dormant', zh: '休眠占比' },
  calibration: { en: 'Predicted and measured', zh: '预测与实测' },
  predicted: { en: 'Predicted', zh: '预测' },
  measured: { en: 'Measured', zh: '实测' },
} as const satisfies Record<string, Text>;

/** What the cohort table shows. */
export function retentionInWords({ beyond }: Analysis): Text {
  const { unit } = beyond.retention;
  return {
    en: `Of everybody first seen in a ${unit}, the share that was there again in each later one. · marks a ${unit} that still runs; the last line counts only those that are over.`,
    zh: `每${unit === 'month' ? '月' : '周'}首次活跃的用户在之后各期再次活跃的占比。带 · 的一期尚未结束；末行只统计已结束的各期。`,
  };
}

/** The title of the groups, and what revenue at risk is. */
export function groupsTitle({ beyond }: Analysis): Text {
  const label = beyond.byGroup === null ? { en: '', zh: '' } : DIMENSIONS[beyond.byGroup.by].label;
  return { en: `Dormant by ${label.en.toLowerCase()}`, zh: `按${label.zh}统计的休眠` };
}

export const riskInWords = ({ picture }: Analysis): Text => ({
  en: `Each person counts where most of her order lines lie. At risk: what the cooling and the dormant would spend in ${picture.horizonDays} days at the pace of their last year, less what is expected of them anyway.`,
  zh: `每位用户归入其订单明细最多的一组。风险收入：趋冷与休眠用户按最近一年节奏在 ${picture.horizonDays} 天内的消费额，减去预期仍会发生的部分。`,
});

export function funnelInWords({ beyond }: Analysis): Text {
  const { from = '', to = '', windowDays = 0 } = beyond.funnel ?? {};
  return {
    en: `Begun from ${from} to ${to}, all steps within ${windowDays} days.`,
    zh: `起始于 ${from} 至 ${to}，各步骤在 ${windowDays} 天内完成。`,
  };
}

export const reasonsInWords = ({ beyond }: Analysis): Text => {
  const weights = beyond.reasons?.weights.why ?? { en: '', zh: '' };
  return {
    en: `Estimated from the traces people left (refunds, complaints, errors…), with 95% intervals. ${weights.en}`,
    zh: `根据用户留下的迹象（退款、投诉、报错等）估计，含 95% 区间。${weights.zh}`,
  };
};

export const recommendedInWords: Text = {
  en: 'Per RFM group, the products found in most of its dormant people’s ten best; the share of these people beside each.',
  zh: '各 RFM 分组中，出现在最多休眠用户前十推荐里的商品，及其占这些用户的比例。',
};

/** The held-out bins of the return model, where it has some. */
export function calibrationOf({ picture }: Analysis): readonly {
  readonly people: number;
  readonly predicted: number;
  readonly observed: number;
}[] {
  const { returns } = picture.model;
  return returns.kind === 'none' ? [] : (returns.evidence?.calibration ?? []);
}

export const calibrationInWords: Text = {
  en: 'People held out from the fit, by predicted chance of return: the mean prediction, and the share that really came back.',
  zh: '未参与拟合的用户按预测回归概率分组：平均预测值与实际回归占比。',
};
