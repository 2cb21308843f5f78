// What a person's story says.
import type { Text } from '../kernel/lang.ts';

export const STORY_WORDS = {
  storyKnown: { en: 'known since {since}', zh: '自 {since} 起' },
  storyAlso: { en: 'also known as {ids}', zh: '曾用编号：{ids}' },
  storyStands: { en: 'Where she stands', zh: '当前状态' },
  storyPath: { en: 'How she got there', zh: '阶段变化' },
  storyMove: { en: '{from} → {to} ({cause})', zh: '{from} → {to}（{cause}）' },
  storyArrived: { en: '{to} ({cause})', zh: '{to}（{cause}）' },
  storyReasons: { en: 'Why she went quiet', zh: '休眠原因' },
  storyReason: { en: '{reason}, {chance} likely', zh: '{reason}（可能性 {chance}）' },
  storyNoEvidence: {
    en: 'no trace speaks for anything; these are the shares of people like her',
    zh: '没有明显迹象；以上为同类用户的整体占比',
  },
  storyDid: { en: 'What she did', zh: '行为概览' },
  storyLatest: { en: 'The latest', zh: '最近行为' },
  storyLikes: { en: 'What she likes', zh: '偏好' },
  storyHour: { en: 'comes most at {hour}:00 by her own clock', zh: '最常在当地时间 {hour}:00 前后活跃' },
  storyProducts: { en: 'What to show her', zh: '推荐商品' },
  storyContact: { en: 'May she be written to now?', zh: '现在能否触达？' },
  storyYes: { en: 'yes', zh: '可以' },
  storyNo: { en: 'no: {why}', zh: '不可以：{why}' },
  storyLater: { en: 'not before {at}: {why}', zh: '{at} 之后可以：{why}' },
  storyGrants: { en: 'Offers given', zh: '已发放激励' },
  storySurveys: { en: 'What she answered', zh: '问卷回答' },
  columnTimes: { en: 'Times', zh: '次数' },
  columnFirstOn: { en: 'First', zh: '首次' },
  columnLastOn: { en: 'Last', zh: '最近' },
  columnAmount: { en: 'Amount', zh: '金额' },
  columnWhat: { en: 'What', zh: '行为' },
} as const satisfies Record<string, Text>;
