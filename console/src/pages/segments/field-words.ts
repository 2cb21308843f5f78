// What the fields of conditions and their values are called. A field or value that has no word yet is shown by its own name.
import { useCallback } from 'react';
import { useWords } from './words.ts';

const FIELDS = [
  'in',
  'from',
  'to',
  'policyId',
  'minProbability',
  'event',
  'withinDays',
  'where',
  'times',
  'currency',
  'onOrAfter',
  'onOrBefore',
  'atLeastDaysAgo',
  'atMostDaysAgo',
  'measure',
  'days',
  'offsetDays',
  'is',
  'factor',
  'steps',
  'by',
  'forDays',
  'minShare',
  'name',
  'equals',
  'contains',
  'exists',
  'salt',
  'channel',
  'purpose',
  'did',
  'programmeId',
  'id',
] as const;

const VALUES = [
  'low',
  'medium',
  'high',
  'less',
  'more',
  'times',
  'amount',
  'product',
  'category',
  'brand',
  'granted',
  'expired',
  'withdrawn',
  'none',
  'marketing',
  'ads_audience',
  'profiling',
  'entered',
  'control',
  'messaged',
  'clicked',
  'redeemed',
  'returned',
] as const;
const BANDS = ['1', '2', '3', '4', '5'] as const;

export function useFieldWords(): (kind: string, name: string) => string {
  const say = useWords();
  return useCallback(
    (kind, name) => {
      // The event that does not follow, not a way of looking at products.
      if (kind === 'not_followed' && name === 'by') return say('field_followed_by');
      const known = FIELDS.find((field) => field === name);
      return known === undefined ? name : say(`field_${known}`);
    },
    [say],
  );
}

export function useValueWords(): (kind: string, value: string) => string {
  const say = useWords();
  return useCallback(
    (kind, value) => {
      const band = kind === 'price_band' ? BANDS.find((each) => each === value) : undefined;
      if (band !== undefined) return say(`band_${band}`);
      const known = VALUES.find((each) => each === value);
      return known === undefined ? value : say(`value_${known}`);
    },
    [say],
  );
}
