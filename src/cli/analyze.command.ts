// `rekindle analyze FILE…`: from an order file to the dormancy picture, with no set-up at all.
// Guarantees: reads only; leaves nothing behind but the report it names; refusals are one sentence with the table's exit code.
import { statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { dayNumber } from '../kernel/days.ts';
import { RekindleError } from '../kernel/errors.ts';
import { langOf, type Lang } from '../kernel/lang.ts';
import type { Analysis } from '../prove/reports/analysis.ts';
import { analyseFiles } from '../prove/reports/analysis.service.ts';
import { pictureReport } from '../prove/reports/picture-report.ts';
import { withScratchStore } from '../scratch.ts';
import { LONGEST_DAYS } from '../understand/dormancy/rule.ts';
import { PRESET_NAMES, type PresetName } from '../understand/dormancy/presets.ts';
import { analyzeProgress } from './analyze-progress.ts';
import { pictureScreen } from './picture-screen.ts';

export type AnalyzeOptions = {
  readonly asOf?: string;
  readonly window?: number;
  readonly horizon?: number;
  readonly preset: PresetName;
  readonly currency?: string;
  readonly map?: string;
  readonly monthFirst?: true;
  readonly dayFirst?: true;
  readonly timeZone: string;
  /** A path, or false for no report. */
  readonly report: string | false;
  readonly json?: true;
  readonly lang?: Lang;
};

/** Where the command writes; a terminal tells its width and whether it shows colours. */
export type Output = {
  readonly write: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly width: number;
  readonly hasColour: boolean;
  readonly showsProgress: boolean;
};

const WIDTH_MIN = 80;
const WIDTH_MAX = 110;

export const processOutput = (): Output => ({
  write: (text) => void process.stdout.write(text),
  progress: (text) => void process.stderr.write(text),
  width: Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, process.stdout.columns ?? 100)),
  hasColour: process.stdout.isTTY && !process.env['NO_COLOR'],
  showsProgress: process.stderr.isTTY,
});

const usage = (what: string): RekindleError => new RekindleError('usage', { what });

function checkReportPlace(report: string | false, files: readonly string[]): void {
  if (report === false) return;
  const path = resolve(report);
  if (files.some((file) => resolve(file) === path))
    throw usage(`--out ${report} would overwrite the file that is read`);
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RekindleError('file_missing', {
      path: folder,
      what: { en: 'the folder for the report does not exist', zh: '报告所在的目录不存在' },
    });
}

function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'ENOSPC') throw new RekindleError('disk_full', { path }, { cause });
    throw new RekindleError(
      'file_unreadable',
      { path, what: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}

/** The command's own code path without its command line. Throws RekindleError. */
export async function analyze(
  files: readonly string[],
  options: AnalyzeOptions,
  output: Output,
  clock: Clock = systemClock,
): Promise<Analysis> {
  const { report } = options;
  checkReportPlace(report, files);
  const lang = options.lang ?? langOf(process.env['REKINDLE_LANG'] ?? process.env['LC_ALL'] ?? process.env['LANG']);
  const progress = analyzeProgress(output, lang);
  const now = clock.now();
  const analysis = await withScratchStore(clock, ({ events, folder }) =>
    analyseFiles(events, {
      files,
      preset: options.preset,
      timeZone: options.timeZone,
      now,
      temporaryFolder: folder,
      onProgress: progress.show,
      ...(options.asOf === undefined ? {} : { asOf: options.asOf }),
      ...(options.window === undefined ? {} : { windowDays: options.window }),
      ...(options.horizon === undefined ? {} : { horizonDays: options.horizon }),
      ...(options.currency === undefined ? {} : { currency: options.currency }),
      ...(options.map === undefined ? {} : { map: options.map }),
      ...(options.monthFirst ? { dayOrder: 'month_first' } : options.dayFirst ? { dayOrder: 'day_first' } : {}),
    }),
  ).finally(progress.clear);
  if (report !== false) writeReport(resolve(report), pictureReport(analysis, { lang, now }));
  const reportPath = report === false ? undefined : report;
  output.write(
    options.json
      ? `${JSON.stringify({ ...analysis, ...(reportPath === undefined ? {} : { reportPath }) }, null, 2)}\n`
      : pictureScreen(analysis, {
          lang,
          width: output.width,
          hasColour: output.hasColour,
          ...(reportPath === undefined ? {} : { reportPath }),
        }),
  );
  return analysis;
}

function dayArgument(value: string): string {
  try {
    dayNumber(value);
    return value;
  } catch {
    throw new InvalidArgumentError('Not a calendar day (YYYY-MM-DD).');
  }
}

const daysArgument =
  (least: number) =>
  (value: string): number => {
    const days = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(days >= least && days <= LONGEST_DAYS))
      throw new InvalidArgumentError(`Not a whole number of days from ${least} to ${LONGEST_DAYS}.`);
    return days;
  };

