// What the ready-made templates are called where people choose among them: a key says little to a marketer. Pure.
import type { Text } from '../../kernel/lang.ts';

export const STARTER_LABELS = {
  nostalgic: { en: 'We miss you', zh: '好久不见' },
  offer: { en: 'An offer to come back', zh: '回归优惠' },
  question: { en: 'Was it us?', zh: '询问原因' },
  'sms-nostalgic': { en: 'We miss you', zh: '好久不见' },
  'sms-offer': { en: 'An offer to come back', zh: '回归优惠' },
  'sms-question': { en: 'Was it us?', zh: '询问原因' },
  'push-nostalgic': { en: 'We miss you', zh: '好久不见' },
  'push-offer': { en: 'An offer to come back', zh: '回归优惠' },
  'push-question': { en: 'Was it us?', zh: '询问原因' },
  'in-app-welcome': { en: 'Welcome back', zh: '欢迎回来' },
  'in-app-browsed': { en: 'What you looked at', zh: '浏览过的商品' },
  'confirm-sign-up': { en: 'Confirm the sign-up', zh: '订阅确认' },
  're-permission': { en: 'May we still write?', zh: '重新征求同意' },
} as const satisfies Readonly<Record<string, Text>>;
