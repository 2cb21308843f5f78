// Builds the browser SDK: sdk.js (a classic script), sdk.mjs (an ES module), sw.js (the service worker), and the types.
// Usage: node sdk/build.mjs [folder], by default dist/sdk.
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const outDir = resolve(process.argv[2] ?? join(here, '../dist/sdk'));
const PARTS = [
  { entry: 'src/snippet.ts', fileName: 'sdk.js', format: 'iife' },
  { entry: 'src/sdk.ts', fileName: 'sdk.mjs', format: 'es' },
  { entry: 'src/worker.ts', fileName: 'sw.js', format: 'iife' },
];

for (const { entry, fileName, format } of PARTS) {
  await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: fileName === 'sdk.js',
      target: 'es2020',
      // Vite keeps the whitespace of an ES module; a size budget does not.
      minify: format === 'es' ? false : 'oxc',
      lib: { entry: join(here, entry), formats: [format], name: 'rekindleSdk', fileName: () => fileName },
      rolldownOptions: { output: { minify: true } },
    },
  });
}
const compiler = join(here, '../node_modules/typescript/bin/tsc');
const types = spawnSync(process.execPath, [compiler, '-p', join(here, 'tsconfig.build.json'), '--outDir', outDir], {
  stdio: 'inherit',
});
process.exitCode = types.status ?? 1;
