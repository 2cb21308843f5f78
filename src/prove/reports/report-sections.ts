// The report's first sections: how many, in which stages, from when on, at what cost.
import type { Text } from '../../kernel/lang.ts';
import { drawnCurve } from './analysis.ts';
import { markup, NOTHING, say, when, type Html } from './markup.ts';
import { measuredInWords, stageMeaning, WORDS } from './picture-words.ts';
import { chanceChart, curveChart } from './report-charts.ts';
import { DASH, section, UNNAMED, type Page } from './report-page.ts';
import { asTable, barOf, reportTable } from './report-tables.ts';

const GOING = new Set(['cooling', 'dormant', 'relapsed', 'lost']);

/** The four figures to remember. */
export function figures({ analysis, n, hasMoney: withMoney }: Page): Html {
  const { picture } = analysis;
  const { measuredReturn: found, horizonDays, atRisk } = picture;
  const card = (name: Text, value: Text, more: Text, isHot = false): Html =>
    markup`<div class="figure${isHot ? ' hot' : ''}"><dt>${say(name)}</dt><dd class="value">${say(value)}</dd><dd class="more">${say(more)}</dd></div>`;
  const repeat = n((f) => f.count(picture.repeatPeople));
  const share = n((f) => f.percent(picture.dormantShare));
  const dormant = picture.stages.filter(
    (row) => row.meanReturnProbability !== null && GOING.has(row.stage) && row.stage !== 'cooling',
  );
  const expectedBack = dormant.reduce((sum, row) => sum + row.people * (row.meanReturnProbability ?? 0), 0);
  const back =
    found.kind === 'measured'
      ? card(
          { en: `Came back within ${horizonDays} days`, zh: `${horizonDays} 天内回归` },
          n((f) => f.percent(found.returnShare, found.returnShare < 0.2 ? 2 : 1)),
          measuredInWords(analysis),
        )
      : picture.model.returns.kind === 'none' || picture.dormantPeople === 0
        ? card({ en: 'Coming back by themselves', zh: '预计自行回归' }, DASH, WORDS.noModel)
        : card(
            { en: `Expected back within ${horizonDays} days`, zh: `预计 ${horizonDays} 天内回归` },
            n((f) => f.percent(expectedBack / picture.dormantPeople)),
            { en: 'of the dormant, by themselves, says the model', zh: '休眠用户中自行回归的比例（模型预测）' },
          );
  const money = (atRisk.coolingCents ?? 0) + (atRisk.dormantCents ?? 0);
  const last = !withMoney
    ? card({ en: 'Came on more than one day', zh: '多于一天活跃' }, repeat, { en: 'people', zh: '人' })
    : atRisk.dormantCents === null
      ? card(
          WORDS.spent,
          n((f) => f.shortMoney(picture.spentCents)),
          { en: 'by everybody seen', zh: '全部用户' },
        )
      : card(
          WORDS.money,
          n((f) => f.shortMoney(money)),
          {
            en: `expected from the cooling and the dormant in ${horizonDays} days`,
            zh: `趋冷与休眠用户 ${horizonDays} 天内的期望金额`,
          },
        );
  return markup`<dl class="figures">${[
    card(
      WORDS.peopleSeen,
      n((f) => f.count(picture.people)),
      { en: `${repeat.en} came on more than one day`, zh: `其中 ${repeat.zh} 人在多于一天活跃` },
    ),
    card(
      WORDS.dormantPeople,
      n((f) => f.count(picture.dormantPeople)),
      { en: `${share.en} of everybody seen`, zh: `占全部用户的 ${share.zh}` },
      true,
    ),
    back,
    last,
  ]}</dl>`;
}

