// What an import would do, and what it did, on a screen. Pure.
import type { ImportPlan, PreviewRow } from '../collect/imports/import.service.ts';
import { FIELD_NAMES, FIELDS, showTerm } from '../collect/imports/mapping.ts';
import { lineReason } from '../collect/imports/line-reasons.ts';
import type { FileImported } from '../http/import-files.service.ts';
import type { Lang } from '../kernel/lang.ts';
import { count } from './figures.ts';
import type { Paint } from './session.ts';
import { renderTable, shortened } from './table.ts';
import { sayIn } from './words.ts';

/** What JSON says of a plan. */
export type PlanJson = Omit<ImportPlan, 'file'> & { readonly path: string; readonly columns: readonly string[] };

const CELL = 24;
const PREVIEW_ROWS = 5;
const PREVIEW_COLUMNS = [
  { key: 'person', field: 'person' },
  { key: 'at', field: 'time' },
  { key: 'name', field: 'event' },
  { key: 'order_id', field: 'order' },
  { key: 'product', field: 'product' },
  { key: 'quantity', field: 'quantity' },
  { key: 'price', field: 'unitPrice' },
  { key: 'amount', field: 'amount' },
] as const satisfies readonly { key: keyof PreviewRow; field: keyof typeof FIELDS }[];

function previewTable(rows: readonly PreviewRow[], lang: Lang, paint: Paint): string {
  const shown = PREVIEW_COLUMNS.filter(({ key }) => rows.some((row) => row[key] !== undefined && row[key] !== ''));
  const hasProblem = rows.some((row) => row.problem !== '');
  return renderTable(
    [
      ...shown.map(({ field, key }) => ({
        title: `  ${FIELDS[field][lang]}`.slice(key === 'person' ? 0 : 2),
        align: key === 'quantity' || key === 'price' || key === 'amount' ? ('right' as const) : ('left' as const),
      })),
      ...(hasProblem ? [{ title: '' }] : []),
    ],
    rows
      .slice(0, PREVIEW_ROWS)
      .map((row) => [
        ...shown.map(({ key }, i) => `${i === 0 ? '  ' : ''}${shortened(String(row[key] ?? ''), CELL)}`),
        ...(hasProblem ? [row.problem === '' ? '' : paint.warn(lineReason(row.problem)[lang])] : []),
      ]),
    paint.dim,
  );
}

export function planScreen(plan: PlanJson, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const why = new Map(plan.reasons.map((reason) => [reason.field, reason.why]));
  const fields = FIELD_NAMES.flatMap((field) => {
    const term = plan.mapping[field];
    return term === undefined
      ? []
      : [[`  ${FIELDS[field][lang]}`, showTerm(term), why.get(field)?.[lang] ?? say('setByYou')]];
  });
  return [
    paint.bold(
      say('planHead', {
        path: plan.path,
        kind: say(plan.kind === 'orders' ? 'kindOrders' : 'kindEvents'),
        columns: plan.columns.length,
      }),
    ),
    renderTable(
      [{ title: `  ${say('columnMeaning')}` }, { title: say('columnName') }, { title: say('columnWhy') }],
      fields,
      paint.dim,
    ),
    ...(plan.unused.length === 0 ? [] : [`  ${say('notUsed', { columns: plan.unused.join(', ') })}`]),
    say('firstRows'),
    previewTable(plan.preview, lang, paint),
  ].join('\n');
}

export function resultScreen(results: readonly FileImported[], lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const n = (value: number): string => count(value, lang);
  return results
    .flatMap((result) => [
      say('imported', {
        path: result.path,
        rows: n(result.rowsRead),
        added: n(result.events.added),
        known: n(result.events.known),
        people: n(result.people),
        rejected: n(result.rejected),
        seconds: result.seconds.toFixed(1),
      }),
      ...result.excluded.map((each) => say('leftOut', { count: n(each.count), reason: lineReason(each.reason)[lang] })),
      ...result.rejectReasons.map((each) =>
        say('rejectedFor', { count: n(each.count), reason: lineReason(each.reason)[lang] }),
      ),
      ...(result.rejectsPath === undefined ? [] : [paint.warn(say('rejectsAt', { path: result.rejectsPath }))]),
      ...(result.adoptedCurrency === undefined ? [] : [say('currencyAdopted', { currency: result.adoptedCurrency })]),
      ...(result.dayOrder === 'unsure' ? [paint.warn(say('dayOrderUnsure'))] : []),
    ])
    .join('\n');
}
