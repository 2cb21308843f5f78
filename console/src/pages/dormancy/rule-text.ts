// A policy's rule in a sentence.
import type { RuleWire } from '../../../../src/http/contract/policies.ts';
import { useFormat } from '../../format/use-format.ts';
import { useWords } from './words.ts';

export function useRuleText(): (rule: RuleWire) => string {
  const say = useWords();
  const format = useFormat();
  const share = (chance: number): string => format.percent(chance, 0);
  return (rule) => {
    switch (rule.kind) {
      case 'window':
        return say('rule_window', { cooling: rule.coolingDays, dormant: rule.dormantDays, lost: rule.lostDays });
      case 'cadence':
        return say('rule_cadence', {
          multiplier: format.decimal(rule.multiplier),
          min: rule.minDays,
          max: rule.maxDays,
          lost: format.decimal(rule.lostMultiplier),
        });
      case 'predicted':
        return say('rule_predicted', {
          days: rule.horizonDays,
          dormant: share(rule.dormantBelow),
          cooling: share(rule.coolingBelow),
          lost: share(rule.lostBelow),
        });
    }
  };
}
