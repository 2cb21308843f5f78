#!/usr/bin/env node
// The command line. Commands are light: stores and engines are loaded inside their actions, so that help is there at once.
import { readFileSync, realpathSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { RekindleError } from '../kernel/errors.ts';
import { audienceCommand } from './audience.command.ts';
import { analyticsCommand } from './analytics.command.ts';
import { catalogueCommand } from './catalogue.command.ts';
import { consentCommand } from './consent.command.ts';
import { demoCommand } from './demo.command.ts';
import { doctorCommand } from './doctor.command.ts';
import { examples } from './examples.ts';
import { importCommand } from './import.command.ts';
import { keysCommand } from './keys.command.ts';
import { demandNode } from './node-version.ts';
import { personCommand } from './person.command.ts';
import { policyCommand } from './policy.command.ts';
import { programmeCommand } from './programme.command.ts';
import { reasonsCommand } from './reasons.command.ts';
import { recommendCommand } from './recommend.command.ts';
import { segmentCommand } from './segment.command.ts';
import { surveyCommand } from './survey.command.ts';
import { sendTestCommand } from './send-test.command.ts';
import { serveCommand } from './serve.command.ts';
import { openSession, usage, type Session } from './session.ts';
import { widthOf } from './table.ts';
import type { Word } from './words.ts';

const version = (): string => {
  const about = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return about.version;
};

const HEADINGS: Readonly<Record<string, Word>> = {
  'Usage:': 'usage',
  'Arguments:': 'arguments',
  'Options:': 'options',
  'Global Options:': 'globalOptions',
  'Commands:': 'commands',
};

/** What holds for every command: refusals are thrown, help speaks the language and shows the options that work everywhere. */
function settle(command: Command, session: Session): void {
  const { say, paint } = session;
  command
    .exitOverride()
    .helpOption('-h, --help', say('helpOption'))
    .configureOutput({ outputError: () => undefined })
    .configureHelp({
      showGlobalOptions: true,
      displayWidth: widthOf,
      styleTitle: (title) => paint.bold(HEADINGS[title] === undefined ? title : say(HEADINGS[title])),
    });
  // The session has read these from the whole line; here they only must not be called unknown.
  for (const flags of ['--json', '--lang <lang>']) {
    const option = new Option(flags).hideHelp();
    if (!command.options.some((each) => each.long === option.long)) command.addOption(option);
  }
  for (const child of command.commands) {
    child.helpCommand(false);
    settle(child, session);
  }
}

/** Commands that carry an engine: loaded when they are called, named in the help without being loaded. */
const HEAVY: readonly { readonly name: string; readonly word: Word; readonly load: () => Promise<Command> }[] = [
  { name: 'analyze', word: 'analyze', load: async () => (await import('./analyze.command.ts')).analyzeCommand() },
];

/** `--json` and `--lang` in front of the command are put behind it: a command that has them itself must see them. */
export function globalsLast(argv: readonly string[]): readonly string[] {
  const [first, second] = argv;
  if (first === '--json' || first?.startsWith('--lang=') === true) return [...globalsLast(argv.slice(1)), first];
  if (first === '--lang' && second !== undefined) return [...globalsLast(argv.slice(2)), first, second];
  return argv;
}

export async function program(session: Session, argv: readonly string[]): Promise<Command> {
  const { say } = session;
  const root = new Command('rekindle')
    .description(say('program'))
    .version(version(), '-V, --version', say('versionOption'))
    .option('--json', say('jsonOption'))
    .option('--lang <lang>', say('langOption'))
    .helpCommand('help [command]', say('helpCommand'))
    .enablePositionalOptions();
  for (const { name, word, load } of HEAVY)
    root.addCommand(argv.includes(name) ? await load() : new Command(name).description(say(word)));
  for (const command of [
    demoCommand(session),
    serveCommand(session),
    importCommand(session),
    policyCommand(session),
    segmentCommand(session),
    programmeCommand(session),
    personCommand(session),
    consentCommand(session),
    analyticsCommand(session),
    audienceCommand(session),
    catalogueCommand(session),
    recommendCommand(session),
    reasonsCommand(session),
    surveyCommand(session),
    sendTestCommand(session),
    doctorCommand(session),
    keysCommand(session),
  ]) {
    root.addCommand(command);
  }
  examples(root, session, [
    'rekindle analyze orders.csv',
    'rekindle serve',
    'rekindle import orders.csv',
    'rekindle policy create shop',
    'rekindle programme create win-back.json',
    'rekindle doctor',
  ]);
  settle(root, session);
  return root;
}

const WRONG_CALLS: Readonly<Record<string, Word>> = {
  'commander.unknownOption': 'unknownOption',
  'commander.unknownCommand': 'unknownCommand',
  'commander.missingArgument': 'missingArgument',
  'commander.missingMandatoryOptionValue': 'missingOption',
  'commander.optionMissingArgument': 'missingValue',
  'commander.excessArguments': 'excessArguments',
};

/** A wrong call in words: what, and where to read how it is right. Undefined when help or the version was shown. */
function wrongCall(error: CommanderError, session: Session): RekindleError | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.invalidArgument') return usage(error.message.replace(/^error: /, ''));
  const what = /'([^']+)'/.exec(error.message)?.[1] ?? error.message;
  const word = WRONG_CALLS[error.code];
  return usage(word === undefined ? error.message : session.say(word, { what }));
}

