// `rekindle import FILE…`: plan (open, guess, preview), then run (stage every file, then commit every file).
// Guarantees: nothing reaches the events before every file has been read to its end; what was imported before adds nothing;
// every line is accounted for: kept, left out with a counted reason, or in the reject file with its line number.
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Lang } from '../../kernel/lang.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events, Row } from '../../stores/events/events.ts';
import type { GuessReason } from './guess.ts';
import {
  columnEvidence,
  countClasses,
  countOrders,
  countReceived,
  countRejects,
  findKnown,
  gatherPeople,
  insertEvents,
  peopleAfter,
  type ImportedPerson,
} from './import.sql.ts';
import { eventsToBe } from './events-to-be.sql.ts';
import type { Grouping, LineClass, Lines } from './lines.sql.ts';
import { lineReason } from './line-reasons.ts';
import { columnsOfTerm, type ImportKind, type Mapping } from './mapping.ts';
import { closeFile, openFile, withCleanQuotes, type OpenedFile, type OpenOptions } from './open-file.service.ts';
import { cutOrders, type CutOrders } from './orders.sql.ts';
import { cellsOf, checkNeeded, groupingOf, mappingOf, missingIn, refuse, type Missing } from './plan.ts';
import { writeRejects } from './rejects.service.ts';
import {
  dropTable,
  isInMemory,
  isMarked,
  knownTable,
  linesTable,
  ordersTables,
  peopleTable,
  sentSample,
  stageFile,
  whileMarked,
  workingTables,
} from './staging.service.ts';
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
  /** The whole mapping; nothing is guessed then. */
  readonly mapping?: Mapping;
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

const PARQUET_SAMPLE = 200;

/** A Parquet file with its first rows as the engine reads them: from the file in process, from the bytes it is sent over HTTP. */
async function withParquetSample(events: Events, file: OpenedFile): Promise<OpenedFile> {
  if (file.format !== 'parquet') return file;
  try {
    const rows =
      events.kind === 'chdb'
        ? await events.rows<Row>(
            sql`SELECT * FROM file(${p.text(file.readPath)}, 'Parquet') LIMIT ${p.int(PARQUET_SAMPLE)}`,
          )
        : await sentSample(events, file, PARQUET_SAMPLE);
    const cell = (value: unknown): string =>
      value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    return { ...file, sample: rows.map((row) => file.columns.map((name) => cell(row[name]))) };
  } catch (cause) {
    if (cause instanceof RekindleError) throw cause;
    throw new RekindleError('file_unreadable', { path: file.path, what: engineSays(cause) }, { cause });
  }
}

const engineSays = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .split('\n')[0]!
    .replaceAll(/\(in file\/uri [^)]*\)|: While executing.*$/g, '')
    .slice(0, 300);

/** A file as it stands, with what its columns are taken for; `missing` says what keeps it from being planned. */
export type FileLook = Pick<OpenedFile, 'format' | 'columns' | 'bytes'> & {
  readonly mapping: Mapping;
  readonly reasons: readonly GuessReason[];
  readonly missing: readonly Missing[];
  /** The first rows, cells in the order of `columns`. */
  readonly rows: readonly (readonly string[])[];
};

const ROWS_LOOKED_AT = 5;

/** Opens a file only to see its columns. Refuses what `planImport` refuses, except that a mapping may still be incomplete. */
export async function lookAtFile(
  deps: ImportDeps,
  path: string,
  options: Pick<PlanOptions, 'mapping'> = {},
): Promise<FileLook> {
  const opened = await openFile(
    path,
    deps.temporaryFolder === undefined ? {} : { temporaryFolder: deps.temporaryFolder },
  );
  try {
    const file = await withParquetSample(deps.events, opened);
    const { mapping, reasons } = mappingOf(file, options);
    const rows = file.sample.slice(0, ROWS_LOOKED_AT).map((row) => file.columns.map((_, i) => row[i] ?? ''));
    const { format, columns, bytes } = file;
    return { format, columns, bytes, mapping, reasons, missing: missingIn(mapping), rows };
  } finally {
    closeFile(opened);
  }
}

