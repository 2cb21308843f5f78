// docs/errors.md says of every refusal, and of no other, what it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ERRORS } from '../../src/kernel/errors.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');

it('lists every code with its status and exit code, in the order of the table', () => {
  const rows = [...page.matchAll(/^\| `(\w+)`\s*\| (\d+)\s*\| (\d)\s*\| (.+?)\s*\| (.+?)\s*\|$/gm)];
  const listed = rows.map(([, code, status, exit]) => [code, Number(status), Number(exit)]);
  expect(listed).toEqual(Object.entries(ERRORS).map(([code, { status, exit }]) => [code, status, exit]));
});
