import type { ChineseOf } from '../../words/language.ts';
import type { en } from './words.en.ts';

export const zh: ChineseOf<typeof en> = {
  title: '唤醒计划',
  question: '唤醒谁、用什么方式，又不打扰谁？',
  not_yet: '此页面尚未完成。',
  not_yet_text: '目前可通过 API 和命令行查看。',
};
