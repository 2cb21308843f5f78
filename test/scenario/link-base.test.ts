// Where do links lead? To the public address that was set, else to where this machine listens or is going to.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openApp } from '../../src/app.ts';
import { configOf } from '../../src/config.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { copyRecords } from '../support/records-template.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekindle-link-base-'));
const REKINDLE_DATA_DIR = join(folder, 'data');
beforeAll(() => copyRecords(REKINDLE_DATA_DIR), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The base after a process with this environment has opened the same data. */
async function baseOf(env: Readonly<Record<string, string>>): Promise<string> {
  const app = await openApp(configOf({ REKINDLE_DATA_DIR, ...env }), systemClock);
  const { publicUrl } = app.business;
  await app.close();
  return publicUrl;
}

it('follows the port that is chosen until there is a public address', { timeout: 240_000 }, async () => {
  expect(await baseOf({})).toBe('http://localhost:8420');
  expect(await baseOf({ REKINDLE_PORT: '9123' })).toBe('http://127.0.0.1:9123');
  // Who names none leaves it where the last one put it; any free port is none that could be known.
  expect(await baseOf({})).toBe('http://127.0.0.1:9123');
  expect(await baseOf({ REKINDLE_PORT: '0' })).toBe('http://127.0.0.1:9123');
  // "Every address this machine has" is no address a link could lead to.
  expect(await baseOf({ REKINDLE_PORT: '9124', REKINDLE_HOST: '0.0.0.0' })).toBe('http://localhost:9124');
  expect(await baseOf({ REKINDLE_PORT: '9124', REKINDLE_HOST: '::1' })).toBe('http://[::1]:9124');
  const REKINDLE_PUBLIC_URL = 'https://mail.shop.example';
  expect(await baseOf({ REKINDLE_PORT: '9125', REKINDLE_PUBLIC_URL })).toBe(REKINDLE_PUBLIC_URL);
  expect(await baseOf({ REKINDLE_PORT: '9125' })).toBe(REKINDLE_PUBLIC_URL);
});
