// The five commands of the README, run as they are written, lead from a shop's file to a back-tested policy, a named segment and an explained
// person.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** The commands and the segment of the README's section on five commands. */
function fiveCommands(): { readonly commands: readonly string[]; readonly segment: string } {
  const page = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, section = ''] = /### [^\n]*(?:five commands|五条命令)[^\n]*\n([\s\S]*?)\n## /.exec(page) ?? [];
  const commands = (/```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '').trim().split('\n');
  return { commands, segment: /```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '' };
}

/** A shop of three hundred people and a year: every seventh came once, the others every 20 + i % 40 days until they stopped. */
function orderFile(): string {
  const day = (n: number): string => new Date(Date.UTC(2025, 0, 1) + n * 86_400_000).toISOString().slice(0, 10);
  const lines = ['customer_id,order_id,order_date,amount,product,product_name'];
  for (let i = 0; i < 300; i++) {
    const stops = 60 + ((i * 37) % 300);
    for (let on = i % 30, k = 0; on <= stops; on += 20 + (i % 40), k++) {
      lines.push(`${12_345 + i},o${i}-${k},${day(on)},${40 + (i % 60)}.50,p${(i + k) % 12},Thing ${(i + k) % 12}`);
      if (i % 7 === 0) break;
    }
  }
  return `${lines.join('\n')}\n`;
}

it('five commands lead from a file to a back-tested policy, a named segment and an explained person', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-readme-'));
  try {
    const { commands, segment } = fiveCommands();
    writeFileSync(join(folder, 'orders.csv'), orderFile());
    writeFileSync(join(folder, 'loyal-but-quiet.json'), segment);
    const said = commands.map((command) => {
      const [, line = ''] = /^npm run rekindle -- (.*)$/.exec(command) ?? [];
      const run = spawnSync(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...line.split(' ')], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, REKINDLE_DATA_DIR: join(folder, 'data'), REKINDLE_LANG: 'en' },
      });
      expect({ command, status: run.status, error: run.stderr }).toMatchObject({ command, status: 0 });
      return run.stdout;
    });
    expect(said[0]).toContain('300 people');
    expect(said[2]).toContain('2025-09-30');
    expect(said[3]).toContain('loyal-but-quiet');
    expect(said[4]).toContain('12345');
    expect(said[4]).toContain('What she did');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
