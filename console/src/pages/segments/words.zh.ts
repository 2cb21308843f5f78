import type { ChineseOf } from '../../words/language.ts';
import type { en } from './words.en.ts';

export const zh: ChineseOf<typeof en> = {
  title: '人群',
  question: '哪些用户属于同一人群？',
  not_yet: '此页面尚未完成。',
  not_yet_text: '目前可通过 API 和命令行查看。',
};
