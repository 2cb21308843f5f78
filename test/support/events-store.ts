// A migrated events store in a temporary folder, for one test file; and rows of events with the dull columns filled in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChdb, type Events, type Row } from '../../src/stores/events/events.ts';
import { migrateEvents } from '../../src/stores/events/migrations.ts';

export async function temporaryEvents(): Promise<{ readonly events: Events; readonly close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-events-'));
  const events = await openChdb(folder);
  await migrateEvents(events, new Date('2026-01-01T00:00:00Z'));
  return {
    events,
    close: async () => {
      await events.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let made = 0;

export const eventRow = (actorId: string, name: string, day: string, amountCents = 0): Row => ({
  message_id: `m${made++}`,
  actor_id: actorId,
  name,
  occurred_at: `${day} 12:00:00.000`,
  received_at: `${day} 12:00:00.000`,
  day,
  amount_cents: amountCents,
  currency: 'USD',
  order_id: '',
  products: [],
  properties: '{}',
  source: 'test',
});
