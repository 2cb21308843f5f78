// What one incoming call means. A named list of steps; each may drop the event with a recorded reason. Pure: `now` comes in.
// The wire format is the Segment spec (https://segment.com/docs/connections/spec/).
import { dayIn, type Day } from '../../kernel/days.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { isDeeperThan, isObject, numberOf, objectOf, textOf, type JsonObject } from '../../kernel/json.ts';
import type { Text } from '../../kernel/lang.ts';
import { toCents } from '../../kernel/money.ts';

export const CALLS = ['identify', 'track', 'page', 'screen', 'alias', 'group'] as const;
export type Call = (typeof CALLS)[number];

/** Why an event was not taken. */
export const DROP_REASONS = {
  not_an_object: { en: 'not an object', zh: '不是对象' },
  unknown_call: { en: 'unknown kind of call', zh: '未知的调用类型' },
  no_id: { en: 'no user or anonymous id', zh: '缺少用户 ID 和匿名 ID' },
  id_too_long: { en: 'an id is too long', zh: 'ID 过长' },
  no_event_name: { en: 'no event name', zh: '缺少事件名称' },
  event_too_large: { en: 'larger than an event may be', zh: '事件超过大小上限' },
  bad_time: { en: 'a time that cannot be read or cannot be', zh: '时间无法识别或超出合理范围' },
  bad_properties: { en: 'properties are not an object', zh: '属性不是对象' },
  bad_currency: { en: 'not a currency code', zh: '币种代码无效' },
  bad_amount: { en: 'not an amount', zh: '金额无法识别' },
  duplicate: { en: 'known already', zh: '此前已接收' },
  erased: { en: 'the person was erased', zh: '该用户已被删除' },
} as const satisfies Record<string, Text>;
export type DropReason = keyof typeof DROP_REASONS;

export type Product = {
  readonly product_id: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly quantity: number;
  readonly price_cents: number;
};

/** An event ready to be written. */
export type AcceptedEvent = {
  readonly call: Call;
  readonly messageId: string;
  /** The user id, or `anon:` and the anonymous id. */
  readonly actorId: string;
  readonly userId: string | undefined;
  readonly anonymousId: string | undefined;
  readonly previousId: string | undefined;
  readonly name: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly day: Day;
  readonly amountCents: number;
  readonly currency: string;
  readonly orderId: string;
  readonly products: readonly Product[];
  readonly properties: JsonObject;
  readonly traits: JsonObject;
};

export type IncomingContext = {
  readonly call: Call | undefined;
  readonly body: unknown;
  readonly now: Date;
  readonly sentAt: Date | undefined;
  readonly timeZone: string;
  readonly currency: string;
  /** Size of the call as it came, in bytes. */
  readonly bytes: number;
  readonly fallbackId: () => string;
};

export const LIMITS = {
  eventBytes: 32 * 1024,
  idLength: 255,
  messageIdLength: 100,
  nameLength: 200,
  futureMs: 86_400_000,
  /** Nesting of properties and traits; the stores' own JSON readers give up not far beyond. */
  levels: 32,
  quantity: 1_000_000_000,
} as const;

type Draft = { -readonly [K in keyof AcceptedEvent]?: AcceptedEvent[K] } & { body: JsonObject; context: JsonObject };
type Step = {
  readonly name: string;
  readonly run: (draft: Draft, incoming: IncomingContext) => DropReason | undefined;
};

const instantOf = (value: unknown): Date | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? undefined : at;
};

/** `anon:` marks ids that only a browser or device knows; a user id may not pretend to be one. */
export const actorOf = (userId: string | undefined, anonymousId: string | undefined): string | undefined =>
  userId ?? (anonymousId === undefined ? undefined : `anon:${anonymousId}`);

