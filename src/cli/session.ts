// How a command talks to whoever ran it: results on stdout (JSON when asked), everything else on stderr, in her language.
import { langOf, type Lang } from '../kernel/lang.ts';
import { RekindleError } from '../kernel/errors.ts';
import { sayIn, type Say } from './words.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Paint = {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
};

export type Session = {
  readonly lang: Lang;
  readonly say: Say;
  readonly env: Environment;
  readonly isJson: boolean;
  readonly paint: Paint;
  /** The result: `value` as JSON when asked for, else the screen. */
  readonly answer: (value: unknown, screen: () => string) => void;
  /** Something to know that is no result. */
  readonly note: (text: string) => void;
  /** Asks yes or no where somebody can answer; elsewhere the answer is `otherwise`. */
  readonly confirm: (question: string, otherwise: boolean) => Promise<boolean>;
};

const code = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const plain = (text: string): string => text;
export const COLOURS: Paint = {
  bold: code(1, 22),
  dim: code(2, 22),
  good: code(32, 39),
  warn: code(33, 39),
  bad: code(31, 39),
};
export const NO_COLOURS: Paint = { bold: plain, dim: plain, good: plain, warn: plain, bad: plain };

/** `--name value` or `--name=value`, wherever it stands. */
function optionIn(argv: readonly string[], name: string): string | undefined {
  const at = argv.findIndex((each) => each === name || each.startsWith(`${name}=`));
  return at < 0 ? undefined : argv[at] === name ? argv[at + 1] : argv[at]!.slice(name.length + 1);
}

/** `--lang`, else REKINDLE_LANG, LC_ALL, LC_MESSAGES, LANG in this order. */
export const langFrom = (argv: readonly string[], env: Environment): Lang =>
  langOf(
    [optionIn(argv, '--lang'), env['REKINDLE_LANG'], env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(Boolean),
  );

export function openSession(argv: readonly string[], env: Environment): Session {
  const lang = langFrom(argv, env);
  const isJson = argv.includes('--json');
  const say = sayIn(lang);
  return {
    lang,
    say,
    // Whatever this command asks answers in its language too.
    env: { ...env, REKINDLE_LANG: lang },
    isJson,
    paint: process.stdout.isTTY && !env['NO_COLOR'] ? COLOURS : NO_COLOURS,
    answer: (value, screen) => {
      process.stdout.write(`${isJson ? JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0) : screen()}\n`);
    },
    note: (text) => {
      process.stderr.write(`${text}\n`);
    },
    confirm: async (question, otherwise) => {
      if (!process.stdin.isTTY || !process.stderr.isTTY) return otherwise;
      const { createInterface } = await import('node:readline/promises');
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const reply = await lines.question(`${question} ${say('yesNo')} `);
      lines.close();
      return /^\s*(y|yes|是|好)\s*$/i.test(reply);
    },
  };
}

/** A wrong call of the command line: exit code 2. */
export const usage = (what: string): RekindleError => new RekindleError('usage', { what });