/** Opens a file and says what would be imported. Close the plan (`closePlan`) when it is not run. */
export async function planImport(deps: ImportDeps, path: string, options: PlanOptions): Promise<ImportPlan> {
  const opened = await openFile(path, {
    ...options,
    ...(deps.temporaryFolder === undefined ? {} : { temporaryFolder: deps.temporaryFolder }),
  });
  try {
    const file = await withParquetSample(deps.events, opened);
    const { mapping, reasons } = mappingOf(file, options);
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
  /** Stops at once what is being read or checked; once the first file is being written, it is too late. Throws its reason. */
  readonly signal?: AbortSignal;
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

type Staged = {
  readonly plan: ImportPlan;
  readonly id: string;
  readonly lines: Lines;
  /** Orders that stand together in the file; undefined where there are none to cut out. */
  readonly cut: CutOrders | undefined;
  /** As many events as there can be. */
  readonly eventsMax: number;
  readonly summary: Omit<ImportResult, 'events' | 'orders' | 'seconds'>;
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
    isInMemory: isInMemory(deps.events, plan.file),
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
    rejected === 0 ? undefined : await writeRejects(deps.events, lines, plan, options.rejectsFolder ?? '.');
  const rowsRead = classes.reduce((sum, each) => sum + each.lines, 0);
  if (rowsRead === rejected || rowsRead === rejected + count('no_person')) {
    const reasons = (lang: Lang): string =>
      [...rejectReasons, { reason: 'no_person', count: count('no_person') }]
        .filter((each) => each.count > 0)
        .map((each) => `${each.count} × ${lineReason(each.reason)[lang]}`)
        .join(lang === 'zh' ? '，' : ', ');
    throw refuse(plan.file, {
      en: `no row could be used (${reasons('en')}). Nothing was imported; check which column means what (--map)`,
      zh: `没有一行可用（${reasons('zh')}）。未导入任何数据；请检查各列的含义（--map）`,
    });
  }
  const areOrders = lines.kind === 'orders' && lines.grouping !== 'by_line';
  const cut = areOrders ? await cutOrders(deps.events, lines, ordersTables(id)) : undefined;
  return {
    plan,
    id,
    lines,
    cut,
    eventsMax: cut?.runs ?? rowsRead - rejected,
    startedMs,
    summary: {
      importId: id,
      path: plan.file.path,
      kind: plan.kind,
      mapping: plan.mapping,
      rowsRead,
      rowsKept: kept?.lines ?? 0,
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
  const toBe = eventsToBe(lines, staged.cut);
  const known = await findKnown(events, toBe, knownTable(id), await isMarked(events));
  const before = await countReceived(events, options.now);
  await whileMarked(events, id, () =>
    insertEvents(events, lines, {
      toBe,
      rowsMax: staged.eventsMax - known,
      known: known === 0 ? undefined : knownTable(id),
      now: options.now,
    }),
  );
  const after = await countReceived(events, options.now);
  const added = after.all - before.all;
  const orders =
    lines.kind === 'events' ? 0 : known === 0 ? after.orders - before.orders : await countOrders(events, lines);
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
  return {
    ...staged.summary,
    orders,
    events: { added, known },
    seconds: (performance.now() - staged.startedMs) / 1000,
  };
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
    const { signal } = options;
    const stopping = signal === undefined ? deps : { ...deps, events: deps.events.until(signal) };
    for (const [i, plan] of plans.entries()) {
      try {
        staged.push(await stageAndJudge(stopping, plan, ids[i]!, options, reportFor(i)));
      } finally {
        // Whatever a statement said when it was stopped.
        signal?.throwIfAborted();
      }
    }
    const results: ImportResult[] = [];
    for (const [i, each] of staged.entries()) results.push(await commit(deps, each, options, reportFor(i)));
    return results;
  } finally {
    for (const plan of plans) closePlan(plan);
    for (const id of ids) for (const table of workingTables(id)) await dropTable(deps.events, table);
  }
}
