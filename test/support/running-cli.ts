// The command line as people meet it: a server of its own on a free port and a temporary folder, and commands that find it there.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

export type RunningCli = {
  readonly folder: string;
  readonly url: string;
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly close: () => Promise<void>;
};

export async function startCli(): Promise<RunningCli> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-cli-'));
  const start = (args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess => {
    const { PATH = '', HOME = '' } = process.env;
    return spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { PATH, HOME, REKINDLE_DATA_DIR: join(folder, 'data'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => probe.close(resolve));
  const server = start(['serve', '--port', String(port)], {});
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
    run: async (args, env = {}) => {
      const child = start(args, env);
      let [out, err] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
      child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out, err };
    },
    close: async () => {
      if (server.exitCode === null) {
        server.kill('SIGTERM');
        await once(server, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
