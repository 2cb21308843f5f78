// How a message is met: opens by people and by proxies, clicks by people and by scanning robots, visits, orders with or without
// the coupon, unsubscribes and complaints, each with its instant. The plan follows the person's fate (potential.ts) exactly.
import { DAY_MS } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import type { Catalogue } from './catalogue.ts';
import { drawGap } from './life.ts';
import { NO_TROUBLE } from './happening.ts';
import type { ContactOutcome, Fate } from './potential.ts';
import type { Resident } from './people.ts';
import { type Coupon, orderEvents, visitEvents } from './order-events.ts';
import type { ShopEvent } from './shop-event.ts';

/** What the message carried that can be fetched; absent means the message had none. */
export type MessageLinks = {
  readonly openPixel?: string;
  /** Links a person would follow, the main one first. A robot follows all of them. */
  readonly clicks: readonly string[];
  /** RFC 8058 one-click address from the List-Unsubscribe header. */
  readonly oneClick?: string;
  /** The unsubscribe page linked in the body; robots fetch it too, which must change nothing. */
  readonly unsubscribePage?: string;
};

export type Reaction =
  | {
      readonly kind: 'open';
      readonly at: Date;
      readonly by: 'human' | 'proxy';
      readonly url: string;
      readonly userAgent: string;
    }
  | {
      readonly kind: 'click';
      readonly at: Date;
      readonly by: 'human' | 'robot';
      readonly method: 'GET' | 'HEAD';
      readonly url: string;
      readonly userAgent: string;
    }
  | { readonly kind: 'event'; readonly at: Date; readonly event: ShopEvent }
  | {
      readonly kind: 'unsubscribe';
      readonly at: Date;
      readonly how: 'one_click' | 'body_link';
      readonly url: string;
      readonly userAgent: string;
    }
  | { readonly kind: 'complaint'; readonly at: Date; readonly feedbackType: 'abuse' };

const HUMAN_AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36',
];
const APPLE_PROXY_AGENT = 'Mozilla/5.0';
const GMAIL_PROXY_AGENT = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const SCANNER_AGENTS = [
  'Barracuda Sentinel (EE)',
  'python-requests/2.32.3',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36',
];

/** Of those who are driven away, how many say so and how; the rest are silent about it. */
const LEAVES_BY_UNSUBSCRIBE = 0.55;
const LEAVES_BY_COMPLAINT = 0.15;
const CLICK_THEN_ORDER = 0.85;
const USES_COUPON = 0.9;
const TYPES_COUPON_WITHOUT_CLICK = 0.4;
const CURIOUS_CLICK = 0.14;

type Plan = {
  readonly resident: Resident;
  readonly catalogue: Catalogue;
  readonly rng: Rng;
  readonly links: MessageLinks;
};

