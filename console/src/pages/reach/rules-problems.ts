// What is wrong with rules while they are typed, in words and with the row; the server says the rest when they are tried.
import type { HoursWire, RulesWire } from '../../../../src/http/contract/reach.ts';

type Problem = {
  readonly word:
    'problem_hours_order' | 'problem_hours_lawful' | 'problem_country' | 'problem_cap_twice' | 'problem_all_days';
  /** From 1. */
  readonly row: number;
};

const COUNTRY = /^(?:\*|[A-Z]{2})$/;

export function rulesProblems(rules: RulesWire, lawful: readonly HoursWire[]): readonly Problem[] {
  const hours = rules.hours.flatMap((rule, at): Problem[] => {
    const row = at + 1;
    if (!COUNTRY.test(rule.country)) return [{ word: 'problem_country', row }];
    if (rule.from >= rule.to) return [{ word: 'problem_hours_order', row }];
    const law = lawful.find((each) => each.country === rule.country && each.channel === rule.channel);
    return law !== undefined && (rule.from < law.from || rule.to > law.to)
      ? [{ word: 'problem_hours_lawful', row }]
      : [];
  });
  const seen = new Set<string>();
  const caps = rules.caps.flatMap((cap, at): Problem[] => {
    const key = JSON.stringify([cap.kind, cap.channel, cap.topic ?? '', cap.kind === 'rolling' ? cap.days : cap.unit]);
    if (seen.has(key)) return [{ word: 'problem_cap_twice', row: at + 1 }];
    seen.add(key);
    return [];
  });
  const country: Problem[] =
    rules.defaultCountry !== null && !/^[A-Z]{2}$/.test(rules.defaultCountry)
      ? [{ word: 'problem_country', row: 0 }]
      : [];
  const days: Problem[] = (rules.quietDays?.weekdays.length ?? 0) > 6 ? [{ word: 'problem_all_days', row: 0 }] : [];
  return [...caps, ...hours, ...country, ...days];
}
