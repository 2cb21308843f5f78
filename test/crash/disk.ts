// A disk that fills up, during an import and during ingest: the data folder is on a small file system of its own, and is really full. The
// refusal says what, where and what to do; what was acknowledged is there; the same work once more, with space, completes and doubles nothing.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Rng } from '../../src/kernel/random.ts';
import type { Checks } from './checks.ts';
import { mountSmallDisk } from './small-disk.ts';
import { freePort, startVictim } from './victim.ts';

const SIZE_MB = 200;
/** Enough for some imports, too little for others. */
const LEFT_MB_MAX = 60;
const ORDERS = 60_000;
const EVENTS_PER_REQUEST = 200;
const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function cli(
  dataDir: string,
  words: readonly string[],
): Promise<{ readonly exit: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { ...process.env, TZ: 'UTC', REKINDLE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve) => child.once('close', (exit) => resolve({ exit, said })));
}

export async function crashDisk(folder: string, rng: Rng, rounds: number, checks: Checks): Promise<string> {
  const disk = mountSmallDisk(folder, SIZE_MB);
  if (typeof disk === 'string')
    return `disk: skipped, no small file system can be mounted here (${disk}); run it as root`;
  const dataDir = join(folder, 'data');
  const file = `${folder}-orders.csv`;
  try {
    const lines = ['order_id,customer_id,email,order_date,product,quantity,unit_price'];
    for (let order = 0; order < ORDERS; order++) {
      const customer = rng.below(12_000);
      const date = new Date(Date.UTC(2023, 0, 1 + rng.below(600))).toISOString().slice(0, 10);
      lines.push(
        `${order},c${customer},c${customer}@in.example,${date},sku-${rng.below(500)},1,${1 + rng.below(90)}.50`,
      );
    }
    writeFileSync(file, `${lines.join('\n')}\n`);
    const port = await freePort();
    const first = startVictim();
    await first.call('open', { dataDir, port });
    const key = await first.call('writeKey', undefined);
    await first.call('close', undefined);
    await first.ended;

    // Import: from nothing left at all to enough.
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      disk.fill(round === 0 ? 0 : rng.below(LEFT_MB_MAX * 1024 * 1024));
      const { exit, said } = await cli(dataDir, ['import', file, '--yes']);
      if (exit !== 0) refused++;
      checks.that(exit === 0 || exit === 5, 'disk: an import that finds no space ends with exit code 5', {
        exit,
        said,
      });
      if (exit !== 0)
        checks.that(
          said.includes(`The disk that holds ${dataDir}`) && /full\. Free some space and try again/.test(said),
          'disk: it says which disk is full and what to do',
          said,
        );
      disk.empty();
    }
    checks.that(refused > 0, 'disk: imports were refused', refused);
    const { exit, said } = await cli(dataDir, ['import', file, '--yes']);
    checks.that(exit === 0, 'disk: the same import with space completes', { exit, said });

    // Ingest: every request is acknowledged or refused as a whole.
    let victim = startVictim();
    const { url } = await victim.call('open', { dataDir, port });
    const nothing = { messageIds: [], userIds: [], links: [] };
    const imported = await victim.call('ingestState', nothing);
    checks.equal(imported.events, ORDERS, 'disk: nothing of the import is lost and nothing doubled');
    const batch = (number: number) => ({
      batch: Array.from({ length: EVENTS_PER_REQUEST }, (_, i) => ({
        type: 'track',
        event: 'Viewed',
        messageId: `disk-${number}-${i}`,
        userId: `d${number}`,
        timestamp: '2024-03-01T00:00:00Z',
        properties: { noise: Array.from({ length: 24 }, () => rng.below(2 ** 32).toString(36)).join('') },
      })),
    });
    const send = async (body: unknown): Promise<{ readonly status: number; readonly text: string }> => {
      const response = await fetch(`${url}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify(body),
      });
      return { status: response.status, text: await response.text() };
    };
    disk.fill(3 * 1024 * 1024);
    const acknowledged: string[] = [];
    const waiting: ReturnType<typeof batch>[] = [];
    for (let number = 0; waiting.length < 8 && number < 400; number++) {
      const body = batch(number);
      const { status, text } = await send(body);
      if (status === 200) acknowledged.push(...body.batch.map((each) => each.messageId));
      else {
        waiting.push(body);
        checks.that(
          status === 507 && text.includes('disk_full') && text.includes(dataDir),
          'disk: a request that finds no space is refused with 507 disk_full, and told where',
          { status, text },
        );
      }
    }
    checks.that(waiting.length > 0, 'disk: requests were refused', acknowledged.length);
    disk.empty();
    for (const body of waiting) {
      const { status, text } = await send(body);
      checks.that(status === 200, 'disk: with space the same server takes the same request', { status, text });
      acknowledged.push(...body.batch.map((each) => each.messageId));
    }
    await victim.kill();
    victim = startVictim();
    await victim.call('open', { dataDir, port });
    const after = await victim.call('ingestState', { ...nothing, messageIds: acknowledged });
    checks.equal(
      {
        events: after.events,
        missing: after.missing,
        duplicates: after.duplicates,
        wrong: after.daysWrong + after.eventsWithoutId + after.idsWithoutEvent + after.leftovers,
      },
      { events: ORDERS + acknowledged.length, missing: 0, duplicates: 0, wrong: 0 },
      'disk: what was acknowledged is there once, and derived tables agree',
    );
    await victim.call('close', undefined);
    await victim.ended;
    return `disk: ${refused} of ${rounds} imports and ${waiting.length} ingest requests met a full disk of ${SIZE_MB} MB; duplicate ${after.duplicates}, lost ${after.missing}`;
  } finally {
    disk.remove();
    rmSync(file, { force: true });
  }
}
