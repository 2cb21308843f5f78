// Why did she go quiet? The closed list of answers: six causes and an honest "unknown". The order is part of the contract: models and
// stored probabilities are arrays in it.
import type { Text } from '../../kernel/lang.ts';

export const REASONS = [
  'changed_need',
  'bad_experience',
  'competitor',
  'forgot',
  'overload',
  'privacy',
  'unknown',
] as const;
export type Reason = (typeof REASONS)[number];

export const REASON_LABELS: Readonly<Record<Reason, Text>> = {
  changed_need: { en: 'Changed need', zh: '需求变化' },
  bad_experience: { en: 'Bad experience', zh: '体验不佳' },
  competitor: { en: 'Went to a competitor', zh: '转向竞品' },
  forgot: { en: 'Forgot', zh: '遗忘' },
  overload: { en: 'Too many messages', zh: '信息过载' },
  privacy: { en: 'Privacy worry', zh: '隐私顾虑' },
  unknown: { en: 'Unknown', zh: '未知' },
};

export const isReason = (text: string): text is Reason => (REASONS as readonly string[]).includes(text);
