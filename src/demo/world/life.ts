// What happens in one person's life if nobody intervenes: a time-ordered list of happenings from the start of history to the
// end of the horizon. Orders are a renewal process in need time (see season.ts) that turns into a thin trickle once she is quiet.
import { DAY_MS } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import { type Happening, type HappeningKind, NO_TROUBLE } from './happening.ts';
import type { Nature } from './nature.ts';
import type { Resident, Span } from './people.ts';
import { awakeAt, type Season } from './season.ts';
import { orderTrouble, traceHappenings } from './traces.ts';

export type Life = {
  readonly happenings: readonly Happening[];
  /** When each order happens, for the chance of an unaided return. */
  readonly orderMs: readonly number[];
};

const SHAPE = 5;

/** Survival function of the gap between orders, P(gap > x): Erlang(5) with the given mean, e^(−y)·Σ y^k/k! for k < 5, y = 5x/mean. */
export function gapSurvival(x: number, meanGap: number): number {
  const y = (SHAPE * Math.max(x, 0)) / meanGap;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < SHAPE; k++) sum += term *= y / k;
  return Math.exp(-y) * sum;
}

export function drawGap(rng: Rng, meanGap: number): number {
  let product = 1;
  for (let k = 0; k < SHAPE; k++) product *= 1 - rng.next();
  return (-meanGap / SHAPE) * Math.log(product);
}

function orderTimes(rng: Rng, nature: Nature, season: Season, endMs: number): number[] {
  const times: number[] = [];
  let at = nature.firstOrderMs;
  while (at < nature.quietMs && at < endMs) {
    times.push(at);
    at = season.timeOf(season.needAt(at) + drawGap(rng, nature.meanGapDays));
  }
  at = season.timeOf(season.needAt(Math.min(nature.quietMs, endMs)) + rng.exponential(1 / nature.residualRate));
  while (at < endMs) {
    times.push(at);
    at = season.timeOf(season.needAt(at) + rng.exponential(1 / nature.residualRate));
  }
  return times;
}

/** Sessions without an order: as frequent as orders while alive, rare afterwards. */
function browseTimes(rng: Rng, nature: Nature, season: Season, fromMs: number, endMs: number): number[] {
  const times: number[] = [];
  const aliveGap = Math.max(nature.meanGapDays * 1.3, 30);
  let at = fromMs + rng.exponential(aliveGap) * DAY_MS;
  while (at < endMs) {
    times.push(at);
    at = season.timeOf(season.needAt(at) + rng.exponential(at < nature.quietMs ? aliveGap : 260));
  }
  return times;
}

export function newsletterTimes(span: Span): readonly number[] {
  const times: number[] = [];
  for (let at = span.startMs + 9 * DAY_MS + 36_000_000; at < span.historyEndMs; at += 49 * DAY_MS) times.push(at);
  return times;
}

const canGetMail = (resident: Resident, atMs: number): boolean => {
  const { consent, signedUpAt } = resident.person;
  if (resident.mailbox === 'none' || resident.mailbox === 'malformed' || resident.mailbox === 'unknown') return false;
  if (consent.status === 'never' || atMs < signedUpAt.getTime()) return false;
  return consent.status === 'given' || atMs < consent.withdrawnAt.getTime();
};

export function createLife(
  rng: Rng,
  resident: Resident,
  season: Season,
  span: Span,
  newsletters: readonly number[],
): Life {
  const { nature, person } = resident;
  const happenings: Happening[] = [];
  // Happenings outside the simulated span did not happen.
  const add = (kind: HappeningKind, ms: number, trouble = NO_TROUBLE): void => {
    const atMs = Math.floor(ms);
    if (atMs >= span.startMs && atMs < span.endMs) happenings.push({ atMs, kind, trouble });
  };
  const awake = (ms: number): number => awakeAt(ms, resident.offsetHours);

  const firstSeenMs = Math.max(person.signedUpAt.getTime(), span.startMs);
  add(resident.knownBefore ? 'known' : 'signup', firstSeenMs + (resident.knownBefore ? person.index : 0));

  const orders = orderTimes(rng.fork('orders'), nature, season, span.endMs + DAY_MS);
  const lastAliveIndex = orders.filter((ms) => ms < nature.quietMs).length - 1;
  orders.forEach((ms, i) => {
    const trouble = orderTrouble(rng.fork(`trouble/${i}`), nature, lastAliveIndex - i);
    // A first order soon after the sign-up keeps its minute; nobody orders before she has signed up.
    add('order', i === 0 ? ms : Math.max(awake(ms), firstSeenMs + 600_000), trouble);
  });
  for (const ms of browseTimes(rng.fork('browse'), nature, season, firstSeenMs + DAY_MS, span.endMs)) {
    add(rng.fork(`cart/${ms}`).chance(0.12) ? 'abandoned_cart' : 'browse', Math.max(awake(ms), firstSeenMs));
  }
  for (const [kind, ms] of traceHappenings(rng.fork('traces'), nature, firstSeenMs, span)) add(kind, ms);

  const jitter = rng.fork('newsletter').next() * 5_400_000;
  for (const ms of newsletters) if (canGetMail(resident, ms + jitter)) add('newsletter', ms + jitter);
  if (person.consent.status === 'withdrawn') add('unsubscribe', person.consent.withdrawnAt.getTime());

  happenings.sort((a, b) => a.atMs - b.atMs);
  return {
    happenings: happenings.filter((h) => h.kind !== 'extra_newsletter' || canGetMail(resident, h.atMs)),
    orderMs: happenings.flatMap((h) => (h.kind === 'order' ? [h.atMs] : [])),
  };
}

/**
 * Chance of at least one order in [fromMs, untilMs) if nobody intervenes, given everything before `fromMs`:
 * 1 − S(b)/S(a) for the Erlang gap while alive, times the exponential trickle after going quiet (both in need time).
 */
export function chanceUnaided(nature: Nature, life: Life, season: Season, fromMs: number, untilMs: number): number {
  const need = season.needAt;
  const lastMs = life.orderMs.findLast((ms) => ms < fromMs);
  const aliveUntilMs = Math.min(untilMs, nature.quietMs);
  let none = 1;
  if (fromMs < aliveUntilMs) {
    if (lastMs === undefined) {
      if (nature.firstOrderMs < aliveUntilMs) return 1;
    } else {
      const since = need(lastMs);
      none *= gapSurvival(need(aliveUntilMs) - since, nature.meanGapDays);
      none /= gapSurvival(need(fromMs) - since, nature.meanGapDays);
    }
  }
  if (nature.quietMs < untilMs)
    none *= Math.exp(-nature.residualRate * (need(untilMs) - need(Math.max(fromMs, nature.quietMs))));
  return 1 - none;
}
