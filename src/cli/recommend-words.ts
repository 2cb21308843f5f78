// What `rekindle recommend` says.
import type { Text } from '../kernel/lang.ts';

export const RECOMMEND_WORDS = {
  recommend: {
    en: 'What to show a person: what she buys again, what goes with it, what is new, each with its reason',
    zh: '为用户推荐商品：复购、搭配、新品，并逐条说明理由',
  },
  recommendPersonArgument: {
    en: 'whom: an id, also one she was merged from; without it, which engine recommends',
    zh: '用户 ID（含已合并的 ID）；省略则显示推荐引擎的状态',
  },
  recommendListOption: { en: 'which list: {lists}', zh: '列表：{lists}' },
  recommendCountOption: { en: 'how many products', zh: '显示多少个商品' },
  recommendTrainOption: {
    en: 'train first, on orders up to yesterday (the server does so every day)',
    zh: '先用截至昨天的订单训练（服务运行时每天自动进行）',
  },
  recommendWrongList: { en: 'There is no list "{list}". There are: {lists}.', zh: '没有列表“{list}”。可选：{lists}。' },
  recommendNothing: {
    en: 'Nothing to recommend yet: orders with products are needed, and one training (--train).',
    zh: '暂无推荐：需要包含商品的订单，并至少训练一次（--train）。',
  },
  recommendOwn: {
    en: 'Our engine: {model}, {items} items, {people} people scored, orders up to {day}',
    zh: '内置引擎：{model}，{items} 个商品，{people} 位用户，订单截至 {day}',
  },
  recommendUntrained: { en: 'Our engine: not trained yet', zh: '内置引擎：尚未训练' },
  recommendHttp: { en: 'The engine at {host}; ours stands by', zh: '外部引擎：{host}（内置引擎作为后备）' },
  recommendTrouble: { en: 'Last trouble, {at}: {what}', zh: '最近一次异常，{at}：{what}' },
  columnProduct: { en: 'Product', zh: '商品' },
  columnPrice: { en: 'Price', zh: '价格' },
  columnBecause: { en: 'Why', zh: '推荐理由' },
} as const satisfies Record<string, Text>;
