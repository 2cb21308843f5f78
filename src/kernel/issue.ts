// What a schema refuses, as a person reads it in her language. zod says its own rules in one language at a time; rules of ours are said in both
// where they are written (`inWords`), and the second language is found again by the first.
import type { z } from 'zod';
import type { Text } from './lang.ts';

const CHINESE = new Map<string, string>();

/** The words of a rule of ours, for zod, which keeps one text: `z.string().regex(…, inWords('digits only', '只能是数字'))`. */
export function inWords(en: string, zh: string): string {
  CHINESE.set(en, zh);
  return en;
}

const KINDS: Readonly<Record<string, string>> = {
  string: '文本',
  number: '数字',
  int: '整数',
  bigint: '整数',
  boolean: '布尔值（true 或 false）',
  array: '列表',
  tuple: '列表',
  object: '对象',
  record: '对象',
  null: '空值（null）',
  date: '日期',
  nan: '非数字（NaN）',
  NaN: '非数字（NaN）',
};
const kindOf = (name: string): string => KINDS[name] ?? name;
const FORMATS: Readonly<Record<string, string>> = {
  email: '邮箱地址',
  url: '网址（URL）',
  datetime: '日期时间（ISO 格式）',
  date: '日期（如 2026-03-01）',
  time: '时间（ISO 格式）',
  uuid: 'UUID',
  base64: 'Base64',
};
const listed = (values: readonly unknown[]): string =>
  values.map((value) => (typeof value === 'string' ? `“${value}”` : String(value))).join('、');

/** zod names what it was given in its English words only. */
const receivedIn = (message: string): string | undefined => /received (\w+)$/.exec(message)?.[1];

function limitZh(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  const isMost = issue.code === 'too_big';
  const [bound, inclusive] = isMost
    ? [issue.maximum, issue.inclusive !== false]
    : [issue.minimum, issue.inclusive !== false];
  switch (issue.origin) {
    case 'string':
      return `${isMost ? '最多' : '至少'} ${bound} 个字符`;
    case 'array':
    case 'set':
    case 'map':
      return `${isMost ? '最多' : '至少'} ${bound} 项`;
    case 'file':
      return `${isMost ? '最多' : '至少'} ${bound} 字节`;
    default:
      return `须${isMost ? (inclusive ? '不大于' : '小于') : inclusive ? '不小于' : '大于'} ${bound}`;
  }
}

function chineseOf(issue: z.core.$ZodIssue): string {
  const ours = CHINESE.get(issue.message);
  if (ours !== undefined) return ours;
  switch (issue.code) {
    case 'invalid_type': {
      const received = receivedIn(issue.message);
      if (received === 'undefined') return `缺少此项（须为${kindOf(issue.expected)}）`;
      const isFraction = issue.expected === 'int' && received === 'number';
      return `须为${kindOf(issue.expected)}${received === undefined || isFraction ? '' : `，收到的是${kindOf(received)}`}`;
    }
    case 'invalid_value':
      return issue.values.length === 1 ? `只能是${listed(issue.values)}` : `须为以下之一：${listed(issue.values)}`;
    case 'too_big':
    case 'too_small':
      return limitZh(issue);
    case 'invalid_format':
      return FORMATS[issue.format] === undefined
        ? `格式不符${issue.format === 'regex' && issue.pattern !== undefined ? `（${issue.pattern}）` : ''}`
        : `不是有效的${FORMATS[issue.format]}`;
    case 'not_multiple_of':
      return `须为 ${issue.divisor} 的倍数`;
    case 'unrecognized_keys':
      return `没有${listed(issue.keys)}这一项`;
    case 'invalid_key':
      return '名称不符合要求';
    case 'invalid_union':
      return '与允许的任何一种形式都不符';
    case 'invalid_element':
      return '其中有一项不符合要求';
    case 'custom':
      return '不符合要求';
  }
}

/** Why a schema refused: its first issue, said in both languages. */
export function issueText(issue: z.core.$ZodIssue | undefined): Text {
  if (issue === undefined) return { en: 'malformed', zh: '格式不正确' };
  const en =
    issue.code === 'unrecognized_keys'
      ? `there is no field ${issue.keys.map((key) => `"${key}"`).join(', ')}`
      : issue.message;
  return { en, zh: chineseOf(issue) };
}
