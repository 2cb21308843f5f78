// What the shop reports about a visit with an order and its aftermath, and about a visit without one.
import { DAY_MS } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import { chooseBasket, chooseProduct, productProperties, totalCents } from './basket.ts';
import type { Catalogue, Product } from './catalogue.ts';
import type { Trouble } from './happening.ts';
import type { Resident } from './people.ts';
import { type Scribe, scribeFor } from './scribe.ts';
import { decimal, SHOP_CURRENCY, type ShopEvent } from './shop-event.ts';

const MINUTE_MS = 60_000;

export type Coupon = { readonly code: string; readonly percentOff: number };

const orderIdOf = (personId: string, key: string): string => `o-${personId.slice(1)}-${key}`;

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
  if (rng.chance(0.4)) {
    scribe.track(startMs + (atMs - startMs) * 0.5, 'Product Added', {
      ...productProperties(lead.product),
      quantity: lead.quantity,
    });
  }
  const listCents = totalCents(lines);
  const discountCents = coupon === null ? 0 : Math.round((listCents * coupon.percentOff) / 100);
  const products = lines.map((line) => ({ ...productProperties(line.product), quantity: line.quantity }));
  if (rng.chance(0.4)) {
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
  // Only some couriers report back; late parcels are always noticed.
  if (trouble.late || rng.chance(0.5))
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
