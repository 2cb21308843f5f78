import { defineConfig } from 'vitest/config';

// chDB binds one data folder per process, so test files run in forked processes.
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: 'test/support/shared-postgres.ts',
    maxWorkers: 2,
    include: [
      'src/**/*.test.ts',
      'console/src/**/*.test.ts',
      'test/{architecture,contract,scenario,science,http,docs,e2e}/**/*.test.ts',
    ],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    // What is waited for comes at once on an idle machine, and late on a crowded one.
    expect: { poll: { timeout: 30_000 } },
    env: { TZ: 'UTC', REKINDLE_LANG: 'en' },
  },
});
