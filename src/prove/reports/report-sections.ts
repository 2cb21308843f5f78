// The sections of the report, each one question of the dormancy picture.
import type { Text } from '../../kernel/lang.ts';
import { RFM_GROUPS } from '../../understand/value/rfm.ts';
import { drawnCurve, type Analysis } from './analysis.ts';
import type { Formats } from './formats.ts';
import { markup, NOTHING, say, when, type Html } from './markup.ts';
import {
  fileInWords,
  mappingInWords,
  measuredInWords,
  modelInWords,
  predictionCheck,
  stageMeaning,
  WORDS,
} from './picture-words.ts';
import { chanceChart, curveChart, MONTHS_SHOWN, monthsChart } from './report-charts.ts';
import { groupsMap } from './report-groups.ts';
import { asTable, barOf, reportTable } from './report-tables.ts';

export type Page = {
  readonly analysis: Analysis;
  readonly n: (write: (f: Formats) => string) => Text;
  readonly hasMoney: boolean;
  readonly hasModel: boolean;
};

const GOING = new Set(['cooling', 'dormant', 'relapsed', 'lost']);
const DASH: Text = { en: '–', zh: '–' };

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

const section = (id: string, title: Text, inside: readonly Html[]): Html =>
  markup`<section aria-labelledby="${id}"><h2 id="${id}">${say(title)}</h2>${inside}</section>`;

