// The command line as people meet it: child processes on a data folder of their own, with a server on a free port that holds it or without.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyRecords } from './records-template.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

type Environment = Readonly<Record<string, string>>;

type Commands = {
  readonly start: (args: readonly string[], env?: Environment) => ChildProcess;
  /** Resolves when the command has ended, whatever its code. */
  readonly run: (args: readonly string[], env?: Environment) => Promise<Ended>;
};

/** Commands in `folder`, whose data folder is `data` in it. */
export function commandsIn(folder: string): Commands {
  const start: Commands['start'] = (args, env = {}) => {
    const { PATH = '', HOME = '' } = process.env;
    return spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { PATH, HOME, REKINDLE_DATA_DIR: join(folder, 'data'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  return {
    start,
    run: async (args, env) => {
      const child = start(args, env);
      let [out, err] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out, err };
    },
  };
}

export type RunningCli = {
  readonly folder: string;
  readonly url: string;
  readonly run: Commands['run'];
  readonly close: () => Promise<void>;
};

export async function startCli(): Promise<RunningCli> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-cli-'));
  const { start, run } = commandsIn(folder);
  await copyRecords(join(folder, 'data'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => probe.close(resolve));
  const server = start(['serve', '--port', String(port)]);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (said.includes(`:${port}/console/`)) resolve();
    };
    server.stdout?.on('data', hear);
    server.stderr?.on('data', hear);
    server.once('close', () => reject(new Error(said)));
  });
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    run,
    close: async () => {
      if (server.exitCode === null) {
        server.kill('SIGTERM');
        await once(server, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
