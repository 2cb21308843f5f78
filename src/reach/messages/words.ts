// What a message's state and its reason code are called. The arbiter's own codes are in `arbiter/rules.ts`.
import type { Text } from '../../kernel/lang.ts';

/** Reasons that the arbiter does not give: what ended a message or kept a grant. */
export const OTHER_REASONS: Readonly<Record<string, Text>> = {
  offer_exhausted: { en: 'the offer’s budget or capacity was used up', zh: '优惠预算或数量已用完' },
  returned: { en: 'has come back', zh: '已回归' },
  programme_ended: { en: 'the programme was ended', zh: '计划已结束' },
  merged: { en: 'was merged into another person', zh: '已并入另一位用户' },
  erased: { en: 'was erased', zh: '已被删除' },
  unsubscribed: { en: 'has unsubscribed', zh: '已退订' },
  suppressed: { en: 'was put on the suppression list', zh: '被列入禁止联系名单' },
  sunset_ended: { en: 'was heard of before she was asked', zh: '询问之前已有回应' },
  sender_died: { en: 'the sending process died before the answer came', zh: '发送进程在收到回执前中断' },
  no_answer: { en: 'the mail server did not answer', zh: '邮件服务器没有回应' },
  unavailable: { en: 'the mail server could not be reached', zh: '无法连接邮件服务器' },
  shutdown: { en: 'the server was stopping', zh: '服务正在停止' },
  judge_again: {
    en: 'said something about her wishes before it left, so it was judged anew',
    zh: '发送前更改了意愿，已重新判断',
  },
  'content:template_endless': {
    en: 'the template did not come to an end for this person: a loop in it runs over her data',
    zh: '模板对该用户无法生成完毕：其中的循环受该用户数据影响而没有结束',
  },
  'content:template_invalid': {
    en: 'the template could not be filled in for this person',
    zh: '模板无法为该用户生成内容',
  },
  given_back: { en: 'did not leave and is due again', zh: '未能发出，将再次发送' },
};

export const MESSAGE_STATES: Readonly<Record<string, Text>> = {
  planned: { en: 'planned', zh: '待发送' },
  sending: { en: 'being sent', zh: '发送中' },
  sent: { en: 'sent', zh: '已发送' },
  failed: { en: 'failed', zh: '失败' },
  unknown: { en: 'unknown', zh: '结果未知' },
  cancelled: { en: 'cancelled', zh: '已取消' },
  refused: { en: 'refused', zh: '已拒绝' },
};
