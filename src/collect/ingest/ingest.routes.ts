// The Segment HTTP interface: /v1/{identify,track,page,screen,alias,group,batch} and the SDK's short paths. 2xx means durable.
// SDKs drop what gets a 4xx (except 408, 410, 429, 460) and retry 5xx, so statuses are chosen by whether a retry can help.
// RudderStack's SDKs speak the same and add a beacon, a pixel, larger bodies and an answer of plain `OK`.
import { Hono, type Context } from 'hono';
import { cors } from 'hono/cors';
import { RekindleError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { newId } from '../../kernel/ids.ts';
import { cleaned, isDeeperThan, isObject, objectOf, storableJson, textOf, type JsonObject } from '../../kernel/json.ts';
import type { KeyCheck } from '../keys.service.ts';
import { LIMITS, understandIncoming, type AcceptedEvent, type Call, type DropReason } from './incoming.ts';
import type { Ingest } from './ingest.service.ts';

export type IngestRoutesContext = {
  readonly ingest: Ingest;
  readonly checkKey: KeyCheck;
  readonly timeZone: string;
  readonly currency: string;
  /** What a browser subscribes to web push with. */
  readonly vapidPublicKey: string;
  /** Where senders find this server. */
  readonly publicUrl: () => string;
  readonly now: () => Date;
};

const BODY_BYTES_MAX = { segment: 500 * 1024, rudder: 4 * 1024 * 1024 } as const;
type Dialect = keyof typeof BODY_BYTES_MAX;
const EVENTS_PER_BATCH_MAX = 2_500;
const PATHS: ReadonlyMap<string, Call | 'batch'> = new Map(
  Object.entries({
    identify: 'identify',
    track: 'track',
    page: 'page',
    screen: 'screen',
    alias: 'alias',
    group: 'group',
    batch: 'batch',
    i: 'identify',
    t: 'track',
    p: 'page',
    s: 'screen',
    a: 'alias',
    g: 'group',
    b: 'batch',
  } as const),
);

/** Basic with the key as user name, Bearer, or `writeKey` in the body. */
function keyOf(header: string | undefined, body: JsonObject): string | undefined {
  const [scheme, value] = header?.split(' ') ?? [];
  if (scheme?.toLowerCase() === 'basic' && value !== undefined)
    return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
  if (scheme?.toLowerCase() === 'bearer') return value;
  return textOf(body['writeKey']);
}

/** Only RudderStack's SDKs name the sender in a header of its own. */
const dialectOf = (c: Context): Dialect => (c.req.header('anonymousid') === undefined ? 'segment' : 'rudder');

async function readBody(c: Context, dialect: Dialect): Promise<{ readonly body: JsonObject; readonly bytes: number }> {
  const bytesMax = BODY_BYTES_MAX[dialect];
  const declared = Number(c.req.header('content-length') ?? 0);
  const limit = { what: { en: 'The body', zh: '请求体' }, limit: `${bytesMax / 1024} KB` };
  if (declared > bytesMax) throw new RekindleError('too_large', limit);
  const text = await c.req.text();
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) throw new RekindleError('too_large', limit);
  let body: unknown;
  try {
    body = storableJson(text);
  } catch (cause) {
    throw new RekindleError('body_not_json', { what: cause instanceof Error ? cause.message : '' }, { cause });
  }
  if (!isObject(body)) throw new RekindleError('body_not_json', { what: { en: 'expected an object', zh: '须为对象' } });
  return { body, bytes };
}

/** The single calls in a body; a batch's `context` and `integrations` are laid under each of its items. */
function callsOf(
  path: Call | 'batch',
  body: JsonObject,
  bytes: number,
): { call: Call | undefined; body: unknown; bytes: number }[] {
  if (path !== 'batch') return [{ call: path, body, bytes }];
  const items = body['batch'];
  if (!Array.isArray(items))
    throw new RekindleError('invalid', {
      where: 'batch',
      what: { en: 'expected an array of events', zh: '须为事件列表' },
    });
  if (items.length > EVENTS_PER_BATCH_MAX) {
    throw new RekindleError('too_large', {
      what: { en: 'The batch', zh: '批次' },
      limit: { en: `${EVENTS_PER_BATCH_MAX} events`, zh: `${EVENTS_PER_BATCH_MAX} 个事件` },
    });
  }
  const shared = objectOf(body['context']);
  const hasShared = Object.keys(shared).length > 0;
  return items.map((item: unknown) => ({
    call: undefined,
    body: isObject(item) && hasShared ? { ...item, context: { ...shared, ...objectOf(item['context']) } } : item,
    // Only a batch that is itself large can hold an event over the limit.
    bytes:
      bytes > LIMITS.eventBytes && !isDeeperThan(item, LIMITS.levels + 3)
        ? Buffer.byteLength(JSON.stringify(item) ?? '')
        : 0,
  }));
}

type Answer = { readonly added: number; readonly known: number; readonly dropped: Readonly<Record<string, number>> };