export function stages({ analysis, n, hasMoney: withMoney }: Page): Html {
  const { picture } = analysis;
  const rows = picture.stages.filter((row) => row.people > 0);
  const most = Math.max(...rows.map((row) => row.share));
  const stack = rows.map(
    (row) =>
      markup`<i class="s-${row.stage}" style="flex:${row.people}" title="${row.label.en} · ${row.label.zh}"></i>`,
  );
  const money = withMoney
    ? [
        {
          head: WORDS.spent,
          kind: 'number' as const,
          cell: (row: (typeof rows)[number]) => n((f) => f.money(row.spentCents)),
        },
      ]
    : [];
  return section('stages', WORDS.stages, [
    markup`<p class="soft">${say({ en: `Everybody stands in exactly one stage. Chance of return: unaided, within ${picture.horizonDays} days.`, zh: `每位用户处于且仅处于一个阶段。回归概率：${picture.horizonDays} 天内自行回归的概率。` })}</p>`,
    markup`<div class="stack" aria-hidden="true">${stack}</div>`,
    reportTable(
      WORDS.stages,
      [
        {
          head: WORDS.stage,
          kind: 'name',
          cell: (row) => markup`<span class="dot s-${row.stage}"></span>${say(row.label)}`,
        },
        { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
        { head: WORDS.share, kind: 'number', cell: (row) => n((f) => f.percent(row.share)) },
        {
          head: UNNAMED,
          kind: 'spare-bar',
          cell: (row) => markup`<span class="s-${row.stage}">${barOf(row.share / most)}</span>`,
        },
        ...money,
        {
          head: WORDS.chanceInFull,
          kind: 'number',
          cell: (row) =>
            row.meanReturnProbability === null ? DASH : n((f) => f.percent(row.meanReturnProbability ?? 0)),
        },
        { head: WORDS.meaning, kind: 'words', cell: (row) => stageMeaning(row.stage, picture.policy) },
      ],
      rows,
    ),
  ]);
}

export function threshold({ analysis, n }: Page): Html {
  const { picture, windowDays } = analysis;
  const { recommendedThreshold: found, horizonDays } = picture;
  const inUse: Text =
    windowDays === undefined
      ? UNNAMED
      : { en: `; the window in use here is ${windowDays} days`, zh: `；当前使用的窗口为 ${windowDays} 天` };
  const answer =
    found.kind === 'recommended'
      ? markup`<b>${say({ en: `${found.days} days`, zh: `${found.days} 天` })}</b><span>${say({ en: `recommended${inUse.en}`, zh: `为建议阈值${inUse.zh}` })}</span>`
      : markup`<span>${say({ en: `${WORDS.noRecommendation.en}${inUse.en}`, zh: `${WORDS.noRecommendation.zh}${inUse.zh}` })}</span>`;
  const drawn = drawnCurve(picture);
  const every = Math.max(1, Math.ceil(drawn.length / 40));
  const rows = drawn.filter((_, i) => i % every === 0 || i === drawn.length - 1);
  const figure = (id: string, title: Text, more: Text, chart: Html): Html =>
    when(
      chart !== NOTHING,
      () =>
        markup`<figure><figcaption><strong id="${id}">${say(title)}</strong><span class="soft">${say(more)}</span></figcaption>${chart}</figure>`,
    );
  const curveTitle: Text = { en: 'How long a silence lasts', zh: '沉默持续多久' };
  const lead = [markup`<p class="answer">${answer}</p>`, markup`<p>${say(found.reason)}</p>`];
  if (drawn.length < 2)
    return section('threshold', WORDS.threshold, [...lead, markup`<p class="soft">${say(WORDS.tooFewSilences)}</p>`]);
  return section('threshold', WORDS.threshold, [
    ...lead,
    markup`<div class="pair">${[
      figure(
        'curve',
        curveTitle,
        {
          en: 'Share of silences that have ended by each silent day, with its 95% band.',
          zh: '到每个沉默天数为止已结束的沉默占比，含 95% 置信带。',
        },
        curveChart(analysis, 'curve'),
      ),
      figure(
        'chance',
        { en: 'Chance of coming back unaided', zh: '自行回归的概率' },
        {
          en: `Of those still silent on a day, the share that returns in the next ${horizonDays} days.`,
          zh: `截至某天仍在沉默的用户，在之后 ${horizonDays} 天内回归的比例。`,
        },
        chanceChart(analysis, 'chance'),
      ),
    ]}</div>`,
    markup`<p class="soft" style="margin-top:16px">${say(WORDS.curveExplained)}</p>`,
    asTable(
      reportTable(
        curveTitle,
        [
          { head: WORDS.day, kind: 'name', cell: (row) => n((f) => f.count(row.day)) },
          { head: WORDS.backByThen, kind: 'number', cell: (row) => n((f) => f.percent(1 - row.stillSilent)) },
          {
            head: WORDS.interval,
            kind: 'number',
            cell: (row) => n((f) => `${f.percent(1 - row.high)} – ${f.percent(1 - row.low)}`),
          },
          {
            head: { en: 'Still watched', zh: '仍在观察' },
            kind: 'number',
            cell: (row) => n((f) => f.count(row.atRisk)),
          },
        ],
        rows,
      ),
    ),
  ]);
}

export function money({ analysis, n }: Page): Html {
  const rows = analysis.picture.stages.filter((row) => row.people > 0 && GOING.has(row.stage));
  const most = Math.max(1, ...rows.map((row) => row.expectedValueCents ?? 0));
  return section('money', WORDS.money, [
    markup`<p class="soft">${say(WORDS.firstOrderBack)}</p>`,
    reportTable(
      WORDS.money,
      [
        {
          head: WORDS.stage,
          kind: 'name',
          cell: (row) => markup`<span class="dot s-${row.stage}"></span>${say(row.label)}`,
        },
        { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
        { head: WORDS.expected, kind: 'number', cell: (row) => n((f) => f.money(row.expectedValueCents ?? 0)) },
        {
          head: UNNAMED,
          kind: 'bar',
          cell: (row) => markup`<span class="s-${row.stage}">${barOf((row.expectedValueCents ?? 0) / most)}</span>`,
        },
      ],
      rows,
    ),
  ]);
}
