// Steering imports of files that this machine can read. A caller who accepts `application/x-ndjson` gets progress line by line; the last
// line holds either the results or the problem.
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { App } from '../../app.ts';
import { closePlan, planImport } from '../../collect/imports/import.service.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import { langOf } from '../../kernel/lang.ts';
import { importFiles, type ImportRequest } from '../import-files.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { ndjson } from './ndjson.ts';

const requestSchema = z.strictObject({
  paths: z
    .array(z.string().refine(isAbsolute, inWords('an absolute path on this machine', '须为本机上的绝对路径')))
    .min(1)
    .max(100),
  map: z.string().optional(),
  dayOrder: z.enum(['day_first', 'month_first']).optional(),
  rejectsFolder: z
    .string()
    .refine(isAbsolute, inWords('an absolute path on this machine', '须为本机上的绝对路径'))
    .optional(),
});

const FILE_REFUSALS = ['file_missing', 'file_empty', 'file_truncated', 'file_unreadable', 'columns_unclear'] as const;

export const importEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'post',
    path: '/imports/plan',
    need: 'data.write',
    summary:
      'Opens files and says what each column is taken for, with five rows as they are understood; imports nothing',
    body: requestSchema,
    refusals: FILE_REFUSALS,
    run: async ({ body }) => {
      const plans = [];
      for (const path of body.paths) {
        const { timeZone, currency } = app.business;
        const plan = await planImport({ events: app.events, timeZone, currency }, path, {
          now: app.clock.now(),
          ...(body.map === undefined ? {} : { map: body.map }),
          ...(body.dayOrder === undefined ? {} : { dayOrder: body.dayOrder }),
        });
        closePlan(plan);
        const { file, ...said } = plan;
        plans.push({ path, format: file.format, columns: file.columns, bytes: file.bytes, ...said });
      }
      return { plans };
    },
  }),
  endpoint({
    method: 'post',
    path: '/imports',
    need: 'data.write',
    summary: 'Imports files, all of them or none; repeating it adds nothing',
    body: requestSchema,
    refusals: [...FILE_REFUSALS, 'disk_full'],
    run: async ({ body, accept, visitor }) => {
      const request: ImportRequest = body;
      if (!accept.includes('application/x-ndjson')) return { results: await importFiles(app, request) };
      return ndjson(async (line) => {
        try {
          const results = await importFiles(app, request, (progress) => line({ progress }));
          line({ results });
        } catch (cause) {
          const error =
            cause instanceof RekindleError
              ? cause
              : new RekindleError('unexpected', { what: cause instanceof Error ? cause.message : String(cause) });
          line({
            problem: {
              code: error.code,
              ...error.detailsIn(langOf(visitor.headers.get('accept-language') ?? undefined)),
            },
          });
        }
      });
    },
  }),
];
