// The command line as people meet it: child processes on a data folder of their own, with and without a server that holds it.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandsIn, type Ended } from '../../test/support/running-cli.ts';
import { takeDataFolder } from '../stores/data-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekindle-cli-'));
const dataDir = join(folder, 'data');
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const { start, run: rekindle } = commandsIn(folder);

/** Every process that opens the stores costs seconds, more on a busy machine. */
const SLOW_MS = 240_000;

const json = (ended: Ended): Record<string, unknown> => JSON.parse(ended.out) as Record<string, unknown>;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('help and wrong calls', () => {
  it('speaks both languages, and opens nothing', async () => {
    const [en, zh] = await Promise.all([rekindle(['--help']), rekindle(['import', '--help'], { LANG: 'zh_CN.UTF-8' })]);
    expect(en).toMatchObject({ code: 0, err: '' });
    for (const name of ['serve', 'import', 'policy', 'programme', 'person', 'doctor', 'keys'])
      expect(en.out).toContain(`  ${name} `);
    expect(en.out).toContain('Examples:');
    expect(zh.out).toMatch(/用法：.*--map.*示例：.*全局选项|用法：[^]*--map[^]*示例：/);
    expect(existsSync(dataDir)).toBe(false);
  });
  it('shows a command’s own help where its second word is missing', async () => {
    const [bare, asked] = await Promise.all([rekindle(['policy']), rekindle(['help', 'policy'])]);
    expect(bare).toMatchObject({ code: 2, out: '' });
    expect(bare.err).toContain('presets');
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toContain('presets');
  });
  it('takes the options of every command in front of it, too', async () => {
    const ended = await rekindle(['--json', '--lang', 'zh', 'import']);
    expect(ended.code).toBe(2);
    expect(json(ended)).toMatchObject({ problem: { code: 'usage', title: '缺少参数 file。' } });
  });
  it.each([
    [['polici'], {}, 'There is no command polici.'],
    [['policy', 'show'], {}, 'The argument policy is missing.'],
    [['policy', 'list', '--speed'], {}, 'There is no option --speed.'],
    [['import', 'a.csv', '--map'], { LC_ALL: 'zh_CN' }, '需要一个值'],
    [['keys', 'create', 'both', '--lang', 'zh'], {}, '密钥类型为 write 或 secret'],
    [['person', 'erase', 'ada'], {}, 'Add --yes'],
    [['analyze', 'a.csv', '--window', 'x'], {}, 'whole number of days'],
  ] as const)('%j is exit code 2', async (args, env, words) => {
    const ended = await rekindle(args, env);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(words);
    expect(ended.err).not.toMatch(/^ {4}at /m);
  });
});

describe('without a server', () => {
  it('imports, and adds nothing the second time', { timeout: SLOW_MS }, async () => {
    const days = ['2025-01-05', '2025-02-10', '2025-03-20'];
    const lines = days.flatMap((day, i) => [
      `ada,${day},${10 + i}.50,ada@example.com`,
      `玲,${day},${20 + i},ling@example.com`,
    ]);
    const orders = file('orders.csv', `customer_id,order_date,amount,email\n${lines.join('\n')}\n`);

    const dry = await rekindle(['import', orders, '--dry-run', '--json']);
    expect(dry.code).toBe(0);
    expect(json(dry)).toMatchObject({
      plans: [{ kind: 'orders', columns: ['customer_id', 'order_date', 'amount', 'email'] }],
    });

    const first = await rekindle(['import', orders, '--yes', '--lang', 'zh']);
    expect(first.out).toContain('新增 6 个事件');
    expect(first.err).toContain('前几行的解读');
    expect(json(await rekindle(['import', orders, '--json']))).toMatchObject({
      results: [{ events: { added: 0, known: 6 } }],
    });
  });

  it('counts, explains, saves and exports a segment; a misspelt event is refused', { timeout: SLOW_MS }, async () => {
    const buyers = { kind: 'did', event: 'Order Completed', times: 2 };
    const who = file('who.json', JSON.stringify({ segmentId: 'buyers', name: 'Buyers', segment: buyers }));
    expect(json(await rekindle(['segment', 'count', who, '--json']))).toMatchObject({ people: 2, of: 2 });
    const explained = await rekindle(['segment', 'explain', who, '--lang', 'zh']);
    expect(explained.out).toContain('历史上至少 2 次“Order Completed”');
    expect((await rekindle(['segment', 'create', who])).out).toContain('Segment buyers is saved as version 1.');
    const exported = await rekindle(['segment', 'export', 'buyers', '--format', 'csv']);
    expect(exported.out.split('\r\n').toSorted()).toEqual(['', 'ada', 'person_id', '玲']);
    const wrong = file('wrong.json', JSON.stringify({ ...buyers, event: 'Order Complet' }));
    const refused = await rekindle(['segment', 'count', wrong]);
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toContain('did you mean "Order Completed"?');
  });

  it(
    'refuses bad files with what, where and exit code 3, and a problem where JSON was asked for',
    { timeout: SLOW_MS },
    async () => {
      const [odd, broken] = [file('odd.csv', 'a,b\n1,2\n3,4\n'), file('broken.json', '{"programmeId": }')];
      const unclear = await rekindle(['import', odd, '--json']);
      expect(unclear.code).toBe(3);
      expect(json(unclear)).toMatchObject({ problem: { code: 'columns_unclear', exit: 3, path: odd } });
      expect(unclear.err).toContain('--map');
      const unreadable = await rekindle(['programme', 'create', broken]);
      expect(unreadable.code).toBe(3);
      expect(unreadable.err).toContain(broken);
      const invalid = await rekindle(['programme', 'create', file('p.json', '{"programmeId":"x","colour":"red"}')]);
      expect(invalid.code).toBe(3);
      expect(invalid.err).toContain('programme.');
    },
  );

  it('names who holds the folder when that process serves nobody', async () => {
    const held = join(folder, 'held');
    const lock = takeDataFolder(held);
    const ended = await rekindle(['policy', 'list'], { REKINDLE_DATA_DIR: held });
    lock.release();
    expect(ended).toMatchObject({ code: 4, out: '' });
    expect(ended.err).toContain(`process ${process.pid}`);
  });

  it('tells the doctor’s findings, and leaves no folder behind', { timeout: SLOW_MS }, async () => {
    const fresh = join(folder, 'fresh');
    const fine = await rekindle(['doctor', '--json'], { REKINDLE_DATA_DIR: fresh });
    expect(fine.code).toBe(0);
    expect((json(fine)['checks'] as { level: string }[]).some((check) => check.level === 'warn')).toBe(true);
    expect(existsSync(fresh)).toBe(false);
    const down = await rekindle(['doctor'], {
      REKINDLE_DATA_DIR: fresh,
      REKINDLE_SMTP_URL: 'smtp://127.0.0.1:1',
      REKINDLE_DKIM_DOMAIN: 'shop.example',
      REKINDLE_DKIM_KEY_FILE: join(folder, 'orders.csv'),
    });
    expect(down.code).toBe(5);
    expect(down.out).toMatch(/fail +Mail server +.*127\.0\.0\.1:1/);
    expect(down.out).toMatch(/fail +DKIM key/);
  });
});

