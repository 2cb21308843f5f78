// What the shop's own instruments report about one happening. Each happening has its own random stream and message-id prefix,
// so its events are the same whenever and in whatever order they are asked for.
import { DAY_MS, type Day, dayOfNumber } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import type { Catalogue, Product } from './catalogue.ts';
import type { Happening, Trouble } from './happening.ts';
import type { Resident } from './people.ts';
import { decimal, type JsonObject, SHOP_CURRENCY, type ShopEvent } from './shop-event.ts';

const NONE: JsonObject = {};
const CONTEXTS: readonly JsonObject[] = [
  { library: { name: 'analytics.js', version: '2.11.1' }, device: { type: 'desktop' } },
  { library: { name: 'analytics-ios', version: '4.1.8' }, device: { type: 'ios' } },
  { library: { name: 'analytics-android', version: '4.11.0' }, device: { type: 'android' } },
];
const SERVER_CONTEXT: JsonObject = { library: { name: 'analytics-node', version: '2.1.3' } };
const MINUTE_MS = 60_000;

export type Line = { readonly product: Product; readonly quantity: number };
export type Coupon = { readonly code: string; readonly percentOff: number };

/** Collects the events of one happening; `messageId`s number them within it. */
type Scribe = {
  readonly events: ShopEvent[];
  readonly track: (
    atMs: number,
    event: string,
    properties: JsonObject,
    where?: 'site' | 'anonymous' | 'server',
  ) => void;
  readonly page: (atMs: number, name: string, path: string, where?: 'site' | 'anonymous') => void;
  readonly identify: (atMs: number, traits: JsonObject) => void;
};

function scribeFor(resident: Resident, key: string): Scribe {
  const { person } = resident;
  const events: ShopEvent[] = [];
  const device = CONTEXTS[person.index % CONTEXTS.length]!;
  const anonymousId = `a-${person.id}`;
  const push = (
    atMs: number,
    rest: Pick<ShopEvent, 'type' | 'event' | 'name' | 'properties' | 'traits'>,
    where: string,
  ) => {
    events.push({
      messageId: `${person.id}-${key}-${events.length}`,
      ...(where === 'anonymous' ? {} : { userId: person.id }),
      ...(where === 'server' ? {} : { anonymousId }),
      timestamp: new Date(Math.floor(atMs)),
      context: where === 'server' ? SERVER_CONTEXT : device,
      ...rest,
    });
  };
  return {
    events,
    track: (atMs, event, properties, where = 'site') =>
      push(atMs, { type: 'track', event, properties, traits: NONE }, where),
    page: (atMs, name, path, where = 'site') =>
      push(atMs, { type: 'page', name, properties: { path, title: name }, traits: NONE }, where),
    identify: (atMs, traits) => push(atMs, { type: 'identify', properties: NONE, traits }, 'site'),
  };
}

/** Consent as it stood at sign-up; a later withdrawal is an event of its own. */
export function traitsOf(resident: Resident): JsonObject {
  const { person } = resident;
  return {
    ...(person.name === undefined ? {} : { name: person.name }),
    ...(person.email === undefined ? {} : { email: person.email }),
    ...(person.phone === undefined ? {} : { phone: person.phone }),
    country: person.country,
    timezone: person.timeZone,
    language: person.lang,
    createdAt: person.signedUpAt.toISOString(),
    marketing_consent: person.consent.status !== 'never',
  };
}

const productProperties = (product: Product): JsonObject => ({
  product_id: product.id,
  sku: product.sku,
  name: product.name.en,
  brand: product.brand,
  category: product.category,
  price: decimal(product.priceCents),
});

const dayOf = (ms: number): Day => dayOfNumber(Math.floor(ms / DAY_MS));

