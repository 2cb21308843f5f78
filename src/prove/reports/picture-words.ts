// The words of the dormancy picture in both languages: headings, explanations and notes that the terminal screen and the report share.
import { dayText } from '../../kernel/days.ts';
import { FIELDS, showTerm, type Field, type Mapping } from '../../collect/imports/mapping.ts';
import { lineReason } from '../../collect/imports/line-reasons.ts';
import type { Text } from '../../kernel/lang.ts';
import { unreachable } from '../../kernel/result.ts';
import type { DormancyPolicy } from '../../understand/dormancy/policy.ts';
import type { Stage } from '../../understand/dormancy/stage.ts';
import type { ScoreModel } from '../../understand/value/score.ts';
import type { AnalysedFile, Analysis } from './analysis.ts';
import { inBoth } from './formats.ts';

export const WORDS = {
  title: { en: 'Dormancy picture', zh: '休眠画像' },
  files: { en: 'What was read', zh: '读取的数据' },
  headline: { en: 'In short', zh: '概览' },
  stages: { en: 'Stages', zh: '阶段分布' },
  curve: { en: 'Return curve', zh: '回归曲线' },
  threshold: { en: 'When does silence mean dormancy?', zh: '沉默多久算休眠？' },
  money: { en: 'Money at risk', zh: '面临流失的金额' },
  months: { en: 'Month by month', zh: '逐月变化' },
  rfm: { en: 'RFM groups', zh: 'RFM 分组' },
  wake: { en: 'Who to wake first', zh: '优先唤醒名单' },
  model: { en: 'How sure is this?', zh: '结论的可靠程度' },
  stage: { en: 'Stage', zh: '阶段' },
  group: { en: 'Group', zh: '分组' },
  meaning: { en: 'Meaning', zh: '含义' },
  people: { en: 'People', zh: '人数' },
  share: { en: 'Share', zh: '占比' },
  spent: { en: 'Spent', zh: '累计消费' },
  expected: { en: 'Expected', zh: '期望金额' },
  /** P(any activity within the horizon), unaided. */
  chance: { en: 'Return', zh: '回归概率' },
  ofThemDormant: { en: 'Dormant', zh: '其中休眠' },
  chanceInFull: { en: 'Chance of return', zh: '回归概率' },
  person: { en: 'Person', zh: '用户' },
  silentDays: { en: 'Silent days', zh: '沉默天数' },
  lastOn: { en: 'Last active', zh: '最近活跃' },
  activeDays: { en: 'Active days', zh: '活跃天数' },
  day: { en: 'Silent day', zh: '沉默天数' },
  backByThen: { en: 'Back', zh: '已回归' },
  interval: { en: '95% interval', zh: '95% 区间' },
  month: { en: 'Month', zh: '月份' },
  active: { en: 'Active', zh: '活跃' },
  firstSeen: { en: 'First seen', zh: '首次出现' },
  becameDormant: { en: 'Became dormant', zh: '进入休眠' },
  returned: { en: 'Returned', zh: '回归' },
  dormantAtEnd: { en: 'Dormant at its end', zh: '月末休眠人数' },
  yourWindow: { en: 'window in use', zh: '当前窗口' },
  recommended: { en: 'recommended', zh: '建议阈值' },
  noModel: { en: 'not enough data', zh: '数据不足' },
  peopleSeen: { en: 'People seen', zh: '用户总数' },
  dormantPeople: { en: 'Dormant', zh: '休眠用户' },
  noMoney: { en: 'The activity carries no amounts, so money is left out.', zh: '活跃行为不含金额，因此不展示金额。' },
  firstOrderBack: {
    en: 'Expected value: chance of a return within the horizon × value of the first active day back.',
    zh: '期望金额 = 预测期内的回归概率 × 回归后首个活跃日的金额。',
  },
  tooFewSilences: {
    en: 'Fewer than 30 silences were seen: too few to draw a curve.',
    zh: '观察到的沉默少于 30 次，不足以绘制曲线。',
  },
  noRecommendation: { en: 'No recommendation', zh: '暂无建议' },
  curveExplained: {
    en: 'Of all silences between two activities, the share that has ended by each silent day (Kaplan–Meier; people who are still silent count for as long as they have been watched).',
    zh: '在两次活跃之间的所有沉默中，到每个沉默天数为止已结束的比例（Kaplan–Meier；仍在沉默的用户按已观察的时长计入）。',
  },
} as const satisfies Record<string, Text>;

