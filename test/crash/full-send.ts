// A disk that fills up while mails go out, several times, with little or nothing left, and is emptied again: the process goes on by itself. Counted
// at the mail server: nothing twice, nothing lost, everybody's wish obeyed; a wish that could not be written was not answered with yes.
import { join } from 'node:path';
import type { Rng } from '../../src/kernel/random.ts';
import type { Checks } from './checks.ts';
import { judge } from './judge.ts';
import { ledgerIn } from './ledger.ts';
import { startMailServer } from './mail-server.ts';
import { mountSmallDisk } from './small-disk.ts';
import { freePort, sleep, startVictim } from './victim.ts';
import { openWishes } from './wishes.ts';

const SIZE_MB = 700;
const PEOPLE = 6_600;
/** Messages that can be on the wire at one instant. */
const LANES = 20;
const AT_REST_MS_MAX = 120_000;

export async function crashFullSend(folder: string, rng: Rng, rounds: number, checks: Checks): Promise<string> {
  const disk = mountSmallDisk(folder, SIZE_MB);
  if (typeof disk === 'string')
    return `full-send: skipped, no small file system can be mounted here (${disk}); run it as root`;
  const dataDir = join(folder, 'data');
  const server = await startMailServer();
  const victim = startVictim();
  try {
    const settings = { dataDir, port: await freePort(), smtpUrl: server.url };
    const { url } = await victim.call('open', settings);
    const key = await victim.call('writeKey', undefined);
    await victim.call('setUpSend', PEOPLE);
    await victim.call('keepTicking', undefined);
    const untilAtRest = async (): Promise<void> => {
      const deadline = performance.now() + AT_REST_MS_MAX;
      while ((await victim.call('pending', undefined)) > 0) {
        if (performance.now() > deadline)
          throw new Error(
            `the ledger does not come to rest: ${JSON.stringify(await victim.call('unsettled', undefined))}`,
          );
        await sleep(100);
      }
    };
    await untilAtRest();
    const greeted = [...server.mails];
    checks.that(greeted.length > 250, 'full-send: the first mails went out', greeted.length);
    const wishes = openWishes({ url, key, greeted, rng: rng.fork('wishes') });
    server.onMail = wishes.onMail;
    await victim.call('startProgrammes', undefined);

    let stood = 0;
    for (let round = 0; round < rounds; round++) {
      const share = Math.floor(4_000 / rounds);
      const until = server.mails.length + Math.floor(share / 3) + rng.below(share);
      const deadline = performance.now() + AT_REST_MS_MAX;
      while (server.mails.length < until && performance.now() < deadline) await sleep(10);
      disk.fill(round % 2 === 0 ? 0 : rng.below(40 * 1024 * 1024));
      await sleep(1_000 + rng.below(7_000));
      const before = server.mails.length;
      await sleep(500);
      if (server.mails.length === before) stood++;
      disk.empty();
    }
    checks.that(stood > 0, 'full-send: sending stood still on a full disk', stood);
    await untilAtRest();
    await wishes.finish();
    await untilAtRest();
    await victim.call('close', undefined);
    await victim.ended;
    const { ledger, tokenSecret } = await ledgerIn(dataDir);
    const report = judge({
      title: 'full-send',
      server,
      ledger,
      wishes,
      tokenSecret,
      people: PEOPLE,
      least: 5_000,
      kills: 0,
      faults: 0,
      inFlight: rounds * LANES,
      checks,
    });
    return `${report}; the disk was full ${rounds} times, and sending stood still ${stood} times`;
  } finally {
    await victim.kill();
    server.close();
    disk.remove();
  }
}
