// Consents in bulk: the proofs out, line by line, and another tool's opt-outs and consents in.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { addressKey, normalEmail, normalPhone } from '../../kernel/address.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { CONSENT_CHANNELS } from '../../reach/channels/channels.ts';
import { importConsentFile } from '../../reach/consent/consent-file.service.ts';
import { importConsents } from '../../reach/consent/import.service.ts';
import { consentProofs, proofHeader, proofLine, type ProofFilter } from '../../reach/consent/proofs.sql.ts';
import { underItsName } from '../import-runs.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

/** Of a file's rejected rows, so many are told one by one. */
const REJECTS_SHOWN = 200;
const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

function bundle(app: App, filter: ProofFilter, format: keyof typeof TYPES): Response {
  const pages = consentProofs(app.records.db, filter);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (format === 'csv') controller.enqueue(encoder.encode(`\ufeff${proofHeader}\r\n`));
    },
    pull: async (controller) => {
      const { value, done } = await pages.next();
      if (done === true) return controller.close();
      const lines = value.map((proof) => (format === 'csv' ? `${proofLine(proof)}\r\n` : `${JSON.stringify(proof)}\n`));
      controller.enqueue(encoder.encode(lines.join('')));
    },
    // Who hangs up in the middle is asked nothing more for.
    cancel: async () => {
      await pages.return(undefined);
    },
  });
  return new Response(body, {
    headers: { 'Content-Type': TYPES[format], 'Content-Disposition': `attachment; filename="consents.${format}"` },
  });
}

export const consentFileEndpoints = (app: App): readonly Endpoint[] => {
  const stores = { records: app.records, events: app.events, addressSecret: app.secrets.address };
  const keysOf = (field: string, texts: readonly string[], normal: (text: string) => string | undefined): string[] =>
    texts.map((text, i) => {
      const address = normal(text);
      if (address === undefined)
        throw new RekindleError('invalid', {
          where: `body.${field}.${i}`,
          what: { en: 'not an address that can be read', zh: '无法识别的地址' },
        });
      return addressKey(app.secrets.address, address);
    });
  const list = z.array(z.string().min(1).max(254)).max(10_000).default([]);
  return [
    endpoint({
      method: 'post',
      path: '/consents/export',
      need: 'people.export',
      summary:
        'The proof of consent of these people, addresses and numbers, or of everybody: NDJSON or CSV, with the words agreed to',
      body: z.strictObject({
        personIds: list,
        emails: list,
        phones: list,
        channel: z.enum([...CONSENT_CHANNELS, 'ads', '*']).optional(),
        format: z.enum(['ndjson', 'csv']).default('ndjson'),
      }),
      run: async ({ body }) => {
        const addressKeys = [
          ...keysOf('emails', body.emails, normalEmail),
          ...keysOf('phones', body.phones, normalPhone),
        ];
        // By any id she is known under.
        const known = await linkedPeople(app.records.db, body.personIds);
        const personIds = [...new Set(body.personIds.map((id) => known.get(id) ?? id))];
        return bundle(app, { personIds, addressKeys, channel: body.channel }, body.format);
      },
    }),
    endpoint({
      method: 'post',
      path: '/consents/import',
      need: 'people.write',
      summary: 'Opt-outs (first) and consents from another tool’s file, by its own column names',
      body: z.strictObject({
        columns: z.array(z.string().max(200)).min(1).max(500),
        rows: z.array(z.array(z.string().max(5_000))).max(5_000),
        firstRow: z.number().int().min(0).default(2),
        source: z.string().min(1).max(100).default('import'),
        phase: z.enum(['optOuts', 'all']).default('all'),
      }),
      refusals: ['columns_unclear'],
      run: async ({ body }) => importConsents(stores, body, app.clock.now()),
    }),
    endpoint({
      method: 'post',
      path: '/consents/uploads/{uploadId}',
      // Whoever brings order files brings the consents in them, too.
      need: 'data.write',
      summary:
        'Opt-outs (first) and consents from an uploaded file (POST /imports/uploads), by the column names of the tool it comes from; the file is thrown away',
      refusals: ['not_found', 'file_empty', 'file_truncated', 'file_unreadable', 'columns_unclear'],
      run: async ({ params }) => {
        const { uploadId, name, path } = app.uploads.find(params.uploadId);
        try {
          return await underItsName(name, () =>
            importConsentFile({ path, source: name.slice(0, 100), rejectsKept: REJECTS_SHOWN }, (part) =>
              importConsents(stores, part, app.clock.now()),
            ),
          );
        } finally {
          await app.uploads.remove(uploadId);
        }
      },
    }),
  ];
};
