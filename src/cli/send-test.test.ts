// `rekindle send-test --channel` through a server that runs: what it says depends on where the test went, not on how a provider names its messages.
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCli, type Ended, type RunningCli } from '../../test/support/running-cli.ts';

const SLOW_MS = 240_000;
const ZH = { LANG: 'zh_CN.UTF-8' };
let cli: RunningCli;
let gateway: Server;
let secret: string;
const texts: string[] = [];

const sendTest = (line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  cli.run(['send-test', ...line.split(' ')], env);
const call = async (method: string, path: string, body: object): Promise<void> => {
  const response = await fetch(`${cli.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
};

beforeAll(async () => {
  cli = await startCli();
  secret = (JSON.parse((await cli.run(['keys', 'create', 'secret', '--json'])).out) as { key: string }).key;
  gateway = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      texts.push(body);
      const isBroken = body.includes('13900139009');
      response.writeHead(isBroken ? 400 : 200).end(JSON.stringify({ id: 'sink:of-the-provider' }));
    });
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
}, SLOW_MS);
afterAll(async () => {
  await cli?.close();
  gateway?.closeAllConnections();
  await new Promise((resolve) => gateway?.close(resolve));
});

it('says whether a test left this machine, reached an inbox, or only the preview', { timeout: SLOW_MS }, async () => {
  const words = { personal: { text: 'hello' }, generic: { text: 'hello' } };
  await call('PUT', '/templates/short', { key: 'short', kind: 'sms', versions: { en: words, zh: words } });

  // Nothing is connected: with or without a template it lies in the preview mailbox.
  for (const template of ['', ' --template short']) {
    const sunk = await sendTest(`+8613900139001 --channel sms${template}`);
    expect(sunk).toMatchObject({ code: 0, err: '' });
    expect(sunk.out).toMatch(/^No account is connected for this channel/);
  }
  expect((await sendTest('+8613900139001 --channel sms --template short', ZH)).out).toMatch(/^该渠道未连接账号/);

  // An account is connected, whose message ids happen to begin as ours do in the preview.
  const address = gateway.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await call('PUT', '/channels/sms', {
    settings: {
      provider: 'http',
      signature: 'Shop',
      keySecret: 'k',
      http: {
        url: `http://127.0.0.1:${port}/sms`,
        headers: { Authorization: 'Bearer {{secret}}' },
        body: '{"to":"{{to}}","text":"{{text}}"}',
        success: { status: [200] },
        idPath: 'id',
      },
    },
  });
  for (const template of ['', ' --template short']) {
    const sent = await sendTest(`+8613900139001 --channel sms${template} --json`);
    expect(JSON.parse(sent.out)).toMatchObject({ outcome: { kind: 'sent' }, via: 'http' });
    expect(sent.code).toBe(0);
  }
  expect(texts).toHaveLength(2);
  const refused = await sendTest('+8613900139009 --channel sms --template short');
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.out).toMatch(/^Not sent to \+8613900139009: /);

  // In-app: into the inbox of somebody who is known.
  const file = join(cli.folder, 'people.csv');
  writeFileSync(file, 'Email Address,OPTIN_TIME,status\nmia@example.com,2026-01-01 10:00:00,subscribed\n');
  await cli.run(['consent', 'import', file, '--source', 'mailchimp']);
  const inApp = await sendTest('mia@example.com --channel in_app --json');
  expect(JSON.parse(inApp.out)).toMatchObject({ outcome: { kind: 'sent' }, via: 'inbox' });
  const nobody = await sendTest('nobody --channel in_app');
  expect([nobody.code, nobody.out]).toEqual([3, '']);
  expect(nobody.err).toContain('There is no person');
});
