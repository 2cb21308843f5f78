// What rules that may be saved do all the same, and nobody would guess: told when they are tried, saved and read, and before a programme starts. Pure.
import type { Text } from '../../kernel/lang.ts';
import { CHANNELS } from '../channels/channels.ts';
import { blindSpots, type BlindSpot } from './openings.ts';
import type { ReachRules } from './rules.ts';

const NAMES = {
  en: new Intl.DisplayNames('en', { type: 'region' }),
  zh: new Intl.DisplayNames('zh-CN', { type: 'region' }),
};
const countryName = (country: string): Text => ({
  en: NAMES.en.of(country) ?? country,
  zh: NAMES.zh.of(country) ?? country,
});

export const rulesWarnings = (rules: ReachRules): readonly BlindSpot[] => blindSpots(rules, CHANNELS, countryName);
