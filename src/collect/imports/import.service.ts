// `rekindle import FILE…`: plan (open, guess, preview), then run (stage every file, then commit every file).
// Guarantees: nothing reaches the events before every file has been read to its end; what was imported before adds nothing;
// every line is accounted for: kept, left out with a counted reason, or in the reject file with its line number.
import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events, Row } from '../../stores/events/events.ts';
import { csvLine } from './csv.ts';
import { guessMapping, type GuessReason } from './guess.ts';
import {
  columnEvidence,
  countClasses,
  countReceived,
  countRejects,
  findKnown,
  gatherPeople,
  insertEvents,
  peopleAfter,
  rejectsAfter,
  type Grouping,
  type ImportedPerson,
  type LineClass,
  type Lines,
} from './import.sql.ts';
import { columnsOfTerm, kindOf, parseMapping, type Field, type ImportKind, type Mapping } from './mapping.ts';
import { closeFile, openFile, withCleanQuotes, type OpenedFile, type OpenOptions } from './open-file.service.ts';
import { dropTable, knownTable, linesTable, peopleTable, stageFile, whileMarked } from './staging.service.ts';
import { readSettings, stagedLines, type Reading } from './staging.sql.ts';
import { isSlashedDay, usesDecimalComma } from './values.ts';

export type ImportDeps = {
  readonly events: Events;
  readonly timeZone: string;
  readonly currency: string;
  readonly temporaryFolder?: string;
};

export type DayOrder = 'day_first' | 'month_first';

export type PlanOptions = OpenOptions & {
  /** `person=CustomerID,amount=UnitPrice*Quantity`; what it does not name is guessed. */
  readonly map?: string;
  /** Overrides what the column itself says about `01/12/2010`. */
  readonly dayOrder?: DayOrder;
  readonly now: Date;
};

/** A row as the engine understood it. `problem` is empty when the row is fine. */
export type PreviewRow = {
  readonly person: string;
  readonly at: string;
  readonly problem: string;
  readonly order_id?: string;
  readonly amount?: number;
  readonly price?: number;
  readonly quantity?: number;
  readonly product?: string;
  readonly product_name?: string;
  readonly name?: string;
};

export type ImportPlan = {
  readonly file: OpenedFile;
  readonly kind: ImportKind;
  readonly grouping: Grouping;
  readonly mapping: Mapping;
  /** Why each guessed column was chosen; fields set by `map` are not in it. */
  readonly reasons: readonly GuessReason[];
  readonly unused: readonly string[];
  readonly preview: readonly PreviewRow[];
  readonly decimalComma: boolean;
  readonly dayOrder: DayOrder | 'from_column' | 'not_needed';
};

async function withParquetColumns(events: Events, file: OpenedFile): Promise<OpenedFile> {
  if (file.format !== 'parquet') return file;
  if (events.kind !== 'chdb') {
    const what = 'Parquet can be imported into the embedded store only; convert it to CSV for a ClickHouse server';
    throw new RekindleError('file_unreadable', { path: file.path, what });
  }
  try {
    const from = sql`file(${p.text(file.readPath)}, 'Parquet')`;
    const described = await events.rows<{ name: string }>(sql`DESCRIBE ${from}`);
    const rows = await events.rows<Row>(sql`SELECT * FROM ${from} LIMIT 200`);
    const columns = described.map((each) => each.name);
    const cell = (value: unknown): string =>
      value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    return { ...file, columns, sample: rows.map((row) => columns.map((name) => cell(row[name]))) };
  } catch (cause) {
    throw new RekindleError('file_unreadable', { path: file.path, what: engineSays(cause) }, { cause });
  }
}

const engineSays = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .split('\n')[0]!
    .replaceAll(/\(in file\/uri [^)]*\)|: While executing.*$/g, '')
    .slice(0, 300);

const refuse = (file: OpenedFile, what: string): RekindleError =>
  new RekindleError('columns_unclear', { path: file.path, what });

function mappingOf(file: OpenedFile, map: string | undefined): { mapping: Mapping; reasons: readonly GuessReason[] } {
  const guess = guessMapping(file.columns, file.sample);
  if (map === undefined) return guess;
  const { set, unset } = parseMapping(map, file.columns, file.format === 'json');
  const claimed = new Set(Object.values(set).flatMap(columnsOfTerm));
  // A column the caller gave a meaning to has no guessed one beside it.
  const kept = Object.entries(guess.mapping).filter(
    ([field, term]) =>
      set[field as Field] === undefined &&
      !unset.includes(field as Field) &&
      !columnsOfTerm(term).some((name) => claimed.has(name)),
  );
  // What a line cost is said once: an amount given by the caller replaces a guessed price, and the reverse.
  const said = kept.filter(
    ([field]) =>
      !(field === 'unitPrice' && set.amount !== undefined) && !(field === 'amount' && set.unitPrice !== undefined),
  );
  const mapping: Mapping = { ...Object.fromEntries(said), ...set };
  return { mapping, reasons: guess.reasons.filter((reason) => said.some(([field]) => field === reason.field)) };
}

