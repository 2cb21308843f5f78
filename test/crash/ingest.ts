// kill -9 during ingest over HTTP: what got a 2xx is there exactly once, and a retry of everything adds only what was missing.
import { rmSync } from 'node:fs';
import type { Rng } from '../../src/kernel/random.ts';
import type { Checks } from './checks.ts';
import type { IngestQuestion } from './inspect.ts';
import { freePort, sleep, startVictim } from './victim.ts';

const BATCHES = 240;
const EVENTS_PER_BATCH = 50;
const CONNECTIONS = 8;
const USERS = 3_000;
const DAYS = 90;

type Sent = {
  readonly messageId: string;
  readonly userId?: string;
  readonly anonymousId?: string;
} & Record<string, unknown>;

function makeBatches(rng: Rng): Sent[][] {
  return Array.from({ length: BATCHES }, (_, batch) =>
    Array.from({ length: EVENTS_PER_BATCH }, (_, i): Sent => {
      const user = rng.below(USERS);
      const timestamp = new Date(Date.now() - rng.below(DAYS * 86_400) * 1000).toISOString();
      const base = { messageId: `m-${batch}-${i}`, timestamp };
      const draw = rng.next();
      if (draw < 0.08)
        return { ...base, type: 'identify', userId: `u${user}`, traits: { email: `u${user}@in.example`, plan: batch } };
      if (draw < 0.2) return { ...base, type: 'page', anonymousId: `a${user}` };
      const event = draw < 0.5 ? 'Order Completed' : 'Product Viewed';
      const properties = { revenue: rng.below(9_000) / 100, order_id: `o-${batch}-${i}` };
      // Some sign in: the browser's id and the user's in one event.
      const both = draw > 0.9 ? { anonymousId: `a${user}` } : {};
      return { ...base, ...both, type: 'track', event, userId: `u${user}`, properties };
    }),
  );
}

function questionOf(batches: readonly (readonly Sent[])[]): IngestQuestion {
  const events = batches.flat();
  const pairs = events.filter((event) => event.userId !== undefined && event.anonymousId !== undefined);
  return {
    messageIds: events.map((event) => event.messageId),
    userIds: [...new Set(events.flatMap((event) => event.userId ?? []))],
    links: [...new Map(pairs.map((event) => [`anon:${event.anonymousId}`, event.userId!] as const))],
  };
}

async function post(url: string, key: string, batch: readonly Sent[]): Promise<{ added: number; known: number }> {
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ batch }),
  });
  if (!response.ok) throw new Error(`ingest answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as { added: number; known: number };
}

/** Posts from several connections until the queue is empty or the server is gone; what got no 2xx goes back into the queue. */
async function postAll(
  url: string,
  key: string,
  queue: Sent[][],
  onAnswer: (batch: Sent[], answer: { added: number; known: number }) => void,
): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      try {
        onAnswer(batch, await post(url, key, batch));
      } catch (error) {
        queue.push(batch);
        if (error instanceof TypeError) return; // The connection is gone, and with it the server.
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
}

export async function crashIngest(dataDir: string, rng: Rng, kills: number, checks: Checks): Promise<string> {
  const batches = makeBatches(rng);
  const acknowledged: Sent[][] = [];
  const queue = [...batches];
  const port = await freePort();
  let key: string | undefined;
  let apart = 0;
  let before = 0;
  for (let round = 0; round <= kills; round++) {
    const victim = startVictim();
    const found = round === 0 ? undefined : await victim.call('peek', dataDir);
    if (found !== undefined && found.eventsWithoutId + found.idsWithoutEvent + found.daysWrong > 0) apart++;
    const { url } = await victim.call('open', { dataDir, port });
    key ??= await victim.call('writeKey', undefined);
    const state = await victim.call('ingestState', questionOf(acknowledged));
    const { missing, duplicates, eventsWithoutId, idsWithoutEvent, daysWrong } = state;
    const { peopleMissing, linksMissing, linksApart } = state;
    checks.equal(
      { missing, duplicates, eventsWithoutId, idsWithoutEvent, daysWrong, peopleMissing, linksMissing, linksApart },
      {
        missing: 0,
        duplicates: 0,
        eventsWithoutId: 0,
        idsWithoutEvent: 0,
        daysWrong: 0,
        peopleMissing: 0,
        linksMissing: 0,
        linksApart: 0,
      },
      `ingest, restart ${round}: acknowledged events are there once, and every derived table agrees`,
    );
    before = state.events;
    if (round === kills) {
      // Everything once more: only what was missing may be added.
      let added = 0;
      let known = 0;
      await postAll(url, key, [...batches], (_, answer) => {
        added += answer.added;
        known += answer.known;
      });
      const all = await victim.call('ingestState', questionOf(batches));
      checks.equal(
        { added, known, events: all.events, missing: all.missing, duplicates: all.duplicates, apart: all.linksApart },
        {
          added: BATCHES * EVENTS_PER_BATCH - before,
          known: before,
          events: BATCHES * EVENTS_PER_BATCH,
          missing: 0,
          duplicates: 0,
          apart: 0,
        },
        'ingest: a retry of all batches adds exactly what was missing',
      );
      await victim.call('close', undefined);
      await victim.ended;
      break;
    }
    const killAfter = 1 + rng.below(Math.floor(BATCHES / (kills + 1)));
    const jitterMs = rng.below(60);
    let answers = 0;
    let killing: Promise<void> | undefined;
    await postAll(url, key, queue, (batch) => {
      acknowledged.push(batch);
      if (++answers >= killAfter) killing ??= sleep(jitterMs).then(victim.kill);
    });
    await (killing ?? victim.kill());
  }
  rmSync(dataDir, { recursive: true, force: true });
  const ackedEvents = acknowledged.length * EVENTS_PER_BATCH;
  return `ingest: ${kills} kills, ${ackedEvents} events acknowledged before them, ${before} stored, retry added ${BATCHES * EVENTS_PER_BATCH - before}; derived tables found behind ${apart} times and rebuilt; duplicate 0, lost 0 when all checks hold`;
}
