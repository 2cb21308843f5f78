// After the programme: who stays silent after so many contacts is sunset, and re-permissioned by a return or a new consent.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { keepEvaluated } from './keep-evaluated.service.ts';
import { withWindow } from './policy.ts';
import { savePolicy } from './policy.service.ts';
import { PRESETS } from './presets.ts';
import { personStates, stageHistoryOf } from './states.sql.ts';

/** Dormant after 20 days; given up ten days after the second contact; a return counts as fresh for 30 days. */
const policy = { ...withWindow(PRESETS.shop, 20), sunset: { contacts: 2, days: 10 } };

describe('sunset', () => {
  let events: Events;
  let records: Records;
  let close: () => Promise<void>;
  let messages = 0;

  const contact = async (personId: string, day: string, state: 'sent' | 'cancelled' = 'sent'): Promise<void> => {
    const at = new Date(`${day}T09:00:00Z`);
    const id = `m${messages++}`;
    await records.db
      .insertInto('messages')
      .values({
        message_id: id,
        programme_id: 'wake',
        run_id: id,
        step: 0,
        person_id: personId,
        channel: 'email',
        purpose: 'marketing',
        address: `${personId}@example.com`,
        address_key: personId,
        variant: 'a',
        template_id: 't',
        template_version: 1,
        language: 'en',
        grant_id: null,
        state,
        due_at: at,
        expires_at: at,
        claimed_by: null,
        claimed_at: at,
        sent_at: state === 'sent' ? at : null,
        provider_id: null,
        code: null,
        detail: null,
        created_at: at,
        finished_at: at,
      })
      .execute();
  };
  const consent = (personId: string, day: string) =>
    records.db
      .insertInto('consents')
      .values({
        consent_id: `c-${personId}-${day}`,
        person_id: personId,
        channel: 'email',
        purpose: 'marketing',
        status: 'granted',
        basis: 'express',
        text_version: '1',
        source: 'form',
        proof: '{}',
        decided_at: new Date(`${day}T12:00:00Z`),
        expires_at: null,
      })
      .execute();
  /** A round in the first minute after `day` is over. */
  const dayIsOver = (day: string) =>
    keepEvaluated(
      { records, events, timeZone: 'UTC' },
      new Date(Date.parse(`${day}T00:00:30Z`) + 86_400_000 + messages),
    );
  const stageOf = async (personId: string): Promise<string | undefined> =>
    (await personStates(events, personId)).map(
      (state) => `${state.stage} since ${state.stageSince} by ${state.cause}`,
    )[0];
  const movesOf = async (personId: string) =>
    (await stageHistoryOf(events, policy.policyId, personId)).map(
      (move) => `${move.changedOn} ${move.from}>${move.to} ${move.cause}`,
    );

  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    records = await newRecords();
    const people = ['contacted', 'once', 'cancelled', 'never', 'returns', 'consents'];
    await events.insert(
      'events',
      people.map((person) => eventRow(person, 'Order Completed', '2026-01-01', 1_000)),
    );
    await savePolicy({ events, records }, policy, new Date('2026-01-25T00:00:00Z'));
    for (const person of ['contacted', 'returns', 'consents']) {
      await contact(person, '2026-01-25');
      await contact(person, '2026-02-01');
    }
    await contact('once', '2026-01-25');
    await contact('cancelled', '2026-01-25');
    await contact('cancelled', '2026-02-01', 'cancelled');
  });
  afterAll(async () => {
    await records.close();
    await close();
  });

  test('begins when the last contact asked for lies the days back, and only for who had that many', async () => {
    await dayIsOver('2026-02-10');
    expect(await stageOf('contacted')).toBe('dormant since 2026-01-21 by silence');
    await dayIsOver('2026-02-11');
    expect(await stageOf('contacted')).toBe('sunset since 2026-02-11 by contacts');
    for (const person of ['once', 'cancelled', 'never'])
      expect(await stageOf(person)).toBe('dormant since 2026-01-21 by silence');
    const rows = await records.db
      .selectFrom('sunsets')
      .select(['person_id', 'since_on', 'contacts'])
      .orderBy('person_id')
      .execute();
    expect(rows).toEqual(
      ['consents', 'contacted', 'returns'].map((person_id) => ({ person_id, since_on: '2026-02-11', contacts: 2 })),
    );
  });

  test('holds beyond the day on which she would have been lost, and is in her history once', async () => {
    await dayIsOver('2026-03-25');
    expect(await stageOf('never')).toBe('lost since 2026-03-22 by silence');
    expect(await stageOf('contacted')).toBe('sunset since 2026-02-11 by contacts');
    expect((await movesOf('contacted')).slice(-2)).toEqual([
      '2026-01-21 cooling>dormant silence',
      '2026-02-11 dormant>sunset contacts',
    ]);
  });

  test('who returns is re-permissioned for the days of a recovery, then active', async () => {
    await events.insert('events', [eventRow('returns', 'Order Completed', '2026-03-27', 500)]);
    await dayIsOver('2026-03-27');
    expect(await stageOf('returns')).toBe('repermissioned since 2026-03-27 by activity');
    await events.insert(
      'events',
      ['2026-04-05', '2026-04-14', '2026-04-23'].map((day) => eventRow('returns', 'Order Completed', day, 500)),
    );
    await dayIsOver('2026-04-26');
    expect(await stageOf('returns')).toBe('active since 2026-04-26 by time');
    expect((await movesOf('returns')).slice(-2)).toEqual([
      '2026-03-27 sunset>repermissioned activity',
      '2026-04-26 repermissioned>active time',
    ]);
  });

  test('who consents again is re-permissioned without having come back, and silent again after that', async () => {
    await consent('consents', '2026-04-28');
    await dayIsOver('2026-04-28');
    expect(await stageOf('consents')).toBe('repermissioned since 2026-04-28 by consent');
    await dayIsOver('2026-05-28');
    expect(await stageOf('consents')).toBe('lost since 2026-05-28 by silence');
    // Contacts before the consent are forgiven; two new ones count again.
    await contact('consents', '2026-06-01');
    await contact('consents', '2026-06-02');
    await dayIsOver('2026-06-12');
    expect(await stageOf('consents')).toBe('sunset since 2026-06-12 by contacts');
    const ends = await records.db
      .selectFrom('sunsets')
      .select(['since_on', 'ended_on', 'end_cause'])
      .where('person_id', '=', 'consents')
      .orderBy('since_on')
      .execute();
    expect(ends).toEqual([
      { since_on: '2026-02-11', ended_on: '2026-04-28', end_cause: 'consented' },
      { since_on: '2026-06-12', ended_on: null, end_cause: null },
    ]);
  });

  test('a version without the rule lets everybody go', async () => {
    await savePolicy({ events, records }, withWindow(PRESETS.shop, 20), new Date('2026-06-13T00:00:00Z'));
    await dayIsOver('2026-06-13');
    expect(await stageOf('contacted')).toMatch(/^lost/);
    expect(await records.db.selectFrom('sunsets').select('person_id').execute()).toEqual([]);
  });
});
