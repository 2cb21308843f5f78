// The browser SDK as `npm run build:sdk` makes it, in a folder of its own: a test never serves what an older build left behind.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type BuiltSdk = { readonly folder: string; readonly remove: () => void };

export function buildSdk(): BuiltSdk {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-sdk-'));
  execFileSync(process.execPath, [join(import.meta.dirname, '../../sdk/build.mjs'), folder], { stdio: 'inherit' });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
