// `npm run bench -- import|ingest|score|send|inbox`: one benchmark a run, each in a process of its own. Ratios are printed, never asserted.
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const BENCHES = ['import', 'ingest', 'score', 'send', 'inbox'];
const [name = '', ...rest] = process.argv.slice(2);
if (!BENCHES.includes(name)) {
  console.error(`usage: npm run bench -- ${BENCHES.join('|')}`);
  process.exit(2);
}
const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
const load = (): string =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
console.log(`load before ${load()}`);
const child = spawn(process.execPath, [file, ...rest], { stdio: 'inherit' });
child.once('exit', (code) => {
  console.log(`load after ${load()}`);
  process.exitCode = code ?? 1;
});
