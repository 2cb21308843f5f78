// What `rekindle reasons` says.
import type { Text } from '../kernel/lang.ts';

export const REASONS_WORDS = {
  reasons: {
    en: 'Why the quiet people of a policy left: shares with their uncertainty, by group, and how they moved',
    zh: '沉默用户的离开原因：占比与不确定性、分组对比、随时间的变化',
  },
  reasonsByOption: { en: 'by group: {names}', zh: '按分组查看：{names}' },
  reasonsSinceOption: { en: 'against this earlier day', zh: '与此前某日对比' },
  reasonsEvaluateOption: {
    en: 'explain everybody anew first (the server does so every day)',
    zh: '先重新评估（服务运行时每天自动进行）',
  },
  reasonsHead: { en: '{people} quiet people as of {asOf}', zh: '截至 {asOf}，沉默用户 {people} 人' },
  reasonsTraced: {
    en: '{traced} of them left a trace or an answer; for the others the general shares speak.',
    zh: '其中 {traced} 人留下迹象或作答；其余人沿用总体先验。',
  },
  reasonsUntraced: {
    en: 'None of them left a trace that tells why, so there is nothing to report: orders alone cannot tell. Send or import refunds, tickets, ratings and visits, or ask them: rekindle survey open reason.',
    zh: '这些用户没有留下能说明原因的迹象，因此无法给出结论：仅凭订单看不出原因。请接入或导入退款、工单、评价与访问事件，或直接询问：rekindle survey open reason。',
  },
  reasonsCalibration: {
    en: 'Of {answers} who answered, the likeliest reason agreed with {agreed}; {expected} were to be expected of these probabilities.',
    zh: '{answers} 份回答中，最可能的原因与 {agreed} 的回答一致；按这些概率预期为 {expected}。',
  },
  columnWhyLeft: { en: 'Reason', zh: '原因' },
  columnReasonShare: { en: 'Share', zh: '占比' },
  columnChange: { en: 'Change', zh: '变化' },
  reasonsClear: { en: 'clear', zh: '明显' },
} as const satisfies Record<string, Text>;