/** A product this person might look at now: her favourites mostly, by popularity, launched, of the stage her need has reached. */
function chooseProduct(rng: Rng, resident: Resident, catalogue: Catalogue, atMs: number): Product {
  const { tastes } = resident.nature;
  const taste = tastes[Math.floor(rng.next() ** 1.6 * tastes.length)]!;
  const shelf = catalogue.shelf(taste);
  if (catalogue.categories[taste]!.lifecycle) {
    // A child outgrows one of five stages every 110 days or so; she is at the last one when the need ends.
    const endsMs = Number.isFinite(resident.nature.quietMs) ? resident.nature.quietMs : atMs;
    const stage = Math.min(4, Math.max(0, 4 - Math.floor((endsMs - atMs) / (110 * DAY_MS))));
    return rng.pick(shelf.filter((product) => product.stage === stage));
  }
  const favourite = (resident.person.index * 7 + taste * 3) % shelf.length;
  const rank = rng.chance(0.45) ? favourite : Math.floor(rng.next() ** 2 * shelf.length);
  const product = shelf[rank]!;
  return product.launchedOn <= dayOf(atMs) ? product : shelf.find((p) => p.launchedOn <= dayOf(atMs))!;
}

function chooseBasket(rng: Rng, resident: Resident, catalogue: Catalogue, atMs: number): Line[] {
  const lines = new Map<string, Line>();
  const count = 1 + rng.poisson(resident.nature.basketMean);
  for (let i = 0; i < Math.min(count, 8); i++) {
    const product = chooseProduct(rng, resident, catalogue, atMs);
    lines.set(product.id, { product, quantity: (lines.get(product.id)?.quantity ?? 0) + 1 });
  }
  return [...lines.values()];
}

const totalCents = (lines: readonly Line[]): number =>
  lines.reduce((sum, l) => sum + l.product.priceCents * l.quantity, 0);

export const orderIdOf = (personId: string, key: string): string => `o-${personId.slice(1)}-${key}`;

/** A visit that ends in an order, and what follows it in the weeks after: delivery, refund, ticket, review. */
export function orderEvents(
  rng: Rng,
  resident: Resident,
  catalogue: Catalogue,
  key: string,
  atMs: number,
  trouble: Trouble,
  coupon: Coupon | null,
): ShopEvent[] {
  const scribe = scribeFor(resident, key);
  const lines = chooseBasket(rng, resident, catalogue, atMs);
  const lead = lines[0]!;
  const orderId = orderIdOf(resident.person.id, key);
  const anonymousFirst = rng.chance(0.12);
  const startMs = atMs - (3 + Math.min(rng.exponential(6), 20)) * MINUTE_MS;
  scribe.track(startMs, 'Product Viewed', productProperties(lead.product), anonymousFirst ? 'anonymous' : 'site');
  if (anonymousFirst) scribe.track(startMs + (atMs - startMs) * 0.4, 'Signed In', { method: 'password' });
  if (rng.chance(0.55)) {
    scribe.track(startMs + (atMs - startMs) * 0.5, 'Product Added', {
      ...productProperties(lead.product),
      quantity: lead.quantity,
    });
  }
  const listCents = totalCents(lines);
  const discountCents = coupon === null ? 0 : Math.round((listCents * coupon.percentOff) / 100);
  const products = lines.map((line) => ({ ...productProperties(line.product), quantity: line.quantity }));
  if (rng.chance(0.6)) {
    scribe.track(startMs + (atMs - startMs) * 0.7, 'Checkout Started', {
      order_id: orderId,
      value: decimal(listCents),
      currency: SHOP_CURRENCY,
      products,
    });
  }
  if (coupon !== null) {
    scribe.track(startMs + (atMs - startMs) * 0.8, 'Coupon Applied', {
      order_id: orderId,
      coupon_id: coupon.code,
      discount: decimal(discountCents),
    });
  }
  scribe.track(
    atMs,
    'Order Completed',
    {
      order_id: orderId,
      revenue: decimal(listCents - discountCents),
      total: decimal(listCents - discountCents),
      currency: SHOP_CURRENCY,
      ...(coupon === null ? {} : { coupon: coupon.code, discount: decimal(discountCents) }),
      products,
    },
    rng.chance(0.5) ? 'server' : 'site',
  );
  aftermath(rng, scribe, orderId, atMs, trouble, listCents - discountCents, lead.product);
  return scribe.events;
}

