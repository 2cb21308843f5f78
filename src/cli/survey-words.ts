// What `rekindle survey` says.
import type { Text } from '../kernel/lang.ts';

export const SURVEY_WORDS = {
  survey: {
    en: 'One-question surveys (why did you leave, and NPS): open a wave, read its results',
    zh: '单题问卷（离开原因、净推荐值）：开启一期、查看结果',
  },
  surveyList: { en: 'list waves', zh: '列出各期问卷' },
  surveyOpen: {
    en: 'open a wave: from now on messages with room for its question ask it',
    zh: '开启一期问卷：此后含问卷位置的消息都会附上',
  },
  surveyClose: { en: 'close a wave for ever; its answers stay', zh: '永久关闭一期问卷，回答保留' },
  surveyResults: {
    en: 'what was answered, and how far it speaks for everybody asked',
    zh: '查看回答，以及回答者能否代表全部受访者',
  },
  surveyKindArgument: { en: 'reason or nps', zh: 'reason（原因）或 nps（净推荐值）' },
  surveyIdArgument: { en: 'id of a wave, like autumn-2026', zh: '问卷编号，如 autumn-2026' },
  surveyNameOption: { en: 'its name; the id unless told', zh: '名称；默认与编号相同' },
  surveyPolicyOption: { en: 'compare by the stages of this policy', zh: '按该规则的阶段对比' },
  surveyWrongKind: {
    en: 'A survey is "reason" or "nps", not "{kind}".',
    zh: '问卷类型只能是 reason 或 nps，而不是“{kind}”。',
  },
  surveyOpened: { en: 'Survey {id} is open.', zh: '问卷 {id} 已开启。' },
  surveyClosed: { en: 'Survey {id} is closed.', zh: '问卷 {id} 已关闭。' },
  surveyHead: {
    en: '{name}: {answered} of {invited} answered ({share}, 95% {low} – {high})',
    zh: '{name}：{invited} 人受访，{answered} 人作答（{share}，95% 区间 {low} – {high}）',
  },
  surveyNps: { en: 'NPS {score} (95% {low} to {high})', zh: '净推荐值 {score}（95% 区间 {low} 至 {high}）' },
  surveyCompared: { en: 'Who answered, beside who was asked', zh: '作答者与受访者对比' },
  surveyMeanSpent: { en: 'mean spent', zh: '人均消费' },
  surveyMeanSilent: { en: 'mean silent days', zh: '平均沉默天数' },
  surveyUnknownStage: { en: 'not known to the policy', zh: '规则未涵盖' },
  columnSurvey: { en: 'Survey', zh: '问卷' },
  columnInvited: { en: 'Asked', zh: '受访' },
  columnAnswered: { en: 'Answered', zh: '作答' },
  columnOpened: { en: 'Opened', zh: '开启' },
  columnClosed: { en: 'Closed', zh: '关闭' },
  columnAnswer: { en: 'Answer', zh: '回答' },
  columnWeighted: { en: 'Reweighted', zh: '加权占比' },
} as const satisfies Record<string, Text>;
