import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectOf } from '../../kernel/json.ts';
import { DROP_REASONS, LIMITS, understandIncoming, type IncomingContext } from './incoming.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');

const incoming = (body: unknown, more: Partial<IncomingContext> = {}): IncomingContext => ({
  call: undefined,
  body,
  now: NOW,
  sentAt: undefined,
  timeZone: 'UTC',
  currency: 'USD',
  bytes: 0,
  fallbackId: () => 'evt_fallback',
  ...more,
});
const track = (more: Record<string, unknown>) => ({ type: 'track', event: 'Viewed', userId: 'u1', ...more });
const reasonOf = (body: unknown, more: Partial<IncomingContext> = {}): string => {
  const outcome = understandIncoming(incoming(body, more));
  return outcome.ok ? 'accepted' : outcome.reason;
};
const eventOf = (body: unknown, more: Partial<IncomingContext> = {}) => {
  const outcome = understandIncoming(incoming(body, more));
  if (!outcome.ok) throw new Error(`dropped: ${outcome.reason} in ${outcome.step}`);
  return outcome.event;
};
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

const DROPS: readonly (readonly [reason: string, body: unknown, more?: Partial<IncomingContext>])[] = [
  ['not_an_object', 'text'],
  ['not_an_object', ['track']],
  ['not_an_object', null],
  ['unknown_call', { userId: 'u1' }],
  ['unknown_call', { type: 'constructor', userId: 'u1' }],
  ['event_too_large', track({}), { bytes: LIMITS.eventBytes + 1 }],
  ['no_id', { type: 'track', event: 'Viewed' }],
  ['no_id', track({ userId: '   ' })],
  ['no_id', track({ userId: 'anon:pretender' })],
  ['id_too_long', track({ userId: 'x'.repeat(256) })],
  ['id_too_long', track({ anonymousId: 'x'.repeat(256) })],
  ['bad_time', track({ timestamp: 'yesterday' })],
  ['bad_time', track({ timestamp: 1_772_366_400 })], // Seconds, not milliseconds: January 1970.
  ['bad_time', track({ timestamp: '2026-03-02T12:00:00.001Z' })],
  ['bad_time', track({ timestamp: { $date: 1 } })],
  ['no_event_name', { type: 'track', userId: 'u1' }],
  ['no_event_name', track({ event: { name: 'x' } })],
  ['bad_properties', track({ properties: 'text' })],
  ['bad_properties', track({ properties: [1] })],
  ['bad_properties', track({ properties: nested(40) })],
  ['bad_properties', { type: 'identify', userId: 'u1', traits: nested(40) }],
  ['bad_currency', track({ properties: { currency: 'dollars' } })],
  ['bad_amount', track({ properties: { revenue: 1e300 } })],
  ['bad_amount', track({ properties: { products: [{ product_id: 'p', price: 1e300 }] } })],
  ['bad_amount', track({ properties: { products: [{ product_id: 'p', quantity: 3e9 }] } })],
];

