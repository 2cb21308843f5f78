// The result as a file for a spreadsheet or a colleague: one line per figure, with its interval.
import type { Estimate, ReportAnswer, ResultsAnswer } from '../../../../src/http/contract/results.ts';

type Cell = string | number | null;

const quoted = (cell: Cell): string => {
  const text = String(cell ?? '');
  // A cell that begins like a formula would be run by a spreadsheet.
  const safe = /^[=+@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const line = (part: string, key: string, figure: string, estimate: Estimate): Cell[] =>
  estimate.kind === 'estimated'
    ? [part, key, figure, estimate.estimate, estimate.low, estimate.high]
    : [part, key, figure, null, null, null];

export function reportRows(report: ReportAnswer, results: ResultsAnswer | undefined): Cell[][] {
  const plain = (part: string, key: string, figures: object): Cell[][] =>
    Object.entries(figures).map(([figure, value]) => [part, key, figure, value as number, null, null]);
  const compared = (part: string, key: string, comparison: ReportAnswer['total']): Cell[][] => [
    line(part, key, 'returnRateLift', comparison.returnRateLift),
    line(part, key, 'incrementalReturns', comparison.incrementalReturns),
    line(part, key, 'netIncrementalMarginCents', comparison.netIncrementalMarginCents),
  ];
  return [
    ['part', 'key', 'figure', 'value', 'low95', 'high95'],
    ...compared('total', '', report.total),
    ...plain('arm', 'treated', report.treated),
    ...plain('arm', 'control', report.control),
    ...report.variants.flatMap(({ key, figures, comparison }) => [
      ...plain('variant', key, figures),
      ...compared('variant', key, comparison),
    ]),
    ...(results === undefined
      ? []
      : [
          ...results.overTime.map(({ on, comparison }) =>
            line('overTime', on, 'returnRateLift', comparison.returnRateLift),
          ),
          ...Object.entries(results.groups).flatMap(([grouping, rows]) =>
            rows.flatMap(({ group, comparison }) => compared(grouping, group, comparison)),
          ),
          ...results.longRun.flatMap(({ days, comparison }) => compared('longRunDays', String(days), comparison)),
          ...plain('attributed', `${results.attributed.windowDays} days`, results.attributed),
        ]),
  ];
}

export function downloadReport(report: ReportAnswer, results: ResultsAnswer | undefined): void {
  const text = reportRows(report, results)
    .map((row) => row.map(quoted).join(','))
    .join('\r\n');
  // The mark tells a spreadsheet that the file is UTF-8.
  const url = URL.createObjectURL(new Blob([`\uFEFF${text}\r\n`], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${report.programmeId}-${report.until.slice(0, 10)}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
