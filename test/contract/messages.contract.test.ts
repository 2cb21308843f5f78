// One suite, both records adapters: the ledger's state machine, and claims of several workers at once.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_REACH_RULES, type ReachRules } from '../../src/reach/arbiter/rules.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { claimDue } from '../../src/reach/messages/claim.sql.ts';
import {
  finishMessages,
  holdMessages,
  planMessages,
  stopMessages,
  stoppedMessages,
  surrenderLostClaims,
  type Finish,
} from '../../src/reach/messages/ledger.sql.ts';
import type { MessageState } from '../../src/stores/records/tables/messages.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, consent, message } from '../support/rows.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const FREE: ReachRules = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 0 };
const plus = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
const HOUR = 3_600_000;
const STATES: readonly MessageState[] = ['planned', 'sending', 'sent', 'failed', 'unknown', 'cancelled', 'refused'];

describe.each(RECORDS_KINDS)('messages on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`the ledger${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    const claim = (worker: number, rules: ReachRules, now = NOW, limit = 40) =>
      claimDue(store.workers[worker]!.db, { channel: 'email', worker: `w${worker}`, limit, rules, now });
    const rowOf = async (messageId: string) =>
      store.records.db.selectFrom('messages').selectAll().where('message_id', '=', messageId).executeTakeFirstOrThrow();
    const force = (messageId: string, state: MessageState, code: string | null = null) =>
      sql`UPDATE messages SET state = ${state}, code = ${code}, claimed_at = ${NOW} WHERE message_id = ${messageId}`.execute(
        store.records.db,
      );
    const finish = (messageId: string, state: Finish['state'], more: Partial<Finish> = {}) =>
      finishMessages(store.records.db, [
        {
          message_id: messageId,
          state,
          at: plus(NOW, 1_000),
          provider_id: null,
          code: 'c',
          detail: null,
          due_at: state === 'planned' ? plus(NOW, HOUR) : null,
          ...more,
        },
      ]);
    const ready = async (ids: readonly string[], emailOf: (id: string) => string = (id) => `${id}@example.com`) => {
      await addPeople(
        store.records.db,
        ids.map((id) => ({ id, email: emailOf(id) })),
      );
      await recordConsents(
        store.records.db,
        ids.map((id) => consent(id)),
      );
    };

    it('plans one message per run, step and person, and one per address', async () => {
      const { db } = store.records;
      const plan = (...messages: ReturnType<typeof message>[]) =>
        planMessages(db, messages).then((added) => added.size);
      expect(await plan(message('p1', NOW), message('p1', NOW))).toBe(1);
      expect(await plan(message('p1', NOW))).toBe(0);
      expect(await plan(message('p2', NOW, { address_key: 'key-p1@example.com' }))).toBe(0);
      expect(
        await plan(message('p1', NOW, { step: 1 }), message('p1', NOW, { run_id: 'r2' }), message('p2', NOW)),
      ).toBe(3);
      expect(await plan()).toBe(0);
    });

    it('claims what is due once, says why the rest waits or is refused, and records a decision for each', async () => {
      await ready(['fine', 'busy', 'gone']);
      await recordConsents(store.records.db, [consent('gone', { status: 'withdrawn', decidedAt: NOW })]);
      const past = message('busy', plus(NOW, -HOUR), { run_id: 'r0' });
      await planMessages(store.records.db, [past]);
      await sql`UPDATE messages SET state = 'sent', claimed_at = due_at`.execute(store.records.db);
      const due = ['fine', 'busy', 'gone'].map((id) => message(id, NOW));
      const tomorrow = message('fine', plus(NOW, 24 * HOUR), { step: 1 });
      const late = message('fine', NOW, { step: 2, expires_at: NOW, priority: -1 });
      await planMessages(store.records.db, [...due, tomorrow, late]);
      const rules: ReachRules = { ...FREE, gapHours: 2 };
      const round = await claim(0, rules);
      // One message per person and round; the expired one is seen in the next.
      expect([round.claimed.length, round.deferred, round.refused]).toEqual([1, 1, 1]);
      const second = await claim(0, rules);
      expect([second.claimed.length, second.deferred, second.refused]).toEqual([0, 0, 1]);
      const states = await Promise.all([...due, tomorrow, late].map((row) => rowOf(row.message_id)));
      expect(states.map((row) => [row.state, row.code, row.attempts])).toEqual([
        ['sending', null, 1],
        ['planned', null, 0],
        ['refused', 'consent_withdrawn', 0],
        ['planned', null, 0],
        ['refused', 'expired_waiting', 0],
      ]);
      expect(states[1]!.due_at).toEqual(plus(NOW, HOUR));
      const decisions = await store.records.db
        .selectFrom('decisions')
        .select(['person_id', 'outcome', 'codes', 'deferred_until'])
        .orderBy('decision_id')
        .execute();
      expect(decisions.toSorted((a, b) => a.person_id.localeCompare(b.person_id))).toEqual([
        { person_id: 'busy', outcome: 'deferred', codes: ['gap'], deferred_until: plus(NOW, HOUR) },
        { person_id: 'fine', outcome: 'refused', codes: ['expired_waiting', 'gap'], deferred_until: null },
        { person_id: 'gone', outcome: 'refused', codes: ['consent_withdrawn'], deferred_until: null },
      ]);
    });

    it('refuses instead of deferring beyond the message’s own end', async () => {
      await ready(['p1']);
      await planMessages(store.records.db, [message('p1', NOW, { expires_at: plus(NOW, 20 * HOUR) })]);
      // Quiet until 09:00 the next day, which is 21 hours away.
      const round = await claim(0, { ...FREE, quiet: { from: '11:00', to: '09:00' } });
      expect([round.refused, round.deferred]).toEqual([1, 0]);
    });

    it('lets many workers claim at once: every message once, caps held per person and per shared address', async () => {
      const { db } = store.records;
      // Sixty people on forty addresses, three messages each due in three runs.
      const ids = Array.from({ length: 60 }, (_, i) => `p${i}`);
      const emailOf = (id: string): string => `a${Number(id.slice(1)) % 40}@example.com`;
      await ready(ids, emailOf);
      const messages = ids.flatMap((id) =>
        [0, 1, 2].map((run) =>
          message(id, NOW, {
            run_id: `r${run}-${Number(id.slice(1)) < 40 ? 'a' : 'b'}`,
            address: emailOf(id),
            address_key: `key-${emailOf(id)}`,
          }),
        ),
      );
      expect((await planMessages(db, messages)).size).toBe(180);
      const rules: ReachRules = { ...FREE, caps: [{ kind: 'rolling', channel: '*', days: 1, max: 2 }] };
      const claimed: { id: string; person: string; address: string }[] = [];
      const work = async (worker: number): Promise<void> => {
        for (let empty = 0; empty < 3;) {
          const round = await claim(worker, rules, NOW, 17);
          empty = round.seen === 0 ? empty + 1 : 0;
          for (const row of round.claimed)
            claimed.push({ id: row.message_id, person: row.person_id, address: row.address_key });
        }
      };
      await Promise.all(store.workers.map((_, worker) => work(worker)));
      expect(new Set(claimed.map((row) => row.id)).size).toBe(claimed.length);
      const most = (key: 'person' | 'address'): number =>
        Math.max(...[...Map.groupBy(claimed, (row) => row[key]).values()].map((rows) => rows.length));
      expect([most('person'), most('address')]).toEqual([2, 2]);
      // Two for each of forty addresses: nothing that was allowed stayed behind.
      expect(claimed).toHaveLength(80);
      const left = await db
        .selectFrom('messages')
        .select('message_id')
        .where('state', '=', 'planned')
        .where('due_at', '<=', NOW)
        .execute();
      expect(left).toEqual([]);
    });

    it('never reopens: only `sending` takes an outcome, and `unknown` only that it was sent', async () => {
      const outcomes = ['sent', 'failed', 'unknown', 'cancelled', 'planned'] as const;
      const cases = STATES.flatMap((state) =>
        outcomes.map((outcome) => ({ state, outcome, row: message('p1', NOW, { run_id: `${state}-${outcome}` }) })),
      );
      await planMessages(
        store.records.db,
        cases.map(({ row }) => row),
      );
      await sql`UPDATE messages SET state = split_part(run_id, '-', 1)`.execute(store.records.db);
      await finishMessages(
        store.records.db,
        cases.map(({ row, outcome }) => ({
          message_id: row.message_id,
          state: outcome,
          at: NOW,
          provider_id: null,
          code: null,
          detail: null,
          due_at: null,
        })),
      );
      const rows = await store.records.db.selectFrom('messages').select(['run_id', 'state']).execute();
      const found = new Map(rows.map((row) => [row.run_id, row.state]));
      for (const { state, outcome, row } of cases) {
        const takes = state === 'sending' || (state === 'unknown' && outcome === 'sent');
        expect([row.run_id, found.get(row.run_id)]).toEqual([row.run_id, takes ? outcome : state]);
      }
    });

    it('cancels what was marked to stop on the wire instead of trying it again; what was sent was sent', async () => {
      const [retried, sent, failed, free] = ['a', 'b', 'c', 'd'].map((run) => message('p1', NOW, { run_id: run }));
      await planMessages(store.records.db, [retried!, sent!, failed!, free!]);
      for (const row of [retried, sent, failed, free]) await force(row!.message_id, 'sending');
      expect(await stopMessages(store.records.db, { personIds: ['p1'], code: 'returned', now: NOW })).toBe(4);
      await sql`UPDATE messages SET code = NULL WHERE message_id = ${free!.message_id}`.execute(store.records.db);
      expect(await stoppedMessages(store.records.db, [retried!.message_id, free!.message_id])).toEqual(
        new Map([[retried!.message_id, 'returned']]),
      );
      await finish(retried!.message_id, 'planned', { code: '4.2.1' });
      await finish(sent!.message_id, 'sent', { code: null });
      await finish(failed!.message_id, 'failed', { code: '5.1.1' });
      await finish(free!.message_id, 'planned', { code: '4.2.1' });
      const rows = await Promise.all([retried, sent, failed, free].map((row) => rowOf(row!.message_id)));
      expect(rows.map((row) => [row.state, row.code])).toEqual([
        ['cancelled', 'returned'],
        ['sent', null],
        ['failed', '5.1.1'],
        ['planned', '4.2.1'],
      ]);
      expect(rows.map((row) => row.finished_at !== null)).toEqual([true, true, true, false]);
    });

    it('stops exactly its scope', async () => {
      const make = async (run: string, more: Parameters<typeof message>[2], state: MessageState = 'planned') => {
        const row = message('p1', NOW, { run_id: run, ...more });
        await planMessages(store.records.db, [row]);
        await force(row.message_id, state);
        return row.message_id;
      };
      const ids = [
        await make('1', {}),
        await make('2', { channel: 'sms' }),
        await make('3', { person_id: 'p2', address_key: 'other' }),
        await make('4', { programme_id: 'g2' }),
        await make('5', {}, 'sent'),
        await make('6', {}, 'sending'),
      ];
      expect(
        await stopMessages(store.records.db, {
          personIds: ['p1'],
          programmeId: 'g1',
          channel: 'email',
          code: 'x',
          now: NOW,
        }),
      ).toBe(2);
      expect(await stopMessages(store.records.db, { personIds: [], code: 'x', now: NOW })).toBe(0);
      const rows = await Promise.all(ids.map(rowOf));
      expect(rows.map((row) => [row.state, row.code])).toEqual([
        ['cancelled', 'x'],
        ['planned', null],
        ['planned', null],
        ['planned', null],
        ['sent', null],
        ['sending', 'stop:x'],
      ]);
      await expect(stopMessages(store.records.db, { code: 'x', now: NOW })).rejects.toThrow(
        'people, addresses or a programme',
      );
    });

    it('holds back what a paused programme has planned, and lets it go again', async () => {
      await ready(['p1', 'p2']);
      const planned = [message('p1', NOW, { programme_id: 'paused' }), message('p2', NOW, { programme_id: 'other' })];
      await planMessages(store.records.db, planned);
      await holdMessages(store.records.db, 'paused', true);
      expect((await claim(0, FREE)).claimed.map((row) => row.person_id)).toEqual(['p2']);
      await holdMessages(store.records.db, 'paused', false);
      expect((await claim(0, FREE)).claimed.map((row) => row.person_id)).toEqual(['p1']);
    });

    it('gives up claims of the dead after their lease, and only those', async () => {
      const [old, young, planned] = ['a', 'b', 'c'].map((run) => message('p1', NOW, { run_id: run }));
      await planMessages(store.records.db, [old!, young!, planned!]);
      await force(old!.message_id, 'sending');
      await force(young!.message_id, 'sending');
      await sql`UPDATE messages SET claimed_at = ${plus(NOW, -900_000)} WHERE message_id = ${old!.message_id}`.execute(
        store.records.db,
      );
      expect(await surrenderLostClaims(store.records.db, plus(NOW, -900_000), NOW)).toBe(1);
      expect(await surrenderLostClaims(store.records.db, plus(NOW, -900_000), NOW)).toBe(0);
      const rows = await Promise.all([old, young, planned].map((row) => rowOf(row!.message_id)));
      expect(rows.map((row) => [row.state, row.code])).toEqual([
        ['unknown', 'sender_died'],
        ['sending', null],
        ['planned', null],
      ]);
      // Its fate may still become known; it counts against the caps meanwhile.
      await finish(old!.message_id, 'planned');
      expect((await rowOf(old!.message_id)).state).toBe('unknown');
    });

    it('holds the default rules for a person with ten programmes at once', async () => {
      await ready(['p1']);
      await planMessages(
        store.records.db,
        Array.from({ length: 10 }, (_, i) => message('p1', NOW, { run_id: `r${i}`, programme_id: `g${i}` })),
      );
      const days: string[] = [];
      for (let hour = 0; hour < 24 * 10; hour += 3) {
        const now = plus(NOW, hour * HOUR);
        for (const row of (await claim(hour % 4, DEFAULT_REACH_RULES, now)).claimed) {
          await finish(row.message_id, 'sent', { at: now });
          days.push(now.toISOString().slice(0, 13));
        }
      }
      // Monday noon, then every 20 hours at the earliest and not before 09:00 of the next day; the fourth only a week after the first.
      expect(days).toEqual([
        '2026-03-02T12',
        '2026-03-03T09',
        '2026-03-04T09',
        '2026-03-09T12',
        '2026-03-10T09',
        '2026-03-11T09',
      ]);
    });
  });
});
