// A demo world in an events store of its own, evaluated by the shop policy: what the engine may see, with the truth beside it for grading.
import { understandIncoming } from '../../src/collect/ingest/incoming.ts';
import { addDays } from '../../src/kernel/days.ts';
import { createWorld } from '../../src/demo/world/world.ts';
import { truthOf } from '../../src/demo/world/truth.ts';
import type { Events, Row } from '../../src/stores/events/events.ts';
import { evaluatePolicy } from '../../src/understand/dormancy/evaluate.service.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import type { Reason } from '../../src/understand/reasons/causes.ts';
import { temporaryEvents } from './events-store.ts';

const HISTORY_START = '2024-09-01';
export const HISTORY_END = '2026-08-31';
export const WORLD_NOW = new Date(`${addDays(HISTORY_END, 1)}T00:00:00Z`);
const ROWS_PER_INSERT = 50_000;

export type DemoWorld = {
  readonly events: Events;
  readonly policyId: string;
  readonly people: number;
  /** Why a person really went quiet; whoever did not is `unknown`. */
  readonly trueReason: (personId: string) => Reason;
  readonly close: () => Promise<void>;
};

export async function demoWorld(seed: number, people: number): Promise<DemoWorld> {
  const world = createWorld({ seed, people, historyStart: HISTORY_START, historyEnd: HISTORY_END });
  const truth = truthOf(world);
  const { events, close } = await temporaryEvents();
  let rows: Row[] = [];
  const traits: Row[] = [];
  for (const event of world.history()) {
    const outcome = understandIncoming({
      call: undefined,
      body: { ...event, timestamp: event.timestamp.toISOString() },
      now: WORLD_NOW,
      sentAt: undefined,
      timeZone: 'UTC',
      currency: 'USD',
      bytes: 0,
      fallbackId: () => event.messageId,
    });
    if (!outcome.ok) throw new Error(`dropped: ${outcome.reason}`);
    const { actorId, name, occurredAt, day, amountCents, products, properties } = outcome.event;
    if (outcome.event.call === 'identify')
      traits.push({
        person_id: actorId,
        traits: JSON.stringify(event.traits),
        updated_at: occurredAt.toISOString(),
        erased: 0,
      });
    rows.push({
      message_id: event.messageId,
      actor_id: actorId,
      name,
      occurred_at: occurredAt.toISOString(),
      received_at: occurredAt.toISOString(),
      day,
      amount_cents: amountCents,
      currency: 'USD',
      order_id: '',
      products,
      properties: JSON.stringify(properties),
      source: 'test',
    });
    if (rows.length < ROWS_PER_INSERT) continue;
    await events.insert('events', rows);
    rows = [];
  }
  await events.insert('events', rows);
  await events.insert('person_traits', traits);
  const policy = PRESETS.shop;
  await evaluatePolicy(events, { policy, version: 1, asOf: HISTORY_END, now: WORLD_NOW });
  return {
    events,
    policyId: policy.policyId,
    people,
    trueReason: (personId) => truth.reason(personId)?.reason ?? 'unknown',
    close,
  };
}
