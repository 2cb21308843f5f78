// Imports files into the whole product: events, then the people and consents the files name, then the returns they show.
import { basename } from 'node:path';
import { sql } from 'kysely';
import type { App } from '../app.ts';
import { hasCurrency } from '../collect/business.service.ts';
import {
  closePlan,
  planImport,
  runImport,
  type DayOrder,
  type ImportPlan,
  type ImportProgress,
  type ImportResult,
} from '../collect/imports/import.service.ts';
import type { ImportedPerson } from '../collect/imports/import.sql.ts';
import type { Mapping } from '../collect/imports/mapping.ts';
import { usualCurrency } from '../collect/money.sql.ts';
import { savePeople } from '../collect/people/people.service.ts';
import { linkedPeople } from '../collect/people/people.sql.ts';
import { personUpdateOf } from '../collect/people/person.ts';
import { RekindleError } from '../kernel/errors.ts';
import { recordConsents } from '../reach/consent/consent.service.ts';
import type { RecordsDb } from '../stores/records/records.ts';

export type ImportRequest = {
  readonly paths: readonly string[];
  readonly map?: string | undefined;
  readonly dayOrder?: DayOrder | undefined;
  readonly rejectsFolder?: string | undefined;
  /** The whole mapping; nothing is guessed then. */
  readonly mapping?: Mapping | undefined;
  /** What a person calls the one file; its path where absent. */
  readonly fileName?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** A consent in a file counts once: importing the file again appends nothing, and a later wish of hers is not overruled by an old file. */
async function saveConsents(db: RecordsDb, people: readonly ImportedPerson[], now: Date): Promise<void> {
  const said = people.filter((person) => person.marketingConsent !== undefined);
  if (said.length === 0) return;
  const known = await sql<{ person_id: string }>`
    SELECT DISTINCT person_id FROM consents
    WHERE channel = 'email' AND purpose = 'marketing' AND person_id = ANY(${said.map((person) => person.personId)})`.execute(
    db,
  );
  const decided = new Set(known.rows.map((row) => row.person_id));
  await recordConsents(
    db,
    said
      .filter((person) => !decided.has(person.personId))
      .map((person) => ({
        personId: person.personId,
        channel: 'email',
        purpose: 'marketing',
        status: person.marketingConsent === true ? 'granted' : 'withdrawn',
        basis: 'imported',
        textVersion: '',
        source: 'import',
        proof: {},
        decidedAt: now,
        expiresAt: null,
      })),
  );
}

async function saveImportedPeople(app: App, imported: readonly ImportedPerson[], now: Date): Promise<void> {
  const { records, events } = app;
  const links = await linkedPeople(
    records.db,
    imported.map((person) => person.personId),
  );
  const people = imported.map((person) => ({ ...person, personId: links.get(person.personId) ?? person.personId }));
  await savePeople(
    { records, events, addressSecret: app.secrets.address },
    people.map(({ personId, marketingConsent: _consent, ...traits }) => personUpdateOf(personId, traits, now)),
  );
  await saveConsents(records.db, people, now);
}

export type FileImported = ImportResult & {
  /** The business's currency from now on: nobody had said which it is, and the first money there ever was is in this one. */
  readonly adoptedCurrency?: string;
};

/** What came of a file's lines, as it is kept. */
export type ImportOutcome = Pick<
  FileImported,
  'kind' | 'rowsKept' | 'orders' | 'people' | 'rejectReasons' | 'excluded' | 'dayOrder' | 'seconds' | 'adoptedCurrency'
>;

const outcomeOf = (result: FileImported): ImportOutcome => {
  const { kind, rowsKept, orders, people, rejectReasons, excluded, dayOrder, seconds, adoptedCurrency } = result;
  const adopted = adoptedCurrency === undefined ? {} : { adoptedCurrency };
  return { kind, rowsKept, orders, people, rejectReasons, excluded, dayOrder, seconds, ...adopted };
};

/** Without it the first order file of a business that is not paid in dollars would hold no money at all. */
async function adoptedCurrency(app: App): Promise<string | undefined> {
  const currency = await usualCurrency(app.events);
  if (currency === undefined || currency === '' || currency === app.business.currency) return undefined;
  try {
    await app.changeBusiness({ currency });
  } catch (cause) {
    // Offers with a budget are in the old one already: then it takes somebody to decide.
    if (cause instanceof RekindleError && cause.code === 'conflict') return undefined;
    throw cause;
  }
  return currency;
}

async function remember(
  db: RecordsDb,
  results: readonly FileImported[],
  fileName: string | undefined,
  at: Date,
): Promise<void> {
  for (const result of results) {
    await db
      .insertInto('imports')
      .values({
        import_id: result.importId,
        path: result.path,
        rows_read: result.rowsRead,
        rows_added: result.events.added,
        rows_known: result.events.known,
        rows_rejected: result.rejected,
        mapping: JSON.stringify(result.mapping),
        finished_at: at,
        file_name: fileName ?? basename(result.path),
        outcome: JSON.stringify(outcomeOf(result)),
      })
      .onConflict((conflict) => conflict.column('import_id').doNothing())
      .execute();
  }
}

/** All files or none. Throws what planning and running throw; nothing is written then. */
export async function importFiles(
  app: App,
  request: ImportRequest,
  onProgress: (progress: ImportProgress) => void = () => undefined,
): Promise<readonly FileImported[]> {
  const { timeZone, currency } = app.business;
  const isFirstMoney = !(await hasCurrency(app.records.db)) && (await usualCurrency(app.events)) === undefined;
  const deps = { events: app.events, timeZone, currency };
  const now = app.clock.now();
  const plans: ImportPlan[] = [];
  try {
    for (const path of request.paths) {
      plans.push(
        await planImport(deps, path, {
          now,
          ...(request.map === undefined ? {} : { map: request.map }),
          ...(request.dayOrder === undefined ? {} : { dayOrder: request.dayOrder }),
          ...(request.mapping === undefined ? {} : { mapping: request.mapping }),
        }),
      );
    }
  } catch (cause) {
    for (const plan of plans) closePlan(plan);
    throw cause;
  }
  const imported = await runImport(deps, plans, {
    now,
    onPeople: (people) => saveImportedPeople(app, people, now),
    onProgress,
    ...(request.rejectsFolder === undefined ? {} : { rejectsFolder: request.rejectsFolder }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const adopted = isFirstMoney ? await adoptedCurrency(app) : undefined;
  const results = imported.map((result) => ({
    ...result,
    ...(adopted === undefined ? {} : { adoptedCurrency: adopted }),
  }));
  await remember(app.records.db, results, request.fileName, app.clock.now());
  await app.returns.sweep(app.clock.now());
  return results;
}

export type PastImport = {
  readonly importId: string;
  readonly path: string;
  /** As whoever brought the file called it. */
  readonly fileName: string;
  readonly rowsRead: number;
  readonly eventsAdded: number;
  readonly eventsKnown: number;
  readonly rowsRejected: number;
  readonly finishedAt: Date;
  /** Null for imports of before it was kept. */
  readonly outcome: ImportOutcome | null;
};

export async function listImports(db: RecordsDb, limit: number): Promise<PastImport[]> {
  const rows = await db.selectFrom('imports').selectAll().orderBy('finished_at', 'desc').limit(limit).execute();
  return rows.map((row) => ({
    importId: row.import_id,
    path: row.path,
    fileName: row.file_name === '' ? basename(row.path) : row.file_name,
    rowsRead: row.rows_read,
    eventsAdded: row.rows_added,
    eventsKnown: row.rows_known,
    rowsRejected: row.rows_rejected,
    finishedAt: row.finished_at,
    outcome: row.outcome as ImportOutcome | null,
  }));
}
