// RFM: quintiles of recency, frequency and money, and the named group of every combination. The group names are the ones shop owners
// know from their platform's RFM report; the rules are ours and stand below, first match wins. 5 is best: most recent, most often, most spent.
import type { Text } from '../../kernel/lang.ts';

export type Quintiles = { readonly recency: number; readonly frequency: number; readonly monetary: number };

/** Recency from–to, and from–to of ⌈(frequency + monetary) / 2⌉. */
type GroupRule = Text & {
  readonly recency: readonly [number, number];
  readonly worth: readonly [number, number];
  readonly advice: Text;
};

export const RFM_GROUPS = {
  CHAMPIONS: {
    en: 'Champions',
    zh: '冠军用户',
    recency: [5, 5],
    worth: [4, 5],
    advice: { en: 'Bought just now, often and for much: thank them.', zh: '近期购买、频次高、金额高：给予感谢。' },
  },
  LOYAL: {
    en: 'Loyal',
    zh: '忠诚用户',
    recency: [3, 4],
    worth: [4, 5],
    advice: { en: 'Buy often: offer more of what they like.', zh: '经常购买：推荐更多他们喜欢的商品。' },
  },
  ACTIVE: {
    en: 'Active',
    zh: '活跃用户',
    recency: [4, 5],
    worth: [3, 3],
    advice: { en: 'Recent with some history: help them to the next order.', zh: '近期购买且有一定历史：促成下一单。' },
  },
  NEW: {
    en: 'New',
    zh: '新用户',
    recency: [5, 5],
    worth: [1, 2],
    advice: { en: 'Only just came: welcome them.', zh: '刚刚到来：表示欢迎。' },
  },
  PROMISING: {
    en: 'Promising',
    zh: '潜力用户',
    recency: [4, 4],
    worth: [1, 2],
    advice: { en: 'Fairly recent, little so far: bring the second order.', zh: '较近期、消费不多：促成第二单。' },
  },
  NEEDS_ATTENTION: {
    en: 'Needs attention',
    zh: '需要关注',
    recency: [3, 3],
    worth: [3, 3],
    advice: { en: 'Middling in everything: remind them.', zh: '各项居中：适时提醒。' },
  },
  ALMOST_LOST: {
    en: 'Almost lost',
    zh: '濒临流失',
    recency: [3, 3],
    worth: [1, 2],
    advice: { en: 'Bought little and are drifting away.', zh: '消费少且正在远离。' },
  },
  PREVIOUSLY_LOYAL: {
    en: 'Previously loyal',
    zh: '曾经忠诚',
    recency: [1, 1],
    worth: [4, 5],
    advice: { en: 'Were among the best, long silent: ask why.', zh: '曾是优质用户，久未光顾：了解原因。' },
  },
  AT_RISK: {
    en: 'At risk',
    zh: '有流失风险',
    recency: [1, 2],
    worth: [3, 5],
    advice: { en: 'Worth much and going quiet: wake them first.', zh: '价值较高且趋于沉默：优先唤醒。' },
  },
  DORMANT: {
    en: 'Dormant',
    zh: '休眠用户',
    recency: [1, 2],
    worth: [1, 2],
    advice: { en: 'Silent and bought little: contact sparingly.', zh: '沉默且消费少：谨慎触达。' },
  },
} as const satisfies Record<string, GroupRule>;

export type RfmGroup = keyof typeof RFM_GROUPS;
export const RFM_GROUP_NAMES = Object.keys(RFM_GROUPS) as readonly RfmGroup[];

/** The group of three quintiles, each 1 … 5. Throws RangeError for anything else. */
export function rfmGroupOf({ recency, frequency, monetary }: Quintiles): RfmGroup {
  const worth = Math.ceil((frequency + monetary) / 2);
  const found = RFM_GROUP_NAMES.find((name) => {
    const rule: GroupRule = RFM_GROUPS[name];
    return recency >= rule.recency[0] && recency <= rule.recency[1] && worth >= rule.worth[0] && worth <= rule.worth[1];
  });
  if (found === undefined) throw new RangeError(`not quintiles: ${recency}, ${frequency}, ${monetary}`);
  return found;
}

/**
 * Four cutpoints of weighted values: the smallest value that at least k/5 of the weight does not exceed. The quintile of a value is
 * 1 + the number of cutpoints strictly below it, so equal values always share a quintile.
 */
export type Cutpoints = readonly [number, number, number, number];

export function cutpointsOf(weighted: readonly { readonly value: number; readonly weight: number }[]): Cutpoints {
  const sorted = [...weighted].sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, entry) => sum + entry.weight, 0);
  const at = (k: number): number => {
    let below = 0;
    return sorted.find((entry) => (below += entry.weight) * 5 >= total * k)?.value ?? 0;
  };
  return [at(1), at(2), at(3), at(4)];
}

export const quintileOf = (value: number, cutpoints: Cutpoints): number =>
  1 + cutpoints.filter((cutpoint) => value > cutpoint).length;

/**
 * The same of recency, by how long somebody has been silent: equal days share the better quintile, so that where most people came on the last
 * day those are the most recent, not the least.
 */
export const recencyCutpointsOf = (
  lastDays: readonly { readonly value: number; readonly weight: number }[],
): Cutpoints => {
  const [a, b, c, d] = cutpointsOf(lastDays.map(({ value, weight }) => ({ value: -value, weight })));
  return [-d, -c, -b, -a];
};

/** 1 + the number of cutpoints that a last active day reaches. */
export const recencyQuintileOf = (lastDay: number, cutpoints: Cutpoints): number =>
  1 + cutpoints.filter((cutpoint) => lastDay >= cutpoint).length;
