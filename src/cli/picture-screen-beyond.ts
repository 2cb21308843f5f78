// The part of the terminal screen beyond the picture: cohorts, the way to an order, reasons, groups, products, calibration. A section is empty
// where the files do not hold what it needs.
import { REASON_LABELS } from '../understand/reasons/causes.ts';
import {
  BEYOND,
  calibrationInWords,
  calibrationOf,
  funnelInWords,
  reasonsInWords,
  recommendedInWords,
  retentionInWords,
  riskInWords,
} from '../prove/reports/beyond-words.ts';
import { WORDS } from '../prove/reports/picture-words.ts';
import { padded, printable, shortened } from './analyze-columns.ts';
import { bar, paragraph, table, type Screen } from './picture-screen-parts.ts';

const COHORTS_SHOWN = 9;
const CELL_CELLS = 9;
const FIRST_CELLS = 24;
const BAR_CELLS = 16;
const GROUPS_SHOWN = 8;
const NAME_CELLS_MAX = 36;
const PRODUCT_CELLS_MAX = 24;
/** What the other columns need at most. */
const OTHER_CELLS = 58;

const nameCells = ({ width }: Screen): number => Math.max(12, Math.min(NAME_CELLS_MAX, width - OTHER_CELLS));

export function cohorts(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const { retention } = analysis.beyond;
  const width = Math.max(0, ...retention.cohorts.map(({ cells }) => cells.length));
  if (width < 2) return [];
  const shown = Math.min(width - 1, Math.max(3, Math.floor((screen.width - FIRST_CELLS) / CELL_CELLS)));
  const last = retention.cohorts.slice(-COHORTS_SHOWN);
  const rows = last.map(({ cohort, people, cells }) => [
    retention.unit === 'month' ? cohort.slice(0, 7) : cohort,
    f.count(people),
    ...Array.from({ length: shown }, (_, i) => {
      const cell = cells[i + 1];
      return cell === undefined ? '' : `${f.percent(cell.share)}${cell.isOver ? '' : '·'}`;
    }),
  ]);
  rows.push([
    say(BEYOND.all),
    f.count(retention.cohorts.reduce((sum, { people }) => sum + people, 0)),
    ...Array.from({ length: shown }, (_, i) => {
      const over = retention.overall.find(({ period }) => period === i + 1);
      return over === undefined ? '' : f.percent(over.share);
    }),
  ]);
  const columns = [
    { head: say(BEYOND.cohort) },
    { head: say(WORDS.people), align: 'right' as const },
    ...Array.from({ length: shown }, (_, i) => ({ head: `+${i + 1}`, align: 'right' as const })),
  ];
  return [...table(columns, rows, screen), '', ...paragraph(screen, say(retentionInWords(analysis)))];
}

export function funnel(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const found = analysis.beyond.funnel;
  if (found === null) return [];
  const drawn = table(
    [
      { head: say(BEYOND.step), cellsMax: nameCells(screen) },
      { head: say(WORDS.people), align: 'right' },
      { head: '' },
      { head: say(BEYOND.ofPrevious), align: 'right' },
    ],
    found.steps.map((step) => [
      step.label,
      f.count(step.people),
      padded(bar(step.ofFirst ?? 0, BAR_CELLS), BAR_CELLS),
      step.ofPrevious === null ? '–' : f.percent(step.ofPrevious),
    ]),
    screen,
  );
  return [...drawn, '', ...paragraph(screen, say(funnelInWords(analysis)))];
}

export function reasons(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const found = analysis.beyond.reasons;
  if (found === null || found.shares.length === 0) return [];
  const rows = found.shares.toSorted((a, b) => b.share - a.share);
  const most = Math.max(...rows.map((row) => row.share));
  const drawn = table(
    [
      { head: say(BEYOND.reason) },
      { head: say(WORDS.share), align: 'right' },
      { head: '' },
      { head: say(WORDS.interval), align: 'right' },
    ],
    rows.map((row) => [
      say(REASON_LABELS[row.reason]),
      f.percent(row.share),
      padded(bar(row.share / most, BAR_CELLS), BAR_CELLS),
      `${f.percent(row.low)} – ${f.percent(row.high)}`,
    ]),
    screen,
  );
  return [...drawn, '', ...paragraph(screen, say(reasonsInWords(analysis)))];
}

export function dormantGroups(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const found = analysis.beyond.byGroup;
  if (found === null) return [];
  const drawn = table(
    [
      { head: say(found.groupedBy), cellsMax: nameCells(screen) },
      { head: say(WORDS.people), align: 'right' },
      { head: say(WORDS.ofThemDormant), align: 'right' },
      { head: say(BEYOND.dormantShare), align: 'right' },
      screen.hasMoney ? { head: say(BEYOND.atRisk), align: 'right' } : undefined,
    ],
    found.groups
      .slice(0, GROUPS_SHOWN)
      .map((row) => [
        say(row.label),
        f.count(row.people),
        f.count(row.dormantPeople),
        f.percent(row.dormantShare),
        f.money(row.atRiskCents),
      ]),
    screen,
  );
  return [...drawn, '', ...paragraph(screen, say(riskInWords(analysis)))];
}

export function productsToShow(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const found = analysis.beyond.recommended;
  if (found === null || found.groups.length === 0) return [];
  const drawn = table(
    [
      { head: say(WORDS.group) },
      { head: say(WORDS.people), align: 'right' },
      { head: say(BEYOND.products), wraps: true },
    ],
    found.groups.map((row) => [
      say(row.label),
      f.count(row.people),
      row.products
        .map(({ name, share }) => `${shortened(printable(name), PRODUCT_CELLS_MAX)} (${f.percent(share, 0)})`)
        .join(' · '),
    ]),
    screen,
  );
  return [...drawn, '', ...paragraph(screen, say(recommendedInWords))];
}

/** Under "how sure is this": predicted against measured. */
export function calibration(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const bins = calibrationOf(analysis);
  if (bins.length < 2) return [];
  const drawn = table(
    [
      { head: say(BEYOND.predicted), align: 'right' },
      { head: say(BEYOND.measured), align: 'right' },
      { head: '' },
      { head: say(WORDS.people), align: 'right' },
    ],
    bins.map((bin) => [
      f.percent(bin.predicted),
      f.percent(bin.observed),
      padded(bar(bin.observed, BAR_CELLS), BAR_CELLS),
      f.count(bin.people),
    ]),
    screen,
  );
  return ['', ...paragraph(screen, say(calibrationInWords)), ...drawn];
}
