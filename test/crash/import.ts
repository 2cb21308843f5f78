// kill -9 during an import: the same import run again completes it, and nothing is doubled.
import { rmSync, writeFileSync } from 'node:fs';
import type { Rng } from '../../src/kernel/random.ts';
import type { Checks } from './checks.ts';
import { freePort, sleep, startVictim } from './victim.ts';

const ORDERS = 60_000;
const CUSTOMERS = 12_000;
const PHASES = ['reading', 'checking', 'writing', 'people'] as const;
const DAY_MS = 86_400_000;

function writeOrders(path: string, rng: Rng): void {
  const lines = ['order_id,customer_id,email,order_date,product,quantity,unit_price'];
  for (let order = 0; order < ORDERS; order++) {
    const customer = rng.below(CUSTOMERS);
    const when = new Date(Date.UTC(2023, 0, 1) + rng.below(900) * DAY_MS).toISOString().slice(0, 10);
    for (let line = rng.below(3); line >= 0; line--) {
      const price = (1 + rng.below(9_000) / 100).toFixed(2);
      lines.push(
        `${order},c${customer},c${customer}@in.example,${when},sku-${rng.below(500)},${1 + rng.below(3)},${price}`,
      );
    }
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

export async function crashImport(dataDir: string, rng: Rng, kills: number, checks: Checks): Promise<string> {
  const file = `${dataDir}-orders.csv`;
  writeOrders(file, rng);
  const port = await freePort();
  const nothing = { messageIds: [], userIds: [], links: [] };

  // What it should come to, and how long each phase takes here.
  const clean = startVictim();
  await clean.call('open', { dataDir: `${dataDir}-clean`, port });
  const startedAt = new Map<string, number>();
  clean.onPhase((phase) => startedAt.has(phase) || startedAt.set(phase, performance.now()));
  const result = await clean.call('import', file);
  const expected = await clean.call('ingestState', nothing);
  await clean.call('close', undefined);
  await clean.ended;
  const phaseMs = (phase: string, next: string | undefined): number =>
    Math.max(5, (startedAt.get(next ?? 'done') ?? performance.now()) - (startedAt.get(phase) ?? 0));

  let apart = 0;
  let half = 0;
  for (let round = 0; round <= kills; round++) {
    const victim = startVictim();
    if (round > 0) {
      const found = await victim.call('peek', dataDir);
      if (found.eventsWithoutId + found.idsWithoutEvent + found.daysWrong > 0) apart++;
      if (found.events > 0 && found.events < expected.events) half++;
    }
    await victim.call('open', { dataDir, port });
    const state = await victim.call('ingestState', nothing);
    const { duplicates, eventsWithoutId, idsWithoutEvent, daysWrong, leftovers } = state;
    checks.equal(
      { duplicates, eventsWithoutId, idsWithoutEvent, daysWrong, leftovers },
      { duplicates: 0, eventsWithoutId: 0, idsWithoutEvent: 0, daysWrong: 0, leftovers: 0 },
      `import, restart ${round}: nothing doubled, derived tables agree, no staging tables left`,
    );
    if (round < kills) {
      // Half of the kills fall into the commit, where it matters most.
      const phase = rng.chance(0.5) ? 'writing' : rng.pick(PHASES);
      const delayMs = rng.next() * phaseMs(phase, PHASES[PHASES.indexOf(phase) + 1]);
      let killing: Promise<void> | undefined;
      victim.onPhase((now) => {
        if (now === phase) killing ??= sleep(delayMs).then(victim.kill);
      });
      await victim.call('import', file).catch(() => undefined);
      await (killing ?? victim.kill());
      continue;
    }
    const last = await victim.call('import', file);
    const again = await victim.call('import', file);
    const all = await victim.call('ingestState', nothing);
    checks.equal(
      {
        events: all.events,
        checksum: all.checksum,
        people: all.people,
        duplicates: all.duplicates,
        wrong: all.daysWrong,
      },
      { events: expected.events, checksum: expected.checksum, people: expected.people, duplicates: 0, wrong: 0 },
      'import: run again after the kills it holds exactly what an undisturbed import holds',
    );
    checks.equal(
      { sum: last.events.added + last.events.known, again: again.events.added },
      { sum: result.events.added, again: 0 },
      'import: a run counts what it added and what was known, and once more adds nothing',
    );
    await victim.call('close', undefined);
    await victim.ended;
  }
  for (const path of [dataDir, `${dataDir}-clean`, file]) rmSync(path, { recursive: true, force: true });
  return `import: ${kills} kills (${half} found some months in and others not, ${apart} found derived tables behind), ${expected.events} events, duplicate 0, lost 0 when all checks hold`;
}
