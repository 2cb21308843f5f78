import type { ChineseOf } from '../../words/language.ts';
import type { en } from './words.en.ts';

export const zh: ChineseOf<typeof en> = {
  title: '总览',
  question: '有多少用户休眠了，又有多少因我们而回归？',
  not_yet: '此页面尚未完成。',
  not_yet_text: '目前可通过 API 和命令行查看。',
};
