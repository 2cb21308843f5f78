import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { demandNode } from './node-version.ts';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  engines: { node: string };
};
const needed = engines.node.replace('>=', '');

it.each([`${needed}.0`, '22.20.1', '24.0.0'])('takes Node %s', (version) => {
  expect(() => demandNode(version)).not.toThrow();
});

it.each(['20.20.2', '22.11.0', '18.0.0'])('names the Node it needs to %s', (version) => {
  expect(() => demandNode(version)).toThrow(`This is Node ${version}; Rekindle needs ${needed} or newer.`);
});
