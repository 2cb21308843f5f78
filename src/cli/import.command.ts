// `rekindle import FILE…`: shows what each column is taken for and five rows, then imports all files or none.
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { ImportPhase, ImportProgress } from '../collect/imports/import.service.ts';
import type { FileImported } from '../http/import-files.service.ts';
import { withClient } from './client.ts';
import { examples } from './examples.ts';
import type { PlanJson } from './import-screen.ts';
import { progressOn } from './progress.ts';
import type { Session } from './session.ts';
import type { Word } from './words.ts';

type ImportOptions = {
  readonly map?: string;
  readonly dayFirst?: boolean;
  readonly monthFirst?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly rejects?: string;
};

const PHASES: Readonly<Record<ImportPhase, Word>> = {
  reading: 'phaseReading',
  checking: 'phaseChecking',
  writing: 'phaseWriting',
  people: 'phasePeople',
  done: 'phaseDone',
};

const progressIn = (line: unknown): ImportProgress | undefined =>
  typeof line === 'object' && line !== null && 'progress' in line ? (line.progress as ImportProgress) : undefined;

export function importCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const command = new Command('import')
    .description(say('import'))
    .argument('<file...>', say('filesArgument'))
    .option('--map <fields>', say('mapOption'))
    .option('--day-first', say('dayFirstOption'))
    .option('--month-first', say('monthFirstOption'))
    .option('--dry-run', say('dryRunOption'))
    .option('--rejects <folder>', say('rejectsOption'))
    .option('-y, --yes', say('yesOption'))
    .action((files: readonly string[], options: ImportOptions) =>
      withClient(env, async (client) => {
        const dayOrder = options.dayFirst ? 'day_first' : options.monthFirst ? 'month_first' : undefined;
        const request = { paths: files.map((file) => resolve(file)), map: options.map, dayOrder };
        const planned = await client.call<{ plans: readonly PlanJson[] }>('POST', '/imports/plan', request);
        const { planScreen, resultScreen } = await import('./import-screen.ts');
        const plansText = planned.plans.map((plan) => planScreen(plan, lang, paint)).join('\n\n');
        if (options.dryRun) {
          session.answer(planned, () => plansText);
          return session.note(say('dryRun'));
        }
        session.note(plansText);
        if (options.yes !== true && !(await session.confirm(say('asksImport'), true)))
          return session.note(say('changeWithMap'));
        const bar = progressOn(process.stderr);
        try {
          const done = await client.follow<{ results: readonly FileImported[] }>(
            'POST',
            '/imports',
            { ...request, rejectsFolder: resolve(options.rejects ?? '.') },
            (line) => {
              const progress = progressIn(line);
              if (progress) bar.show(say(PHASES[progress.phase]), progress.share, progress.path);
            },
          );
          bar.done();
          session.answer(done, () => resultScreen(done.results, lang, paint));
        } finally {
          bar.done();
        }
      }),
    );
  examples(command, session, [
    'rekindle import orders.csv',
    'rekindle import orders-2025.csv.gz orders-2026.csv.gz --yes',
    'rekindle import sales.tsv --map person=CustomerID,time=InvoiceDate,amount=UnitPrice*Quantity',
    'rekindle import events.jsonl --dry-run',
  ]);
  return command;
}
