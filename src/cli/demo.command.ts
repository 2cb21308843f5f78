// `rekindle demo`: the whole loop on a simulated shop, then the server with its data.
import { Command } from 'commander';
import type { DemoStep } from '../demo/demo.service.ts';
import { examples } from './examples.ts';
import { wholeNumber } from './input.ts';
import { progressOn } from './progress.ts';
import type { Session } from './session.ts';
import { renderPairs } from './table.ts';
import type { Word } from './words.ts';

type DemoFlags = { readonly exit?: true; readonly seed: string; readonly people: string; readonly port?: string };

const STEPS = {
  world: 'demoStepWorld',
  history: 'demoStepHistory',
  setup: 'demoStepSetup',
  weeks: 'demoStepWeeks',
  report: 'demoStepReport',
} as const satisfies Record<DemoStep, Word>;

const PEOPLE_MIN = 500;
const PEOPLE_MAX = 200_000;

export function demoCommand(session: Session): Command {
  const { say, env } = session;
  const demo = new Command('demo')
    .description(say('demo'))
    .option('--exit', say('demoExitOption'))
    .option('--seed <number>', say('demoSeedOption'), '7')
    .option('--people <number>', say('demoPeopleOption'), '20000')
    .option('--port <number>', say('portOption'))
    .action(async (flags: DemoFlags) => {
      const seed = wholeNumber(session, '--seed', flags.seed);
      const people = Math.min(PEOPLE_MAX, Math.max(PEOPLE_MIN, wholeNumber(session, '--people', flags.people)));
      const port = flags.port === undefined ? env['REKINDLE_PORT'] : String(wholeNumber(session, '--port', flags.port));
      const [{ runDemo }, { configOf }, { demoScreen, truthIsInside }, { logger, stopSignal }, { startWork }] =
        await Promise.all([
          import('../demo/demo.service.ts'),
          import('../config.ts'),
          import('./demo-screen.ts'),
          import('../main.ts'),
          import('../http/work.ts'),
        ]);
      const log = await logger(env);
      const config = configOf({ ...env, ...(port === undefined ? {} : { REKINDLE_PORT: port }) });
      const progress = progressOn(process.stderr);
      let shown: DemoStep | undefined;
      const running = await runDemo(config, {
        seed,
        people,
        log: (error) => log.error(error),
        onProgress: (step, share) => {
          // Where nothing can be drawn over, each step is said once.
          if (step !== shown && !process.stderr.isTTY) session.note(say(STEPS[step]));
          shown = step;
          progress.show(say(STEPS[step]), share);
        },
      });
      progress.done();
      const { result, server } = running;
      session.answer({ ...result, truthInsideInterval: truthIsInside(result) ?? null }, () =>
        demoScreen(result, session.lang, session.paint),
      );
      if (flags.exit) {
        await running.stop();
        return;
      }
      session.note(say('demoOpening'));
      const { shopUrl, consoleUrl } = await running.openDoors();
      const stopped = stopSignal();
      const work = await startWork(running.app, (error) => log.error(error));
      session.note(
        `\n${say('demoServing')}\n\n${renderPairs([
          [say('console'), consoleUrl],
          [say('demoShop'), shopUrl],
          [say('mailbox'), `${server.url}/mailbox`],
          [say('api'), `${server.url}/api/openapi.json`],
          [say('dataFolder'), running.app.config.dataDir],
        ])}\n\n  ${say('demoTry', { dir: running.app.config.dataDir })}`,
      );
      await stopped;
      session.note(say('stopping'));
      await work.stop();
      await running.stop();
      session.note(say('stopped'));
    });
  examples(demo, session, [
    'rekindle demo',
    'rekindle demo --exit',
    'rekindle demo --seed 11 --people 5000 --json --exit',
  ]);
  return demo;
}
