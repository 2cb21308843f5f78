// Everything the command line says, in both languages. `{x}` slots are filled by `say`.
import type { Lang, Text } from '../kernel/lang.ts';
import { AUDIENCE_WORDS } from './audience-words.ts';
import { ANALYTICS_WORDS } from './analytics-words.ts';
import { CATALOGUE_WORDS } from './catalogue-words.ts';
import { REASONS_WORDS } from './reasons-words.ts';
import { DEMO_WORDS } from './demo-words.ts';
import { SERVE_WORDS } from './serve-words.ts';
import { IMPORT_WORDS } from './import-words.ts';
import { PROGRAMME_WORDS } from './programme-words.ts';
import { PERSON_WORDS } from './person-words.ts';
import { DOCTOR_WORDS } from './doctor-words.ts';
import { KEYS_WORDS } from './keys-words.ts';
import { POLICY_WORDS } from './policy-words.ts';
import { CONSENT_WORDS } from './consent-words.ts';
import { SEND_TEST_WORDS } from './send-test-words.ts';
import { RECOMMEND_WORDS } from './recommend-words.ts';
import { SEGMENT_WORDS } from './segment-words.ts';
import { SURVEY_WORDS } from './survey-words.ts';
import { STORY_WORDS } from './story-words.ts';

export const WORDS = {
  ...DEMO_WORDS,
  ...SERVE_WORDS,
  ...IMPORT_WORDS,
  ...PROGRAMME_WORDS,
  ...PERSON_WORDS,
  ...DOCTOR_WORDS,
  ...KEYS_WORDS,
  ...POLICY_WORDS,
  ...RECOMMEND_WORDS,
  ...REASONS_WORDS,
  ...STORY_WORDS,
  ...SURVEY_WORDS,
  ...CATALOGUE_WORDS,
  ...CONSENT_WORDS,
  ...SEND_TEST_WORDS,
  ...SEGMENT_WORDS,
  ...ANALYTICS_WORDS,
  ...AUDIENCE_WORDS,
  // The frame: help headings, options that every command has, wrong calls.
  program: {
    en: 'Wakes dormant customers: finds whom you are losing, contacts them lawfully, proves what came back because of it.',
    zh: '唤醒沉睡的用户：找出正在流失的人，合规触达，并证明有多少人因此回来。',
  },
  usage: { en: 'Usage:', zh: '用法：' },
  arguments: { en: 'Arguments:', zh: '参数：' },
  options: { en: 'Options:', zh: '选项：' },
  globalOptions: { en: 'Global Options:', zh: '全局选项：' },
  commands: { en: 'Commands:', zh: '命令：' },
  examples: { en: 'Examples:', zh: '示例：' },
  helpOption: { en: 'show this help', zh: '显示帮助' },
  helpCommand: { en: 'show the help of a command', zh: '显示某个命令的帮助' },
  versionOption: { en: 'show the version', zh: '显示版本号' },
  jsonOption: { en: 'print the result as JSON on stdout', zh: '在标准输出打印 JSON 结果' },
  langOption: { en: 'language of the words: en or zh (otherwise from LANG)', zh: '语言：en 或 zh（默认取自 LANG）' },
  yesOption: { en: 'do not ask', zh: '不再询问' },
  yesNo: { en: '[y/N]', zh: '[y/N]' },
  nothingDone: { en: 'Nothing was done.', zh: '未做任何更改。' },
  moreHelp: { en: 'See: {command} --help', zh: '参见：{command} --help' },
  none: { en: 'None yet.', zh: '暂无。' },
  unknownOption: { en: 'There is no option {what}.', zh: '没有选项 {what}。' },
  unknownCommand: { en: 'There is no command {what}.', zh: '没有命令 {what}。' },
  missingArgument: { en: 'The argument {what} is missing.', zh: '缺少参数 {what}。' },
  missingOption: { en: 'The option {what} is missing.', zh: '缺少选项 {what}。' },
  missingValue: { en: 'The option {what} needs a value.', zh: '选项 {what} 需要一个值。' },
  excessArguments: { en: 'There are too many arguments.', zh: '参数过多。' },
  wholeNumber: { en: '{what} expects a whole number, not "{value}".', zh: '{what} 应为整数，而不是“{value}”。' },
  needsYes: {
    en: 'This cannot be undone. Add --yes to do it without being asked.',
    zh: '此操作无法撤销。如确认执行，请加 --yes。',
  },
  notJsonFile: { en: '{path} is not valid JSON: {what}', zh: '{path} 不是有效的 JSON：{what}' },
  withServer: { en: 'Working through the running server.', zh: '通过正在运行的服务执行。' },
  // analyze
  analyze: {
    en: 'Read an order file and show who went quiet: no set-up needed',
    zh: '读取订单文件，显示谁在沉默，无需任何设置',
  },
} as const satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;
export type Say = (word: Word, slots?: Readonly<Record<string, string | number>>) => string;

export const sayIn =
  (lang: Lang): Say =>
  (word, slots = {}) =>
    WORDS[word][lang].replaceAll(/\{(\w+)\}/g, (slot, name: string) =>
      slots[name] === undefined ? slot : String(slots[name]),
    );
