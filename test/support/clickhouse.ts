// Starts the ClickHouse HTTP front as a process of its own over a temporary folder.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type ClickhouseServer = { readonly url: string; readonly stop: () => Promise<void> };

export async function startClickhouse(): Promise<ClickhouseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-clickhouse-'));
  const script = join(import.meta.dirname, 'clickhouse-front.ts');
  const child = spawn(process.execPath, [script, '--port', '0', '--data', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    void ended.then(() => reject(new Error('the ClickHouse front ended before it was ready')));
  });
  return {
    url,
    stop: async () => {
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
