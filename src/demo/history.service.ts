// The shop's past on its way in: which thread writes it, how its file is read, and its sign-ups as events.
import type { App } from '../app.ts';
import { understandIncoming, type AcceptedEvent } from '../collect/ingest/incoming.ts';
import type { ShopEvent } from './world/shop-event.ts';

export const HISTORY_WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './history-worker.service.ts' : './history-worker.service.js',
  import.meta.url,
);

export const FILE_MAPPING = [
  'person=userId',
  'anonymous=anonymousId',
  'time=timestamp',
  'event=event',
  'messageId=messageId',
  'amount=properties.revenue',
  'order=properties.order_id',
  'properties=properties',
].join(',');

export function acceptedOf(app: App, event: ShopEvent): AcceptedEvent {
  const outcome = understandIncoming({
    call: undefined,
    body: { ...event, timestamp: event.timestamp.toISOString() },
    now: app.clock.now(),
    sentAt: undefined,
    timeZone: app.business.timeZone,
    currency: app.business.currency,
    bytes: 0,
    fallbackId: () => event.messageId,
  });
  if (!outcome.ok) throw new Error(`the demo's own event ${event.messageId} was dropped: ${outcome.reason}`);
  return outcome.event;
}
