// One suite, both records adapters: an inbox holds what lies ready, save what the arbiter refuses. Both ask within one statement of the store;
// what the arbiter says of the same messages, asked by itself, is the measure.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../src/reach/arbiter/arbiter.sql.ts';
import type { ArbiterCode, ReachRules } from '../../src/reach/arbiter/rules.ts';
import { recordConsents, suppress } from '../../src/reach/consent/consent.service.ts';
import { openInboxes } from '../../src/reach/inbox/inbox.service.ts';
import { loadInboxes } from '../../src/reach/inbox/inbox.sql.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addControl, addPeople, addProgramme, consent, message } from '../support/rows.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const before = (ms: number): Date => new Date(NOW.getTime() - ms);
const RULES: ReachRules = {
  caps: [],
  gapHours: 0,
  quiet: null,
  defaultTimeZone: 'UTC',
  globalControlBuckets: 200,
  programmes: { g1: { topic: 'sales' } },
};
const FIELDS = JSON.stringify({ layout: 'card', title: 'Hello', body: 'You', moment: 'open' });

/** What the arbiter must say of marketing to each, who is what her name says. */
const EXPECTED: Readonly<Record<string, readonly ArbiterCode[]>> = {
  fine: [],
  granted: [],
  withdrawn: ['consent_withdrawn'],
  expired: ['consent_expired'],
  objected: ['objected'],
  off: ['suppressed_person'],
  offHere: ['suppressed_person'],
  offElsewhere: [],
  boxed: ['suppressed_address'],
  dull: ['topic_declined'],
  silent: ['sunset'],
  kept: ['global_control'],
  arm: ['programme_control'],
  stranger: ['unknown_person'],
};
const PEOPLE = Object.keys(EXPECTED);

