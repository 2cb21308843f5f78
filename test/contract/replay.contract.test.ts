// Rules over what was sent, on both records adapters: each message of the past is judged as the arbiter judges it at the moment it left.
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judge } from '../../src/reach/arbiter/arbiter.sql.ts';
import { previewRules } from '../../src/reach/arbiter/replay.service.ts';
import type { CalendarCap, ReachRules, RollingCap } from '../../src/reach/arbiter/rules.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, consent, message } from '../support/rows.ts';

const FREE: ReachRules = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 0 };
const HOUR = 3_600_000;
const at = (text: string): Date => new Date(text);
const TIMED = ['cap_rolling', 'cap_calendar', 'gap'];

describe.each(RECORDS_KINDS)('a preview of rules on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`replays${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    const sent = async (personId: string, instants: readonly Date[], channel = 'email'): Promise<readonly string[]> => {
      const rows = instants.map((instant, i) =>
        message(personId, instant, { run_id: `run-${personId}-${instant.toISOString()}-${i}`, channel }),
      );
      await planMessages(store.records.db, rows);
      const ids = rows.map((row) => row.message_id);
      await sql`UPDATE messages SET state = 'sent', claimed_at = due_at WHERE message_id = ANY(${ids}::text[])`.execute(
        store.records.db,
      );
      return ids;
    };

    it('does not count what it holds: one of three a day leaves, then the next is free again', async () => {
      await addPeople(store.records.db, [{ id: 'p1', zone: null }]);
      const hours = [6, 7, 8, 30, 31].map((hour) => new Date(at('2026-03-02T00:00:00Z').getTime() + hour * HOUR));
      await sent('p1', hours);
      const rules: ReachRules = { ...FREE, caps: [{ kind: 'calendar', channel: '*', unit: 'day', max: 1 }] };
      const preview = await previewRules(store.records.db, rules, FREE, 7, at('2026-03-04T00:00:00Z'));
      expect(preview).toMatchObject({
        oneIn: 1,
        before: { messages: 5, held: 0, people: 0 },
        after: {
          messages: 5,
          held: 3,
          people: 1,
          byCode: { cap_calendar: 3 },
          byDay: [
            { day: '2026-03-02', messages: 3, held: 2 },
            { day: '2026-03-03', messages: 2, held: 1 },
          ],
        },
      });
      expect(preview.examples.map((each) => each.at.toISOString())).toEqual(
        [hours[4], hours[2], hours[1]].map((each) => each!.toISOString()),
      );
    });

    it('counts what left before the days that are asked about', async () => {
      await addPeople(store.records.db, [{ id: 'p1', zone: null }]);
      await sent('p1', [at('2026-03-01T12:00:00Z'), at('2026-03-03T12:00:00Z')]);
      const rules: ReachRules = { ...FREE, gapHours: 72 };
      const now = at('2026-03-04T00:00:00Z');
      expect((await previewRules(store.records.db, rules, FREE, 1, now)).after).toMatchObject({
        messages: 1,
        held: 1,
        byCode: { gap: 1 },
      });
    });

    it('agrees with the arbiter about the message that came last, whatever left before it', async () => {
      const zones = [null, 'Asia/Shanghai', 'America/New_York', 'Europe/Paris'];
      const countries = [null, 'CN', 'US', 'FR'];
      const anyCap: fc.Arbitrary<RollingCap | CalendarCap> = fc.oneof(
        fc.record({
          kind: fc.constant('rolling' as const),
          channel: fc.constantFrom('*', 'email', 'sms'),
          days: fc.integer({ min: 1, max: 10 }),
          max: fc.integer({ min: 1, max: 4 }),
        }),
        fc.record({
          kind: fc.constant('calendar' as const),
          channel: fc.constantFrom('*', 'email', 'sms'),
          unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
          max: fc.integer({ min: 1, max: 4 }),
        }),
      );
      const clock = fc.integer({ min: 0, max: 23 }).map((hour) => `${String(hour).padStart(2, '0')}:00`);
      const anyRules = fc.record({
        caps: fc.array(anyCap, { maxLength: 3 }),
        gapHours: fc.integer({ min: 0, max: 48 }),
        quiet: fc.option(fc.record({ from: clock, to: clock })),
        quietDays: fc.option(
          fc.record({
            weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
            holidays: fc.boolean(),
          }),
        ),
      });
      await fc.assert(
        fc.asyncProperty(
          anyRules,
          fc.uniqueArray(fc.integer({ min: 0, max: 14 * 24 }), { minLength: 1, maxLength: 8 }),
          fc.constantFrom('email', 'sms'),
          fc.nat({ max: 3 }),
          fc.nat({ max: 3 }),
          async (given, hours, channel, zone, country) => {
            await store.clear();
            const { db } = store.records;
            const rules: ReachRules = { ...FREE, ...given };
            await addPeople(db, [{ id: 'p1', zone: zones[zone] ?? null }]);
            await sql`UPDATE people SET country = ${countries[country] ?? null}`.execute(db);
            await recordConsents(db, [consent('p1'), consent('p1', { channel: 'sms' })]);
            const instants = hours
              .toSorted((a, b) => a - b)
              // Half past the hour: no rule turns at that moment.
              .map((hour) => new Date(at('2026-09-28T00:30:00Z').getTime() + hour * HOUR));
            const past = instants.slice(0, -1);
            const last = instants.at(-1)!;
            if (past.length > 0) await sent('p1', past, channel);
            const [verdict] = await judge(
              db,
              [
                {
                  key: 'k',
                  person_id: 'p1',
                  channel,
                  purpose: 'marketing',
                  address_key: 'key-p1@example.com',
                  programme_id: null,
                },
              ],
              rules,
              last,
            );
            await sent('p1', [last], channel);
            const before = await previewOf(rules, past, last);
            const codes = verdict!.defer_codes;
            const timed = (list: readonly string[]): string[] => list.filter((code) => TIMED.includes(code)).toSorted();
            expect(before.length > 0, 'held').toBe(codes.length > 0);
            expect(timed(before)).toEqual(timed(codes));
            // The arbiter looks at the clock when caps and gap have ended, and at every day until the next open moment.
            const isClocked = timed(codes).length === 0;
            const clocked = (list: readonly string[]): string[] =>
              isClocked ? list.filter((code) => code !== 'quiet_day').toSorted() : [];
            expect(clocked(before)).toEqual(clocked(codes));
            expect(before.filter((code) => isClocked && !codes.some((each) => each === code))).toEqual([]);
          },
        ),
        { numRuns: 40 },
      );

      /** The codes of the last message, when everything before it is history. */
      async function previewOf(rules: ReachRules, past: readonly Date[], last: Date): Promise<readonly string[]> {
        const days = 1 / 24 / 60;
        const { after } = await previewRules(store.records.db, rules, FREE, days, new Date(last.getTime() + 1));
        expect(after.messages, `${past.length} before`).toBe(1);
        return Object.keys(after.byCode).toSorted();
      }
    });
  });
});
