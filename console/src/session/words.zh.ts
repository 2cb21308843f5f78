import type { ChineseOf } from '../words/language.ts';
import type { en } from './words.en.ts';

export const zh: ChineseOf<typeof en> = {
  welcome: '欢迎使用重燃',
  welcome_back: '登录 {{brand}}',
};