function currencyArgument(value: string): string {
  const code = value.toUpperCase();
  if (!Intl.supportedValuesOf('currency').includes(code))
    throw new InvalidArgumentError('Not an ISO 4217 currency code, for example CNY.');
  return code;
}

function zoneArgument(value: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('Not an IANA time zone, for example Asia/Shanghai.');
  }
}

const EXAMPLES = `
Examples:
  $ rekindle analyze orders.csv
  $ rekindle analyze orders.csv --as-of 2025-06-30 --window 60 --horizon 92
  $ rekindle analyze january.csv.gz february.csv.gz --currency CNY --lang zh
  $ rekindle analyze export.csv --map person=CustomerID,time=OrderDate,amount=UnitPrice*Quantity
  $ rekindle analyze logins.jsonl --preset social --no-report --json
`;

/** `rekindle analyze`. The caller prints the RekindleErrors it throws and exits with their code. */
export function analyzeCommand(output: () => Output = processOutput): Command {
  return new Command('analyze')
    .summary('read an order file and show who went quiet, what it costs and whom to wake first')
    .description(
      'Reads order (or login) files — CSV, TSV, JSON lines, Parquet, plain or gzipped — and shows the dormancy picture.\n' +
        'Needs no set-up; keeps nothing but the report.  读取订单文件，输出休眠画像与离线 HTML 报告。',
    )
    .argument('<file...>', 'order files')
    .addOption(
      new Option('--as-of <day>', 'look at the end of this day (default: the last day of the data)').argParser(
        dayArgument,
      ),
    )
    .addOption(
      new Option('--window <days>', "silent days that mean dormant (default: the preset's)").argParser(daysArgument(2)),
    )
    .addOption(
      new Option('--horizon <days>', 'days within which a return counts (default: 90)').argParser(daysArgument(1)),
    )
    .addOption(new Option('--preset <name>', 'kind of business').choices(PRESET_NAMES).default('shop'))
    .addOption(
      new Option('--currency <code>', "currency of the amounts (default: the file's, else USD)").argParser(
        currencyArgument,
      ),
    )
    .option('--map <fields>', 'which column means what, for example person=CustomerID,time=OrderDate')
    .addOption(new Option('--month-first', 'read 01/02 as January 2').conflicts('dayFirst'))
    .addOption(new Option('--day-first', 'read 01/02 as 1 February'))
    .addOption(new Option('--time-zone <zone>', 'zone of times that name none').argParser(zoneArgument).default('UTC'))
    .option('--out <path>', 'where to write the HTML report', 'rekindle-report.html')
    .option('--no-report', 'write no HTML report')
    .option('--json', 'print the picture as JSON')
    .addOption(new Option('--lang <lang>', 'language of the screen (default: by LANG)').choices(['en', 'zh']))
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], written: Omit<AnalyzeOptions, 'report'> & { out: string; report: boolean }) => {
      const { out, report, ...options } = written;
      await analyze(files, { ...options, report: report ? out : false }, output());
    });
}
