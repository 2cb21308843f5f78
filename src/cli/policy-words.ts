// Words of `rekindle policy curve` and `rekindle policy model`.
export const POLICY_WORDS = {
  policyCurve: {
    en: 'How long silences last, for everybody and for each group, with the recommended threshold',
    zh: '沉默持续多久：全体及各分组的回归曲线与建议阈值',
  },
  policyModel: {
    en: 'Which model scores people, how good it is, and why it was chosen',
    zh: '评分所用模型、其质量与选择依据',
  },
  curveByOption: { en: 'group by rfm, orders, category or trait', zh: '分组：rfm、orders、category 或 trait' },
  curveTraitOption: { en: 'the trait to group by (with --by trait)', zh: '分组所用属性（与 --by trait 同用）' },
  columnGroup: { en: 'group', zh: '分组' },
  columnSilences: { en: 'silences', zh: '沉默次数' },
  columnSilentFor: { en: 'silent > {days} d', zh: '沉默超 {days} 天' },
  columnBackAfter: { en: 'back after {days} d', zh: '{days} 天后回归' },
  columnThreshold: { en: 'threshold', zh: '建议阈值' },
  curveTitle: {
    en: 'Silences as of {day}; “back” is the share of people silent for so long who return unaided within {horizon} days',
    zh: '截至 {day} 的沉默时长；“回归”指已沉默若干天的用户在 {horizon} 天内自行回归的比例',
  },
  curveLeftOut: { en: '{count} smaller groups are not shown.', zh: '另有 {count} 个较小分组未显示。' },
  modelChosen: {
    en: 'Chance of return: {model}, fitted as of {day} on {sampled} of {people} people.',
    zh: '回归概率模型：{model}，截至 {day} 拟合，抽样 {sampled} / {people} 人。',
  },
  modelTested: {
    en: 'Tested as of {day} on {people} people it was not fitted on, {returned} of whom returned:',
    zh: '以 {day} 为准，在未参与拟合的 {people} 人（其中 {returned} 人回归）上检验：',
  },
  columnModel: { en: 'model', zh: '模型' },
  columnAuc: { en: 'AUC', zh: 'AUC' },
  columnAucDormant: { en: 'AUC, dormant', zh: 'AUC（休眠）' },
  columnBrier: { en: 'Brier', zh: 'Brier' },
  columnPredicted: { en: 'predicted', zh: '预测' },
  columnObserved: { en: 'observed', zh: '实际' },
} as const;
