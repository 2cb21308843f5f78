// The last line of CI is what people read: it must count what failed, also what never ran.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../.ci/summary.mjs');

type Summary = { readonly last: string; readonly status: number | null; readonly text: string };

const NO_TESTS = { testResults: [] };

function summary(steps: string | undefined, tests: object | undefined, browser: object = NO_TESTS): Summary {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-summary-'));
  if (steps !== undefined) writeFileSync(join(folder, 'steps.tsv'), steps);
  if (tests !== undefined) writeFileSync(join(folder, 'vitest.json'), JSON.stringify(tests));
  writeFileSync(join(folder, 'e2e.json'), JSON.stringify(browser));
  const { stdout, status } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  return { last: stdout.trimEnd().split('\n').at(-1) ?? '', status, text: stdout };
}

const file = (status: string, ...tests: string[]): object => ({
  name: 'a.test.ts',
  status,
  message: '',
  assertionResults: tests.map((one) => ({
    status: one,
    fullName: 'x',
    failureMessages: one === 'failed' ? ['Error: expected 1\n    at x.ts:1'] : [],
  })),
});

it('adds tests and steps', () =>
  expect(
    summary('passed\tlint\npassed\tbuild\n', { testResults: [file('passed', 'passed', 'pending', 'skipped', 'todo')] }),
  ).toMatchObject({
    last: '3 passed, 0 failed, 3 skipped',
    status: 0,
  }));
it('fails for a failed test, and for a failed step', () => {
  expect(summary('', { testResults: [file('failed', 'passed', 'failed')] })).toMatchObject({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
  expect(summary('failed\tlint\n', { testResults: [file('passed', 'passed')] })).toMatchObject({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
});
it('fails for a file that cannot be loaded, and for tests that left no results', () => {
  expect(summary('', { testResults: [file('failed')] })).toMatchObject({
    last: '0 passed, 1 failed, 0 skipped',
    status: 1,
  });
  expect(summary('passed\tnpm ci\n', undefined)).toMatchObject({ last: '1 passed, 1 failed, 0 skipped', status: 1 });
});
it('counts what ran in the browser, and repeats why something failed', () => {
  const { last, status, text } = summary(
    '',
    { testResults: [file('passed', 'passed')] },
    { testResults: [file('failed', 'passed', 'failed')] },
  );
  expect({ last, status }).toEqual({ last: '2 passed, 1 failed, 0 skipped', status: 1 });
  expect(text).toContain('failed: a.test.ts: x\n  Error: expected 1');
});