/** Cents, or undefined for an amount no ledger can hold. */
function centsOf(amount: number, currency: string): number | undefined {
  try {
    return toCents(amount, currency);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The products of an event; undefined when one has a price or a quantity that cannot be. */
const productsOf = (properties: JsonObject, currency: string): Product[] | undefined => {
  const list = Array.isArray(properties['products']) ? properties['products'] : [];
  const single = properties['product_id'] === undefined ? [] : [properties];
  const products = [...list, ...single].filter(isObject).map((item) => ({
    product_id: textOf(item['product_id']) ?? textOf(item['sku']) ?? '',
    name: textOf(item['name']) ?? '',
    category: textOf(item['category']) ?? '',
    brand: textOf(item['brand']) ?? '',
    quantity: Math.trunc(numberOf(item['quantity']) ?? 1),
    price_cents: centsOf(numberOf(item['price']) ?? 0, currency),
  }));
  const isWhole = (product: (typeof products)[number]): product is Product =>
    product.price_cents !== undefined && Math.abs(product.quantity) <= LIMITS.quantity;
  return products.every(isWhole) ? products : undefined;
};

const isCurrency = (code: string): boolean => /^[A-Z]{3}$/.test(code);

export const INGEST_STEPS: readonly Step[] = [
  {
    name: 'recognise the call',
    run: (draft, incoming) => {
      const call = incoming.call ?? CALLS.find((name) => name === draft.body['type']);
      if (call === undefined) return 'unknown_call';
      draft.call = call;
      return undefined;
    },
  },
  { name: 'limit', run: (_, incoming) => (incoming.bytes > LIMITS.eventBytes ? 'event_too_large' : undefined) },
  {
    name: 'find who',
    run: (draft) => {
      draft.userId = textOf(draft.body['userId']);
      draft.anonymousId = textOf(draft.body['anonymousId']);
      draft.previousId = textOf(draft.body['previousId']);
      if (draft.userId?.startsWith('anon:')) return 'no_id';
      const ids = [draft.userId, draft.anonymousId, draft.previousId];
      if (ids.some((id) => id !== undefined && id.length > LIMITS.idLength)) return 'id_too_long';
      const actorId = actorOf(draft.userId, draft.anonymousId);
      if (actorId === undefined) return 'no_id';
      draft.actorId = actorId;
      return undefined;
    },
  },
  {
    name: 'name the message',
    run: (draft, incoming) => {
      draft.messageId = textOf(draft.body['messageId']) ?? incoming.fallbackId();
      // Cutting a long id would make strangers of one prefix the same message.
      if (draft.messageId.length > LIMITS.messageIdLength) draft.messageId = sha256Hex(draft.messageId);
      return undefined;
    },
  },
  {
    name: 'correct the clock',
    run: (draft, incoming) => {
      const given = draft.body['originalTimestamp'] ?? draft.body['timestamp'];
      const claimed = given === undefined ? incoming.now : instantOf(given);
      if (claimed === undefined) return 'bad_time';
      // A sender's clock may be wrong, its difference is not: time = receivedAt − (sentAt − originalTimestamp).
      const sentAt = instantOf(draft.body['sentAt']) ?? incoming.sentAt;
      const isDeviceTime = draft.body['originalTimestamp'] !== undefined || draft.body['timestamp'] !== undefined;
      const corrected =
        sentAt !== undefined && isDeviceTime
          ? new Date(incoming.now.getTime() - (sentAt.getTime() - claimed.getTime()))
          : claimed;
      if (corrected.getTime() > incoming.now.getTime() + LIMITS.futureMs || corrected.getUTCFullYear() < 1971)
        return 'bad_time';
      draft.occurredAt = corrected;
      draft.receivedAt = incoming.now;
      draft.day = dayIn(corrected, incoming.timeZone);
      return undefined;
    },
  },
  {
    name: 'name the event',
    run: (draft) => {
      const own = draft.call === 'track' ? textOf(draft.body['event']) : draft.call;
      if (own === undefined) return 'no_event_name';
      // `context.active: false` says that the person did nothing herself: such an event never counts as activity.
      draft.name = `${draft.context['active'] === false ? 'passive:' : ''}${own.slice(0, LIMITS.nameLength)}`;
      return undefined;
    },
  },
  {
    name: 'enrich with money and products',
    run: (draft, incoming) => {
      const given = draft.body['properties'];
      if (given !== undefined && given !== null && !isObject(given)) return 'bad_properties';
      if ([given, draft.body['traits'], draft.context].some((part) => isDeeperThan(part, LIMITS.levels)))
        return 'bad_properties';
      const properties = objectOf(given);
      const currency = (textOf(properties['currency']) ?? incoming.currency).toUpperCase();
      if (!isCurrency(currency)) return 'bad_currency';
      const amount =
        numberOf(properties['revenue']) ?? numberOf(properties['total']) ?? numberOf(properties['value']) ?? 0;
      const amountCents = centsOf(draft.name === 'Order Refunded' ? -Math.abs(amount) : amount, currency);
      const products = productsOf(properties, currency);
      if (amountCents === undefined || products === undefined) return 'bad_amount';
      draft.amountCents = amountCents;
      draft.currency = currency;
      draft.orderId = textOf(properties['order_id']) ?? '';
      draft.products = products;
      draft.properties = properties;
      const { locale, timezone, traits } = draft.context;
      draft.traits = {
        ...(locale === undefined ? {} : { locale }),
        ...(timezone === undefined ? {} : { timezone }),
        ...objectOf(traits),
        ...objectOf(draft.body['traits']),
      };
      return undefined;
    },
  },
];

export type Outcome =
  | { readonly ok: true; readonly event: AcceptedEvent }
  | { readonly ok: false; readonly reason: DropReason; readonly step: string };

/** Runs every step in order; the first that names a reason drops the event. */
export function understandIncoming(incoming: IncomingContext): Outcome {
  if (!isObject(incoming.body)) return { ok: false, reason: 'not_an_object', step: 'parse' };
  const draft: Draft = { body: incoming.body, context: objectOf(incoming.body['context']) };
  for (const step of INGEST_STEPS) {
    const reason = step.run(draft, incoming);
    if (reason !== undefined) return { ok: false, reason, step: step.name };
  }
  const { body: _body, context: _context, ...event } = draft;
  return { ok: true, event: event as AcceptedEvent };
}