/** One clear sentence, or a problem document with --json; the stack only where REKINDLE_DEBUG is set. Returns the exit code. */
function refuse(cause: unknown, session: Session): number {
  const error =
    cause instanceof RekindleError
      ? cause
      : new RekindleError('unexpected', { what: cause instanceof Error ? cause.message : String(cause) }, { cause });
  if (session.isJson) {
    const problem = {
      code: error.code,
      title: error.in(session.lang),
      exit: error.exit,
      ...error.detailsIn(session.lang),
    };
    process.stdout.write(`${JSON.stringify({ problem })}\n`);
  }
  session.note(error.in(session.lang));
  if (session.env['REKINDLE_DEBUG'])
    session.note(String(error.stack) + (error.cause instanceof Error ? `\n${error.cause.stack}` : ''));
  return error.exit;
}

/** The command that was meant, as it is written: where whoever called it wrongly reads how it is right. */
function meant(root: Command, args: readonly string[]): string {
  const names = [root.name()];
  let command = root;
  for (const arg of args) {
    const child = command.commands.find((each) => each.name() === arg);
    if (child === undefined) break;
    command = child;
    names.push(arg);
  }
  return names.join(' ');
}

export async function main(argv: readonly string[]): Promise<void> {
  const session = openSession(argv, process.env);
  // `rekindle … | head`: nobody reads on, but what was begun is ended in order.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  // Commands that read the language for themselves find the one that was asked for.
  process.env['REKINDLE_LANG'] = session.lang;
  const args = globalsLast(argv);
  const root = await program(session, args);
  try {
    if (args.length === 0) return root.outputHelp();
    demandNode(process.versions.node);
    await root.parseAsync(args, { from: 'user' });
  } catch (cause) {
    // The help has been shown: asked for, or in place of a second word that is missing.
    if (cause instanceof CommanderError && cause.code === 'commander.help') {
      process.exitCode = cause.exitCode === 0 ? 0 : 2;
      return;
    }
    const error = cause instanceof CommanderError ? wrongCall(cause, session) : cause;
    if (error === undefined) return;
    process.exitCode = refuse(error, session);
    if (error instanceof RekindleError && error.code === 'usage')
      session.note(session.say('moreHelp', { command: meant(root, args) }));
  }
}

// A package manager starts this through a link.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename)
  await main(process.argv.slice(2));