/** How the policy turns silence into stages, for people who have never seen one. */
export function stageMeaning(stage: Stage, policy: DormancyPolicy): Text {
  const { rule } = policy;
  const isWindow = rule.kind === 'window';
  const silent = (from: number, to?: number): Text =>
    to === undefined
      ? { en: `silent for ${from} days or more`, zh: `沉默 ${from} 天及以上` }
      : { en: `silent for ${from}–${to} days`, zh: `沉默 ${from}–${to} 天` };
  switch (stage) {
    case 'new':
      return { en: `first active in the last ${policy.newDays} days`, zh: `最近 ${policy.newDays} 天内首次活跃` };
    case 'active':
      return { en: 'keeps coming', zh: '持续活跃' };
    case 'cooling':
      return isWindow
        ? silent(rule.coolingDays, rule.dormantDays - 1)
        : { en: 'silent for half of the personal threshold', zh: '沉默达到个人阈值的一半' };
    case 'dormant':
      return isWindow
        ? silent(rule.dormantDays, rule.lostDays - 1)
        : { en: 'silent beyond the personal threshold', zh: '沉默超过个人阈值' };
    case 'lost':
      if (rule.kind === 'predicted') return { en: 'hardly any chance of a return left', zh: '回归概率已极低' };
      return isWindow
        ? silent(rule.lostDays)
        : {
            en: `silent for ${rule.lostMultiplier} personal thresholds`,
            zh: `沉默达到个人阈值的 ${rule.lostMultiplier} 倍`,
          };
    case 'recovered':
      return { en: `returned in the last ${policy.recoveredDays} days`, zh: `最近 ${policy.recoveredDays} 天内回归` };
    case 'relapsed':
      return {
        en: `dormant again within ${policy.relapsedDays} days of returning`,
        zh: `回归后 ${policy.relapsedDays} 天内再次休眠`,
      };
    case 'sunset':
      return { en: 'silent after many contacts: contacted no more', zh: '多次触达后仍沉默，不再触达' };
    case 'repermissioned':
      return { en: 'returned or consented again after sunset', zh: '停止触达后回归或重新同意' };
    default:
      return unreachable(stage);
  }
}

/** What the column of chances means. */
export const chanceExplained = (horizonDays: number): Text => ({
  en: `Return: chance of coming back unaided within ${horizonDays} days, by the model.`,
  zh: `回归概率：模型预测的 ${horizonDays} 天内自行回归的概率。`,
});

/** One sentence that defines "dormant" for this picture. */
export function definition({ picture, windowDays, dataFrom, dataUntil }: Analysis): Text {
  const events = picture.policy.activity.join(', ');
  const span = {
    en: `Data from ${dayText(dataFrom, 'en')} to ${dayText(dataUntil, 'en')}.`,
    zh: `数据区间 ${dayText(dataFrom, 'zh')}至 ${dayText(dataUntil, 'zh')}。`,
  };
  return windowDays === undefined
    ? {
        en: `Dormant: no activity (${events}) for longer than the personal threshold. ${span.en}`,
        zh: `休眠：未活跃（${events}）的时间超过个人阈值。${span.zh}`,
      }
    : {
        en: `Dormant: no activity (${events}) for ${windowDays} days or more. ${span.en}`,
        zh: `休眠：连续 ${windowDays} 天及以上没有活跃行为（${events}）。${span.zh}`,
      };
}

/** What the dormant really did afterwards, or why that is not known. */
export function measuredInWords({ picture, currency }: Analysis): Text {
  const { measuredReturn: found, horizonDays } = picture;
  if (found.kind === 'not_yet') return found.reason;
  return {
    en: `${inBoth(currency.code, (f) => `${f.count(found.returnedPeople)} of ${f.count(found.dormantPeople)}`).en} dormant people came back within ${horizonDays} days (measured)`,
    zh: `${inBoth(currency.code, (f) => f.count(found.dormantPeople)).zh} 名休眠用户中有 ${inBoth(currency.code, (f) => f.count(found.returnedPeople)).zh} 名在 ${horizonDays} 天内回归（实测）`,
  };
}