function checkNeeded(file: OpenedFile, mapping: Mapping): ImportKind {
  const listed = `The columns are: ${file.columns.join(', ')}. Name them with --map, for example --map person=${file.columns[0] ?? 'id'},time=${file.columns[1] ?? 'date'}`;
  if (mapping.person === undefined && mapping.anonymous === undefined)
    throw refuse(file, `no column says who the person is. ${listed}`);
  if (mapping.time === undefined) throw refuse(file, `no column says when it happened. ${listed}`);
  const kind = kindOf(mapping);
  if (kind === undefined)
    throw refuse(
      file,
      `no column says what happened: an amount, a price, an order number or an event name (a fixed one is event='Login'). ${listed}`,
    );
  return kind;
}

const groupingOf = (mapping: Mapping): Grouping =>
  mapping.order !== undefined
    ? 'by_order'
    : mapping.product !== undefined || mapping.productName !== undefined
      ? 'by_person_and_time'
      : 'by_line';

const cellsOf = (file: OpenedFile, names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const i = file.columns.indexOf(name);
    return i < 0 ? [] : file.sample.map((row) => row[i] ?? '');
  });

/** Opens a file and says what would be imported. Close the plan (`closePlan`) when it is not run. */
export async function planImport(deps: ImportDeps, path: string, options: PlanOptions): Promise<ImportPlan> {
  const opened = await openFile(path, {
    ...options,
    ...(deps.temporaryFolder === undefined ? {} : { temporaryFolder: deps.temporaryFolder }),
  });
  try {
    const file = await withParquetColumns(deps.events, opened);
    const { mapping, reasons } = mappingOf(file, options.map);
    const kind = checkNeeded(file, mapping);
    const money = (['amount', 'unitPrice', 'quantity'] as const).flatMap((field) => {
      const term = mapping[field];
      return term === undefined ? [] : columnsOfTerm(term);
    });
    const times = cellsOf(file, columnsOfTerm(mapping.time!));
    const dayOrder = options.dayOrder ?? (times.some(isSlashedDay) ? 'from_column' : 'not_needed');
    const used = new Set(Object.values(mapping).flatMap(columnsOfTerm));
    const plan = {
      file,
      kind,
      mapping,
      reasons,
      grouping: groupingOf(mapping),
      unused: file.columns.filter((name) => !used.has(name)),
      decimalComma: usesDecimalComma(cellsOf(file, money)),
      dayOrder,
      preview: [],
    } as const satisfies ImportPlan;
    const lines = stagedLines(file, readingOf(deps, plan, options.now), 'sample');
    const preview = await deps.events.rows<PreviewRow>(
      sql`SELECT * EXCEPT (n, raw) FROM (${lines.select}) ${readSettings(file, 'sample')}`,
    );
    return { ...plan, preview };
  } catch (cause) {
    closeFile(opened);
    throw cause;
  }
}

export const closePlan = (plan: ImportPlan): void => closeFile(plan.file);

const readingOf = (deps: ImportDeps, plan: ImportPlan, now: Date): Reading => ({
  kind: plan.kind,
  mapping: plan.mapping,
  timeZone: deps.timeZone,
  now,
  decimalComma: plan.decimalComma,
  isDayOrderOpen: plan.dayOrder === 'from_column',
  monthFirst: plan.dayOrder === 'month_first',
});

export type ImportPhase = 'reading' | 'checking' | 'writing' | 'people' | 'done';
export type ImportProgress = {
  readonly path: string;
  readonly phase: ImportPhase;
  /** Of the whole import, in [0, 1]. */
  readonly share: number;
};

export type RunOptions = {
  readonly now: Date;
  readonly importId?: string;
  /** Called after the events are in, with at most 5,000 people at a time; everybody of the file, known before or not. */
  readonly onPeople?: (people: readonly ImportedPerson[]) => Promise<void>;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Where reject files go; the working folder where absent. */
  readonly rejectsFolder?: string;
};