function aftermath(
  rng: Rng,
  scribe: Scribe,
  orderId: string,
  atMs: number,
  trouble: Trouble,
  paidCents: number,
  lead: Product,
): void {
  const daysLate = trouble.late ? 3 + rng.below(7) : 0;
  const arrivesMs = atMs + (1.5 + 2.5 * rng.next() + daysLate) * DAY_MS;
  scribe.track(arrivesMs, 'Order Delivered', { order_id: orderId, days_late: daysLate }, 'server');
  if (trouble.ticket) {
    const subject = trouble.late ? 'late_delivery' : rng.pick(['damaged', 'wrong_item', 'payment', 'other']);
    const ticket = { ticket_id: `t-${orderId.slice(2)}`, order_id: orderId, subject };
    const openedMs = arrivesMs + (rng.next() - (trouble.late ? 0.5 : 0)) * DAY_MS;
    scribe.track(openedMs, 'Ticket Opened', ticket, 'server');
    scribe.track(openedMs + rng.exponential(1.2) * DAY_MS, 'Ticket Closed', ticket, 'server');
  }
  if (trouble.refunded) {
    const refund = { order_id: orderId, total: decimal(paidCents), currency: SHOP_CURRENCY };
    scribe.track(arrivesMs + (0.5 + 3 * rng.next()) * DAY_MS, 'Order Refunded', refund, 'server');
  }
  if (trouble.lowRating || rng.chance(0.06)) {
    const rating = trouble.lowRating ? 1 + rng.below(2) : 3 + rng.below(3);
    const review = { product_id: lead.id, review_id: `r-${orderId.slice(2)}`, rating };
    scribe.track(arrivesMs + (0.2 + 2 * rng.next()) * DAY_MS, 'Product Reviewed', review);
  }
}

/** A visit without an order, as after a click that does not convince. */
export function visitEvents(
  rng: Rng,
  resident: Resident,
  catalogue: Catalogue,
  key: string,
  atMs: number,
): ShopEvent[] {
  const scribe = scribeFor(resident, key);
  scribe.page(atMs, 'Home', '/');
  const product = chooseProduct(rng, resident, catalogue, atMs);
  if (rng.chance(0.6))
    scribe.track(atMs + (0.4 + rng.next()) * MINUTE_MS, 'Product Viewed', productProperties(product));
  return scribe.events;
}