const EXCLUDED = {
  no_person: { en: 'without a person', zh: '缺少用户标识' },
  cancelled: { en: 'cancelled orders', zh: '已取消订单' },
  returned: { en: 'returned goods', zh: '退货' },
  unpaid: { en: 'not paid', zh: '未付款' },
  zero_quantity: { en: 'with quantity 0', zh: '数量为 0' },
  no_price: { en: 'without a price', zh: '没有价格' },
} as const satisfies Record<AnalysedFile['excluded'][number]['reason'], Text>;

export const mappingInWords = (mapping: Mapping): Text => {
  const terms = Object.entries(mapping);
  const listed = (lang: 'en' | 'zh') =>
    terms
      .map(([field, term]) => `${FIELDS[field as Field][lang]} = ${showTerm(term)}`)
      .join(lang === 'zh' ? '，' : ', ');
  return { en: listed('en'), zh: listed('zh') };
};

/** Rows read, kept and left out of one file, with counted reasons. */
export function fileInWords(file: AnalysedFile): Text {
  const say = (lang: 'en' | 'zh'): string => {
    const n = (value: number): string => inBoth('USD', (f) => f.count(value))[lang];
    const reasons = [
      ...file.excluded.map(({ reason, count }) => `${n(count)} ${EXCLUDED[reason][lang]}`),
      ...file.rejectReasons.map(({ reason, count }) =>
        lang === 'zh'
          ? `${n(count)} 无法读取（${lineReason(reason).zh}）`
          : `${n(count)} unreadable (${lineReason(reason).en})`,
      ),
    ];
    if (lang === 'zh') {
      const kept = `读取 ${n(file.rowsRead)} 行，采用 ${n(file.rowsKept)} 行${file.orders > 0 ? `（${n(file.orders)} 笔订单` : '（事件'}，${n(file.people)} 名用户）`;
      return reasons.length === 0 ? `${kept}。` : `${kept}；未计入：${reasons.join('，')}。`;
    }
    const of = (value: number, one: string, many: string): string => `${n(value)} ${value === 1 ? one : many}`;
    const what = file.orders > 0 ? `${of(file.orders, 'order', 'orders')} of ` : '';
    const kept = `${of(file.rowsRead, 'row', 'rows')} read, ${n(file.rowsKept)} kept (${what}${of(file.people, 'person', 'people')})`;
    return reasons.length === 0 ? `${kept}.` : `${kept}; left out: ${reasons.join(', ')}.`;
  };
  return { en: say('en'), zh: say('zh') };
}

/** What a reader must know before believing the figures; empty where there is nothing. */
export function notesOf({ currency, files, picture }: Analysis): readonly Text[] {
  const notes: Text[] = [];
  if (currency.source === 'assumed' && picture.spentCents > 0)
    notes.push({
      en: `The files name no currency; amounts are shown as ${currency.code}. Say which with --currency.`,
      zh: `文件未注明币种，金额按 ${currency.code} 显示。可用 --currency 指定。`,
    });
  if (currency.mixed.length > 0) {
    const others = currency.mixed.filter((code) => code !== currency.code);
    notes.push({
      en: `Amounts are in ${currency.mixed.join(', ')}, which cannot be added: only those in ${currency.code} count as money, orders in ${others.join(', ')} only as having come. Choose another with --currency.`,
      zh: `金额涉及 ${currency.mixed.join('、')}，不能直接相加：仅 ${currency.code} 计入金额，${others.join('、')} 的订单只计为到访。可用 --currency 指定其他币种。`,
    });
  }
  for (const file of files)
    if (file.dayOrder === 'unsure')
      notes.push({
        en: `${file.path}: nothing tells whether 01/02 is January or February; it was read day first. Say which with --month-first.`,
        zh: `${file.path}：无法判断 01/02 的日月顺序，已按“日在前”读取。可用 --month-first 指定。`,
      });
  if (picture.spentCents <= 0) notes.push(WORDS.noMoney);
  return notes;
}