describe('what an incoming call means', () => {
  it.each(DROPS.map(([reason, body, more]) => ({ reason, body, more })))(
    'drops $reason: $body',
    ({ reason, body, more }) => {
      expect(reasonOf(body, more)).toBe(reason);
    },
  );

  it('has a case above for every reason a step can give', () => {
    const elsewhere = ['duplicate', 'erased']; // Known only to the store.
    expect(new Set([...DROPS.map(([reason]) => reason), ...elsewhere])).toEqual(new Set(Object.keys(DROP_REASONS)));
  });

  it('never throws and always says a listed reason, whatever the body', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('track', 'identify', 'page', 'alias', 'x'),
        (json, type) => {
          const body = {
            ...objectOf(json),
            type,
            userId: 'u',
            properties: json,
            traits: json,
            context: json,
          };
          const outcome = understandIncoming(incoming(body));
          expect(outcome.ok || outcome.reason in DROP_REASONS).toBe(true);
        },
      ),
    );
  });

  it('corrects clocks by the Segment rule: receivedAt − (sentAt − originalTimestamp)', () => {
    // A device three hours fast sends ten seconds after the act.
    const event = eventOf(track({ originalTimestamp: '2026-03-01T15:00:00Z', sentAt: '2026-03-01T15:00:10Z' }));
    expect(event.occurredAt.toISOString()).toBe('2026-03-01T11:59:50.000Z');
    // The batch's own sentAt counts where the item has none; without any, the sender is believed.
    const batched = eventOf(track({ timestamp: '2026-03-01T15:00:00Z' }), { sentAt: new Date('2026-03-01T15:00:10Z') });
    expect(batched.occurredAt.toISOString()).toBe('2026-03-01T11:59:50.000Z');
    expect(eventOf(track({ timestamp: '2024-02-29T01:02:03Z' })).occurredAt.toISOString()).toBe(
      '2024-02-29T01:02:03.000Z',
    );
    expect(eventOf(track({})).occurredAt).toEqual(NOW);
    // originalTimestamp is the device's; a `timestamp` beside it is the SDK's own correction and is not taken twice.
    const both = eventOf(
      track({
        originalTimestamp: '2026-03-01T15:00:00Z',
        timestamp: '2026-03-01T11:00:00Z',
        sentAt: '2026-03-01T15:00:10Z',
      }),
    );
    expect(both.occurredAt.toISOString()).toBe('2026-03-01T11:59:50.000Z');
  });

  it('dates an event by the calendar of the business', () => {
    const at = track({ timestamp: '2026-02-28T17:00:00Z' });
    expect(eventOf(at, { timeZone: 'Asia/Shanghai' }).day).toBe('2026-03-01');
    expect(eventOf(at, { timeZone: 'America/New_York' }).day).toBe('2026-02-28');
  });

  it('marks what happened without the person, so that it never counts as activity', () => {
    expect(eventOf(track({ context: { active: false } })).name).toBe('passive:Viewed');
    expect(eventOf(track({ context: { active: true } })).name).toBe('Viewed');
  });

  it('names each call, and every actor apart', () => {
    expect(eventOf({ type: 'page', anonymousId: 'a1' })).toMatchObject({
      name: 'page',
      actorId: 'anon:a1',
      userId: undefined,
    });
    expect(eventOf({ userId: 7 }, { call: 'identify' })).toMatchObject({ name: 'identify', actorId: '7' });
    expect(eventOf(track({ anonymousId: 'a1' })).actorId).toBe('u1');
  });

  it('keeps message ids, makes missing ones, and never confuses two long ones', () => {
    expect(eventOf(track({ messageId: 'm1' })).messageId).toBe('m1');
    expect(eventOf(track({})).messageId).toBe('evt_fallback');
    const long = 'm'.repeat(LIMITS.messageIdLength);
    const [a, b] = [eventOf(track({ messageId: `${long}a` })), eventOf(track({ messageId: `${long}b` }))];
    expect(a.messageId).not.toBe(b.messageId);
    expect(a.messageId.length).toBeLessThanOrEqual(LIMITS.messageIdLength);
    expect(eventOf(track({ messageId: `${long}a` })).messageId).toBe(a.messageId);
  });

  it('reads money: revenue before total before value, refunds below zero, the currency’s own minor unit', () => {
    const cents = (event: string, properties: Record<string, unknown>) =>
      eventOf(track({ event, properties })).amountCents;
    expect(cents('Order Completed', { revenue: 12.34, total: 99, value: 1 })).toBe(1234);
    expect(cents('Order Completed', { total: '99.5' })).toBe(9950);
    expect(cents('Order Refunded', { total: 5 })).toBe(-500);
    expect(cents('Order Refunded', { total: -5 })).toBe(-500);
    expect(cents('Order Completed', { revenue: 1200, currency: 'jpy' })).toBe(1200);
    expect(cents('Viewed', {})).toBe(0);
  });

  it('reads products from the list and from the event itself', () => {
    const properties = { products: [{ sku: 'a', price: '2.5', quantity: '3.9' }, 'noise', { product_id: 'b' }] };
    expect(eventOf(track({ properties })).products).toEqual([
      { product_id: 'a', name: '', category: '', brand: '', quantity: 3, price_cents: 250 },
      { product_id: 'b', name: '', category: '', brand: '', quantity: 1, price_cents: 0 },
    ]);
    expect(eventOf(track({ properties: { product_id: 'c' } })).products.map((product) => product.product_id)).toEqual([
      'c',
    ]);
  });

  it('lets traits of the call win over those of its context', () => {
    const { traits } = eventOf({
      type: 'identify',
      userId: 'u1',
      context: { locale: 'zh-CN', timezone: 'Asia/Shanghai', traits: { plan: 'free', city: 'X' } },
      traits: { plan: 'paid' },
    });
    expect(traits).toEqual({ locale: 'zh-CN', timezone: 'Asia/Shanghai', plan: 'paid', city: 'X' });
  });
});
