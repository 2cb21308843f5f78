// What a group of members is called.
import type { Grouping } from '../../../../src/http/contract/results.ts';
import { useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';

/** Those of whom it was not known at entry have a name too. */
export function useGroupName(): (grouping: Grouping, group: string) => string {
  const say = useWords();
  const term = useTerms();
  return (grouping, group) => (group === '' ? say('group_not_known') : term(grouping, group));
}
