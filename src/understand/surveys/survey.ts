// What is asked, and which answers exist? Two kinds of survey, one question each: why did you leave, and how likely would you recommend us.
// Options have a fixed position, because a link in a mail carries only that; positions are never reused.
import { z } from 'zod';
import { inWords } from '../../kernel/issue.ts';
import type { Text } from '../../kernel/lang.ts';
import type { Reason } from '../reasons/causes.ts';

export const SURVEY_KINDS = ['reason', 'nps'] as const;
export type SurveyKind = (typeof SURVEY_KINDS)[number];

export type SurveyOption = { readonly answer: string; readonly label: Text };

/** In the customer's own words; "something else" counts as `unknown`. */
const REASON_OPTIONS: readonly (SurveyOption & { readonly answer: Reason })[] = [
  { answer: 'changed_need', label: { en: 'I no longer need it', zh: '我已经不需要了' } },
  { answer: 'bad_experience', label: { en: 'Something went wrong for me', zh: '有过不愉快的体验' } },
  { answer: 'competitor', label: { en: 'I found a better offer elsewhere', zh: '别处有更合适的选择' } },
  { answer: 'forgot', label: { en: 'I simply did not think of it', zh: '只是一时没想起来' } },
  { answer: 'overload', label: { en: 'Too many messages', zh: '收到的消息太多' } },
  { answer: 'privacy', label: { en: 'I worry about my data', zh: '担心个人信息' } },
  { answer: 'unknown', label: { en: 'Something else', zh: '其他原因' } },
];

const NPS_OPTIONS: readonly SurveyOption[] = Array.from({ length: 11 }, (_, score) => ({
  answer: String(score),
  label: { en: String(score), zh: String(score) },
}));

type SurveyText = {
  readonly label: Text;
  readonly question: Text;
  readonly options: readonly SurveyOption[];
  /** Above this many link positions another kind begins. */
  readonly firstLink: number;
};

export const SURVEYS: Readonly<Record<SurveyKind, SurveyText>> = {
  reason: {
    label: { en: 'Reason survey', zh: '原因调查' },
    question: { en: 'What kept you away?', zh: '是什么让您很久没来？' },
    options: REASON_OPTIONS,
    firstLink: 0,
  },
  nps: {
    label: { en: 'Net Promoter Score', zh: '净推荐值调查' },
    question: {
      en: 'How likely are you to recommend us to a friend?',
      zh: '您有多大可能把我们推荐给朋友？',
    },
    options: NPS_OPTIONS,
    firstLink: 64,
  },
};

export const FREE_TEXT_MAX = 1000;

/** What a survey link says: the kind, and the option to preselect where it names one. */
export type SurveyLink = { readonly kind: SurveyKind; readonly answer: string | undefined };

/** 0–65535, for the link index of a signed token. */
export function linkIndexOf(kind: SurveyKind, answer?: string): number {
  const { firstLink, options } = SURVEYS[kind];
  return firstLink + (answer === undefined ? 0 : options.findIndex((option) => option.answer === answer) + 1);
}

/** The opposite of `linkIndexOf`; an index that names no option asks the question without preselecting any. */
export function surveyLinkOf(index: number): SurveyLink {
  const kind = index >= SURVEYS.nps.firstLink ? 'nps' : 'reason';
  return { kind, answer: SURVEYS[kind].options[index - SURVEYS[kind].firstLink - 1]?.answer };
}

export const isAnswer = (kind: SurveyKind, answer: string): boolean =>
  SURVEYS[kind].options.some((option) => option.answer === answer);

/** Trimmed, without control characters other than line breaks, cut to FREE_TEXT_MAX characters. */
export function freeTextOf(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const clean = text.replaceAll(/\r\n?/g, '\n').replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]+/g, ' ');
  return Array.from(clean.trim()).slice(0, FREE_TEXT_MAX).join('');
}

const words = z.strictObject({ en: z.string().min(1).max(200), zh: z.string().min(1).max(200) });

/** A new wave. `question`: the business's own wording instead of ours. */
export const waveSchema = z.strictObject({
  surveyId: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,39}$/,
      inWords('lower-case letters, digits and dashes, at most 40', '须为小写字母、数字和连字符，最多 40 个字符'),
    ),
  kind: z.enum(SURVEY_KINDS),
  name: z.string().min(1).max(120),
  question: words.optional(),
});
export type NewWave = Readonly<z.infer<typeof waveSchema>>;

export type Wave = {
  readonly surveyId: string;
  readonly kind: SurveyKind;
  readonly name: string;
  readonly question: Text;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
};
