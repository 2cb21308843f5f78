// How fast may we go towards one receiving side? Limits by recipient domain, the moments they leave free, and what a throttled domain has to
// be left alone for. Pure: states are values, `nowMs` is a parameter.
import { RekindleError } from '../../kernel/errors.ts';

export type PaceLimit = {
  readonly perSecond: number;
  /** Hand-overs at once. */
  readonly connections: number;
};

export type PaceLimits = {
  readonly domains: Readonly<Record<string, PaceLimit>>;
  /** For every other domain; absent: as fast as the mail server takes it. */
  readonly otherwise?: PaceLimit | undefined;
};

/** Domains behind which one company's servers stand share one limit. */
const SAME_SERVERS: Readonly<Record<string, string>> = {
  'googlemail.com': 'gmail.com',
  'hotmail.com': 'outlook.com',
  'live.com': 'outlook.com',
  'msn.com': 'outlook.com',
  'ymail.com': 'yahoo.com',
  'rocketmail.com': 'yahoo.com',
  'aol.com': 'yahoo.com',
  'foxmail.com': 'qq.com',
  'me.com': 'icloud.com',
  'mac.com': 'icloud.com',
  '126.com': '163.com',
  'yeah.net': '163.com',
};

/**
 * Where most addresses are. None of these publishes a number for senders in general; these are what a warmed-up address gets away with, and
 * the domain's own 4xx decides from there. Everybody else is only ever limited by what his server answers.
 */
export const DEFAULT_PACE: PaceLimits = {
  domains: {
    'gmail.com': { perSecond: 50, connections: 10 },
    'outlook.com': { perSecond: 30, connections: 10 },
    'yahoo.com': { perSecond: 20, connections: 5 },
    'icloud.com': { perSecond: 10, connections: 5 },
    'qq.com': { perSecond: 10, connections: 5 },
    '163.com': { perSecond: 10, connections: 5 },
  },
};

export const domainOf = (address: string): string => {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return SAME_SERVERS[domain] ?? domain;
};

/**
 * Reads `gmail.com=50/s:10, *=100/s:20`: messages a second and hand-overs at once, `*` for every domain not named. It replaces the defaults
 * for the domains it names. Throws `invalid`.
 */
export function parsePace(text: string): PaceLimits {
  const domains: Record<string, PaceLimit> = { ...DEFAULT_PACE.domains };
  let otherwise: PaceLimit | undefined;
  for (const entry of text.split(',').map((each) => each.trim())) {
    const read = /^(\*|[a-z0-9.-]+\.[a-z0-9-]+)=(\d+(?:\.\d+)?)\/s:(\d+)$/i.exec(entry);
    const limit = { perSecond: Number(read?.[2] ?? 0), connections: Number(read?.[3] ?? 0) };
    if (!read || limit.perSecond <= 0 || limit.connections < 1)
      throw new RekindleError('invalid', {
        where: 'REKINDLE_DOMAIN_LIMITS',
        what: {
          en: `"${entry}" is not like gmail.com=50/s:10 or *=100/s:20`,
          zh: `“${entry}”不是 gmail.com=50/s:10 或 *=100/s:20 这样的写法`,
        },
      });
    if (read[1] === '*') otherwise = limit;
    else domains[domainOf(`@${read[1]!}`)] = limit;
  }
  return { domains, otherwise };
}

/** A worker's part of a limit: the rate is divided exactly, and everybody may have one connection. */
export const shareOf = (limit: PaceLimit, workers: number): PaceLimit => ({
  perSecond: limit.perSecond / workers,
  connections: Math.max(1, Math.floor(limit.connections / workers)),
});

export const limitOf = (limits: PaceLimits, domain: string): PaceLimit | undefined =>
  limits.domains[domain] ?? limits.otherwise;

/** When the next message may go, and from when on what must wait is spread. */
export type PaceState = { readonly freeAtMs: number; readonly backlogAtMs: number };

/** How much of the future may be taken at once: a second's worth of messages goes in one burst. */
const BURST_MS = 1_000;
/** What waits for a domain without a rate of its own comes back in this order. */
const SPREAD_PER_SECOND = 50;

/** The moment a message may be claimed: `now`, or later; and the state after it. `pausedUntilMs`: the domain wants to be left alone. */
export function paced(
  state: PaceState | undefined,
  limit: PaceLimit | undefined,
  nowMs: number,
  pausedUntilMs: number | undefined,
): { readonly atMs: number; readonly state: PaceState } {
  const { freeAtMs, backlogAtMs } = state ?? { freeAtMs: nowMs, backlogAtMs: nowMs };
  const gapMs = 1_000 / (limit?.perSecond ?? SPREAD_PER_SECOND);
  const isPaused = pausedUntilMs !== undefined && pausedUntilMs > nowMs;
  const slotMs = Math.max(nowMs, freeAtMs);
  if (!isPaused && (limit === undefined || slotMs + gapMs <= nowMs + BURST_MS || slotMs <= nowMs))
    return { atMs: nowMs, state: { freeAtMs: limit === undefined ? nowMs : slotMs + gapMs, backlogAtMs } };
  const from = Math.max(backlogAtMs, isPaused ? pausedUntilMs : nowMs + BURST_MS);
  return { atMs: Math.ceil(from + gapMs), state: { freeAtMs, backlogAtMs: from + gapMs } };
}

/** Does this "not now" speak of our speed, rather than of a mailbox or of greylisting? */
export function isThrottle(code: string, detail: string): boolean {
  if (/grey-?list/i.test(detail)) return false;
  if (code === '421' || code === '4.7.0' || code === '4.7.28' || code === '4.3.2') return true;
  return /throttl|rate[ -]?limit|too many|too fast|unusual rate|exceeded.{0,40}(rate|connections|messages)/i.test(
    detail,
  );
}

const PAUSE_MS = 60_000;
const PAUSE_MS_MAX = 3_600_000;

/** A minute, then twice as long each time it happens again soon. */
export const pauseMs = (strikes: number): number => Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** (strikes - 1));
