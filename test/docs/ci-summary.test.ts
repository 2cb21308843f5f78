// The last line of CI is what people read: it must count what failed, also what never ran.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../.ci/summary.mjs');

function summary(steps: string | undefined, tests: object | undefined): { last: string; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-summary-'));
  if (steps !== undefined) writeFileSync(join(folder, 'steps.tsv'), steps);
  if (tests !== undefined) writeFileSync(join(folder, 'vitest.json'), JSON.stringify(tests));
  const { stdout, status } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  return { last: stdout.trimEnd().split('\n').at(-1) ?? '', status };
}

const file = (status: string, ...tests: string[]): object => ({
  name: 'a.test.ts',
  status,
  message: '',
  assertionResults: tests.map((one) => ({ status: one, fullName: 'x' })),
});

it('adds tests and steps', () =>
  expect(
    summary('passed\tlint\npassed\tbuild\n', { testResults: [file('passed', 'passed', 'pending', 'skipped', 'todo')] }),
  ).toEqual({
    last: '3 passed, 0 failed, 3 skipped',
    status: 0,
  }));
it('fails for a failed test, and for a failed step', () => {
  expect(summary('', { testResults: [file('failed', 'passed', 'failed')] })).toEqual({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
  expect(summary('failed\tlint\n', { testResults: [file('passed', 'passed')] })).toEqual({
    last: '1 passed, 1 failed, 0 skipped',
    status: 1,
  });
});
it('fails for a file that cannot be loaded, and for tests that left no results', () => {
  expect(summary('', { testResults: [file('failed')] })).toEqual({ last: '0 passed, 1 failed, 0 skipped', status: 1 });
  expect(summary('passed\tnpm ci\n', undefined)).toEqual({ last: '1 passed, 1 failed, 0 skipped', status: 1 });
});
