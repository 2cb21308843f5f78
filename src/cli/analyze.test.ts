// The command through its own path: the project's public figures, what `--json` is, what is left behind, and refusals.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataFile, hasData } from '../../test/support/public-data.ts';
import { RekindleError } from '../kernel/errors.ts';
import type { Analysis } from '../prove/reports/analysis.ts';
import { analyze, analyzeCommand, type Output } from './analyze.command.ts';

let folder: string;
let temporary: string;
const outside = process.env['TMPDIR'];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-analyze-'));
  temporary = mkdtempSync(join(tmpdir(), 'rekindle-analyze-tmp-'));
  process.env['TMPDIR'] = temporary;
});
afterAll(() => {
  if (outside === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = outside;
  for (const each of [folder, temporary]) rmSync(each, { recursive: true, force: true });
});

function recorder(): { readonly output: Output; readonly text: () => string } {
  let written = '';
  return {
    output: {
      write: (text) => void (written += text),
      progress: () => {},
      width: 100,
      hasColour: false,
      showsProgress: false,
    },
    text: () => written,
  };
}

async function run(...args: readonly string[]): Promise<string> {
  const { output, text } = recorder();
  await analyzeCommand(() => output)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parseAsync(args, { from: 'user' });
  expect(readdirSync(temporary)).toEqual([]);
  return text();
}

const refusal = async (...args: readonly string[]): Promise<RekindleError> => {
  try {
    await run(...args);
  } catch (error) {
    expect(readdirSync(temporary)).toEqual([]);
    if (error instanceof RekindleError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

/** Fifty people; one of them, `${hostile}`, ordered on two days and fell silent. */
function orderFile(name: string, hostile: string): string {
  const path = join(folder, name);
  const rows = Array.from({ length: 49 }, (_, i) => `p${i},2025-0${1 + (i % 6)}-1${i % 10},${10 + i}.50`);
  const quoted = `"${hostile.replaceAll('"', '""')}"`;
  writeFileSync(
    path,
    ['customer,date,amount', ...rows, `${quoted},2025-01-05,99.00`, `${quoted},2025-01-09,101.00`, ''].join('\n'),
  );
  return path;
}

describe.skipIf(!hasData('cdnow_master.csv'))('CDNOW (skipped where ../shared/data is absent)', () => {
  test('as of 1997-12-30, window 90, horizon 91: screen, JSON and report', async () => {
    const out = join(folder, 'cdnow.html');
    const args = [dataFile('cdnow_master.csv'), '--as-of', '1997-12-30', '--window', '90', '--horizon', '91'];
    const screen = await run(...args, '--no-report', '--lang', 'en');
    expect(screen).toMatch(/People seen +23,570 /);
    expect(screen).toMatch(/Dormant +19,397 /);
    expect(screen).toMatch(/Returned +9\.744%/);
    const json: unknown = JSON.parse(await run(...args, '--out', out, '--json'));
    expect(json).toMatchObject({
      windowDays: 90,
      reportPath: out,
      picture: { people: 23_570, dormantPeople: 19_397, horizonDays: 91, asOf: '1997-12-30' },
    });
    const page = readFileSync(out, 'utf8');
    for (const figure of ['23,570', '19,397', '9.74%']) expect(page).toContain(figure);
  });
});

describe.skipIf(!hasData('online_retail_1.csv.gz'))('Online Retail (skipped where ../shared/data is absent)', () => {
  test('as of 2011-09-08, window 60, horizon 92', async () => {
    const args = ['--as-of', '2011-09-08', '--window', '60', '--horizon', '92', '--no-report', '--lang', 'en'];
    const screen = await run(dataFile('online_retail_1.csv.gz'), ...args);
    expect(screen).toContain('397,884 kept');
    expect(screen).toContain('4,338 people');
    expect(screen).toMatch(/People seen +3,362 /);
    expect(screen).toMatch(/Dormant +1,862 /);
    expect(screen).toMatch(/Returned +44\.683%/);
  });
});

describe('analyze', () => {
  test('--json is the structure the screen and the report are made of', async () => {
    const { output, text } = recorder();
    const path = orderFile('json.csv', 'ada');
    const found: Analysis = await analyze(
      [path],
      { preset: 'shop', timeZone: 'UTC', report: false, json: true, lang: 'en' },
      output,
    );
    expect(JSON.parse(text())).toEqual(structuredClone(found));
    expect(found.picture.people).toBe(50);
    expect(found.picture.asOf).toBe(found.dataUntil);
    expect(found.picture.model.returns.kind).toBe('none');
  });

  test('an id that is markup, or a terminal command, stays text', async () => {
    const hostile = '</script><img src=x onerror=alert(1)>';
    const out = join(folder, 'hostile.html');
    await run(orderFile('hostile.csv', hostile), '--out', out);
    const page = readFileSync(out, 'utf8');
    expect(page).not.toContain('<img');
    expect(page.match(/<\/script>/g)).toHaveLength(1);
  });

  test('a file of logins has no money in it', async () => {
    const path = join(folder, 'logins.jsonl');
    const line = (i: number) =>
      JSON.stringify({
        userId: `u${i % 7}`,
        event: 'Signed In',
        timestamp: `2025-03-${String(1 + (i % 28)).padStart(2, '0')}T10:00:00Z`,
      });
    writeFileSync(path, Array.from({ length: 60 }, (_, i) => line(i)).join('\n'));
    const screen = await run(path, '--preset', 'social', '--no-report', '--lang', 'en');
    expect(screen).toContain('The activity carries no amounts');
    expect(screen).not.toContain('$');
  });

  test('of amounts in several currencies only those in one are money', async () => {
    const path = join(folder, 'currencies.csv');
    const rows = Array.from(
      { length: 60 },
      (_, i) => `p${i % 30},2025-0${1 + (i % 6)}-1${i % 10},10,${i % 3 === 0 ? 'USD' : 'EUR'}`,
    );
    writeFileSync(path, ['customer,date,amount,currency', ...rows, ''].join('\n'));
    const told = async (...more: readonly string[]) => JSON.parse(await run(path, '--json', ...more)) as Analysis;
    const { currency, picture } = await told();
    expect(currency).toMatchObject({ code: 'EUR', mixed: ['EUR', 'USD'] });
    // Forty orders in euros, twenty in dollars, of ten each; whoever paid in dollars came all the same.
    expect([picture.spentCents, picture.people]).toEqual([40_000, 30]);
    expect((await told('--currency', 'USD')).picture.spentCents).toBe(20_000);
    expect(await run(path)).toMatch(/only those in EUR count as money/);
    expect(await refusal(path, '--currency', 'JPY')).toMatchObject({
      code: 'invalid',
      details: { where: '--currency' },
    });
  });

  test('the preset window is used where none is given, and both languages are spoken', async () => {
    const path = orderFile('zh.csv', 'ada');
    expect(await run(path, '--no-report', '--lang', 'zh', '--currency', 'CNY')).toContain('当前窗口：90 天');
    expect(await run(path, '--no-report', '--lang', 'en')).toContain('Window in use: 90 days');
  });
});

describe('refusals are one sentence and leave nothing behind', () => {
  test('a missing file', async () => {
    const error = await refusal(join(folder, 'absent.csv'), '--no-report');
    expect(error).toMatchObject({ code: 'file_missing', exit: 3 });
  });
  test('an empty file', async () => {
    const path = join(folder, 'empty.csv');
    writeFileSync(path, '');
    expect(await refusal(path, '--no-report')).toMatchObject({ code: 'file_empty', exit: 3 });
  });
  test('a gzip that ends early', async () => {
    const path = join(folder, 'cut.csv.gz');
    const whole = gzipSync(readFileSync(orderFile('whole.csv', 'ada')));
    writeFileSync(path, whole.subarray(0, whole.length - 40));
    expect(await refusal(path, '--no-report')).toMatchObject({ code: 'file_truncated', exit: 3 });
  });
  test('columns that say nothing, and no report of them', async () => {
    const path = join(folder, 'wrong.csv');
    const out = join(folder, 'wrong.html');
    writeFileSync(path, 'colour,weight\nred,heavy\nblue,light\n');
    const error = await refusal(path, '--out', out);
    expect(error).toMatchObject({ code: 'columns_unclear', exit: 3 });
    expect(error.message).toContain('--map');
    expect(existsSync(out)).toBe(false);
  });
  test('a day before the data', async () => {
    const error = await refusal(orderFile('early.csv', 'ada'), '--as-of', '2001-01-01', '--no-report');
    expect(error).toMatchObject({ code: 'not_enough_data', exit: 3 });
  });
  test('a preset whose activity does not occur names what does', async () => {
    const error = await refusal(orderFile('preset.csv', 'ada'), '--preset', 'content', '--no-report');
    expect(error.message).toContain('"Order Completed"');
  });
  test('a report that would overwrite its input, or stand in no folder', async () => {
    const path = orderFile('own.csv', 'ada');
    expect(await refusal(path, '--out', path)).toMatchObject({ code: 'usage', exit: 2 });
    expect(await refusal(path, '--out', join(folder, 'no', 'such', 'r.html'))).toMatchObject({ code: 'file_missing' });
  });
  test.each([
    ['--as-of', '2025-02-30'],
    ['--window', '1'],
    ['--horizon', '1.5'],
    ['--currency', 'XXZ'],
    ['--preset', 'zoo'],
    ['--time-zone', 'Mars/Base'],
  ])('%s %s', async (option, value) => {
    await expect(run('orders.csv', option, value)).rejects.toThrow(/invalid/);
  });
});

test('an interrupted run removes its folder and ends by the signal', async () => {
  const script = `
    import { systemClock } from '${join(import.meta.dirname, '../kernel/clock.ts')}';
    import { withScratchStore } from '${join(import.meta.dirname, '../scratch.ts')}';
    await withScratchStore(systemClock, async () => { console.log('ready'); await new Promise((resolve) => setTimeout(resolve, 30_000)); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(readdirSync(temporary)).toHaveLength(1);
  child.kill('SIGINT');
  const endedBy = await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  expect(endedBy).toBe('SIGINT');
  expect(readdirSync(temporary)).toEqual([]);
});
