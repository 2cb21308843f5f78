// What `rekindle person` says.
import type { Text } from '../kernel/lang.ts';

export const PERSON_WORDS = {
  person: { en: 'People: find, explain, export, erase', zh: '用户：查找、解释、导出、删除' },
  personFind: { en: 'find people by id, address or name', zh: '按编号、地址或姓名查找' },
  personShow: { en: 'show a person', zh: '显示用户' },
  personWhy: { en: 'may she be contacted, and if not, why?', zh: '能否联系；若不能，为什么？' },
  personExport: { en: 'everything held about a person, as JSON', zh: '以 JSON 导出某人的全部数据' },
  personErase: { en: 'erase a person from both stores', zh: '从两个存储中删除某人' },
  personMerge: { en: 'make two ids one person', zh: '将两个编号合并为一人' },
  personArgument: { en: 'id of a person', zh: '用户编号' },
  queryArgument: { en: 'an id, e-mail address, phone number or name', zh: '编号、邮箱、手机号或姓名' },
  fromArgument: { en: 'the id that goes', zh: '被合并的编号' },
  intoArgument: { en: 'the id that stays', zh: '保留的编号' },
  outOption: { en: 'write to this file instead of stdout', zh: '写入文件而非标准输出' },
  whyProgrammeOption: { en: 'also judge her for this programme', zh: '同时针对该计划判断' },
  columnPerson: { en: 'Person', zh: '用户' },
  columnEmail: { en: 'E-mail', zh: '邮箱' },
  columnPhone: { en: 'Phone', zh: '手机号' },
  nobodyFound: { en: 'Nobody found.', zh: '未找到。' },
  silentFor: {
    en: '{stage} since {since} ({cause}); silent {silent} days, threshold {threshold}',
    zh: '{stage}，自 {since}（{cause}）；沉默 {silent} 天，阈值 {threshold} 天',
  },
  spentOn: {
    en: '{days} active days from {first} to {last}, spent {spent}',
    zh: '{first} 至 {last} 间活跃 {days} 天，消费 {spent}',
  },
  chanceOf: {
    en: 'chance of an unaided return {chance}, expected value {value}',
    zh: '自行回归概率 {chance}，预期价值 {value}',
  },
  subscriptionLeft: {
    en: '{channel}: template {template} (filled by {ours}), subscriptions left: {count}',
    zh: '{channel}：模板 {template}（本系统模板：{ours}），剩余订阅次数：{count}',
  },
  subscriptionRefused: {
    en: '{channel}: template {template} (filled by {ours}) refused in WeChat',
    zh: '{channel}：模板 {template}（本系统模板：{ours}）已在微信中拒收',
  },
  consentsHead: { en: 'Consents', zh: '同意记录' },
  messagesHead: { en: 'Messages', zh: '消息' },
  decisionsHead: { en: 'Decisions', zh: '决定' },
  suppressedHead: { en: 'Suppressed', zh: '禁止联系' },
  granted: { en: 'granted', zh: '同意' },
  withdrawn: { en: 'withdrawn', zh: '撤回' },
  asksErase: { en: 'Erase {person} for good?', zh: '永久删除 {person}？' },
  erased: {
    en: 'Erased {person}: {events} events. A keyed hash of the addresses stays on the suppression list.',
    zh: '已删除 {person}：{events} 个事件。其地址的加密摘要保留在禁止联系名单上。',
  },
  merged: { en: '{from} is {into} from now on.', zh: '{from} 今后即为 {into}。' },
  exportedTo: { en: 'Written to {path}.', zh: '已写入 {path}。' },
} as const satisfies Record<string, Text>;
