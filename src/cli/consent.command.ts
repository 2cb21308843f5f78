// `rekindle consent`: export the proofs, import opt-outs and consents, show one person's.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { recordReader } from '../collect/imports/csv.ts';
import { RekindleError } from '../kernel/errors.ts';
import type { ForeignResult } from '../reach/consent/import.service.ts';
import { proofHeader, proofLine, type ConsentProof } from '../reach/consent/proofs.sql.ts';
import { withClient, type Client } from './client.ts';
import { examples } from './examples.ts';
import { count, dayOf } from './figures.ts';
import { usage, type Session } from './session.ts';
import { renderTable } from './table.ts';

const ROWS_PER_CALL = 2_000;
const REJECTS_SHOWN = 20;

/** Records of a file of separated text; the first is its header. */
function readTable(path: string): readonly (readonly string[])[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (cause) {
    throw new RekindleError(
      'file_missing',
      { path, what: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
  const lines = text.split(/\r?\n/);
  const head = lines[0] ?? '';
  if (head.trim() === '') throw new RekindleError('file_empty', { path });
  const reader = recordReader(head.includes('\t') ? '\t' : head.includes(';') && !head.includes(',') ? ';' : ',');
  const records = lines.flatMap((line) => [...reader.push(line)]);
  return [...records, ...reader.end()].filter((record) => record.some((cell) => cell.trim() !== ''));
}

async function importFile(client: Client, path: string, source: string): Promise<ForeignResult> {
  const [columns = [], ...rows] = readTable(path);
  const total = {
    columns: [] as ForeignResult['columns'],
    suppressed: 0,
    granted: 0,
    created: 0,
    keptWithdrawn: 0,
    rejected: [] as ForeignResult['rejected'],
  };
  // The whole file's opt-outs are in force before its first contact is made.
  for (const phase of ['optOuts', 'all'] as const)
    for (let at = 0; at < Math.max(1, rows.length); at += ROWS_PER_CALL) {
      const part = { columns, rows: rows.slice(at, at + ROWS_PER_CALL), firstRow: at + 2, source, phase };
      const done = await client.call<ForeignResult>('POST', '/consents/import', part);
      total.columns = done.columns;
      if (phase === 'optOuts') total.suppressed += done.suppressed;
      else {
        total.granted += done.granted;
        total.created += done.created;
        total.keptWithdrawn += done.keptWithdrawn;
        total.rejected = [...total.rejected, ...done.rejected];
      }
    }
  return total;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function consentCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const consent = new Command('consent').description(say('consent'));
  examples(consent, session, [
    'rekindle consent export --out consents.csv',
    'rekindle consent export --phone +8613800138000 --out proof.ndjson',
    'rekindle consent import unsubscribed_members.csv --source mailchimp',
    'rekindle consent show 17850',
  ]);

  consent
    .command('export')
    .description(say('consentExport'))
    .requiredOption('--out <file>', say('outOption'))
    .option('--format <format>', say('consentFormatOption'))
    .option('--email <address>', say('consentEmailOption'), collect, [])
    .option('--phone <number>', say('consentPhoneOption'), collect, [])
    .action((options: { out: string; format?: string; email: readonly string[]; phone: readonly string[] }) =>
      withClient(env, async (client) => {
        const format = options.format ?? (options.out.endsWith('.csv') ? 'csv' : 'ndjson');
        if (format !== 'csv' && format !== 'ndjson') throw usage(say('consentFormat', { format }));
        const file = openSync(options.out, 'w', 0o600);
        let written = 0;
        try {
          if (format === 'csv') writeSync(file, `\ufeff${proofHeader}\r\n`);
          await client.follow('POST', '/consents/export', { emails: options.email, phones: options.phone }, (line) => {
            writeSync(file, format === 'csv' ? `${proofLine(line as ConsentProof)}\r\n` : `${JSON.stringify(line)}\n`);
            written++;
          });
        } finally {
          closeSync(file);
        }
        session.answer({ path: options.out, proofs: written }, () =>
          say('consentExported', { count: count(written, lang), path: options.out }),
        );
      }),
    );

  consent
    .command('import')
    .description(say('consentImport'))
    .argument('<file>', say('consentFileArgument'))
    .option('--source <name>', say('consentSourceOption'))
    .action((path: string, options: { source?: string }) =>
      withClient(env, async (client) => {
        const done = await importFile(client, path, options.source ?? basename(path).slice(0, 100));
        session.answer(done, () =>
          [
            say('consentColumns', {
              columns: done.columns.map((each) => `${each.column} → ${each.meaning}`).join(', '),
            }),
            say('consentImported', {
              suppressed: count(done.suppressed, lang),
              granted: count(done.granted, lang),
              created: count(done.created, lang),
              kept: count(done.keptWithdrawn, lang),
              rejected: count(done.rejected.length, lang),
            }),
            ...done.rejected
              .slice(0, REJECTS_SHOWN)
              .map((each) => paint.warn(`  ${say('consentRejected', { row: each.row, reason: each.reason })}`)),
          ].join('\n'),
        );
      }),
    );

  consent
    .command('show')
    .description(say('consentShow'))
    .argument('<person>', say('personArgument'))
    .action((personId: string) =>
      withClient(env, async (client) => {
        const proofs: ConsentProof[] = [];
        await client.follow('POST', '/consents/export', { personIds: [personId] }, (line) => {
          proofs.push(line as ConsentProof);
        });
        session.answer({ personId, proofs }, () =>
          proofs.length === 0
            ? say('none')
            : renderTable(
                Array.from({ length: 7 }, () => ({ title: '' })),
                proofs.map((each) => [
                  dayOf(each.decidedAt),
                  each.channel,
                  each.purpose,
                  each.status,
                  each.basis,
                  each.textVersion,
                  `${each.source} ${JSON.stringify(each.proof)}`.slice(0, 80),
                ]),
                paint.dim,
              ),
        );
      }),
    );
  return consent;
}
