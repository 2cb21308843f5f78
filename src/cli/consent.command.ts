// `rekindle consent`: list one person's, grant and withdraw, export the proofs, import opt-outs and consents.
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { importConsentFile } from '../reach/consent/consent-file.service.ts';
import type { ForeignResult } from '../reach/consent/import.service.ts';
import { proofHeader, proofLine, type ConsentProof } from '../reach/consent/proofs.sql.ts';
import { withClient } from './client.ts';
import { examples } from './examples.ts';
import { count, dayOf } from './figures.ts';
import { usage, type Session } from './session.ts';
import { renderTable } from './table.ts';

const REJECTS_SHOWN = 20;

const CONSENT_COLUMNS = [
  'consentColumnOn',
  'consentColumnChannel',
  'consentColumnPurpose',
  'consentColumnStatus',
  'consentColumnBasis',
  'consentColumnText',
  'consentColumnProof',
] as const;

type GrantOptions = {
  readonly basis: string;
  readonly purpose?: string;
  readonly text?: string;
  readonly source?: string;
  readonly proof: readonly string[];
  readonly on?: string;
};

/** `form=A-17` and the like, as an object. */
function proofOf({ say }: Session, given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usage(say('consentProofWrong', { pair }));
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    }),
  );
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function consentCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const consent = new Command('consent').description(say('consent'));
  examples(consent, session, [
    'rekindle consent export --out consents.csv',
    'rekindle consent export --phone +8613800138000 --out proof.ndjson',
    'rekindle consent import unsubscribed_members.csv --source mailchimp',
    'rekindle consent list 17850',
    'rekindle consent grant 17850 email --basis express --source "paper form" --proof form=A-17',
    'rekindle consent withdraw 17850 email',
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
        // Under its name stands a whole file or none: half a ledger proves nothing.
        const part = `${options.out}.part`;
        const file = openSync(part, 'w', 0o600);
        let written = 0;
        try {
          if (format === 'csv') writeSync(file, `\ufeff${proofHeader}\r\n`);
          await client.follow('POST', '/consents/export', { emails: options.email, phones: options.phone }, (line) => {
            writeSync(file, format === 'csv' ? `${proofLine(line as ConsentProof)}\r\n` : `${JSON.stringify(line)}\n`);
            written++;
          });
          closeSync(file);
          renameSync(part, options.out);
        } catch (cause) {
          rmSync(part, { force: true });
          throw cause;
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
        const source = options.source ?? basename(path).slice(0, 100);
        const done = await importConsentFile({ path, source, rejectsKept: Infinity }, (part) =>
          client.call<ForeignResult>('POST', '/consents/import', part),
        );
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
              rejected: count(done.rejectedCount, lang),
            }),
            ...done.rejected
              .slice(0, REJECTS_SHOWN)
              .map((each) => paint.warn(`  ${say('consentRejected', { row: each.row, reason: each.reason[lang] })}`)),
          ].join('\n'),
        );
      }),
    );

  consent
    .command('list')
    .alias('show')
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
                CONSENT_COLUMNS.map((word) => ({ title: say(word) })),
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

  consent
    .command('grant')
    .description(say('consentGrant'))
    .argument('<person>', say('personArgument'))
    .argument('<channel>', say('consentChannelArgument'))
    .requiredOption('--basis <basis>', say('consentBasisOption'))
    .option('--purpose <purpose>', say('consentPurposeOption'))
    .option('--text <version>', say('consentTextOption'))
    .option('--source <name>', say('consentSourceOption'))
    .option('--proof <name=value>', say('consentProofOption'), collect, [])
    .option('--on <instant>', say('consentOnOption'))
    .action((personId: string, channel: string, options: GrantOptions) =>
      withClient(env, async (client) => {
        const { basis, purpose, text, source, on } = options;
        const entry = {
          personId,
          channel,
          basis,
          source: source ?? 'command line',
          proof: proofOf(session, options.proof),
          ...(purpose === undefined ? {} : { purpose }),
          ...(text === undefined ? {} : { textVersion: text }),
          ...(on === undefined ? {} : { decidedAt: on }),
        };
        const done = await client.call<{ recorded: number; asked?: number }>('POST', '/consents', { entries: [entry] });
        session.answer({ personId, channel, ...done }, () =>
          done.recorded === 1
            ? say('consentGranted', { person: personId, channel })
            : say((done.asked ?? 0) > 0 ? 'consentAsked' : 'consentNotAsked', { person: personId }),
        );
      }),
    );

  consent
    .command('withdraw')
    .description(say('consentWithdraw'))
    .argument('<person>', say('personArgument'))
    .argument('<channel>', say('consentChannelArgument'))
    .option('--purpose <purpose>', say('consentPurposeOption'))
    .option('--source <name>', say('consentSourceOption'))
    .option('--proof <name=value>', say('consentProofOption'), collect, [])
    .action((personId: string, channel: string, options: Omit<GrantOptions, 'basis'>) =>
      withClient(env, async (client) => {
        const done = await client.call<{ stopped: number }>('POST', '/consents/withdraw', {
          personId,
          channel,
          source: options.source ?? 'command line',
          proof: proofOf(session, options.proof),
          ...(options.purpose === undefined ? {} : { purpose: options.purpose }),
        });
        session.answer(done, () =>
          say('consentWithdrawn', { person: personId, channel, stopped: count(done.stopped, lang) }),
        );
      }),
    );
  return consent;
}