function stages({ analysis, n, hasMoney: withMoney }: Page): Html {
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
    markup`<p class="soft">${say({ en: 'Everybody stands in exactly one stage.', zh: '每位用户处于且仅处于一个阶段。' })}</p>`,
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
          head: DASH_NOTHING,
          kind: 'spare-bar',
          cell: (row) => markup`<span class="s-${row.stage}">${barOf(row.share / most)}</span>`,
        },
        ...money,
        {
          head: WORDS.chance,
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

const DASH_NOTHING: Text = { en: '', zh: '' };

function threshold({ analysis, n }: Page): Html {
  const { picture, windowDays } = analysis;
  const { recommendedThreshold: found, horizonDays } = picture;
  const answer: Text = found.kind === 'recommended' ? { en: `${found.days} days`, zh: `${found.days} 天` } : DASH;
  const inUse: Text =
    windowDays === undefined
      ? DASH_NOTHING
      : {
          en: `recommended; the window in use here is ${windowDays} days`,
          zh: `为建议阈值；当前使用的窗口为 ${windowDays} 天`,
        };
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
  return section('threshold', WORDS.threshold, [
    markup`<p class="answer"><b>${say(answer)}</b><span>${say(inUse)}</span></p>`,
    markup`<p>${say(found.reason)}</p>`,
    markup`<div class="pair">${[
      figure(
        'curve',
        curveTitle,
        {
          en: 'Share of silences that have ended by each silent day, with its 95 % band.',
          zh: '到每个沉默天数为止已结束的沉默占比，含 95 % 置信带。',
        },
        curveChart(analysis, 'curve'),
      ),
      figure(
        'chance',
        { en: 'Chance that she comes back by herself', zh: '自行回归的概率' },
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

function money({ analysis, n }: Page): Html {
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
          head: DASH_NOTHING,
          kind: 'bar',
          cell: (row) => markup`<span class="s-${row.stage}">${barOf((row.expectedValueCents ?? 0) / most)}</span>`,
        },
      ],
      rows,
    ),
  ]);
}

function months({ analysis, n }: Page): Html {
  const { months: rows, asOf } = analysis.picture;
  const legend = (['activePeople', 'becameDormant', 'returned', 'dormantAtEnd'] as const).map((name) => {
    const label = {
      activePeople: WORDS.active,
      becameDormant: WORDS.becameDormant,
      returned: WORDS.returned,
      dormantAtEnd: WORDS.dormantAtEnd,
    }[name];
    return markup`<li><span class="dot ${name}"></span>${say(label)}</li>`;
  });
  const chart = monthsChart(rows, 'months');
  return section('months', WORDS.months, [
    markup`<p class="soft">${say({
      en: `People per month. The last month ends on ${asOf}.${rows.length > MONTHS_SHOWN ? ` The chart shows the last ${MONTHS_SHOWN} months.` : ''}`,
      zh: `每月人数。最后一个月截至 ${asOf}。${rows.length > MONTHS_SHOWN ? `图中为最近 ${MONTHS_SHOWN} 个月。` : ''}`,
    })}</p>`,
    markup`<ul class="legend" aria-hidden="true">${legend}</ul>`,
    chart,
    asTable(
      reportTable(
        WORDS.months,
        [
          { head: WORDS.month, kind: 'name', cell: (row) => markup`${row.month.slice(0, 7)}` },
          { head: WORDS.active, kind: 'number', cell: (row) => n((f) => f.count(row.activePeople)) },
          { head: WORDS.firstSeen, kind: 'number', cell: (row) => n((f) => f.count(row.firstSeen)) },
          { head: WORDS.becameDormant, kind: 'number', cell: (row) => n((f) => f.count(row.becameDormant)) },
          { head: WORDS.returned, kind: 'number', cell: (row) => n((f) => f.count(row.returned)) },
          { head: WORDS.dormantAtEnd, kind: 'number', cell: (row) => n((f) => f.count(row.dormantAtEnd)) },
        ],
        rows,
      ),
    ),
  ]);
}

function groups({ analysis, n, hasMoney: withMoney }: Page): Html {
  const rows = analysis.picture.rfm.filter((row) => row.people > 0);
  const spent = withMoney
    ? [
        {
          head: WORDS.spent,
          kind: 'number' as const,
          cell: (row: (typeof rows)[number]) => n((f) => f.money(row.spentCents)),
        },
      ]
    : [];
  return section('rfm', WORDS.rfm, [
    markup`<p class="soft">${say({
      en: 'Everybody by quintiles of how recently (R), how often (F) and for how much (M) they came.',
      zh: '按最近一次活跃（R）、频次（F）与金额（M）的五分位对全部用户分组。',
    })}</p>`,
    groupsMap(analysis),
    reportTable(
      WORDS.rfm,
      [
        { head: WORDS.group, kind: 'name', cell: (row) => row.label },
        { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
        { head: WORDS.ofThemDormant, kind: 'number', cell: (row) => n((f) => f.count(row.dormantPeople)) },
        ...spent,
        { head: WORDS.meaning, kind: 'words', cell: (row) => row.advice },
      ],
      rows,
    ),
  ]);
}

function wake({ analysis, n, hasMoney: withMoney }: Page): Html {
  const { people, explanation } = analysis.picture.wakeFirst;
  type Row = (typeof people)[number];
  const money = (head: Text, cents: (row: Row) => number) =>
    withMoney ? [{ head, kind: 'number' as const, cell: (row: Row) => n((f) => f.money(cents(row))) }] : [];
  return section('wake', WORDS.wake, [
    markup`<p class="soft">${say(explanation)}</p>`,
    when(people.length > 0, () =>
      reportTable(
        WORDS.wake,
        [
          { head: WORDS.person, kind: 'name', cell: (row: Row) => markup`<span class="id">${row.personId}</span>` },
          { head: WORDS.lastOn, kind: 'number', cell: (row: Row) => markup`${row.lastOn}` },
          { head: WORDS.silentDays, kind: 'number', cell: (row: Row) => n((f) => f.count(row.silentDays)) },
          { head: WORDS.activeDays, kind: 'number', cell: (row: Row) => n((f) => f.count(row.activeDays)) },
          ...money(WORDS.spent, (row) => row.spentCents),
          { head: WORDS.chance, kind: 'number', cell: (row: Row) => n((f) => f.percent(row.returnProbability)) },
          ...money(WORDS.expected, (row) => row.expectedValueCents),
          {
            head: WORDS.group,
            cell: (row: Row) => ({ en: RFM_GROUPS[row.rfmGroup].en, zh: RFM_GROUPS[row.rfmGroup].zh }),
          },
        ],
        people,
      ),
    ),
  ]);
}

function sureness({ analysis }: Page): Html {
  const check = predictionCheck(analysis);
  const items = [
    ...modelInWords(analysis.picture.model, analysis.picture.horizonDays),
    ...(check === undefined ? [] : [check]),
  ];
  return section('model', WORDS.model, [
    markup`<ul class="plain">${items.map((text) => markup`<li>${say(text)}</li>`)}</ul>`,
  ]);
}

function filesRead({ analysis }: Page): Html {
  const files = analysis.files.map(
    (file) =>
      markup`<li><strong class="id">${file.path}</strong><br />${say(fileInWords(file))}<br /><span class="soft">${say(mappingInWords(file.mapping))}</span></li>`,
  );
  return section('files', WORDS.files, [markup`<ul class="plain">${files}</ul>`]);
}

/** Everything below the figures, in reading order. */
export const sections = (page: Page): Html[] => [
  stages(page),
  threshold(page),
  when(page.hasMoney && page.hasModel, () => money(page)),
  months(page),
  groups(page),
  wake(page),
  sureness(page),
  filesRead(page),
];
