// The two languages of the console: which one is on, how a folder brings its words, and words outside of components.
import i18next, { type TOptions } from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { en } from './shared.en.ts';
import { zh } from './shared.zh.ts';

export type Language = 'en' | 'zh';
type Words = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, string | number>>;

/** `people_one` and `people_other` are both called `people`. */
type Called<Key> = Key extends `${infer Name}_one` | `${infer Name}_other` ? Name : Key;
export type KeyOf<En extends Words> = Called<Extract<keyof En, string>>;
/** Chinese has one form, so a dictionary in Chinese has every key but the English singulars. */
export type ChineseOf<En extends Words> = { readonly [Key in Exclude<keyof En, `${string}_one`>]: string };
export type Say<En extends Words> = (key: KeyOf<En>, values?: Values) => string;

const STORED = 'rekindle.language';

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === 'en' || stored === 'zh') return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

const tagOf = (language: Language): string => (language === 'zh' ? 'zh-CN' : 'en');

void i18next.use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: false,
  ns: ['shared'],
  defaultNS: 'shared',
  resources: { en: { shared: en }, zh: { shared: zh } },
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
  initAsync: false,
  showSupportNotice: false,
} as Parameters<typeof i18next.init>[0]);
document.documentElement.lang = tagOf(currentLanguage());

export function currentLanguage(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

export function changeLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
  document.documentElement.lang = tagOf(language);
  void i18next.changeLanguage(language);
}

export function useLanguage(): Language {
  return useTranslation('shared').i18n.language === 'zh' ? 'zh' : 'en';
}

/**
 * A folder's words: `export const useWords = pageWords('overview', { en, zh });`, then `const say = useWords()` in a component and
 * `say('title')`. A key that is not there does not compile.
 */
export function pageWords<En extends Words>(
  name: string,
  words: { readonly en: En; readonly zh: ChineseOf<En> },
): () => Say<En> {
  i18next.addResourceBundle('en', name, words.en);
  i18next.addResourceBundle('zh', name, words.zh);
  return () => {
    const { t } = useTranslation(name);
    return useCallback((key: string, values?: Values) => t(key, values as TOptions), [t]) as Say<En>;
  };
}

export const useShared = pageWords('shared', { en, zh });

/** A shared word outside of components, in the language that is on. */
export const shared = (key: KeyOf<typeof en>, values?: Values): string => i18next.t(key, { ns: 'shared', ...values });
