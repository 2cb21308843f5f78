// What a reason leaves behind in the data before a person goes quiet. Traces are noisy both ways: many leavers leave none,
// and everybody has bad days, so an honest engine must often say "unknown".
import { DAY_MS } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import { type HappeningKind, NO_TROUBLE, type Trouble } from './happening.ts';
import type { Nature } from './nature.ts';
import type { Span } from './people.ts';

/** `ordersToGo` counts the alive orders after this one: 0 is the last before going quiet, negative is after it. */
export function orderTrouble(rng: Rng, nature: Nature, ordersToGo: number): Trouble {
  const fatal = nature.reason === 'bad_experience' && ordersToGo === 0 && nature.trace !== 'none';
  const strength = !fatal ? 0 : nature.trace === 'strong' ? 0.55 : 0.25;
  const trouble = {
    late: rng.chance(0.05 + strength),
    refunded: rng.chance(0.03 + strength),
    ticket: rng.chance(0.03 + strength),
    lowRating: rng.chance(0.012 + strength),
  };
  return trouble.late || trouble.refunded || trouble.ticket || trouble.lowRating ? trouble : NO_TROUBLE;
}

type Trace = { readonly kind: HappeningKind; readonly mean: number; readonly days: number };

/** Per reason: what is seen, how often on average when the trace is strong, and within how many days before going quiet. */
const TRACES: Readonly<Record<NonNullable<Nature['reason']>, readonly Trace[]>> = {
  changed_need: [{ kind: 'address_change', mean: 0.35, days: 25 }],
  bad_experience: [{ kind: 'login_failure', mean: 0.6, days: 20 }],
  competitor: [
    { kind: 'price_hunt', mean: 3, days: 40 },
    { kind: 'abandoned_cart', mean: 1, days: 30 },
  ],
  forgot: [{ kind: 'abandoned_cart', mean: 0.5, days: 20 }],
  overload: [
    { kind: 'extra_newsletter', mean: 14, days: 75 },
    { kind: 'push_denied', mean: 0.7, days: 15 },
  ],
  privacy: [
    { kind: 'privacy_look', mean: 1.8, days: 20 },
    { kind: 'push_denied', mean: 0.5, days: 15 },
  ],
};

/** Occurrences per year that mean nothing, for everybody. */
const BACKGROUND: readonly (readonly [HappeningKind, number])[] = [
  ['price_hunt', 0.25],
  ['login_failure', 0.2],
  ['push_denied', 0.06],
  ['privacy_look', 0.06],
  ['address_change', 0.07],
];

export function traceHappenings(
  rng: Rng,
  nature: Nature,
  fromMs: number,
  span: Span,
): readonly (readonly [HappeningKind, number])[] {
  const found: [HappeningKind, number][] = [];
  for (const [kind, perYear] of BACKGROUND) {
    const activeMs = Math.min(nature.quietMs, span.endMs) - fromMs;
    if (activeMs <= 0) continue;
    const count = rng.poisson((perYear * activeMs) / (365 * DAY_MS));
    for (let i = 0; i < count; i++) found.push([kind, fromMs + rng.next() * activeMs]);
  }
  if (nature.reason === null || nature.trace === 'none') return found;
  const strength = nature.trace === 'strong' ? 1 : 0.4;
  for (const { kind, mean, days } of TRACES[nature.reason]) {
    const count = rng.poisson(mean * strength);
    for (let i = 0; i < count; i++) {
      const atMs = nature.quietMs - rng.next() * days * DAY_MS;
      // The shop's own newsletters end with history.
      if (atMs > fromMs && (kind !== 'extra_newsletter' || atMs < span.historyEndMs)) found.push([kind, atMs]);
    }
  }
  return found;
}
