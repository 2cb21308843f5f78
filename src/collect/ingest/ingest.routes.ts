// The Segment HTTP interface: /v1/{identify,track,page,screen,alias,group,batch} and the SDK's short paths. 2xx means durable.
// SDKs drop what gets a 4xx (except 408, 410, 429, 460) and retry 5xx, so statuses are chosen by whether a retry can help.
import { Hono, type Context } from 'hono';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { cleaned, isDeeperThan, isObject, objectOf, textOf, type JsonObject } from '../../kernel/json.ts';
import type { KeyCheck } from '../keys.service.ts';
import { LIMITS, understandIncoming, type AcceptedEvent, type Call, type DropReason } from './incoming.ts';
import type { Ingest } from './ingest.service.ts';

export type IngestRoutesContext = {
  readonly ingest: Ingest;
  readonly checkKey: KeyCheck;
  readonly timeZone: string;
  readonly currency: string;
  readonly now: () => Date;
};

const BODY_BYTES_MAX = 500 * 1024;
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

const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** Basic with the key as user name, Bearer, or `writeKey` in the body. */
function keyOf(header: string | undefined, body: JsonObject): string | undefined {
  const [scheme, value] = header?.split(' ') ?? [];
  if (scheme?.toLowerCase() === 'basic' && value !== undefined)
    return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
  if (scheme?.toLowerCase() === 'bearer') return value;
  return textOf(body['writeKey']);
}

async function readBody(c: Context): Promise<{ readonly body: JsonObject; readonly bytes: number }> {
  const declared = Number(c.req.header('content-length') ?? 0);
  const limit = { what: 'The body', limit: `${BODY_BYTES_MAX / 1024} KB` };
  if (declared > BODY_BYTES_MAX) throw new RekindleError('too_large', limit);
  const text = await c.req.text();
  const bytes = Buffer.byteLength(text);
  if (bytes > BODY_BYTES_MAX) throw new RekindleError('too_large', limit);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new RekindleError('body_not_json', { what: cause instanceof Error ? cause.message : '' }, { cause });
  }
  // Only escapes can bring in what the stores refuse as text, so nearly every body is spared the walk.
  const body = UNSTORABLE.test(text) ? cleaned(parsed) : parsed;
  if (!isObject(body)) throw new RekindleError('body_not_json', { what: 'expected an object' });
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
    throw new RekindleError('invalid', { where: 'batch', what: 'expected an array of events' });
  if (items.length > EVENTS_PER_BATCH_MAX) {
    throw new RekindleError('too_large', { what: 'The batch', limit: `${EVENTS_PER_BATCH_MAX} events` });
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

export function ingestRoutes(context: IngestRoutesContext): Hono {
  const routes = new Hono();
  routes.post('/v1/:path', async (c, next) => {
    const path = PATHS.get(c.req.param('path'));
    if (path === undefined) return next();
    const { body, bytes } = await readBody(c);
    await context.checkKey(keyOf(c.req.header('authorization'), body), 'write');
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
    return c.json({ success: true, added, known, dropped: Object.fromEntries(dropped) });
  });
  return routes;
}
