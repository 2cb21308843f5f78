// Keeps one channel at the pace its receiving sides bear. A limit belongs to all workers of the store together: each keeps to its share,
// which is the limit divided by the workers that are alive; what a domain answers is told to all of them.
import type { Records } from '../../stores/records/records.ts';
import type { SendOutcome } from '../channels/channel.ts';
import { isThrottle, limitOf, paced, shareOf, type PaceLimit, type PaceLimits, type PaceState } from './pace.ts';
import { beat, leave, pauseDomain, pausedDomains } from './pace.sql.ts';

export type Pace = {
  readonly limits: PaceLimits;
  /** The receiving side of an address. */
  readonly domainOf: (address: string) => string;
};

export type Pacer = {
  /** Call before a set is claimed. */
  readonly refresh: (now: Date) => Promise<void>;
  /** When a message to this address may be claimed: `undefined` for now. */
  readonly laterThan: (address: string, now: Date) => Date | undefined;
  /** Takes one of the domain's connections; false when they are all taken. */
  readonly enter: (address: string) => boolean;
  readonly exit: (address: string) => void;
  readonly heard: (address: string, outcome: SendOutcome, now: Date) => Promise<void>;
  readonly close: () => Promise<void>;
};

const BEAT_MS = 10_000;

export function openPacer(
  sender: { readonly records: Records; readonly worker: string },
  channel: string,
  pace: Pace,
): Pacer {
  const { records, worker } = sender;
  const states = new Map<string, PaceState>();
  const inFlight = new Map<string, number>();
  let pauses: ReadonlyMap<string, Date> = new Map();
  let workers = 1;
  let beatenAtMs = -Infinity;
  const mine = (domain: string): PaceLimit | undefined => {
    const limit = limitOf(pace.limits, domain);
    return limit === undefined ? undefined : shareOf(limit, workers);
  };
  return {
    refresh: async (now) => {
      pauses = await pausedDomains(records.db, channel, now);
      // An embedded store has one worker.
      if (records.kind === 'pglite' || now.getTime() - beatenAtMs < BEAT_MS) return;
      workers = await beat(records.db, worker, now);
      beatenAtMs = now.getTime();
    },
    laterThan: (address, now) => {
      const domain = pace.domainOf(address);
      const limit = mine(domain);
      const pausedUntil = pauses.get(domain);
      if (limit === undefined && pausedUntil === undefined) return undefined;
      const { atMs, state } = paced(states.get(domain), limit, now.getTime(), pausedUntil?.getTime());
      states.set(domain, state);
      return atMs > now.getTime() ? new Date(atMs) : undefined;
    },
    enter: (address) => {
      const domain = pace.domainOf(address);
      const busy = inFlight.get(domain) ?? 0;
      if (busy >= (mine(domain)?.connections ?? Infinity)) return false;
      inFlight.set(domain, busy + 1);
      return true;
    },
    exit: (address) => {
      const domain = pace.domainOf(address);
      const left = (inFlight.get(domain) ?? 1) - 1;
      if (left === 0) inFlight.delete(domain);
      else inFlight.set(domain, left);
    },
    heard: async (address, outcome, now) => {
      // A provider that wants us slower says nothing about whom the mail was for.
      if (outcome.kind === 'deferred' && outcome.of === 'account') return;
      if (outcome.kind !== 'deferred' || !isThrottle(outcome.code, outcome.detail)) return;
      const domain = pace.domainOf(address);
      await pauseDomain(records.db, { channel, domain, detail: outcome.detail }, now);
      pauses = await pausedDomains(records.db, channel, now);
    },
    close: async () => {
      if (records.kind !== 'pglite') await leave(records.db, worker);
    },
  };
}
