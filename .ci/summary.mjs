// Adds up a CI run: `node .ci/summary.mjs DIR`, where DIR holds a file of results (`reporter.mjs`) for every run of tests and steps.tsv
// (`passed|failed<TAB>step`). Prints what failed and why, what was skipped, what passed only when it was tried again, and the totals as the last
// line; exits with 1 if anything failed or no test ran. A run that died is one failure more, and says what was running.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of what a failed test said, so much is repeated at the end. */
const WHY_LINES = 4;

const RUNS = [
  ['tests.jsonl', 'npm test'],
  ['e2e.jsonl', 'npm run test:e2e'],
];

const folder = process.argv[2];
const linesOf = (file) =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean) : [];
const shortened = (why) => (why ?? '').split('\n').slice(0, WHY_LINES).join('\n  ');

function told(file) {
  const events = [];
  for (const line of linesOf(file)) {
    try {
      events.push(JSON.parse(line));
    } catch {
      // The last line of a run that was killed in the middle of it.
    }
  }
  return events;
}

function resultsOf(events, command) {
  const tests = events
    .filter(({ event }) => event === 'test')
    .map(({ file, name, state, why, retries }) => ({
      status: state,
      name: `${file}: ${name}`,
      why: shortened(why),
      retries,
    }));
  const hasFailed = new Set(
    events.filter(({ event, state }) => event === 'test' && state === 'failed').map(({ file }) => file),
  );
  // A file that cannot be loaded, or set up, has no tests to fail.
  const broken = events
    .filter(({ event, state, file }) => event === 'ended' && state === 'failed' && !hasFailed.has(file))
    .map(({ file, why }) => ({ status: 'failed', name: `${file}: ${shortened(why) || 'cannot be loaded'}` }));
  const over = events.find(({ event }) => event === 'over');
  const status = events.find(({ event }) => event === 'exit')?.status ?? 0;
  const results = [...tests, ...broken];
  if (over !== undefined) {
    for (const why of over.errors)
      results.push({ status: 'failed', name: `${command}: an error outside of every test`, why: shortened(why) });
    if (status !== 0 && results.every((one) => one.status !== 'failed'))
      results.push({ status: 'failed', name: `${command} (it ended with ${status})` });
    return results;
  }
  const key = ({ file, name }) => `${file}\n${name ?? ''}`;
  const ended = new Set(events.filter(({ event }) => event === 'test' || event === 'ended').map(key));
  const running = events.filter((one) => one.event === 'began' && !ended.has(key(one)));
  // A file is named where none of its tests is.
  const innermost = running.filter(
    (one) => one.name !== undefined || !running.some(({ file, name }) => file === one.file && name !== undefined),
  );
  const why = innermost
    .map(({ file, name }) => `was running: ${name === undefined ? file : `${file} > ${name}`}`)
    .join('\n  ');
  const what = tests.length === 0 && running.length === 0 ? 'it left no results' : 'it did not end';
  return [...results, { status: 'failed', name: `${command} (${what})`, why }];
}

const steps = linesOf('steps.tsv').map((line) => ({ status: line.split('\t')[0], name: line.split('\t')[1] }));
const all = [...RUNS.flatMap(([file, command]) => resultsOf(told(file), command)), ...steps];
const failed = all.filter((one) => one.status === 'failed');
const passed = all.filter((one) => one.status === 'passed');
const skipped = all.filter((one) => one.status !== 'failed' && one.status !== 'passed');
console.log('');
for (const one of skipped) console.log(`skipped: ${one.name}`);
for (const one of passed) if (one.retries > 0) console.log(`passed only when it was tried again: ${one.name}`);
for (const one of failed) console.log(`failed: ${one.name}${one.why ? `\n  ${one.why}` : ''}`);
console.log(`${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length > 0 ? 1 : 0;
