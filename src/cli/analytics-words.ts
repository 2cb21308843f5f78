// What `rekindle analytics` says.
import type { Text } from '../kernel/lang.ts';

export const ANALYTICS_WORDS = {
  analytics: {
    en: 'Funnels, cohorts, stages over time, dormant people and revenue at risk by group',
    zh: '漏斗、同期群留存、阶段变化、按分组统计的休眠人数与风险收入',
  },
  createEvaluateOption: {
    en: 'evaluate it at once: everybody’s stage as of yesterday (a running server does so by itself)',
    zh: '立即评估：计算所有人截至昨天的阶段（服务运行时会自动进行）',
  },
  analyticsFunnel: {
    en: 'How many people take these steps in this order, within a window',
    zh: '多少用户在时间窗口内按顺序完成各步骤',
  },
  stepsArgument: {
    en: 'events in order; alternatives of one step are joined by |',
    zh: '按顺序列出事件；同一步骤的多个事件用 | 连接',
  },
  funnelWindowOption: { en: 'days from the first step to the last', zh: '从第一步到最后一步的天数' },
  firstDayOption: { en: 'first day, like 2026-01-31', zh: '起始日期，如 2026-01-31' },
  lastDayOption: { en: 'last day', zh: '结束日期' },
  byOption: { en: 'group by: {names}', zh: '分组方式：{names}' },
  traitOption: { en: 'which trait, for --by trait', zh: '用户属性名（配合 --by trait）' },
  forPolicyOption: { en: 'the policy that stages and reasons come from', zh: '阶段与原因所依据的规则' },
  analyticsRetention: {
    en: 'Cohorts by first week or month: who came back in each later one',
    zh: '按首次活跃的周或月划分同期群，查看之后各期的留存',
  },
  unitOption: { en: 'week or month', zh: 'week（周）或 month（月）' },
  periodsOption: { en: 'how many later weeks or months', zh: '显示之后多少期' },
  activityOption: {
    en: 'events that count, joined by commas; orders unless told',
    zh: '计入的事件，用逗号分隔；默认为订单',
  },
  analyticsFlow: {
    en: 'Between which stages people moved, from one month or week to the next',
    zh: '各月（周）之间用户阶段的流向',
  },
  analyticsDormancy: { en: 'Dormant people at the end of each month or week', zh: '各月（周）末的休眠人数' },
  analyticsRisk: {
    en: 'Dormant people and revenue at risk, by group',
    zh: '按分组统计休眠人数与风险收入',
  },
  limitOption: { en: 'how many groups', zh: '显示多少个分组' },
  wrongUnit: { en: '--unit is week or month, not "{unit}".', zh: '--unit 只能是 week 或 month，而不是“{unit}”。' },
  funnelSpan: {
    en: 'Begun from {from} to {to}, within {days} days.',
    zh: '起始于 {from} 至 {to}，{days} 天内完成。',
  },
  columnStep: { en: 'Step', zh: '步骤' },
  columnOfFirst: { en: 'Of first', zh: '占首步' },
  columnOfPrevious: { en: 'Of previous', zh: '占上一步' },
  columnInterval: { en: '95% interval', zh: '95% 区间' },
  columnHalfTime: { en: 'Half need', zh: '半数用时' },
  hours: { en: '{n} h', zh: '{n} 小时' },
  daysLong: { en: '{n} days', zh: '{n} 天' },
  columnCohort: { en: 'Cohort', zh: '同期群' },
  columnAll: { en: 'All', zh: '合计' },
  retentionNote: {
    en: 'Share of each cohort that was there again. · marks a period that still runs; the last line counts only periods that are over.',
    zh: '各同期群再次活跃的占比。带 · 的一期尚未结束；末行只统计已结束的各期。',
  },
  columnFrom: { en: 'From', zh: '由' },
  columnTo: { en: 'To', zh: '到' },
  columnPeriodEnd: { en: 'Until', zh: '截至' },
  columnFirstSeen: { en: 'First seen', zh: '首次活跃' },
  columnFell: { en: 'Fell dormant', zh: '新增休眠' },
  columnWoken: { en: 'Came back', zh: '回归' },
  columnPeopleDormant: { en: 'Dormant', zh: '休眠' },
  columnShareDormant: { en: 'Share', zh: '占比' },
  columnPace: { en: 'At own pace', zh: '按自身节奏' },
  columnExpectedAnyway: { en: 'Expected', zh: '预期' },
  columnAtRisk: { en: 'At risk', zh: '风险收入' },
  riskNote: {
    en: 'For {days} days from {asOf}: what the cooling and the dormant would spend at the pace of their last year, what is expected of them anyway, and the difference.',
    zh: '自 {asOf} 起 {days} 天：趋冷与休眠用户按其最近一年节奏的消费额、预期仍会发生的消费额，以及二者之差。',
  },
  riskTotal: { en: 'Everybody', zh: '全部用户' },
} as const satisfies Record<string, Text>;
