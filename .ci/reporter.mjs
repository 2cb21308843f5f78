// What the tests of a run came to, told while it runs. Each test's end is a line of the file that REKINDLE_RESULTS names, so that a run which dies
// leaves what it had found; a test that has been running for a minute is named in the output, and so are all that run when the run is told to end.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

const LONG_MS = 60_000;
const LOOK_MS = 15_000;

const path = process.env['REKINDLE_RESULTS'];
const place = (module) => relative(process.cwd(), module.moduleId);

export default class ResultsReporter {
  /** What has begun and not ended, by its id. */
  #running = new Map();
  #watch;

  #write(line) {
    if (path !== undefined) appendFileSync(path, `${JSON.stringify(line)}\n`);
  }

  #begin(id, file, name) {
    this.#running.set(id, { what: name === undefined ? file : `${file} > ${name}`, sinceMs: Date.now(), toldMs: 0 });
    this.#write({ event: 'began', file, name });
  }

  #tell(when) {
    const now = Date.now();
    for (const one of this.#running.values()) {
      // A file is named where none of its tests is: it is being loaded, set up or cleaned up.
      if ([...this.#running.values()].some((other) => other.what.startsWith(`${one.what} > `))) continue;
      if (!when(now, one)) continue;
      one.toldMs = now;
      console.log(`running for ${Math.round((now - one.sinceMs) / 1_000)} s: ${one.what}`);
    }
  }

  onTestRunStart() {
    this.#watch = setInterval(
      () => this.#tell((now, one) => now - one.sinceMs > LONG_MS && now - one.toldMs > LONG_MS),
      LOOK_MS,
    );
    this.#watch.unref();
    process.once('SIGTERM', () => {
      this.#tell(() => true);
      process.exit(143);
    });
  }

  onTestModuleStart(module) {
    this.#begin(module.id, place(module));
  }

  onTestCaseReady(test) {
    this.#begin(test.id, place(test.module), test.fullName);
  }

  onTestCaseResult(test) {
    this.#running.delete(test.id);
    const { state, errors = [] } = test.result();
    const { retryCount = 0 } = test.diagnostic() ?? {};
    const file = place(test.module);
    if (retryCount > 0 && state === 'passed')
      console.log(`passed only when it was tried again: ${file} > ${test.fullName}`);
    this.#write({
      event: 'test',
      file,
      name: test.fullName,
      state,
      retries: retryCount,
      why: errors[0]?.stack ?? errors[0]?.message,
    });
  }

  onTestModuleEnd(module) {
    this.#running.delete(module.id);
    const errors = [module, ...module.children.allSuites()].flatMap((one) => one.errors());
    this.#write({
      event: 'ended',
      file: place(module),
      state: module.state(),
      why: errors[0]?.stack ?? errors[0]?.message,
    });
  }

  onTestRunEnd(_, errors) {
    clearInterval(this.#watch);
    this.#write({ event: 'over', errors: errors.map((error) => error.stack ?? error.message ?? String(error)) });
  }
}
