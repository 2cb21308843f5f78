import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holderOf, takeDataFolder } from './data-folder.ts';

const MODULE = join(import.meta.dirname, 'data-folder.ts');
let parent: string;
let path: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'rekindle-folder-'));
  path = join(parent, 'deep', 'data');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** A process that takes the folder and says `taken`, or the code of its refusal. */
const taker = (): ChildProcess =>
  spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { takeDataFolder } from ${JSON.stringify(MODULE)};
       try { takeDataFolder(${JSON.stringify(path)}); console.log('taken'); setInterval(() => {}, 1000); }
       catch (error) { console.log(error.code); }`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
const firstWord = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => createInterface({ input: child.stdout! }).once('line', resolve));
const gone = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

it('makes the folder, holds it, and gives it back clean', () => {
  const first = takeDataFolder(path);
  expect(first.wasUnclean).toBe(false);
  expect(holderOf(path)?.pid).toBe(process.pid);
  expect(() => takeDataFolder(path)).toThrow(`in use by process ${process.pid}`);
  first.release();
  expect(holderOf(path)).toBeUndefined();
  expect(readdirSync(path)).toEqual([]);
  expect(takeDataFolder(path).wasUnclean).toBe(false);
});

it('tells other commands where the server listens, and nobody else', () => {
  const folder = takeDataFolder(path);
  folder.announce({ url: 'http://127.0.0.1:4400', secret: 's' });
  expect(holderOf(path)).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:4400', secret: 's' });
  expect(statSync(join(path, 'holder.json')).mode & 0o777).toBe(0o600);
  folder.release();
  expect(holderOf(path)).toBeUndefined();
});

it('refuses while another process lives, and takes over after kill -9', async () => {
  const child = taker();
  expect(await firstWord(child)).toBe('taken');
  expect(() => takeDataFolder(path)).toThrow(
    expect.objectContaining({ code: 'folder_in_use', details: { path, pid: child.pid } }),
  );
  child.kill('SIGKILL');
  await gone(child);
  const folder = takeDataFolder(path);
  expect(folder.wasUnclean).toBe(true);
  folder.release();
});

it('lets one of six processes take over a dead holder', async () => {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'holder.json'), JSON.stringify({ pid: 2 ** 22 + 1, born: '1' }));
  const children = Array.from({ length: 6 }, taker);
  const words = await Promise.all(children.map(firstWord));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(gone));
  expect(words.toSorted()).toEqual([...Array.from({ length: 5 }, () => 'folder_in_use'), 'taken']);
});

it.skipIf(!existsSync('/proc/self/stat'))(
  'is not fooled by a process id that was given to somebody else (needs /proc)',
  () => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'holder.json'), JSON.stringify({ pid: process.pid, born: '1' }));
    expect(holderOf(path)).toBeUndefined();
    expect(takeDataFolder(path).wasUnclean).toBe(true);
  },
);

it.each(['', '{"pid":', 'null', '[]', '"x"', '{}'])('takes a folder whose lock says %j', (text) => {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'holder.json'), text);
  expect(takeDataFolder(path).wasUnclean).toBe(true);
});

it('says what is wrong with a path that cannot be a folder', () => {
  writeFileSync(join(parent, 'deep'), '');
  expect(() => takeDataFolder(path)).toThrow(expect.objectContaining({ code: 'file_missing' }));
});
