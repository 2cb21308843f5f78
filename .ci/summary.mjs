// Adds up a CI run: `node .ci/summary.mjs DIR`, where DIR holds vitest.json and e2e.json (vitest's JSON reporter) and steps.tsv
// (`passed|failed<TAB>step`). Prints what failed and why, what was skipped, and the totals as the last line; exits with 1 if anything failed or no test ran.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of what a failed test said, so much is repeated at the end. */
const WHY_LINES = 4;

const folder = process.argv[2];
const stepsPath = join(folder, 'steps.tsv');

const steps = existsSync(stepsPath)
  ? readFileSync(stepsPath, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => ({ status: line.split('\t')[0], name: line.split('\t')[1] }))
  : [];

const files = [
  ['vitest.json', 'npm test'],
  ['e2e.json', 'npm run test:e2e'],
].flatMap(([file, command]) => {
  try {
    return JSON.parse(readFileSync(join(folder, file), 'utf8')).testResults;
  } catch {
    steps.push({ status: 'failed', name: `${command} (it left no results)` });
    return [];
  }
});
const tests = files.flatMap((file) => {
  const ran = file.assertionResults.map((test) => ({
    status: test.status,
    name: `${file.name}: ${test.fullName}`,
    why: (test.failureMessages?.[0] ?? '').split('\n').slice(0, WHY_LINES).join('\n  '),
  }));
  // A file that cannot even be loaded has no tests to fail.
  const broken = file.status === 'failed' && !ran.some((test) => test.status === 'failed');
  return broken ? [...ran, { status: 'failed', name: `${file.name}: ${file.message ?? 'cannot be loaded'}` }] : ran;
});

const all = [...tests, ...steps];
const failed = all.filter((one) => one.status === 'failed');
const passed = all.filter((one) => one.status === 'passed');
const skipped = all.filter((one) => one.status !== 'failed' && one.status !== 'passed');
console.log('');
for (const one of skipped) console.log(`skipped: ${one.name}`);
for (const one of failed) console.log(`failed: ${one.name}${one.why ? `\n  ${one.why}` : ''}`);
console.log(`${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length > 0 ? 1 : 0;
