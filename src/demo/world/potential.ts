// The potential outcomes of one person: what any series of contacts would do to her, coupled to what she would do unaided.
// Her draws are fixed for life, so treated and untreated worlds differ only by the contacts. Whoever returns unaided returns
// treated too, unless a contact drove her away first.
import { DAY_MS } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import type { Life } from './life.ts';
import type { Nature, Reason } from './nature.ts';
import type { Mailbox, Person } from './people.ts';

export type Channel = 'email' | 'sms' | 'web_push' | 'app_push' | 'in_app' | 'social' | 'webhook';
export type CouponOffer = {
  readonly kind: 'coupon';
  readonly percentOff: number;
  readonly code: string;
  readonly expiresAt?: Date;
};
export type Offer = CouponOffer | null;
export type Treatment = { readonly channel: Channel; readonly variant: string; readonly offer: Offer };
/** One message that was handed over; `sentAt` is when it reached the mailbox. */
export type Contact = Treatment & { readonly personId: string; readonly sentAt: Date };

type Pull = {
  readonly nostalgic: number;
  readonly question: number;
  readonly offer: number;
  readonly other: number;
  readonly coupon: number;
};

/** Chance that one message, once looked at, brings back an average person of that reason; `coupon` is what 20% off adds. */
const PULL: Readonly<Record<Reason | 'none', Pull>> = {
  forgot: { nostalgic: 0.24, question: 0.21, offer: 0.14, other: 0.1, coupon: 0.04 },
  competitor: { nostalgic: 0.03, question: 0.04, offer: 0.04, other: 0.02, coupon: 0.19 },
  changed_need: { nostalgic: 0.006, question: 0.012, offer: 0.004, other: 0.003, coupon: 0.004 },
  bad_experience: { nostalgic: 0.03, question: 0.08, offer: 0.015, other: 0.015, coupon: 0.07 },
  overload: { nostalgic: 0.004, question: 0.008, offer: 0, other: 0, coupon: 0.004 },
  privacy: { nostalgic: 0, question: 0.004, offer: 0, other: 0, coupon: 0 },
  none: { nostalgic: 0.07, question: 0.05, offer: 0.06, other: 0.03, coupon: 0.07 },
};

/** Chance that one message, once looked at, drives her away for good. */
const ANNOYANCE: Readonly<Record<Reason | 'none', number>> = {
  forgot: 0.006,
  competitor: 0.008,
  changed_need: 0.015,
  bad_experience: 0.02,
  overload: 0.3,
  privacy: 0.42,
  none: 0.004,
};

/** Each earlier contact within eight weeks weakens the next and annoys a little more. */
const FATIGUE = 0.72;
const FATIGUE_ANNOYANCE = 0.008;
/** Whoever would have come back anyway is quicker to use what is offered: the cannibalised coupons. */
const EAGERNESS = 0.25;
const CHANNEL_REACH: Readonly<Record<Channel, number>> = {
  email: 1,
  sms: 1.1,
  web_push: 0.6,
  app_push: 0.75,
  in_app: 0.25,
  social: 0.3,
  webhook: 0,
};

/** From looking-at-it to order: a fixed hour and an exponential wait, so its distribution is closed. */
const DELAY_FLOOR_MS = 3_600_000;
const DELAY_MEAN_MS = 36 * 3_600_000;
export const delayShareWithin = (ms: number): number =>
  ms <= DELAY_FLOOR_MS ? 0 : 1 - Math.exp(-(ms - DELAY_FLOOR_MS) / DELAY_MEAN_MS);

export type Subject = {
  readonly person: Person;
  readonly nature: Nature;
  readonly mailbox: Mailbox;
  readonly life: Life;
};

export function attentionTo(subject: Subject, channel: Channel): number {
  if (channel === 'email' && subject.mailbox !== 'ok' && subject.mailbox !== 'greylisted') return 0;
  if (channel === 'sms' && subject.person.phone === undefined) return 0;
  return Math.min(0.95, subject.nature.attention * CHANNEL_REACH[channel]);
}

/** The pull of one treatment on one person: by reason, offer, past orders, silence and contacts before it. In [0, 0.9]. */
export function pullOf(subject: Subject, treatment: Treatment, at: Date, earlierContacts: number): number {
  const { nature, life } = subject;
  const row = PULL[nature.reason ?? 'none'];
  const { variant, offer } = treatment;
  const message = variant === 'nostalgic' || variant === 'question' || variant === 'offer' ? row[variant] : row.other;
  const couponPull = offer === null ? 0 : row.coupon * Math.sqrt(Math.min(offer.percentOff, 40) / 20);
  const orders = life.orderMs.filter((ms) => ms < at.getTime()).length;
  const lastMs = life.orderMs.findLast((ms) => ms < at.getTime());
  const silentDays = lastMs === undefined ? 400 : (at.getTime() - lastMs) / DAY_MS;
  const bond = 0.75 + 0.5 * (1 - Math.exp(-orders / 6));
  const memory = 0.5 + 0.7 * Math.exp(-Math.max(silentDays - 90, 0) / 200);
  return Math.min(0.9, (message + couponPull) * bond * memory * FATIGUE ** earlierContacts);
}

