import { pageWords } from '../words/language.ts';
import { en } from './words.en.ts';
import { zh } from './words.zh.ts';

export const useWords = pageWords('analysis', { en, zh });
