// Bringing a file by the console: upload, plan with a mapping that may be changed, import in the background, what was rejected.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { App } from '../../app.ts';
import { recordReader } from '../../collect/imports/csv.ts';
import { closePlan, lookAtFile, planImport, type ImportDeps } from '../../collect/imports/import.service.ts';
import { mappingSchema } from '../../collect/imports/mapping.ts';
import { UPLOAD_BYTES_MAX } from '../../collect/imports/uploads.service.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { holds } from '../access/caller.ts';
import type { ImportOperations, ImportPlanWire } from '../contract/imports.ts';
import { listImports } from '../import-files.service.ts';
import { openImportRuns, underItsName, type RunRequest } from '../import-runs.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { eventStream, requireStream } from './event-stream.ts';

const IMPORTS_SHOWN = 100;
const REJECTS_SHOWN = 50;
const REJECTS_BYTES_READ = 256 * 1024;
const ROWS_SHOWN = 5;

const choiceSchema = z.strictObject({
  mapping: mappingSchema.optional(),
  dayOrder: z.enum(['day_first', 'month_first']).optional(),
});

const FILE_REFUSALS = ['file_empty', 'file_unreadable', 'columns_unclear', 'not_found'] as const;

async function planUpload(
  app: App,
  { uploadId, name, path }: { readonly uploadId: string; readonly name: string; readonly path: string },
  request: RunRequest,
): Promise<ImportPlanWire> {
  const { timeZone, currency } = app.business;
  const deps: ImportDeps = { events: app.events, timeZone, currency };
  const mapping = request.mapping === undefined ? {} : { mapping: request.mapping };
  try {
    const plan = await planImport(deps, path, {
      now: app.clock.now(),
      ...mapping,
      ...(request.dayOrder === undefined ? {} : { dayOrder: request.dayOrder }),
    });
    closePlan(plan);
    const { file, kind, unused, dayOrder, preview, reasons } = plan;
    return {
      uploadId,
      name,
      format: file.format,
      columns: file.columns,
      rows: file.sample.slice(0, ROWS_SHOWN).map((row) => file.columns.map((_, i) => row[i] ?? '')),
      mapping: plan.mapping,
      reasons: reasons.map(({ field, confidence }) => ({ field, confidence })),
      missing: [],
      plan: { kind, unused, dayOrder, preview: preview.slice(0, ROWS_SHOWN) },
    };
  } catch (cause) {
    if (!(cause instanceof RekindleError && cause.code === 'columns_unclear')) throw cause;
    // A column is still to be chosen; a file without columns is refused here again.
    const { format, columns, rows, missing, reasons, mapping: taken } = await lookAtFile(deps, path, mapping);
    return {
      uploadId,
      name,
      format,
      columns,
      rows,
      mapping: taken,
      reasons: reasons.map(({ field, confidence }) => ({ field, confidence })),
      missing,
      plan: null,
    };
  }
}

/** The first rejected lines of a kept file: line, reason, and the row as it stood. */
async function firstRejects(path: string): Promise<ImportOperations['GET /imports/{importId}/rejects']['answer']> {
  const chunks: string[] = [];
  for await (const chunk of createReadStream(path, { encoding: 'utf8', end: REJECTS_BYTES_READ }))
    chunks.push(String(chunk));
  const lines = chunks.join('').split('\n');
  // The last one may be cut.
  lines.pop();
  const reader = recordReader(',');
  const records = lines.flatMap((line) => [...reader.push(line)]);
  const rejects = records.slice(1, REJECTS_SHOWN + 1);
  return {
    rejects: rejects.map(([line = '', reason = '', ...row]) => ({ line: Number(line), reason, row: row.join(', ') })),
  };
}

