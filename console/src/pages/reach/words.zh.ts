import type { ChineseOf } from '../../words/language.ts';
import type { en } from './words.en.ts';

export const zh: ChineseOf<typeof en> = {
  title: '触达',
  question: '我们发送的内容送达了吗，受欢迎吗？',
  not_yet: '此页面尚未完成。',
  not_yet_text: '目前可通过 API 和命令行查看。',
};
