// What the entries of the server's closed tables are called: `term('stage', 'dormant')` → Dormant · 休眠.
import { useCallback } from 'react';
import type { TermKind } from '../../../src/http/contract/vocabulary.ts';
import { useApi } from '../api/queries.ts';
import { useLanguage } from './language.ts';

type Term = (kind: TermKind, key: string) => string;

/** A key that the server's tables do not hold, and any key until they are here, stays as it is. */
export function useTerms(): Term {
  const language = useLanguage();
  const { data } = useApi('GET /vocabulary', undefined, { isSettled: true });
  return useCallback((kind, key) => data?.[kind][key]?.[language] ?? key, [data, language]);
}

/** As a line or a cell begins: the server's reasons are written to stand inside of sentences. */
export const asTitle = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Every entry of a table, in its order, for a choice. */
export function useTermOptions(kind: TermKind): readonly { readonly value: string; readonly label: string }[] {
  const language = useLanguage();
  const { data } = useApi('GET /vocabulary', undefined, { isSettled: true });
  return Object.entries(data?.[kind] ?? {}).map(([value, words]) => ({ value, label: words[language] }));
}
