// What is a signal, and how strong is it for one person? Strength = Σ 2^(−age / halfLife) over matching events, age in whole days before
// she went quiet (her last active day); events after it count in full for `afterDays` and then not at all. Events that match `less` take
// away, never below 0. `signals.sql.ts` computes the same in the events store, and a property test holds the two equal.
import { dayNumber, type Day } from '../../kernel/days.ts';
import { objectOf, type JsonObject } from '../../kernel/json.ts';
import type { Text } from '../../kernel/lang.ts';
import { unreachable } from '../../kernel/result.ts';
import type { Reason } from './causes.ts';

/** A test of one event property; true when any of `keys` passes. Strings, numbers and booleans are not converted into each other. */
export type PropertyTest =
  | { readonly kind: 'is'; readonly keys: readonly string[]; readonly texts: readonly string[] }
  /** Compared in lower case. */
  | { readonly kind: 'contains'; readonly keys: readonly string[]; readonly words: readonly string[] }
  | { readonly kind: 'at_most' | 'at_least'; readonly keys: readonly string[]; readonly value: number }
  | { readonly kind: 'true' | 'not_true'; readonly keys: readonly string[] }
  /** Any product line whose category contains a word and whose name matches `name` (a pattern that RE2 and JavaScript read alike). */
  | { readonly kind: 'product'; readonly words: readonly string[]; readonly name?: string };

/** Any of these events, passing all of these tests. */
export type EventMatch = { readonly names: readonly string[]; readonly tests?: readonly PropertyTest[] };

export type Weights = Partial<Readonly<Record<Reason, number>>>;

type SignalWords = {
  readonly id: string;
  /** What it is called where people are counted. */
  readonly label: Text;
  /** What one unit of log₂(1 + strength) adds to each reason's score. */
  readonly weights: Weights;
  /** With slots {count} and {date}; of `[one|many]` the first where it was seen once. */
  readonly evidence: Text;
};

export type EventSignal = SignalWords & {
  readonly kind: 'events';
  readonly any: readonly EventMatch[];
  readonly less?: readonly EventMatch[];
  readonly halfLifeDays: number;
  readonly afterDays: number;
};
export type TraitSignal = SignalWords & { readonly kind: 'trait'; readonly trait: string; readonly is: boolean };
/** What her own rhythm says: see `stateStrength`. */
export type StateSignal = SignalWords & { readonly kind: 'state'; readonly state: 'not_due' };
export type Signal = EventSignal | TraitSignal | StateSignal;

export type SignalEvent = {
  readonly name: string;
  readonly day: Day;
  readonly properties: JsonObject;
  readonly products: readonly { readonly name: string; readonly category: string }[];
};

export type QuietPerson = {
  readonly lastOn: Day;
  readonly firstOn: Day;
  readonly activeDays: number;
  readonly silentDays: number;
  readonly thresholdDays: number;
  readonly traits: JsonObject;
  readonly events: readonly SignalEvent[];
};

export type Sighting = { readonly strength: number; readonly count: number; readonly lastOn: Day | null };
const UNSEEN: Sighting = { strength: 0, count: 0, lastOn: null };

const textOfKey = (properties: JsonObject, key: string): string => {
  const value = properties[key];
  return typeof value === 'string' ? value : '';
};

/** Product lines of an event: its own columns or, where an import kept them in the properties, those. */
const linesOf = (event: SignalEvent): readonly { readonly name: string; readonly category: string }[] => {
  if (event.products.length > 0) return event.products;
  const list = event.properties['products'];
  if (!Array.isArray(list)) return [];
  return list.map(objectOf).map((line) => ({ name: textOfKey(line, 'name'), category: textOfKey(line, 'category') }));
};

function passes(test: PropertyTest, event: SignalEvent): boolean {
  const { properties } = event;
  switch (test.kind) {
    case 'is':
      return test.keys.some((key) => test.texts.includes(textOfKey(properties, key)));
    case 'contains':
      return test.keys.some((key) =>
        test.words.some((word) => textOfKey(properties, key).toLowerCase().includes(word)),
      );
    case 'at_most':
    case 'at_least':
      return test.keys.some((key) => {
        const value = properties[key];
        if (typeof value !== 'number') return false;
        return test.kind === 'at_most' ? value <= test.value : value >= test.value;
      });
    case 'true':
      return test.keys.some((key) => properties[key] === true);
    case 'not_true':
      return test.keys.every((key) => properties[key] !== true);
    case 'product': {
      const name = new RegExp(test.name ?? '');
      return linesOf(event).some(
        (line) => test.words.some((word) => line.category.toLowerCase().includes(word)) && name.test(line.name),
      );
    }
    default:
      return unreachable(test);
  }
}

const matches = (any: readonly EventMatch[], event: SignalEvent): boolean =>
  any.some(({ names, tests = [] }) => names.includes(event.name) && tests.every((test) => passes(test, event)));

function eventSighting(signal: EventSignal, person: QuietPerson): Sighting {
  const quiet = dayNumber(person.lastOn);
  let raw = 0;
  let count = 0;
  let lastOn: Day | null = null;
  for (const event of person.events) {
    const sign = matches(signal.any, event) ? 1 : matches(signal.less ?? [], event) ? -1 : 0;
    const age = quiet - dayNumber(event.day);
    if (sign === 0 || age < -signal.afterDays) continue;
    raw += sign * 2 ** (-Math.max(age, 0) / signal.halfLifeDays);
    if (sign < 0) continue;
    count++;
    if (lastOn === null || event.day > lastOn) lastOn = event.day;
  }
  return { strength: Math.max(0, raw), count, lastOn };
}

/**
 * `not_due`: 1 while the silence is no longer than her own mean gap, falling to 0 at three gaps; with one active day only, the policy's
 * threshold stands for the gap.
 */
function stateStrength(state: StateSignal['state'], person: QuietPerson): number {
  switch (state) {
    case 'not_due': {
      const gap =
        person.activeDays > 1
          ? (dayNumber(person.lastOn) - dayNumber(person.firstOn)) / (person.activeDays - 1)
          : person.thresholdDays;
      return Math.min(1, Math.max(0, (3 - person.silentDays / gap) / 2));
    }
    default:
      return unreachable(state);
  }
}

/** How a signal shows for one person. */
export function sightingOf(signal: Signal, person: QuietPerson): Sighting {
  switch (signal.kind) {
    case 'events':
      return eventSighting(signal, person);
    case 'trait':
      return person.traits[signal.trait] === signal.is ? { strength: 1, count: 1, lastOn: null } : UNSEEN;
    case 'state': {
      const strength = stateStrength(signal.state, person);
      return strength > 0 ? { strength, count: 1, lastOn: null } : UNSEEN;
    }
    default:
      return unreachable(signal);
  }
}

/** The model's input: one fresh sighting counts 1, three count 2, seven count 3. Ten complaints are not ten times as telling as one. */
export const featureOf = (strength: number): number => Math.log2(1 + strength);
