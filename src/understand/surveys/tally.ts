// What do the answers say, and whom do they speak for? Shares with intervals, response by group, and shares weighted back to everybody who was
// asked. Pure: counts in, figures out.
import type { Lang, Text } from '../../kernel/lang.ts';
import { STAGES } from '../dormancy/stage.ts';
import { countText, percentText } from '../../kernel/figures.ts';

const Z95 = 1.959964;

export type Share = { readonly share: number; readonly low: number; readonly high: number };

/** Wilson's 95% score interval (1927); 0 to 1 for nobody. */
export function wilson(count: number, of: number): Share {
  if (of === 0) return { share: 0, low: 0, high: 1 };
  const share = count / of;
  const z2 = Z95 ** 2;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const reach = (Z95 / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of));
  return { share, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

export type Nps = { readonly score: number; readonly low: number; readonly high: number };

/**
 * Net Promoter Score (Reichheld 2003): 100 × (share of 9–10 − share of 0–6), with the normal 95% interval of a difference of two shares of
 * one multinomial. Undefined for nobody.
 */
export function npsOf(counts: ReadonlyMap<string, number>): Nps | undefined {
  const sum = (from: number, to: number): number =>
    Array.from({ length: to - from + 1 }, (_, i) => counts.get(String(from + i)) ?? 0).reduce((a, b) => a + b, 0);
  const all = sum(0, 10);
  if (all === 0) return undefined;
  const promoters = sum(9, 10) / all;
  const detractors = sum(0, 6) / all;
  const score = promoters - detractors;
  const reach = Z95 * Math.sqrt((promoters + detractors - score ** 2) / all);
  return { score: 100 * score, low: 100 * Math.max(-1, score - reach), high: 100 * Math.min(1, score + reach) };
}

/** Everybody asked of one group: how many, and their answers. */
export type GroupCount = {
  readonly group: string;
  readonly invited: number;
  readonly answers: ReadonlyMap<string, number>;
};

const answeredOf = (group: GroupCount): number => [...group.answers.values()].reduce((a, b) => a + b, 0);

/**
 * Share of each answer as if every group had answered alike (post-stratification): Σ_g invited_g / invited · share within g. Groups nobody
 * answered in cannot speak and are left out.
 */
export function weightedShare(groups: readonly GroupCount[], answer: string): number {
  const speaking = groups.filter((group) => answeredOf(group) > 0);
  const invited = speaking.reduce((sum, group) => sum + group.invited, 0);
  if (invited === 0) return 0;
  return speaking.reduce(
    (sum, group) => sum + (group.invited / invited) * ((group.answers.get(answer) ?? 0) / answeredOf(group)),
    0,
  );
}

const LEAST_INVITED = 20;

const STAGE_LABELS: Readonly<Record<string, Text>> = STAGES;
const nameOf = (group: string, lang: Lang): string => STAGE_LABELS[group]?.[lang] ?? group;

/** In words: how many answered, where fewest and most did, and what that means for reading the shares. */
export function biasNote(groups: readonly GroupCount[]): Text {
  const invited = groups.reduce((sum, group) => sum + group.invited, 0);
  const answered = groups.reduce((sum, group) => sum + answeredOf(group), 0);
  if (invited === 0) return { en: 'Nobody was asked yet.', zh: '尚未询问任何人。' };
  const all = percentText(answered / invited);
  const rates = groups
    .filter((group) => group.invited >= LEAST_INVITED)
    .map((group) => ({ group: group.group, rate: answeredOf(group) / group.invited }))
    .toSorted((a, b) => a.rate - b.rate);
  const [least, most] = [rates[0], rates.at(-1)];
  const spread =
    least === undefined || most === undefined || least === most
      ? { en: '', zh: '' }
      : {
          en: ` Response runs from ${percentText(least.rate)} (${nameOf(least.group, 'en')}) to ${percentText(most.rate)} (${nameOf(most.group, 'en')}); the weighted shares correct for that.`,
          zh: `各组回答率从 ${percentText(least.rate)}（${nameOf(least.group, 'zh')}）到 ${percentText(most.rate)}（${nameOf(most.group, 'zh')}）不等；加权占比已对此校正。`,
        };
  return {
    en: `${all} of ${countText(invited)} people asked answered. Who answers is not like who stays silent: people without an opinion, and those who turned away for good, answer least.${spread.en}`,
    zh: `受访 ${countText(invited)} 人，${all} 作答。作答者与沉默者并不相同：没有明确看法的人和已彻底离开的人最少作答。${spread.zh}`,
  };
}
