// Turns many lives into one stream of events sorted by time, four weeks at a time, so that memory holds one month and not two years.
import { DAY_MS } from '../../kernel/days.ts';
import type { Happening } from './happening.ts';
import type { Life } from './life.ts';
import type { ShopEvent } from './shop-event.ts';

/** One event and the happening (index into the person's life) it belongs to. */
export type Entry = {
  readonly atMs: number;
  readonly event: ShopEvent;
  readonly personIndex: number;
  readonly happeningIndex: number;
};

export type EventsOf = (personIndex: number, happeningIndex: number, happening: Happening) => readonly ShopEvent[];

const CHUNK_MS = 28 * DAY_MS;
/** No event precedes its happening by more than this (a visit starts before its order), nor follows by more than AFTER_MS. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 45 * DAY_MS;

const byEventTime = (a: Entry, b: Entry): number => a.atMs - b.atMs || (a.event.messageId < b.event.messageId ? -1 : 1);

/** Every entry with its event in [fromMs, untilMs), sorted by time and then message id. */
export function* entriesBetween(
  lives: readonly Life[],
  eventsOf: EventsOf,
  fromMs: number,
  untilMs: number,
): Generator<Entry> {
  // The first happening of each life that is still to be written; lives are sorted, so one index each is enough.
  const next = lives.map((life) => {
    const first = life.happenings.findIndex((h) => h.atMs >= fromMs - AFTER_MS);
    return first < 0 ? life.happenings.length : first;
  });
  let pending: Entry[] = [];
  for (let chunkMs = fromMs; chunkMs < untilMs; chunkMs += CHUNK_MS) {
    const chunkEndMs = Math.min(chunkMs + CHUNK_MS, untilMs);
    const later: Entry[] = [];
    const due: Entry[] = [];
    for (const entry of pending) (entry.atMs < chunkEndMs ? due : later).push(entry);
    for (let personIndex = 0; personIndex < lives.length; personIndex++) {
      const { happenings } = lives[personIndex]!;
      let i = next[personIndex]!;
      for (; i < happenings.length && happenings[i]!.atMs < chunkEndMs + BEFORE_MS; i++) {
        for (const event of eventsOf(personIndex, i, happenings[i]!)) {
          const ms = event.timestamp.getTime();
          if (ms < fromMs || ms >= untilMs) continue;
          (ms < chunkEndMs ? due : later).push({ atMs: ms, event, personIndex, happeningIndex: i });
        }
      }
      next[personIndex] = i;
    }
    due.sort(byEventTime);
    yield* due;
    pending = later;
  }
}