export type ImportResult = {
  readonly importId: string;
  readonly path: string;
  readonly kind: ImportKind;
  readonly mapping: Mapping;
  readonly rowsRead: number;
  /** Lines that became part of an order or event. */
  readonly rowsKept: number;
  /** Orders in the file (0 for files of events). */
  readonly orders: number;
  readonly events: { readonly added: number; readonly known: number };
  /** People with a kept line. */
  readonly people: number;
  readonly rejected: number;
  readonly rejectReasons: readonly { readonly reason: string; readonly count: number }[];
  readonly rejectsPath?: string;
  /** Lines left out of the orders. Cancelled and returned ones become `Order Refunded` events. */
  readonly excluded: readonly { readonly reason: Exclude<LineClass, 'kept' | 'rejected'>; readonly count: number }[];
  readonly dayOrder: DayOrder | 'unsure' | 'not_needed';
  readonly preview: readonly PreviewRow[];
  readonly seconds: number;
};

export const PEOPLE_PER_BATCH = 5_000;
const REJECTS_PER_READ = 10_000;

type Staged = {
  readonly plan: ImportPlan;
  readonly id: string;
  readonly lines: Lines;
  readonly summary: Omit<ImportResult, 'events' | 'seconds'>;
  readonly startedMs: number;
};

const PARSE_FAILED =
  /Expected end of line|CANNOT_PARSE|CANNOT_READ|INCORRECT_DATA|Cannot parse|while parsing|while reading header/i;

/** Stages a file; one whose quotes the engine refuses is put right and staged again. */
async function stage(
  deps: ImportDeps,
  plan: ImportPlan,
  table: string,
  now: Date,
  onBytes: (bytes: number) => void,
): Promise<(column: string) => boolean> {
  const reading = readingOf(deps, plan, now);
  try {
    return await stageFile(deps.events, plan.file, reading, table, onBytes);
  } catch (cause) {
    if (cause instanceof RekindleError) throw cause;
    const isText = plan.file.format === 'csv' && PARSE_FAILED.test(cause instanceof Error ? cause.message : '');
    if (!isText)
      throw new RekindleError('file_unreadable', { path: plan.file.path, what: engineSays(cause) }, { cause });
  }
  try {
    return await stageFile(deps.events, await withCleanQuotes(plan.file), reading, table, onBytes);
  } catch (cause) {
    if (cause instanceof RekindleError) throw cause;
    throw new RekindleError('file_unreadable', { path: plan.file.path, what: engineSays(cause) }, { cause });
  }
}

async function* rejectLines(
  events: Events,
  lines: Lines,
  file: OpenedFile,
  names: readonly string[],
): AsyncGenerator<string> {
  yield csvLine(['line', 'reason', ...(file.format === 'json' ? ['record'] : names)]);
  for (let after = -1; ;) {
    const rejects = await rejectsAfter(events, lines, after, REJECTS_PER_READ);
    if (rejects.length === 0) return;
    yield rejects.map((each) => csvLine([String(each.line), each.problem, ...each.raw])).join('');
    after = rejects.at(-1)!.n;
  }
}

