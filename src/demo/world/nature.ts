// The hidden truth of one person: how often she needs something, whether and why she goes quiet, how she meets a message.
// Nothing outside this folder may read it except through truth.ts.
import { DAY_MS } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import { CATEGORIES } from './catalogue.ts';

export const REASONS = ['changed_need', 'bad_experience', 'competitor', 'forgot', 'overload', 'privacy'] as const;
export type Reason = (typeof REASONS)[number];
/** Regulars and slow buyers never leave; leavers go quiet for a reason; window-shoppers never buy by themselves. */
export type LifeKind = 'regular' | 'slow' | 'leaver' | 'window_shopper';
export type MailClient = 'plain' | 'apple' | 'gmail' | 'scanned_honest' | 'scanned_disguised';

export type Nature = {
  readonly kind: LifeKind;
  readonly reason: Reason | null;
  /** When the need leaves her; Infinity for those who never go quiet. Milliseconds since 1970. */
  readonly quietMs: number;
  /** How visible the reason was beforehand. */
  readonly trace: 'strong' | 'weak' | 'none';
  readonly firstOrderMs: number;
  /** Mean need days between orders while alive; gaps are Erlang of shape 5. */
  readonly meanGapDays: number;
  /** Orders per need day after going quiet. */
  readonly residualRate: number;
  /** Indices into CATEGORIES, favourite first. */
  readonly tastes: readonly number[];
  readonly basketMean: number;
  /** Chance that she really looks at a message that reached her. */
  readonly attention: number;
  readonly mailClient: MailClient;
  /** Uniform draws, fixed for life: how much persuasion brings her back, how much annoyance drives her away. */
  readonly resistance: number;
  readonly tolerance: number;
};

const REASON_SHARES: Readonly<Record<Reason, number>> = {
  forgot: 0.29,
  competitor: 0.2,
  changed_need: 0.19,
  bad_experience: 0.15,
  overload: 0.1,
  privacy: 0.07,
};

/** Mean orders per need day after going quiet: overload and privacy keep a little, a finished need almost nothing. */
const RESIDUAL: Readonly<Record<Reason, number>> = {
  forgot: 0.0007,
  competitor: 0.0005,
  changed_need: 0.0002,
  bad_experience: 0.0003,
  overload: 0.0014,
  privacy: 0.0012,
};

const weighted = <T extends string>(rng: Rng, shares: Readonly<Record<T, number>>): T => {
  const names = Object.keys(shares) as T[];
  let left = rng.next();
  for (const name of names) {
    left -= shares[name];
    if (left < 0) return name;
  }
  return names[0]!;
};

const LIFECYCLE_TASTES = CATEGORIES.flatMap((category, i) => (category.lifecycle ? [i] : []));

function drawTastes(rng: Rng, lifecycleFirst: boolean): number[] {
  const tastes = lifecycleFirst ? [rng.pick(LIFECYCLE_TASTES)] : [];
  const wanted = tastes.length + 2 + rng.below(2);
  while (tastes.length < wanted) {
    const taste = rng.below(CATEGORIES.length);
    const allowed = !CATEGORIES[taste]!.lifecycle || rng.chance(0.3);
    if (allowed && !tastes.includes(taste)) tastes.push(taste);
  }
  return tastes;
}

/** `joinedMs` is the sign-up or, for those who were customers before, the start of history. */
export function drawNature(rng: Rng, joinedMs: number, knownBefore: boolean, endMs: number): Nature {
  const kind = weighted(rng, { regular: 0.42, leaver: 0.48, slow: 0.035, window_shopper: 0.065 });
  const meanGapDays = kind === 'slow' ? 180 + 170 * rng.next() : 30 + rng.gamma(4, 4.5);
  const sinceJoining = kind === 'slow' ? meanGapDays * rng.next() : rng.exponential(knownBefore ? meanGapDays / 2 : 4);
  const firstOrderMs =
    kind === 'window_shopper' ? Infinity : joinedMs + (!knownBefore && rng.chance(0.6) ? 0.02 : sinceJoining) * DAY_MS;
  const reason = kind === 'leaver' ? weighted(rng, REASON_SHARES) : null;
  const quietShare = rng.next();
  const quietMs =
    kind === 'leaver'
      ? firstOrderMs + Math.max(endMs - firstOrderMs, DAY_MS) * (0.02 + 0.98 * quietShare)
      : kind === 'window_shopper'
        ? joinedMs
        : Infinity;
  const traceDraw = rng.next();
  const residual = reason === null ? 0.00005 : RESIDUAL[reason] * rng.gamma(2, 0.5);
  return {
    kind,
    reason,
    quietMs,
    trace: reason === null ? 'none' : traceDraw < 0.6 ? 'strong' : traceDraw < 0.8 ? 'weak' : 'none',
    firstOrderMs,
    meanGapDays,
    residualRate: residual,
    tastes: drawTastes(rng, reason === 'changed_need' ? rng.chance(0.65) : rng.chance(0.12)),
    basketMean: 0.3 + rng.gamma(2, 0.35),
    attention: 0.35 + 0.55 * rng.next(),
    mailClient: weighted(rng, { plain: 0.5, apple: 0.24, gmail: 0.2, scanned_honest: 0.035, scanned_disguised: 0.025 }),
    resistance: rng.next(),
    tolerance: rng.next(),
  };
}
