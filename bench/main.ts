// `npm run bench -- import|ingest|score|segments|…`: one benchmark a run, each in a process of its own; `understand` is several, one after
// the other. Ratios are printed, never asserted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const SINGLE = [
  'arbiter',
  'import',
  'ingest',
  'score',
  'segments',
  'recommend',
  'reasons',
  'freshness',
  'send',
  'inbox',
];
const BENCHES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(SINGLE.map((name) => [name, [name]])),
  understand: ['score', 'segments', 'recommend', 'reasons', 'freshness'],
};
const [name = '', ...given] = process.argv.slice(2);
const isMemory = name === 'send' && given[0] === '--memory';
const rest = isMemory ? given.slice(1) : given;
const files = isMemory ? ['send-memory'] : BENCHES[name];
if (files === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')}`);
  process.exit(2);
}
const load = (): string =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
console.log(`load before ${load()}`);
for (const file of files) {
  if (files.length > 1) console.log(`— ${file}`);
  const path = fileURLToPath(new URL(`${file}.ts`, import.meta.url));
  const [code] = (await once(spawn(process.execPath, [path, ...rest], { stdio: 'inherit' }), 'exit')) as [
    number | null,
  ];
  if (code !== 0) process.exitCode = code ?? 1;
}
console.log(`load after ${load()}`);
