// The formats of the person's language and of the business she looks at.
import { useMemo } from 'react';
import { useBusiness } from '../session/session.tsx';
import { useLanguage } from '../words/language.ts';
import { formatFor, type Format } from './format.ts';

export function useFormat(): Format {
  const language = useLanguage();
  const { currency, timeZone } = useBusiness();
  return useMemo(() => formatFor(language, currency, timeZone), [language, currency, timeZone]);
}
