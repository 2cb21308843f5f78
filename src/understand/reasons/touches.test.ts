// What our own messages tell reaches the reasons: left unopened they speak for too many messages, an unsubscribe louder; what a person opened,
// and what a robot opened, is told apart.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import { sql } from '../../kernel/sql.ts';
import type { Records } from '../../stores/records/records.ts';
import type { Events } from '../../stores/events/events.ts';
import { evaluatePolicy } from '../dormancy/evaluate.service.ts';
import { PRESETS } from '../dormancy/presets.ts';
import { evaluateReasons, reasonsOf } from './reasons.service.ts';

const NOW = new Date('2026-07-01T00:00:00Z');
const PEOPLE = ['ann', 'bo', 'cy', 'di'] as const;
let records: Records;
let events: Events;
let close: () => Promise<void>;

beforeAll(async () => {
  records = await newRecords();
  ({ events, close } = await temporaryEvents());
  await events.insert(
    'events',
    PEOPLE.map((id) => eventRow(id, 'Order Completed', '2026-03-10', 1000)),
  );
  await evaluatePolicy(events, { policy: PRESETS.shop, version: 1, asOf: '2026-06-30', now: NOW });
  let made = 0;
  const sent = async (
    person: string,
    reaction?: { kind: 'opened' | 'clicked' | 'unsubscribed'; class: string },
  ): Promise<void> => {
    const id = `msg_${made++}`;
    await records.db
      .insertInto('messages')
      .values({
        message_id: id,
        programme_id: 'p',
        run_id: `r${made}`,
        step: 0,
        person_id: person,
        channel: 'email',
        purpose: 'marketing',
        address: `${person}@example.com`,
        address_key: person,
        variant: 'a',
        template_id: 't',
        template_version: 1,
        language: 'en',
        grant_id: null,
        state: 'sent',
        due_at: NOW,
        expires_at: NOW,
        claimed_by: null,
        claimed_at: null,
        attempts: 1,
        sent_at: new Date('2026-03-10T10:00:00Z'),
        provider_id: null,
        code: null,
        detail: null,
        created_at: NOW,
        finished_at: null,
      })
      .execute();
    if (reaction === undefined) return;
    await records.db
      .insertInto('receipts')
      .values({
        message_id: id,
        kind: reaction.kind,
        class: reaction.class,
        detail: '{}',
        occurred_at: new Date('2026-03-10T11:00:00Z'),
        dedupe_key: id,
      })
      .execute();
  };
  for (let i = 0; i < 3; i++) {
    // Ann follows none of three, and opening them changes nothing; Bo all, for Cy only robots do; Di unsubscribes from the last.
    await sent('ann', { kind: 'opened', class: 'human' });
    await sent('bo', { kind: 'clicked', class: 'human' });
    await sent('cy', { kind: 'clicked', class: 'bot' });
    await sent('di', i === 2 ? { kind: 'unsubscribed', class: 'human' } : { kind: 'clicked', class: 'human' });
  }
});
afterAll(async () => {
  await close();
  await records.close();
});

it('counts what was ignored and what was said by leaving', async () => {
  await evaluateReasons({ records, events }, 'shop', NOW);
  const told = async (id: string): Promise<Record<string, string>> =>
    Object.fromEntries((await reasonsOf(events, id))[0]!.evidence.map(({ signal, text }) => [signal, text.en]));
  expect(await told('ann')).toMatchObject({ ignored_messages: expect.stringMatching(/^3 message/) as unknown });
  expect(await told('cy')).toMatchObject({ ignored_messages: expect.stringMatching(/^3 message/) as unknown });
  expect(Object.keys(await told('bo'))).not.toContain('ignored_messages');
  expect(await told('di')).toMatchObject({ unsubscribed: 'unsubscribed on 10 Mar 2026' });
  const overload = async (id: string): Promise<number> => (await reasonsOf(events, id))[0]!.probabilities.overload;
  const [ann, bo, cy, di] = [await overload('ann'), await overload('bo'), await overload('cy'), await overload('di')];
  expect(ann).toBeGreaterThan(bo);
  expect(cy).toBeCloseTo(ann, 12);
  expect(di).toBeGreaterThan(ann);
  expect(await events.rows(sql`SELECT name FROM system.tables WHERE startsWith(name, 'scratch_touches')`)).toEqual([]);
});
