// What the shop's own instruments report about one happening. Each happening has its own random stream and message-id prefix,
// so its events are the same whenever and in whatever order they are asked for.
import { DAY_MS, type Day, dayOfNumber } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import { chooseProduct, productProperties } from './basket.ts';
import type { Catalogue, Product } from './catalogue.ts';
import type { Happening } from './happening.ts';
import { orderEvents } from './order-events.ts';
import type { Resident } from './people.ts';
import { type Scribe, scribeFor } from './scribe.ts';
import type { JsonObject, ShopEvent } from './shop-event.ts';

const dayOf = (ms: number): Day => dayOfNumber(Math.floor(ms / DAY_MS));

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
        scribe.track(
          atMs,
          'Products Searched',
          { query: someProduct().name[resident.person.lang].toLowerCase() },
          where,
        );
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
