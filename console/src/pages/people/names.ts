// What programmes and policies are called, by id; until they are known, and where one may not read them, the id.
import { useApi } from '../../api/queries.ts';
import { useLanguage } from '../../words/language.ts';

export function useProgrammeName(): (programmeId: string) => string {
  const { data } = useApi('GET /programmes');
  const names = new Map((data?.programmes ?? []).map((each) => [each.programmeId, each.name]));
  return (id) => names.get(id) ?? id;
}

export function usePolicyName(): (policyId: string) => string {
  const language = useLanguage();
  const { data } = useApi('GET /policies');
  const names = new Map((data?.policies ?? []).map(({ policy }) => [policy.policyId, policy.name[language]]));
  return (id) => names.get(id) ?? id;
}