async function take(
  context: IngestRoutesContext,
  path: Call | 'batch',
  body: JsonObject,
  bytes: number,
): Promise<Answer> {
  const now = context.now();
  const sentAtText = textOf(body['sentAt']);
  const sentAt = sentAtText === undefined || Number.isNaN(Date.parse(sentAtText)) ? undefined : new Date(sentAtText);
  const events: AcceptedEvent[] = [];
  const dropped = new Map<DropReason, number>();
  for (const call of callsOf(path, body, bytes)) {
    const outcome = understandIncoming({
      ...call,
      now,
      sentAt,
      timeZone: context.timeZone,
      currency: context.currency,
      fallbackId: () => newId('evt', now),
    });
    if (outcome.ok) events.push(outcome.event);
    else dropped.set(outcome.reason, (dropped.get(outcome.reason) ?? 0) + 1);
  }
  const { added, known } = await context.ingest.submit({ events, dropped });
  return { added, known, dropped: Object.fromEntries(dropped) };
}

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const PIXEL_CALLS: ReadonlyMap<string, Call> = new Map([
  ['track', 'track'],
  ['page', 'page'],
]);

/** A pixel's query as a call: `userId`, `anonymousId`, `event`, `name`, and properties as JSON. Nobody did anything by loading a picture. */
function pixelCall(query: Readonly<Record<string, string>>): JsonObject {
  const { properties, writeKey: _writeKey, ...rest } = query;
  let given: unknown = {};
  try {
    given = properties === undefined ? {} : cleaned(JSON.parse(properties));
  } catch (cause) {
    throw new RekindleError('body_not_json', { what: cause instanceof Error ? cause.message : '' }, { cause });
  }
  return { ...objectOf(cleaned(rest)), properties: given, context: { active: false } };
}

export function ingestRoutes(context: IngestRoutesContext): Hono {
  const routes = new Hono();
  // Shops' pages live elsewhere, and the write key they carry is public. No cookie means anything here, so any origin may ask.
  const open = cors({ origin: (origin) => origin, credentials: true, exposeHeaders: ['Retry-After'], maxAge: 86_400 });
  for (const path of ['/v1/*', '/beacon/*', '/sourceConfig', '/sourceConfig/']) routes.use(path, open);

  routes.post('/v1/:path', async (c, next) => {
    const path = PATHS.get(c.req.param('path'));
    if (path === undefined) return next();
    const dialect = dialectOf(c);
    const { body, bytes } = await readBody(c, dialect);
    await context.checkKey(keyOf(c.req.header('authorization'), body), 'write');
    const answer = await take(context, path, body, bytes);
    return dialect === 'rudder' ? c.text('OK') : c.json({ success: true, ...answer });
  });

  // What a leaving page can still send: no header of its own, the key in the address.
  routes.post('/beacon/v1/:path', async (c, next) => {
    if (c.req.param('path') !== 'batch') return next();
    const { body, bytes } = await readBody(c, 'rudder');
    await context.checkKey(c.req.query('writeKey') ?? keyOf(c.req.header('authorization'), body), 'write');
    await take(context, 'batch', body, bytes);
    return c.text('OK');
  });

  routes.get('/pixel/v1/:call', async (c, next) => {
    const call = PIXEL_CALLS.get(c.req.param('call'));
    if (call === undefined) return next();
    await context.checkKey(c.req.query('writeKey'), 'write');
    // HEAD comes here too, and changes nothing.
    if (c.req.method === 'GET') {
      const body = pixelCall(c.req.query());
      await take(context, call, body, Buffer.byteLength(c.req.url));
    }
    return c.body(new Uint8Array(PIXEL), 200, { 'Content-Type': 'image/gif', 'Cache-Control': 'no-store' });
  });

  // What analytics.js 2 asks before its first event: where to send them, and that nothing else is to be loaded.
  routes.get('/v1/projects/:key/settings', async (c) => {
    const key = c.req.param('key');
    await context.checkKey(key, 'write');
    const { protocol, host } = new URL(context.publicUrl());
    return c.json({
      integrations: {
        'Segment.io': {
          apiKey: key,
          apiHost: `${host}/v1`,
          protocol: protocol.slice(0, -1),
          addBundledMetadata: false,
        },
      },
      plan: {
        track: { __default: { enabled: true } },
        identify: { __default: { enabled: true } },
        group: { __default: { enabled: true } },
      },
      enabledMiddleware: {},
      middlewareSettings: {},
      remotePlugins: [],
      edgeFunction: {},
      legacyVideoPluginsEnabled: false,
      analyticsNextEnabled: true,
      metrics: { sampleRate: 0 },
      // For our own SDK.
      rekindle: { vapidPublicKey: context.vapidPublicKey },
    });
  });

  // What RudderStack's SDK asks before its first event. Without destinations it loads nothing and sends everything here.
  const sourceConfig = async (c: Context): Promise<Response> => {
    const key = keyOf(c.req.header('authorization'), {}) ?? c.req.query('writeKey') ?? '';
    await context.checkKey(key, 'write');
    const off = { enabled: false };
    return c.json({
      source: {
        id: sha256Hex(key).slice(0, 27),
        name: 'rekindle',
        writeKey: key,
        enabled: true,
        workspaceId: 'rekindle',
        dataplanes: {},
        connections: [],
        destinations: [],
        config: { statsCollection: { errors: off, metrics: off } },
      },
    });
  };
  routes.get('/sourceConfig', sourceConfig);
  routes.get('/sourceConfig/', sourceConfig);
  return routes;
}
