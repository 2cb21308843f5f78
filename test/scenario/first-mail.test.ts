// The README's five minutes, command by command as a newcomer types them, against a mail server of her own: it wants TLS and a password, and its
// certificate is its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseMail } from '../../src/reach/channels/email/sink.ts';
import { OWN_CERTIFICATE, startOwnMailServer, type OwnMailServer } from '../support/own-mail-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const ME = 'you@example.com';

let folder: string;
let server: OwnMailServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-first-mail-'));
  writeFileSync(join(folder, 'its.pem'), OWN_CERTIFICATE);
  server = await startOwnMailServer(ME, 'password');
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

function commandsOf(page: string, heading: RegExp): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const [, section = ''] = new RegExp(`### [^\\n]*(?:${heading.source})[^\\n]*\\n([\\s\\S]*?)\\n### `).exec(text) ?? [];
  return (/```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '').trim().split('\n');
}

/** Words of a command line, in quotes where they have spaces. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };
function start(words: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...words], {
    cwd: folder,
    env: { PATH, HOME, REKINDLE_LANG: 'en', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
async function run(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = start(words, env);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('lead to a lawful mail in one’s own mailbox, whose unsubscribe holds', { timeout: 600_000 }, async () => {
  const commands = commandsOf('README.md', /win-back mail to yourself/);
  expect(commandsOf('README.zh-CN.md', /给自己发一封/)).toEqual(commands);
  expect(commands).toHaveLength(5);
  const [install, exporting = '', ...rest] = commands;
  expect(install).toBe('npm install');
  const [, url = ''] = /^export REKINDLE_SMTP_URL='([^']+)'$/.exec(exporting) ?? [];
  expect(url).toBe('smtp://you%40example.com:password@smtp.example.com:587');
  const [doctor, send, serve] = rest.map((line) => wordsOf(/^npm run rekindle -- (.*)$/.exec(line)?.[1] ?? ''));
  const own = url.replace('smtp.example.com:587', `localhost:${server.port}`);
  // Credentials ask for TLS wherever the server is not this very machine; here it is asked for by name.
  const untrusted = { REKINDLE_SMTP_URL: `${own}?tls=require` };
  const trusted = { ...untrusted, NODE_EXTRA_CA_CERTS: join(folder, 'its.pem') };

  // What goes wrong on the way is told in words, and nothing leaves.
  const stranger = await run(doctor!, untrusted);
  expect(stranger.code).toBe(5);
  expect(stranger.out).toMatch(/fail +Mail server .*self-signed certificate.*NODE_EXTRA_CA_CERTS=/);
  const nameless = await run(['send-test', ME], trusted);
  expect([nameless.code, nameless.err]).toEqual([
    3,
    expect.stringContaining('Still default: brand, postalAddress, websiteUrl, fromAddress.') as string,
  ]);
  const wrong = await run(send!, { ...trusted, REKINDLE_SMTP_URL: trusted.REKINDLE_SMTP_URL.replace('password', 'x') });
  expect(wrong.code).toBe(5);
  expect(wrong.out).toMatch(/Not sent to you@example\.com: 535 5\.7\.8[^]*app password/);
  expect(server.mails).toEqual([]);

  // As the README has it.
  const well = await run(doctor!, trusted);
  expect(well.code).toBe(0);
  expect(well.out).toContain(`localhost:${server.port} takes us in`);
  // The port that is chosen for later is where the links of a mail lead that leaves before.
  const port = await freePort();
  const sent = await run(send!, { ...trusted, REKINDLE_PORT: String(port) });
  expect({ code: sent.code, err: sent.err }).toEqual({ code: 0, err: '' });
  expect(sent.out).toContain(`Sent to ${ME} through localhost:${server.port}.`);
  expect(server.mails.map(({ from, to }) => [from, to])).toEqual([[ME, ME]]);
  const mail = await parseMail(server.mails[0]!.raw);
  expect(mail.from).toMatchObject({ name: 'Lumen Goods', address: ME });
  expect(mail.subject).toBe('It has been a while, friend');
  for (const part of [mail.html, mail.text]) expect(part).toContain('1 Main Street, 12345 Town');
  const header = (key: string): string => mail.headers.find((each) => each.key === key)?.value ?? '';
  expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  const [, base, oneClick] = /<(http:[^>]*)(\/u\/[\w-]{40})>/.exec(header('list-unsubscribe')) ?? [];
  expect(base).toBe(`http://127.0.0.1:${port}`);
  expect(mail.html).toContain(oneClick);

  // While it serves, the link in the mail is the end of it.
  const serving = start(serve!, { ...trusted, REKINDLE_PORT: String(port) });
  try {
    const address = `http://127.0.0.1:${port}`;
    await expect
      .poll(
        () =>
          fetch(`${address}/mailbox`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 120_000 },
      )
      .not.toBe(0);
    const answer = await fetch(address + oneClick!, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    expect(answer.status).toBe(200);
    const again = await run(['send-test', ME], trusted);
    expect([again.code, again.err]).toEqual([3, expect.stringContaining('has withdrawn her consent') as string]);
    // What the server refuses is told in the language of the command.
    const inChinese = await run(['send-test', ME, '--lang', 'zh'], trusted);
    expect([inChinese.code, inChinese.err]).toEqual([3, expect.stringContaining(`${ME} 已撤回邮件同意`) as string]);
    // Another address of hers still gets one, by the server that runs.
    expect((await run(['send-test', 'other@example.com', '--mail-lang', 'zh', '--name', '梅'], trusted)).code).toBe(0);
  } finally {
    serving.kill('SIGTERM');
    await once(serving, 'close');
  }
  expect((await parseMail(server.mails.at(-1)!.raw)).subject).toBe('梅，好久不见');
  expect(server.mails).toHaveLength(2);
});