/** The reactions to one contact, sorted by time. `contactIndex` counts the person's contacts from 0. Empty for a dead mailbox. */
export function reactionsTo(
  resident: Resident,
  catalogue: Catalogue,
  draws: Rng,
  fate: Fate,
  contactIndex: number,
  links: MessageLinks,
  endMs: number,
): Reaction[] {
  const outcome = fate.outcomes[contactIndex]!;
  const isMail = outcome.contact.channel === 'email';
  if (isMail && resident.mailbox !== 'ok' && resident.mailbox !== 'greylisted') return [];
  const plan: Plan = { resident, catalogue, rng: draws.fork(`reaction/${contactIndex}`), links };
  const reactions = isMail ? machineReactions(plan, outcome.contact.sentAt.getTime()) : [];
  if (outcome.seen) reactions.push(...humanReactions(plan, outcome, fate, contactIndex, endMs));
  return reactions.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Robots follow every link within a second or two of delivery; privacy proxies fetch the picture minutes later. */
function machineReactions({ resident, rng, links }: Plan, sentMs: number): Reaction[] {
  const reactions: Reaction[] = [];
  const draw = rng.fork('machine');
  const { mailClient } = resident.nature;
  if (mailClient === 'apple' && links.openPixel !== undefined) {
    const at = new Date(sentMs + 8_000 + draw.below(900_000));
    reactions.push({ kind: 'open', at, by: 'proxy', url: links.openPixel, userAgent: APPLE_PROXY_AGENT });
  }
  if (mailClient !== 'scanned_honest' && mailClient !== 'scanned_disguised') return reactions;
  const honest = mailClient === 'scanned_honest';
  const userAgent = honest ? draw.pick(SCANNER_AGENTS) : HUMAN_AGENTS[1]!;
  let ms = sentMs + 150 + draw.below(500);
  for (const url of [...links.clicks, ...(links.unsubscribePage === undefined ? [] : [links.unsubscribePage])]) {
    if (honest) reactions.push({ kind: 'click', at: new Date(ms), by: 'robot', method: 'HEAD', url, userAgent });
    ms += 20 + draw.below(120);
    reactions.push({ kind: 'click', at: new Date(ms), by: 'robot', method: 'GET', url, userAgent });
  }
  return reactions;
}

function humanReactions(
  plan: Plan,
  outcome: ContactOutcome,
  fate: Fate,
  contactIndex: number,
  endMs: number,
): Reaction[] {
  const { resident, rng, links } = plan;
  const draw = rng.fork('human');
  const userAgent = HUMAN_AGENTS[resident.person.index % HUMAN_AGENTS.length]!;
  const reactions: Reaction[] = [];
  const open = (ms: number): void => {
    if (links.openPixel === undefined) return;
    const agent = resident.nature.mailClient === 'gmail' ? GMAIL_PROXY_AGENT : userAgent;
    // Many mail programs show no pictures: the person reads, nothing is recorded.
    if (draw.chance(0.7))
      reactions.push({ kind: 'open', at: new Date(ms), by: 'human', url: links.openPixel, userAgent: agent });
  };
  const click = (ms: number): void => {
    const url = links.clicks[0];
    if (url !== undefined)
      reactions.push({ kind: 'click', at: new Date(ms), by: 'human', method: 'GET', url, userAgent });
  };
  const happen = (events: readonly ShopEvent[]): void => {
    for (const event of events) reactions.push({ kind: 'event', at: event.timestamp, event });
  };
  const key = `r${contactIndex}`;
  open(outcome.openedMs);
  switch (outcome.effect) {
    case 'converted': {
      const orderMs = outcome.orderMs!;
      const clicks = links.clicks.length > 0 && draw.chance(CLICK_THEN_ORDER);
      if (clicks) click(Math.max(outcome.openedMs + 4000, orderMs - (25 + 12 * draw.next()) * 60_000));
      happen(
        orderEvents(
          draw.fork('order'),
          resident,
          plan.catalogue,
          key,
          orderMs,
          NO_TROUBLE,
          couponFor(draw, outcome, clicks),
        ),
      );
      if (fate.replacedOrderMs === null) happen(secondLife(plan, key, orderMs, endMs));
      break;
    }
    case 'driven_away':
      reactions.push(...leaving(draw, links, outcome.openedMs + 5000 + draw.below(20_000), userAgent));
      break;
    case 'none':
    case 'already_back':
      if (links.clicks.length > 0 && draw.chance(outcome.pull > 0.015 ? CURIOUS_CLICK : CURIOUS_CLICK / 4)) {
        const clickedMs = outcome.openedMs + 4000 + draw.below(60_000);
        click(clickedMs);
        happen(visitEvents(draw.fork('visit'), resident, plan.catalogue, key, clickedMs + 2500));
      }
      break;
  }
  return reactions;
}

function couponFor(draw: Rng, outcome: ContactOutcome, clicked: boolean): Coupon | null {
  const { offer } = outcome.contact;
  if (offer === null || !draw.chance(clicked ? USES_COUPON : TYPES_COUPON_WITHOUT_CLICK)) return null;
  if (offer.expiresAt !== undefined && outcome.orderMs! >= offer.expiresAt.getTime()) return null;
  return { code: offer.code, percentOff: offer.percentOff };
}

/** Six in ten who were brought back keep buying, somewhat slower than before. */
function secondLife({ resident, catalogue, rng }: Plan, key: string, returnedMs: number, endMs: number): ShopEvent[] {
  const draw = rng.fork('second-life');
  if (!draw.chance(0.6)) return [];
  const events: ShopEvent[] = [];
  const gapDays = resident.nature.meanGapDays * 1.3;
  for (
    let n = 1, ms = returnedMs + drawGap(draw, gapDays) * DAY_MS;
    ms < endMs;
    n++, ms += drawGap(draw, gapDays) * DAY_MS
  ) {
    events.push(...orderEvents(draw.fork(n), resident, catalogue, `${key}s${n}`, Math.floor(ms), NO_TROUBLE, null));
  }
  return events;
}

function leaving(draw: Rng, links: MessageLinks, ms: number, userAgent: string): Reaction[] {
  const at = new Date(ms);
  const how = draw.next();
  if (how < LEAVES_BY_COMPLAINT) return [{ kind: 'complaint', at, feedbackType: 'abuse' }];
  if (how > LEAVES_BY_COMPLAINT + LEAVES_BY_UNSUBSCRIBE) return [];
  const wantsOneClick = draw.chance(0.6);
  const oneClick = links.oneClick !== undefined && (wantsOneClick || links.unsubscribePage === undefined);
  const url = oneClick ? links.oneClick : links.unsubscribePage;
  if (url === undefined) return [];
  return [{ kind: 'unsubscribe', at, how: oneClick ? 'one_click' : 'body_link', url, userAgent }];
}
