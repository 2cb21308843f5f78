// The simulated shop: who its people are, what they did, and what they would do. Same options, same world, on every machine.
// The engine under test may be given people, catalogue, history and a future; the truth is read through truth.ts only.
import { addDays, type Day, DAY_MS, dayNumber, daysBetween } from '../../kernel/days.ts';
import { type Rng, seededRng } from '../../kernel/random.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';
import { createLife, type Life, newsletterTimes } from './life.ts';
import { createResident, type Person, type Resident, type Span } from './people.ts';
import type { Subject } from './potential.ts';
import { createSeason, type Season } from './season.ts';
import { happeningEvents } from './session-events.ts';
import type { ShopEvent } from './shop-event.ts';
import { entriesBetween, type EventsOf } from './timeline.ts';

export type WorldOptions = {
  readonly seed: number | string;
  readonly people?: number;
  /** First day of history (UTC). */
  readonly historyStart: Day;
  /** Last day of history, inclusive; the horizon starts the day after. */
  readonly historyEnd: Day;
  readonly horizonWeeks?: number;
};

export type World = {
  readonly catalogue: Catalogue;
  /** What the shop's own records know; safe to hand to the engine. */
  readonly people: readonly Person[];
  readonly horizonDays: readonly Day[];
  /** The whole past, sorted by time, streamed. Can be iterated again. */
  readonly history: () => Iterable<ShopEvent>;
  readonly hidden: Hidden;
};

/** Truth: for this folder and for grading only. */
export type Hidden = {
  readonly span: Span;
  readonly season: Season;
  readonly residents: readonly Resident[];
  readonly lives: readonly Life[];
  readonly eventsOf: EventsOf;
  readonly subjectOf: (index: number) => Subject;
  readonly drawsOf: (index: number) => Rng;
};

export function createWorld(options: WorldOptions): World {
  const { historyStart, historyEnd, people = 20_000, horizonWeeks = 8 } = options;
  const historyDays = daysBetween(historyStart, historyEnd) + 1;
  if (historyDays < 120) throw new RangeError('a history needs at least 120 days');
  const startMs = dayNumber(historyStart) * DAY_MS;
  const historyEndMs = startMs + historyDays * DAY_MS;
  const span: Span = { startMs, historyEndMs, endMs: historyEndMs + horizonWeeks * 7 * DAY_MS };
  const root = seededRng(`world/${options.seed}`);
  const catalogue = createCatalogue(root, historyStart, historyEnd);
  const season = createSeason(historyStart, historyDays + horizonWeeks * 7 + 2);
  const newsletters = newsletterTimes(span);
  const residents = Array.from({ length: people }, (_, i) => createResident(root, i, span));
  const lives = residents.map((resident, i) => createLife(root.fork(`life/${i}`), resident, season, span, newsletters));
  const eventsOf: EventsOf = (personIndex, happeningIndex, happening) =>
    happeningEvents(
      root.fork(`events/${personIndex}/${happeningIndex}`),
      residents[personIndex]!,
      catalogue,
      String(happeningIndex),
      happening,
    );
  return {
    catalogue,
    people: residents.map((resident) => resident.person),
    horizonDays: Array.from({ length: horizonWeeks * 7 }, (_, i) => addDays(historyEnd, i + 1)),
    history: () => pastEvents(lives, eventsOf, span),
    hidden: {
      span,
      season,
      residents,
      lives,
      eventsOf,
      subjectOf: (index) => ({ ...residents[index]!, life: lives[index]! }),
      drawsOf: (index) => root.fork(`response/${index}`),
    },
  };
}

function* pastEvents(lives: readonly Life[], eventsOf: EventsOf, span: Span): Generator<ShopEvent> {
  for (const entry of entriesBetween(lives, eventsOf, span.startMs, span.historyEndMs)) yield entry.event;
}