export const annoyanceOf = (nature: Nature, earlierContacts: number): number =>
  Math.min(0.9, ANNOYANCE[nature.reason ?? 'none'] + FATIGUE_ANNOYANCE * earlierContacts);

export const eager = (pull: number): number => Math.min(0.9, pull + EAGERNESS * (pull > 0.01 ? 1 : 0));

export type ContactOutcome = {
  readonly contact: Contact;
  readonly seen: boolean;
  readonly openedMs: number;
  /** `converted`: this contact brings the order at `orderMs`; `driven_away`: no order of her own any more from `openedMs` on. */
  readonly effect: 'none' | 'converted' | 'driven_away' | 'already_back';
  readonly orderMs: number | null;
  readonly pull: number;
};

export type Fate = {
  readonly outcomes: readonly ContactOutcome[];
  readonly unaidedMs: number | null;
  readonly treatedMs: number | null;
  readonly drivenAwayMs: number | null;
  /** Her own order at this instant is replaced by the earlier one that a contact brought. */
  readonly replacedOrderMs: number | null;
};

/**
 * What these contacts do to her between `fromMs` and `untilMs`. `draws` is her own response stream. Contacts may come in any
 * order. A return is an order in [fromMs, untilMs); `unaidedMs` ignores the contacts, `treatedMs` is what happens with them.
 */
export function fateOf(
  subject: Subject,
  draws: Rng,
  contacts: readonly Contact[],
  fromMs: number,
  untilMs: number,
): Fate {
  const { nature, life } = subject;
  const unaidedMs = life.orderMs.find((ms) => ms >= fromMs && ms < untilMs) ?? null;
  const sorted = contacts.toSorted((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
  const outcomes: ContactOutcome[] = [];
  let unmoved = 1;
  let unannoyed = 1;
  let convertedMs: number | null = null;
  let drivenAwayMs: number | null = null;
  sorted.forEach((contact, k) => {
    const sentMs = contact.sentAt.getTime();
    const draw = draws.fork(`contact/${k}`);
    const seen = draw.next() < attentionTo(subject, contact.channel);
    const waitMs = DELAY_FLOOR_MS - DELAY_MEAN_MS * Math.log(1 - draw.next());
    // Time enough between reading and ordering for the visit itself.
    const openedMs = Math.floor(sentMs + Math.min(waitMs * (0.2 + 0.5 * draw.next()), waitMs - 27 * 60_000));
    const pull = pullOf(subject, contact, contact.sentAt, k);
    const outcome = { contact, seen, openedMs, orderMs: null, pull };
    const backMs = Math.min(convertedMs ?? Infinity, drivenAwayMs === null ? (unaidedMs ?? Infinity) : Infinity);
    if (sentMs >= backMs || convertedMs !== null) {
      outcomes.push({ ...outcome, effect: 'already_back' });
      return;
    }
    if (!seen || drivenAwayMs !== null) {
      outcomes.push({ ...outcome, effect: 'none' });
      return;
    }
    unmoved *= 1 - (unaidedMs === null ? pull : eager(pull));
    unannoyed *= 1 - annoyanceOf(nature, k);
    const orderMs = Math.floor(sentMs + waitMs);
    if (1 - unmoved > nature.resistance && orderMs < (unaidedMs ?? Infinity)) {
      convertedMs = orderMs;
      outcomes.push({ ...outcome, orderMs, effect: 'converted' });
    } else if (
      1 - unmoved <= nature.resistance &&
      1 - unannoyed > nature.tolerance &&
      openedMs < (unaidedMs ?? Infinity)
    ) {
      drivenAwayMs = openedMs;
      outcomes.push({ ...outcome, effect: 'driven_away' });
    } else {
      outcomes.push({ ...outcome, effect: 'none' });
    }
  });
  const ownMs = drivenAwayMs === null ? unaidedMs : null;
  const broughtMs = convertedMs !== null && convertedMs < untilMs ? convertedMs : null;
  const treatedMs = broughtMs ?? ownMs;
  return {
    outcomes,
    unaidedMs,
    treatedMs,
    drivenAwayMs,
    replacedOrderMs: convertedMs !== null && unaidedMs !== null ? unaidedMs : null,
  };
}