export const uploadEndpoints = (app: App): readonly Endpoint[] => {
  const { uploads, clock } = app;
  const runs = openImportRuns(app);
  return [
    endpoint({
      method: 'get',
      path: '/imports',
      need: 'data.read',
      summary: 'What was imported, the latest first; files that wait to be, and how large one may be',
      run: async () => ({
        imports: (await listImports(app.records.db, IMPORTS_SHOWN)).map((each) => ({
          ...each,
          hasRejects: uploads.rejectsOf(each.importId) !== undefined,
        })),
        uploads: runs.list(),
        uploadBytesMax: UPLOAD_BYTES_MAX,
      }),
    }),
    endpoint({
      method: 'get',
      path: '/imports/live',
      need: 'data.read',
      summary: 'Where imports of uploaded files stand, as server-sent events',
      refusals: ['invalid'],
      run: ({ accept }) => {
        requireStream(accept);
        return Promise.resolve(
          eventStream((tell) => {
            for (const row of runs.list()) tell('upload', row);
            return runs.listen((row) => tell('upload', row));
          }),
        );
      },
    }),
    endpoint({
      method: 'post',
      path: '/imports/uploads',
      need: 'data.write',
      summary: `Takes a file of at most ${UPLOAD_BYTES_MAX / 1024 ** 3} GB as it is; it is kept for a day and imported only by its run`,
      query: z.strictObject({ name: z.string().min(1).max(500) }),
      takesFile: true,
      status: 201,
      refusals: ['file_empty', 'file_unreadable', 'too_large', 'disk_full'],
      run: async ({ query, bytes }) => {
        const now = clock.now();
        await uploads.sweep(now);
        return {
          ...(await uploads.receive(query.name, bytes.length, bytes.open, now)),
          run: { state: 'waiting' as const },
        };
      },
    }),
    endpoint({
      method: 'delete',
      path: '/imports/uploads/{uploadId}',
      need: 'data.write',
      summary: 'Throws an uploaded file away',
      refusals: ['not_found', 'conflict'],
      run: async ({ params }) => {
        await runs.remove(params.uploadId);
        return { removed: true };
      },
    }),
    endpoint({
      method: 'post',
      path: '/imports/uploads/{uploadId}/plan',
      // It changes nothing, but shows what may be imported.
      need: 'data.write',
      summary:
        'Says what each column of an uploaded file is taken for, with five rows; a mapping takes the place of the guess. Imports nothing',
      body: choiceSchema,
      refusals: [...FILE_REFUSALS, 'file_truncated'],
      run: ({ params, body }) => {
        const upload = uploads.find(params.uploadId);
        return underItsName(upload.name, () => planUpload(app, upload, body));
      },
    }),
    endpoint({
      method: 'post',
      path: '/imports/uploads/{uploadId}/run',
      need: 'data.write',
      summary: 'Imports an uploaded file in the background; repeating it adds nothing',
      body: choiceSchema,
      refusals: ['not_found', 'conflict'],
      run: ({ params, body }) => Promise.resolve(runs.start(params.uploadId, body)),
    }),
    endpoint({
      method: 'delete',
      path: '/imports/uploads/{uploadId}/run',
      need: 'data.write',
      summary: 'Stops an import before anything of it is written',
      refusals: ['not_found', 'conflict'],
      run: ({ params }) => Promise.resolve(runs.cancel(params.uploadId)),
    }),
    endpoint({
      method: 'get',
      path: '/imports/{importId}/rejects',
      need: 'data.write',
      summary:
        'The lines of an import that could not be read, each with its number and reason; whole as CSV for whoever accepts that',
      refusals: ['not_found'],
      run: async ({ params, accept, caller }) => {
        const path = uploads.rejectsOf(params.importId);
        if (path === undefined)
          throw new RekindleError('not_found', {
            what: { en: `rejected lines of ${params.importId}`, zh: `${params.importId} 的拒收行` },
          });
        if (!accept.includes('text/csv')) return firstRejects(path);
        // The lines stand in it as they were brought.
        if (!holds(caller, 'people.contact_data')) throw new RekindleError('forbidden');
        return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>, {
          headers: {
            'Content-Type': 'text/csv; charset=utf-8',
            'Content-Disposition': `attachment; filename="${params.importId}.rejects.csv"`,
          },
        });
      },
    }),
  ];
};