describe('with a server', () => {
  it('steers it while it runs, ingests, and lets it end in order', { timeout: SLOW_MS }, async () => {
    const server = start(['serve', '--port', '0', '--brand', 'Lumen', '--json']);
    const closed = once(server, 'close') as Promise<[number | null]>;
    const [line] = (await once(server.stdout!, 'data')) as [Buffer];
    const said = JSON.parse(line.toString('utf8')) as { url: string; writeKey: string };
    const holder = JSON.parse(readFileSync(join(dataDir, 'holder.json'), 'utf8')) as { url: string; secret: string };
    expect(holder.url).toBe(said.url);

    const tracked = await fetch(`${said.url}/v1/track`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${said.writeKey}:`).toString('base64')}` },
      body: JSON.stringify({ userId: 'bob', event: 'Order Completed', messageId: 'm1', properties: { revenue: 5 } }),
    });
    expect(await tracked.json()).toMatchObject({ success: true, added: 1 });
    expect((await fetch(`${said.url}/api/business`)).status).toBe(401);

    expect((await rekindle(['policy', 'create', 'shop', '--window', '60'])).out).toContain('dormant after 60 days');
    const evaluated = await rekindle(['policy', 'evaluate', 'shop']);
    // Bob has been seen today: he is new, as soon as the minute’s look has been.
    expect(evaluated.out).toMatch(/Lost +2 +(?:100\.0|66\.7)%/);
    const preview = await rekindle([
      'policy',
      'preview',
      'shop',
      '--as-of',
      '2025-07-01',
      '--window',
      '7',
      '--lang',
      'zh',
    ]);
    expect(preview.out).toContain('2 人中有 2 人休眠');

    const why = await rekindle(['person', 'why', '玲']);
    expect(why).toMatchObject({ code: 0 });
    expect(why.out).toContain('never agreed to marketing');
    expect(json(await rekindle(['person', 'erase', '玲', '--yes', '--json']))).toMatchObject({
      erased: true,
      events: 3,
    });
    expect(await rekindle(['person', 'show', '玲', '--lang', 'zh'])).toMatchObject({
      code: 3,
      out: '',
      err: '找不到用户 玲。\n',
    });

    const programme = file(
      'win-back.json',
      JSON.stringify({
        programmeId: 'win-back',
        name: 'Win back',
        audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
        entry: { mode: 'once' },
        controlShare: 0.2,
        steps: [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'question' }] }],
        goal: { withinDays: 28 },
      }),
    );
    expect((await rekindle(['programme', 'create', programme])).out).toContain('rekindle programme start win-back');
    expect((await rekindle(['programme', 'start', 'win-back'])).out).toContain('win-back is running');
    expect(await rekindle(['programme', 'start', 'win-back'])).toMatchObject({ code: 3 });
    const report = await rekindle(['programme', 'report', 'win-back', '--lang', 'zh']);
    expect(report).toMatchObject({ code: 0, err: '' });
    expect(report.out).toContain('人数不足');
    const imported = await rekindle(['import', join(folder, 'orders.csv'), '--yes', '--json']);
    expect(json(imported)).toMatchObject({ results: [{ rowsRead: 6 }] });
    expect((await rekindle(['doctor'])).out).toContain(said.url);
    expect((await rekindle(['person', 'find', 'bob'])).out).toContain('bob');

    server.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect(existsSync(join(dataDir, 'holder.json'))).toBe(false);
    expect((await rekindle(['policy', 'list'])).code).toBe(0);
  });
});
