// Ready-made dormancy policies for the usual kinds of business, with the event names of the Segment specification.
import type { DormancyPolicy } from './policy.ts';

const window = (dormantDays: number, coolingDays: number, lostDays: number) =>
  ({ kind: 'window', coolingDays, dormantDays, lostDays }) as const;

export const PRESETS = {
  shop: {
    policyId: 'shop',
    name: { en: 'Shop: 90 days without an order', zh: '电商：90 天未下单' },
    activity: ['Order Completed'],
    rule: window(90, 45, 365),
    newDays: 30,
    recoveredDays: 30,
    relapsedDays: 180,
  },
  social: {
    policyId: 'social',
    name: { en: 'Social app: 7 days without a login', zh: '社交应用：7 天未登录' },
    activity: ['Signed In', 'Application Opened'],
    rule: window(7, 3, 30),
    newDays: 7,
    recoveredDays: 7,
    relapsedDays: 30,
  },
  tools: {
    policyId: 'tools',
    name: { en: 'Tool: 30 days without use', zh: '工具应用：30 天未使用' },
    activity: ['Application Opened', 'Feature Used'],
    rule: window(30, 14, 120),
    newDays: 14,
    recoveredDays: 14,
    relapsedDays: 90,
  },
  content: {
    policyId: 'content',
    name: { en: 'Content: 14 days without reading or watching', zh: '内容平台：14 天未阅读或观看' },
    activity: ['Content Viewed', 'Video Playback Started', 'Article Read'],
    rule: window(14, 7, 60),
    newDays: 14,
    recoveredDays: 14,
    relapsedDays: 60,
  },
  finance: {
    policyId: 'finance',
    name: { en: 'Finance: 180 days without a transaction', zh: '金融：180 天无交易' },
    activity: ['Transaction Completed', 'Order Completed'],
    rule: window(180, 90, 730),
    newDays: 60,
    recoveredDays: 60,
    relapsedDays: 365,
  },
  subscription: {
    policyId: 'subscription',
    name: { en: 'Subscription: 45 days without use or renewal', zh: '订阅：45 天未使用或续费' },
    activity: ['Subscription Renewed', 'Signed In', 'Order Completed'],
    rule: window(45, 21, 180),
    newDays: 30,
    recoveredDays: 30,
    relapsedDays: 120,
  },
} as const satisfies Record<string, DormancyPolicy>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/**
 * The preset with only those of its events that occurred (a preset names the usual alternatives, a policy only real ones). Where none
 * occurred all are kept, so that saving it is refused with the names that do exist.
 */
export function presetFor(name: PresetName, occurred: readonly string[]): DormancyPolicy {
  const preset: DormancyPolicy = PRESETS[name];
  const activity = preset.activity.filter((event) => occurred.includes(event));
  return activity.length === 0 ? preset : { ...preset, activity };
}
