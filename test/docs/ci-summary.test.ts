// The last line of CI is what people read: it must count what failed, also what never ran, and stand there whatever dies.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const CI = join(import.meta.dirname, '../../.ci');
const LAST = /^\d+ passed, \d+ failed, \d+ skipped$/;

type Event = Readonly<Record<string, unknown>>;
type Summary = { readonly last: string; readonly status: number | null; readonly text: string };

const lastOf = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
const OVER: Event = { event: 'over', errors: [] };
const began = (name?: string): Event => ({ event: 'began', file: 'a.test.ts', name });
const test = (state: string, more: Event = {}): Event => ({
  event: 'test',
  file: 'a.test.ts',
  name: 'x',
  state,
  retries: 0,
  ...(state === 'failed' ? { why: 'Error: expected 1\n    at x.ts:1' } : {}),
  ...more,
});
const ended = (state: string, why?: string): Event => ({ event: 'ended', file: 'a.test.ts', state, why });

function summary(steps: string, tests: readonly Event[] | undefined, browser: readonly Event[] = [OVER]): Summary {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-summary-'));
  const write = (file: string, events: readonly Event[]): void =>
    writeFileSync(join(folder, file), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  writeFileSync(join(folder, 'steps.tsv'), steps);
  if (tests !== undefined) write('tests.jsonl', tests);
  write('e2e.jsonl', browser);
  const { stdout, status } = spawnSync(process.execPath, [join(CI, 'summary.mjs'), folder], { encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  return { last: lastOf(stdout), status, text: stdout };
}

it('adds tests and steps', () =>
  expect(
    summary('passed\tlint\npassed\tbuild\n', [test('passed'), test('skipped'), test('pending'), ended('passed'), OVER]),
  ).toMatchObject({ last: '3 passed, 0 failed, 2 skipped', status: 0 }));
it('fails for a failed test, and for a failed step', () => {
  expect(summary('', [test('passed'), test('failed'), ended('failed'), OVER])).toMatchObject({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
  expect(summary('failed\tlint\n', [test('passed'), OVER])).toMatchObject({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
});
it('fails for a file that cannot be loaded, for an error outside of every test, and for tests that left no results', () => {
  expect(summary('', [began(), ended('failed', 'no such module'), OVER])).toMatchObject({
    last: '0 passed, 1 failed, 0 skipped',
    status: 1,
  });
  expect(summary('', [test('passed'), { event: 'over', errors: ['Error: nobody waited'] }])).toMatchObject({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
  expect(summary('', [test('passed'), OVER, { event: 'exit', status: 1 }])).toMatchObject({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
  expect(summary('passed\tnpm ci\n', undefined)).toMatchObject({ last: '1 passed, 1 failed, 0 skipped', status: 1 });
});
it('counts what a run that died had found, and says what was running', () => {
  const { last, text } = summary('', [began(), began('x'), test('passed'), began('y'), { event: 'exit', status: 124 }]);
  expect(last).toBe('1 passed, 1 failed, 0 skipped');
  expect(text).toContain('npm test (it did not end)\n  was running: a.test.ts > y\n');
});
it('counts what ran in the browser, repeats why something failed, and does not hide what passed only when tried again', () => {
  const { last, status, text } = summary(
    '',
    [test('passed'), OVER],
    [test('passed', { retries: 1 }), test('failed'), OVER],
  );
  expect({ last, status }).toEqual({ last: '2 passed, 1 failed, 0 skipped', status: 1 });
  expect(text).toContain('failed: a.test.ts: x\n  Error: expected 1');
  expect(text).toContain('passed only when it was tried again: a.test.ts: x');
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a run', () => {
  const root = mkdtempSync(join(tmpdir(), 'rekindle-run-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'node_modules'));
  cpSync(CI, join(root, '.ci'), { recursive: true });
  for (const tool of ['chromium', 'initdb']) writeFileSync(join(root, 'bin', tool), '', { mode: 0o755 });
  /** What `npm` does when it is asked for a step. */
  const behave = (script: string): void =>
    writeFileSync(join(root, 'bin/npm'), `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
  const start = () =>
    spawn(join(root, '.ci/run'), [], {
      env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const outputOf = async (running: ReturnType<typeof start>): Promise<string> => {
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(running, 'close');
    return said;
  };

  it('ends with the totals when a step kills itself', async () => {
    behave('case "$*" in *lint*) kill -KILL $$ ;; *) exit 0 ;; esac');
    const said = await outputOf(start());
    expect(said).toMatch(/-- npm run lint: (?:failed|ended) after/);
    // Nine steps of which one died; neither of the two runs of tests left results.
    expect(lastOf(said)).toBe('8 passed, 3 failed, 0 skipped');
  });

  it('ends with the totals when it is told to end in the middle, and leaves nothing running', async () => {
    const mark = join(root, 'left');
    behave(`case "$*" in
      'test --'*) printf '{"event":"began","file":"a.test.ts","name":"hangs"}\\n' >>"$REKINDLE_RESULTS"; (echo $BASHPID >${mark}; sleep 600; echo late) ;;
      *) exit 0 ;;
    esac`);
    const running = start();
    const said = outputOf(running);
    await expect.poll(() => existsSync(mark) && readFileSync(mark, 'utf8').trim()).toMatch(/^\d+$/);
    running.kill('SIGTERM');
    const text = await said;
    expect(text).toContain('was running: a.test.ts > hangs');
    expect(lastOf(text)).toBe('9 passed, 2 failed, 0 skipped');
    const left = Number(readFileSync(mark, 'utf8'));
    await expect.poll(() => isAlive(left)).toBe(false);
  });

  it('runs crash tests beside the checks, prints what they said, and ends them too when it is told to end', async () => {
    const mark = join(root, 'beside');
    behave(`[ "$CRASH_ONLY" = workers ] && { echo "seed 7"; echo $BASHPID >${mark}; exec sleep 600; }
      case "$*" in *demo*) sleep 600 ;; *) exit 0 ;; esac`);
    const running = start();
    const said = outputOf(running);
    await expect.poll(() => existsSync(mark) && readFileSync(mark, 'utf8').trim()).toMatch(/^\d+$/);
    running.kill('SIGTERM');
    const told = await said;
    expect(told).toContain('failed: npm run test:crash (two workers) (it was told to end)');
    expect(lastOf(told)).toMatch(LAST);
    const left = Number(readFileSync(mark, 'utf8'));
    await expect.poll(() => isAlive(left)).toBe(false);

    behave(`[ "$CRASH_ONLY" = workers ] && echo "seed 7"; exit 0`);
    const whole = await outputOf(start());
    expect(whole).toMatch(/which ran beside\nseed 7\n-- npm run test:crash \(two workers\): \d+ s\n/);
    expect(lastOf(whole)).toBe('9 passed, 2 failed, 0 skipped');
  });

  it('ends with totals where there is no Node', async () => {
    behave('exit 0');
    writeFileSync(join(root, 'bin/node'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    const text = await outputOf(start());
    rmSync(join(root, 'bin/node'));
    expect(lastOf(text)).toMatch(LAST);
    expect(lastOf(text)).toBe('0 passed, 1 failed, 0 skipped');
  });
});
