// Steering the catalogue: products with price, stock and addresses, which override what orders tell of them.
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { inWords } from '../../kernel/issue.ts';
import type { App } from '../../app.ts';
import { importCatalogue } from '../../collect/catalogue/catalogue.sql.ts';
import { catalogueItemSchema } from '../../collect/catalogue/catalogue.ts';
import { countItems, findItems } from '../../collect/catalogue/items.sql.ts';
import { importProductFile } from '../../collect/catalogue/product-file.service.ts';
import { underItsName } from '../import-runs.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const itemAnswer = z.object({
  itemId: z.string(),
  name: z.string(),
  category: z.string(),
  brand: z.string(),
  priceCents: z.int(),
  available: z.boolean(),
  url: z.string(),
  imageUrl: z.string(),
});

const fileAnswer = z.object({
  mapping: z.record(z.string(), z.string()),
  imported: z.int(),
  rejected: z.int(),
  rejects: z.array(z.object({ line: z.int(), reason: z.object({ en: z.string(), zh: z.string() }) })),
});

export const catalogueEndpoints = (app: App): readonly Endpoint[] => {
  const { events, clock } = app;
  return [
    endpoint({
      method: 'get',
      path: '/catalogue',
      need: 'data.read',
      summary: 'Products by id, name, category or brand',
      query: z.strictObject({
        query: z.string().max(200).default(''),
        limit: z.coerce.number().int().min(1).max(500).default(50),
      }),
      answer: z.object({
        items: z.array(itemAnswer),
        counts: z.object({ total: z.int(), available: z.int(), categories: z.int() }),
      }),
      run: async ({ query }) => ({
        items: await findItems(events, query.query.trim(), query.limit),
        counts: await countItems(events),
      }),
    }),
    endpoint({
      method: 'post',
      path: '/catalogue',
      need: 'data.write',
      summary: 'Adds products or changes them, all or none; a field left out keeps what is known',
      body: z.strictObject({ items: z.array(catalogueItemSchema).min(1).max(10_000) }),
      answer: z.object({ imported: z.int() }),
      run: async ({ body }) => ({ imported: await importCatalogue(events, body.items, clock.now()) }),
    }),
    endpoint({
      method: 'post',
      path: '/catalogue/files',
      need: 'data.write',
      summary: 'Imports a product file (CSV, TSV, JSON lines) that this machine can read',
      body: z.strictObject({
        path: z.string().refine(isAbsolute, inWords('an absolute path on this machine', '须为本机上的绝对路径')),
        map: z.string().max(2_000).optional(),
      }),
      answer: fileAnswer,
      refusals: ['file_missing', 'file_empty', 'file_truncated', 'file_unreadable', 'columns_unclear', 'too_large'],
      run: ({ body }) => importProductFile(events, body.path, { map: body.map, now: clock.now() }),
    }),
    endpoint({
      method: 'post',
      path: '/catalogue/uploads/{uploadId}',
      need: 'data.write',
      summary: 'Imports an uploaded product file (POST /imports/uploads) and throws it away',
      answer: fileAnswer,
      refusals: ['not_found', 'file_empty', 'file_truncated', 'file_unreadable', 'columns_unclear', 'too_large'],
      run: async ({ params }) => {
        const { uploadId, name, path } = app.uploads.find(params.uploadId);
        try {
          return await underItsName(name, () => importProductFile(events, path, { now: clock.now() }));
        } finally {
          await app.uploads.remove(uploadId);
        }
      },
    }),
  ];
};
