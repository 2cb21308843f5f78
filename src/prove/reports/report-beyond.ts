// The report's sections beyond the picture: cohorts, the way to an order, reasons, groups, products, calibration. Each is there only where the
// files hold what it needs.
import { REASON_LABELS } from '../../understand/reasons/causes.ts';
import {
  BEYOND,
  calibrationInWords,
  calibrationOf,
  funnelInWords,
  groupsTitle,
  reasonsInWords,
  recommendedInWords,
  retentionInWords,
  riskInWords,
} from './beyond-words.ts';
import { asIs, markup, NOTHING, say, when, type Html } from './markup.ts';
import { WORDS } from './picture-words.ts';
import { DASH, section, UNNAMED, type Page } from './report-page.ts';
import { barOf, reportTable, type ReportColumn } from './report-tables.ts';

/** A cell tinted by its share; the number is there for everybody. */
const tinted = (share: number, most: number, shown: Html): Html =>
  markup`<span class="heat" style="--heat:${asIs((share / Math.max(1e-9, most)).toFixed(3))}">${shown}</span>`;

export function cohorts({ analysis, n }: Page): Html {
  const { retention } = analysis.beyond;
  const width = Math.max(0, ...retention.cohorts.map(({ cells }) => cells.length));
  if (width < 2) return NOTHING;
  type Row = {
    readonly name: Html;
    readonly people: number;
    readonly cells: readonly { readonly share: number; readonly isOver: boolean }[];
  };
  const rows: Row[] = retention.cohorts.map(({ cohort, people, cells }) => ({
    name: markup`${retention.unit === 'month' ? cohort.slice(0, 7) : cohort}`,
    people,
    cells,
  }));
  const overall = Array.from({ length: width }, (_, period) =>
    retention.overall.find((each) => each.period === period),
  );
  rows.push({
    name: say(BEYOND.all),
    people: rows.reduce((sum, row) => sum + row.people, 0),
    cells: overall.map((each) => ({ share: each?.share ?? Number.NaN, isOver: true })),
  });
  const later = rows.flatMap((row) => row.cells.slice(1).map(({ share }) => share)).filter((share) => share >= 0);
  const most = Math.max(0.01, ...later);
  const columns: ReportColumn<Row>[] = [
    { head: BEYOND.cohort, kind: 'name', cell: (row) => row.name },
    { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
    ...Array.from({ length: width - 1 }, (_, i): ReportColumn<Row> => ({
      head: { en: `+${i + 1}`, zh: `+${i + 1}` },
      kind: 'number',
      cell: (row) => {
        const cell = row.cells[i + 1];
        if (cell === undefined || Number.isNaN(cell.share)) return UNNAMED;
        const text = n((f) => `${f.percent(cell.share)}${cell.isOver ? '' : '·'}`);
        return tinted(cell.share, most, say(text));
      },
    })),
  ];
  return section('cohorts', BEYOND.retention, [
    markup`<p class="soft">${say(retentionInWords(analysis))}</p>`,
    reportTable(BEYOND.retention, columns, rows),
  ]);
}

export function funnel({ analysis, n }: Page): Html {
  const found = analysis.beyond.funnel;
  if (found === null) return NOTHING;
  return section('funnel', BEYOND.funnel, [
    markup`<p class="soft">${say(funnelInWords(analysis))}</p>`,
    reportTable(
      BEYOND.funnel,
      [
        { head: BEYOND.step, kind: 'name', cell: (row) => markup`${row.label}` },
        { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
        { head: UNNAMED, kind: 'bar', cell: (row) => barOf(row.ofFirst ?? 0) },
        {
          head: BEYOND.ofPrevious,
          kind: 'number',
          cell: (row) => (row.ofPrevious === null ? DASH : n((f) => f.percent(row.ofPrevious ?? 0))),
        },
        {
          head: WORDS.interval,
          kind: 'number',
          cell: (row) =>
            row.low === null || row.high === null
              ? DASH
              : n((f) => `${f.percent(row.low ?? 0)} – ${f.percent(row.high ?? 0)}`),
        },
      ],
      found.steps,
    ),
  ]);
}

export function reasons({ analysis, n }: Page): Html {
  const found = analysis.beyond.reasons;
  if (found === null || found.shares.length === 0) return NOTHING;
  const rows = found.shares.toSorted((a, b) => b.share - a.share);
  const most = Math.max(...rows.map((row) => row.share));
  return section('reasons', BEYOND.reasons, [
    markup`<p class="soft">${say(reasonsInWords(analysis))}</p>`,
    reportTable(
      BEYOND.reasons,
      [
        { head: BEYOND.reason, kind: 'name', cell: (row) => REASON_LABELS[row.reason] },
        { head: WORDS.share, kind: 'number', cell: (row) => n((f) => f.percent(row.share)) },
        { head: UNNAMED, kind: 'bar', cell: (row) => barOf(row.share / most) },
        {
          head: WORDS.interval,
          kind: 'number',
          cell: (row) => n((f) => `${f.percent(row.low)} – ${f.percent(row.high)}`),
        },
      ],
      rows,
    ),
  ]);
}

export function dormantGroups({ analysis, n, hasMoney }: Page): Html {
  const found = analysis.beyond.byGroup;
  if (found === null) return NOTHING;
  const money: ReportColumn<(typeof found.groups)[number]>[] = hasMoney
    ? [{ head: BEYOND.atRisk, kind: 'number', cell: (row) => n((f) => f.money(row.atRiskCents)) }]
    : [];
  return section('groups', groupsTitle(analysis), [
    markup`<p class="soft">${say(riskInWords(analysis))}</p>`,
    reportTable(
      groupsTitle(analysis),
      [
        { head: found.groupedBy, kind: 'name', cell: (row) => row.label },
        { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
        { head: WORDS.ofThemDormant, kind: 'number', cell: (row) => n((f) => f.count(row.dormantPeople)) },
        { head: BEYOND.dormantShare, kind: 'number', cell: (row) => n((f) => f.percent(row.dormantShare)) },
        { head: UNNAMED, kind: 'spare-bar', cell: (row) => barOf(row.dormantShare) },
        ...money,
      ],
      found.groups,
    ),
  ]);
}

export function productsToShow({ analysis, n }: Page): Html {
  const found = analysis.beyond.recommended;
  return when(found !== null && found.groups.length > 0, () =>
    section('recommended', BEYOND.recommended, [
      markup`<p class="soft">${say(recommendedInWords)}</p>`,
      reportTable(
        BEYOND.recommended,
        [
          { head: WORDS.group, kind: 'name', cell: (row) => row.label },
          { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
          {
            head: BEYOND.products,
            kind: 'words',
            cell: (row) =>
              markup`${row.products.map((product, i) => markup`${i === 0 ? '' : ' · '}${product.name} <span class="soft">${say(n((f) => f.percent(product.share, 0)))}</span>`)}`,
          },
        ],
        found?.groups ?? [],
      ),
    ]),
  );
}

/** The table under "how sure is this". */
export function calibration({ analysis, n }: Page): Html {
  const bins = calibrationOf(analysis);
  return when(
    bins.length > 1,
    () =>
      markup`<p class="soft" style="margin-top:16px">${say(calibrationInWords)}</p>${reportTable(
        BEYOND.calibration,
        [
          { head: BEYOND.predicted, kind: 'name', cell: (row) => say(n((f) => f.percent(row.predicted))) },
          { head: BEYOND.measured, kind: 'number', cell: (row) => n((f) => f.percent(row.observed)) },
          { head: UNNAMED, kind: 'bar', cell: (row) => barOf(row.observed) },
          { head: WORDS.people, kind: 'number', cell: (row) => n((f) => f.count(row.people)) },
        ],
        bins,
      )}`,
  );
}