describe.each(RECORDS_KINDS)('inboxes on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`hold${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    const messages = PEOPLE.flatMap((personId, i) =>
      (['marketing', 'transactional', 're_permission'] as const).map((purpose, step) =>
        message(personId, before(1_000 * (i + 1)), {
          channel: 'in_app',
          address: personId,
          address_key: `key-${personId}`,
          purpose,
          step,
          priority: step,
        }),
      ),
    );
    const put = (ids: readonly string[], more: { is_test?: boolean; expires_at?: Date } = {}) =>
      store.records.db
        .insertInto('inbox')
        .values(
          messages
            .filter(({ message_id }) => ids.includes(message_id))
            .map(({ message_id, person_id, expires_at }) => ({
              message_id: more.is_test === true ? `test-${message_id}` : message_id,
              person_id,
              language: 'en',
              fields: FIELDS,
              placed_at: before(500),
              expires_at,
              ...more,
            })),
        )
        .execute();
    const idsOf = async (actorIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> => {
      const loaded = await loadInboxes(store.records.db, actorIds, RULES, NOW);
      return new Map([...loaded].map(([id, { rows }]) => [id, rows.map((row) => row.message_id).toSorted()] as const));
    };

    beforeAll(async () => {
      store = await temporaryRecords(kind);
      const { db } = store.records;
      await addPeople(
        db,
        PEOPLE.filter((id) => id !== 'stranger').map((id) => ({ id, bucket: id === 'kept' ? 3 : 9_999 })),
      );
      const here = { channel: 'in_app' } as const;
      await recordConsents(db, [
        consent('granted', { ...here, expiresAt: new Date('2026-06-01T00:00:00.000Z') }),
        consent('withdrawn', { ...here, status: 'withdrawn', decidedAt: before(10) }),
        consent('expired', { ...here, decidedAt: before(10), expiresAt: NOW }),
        consent('fine', { channel: 'email', status: 'withdrawn' }),
      ]);
      await db
        .insertInto('reach_profiles')
        .values([
          {
            person_id: 'objected',
            objected_at: before(5),
            paused_until: null,
            frequency: null,
            best_hours: null,
            updated_at: NOW,
          },
          {
            person_id: 'granted',
            objected_at: null,
            paused_until: new Date('2026-04-01T00:00:00.000Z'),
            frequency: 'weekly',
            best_hours: null,
            updated_at: NOW,
          },
        ])
        .execute();
      await db
        .insertInto('sunsets')
        .values({
          policy_id: 'shop',
          since_on: '2026-01-01',
          contacts: 9,
          person_id: 'silent',
          ended_on: null,
          end_cause: null,
        })
        .execute();
      await db
        .insertInto('topic_preferences')
        .values({ person_id: 'dull', topic_id: 'sales', channel: '*', wanted: false, decided_at: NOW })
        .execute();
      await addProgramme(db, NOW);
      await addControl(db, 'arm', NOW);
      await suppress(
        db,
        [
          { kind: 'person', key: 'off', channel: '*', reason: 'x' },
          { kind: 'person', key: 'offHere', channel: 'in_app', reason: 'x' },
          { kind: 'person', key: 'offElsewhere', channel: 'email', reason: 'x' },
          { kind: 'address', key: 'key-boxed', channel: '*', reason: 'x' },
        ],
        NOW,
      );
      // After the suppressions: they stop what is planned, and these have left.
      await planMessages(db, messages);
      await db.updateTable('messages').set({ state: 'sent', claimed_at: NOW, sent_at: NOW }).execute();
      await put(messages.map(({ message_id }) => message_id));
    });
    afterAll(() => store?.close());

    it('what the arbiter refuses nothing of, each message by its own purpose', async () => {
      const candidates = messages.map((each) => ({ key: each.message_id, ...each }));
      const verdicts = await judge(store.records.db, candidates, RULES, NOW, { timed: false });
      const marketing = messages.filter(({ purpose }) => purpose === 'marketing').map((each) => each.message_id);
      expect(
        Object.fromEntries(
          verdicts.filter(({ key }) => marketing.includes(key)).map((each) => [each.person_id, each.refusals]),
        ),
      ).toEqual(EXPECTED);
      const allowed = (personId: string): string[] =>
        verdicts
          .filter((each) => each.person_id === personId && each.refusals.length === 0)
          .map((each) => each.key)
          .toSorted();
      expect(await idsOf(PEOPLE)).toEqual(new Map(PEOPLE.map((id) => [id, allowed(id)])));
      // Not one rule for all: of somebody who withdrew, what is owed to her is still shown.
      expect(allowed('withdrawn').length).toBeGreaterThan(0);
      expect(allowed('withdrawn').length).toBeLessThan(3);
    });

    it('with what only time decides', async () => {
      const { rows } = (await loadInboxes(store.records.db, ['granted'], RULES, NOW)).get('granted')!;
      const row = rows.find(
        ({ message_id }) => message_id === messages.find((m) => m.person_id === 'granted')!.message_id,
      );
      expect(row).toMatchObject({
        consent_until: new Date('2026-06-01T00:00:00.000Z'),
        paused_until: new Date('2026-04-01T00:00:00.000Z'),
        shows: 0,
        shown_at: null,
        is_done: false,
        is_test: false,
      });
    });

    it('nothing of who is not known, under the id she was asked by', async () => {
      await store.records.db
        .insertInto('person_links')
        .values({ actor_id: 'anon:a', person_id: 'off', linked_at: NOW })
        .execute();
      const loaded = await loadInboxes(store.records.db, ['anon:a', 'nobody', 'fine'], RULES, NOW);
      expect(loaded.get('nobody')).toEqual({ personId: 'nobody', rows: [] });
      // Everything of hers is refused; whose it is must still be told, or a change would not be heard.
      expect(loaded.get('anon:a')?.personId).toBe('off');
      expect(loaded.get('fine')?.rows).toHaveLength(3);
    });

    it('tests to whoever looks, and nothing that has expired or was taken back', async () => {
      const [first, second, third] = messages.filter(({ person_id }) => person_id === 'fine');
      const { db } = store.records;
      await put([first!.message_id], { is_test: true });
      await db.updateTable('inbox').set({ expires_at: NOW }).where('message_id', '=', second!.message_id).execute();
      await db
        .updateTable('messages')
        .set({ state: 'cancelled' })
        .where('message_id', '=', third!.message_id)
        .execute();
      expect((await idsOf(['fine'])).get('fine')).toEqual([first!.message_id, `test-${first!.message_id}`].toSorted());
    });

    it('are read anew for whoever is just looking, before she looks again, and for nobody else', async () => {
      let [asked, answered] = [0, 0];
      const db = store.records.db.withPlugin({
        transformQuery: ({ node }) => {
          asked++;
          return node;
        },
        transformResult: ({ result }) => {
          answered++;
          return Promise.resolve(result);
        },
      });
      const inboxes = await openInboxes({ records: { ...store.records, db }, rules: RULES, now: () => NOW });
      try {
        const [seen] = (await inboxes.of('granted')).rows;
        const unlooked = messages.find(({ person_id }) => person_id === 'offElsewhere');
        expect([seen?.shows, asked]).toEqual([0, 1]);
        const shown = (messageId: string) =>
          store.records.db
            .insertInto('receipts')
            .values({
              message_id: messageId,
              kind: 'delivered',
              class: 'human',
              detail: '{}',
              occurred_at: NOW,
              dedupe_key: 'a',
            })
            .execute();
        await shown(unlooked!.message_id);
        await shown(seen!.message_id);
        await expect.poll(() => answered, { timeout: 30_000 }).toBe(2);
        // What was answered is kept within the same turn.
        await new Promise((resolve) => setImmediate(resolve));
        const { rows } = await inboxes.of('granted');
        expect(rows.find((row) => row.message_id === seen!.message_id)?.shows).toBe(1);
        expect(asked).toBe(2);
      } finally {
        await inboxes.close();
      }
    });
  });
});