/** Which model says how likely a return is, on what, and what decided for it. */
function chanceInWords(returns: ScoreModel['returns'], horizonDays: number): Text {
  if (returns.kind === 'none') {
    return {
      en: `Chance of return: not enough data. ${returns.reason.en}`,
      zh: `回归概率：数据不足。${returns.reason.zh}`,
    };
  }
  const sampled = returns.sampled.toLocaleString('en-US');
  const people = returns.people.toLocaleString('en-US');
  const found: Text =
    returns.kind === 'logistic'
      ? {
          en: `Chance of return within ${horizonDays} days: logistic model of recency, frequency, rhythm, tenure, spending and items, fitted on who came back after ${returns.trainedAsOf} (${sampled} people).`,
          zh: `${horizonDays} 天内的回归概率：基于最近活跃、频次、个人节奏、相识时长、消费金额与件数的逻辑回归模型，按 ${returns.trainedAsOf} 之后的实际回归情况（${sampled} 人）拟合。`,
        }
      : {
          en: `Chance of return within ${horizonDays} days: MBG/NBD, fitted on ${sampled} of ${people} people. It knows only how often and how recently each one came; seasons and campaigns are not in it.`,
          zh: `${horizonDays} 天内的回归概率：MBG/NBD 模型，基于 ${people} 人中的 ${sampled} 人拟合。模型只依据每个人的活跃频次与最近活跃时间，不含季节与营销活动的影响。`,
        };
  const { evidence } = returns;
  const chosen = evidence?.candidates.find((candidate) => candidate.model === returns.kind);
  if (evidence === undefined || chosen === undefined) return found;
  const auc = chosen.auc.toFixed(3);
  const others = evidence.candidates
    .filter((candidate) => candidate !== chosen)
    .map((candidate) => `${candidate.model === 'logistic' ? 'logistic' : 'MBG/NBD'} ${candidate.auc.toFixed(3)}`);
  const against: Text =
    others.length === 0 ? { en: '', zh: '' } : { en: `, against ${others.join()}`, zh: `（对比 ${others.join()}）` };
  return evidence.kind === 'earlier_snapshot'
    ? {
        en: `${found.en} Fitted one horizon earlier, it ranked the ${evidence.people.toLocaleString('en-US')} people of ${evidence.testedAsOf} with AUC ${auc}${against.en}.`,
        zh: `${found.zh}提前一个预测期拟合时，对 ${evidence.testedAsOf} 的 ${evidence.people.toLocaleString('en-US')} 人排序的 AUC 为 ${auc}${against.zh}。`,
      }
    : {
        en: `${found.en} On the half of the people it was not fitted on it ranked with AUC ${auc}${against.en}; there is too little history yet for a test over time.`,
        zh: `${found.zh}对未参与拟合的一半用户排序的 AUC 为 ${auc}${against.zh}；历史尚短，暂不能做跨期检验。`,
      };
}

/** The models that were used, and how far to trust them. */
export function modelInWords({ returns, value }: ScoreModel, horizonDays: number): readonly Text[] {
  const chance = chanceInWords(returns, horizonDays);
  const worth: Text =
    value.kind === 'mean'
      ? {
          en: `Value of a return: the mean of an active day. ${value.reason.en}`,
          zh: `回归价值：活跃日的平均金额。${value.reason.zh}`,
        }
      : {
          en: `Value of a return: Gamma–Gamma (frequency and spend are nearly independent here, correlation ${value.correlation.toFixed(2)}).`,
          zh: `回归价值：Gamma–Gamma 模型（频次与金额近似独立，相关系数 ${value.correlation.toFixed(2)}）。`,
        };
  return returns.kind === 'none' ? [chance] : [chance, worth];
}

/** Prediction beside measurement, where both are known. */
export function predictionCheck({ picture, currency }: Analysis): Text | undefined {
  const { measuredReturn: found } = picture;
  if (found.kind !== 'measured' || found.predictedShare === null) return undefined;
  const predicted = found.predictedShare;
  const share = (value: number): string => inBoth(currency.code, (f) => f.percent(value)).en;
  return {
    en: `For the dormant the model had predicted ${share(predicted)}; ${share(found.returnShare)} really came back.`,
    zh: `对休眠用户，模型预测回归 ${share(predicted)}；实际回归 ${share(found.returnShare)}。`,
  };
}
