// Why is this person's chance of return what it is? In words, from the model that scored her: which facts raise or lower it, the
// strongest first. Features of one theme (recency as days, as logarithm, as counts of recent weeks…) are strongly related and only
// their sum means something, so the answer is per theme. Effects are differences of log-odds.
import type { Lang } from '../../kernel/lang.ts';
import { percentText } from '../../kernel/figures.ts';
import { logisticLogit, sigmoid } from './logistic.ts';
import { MBG_NBD } from './beta-geometric-nbd.ts';
import { recalibrated } from './prediction-quality.ts';
import type { ReturnModel, ScoreModel } from './score.ts';
import {
  FEATURE_NAMES,
  FEATURES,
  HISTORY_POSITIONS,
  THEMES,
  themeInWords,
  type FeatureName,
  type Theme,
} from './snapshot-features.ts';

export type ScoreReason = {
  readonly theme: Theme;
  /** "last active 63 days ago, on 2 days of the last 26 weeks" */
  readonly words: string;
  /** Log-odds against the average person (logistic) or against the reference named in `explainScore` (MBG/NBD). */
  readonly effect: number;
};

export type ScoreExplanation = {
  /** Null where there is no model. */
  readonly probability: number | null;
  /** The strongest first; effects smaller than NEGLIGIBLE are left out. */
  readonly reasons: readonly ScoreReason[];
  readonly text: string;
};

/** Log-odds below which a theme is not worth a word: it moves a chance of one half by two points. */
const NEGLIGIBLE = 0.1;

/** Effects per theme of the logistic model: they sum to her log-odds minus those of a person with average features. */
function logisticEffects(
  { params, features: names }: Extract<ReturnModel, { kind: 'logistic' }>,
  features: readonly number[],
): ReadonlyMap<Theme, number> {
  const effects = new Map<Theme, number>();
  names.forEach((name: FeatureName, i) => {
    const { theme } = FEATURES[name];
    const value = features[FEATURE_NAMES.indexOf(name)]!;
    const effect = (params.coefficients[i]! * (value - params.means[i]!)) / params.sds[i]!;
    effects.set(theme, (effects.get(theme) ?? 0) + effect);
  });
  return effects;
}

type MbgModel = Extract<ReturnModel, { kind: 'mbg-nbd' }>;

function mbgChance(model: MbgModel, features: readonly number[], horizonDays: number): number {
  const [x, tx, T] = [HISTORY_POSITIONS.x, HISTORY_POSITIONS.tx, HISTORY_POSITIONS.T].map((at) => features[at]!);
  const chance = MBG_NBD.returnProbability(model.params, x!, tx!, T!, horizonDays / 7);
  return model.recalibration === undefined ? chance : recalibrated(model.recalibration, chance);
}

const logOdds = (chance: number): number => Math.log(chance / (1 - chance));

/** MBG/NBD has no average person: silence is measured against the same person active today, frequency against a one-time one as silent. */
function mbgEffects(model: MbgModel, features: readonly number[], horizonDays: number): ReadonlyMap<Theme, number> {
  const own = logOdds(Math.max(1e-12, mbgChance(model, features, horizonDays)));
  const [silent, age] = [features[HISTORY_POSITIONS.silent]!, features[HISTORY_POSITIONS.T]!];
  const against = (changed: Readonly<Partial<Record<keyof typeof HISTORY_POSITIONS, number>>>): number => {
    const other = [...features];
    for (const [fact, value] of Object.entries(changed)) other[HISTORY_POSITIONS[fact as 'x' | 'tx' | 'T']] = value;
    return own - logOdds(Math.max(1e-12, mbgChance(model, other, horizonDays)));
  };
  return new Map([
    ['recency', against({ T: age - silent })],
    ['frequency', against({ x: 0, tx: 0, T: silent })],
  ]);
}

const percent = (chance: number): string => percentText(chance, chance < 0.1 ? 1 : 0);

/** `features` as `snapshotFeatures` of the day the score is for. The probability is the one the engine writes for the same person. */
export function explainScore(
  { returns, horizonDays }: Pick<ScoreModel, 'returns' | 'horizonDays'>,
  features: readonly number[],
  lang: Lang,
  currency: string,
): ScoreExplanation {
  const zh = lang === 'zh';
  if (returns.kind === 'none') return { probability: null, reasons: [], text: returns.reason[lang] };
  const probability =
    returns.kind === 'logistic'
      ? sigmoid(
          logisticLogit(
            returns.params,
            returns.features.map((name) => features[FEATURE_NAMES.indexOf(name)]!),
          ),
        )
      : mbgChance(returns, features, horizonDays);
  const effects =
    returns.kind === 'logistic' ? logisticEffects(returns, features) : mbgEffects(returns, features, horizonDays);
  const reasons = [...effects]
    .filter(([, effect]) => Math.abs(effect) >= NEGLIGIBLE)
    .toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([theme, effect]) => ({ theme, words: themeInWords(theme, features, lang, currency), effect }));
  const side = (raises: boolean): string =>
    reasons
      .filter(({ effect }) => effect > 0 === raises)
      .map(({ theme, words }) => (zh ? `${THEMES[theme].zh}（${words}）` : `${THEMES[theme].en} (${words})`))
      .join(zh ? '、' : ', ');
  const sentence = (raises: boolean): string[] => {
    const listed = side(raises);
    if (listed === '') return [];
    if (zh) return [`${raises ? '提高' : '降低'}概率的因素：${listed}。`];
    return [`${raises ? 'Raised' : 'Lowered'} by ${listed}.`];
  };
  const chance = zh
    ? `${horizonDays} 天内自行回归的概率为 ${percent(probability)}。`
    : `Chance of returning unaided within ${horizonDays} days: ${percent(probability)}.`;
  const parts = [chance, ...sentence(true), ...sentence(false)];
  if (reasons.length === 0) parts.push(zh ? '与平均水平相近。' : 'Close to the average person in everything.');
  return { probability, reasons, text: parts.join(zh ? '' : ' ') };
}
