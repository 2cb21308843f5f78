import { defineConfig } from 'vitest/config';

// The console in real Chromium on a running demo shop: `npm run test:e2e`. Screenshots go to test-results/console.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    include: ['test/e2e/console/**/*.e2e.ts'],
    // A browser on a crowded machine may be late once; what fails twice is broken.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 300_000,
    env: { TZ: 'UTC', REKINDLE_LANG: 'en' },
  },
});