async function writeRejects(
  deps: ImportDeps,
  staged: { plan: ImportPlan; lines: Lines },
  folder: string,
): Promise<string> {
  const { plan, lines } = staged;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${basename(plan.file.path)}.rejects.csv`);
  const names =
    plan.file.format === 'parquet'
      ? [...new Set(Object.values(plan.mapping).flatMap(columnsOfTerm))]
      : plan.file.columns;
  await pipeline(Readable.from(rejectLines(deps.events, lines, plan.file, names)), createWriteStream(path));
  return path;
}

async function linesOf(
  deps: ImportDeps,
  plan: ImportPlan,
  table: string,
  has: (column: string) => boolean,
): Promise<{ lines: Lines; dayOrder: ImportResult['dayOrder'] }> {
  const needsEvidence = has('day_order') || (plan.kind === 'orders' && has('order_id'));
  const evidence = needsEvidence ? await columnEvidence(deps.events, table, has) : undefined;
  const usesOtherDayOrder = evidence !== undefined && evidence.monthFirst > evidence.dayFirst;
  const seen = (evidence?.monthFirst ?? 0) + (evidence?.dayFirst ?? 0);
  const dayOrder =
    plan.dayOrder !== 'from_column'
      ? plan.dayOrder
      : seen === 0 && (evidence?.open ?? 0) > 0
        ? 'unsure'
        : usesOtherDayOrder
          ? 'month_first'
          : 'day_first';
  const lines: Lines = {
    table,
    has,
    kind: plan.kind,
    grouping: plan.grouping,
    currency: deps.currency,
    timeZone: deps.timeZone,
    usesOtherDayOrder,
    marksCancelledByC: evidence !== undefined && evidence.cNumbers > 0 && evidence.plainNumbers > evidence.cNumbers,
  };
  return { lines, dayOrder };
}

async function stageAndJudge(
  deps: ImportDeps,
  plan: ImportPlan,
  id: string,
  options: RunOptions,
  report: (phase: ImportPhase, share: number) => void,
): Promise<Staged> {
  const startedMs = performance.now();
  report('reading', 0);
  let bytes = 0;
  const has = await stage(deps, plan, linesTable(id), options.now, (more) => {
    bytes += more;
    report('reading', Math.min(1, bytes / Math.max(1, plan.file.bytes)) * 0.5);
  });
  report('checking', 0.5);
  const { lines, dayOrder } = await linesOf(deps, plan, linesTable(id), has);
  const classes = await countClasses(deps.events, lines);
  const count = (name: LineClass): number => classes.find((each) => each.class === name)?.lines ?? 0;
  const kept = classes.find((each) => each.class === 'kept');
  const rejected = count('rejected');
  const rejectReasons =
    rejected === 0
      ? []
      : (await countRejects(deps.events, lines.table)).map((each) => ({ reason: each.problem, count: each.lines }));
  const rejectsPath =
    rejected === 0 ? undefined : await writeRejects(deps, { plan, lines }, options.rejectsFolder ?? '.');
  const rowsRead = classes.reduce((sum, each) => sum + each.lines, 0);
  if (rowsRead === rejected || rowsRead === rejected + count('no_person')) {
    const reasons = [
      ...rejectReasons.map((each) => `${each.count} × ${each.reason}`),
      `${count('no_person')} × no_person`,
    ].join(', ');
    throw refuse(plan.file, `no row could be used (${reasons}). Nothing was imported; check the columns with --map`);
  }
  return {
    plan,
    id,
    lines,
    startedMs,
    summary: {
      importId: id,
      path: plan.file.path,
      kind: plan.kind,
      mapping: plan.mapping,
      rowsRead,
      rowsKept: kept?.lines ?? 0,
      orders: plan.kind === 'orders' ? (kept?.orders ?? 0) : 0,
      people: kept?.people ?? 0,
      rejected,
      rejectReasons,
      ...(rejectsPath === undefined ? {} : { rejectsPath }),
      excluded: classes.flatMap((each) =>
        each.class === 'kept' || each.class === 'rejected' ? [] : [{ reason: each.class, count: each.lines }],
      ),
      dayOrder,
      preview: plan.preview,
    },
  };
}

async function commit(
  deps: ImportDeps,
  staged: Staged,
  options: RunOptions,
  report: (phase: ImportPhase, share: number) => void,
): Promise<ImportResult> {
  const { events } = deps;
  const { lines, id } = staged;
  report('writing', 0.6);
  const known = await findKnown(events, lines, knownTable(id));
  const before = await countReceived(events, options.now);
  await whileMarked(events, id, () =>
    insertEvents(events, lines, known === 0 ? undefined : knownTable(id), options.now),
  );
  const added = (await countReceived(events, options.now)) - before;
  if (options.onPeople !== undefined) {
    report('people', 0.9);
    await gatherPeople(events, lines, peopleTable(id));
    for (let after = ''; ;) {
      const people = await peopleAfter(events, peopleTable(id), after, PEOPLE_PER_BATCH);
      if (people.length === 0) break;
      await options.onPeople(people);
      after = people.at(-1)!.personId;
    }
  }
  report('done', 1);
  return { ...staged.summary, events: { added, known }, seconds: (performance.now() - staged.startedMs) / 1000 };
}

/** Runs plans: all are read before the first is committed. Closes them and drops every staging table, whatever happens. */
export async function runImport(
  deps: ImportDeps,
  plans: readonly ImportPlan[],
  options: RunOptions,
): Promise<readonly ImportResult[]> {
  const base = options.importId ?? newId('i', options.now);
  const ids = plans.map((_, i) => (plans.length === 1 ? base : `${base}_${i + 1}`));
  const reportFor = (i: number) => (phase: ImportPhase, share: number) =>
    options.onProgress?.({ path: plans[i]!.file.path, phase, share });
  try {
    const staged: Staged[] = [];
    for (const [i, plan] of plans.entries())
      staged.push(await stageAndJudge(deps, plan, ids[i]!, options, reportFor(i)));
    const results: ImportResult[] = [];
    for (const [i, each] of staged.entries()) results.push(await commit(deps, each, options, reportFor(i)));
    return results;
  } finally {
    for (const plan of plans) closePlan(plan);
    for (const id of ids)
      for (const table of [linesTable(id), knownTable(id), peopleTable(id)]) await dropTable(deps.events, table);
  }
}
