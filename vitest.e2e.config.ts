import { defineConfig } from 'vitest/config';

// The console in real Chromium on a running demo shop: `npm run test:e2e`. Screenshots go to test-results/console.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 1,
    include: ['test/e2e/console/**/*.e2e.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    env: { TZ: 'UTC', REKINDLE_LANG: 'en' },
  },
});
