// `npm install` in a checkout leaves a built `dist/`. Where the compiler was not installed (`--omit=dev`) there is nothing to do, and a
// type error is for `npm run check` to report: neither may break somebody's install.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
if (existsSync(compiler)) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const result = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  const pages = spawnSync(process.execPath, [join(root, '.ci/copy-pages.mjs')], { stdio: 'inherit' });
  const sdk = spawnSync(process.execPath, [join(root, 'sdk/build.mjs')], { stdio: 'inherit' });
  const builder = join(root, 'node_modules/vite/bin/vite.js');
  const consoleBuild = existsSync(builder)
    ? spawnSync(
        process.execPath,
        [builder, 'build', '--config', join(root, 'console/vite.config.ts'), '--logLevel', 'warn'],
        {
          stdio: 'inherit',
        },
      )
    : { status: 1 };
  if ([result, pages, sdk, consoleBuild].some(({ status }) => status !== 0))
    console.warn('rekindle: dist/ is incomplete; `npm run build` says why');
}
