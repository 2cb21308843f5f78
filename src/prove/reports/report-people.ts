// The report's later sections: the months behind, the groups, the people to wake first, and how far to believe it all.
import { dayText } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import { RFM_GROUPS } from '../../understand/value/rfm.ts';
import { markup, say, when, type Html } from './markup.ts';
import { fileInWords, mappingInWords, modelInWords, predictionCheck, WORDS } from './picture-words.ts';
import { MONTHS_SHOWN, monthsChart } from './report-charts.ts';
import { groupsMap } from './report-groups.ts';
import { calibration } from './report-beyond.ts';
import { section, type Page } from './report-page.ts';
import { asTable, reportTable } from './report-tables.ts';

export function months({ analysis, n }: Page): Html {
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
      en: `People per month. The last month ends on ${dayText(asOf, 'en')}.${rows.length > MONTHS_SHOWN ? ` The chart shows the last ${MONTHS_SHOWN} months.` : ''}`,
      zh: `每月人数。最后一个月截至 ${dayText(asOf, 'zh')}。${rows.length > MONTHS_SHOWN ? `图中为最近 ${MONTHS_SHOWN} 个月。` : ''}`,
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

export function groups({ analysis, n, hasMoney: withMoney }: Page): Html {
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

export function wake({ analysis, n, hasMoney: withMoney }: Page): Html {
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
          { head: WORDS.chanceInFull, kind: 'number', cell: (row: Row) => n((f) => f.percent(row.returnProbability)) },
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

export function sureness(page: Page): Html {
  const { analysis } = page;
  const check = predictionCheck(analysis);
  const items = [
    ...modelInWords(analysis.picture.model, analysis.picture.horizonDays),
    ...(check === undefined ? [] : [check]),
  ];
  return section('model', WORDS.model, [
    markup`<ul class="plain">${items.map((text) => markup`<li>${say(text)}</li>`)}</ul>`,
    calibration(page),
  ]);
}

export function filesRead({ analysis }: Page): Html {
  const files = analysis.files.map(
    (file) =>
      markup`<li><strong class="id">${file.path}</strong><br />${say(fileInWords(file))}<br /><span class="soft">${say(mappingInWords(file.mapping))}</span></li>`,
  );
  return section('files', WORDS.files, [markup`<ul class="plain">${files}</ul>`]);
}
