// `rekindle consent` as people meet it: list, grant, withdraw and the export of proofs, in both languages and as JSON, through a server that runs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCli, type Ended, type RunningCli } from '../../test/support/running-cli.ts';

const SLOW_MS = 240_000;
let cli: RunningCli;
const consent = (line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  cli.run(['consent', ...line.split(' ')], env);
const ZH = { LANG: 'zh_CN.UTF-8' };

beforeAll(async () => {
  cli = await startCli();
}, SLOW_MS);
afterAll(() => cli?.close());

it('lists, grants, withdraws and exports the proofs', { timeout: SLOW_MS }, async () => {
  const { folder } = cli;
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
