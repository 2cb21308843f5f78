// Imports of uploaded files, each in the background with its progress told to whoever listens: started once however often somebody clicks,
// cancelled while nothing has been written, and followed by a first analysis where there was none.
import type { App } from '../app.ts';
import type { DayOrder, ImportPhase } from '../collect/imports/import.service.ts';
import type { Mapping } from '../collect/imports/mapping.ts';
import { RekindleError } from '../kernel/errors.ts';
import { listPolicies } from '../understand/dormancy/policy.service.ts';
import { evaluatedUntil } from '../understand/dormancy/states.sql.ts';
import type { ImportRun, UploadRow } from './contract/imports.ts';
import { firstAnalysis } from './first-run.service.ts';
import { importFiles } from './import-files.service.ts';

export type RunRequest = { readonly mapping?: Mapping | undefined; readonly dayOrder?: DayOrder | undefined };

export type ImportRuns = {
  /** Every upload with where its import stands, the latest first; and what has been imported since the server started. */
  readonly list: () => readonly UploadRow[];
  /** Throws `not_found`, `conflict` while it runs or when it is done. */
  readonly start: (uploadId: string, request: RunRequest) => ImportRun;
  /** Throws `not_found`, `conflict` once the file is being written. */
  readonly cancel: (uploadId: string) => ImportRun;
  /** Throws an upload away. Throws `not_found`, `conflict` while it runs. */
  readonly remove: (uploadId: string) => Promise<void>;
  readonly listen: (listener: (row: UploadRow) => void) => () => void;
};

const CANCELLABLE: Readonly<Record<ImportPhase, boolean>> = {
  reading: true,
  checking: true,
  writing: false,
  people: false,
  done: false,
};

/** Finished runs that are remembered, so that a page which was away still hears of them. */
const FINISHED_MAX = 20;

type Run = { row: UploadRow; readonly stopping: AbortController };

const named = (cause: unknown, name: string): RekindleError => {
  if (!(cause instanceof RekindleError))
    return new RekindleError('unexpected', { what: cause instanceof Error ? cause.message : String(cause) }, { cause });
  // The file has a name of our own; people know it by theirs.
  return 'path' in cause.details ? new RekindleError(cause.code, { ...cause.details, path: name }, { cause }) : cause;
};

/** What planning or importing an upload throws, naming the file as its owner does. */
export async function underItsName<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw named(cause, name);
  }
}

/** The first analysis, unless there is one. Data that no ready-made policy counts as activity is told, not thrown. */
async function analyse(app: App): Promise<'made' | 'kept' | 'not_enough_data'> {
  const active = (await listPolicies(app.records)).find((policy) => policy.active);
  if (active !== undefined && (await evaluatedUntil(app.events, active.policy.policyId)) !== undefined) return 'kept';
  try {
    await firstAnalysis(app);
    return 'made';
  } catch (cause) {
    if (cause instanceof RekindleError && cause.code === 'not_enough_data') return 'not_enough_data';
    throw cause;
  }
}

export function openImportRuns(app: App): ImportRuns {
  const { uploads } = app;
  const runs = new Map<string, Run>();
  const listeners = new Set<(row: UploadRow) => void>();
  const become = (run: Run, state: ImportRun): ImportRun => {
    run.row = { ...run.row, run: state };
    for (const listener of listeners) listener(run.row);
    return state;
  };
  const isRunning = (uploadId: string): boolean => runs.get(uploadId)?.row.run.state === 'running';

  const work = async (run: Run, path: string, request: RunRequest): Promise<void> => {
    const { uploadId, name } = run.row;
    const { signal } = run.stopping;
    try {
      const [result] = await underItsName(name, () =>
        importFiles(
          app,
          { ...request, paths: [path], fileName: name, rejectsFolder: app.uploads.folderOf(uploadId), signal },
          ({ phase, share }) => {
            become(run, { state: 'running', phase, share: share * 0.9, canCancel: CANCELLABLE[phase] });
          },
        ),
      );
      if (result === undefined) throw new Error('an import of one file has one result');
      if (result.rejectsPath !== undefined) await uploads.keepRejects(result.importId, result.rejectsPath);
      await uploads.remove(uploadId);
      become(run, { state: 'running', phase: 'analysing', share: 0.95, canCancel: false });
      become(run, { state: 'done', importId: result.importId, analysis: await analyse(app) });
    } catch (cause) {
      if (signal.aborted) become(run, { state: 'cancelled' });
      else {
        const error = named(cause, name);
        become(run, { state: 'failed', code: error.code, message: { en: error.in('en'), zh: error.in('zh') } });
      }
    }
  };

  const list = (): readonly UploadRow[] => {
    const waiting = uploads
      .list()
      .filter(({ uploadId }) => !runs.has(uploadId))
      .map((upload): UploadRow => ({ ...upload, run: { state: 'waiting' } }));
    return [...[...runs.values()].map(({ row }) => row), ...waiting].sort((a, b) =>
      b.uploadedAt.localeCompare(a.uploadedAt),
    );
  };

  return {
    list,
    start: (uploadId, request) => {
      if (isRunning(uploadId))
        throw new RekindleError('conflict', {
          what: { en: 'This file is being imported already', zh: '该文件正在导入' },
        });
      const { path, ...upload } = uploads.find(uploadId);
      const state: ImportRun = { state: 'running', phase: 'reading', share: 0, canCancel: true };
      const run: Run = { row: { ...upload, run: state }, stopping: new AbortController() };
      runs.delete(uploadId);
      runs.set(uploadId, run);
      for (const old of [...runs.keys()].filter((id) => !isRunning(id)).slice(0, -FINISHED_MAX)) runs.delete(old);
      become(run, state);
      void work(run, path, request);
      return state;
    },
    cancel: (uploadId) => {
      const run = runs.get(uploadId);
      if (run === undefined)
        throw new RekindleError('not_found', { what: { en: `import of ${uploadId}`, zh: `${uploadId} 的导入` } });
      const state = run.row.run;
      if (state.state !== 'running' || !state.canCancel)
        throw new RekindleError('conflict', {
          what: { en: 'It is too late to cancel this import', zh: '导入已在写入，无法取消' },
        });
      run.stopping.abort(new Error('cancelled'));
      return become(run, { ...state, canCancel: false });
    },
    remove: async (uploadId) => {
      if (isRunning(uploadId))
        throw new RekindleError('conflict', { what: { en: 'This file is being imported', zh: '该文件正在导入' } });
      if (!runs.delete(uploadId)) uploads.find(uploadId);
      await uploads.remove(uploadId);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
