// `npm install` in a checkout leaves a built `dist/`. Where the compiler was not installed (`--omit=dev`) there is nothing to do, and a
// type error is for `npm run check` to report: neither may break somebody's install.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const inRoot = (path) => join(root, path);

/** Whether it ran and ended well. */
async function run(file, ...rest) {
  if (!existsSync(inRoot(file))) return false;
  const child = spawn(process.execPath, [inRoot(file), ...rest], { cwd: root, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

const compiler = 'node_modules/typescript/bin/tsc';
if (existsSync(inRoot(compiler))) {
  rmSync(inRoot('dist'), { recursive: true, force: true });
  // Each writes its own part of `dist/`; somebody is waiting for all of them.
  const parts = await Promise.all([
    run(compiler, '-p', inRoot('tsconfig.build.json')),
    run('.ci/copy-pages.mjs'),
    run('sdk/build.mjs'),
    run('node_modules/vite/bin/vite.js', 'build', '--config', inRoot('console/vite.config.ts'), '--logLevel', 'warn'),
  ]);
  if (parts.includes(false)) console.warn('rekindle: dist/ is incomplete; `npm run build` says why');
}