/** Everything the shop sees of one happening of an unaided life, in no particular order. `key` is unique per person. */
export function happeningEvents(
  rng: Rng,
  resident: Resident,
  catalogue: Catalogue,
  key: string,
  happening: Happening,
): ShopEvent[] {
  const { atMs, kind, trouble } = happening;
  const { nature } = resident;
  if (kind === 'order') {
    // The shop's own earlier coupons; competitors' customers hunt them more.
    const eager = nature.reason === 'competitor' ? 0.16 : 0.06;
    const coupon = rng.chance(eager) ? { code: rng.pick(['HELLO10', 'SUMMER10', 'LANTERN10']), percentOff: 10 } : null;
    return orderEvents(rng, resident, catalogue, key, atMs, trouble, coupon);
  }
  const scribe = scribeFor(resident, key);
  const someProduct = (): Product => chooseProduct(rng, resident, catalogue, atMs);
  const product = (): JsonObject => productProperties(someProduct());
  switch (kind) {
    case 'known':
      scribe.identify(atMs, traitsOf(resident));
      break;
    case 'signup':
      scribe.track(atMs, 'Signed Up', { method: rng.chance(0.7) ? 'email' : 'phone' });
      scribe.identify(atMs + 1, traitsOf(resident));
      break;
    case 'browse': {
      const where = rng.chance(0.15) ? 'anonymous' : 'site';
      if (rng.chance(0.3))
        scribe.track(atMs, 'Products Searched', { query: someProduct().name[resident.person.lang].toLowerCase() }, where);
      else if (rng.chance(0.4)) scribe.page(atMs, 'Home', '/', where);
      scribe.track(atMs + 30_000, 'Product Viewed', product(), where);
      if (rng.chance(0.08)) scribe.track(atMs + 70_000, 'Product Added to Wishlist', product(), where);
      break;
    }
    case 'abandoned_cart':
      scribe.track(atMs, 'Product Viewed', product());
      scribe.track(atMs + 50_000, 'Product Added', { ...product(), quantity: 1 });
      if (rng.chance(0.4)) scribe.page(atMs + 90_000, 'Cart', '/cart');
      break;
    case 'price_hunt':
      if (rng.chance(0.5)) scribe.page(atMs, 'Price match', '/price-match');
      else if (rng.chance(0.6)) scribe.track(atMs, 'Coupon Denied', { coupon_id: 'WELCOME', reason: 'already_used' });
      scribe.track(atMs + 40_000, 'Product Viewed', {
        ...product(),
        availability: rng.chance(0.6) ? 'out_of_stock' : 'in_stock',
      });
      break;
    case 'login_failure':
      scribe.track(atMs, 'Sign In Failed', { reason: 'wrong_password' });
      if (rng.chance(0.5))
        scribe.track(atMs + 25_000, 'Error Shown', { code: rng.pick(['payment_failed', 'server_error']) });
      break;
    case 'push_denied':
      scribe.track(atMs, 'Notification Permission Changed', { permission: 'denied' });
      break;
    case 'privacy_look':
      scribe.page(atMs, 'Privacy', rng.chance(0.6) ? '/privacy' : '/account/data');
      if (rng.chance(0.3))
        scribe.track(atMs + 60_000, 'Cookie Preferences Changed', { analytics: false, advertising: false });
      break;
    case 'address_change':
      scribe.track(atMs, 'Address Changed', { field: 'shipping', abroad: rng.chance(0.3) });
      break;
    case 'unsubscribe':
      scribe.track(atMs, 'Unsubscribed', { channel: 'email', list: 'newsletter' });
      break;
    case 'newsletter':
    case 'extra_newsletter':
      newsletterEvents(rng, scribe, resident, happening);
      break;
  }
  return scribe.events;
}

function newsletterEvents(rng: Rng, scribe: Scribe, resident: Resident, { atMs, kind }: Happening): void {
  const { nature } = resident;
  const mail = { campaign: kind === 'newsletter' ? `letter-${dayOf(atMs)}` : `deals-${dayOf(atMs)}`, channel: 'email' };
  scribe.track(atMs, 'Email Delivered', mail, 'server');
  const quiet = atMs > nature.quietMs;
  const weary = nature.reason === 'overload' && nature.trace !== 'none' && atMs > nature.quietMs - 80 * DAY_MS;
  const interest = kind === 'extra_newsletter' || weary ? 0.12 : quiet ? 0.25 : 0.6;
  // Apple's proxy opens everything; it says nothing about the person.
  if (nature.mailClient === 'apple')
    scribe.track(atMs + (10 + 600 * rng.next()) * 1000, 'Email Opened', { ...mail, proxy: true }, 'server');
  if (!rng.chance(nature.attention * interest)) return;
  const openedMs = atMs + rng.exponential(14) * 3_600_000;
  if (nature.mailClient !== 'apple') scribe.track(openedMs, 'Email Opened', mail, 'server');
  if (rng.chance(0.12)) scribe.track(openedMs + 40_000, 'Email Link Clicked', { ...mail, link: '/new' }, 'server');
}
