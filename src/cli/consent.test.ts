// `rekindle consent` as people meet it: list, grant, withdraw and the export of proofs, in both languages and as JSON, through a server that runs.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const SLOW_MS = 240_000;
let folder: string;
let server: ChildProcess;

const start = (args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess => {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH, HOME, REKINDLE_DATA_DIR: join(folder, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
};
type Ended = { readonly code: number | null; readonly out: string; readonly err: string };
async function consent(line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = start(['consent', ...line.split(' ')], env);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
const ZH = { LANG: 'zh_CN.UTF-8' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-consent-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => probe.close(resolve));
  server = start(['serve', '--port', String(port)], {});
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
}, SLOW_MS);
afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

it('lists, grants, withdraws and exports the proofs', { timeout: SLOW_MS }, async () => {
  const file = join(folder, 'audience.csv');
  writeFileSync(
    file,
    'Email Address,OPTIN_TIME,status\nmia@example.com,2026-01-01 10:00:00,subscribed\nbob@example.com,,unsubscribed\n',
  );
  const imported = await consent(`import ${file} --source mailchimp`);
  expect(imported).toMatchObject({ code: 0, err: '' });
  expect(imported.out).toMatch(/1 opt-outs put on the suppression list, 1 consents recorded/);

  // Granted with what proves it; then both languages show it.
  const granted = await consent('grant mia@example.com sms --basis express --source paper --proof form=A-17 --json');
  expect(granted).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(granted.out)).toEqual({ personId: 'mia@example.com', channel: 'sms', recorded: 1 });
  expect(await consent('grant mia@example.com web_push --basis express', ZH)).toMatchObject({
    code: 0,
    out: '已记录：mia@example.com 同意 web_push。\n',
  });
  const [en, zh] = [await consent('list mia@example.com'), await consent('list mia@example.com', ZH)];
  expect(en.out).toMatch(/^On +Channel +Purpose +Status +Ground +Words +Source and proof\n/);
  expect(en.out).toMatch(/email +marketing +granted +imported .*mailchimp/);
  expect(en.out).toMatch(/sms +marketing +granted +express .*paper \{"form":"A-17"\}/);
  expect(zh.out).toMatch(/^日期 +渠道 +目的 +状态 +依据 +文本 +来源与证明\n/);

  // Withdrawn: the last word is the withdrawal, and nothing before it is gone.
  expect(await consent('withdraw mia@example.com sms --proof call=9')).toMatchObject({
    code: 0,
    out: 'Recorded: mia@example.com withdrew from sms; 0 planned messages stopped.\n',
  });
  const listed = JSON.parse((await consent('list mia@example.com --json')).out) as {
    proofs: { channel: string; status: string; proof: object; basis: string }[];
  };
  expect(listed.proofs.filter(({ channel }) => channel === 'sms').map((each) => [each.status, each.proof])).toEqual([
    ['granted', { form: 'A-17' }],
    ['withdrawn', { call: '9' }],
  ]);

  // Out again, as lines and as a table.
  const lines = join(folder, 'proofs.ndjson');
  expect(JSON.parse((await consent(`export --out ${lines} --json`)).out)).toEqual({ path: lines, proofs: 5 });
  const proofs = readFileSync(lines, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { personId: string; email: string });
  expect(new Set(proofs.map(({ personId }) => personId))).toEqual(new Set(['mia@example.com', 'bob@example.com']));
  const table = join(folder, 'proofs.csv');
  const exported = await consent(`export --out ${table} --email mia@example.com`, ZH);
  expect(exported).toMatchObject({ code: 0, out: `已将 4 条证明写入 ${table}。\n` });
  const [head, ...rows] = readFileSync(table, 'utf8')
    .replace(/^\ufeff/, '')
    .trim()
    .split('\r\n');
  expect(head).toMatch(/^consentId,personId,email,phone,channel,purpose,status,basis/);
  expect(rows).toHaveLength(4);

  // What is wrong is said, and nothing is recorded.
  expect(await consent('grant nobody email --basis express')).toMatchObject({ code: 3, out: '' });
  expect(await consent('grant mia@example.com pigeon --basis express')).toMatchObject({ code: 3 });
  expect(await consent('grant mia@example.com email')).toMatchObject({ code: 2 });
  expect((await consent('grant mia@example.com email --basis express --proof form', ZH)).err).toContain('名称=值');
  expect((JSON.parse((await consent('list mia@example.com --json')).out) as typeof listed).proofs).toHaveLength(4);
});
