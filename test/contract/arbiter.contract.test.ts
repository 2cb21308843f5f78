// One suite, both records adapters: may we contact this person, on this channel, at this moment?
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judge, type Candidate, type Verdict } from '../../src/reach/arbiter/arbiter.sql.ts';
import { ensureCalendars } from '../../src/reach/arbiter/calendars.service.ts';
import { explainContact } from '../../src/reach/arbiter/explain.service.ts';
import { ARBITER_CODES, DEFAULT_REACH_RULES, type ReachRules } from '../../src/reach/arbiter/rules.ts';
import { recordConsents, suppress, unsubscribe } from '../../src/reach/consent/consent.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addControl, addPeople, addProgramme, consent, message } from '../support/rows.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const FREE: ReachRules = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 200 };
const TOPICAL: ReachRules = { ...FREE, programmes: { g1: { topic: 'sales' } } };
/** Two rules that never hold together. */
const NEVER: ReachRules = {
  ...FREE,
  hours: [
    { country: '*', channel: 'sms', from: '09:00', to: '10:00', weekdaysOff: [], holidaysOff: false },
    { country: '*', channel: 'sms', from: '11:00', to: '12:00', weekdaysOff: [], holidaysOff: false },
  ],
};
/** Texts before it is lawful on every clock of the United States. */
const MORNINGS: ReachRules = {
  ...FREE,
  hours: [{ country: 'US', channel: 'sms', from: '09:00', to: '13:00', weekdaysOff: [], holidaysOff: false }],
};
const at = (text: string): Date => new Date(text);
const plus = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
const HOUR = 3_600_000;

describe.each(RECORDS_KINDS)('the arbiter on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`judges${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    const ask = async (
      rules: ReachRules,
      now: Date,
      personId = 'p1',
      more: Partial<Candidate> = {},
    ): Promise<Verdict> => {
      const candidate = {
        key: 'k',
        person_id: personId,
        channel: 'email',
        purpose: 'marketing',
        address_key: `key-${personId}@example.com`,
        programme_id: null,
        ...more,
      };
      const [verdict] = await judge(store.records.db, [candidate], rules, now);
      return verdict!;
    };
    const known = async (zone: string | null = null): Promise<void> => {
      await addPeople(store.records.db, [{ id: 'p1', zone }]);
      await recordConsents(store.records.db, [consent('p1')]);
    };
    /** Messages that left at these moments. */
    const sent = async (
      instants: readonly Date[],
      state = 'sent',
      more: Parameters<typeof message>[2] = {},
    ): Promise<void> => {
      const planned = instants.map((instant, i) =>
        message('p1', instant, { run_id: `past-${i}-${instant.toISOString()}`, ...more }),
      );
      await planMessages(store.records.db, planned);
      await sql`UPDATE messages SET state = ${state}, claimed_at = due_at
        WHERE message_id = ANY(${planned.map((row) => row.message_id)})`.execute(store.records.db);
    };

    describe('refusals', () => {
      it('names every code of the table that a fact about the person can give', async () => {
        const { db } = store.records;
        await addProgramme(db, NOW);
        const ids = ['fine', 'none', 'gone', 'late', 'off', 'boxed', 'kept', 'arm', 'mate', 'nay', 'still', 'dull'];
        await addPeople(db, [
          ...ids.filter((id) => id !== 'kept').map((id) => ({ id })),
          { id: 'kept', bucket: 199 },
          { id: 'shared-kept', email: 'fine2@example.com', bucket: 0 },
          { id: 'fine2' },
          { id: 'yank' },
          { id: 'edge', bucket: 200 },
          { id: 'arm-mate', email: 'arm@example.com' },
        ]);
        await recordConsents(
          db,
          [...ids, 'fine2', 'edge', 'arm-mate', 'stranger'].filter((id) => id !== 'none').map((id) => consent(id)),
        );
        await recordConsents(db, [
          consent('fine', { channel: 'sms' }),
          consent('yank', { channel: 'sms' }),
          consent('gone', { status: 'withdrawn', decidedAt: plus(NOW, -1) }),
          consent('late', { decidedAt: plus(NOW, -10), expiresAt: NOW }),
          consent('fine', { purpose: 'profiling', status: 'withdrawn' }),
          consent('fine', { channel: 'wechat' }),
        ]);
        const profile = { paused_until: null, frequency: null, best_hours: null, updated_at: NOW };
        await db
          .insertInto('reach_profiles')
          .values([
            { person_id: 'nay', objected_at: NOW, ...profile },
            { person_id: 'fine', objected_at: plus(NOW, 1), ...profile },
          ])
          .execute();
        const sunset = { policy_id: 'shop', since_on: '2026-01-01', contacts: 9 };
        await db
          .insertInto('sunsets')
          .values([
            { ...sunset, person_id: 'still', ended_on: null, end_cause: null },
            { ...sunset, person_id: 'fine', ended_on: '2026-02-01', end_cause: 'returned' },
          ])
          .execute();
        await db
          .insertInto('topic_preferences')
          .values({ person_id: 'dull', topic_id: 'sales', channel: '*', wanted: false, decided_at: NOW })
          .execute();
        await db
          .insertInto('channel_quotas')
          .values([
            { person_id: 'fine', channel: 'wechat_mini', provider_template_id: 't1', remaining: 1, updated_at: NOW },
            { person_id: 'fine', channel: 'wechat_mini', provider_template_id: 't2', remaining: 0, updated_at: NOW },
          ])
          .execute();
        await suppress(
          db,
          [
            { kind: 'person', key: 'off', channel: 'email', reason: 'x' },
            { kind: 'address', key: 'key-boxed@example.com', channel: '*', reason: 'x' },
          ],
          NOW,
        );
        await suppress(
          db,
          [
            { kind: 'person', key: 'fine', channel: 'app_push', reason: 'x' },
            { kind: 'address', key: 'fine', channel: '*', reason: 'x' },
          ],
          NOW,
        );
        await addControl(db, 'arm', NOW);
        await sql`UPDATE people SET phone = '+12025550123' WHERE person_id = 'yank'`.execute(db);
        const expected: readonly (readonly [string, readonly string[], Partial<Candidate>?, ReachRules?])[] = [
          ['fine', []],
          ['nay', ['objected']],
          ['still', ['sunset']],
          ['dull', ['topic_declined'], { programme_id: 'g1' }, TOPICAL],
          ['dull', [], { programme_id: 'g2' }, TOPICAL],
          ['dull', [], { programme_id: 'g1' }],
          ['fine', ['no_quota'], { channel: 'wechat_mini', template_id: 't2' }],
          ['fine', [], { channel: 'wechat_mini', template_id: 't1' }],
          ['fine', ['no_slot'], { channel: 'sms' }, NEVER],
          ['yank', ['no_common_hour'], { channel: 'sms' }, MORNINGS],
          ['edge', []],
          ['none', ['no_consent']],
          ['gone', ['consent_withdrawn']],
          ['late', ['consent_expired']],
          ['off', ['suppressed_person']],
          ['boxed', ['suppressed_address']],
          ['kept', ['global_control']],
          ['fine2', ['global_control']], // Shares her address with one who is.
          ['arm', [], { programme_id: 'g2' }],
          ['arm', ['programme_control'], { programme_id: 'g1' }],
          ['arm-mate', ['programme_control'], { programme_id: 'g1' }],
          ['stranger', ['unknown_person']],
          ['fine', ['no_address'], { address_key: null }],
        ];
        for (const [personId, codes, more, rules] of expected)
          expect([personId, (await ask(rules ?? FREE, NOW, personId, more)).refusals]).toEqual([personId, codes]);
        const named = new Set(expected.flatMap(([, codes]) => codes));
        const elsewhere = ['shared_address', 'expired_waiting']; // Given by who plans and who claims.
        const refusals = Object.entries(ARBITER_CODES)
          .filter(([, entry]) => entry.effect === 'refuse')
          .map(([code]) => code);
        expect(new Set([...named, ...elsewhere])).toEqual(new Set(refusals));
      });

      it('lets the latest decision win, a withdrawal at the same instant, and nothing that lies ahead', async () => {
        const { db } = store.records;
        await addPeople(db, [{ id: 'p1' }]);
        const say = (status: 'granted' | 'withdrawn', decidedAt: Date) =>
          recordConsents(db, [consent('p1', { status, decidedAt })]);
        await say('granted', plus(NOW, -30));
        expect((await ask(FREE, NOW)).refusals).toEqual([]);
        await say('withdrawn', plus(NOW, -20));
        expect((await ask(FREE, NOW)).refusals).toEqual(['consent_withdrawn']);
        await say('granted', plus(NOW, -10));
        expect((await ask(FREE, NOW)).refusals).toEqual([]);
        await say('withdrawn', plus(NOW, -10));
        await say('granted', plus(NOW, -10));
        expect((await ask(FREE, NOW)).refusals).toEqual(['consent_withdrawn']);
        await say('granted', plus(NOW, 1));
        expect((await ask(FREE, NOW)).refusals).toEqual(['consent_withdrawn']);
        expect((await ask(FREE, plus(NOW, 1))).refusals).toEqual([]);
      });

      it('ends implied consent with its last day (CASL: two years after a purchase, refused on day 731)', async () => {
        const { db } = store.records;
        await addPeople(db, [{ id: 'p1' }]);
        const bought = at('2024-03-01T00:00:00Z');
        const expiresAt = plus(bought, 731 * 24 * HOUR);
        await recordConsents(db, [consent('p1', { basis: 'implied_purchase', decidedAt: bought, expiresAt })]);
        expect((await ask(FREE, plus(bought, 730 * 24 * HOUR))).refusals).toEqual([]);
        expect((await ask(FREE, plus(expiresAt, -1))).refusals).toEqual([]);
        expect((await ask(FREE, expiresAt)).refusals).toEqual(['consent_expired']);
      });

      it('stops everybody who shares an address when one of them unsubscribes', async () => {
        const { db } = store.records;
        await addPeople(db, [{ id: 'p1' }, { id: 'p2', email: 'p1@example.com' }]);
        await recordConsents(db, [consent('p1'), consent('p2')]);
        await unsubscribe(db, { personId: 'p1', addressKey: 'key-p1@example.com', channel: 'email' }, {}, NOW);
        await unsubscribe(db, { personId: 'p1', addressKey: 'key-p1@example.com', channel: 'email' }, {}, plus(NOW, 5));
        expect((await ask(FREE, NOW)).refusals).toEqual(['consent_withdrawn', 'suppressed_address']);
        expect((await ask(FREE, NOW, 'p2', { address_key: 'key-p1@example.com' })).refusals).toEqual([
          'suppressed_address',
        ]);
        expect(
          await db.selectFrom('consents').select('status').where('status', '=', 'withdrawn').execute(),
        ).toHaveLength(1);
      });
    });

    describe('timing', () => {
      it('holds a rolling cap to the millisecond, whatever the zone of the session', async () => {
        await known();
        const rules: ReachRules = { ...FREE, caps: [{ kind: 'rolling', channel: '*', days: 7, max: 2 }] };
        // The clocks of New York go forward on 2026-03-08: seven of its days are 167 hours.
        const first = at('2026-03-05T12:00:00.000Z');
        await sent([first, plus(first, HOUR)]);
        if (kind === 'pglite') await sql`SET TIME ZONE 'America/New_York'`.execute(store.records.db);
        const free = plus(first, 7 * 24 * HOUR);
        const verdict = await ask(rules, plus(first, 2 * HOUR));
        expect([verdict.defer_codes, verdict.deferred_until]).toEqual([['cap_rolling'], free]);
        expect((await ask(rules, plus(free, -1))).defer_codes).toEqual(['cap_rolling']);
        expect((await ask(rules, free)).defer_codes).toEqual([]);
        if (kind === 'pglite') await sql`SET TIME ZONE 'UTC'`.execute(store.records.db);
      });

      const calendar = [
        // Midnight in New York is 04:00 UTC in summer time and 05:00 after the clocks go back on 2026-11-01.
        ['day', 'America/New_York', '2026-11-01T04:00:00Z', '2026-11-01T03:59:59.999Z', '2026-11-02T05:00:00Z'],
        ['day', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-28T22:59:59.999Z', '2026-03-29T22:00:00Z'],
        ['day', 'Asia/Shanghai', '2026-03-01T16:00:00Z', '2026-03-01T15:59:59.999Z', '2026-03-02T16:00:00Z'],
        ['week', 'America/New_York', '2026-10-26T04:00:00Z', '2026-10-26T03:59:59.999Z', '2026-11-02T05:00:00Z'],
        ['week', 'Europe/Berlin', '2026-03-22T23:00:00Z', '2026-03-22T22:59:59.999Z', '2026-03-29T22:00:00Z'],
        ['month', 'Europe/Berlin', '2026-02-28T23:00:00Z', '2026-02-28T22:59:59.999Z', '2026-03-31T22:00:00Z'],
        ['month', 'Asia/Shanghai', '2026-01-31T16:00:00Z', '2026-01-31T15:59:59.999Z', '2026-02-28T16:00:00Z'],
      ] as const;
      it.each(calendar)('counts a calendar %s in %s', async (unit, zone, begins, before, ends) => {
        await known(zone);
        const rules: ReachRules = { ...FREE, caps: [{ kind: 'calendar', channel: '*', unit, max: 1 }] };
        const inside = plus(at(begins), HOUR);
        await sent([at(before)]); // The last moment of the period before counts for nothing.
        expect((await ask(rules, inside)).defer_codes).toEqual([]);
        await sent([at(begins)]);
        const verdict = await ask(rules, inside);
        expect([verdict.defer_codes, verdict.deferred_until]).toEqual([['cap_calendar'], at(ends)]);
        expect((await ask(rules, plus(at(ends), -1))).deferred_until).toEqual(at(ends));
        expect((await ask(rules, at(ends))).defer_codes).toEqual([]);
      });

      it('takes the business’s zone where the person’s is unknown', async () => {
        await known();
        const rules: ReachRules = { ...FREE, defaultTimeZone: 'Asia/Shanghai', quiet: { from: '20:00', to: '09:00' } };
        expect((await ask(rules, NOW)).deferred_until).toEqual(at('2026-03-03T01:00:00Z'));
      });

      it('counts what left or may have left, to her or to her address, on the channel a cap names', async () => {
        await known();
        const rules: ReachRules = { ...FREE, caps: [{ kind: 'rolling', channel: 'email', days: 1, max: 1 }] };
        const hourAgo = plus(NOW, -HOUR);
        for (const state of ['planned', 'failed', 'cancelled', 'refused'])
          await sent([hourAgo], state, { run_id: state });
        await sent([hourAgo], 'sent', { run_id: 'sms', channel: 'sms' });
        await sent([hourAgo], 'sent', { run_id: 'else', person_id: 'p9', address_key: 'key-p9' });
        expect((await ask(rules, NOW)).defer_codes).toEqual([]);
        await sent([hourAgo], 'unknown', { run_id: 'mate', person_id: 'p9' });
        expect((await ask(rules, NOW)).defer_codes).toEqual(['cap_rolling']);
        expect((await ask(rules, NOW, 'p1', { channel: 'sms' })).defer_codes).toEqual([]);
      });

      it('keeps a gap of hours after the last message', async () => {
        await known();
        await sent([plus(NOW, -19 * HOUR)]);
        const rules: ReachRules = { ...FREE, gapHours: 20 };
        expect(await ask(rules, NOW)).toMatchObject({ defer_codes: ['gap'], deferred_until: plus(NOW, HOUR) });
        expect((await ask(rules, plus(NOW, HOUR))).defer_codes).toEqual([]);
      });

      it.each([
        ['UTC', '20:00', '09:00', '2026-03-02T19:59:59.999Z', null],
        ['UTC', '20:00', '09:00', '2026-03-02T20:00:00Z', '2026-03-03T09:00:00Z'],
        ['UTC', '20:00', '09:00', '2026-03-03T00:00:00Z', '2026-03-03T09:00:00Z'],
        ['UTC', '20:00', '09:00', '2026-03-03T08:59:59.999Z', '2026-03-03T09:00:00Z'],
        ['UTC', '20:00', '09:00', '2026-03-03T09:00:00Z', null],
        ['UTC', '12:00', '14:00', '2026-03-03T13:00:00Z', '2026-03-03T14:00:00Z'],
        ['UTC', '12:00', '14:00', '2026-03-03T14:00:00Z', null],
        ['UTC', '00:00', '00:00', '2026-03-03T00:00:00Z', null],
        ['Asia/Shanghai', '20:00', '09:00', '2026-03-02T12:00:00Z', '2026-03-03T01:00:00Z'],
        ['Asia/Kolkata', '20:00', '09:00', '2026-03-02T14:30:00Z', '2026-03-03T03:30:00Z'],
        // The nights in which the clocks change: 09:00 is 14:00 UTC after New York's, 07:00 UTC after Berlin's.
        ['America/New_York', '20:00', '09:00', '2026-11-01T03:00:00Z', '2026-11-01T14:00:00Z'],
        ['Europe/Berlin', '20:00', '09:00', '2026-03-28T21:00:00Z', '2026-03-29T07:00:00Z'],
      ])('is quiet in %s from %s to %s: at %s until %s', async (zone, from, to, instant, until) => {
        await known(zone);
        const verdict = await ask({ ...FREE, quiet: { from, to } }, at(instant));
        expect(verdict).toMatchObject({
          defer_codes: until === null ? [] : ['quiet_hours'],
          deferred_until: until === null ? null : at(until),
        });
      });

      it('defers to the first slot that satisfies all rules together', async () => {
        await known('America/New_York');
        // Sunday 2026-03-01 14:00 EST. One a day: Monday 00:00; gap of 20 h: Monday 10:00; quiet until 09:00: already over by then.
        await sent([at('2026-03-01T19:00:00Z')]);
        const verdict = await ask(DEFAULT_REACH_RULES, at('2026-03-01T20:00:00Z'));
        expect(verdict.defer_codes.toSorted()).toEqual(['cap_calendar', 'gap']);
        expect(verdict.deferred_until).toEqual(at('2026-03-02T15:00:00Z'));
        // With a gap of 13 h the other rules end at 03:00 EST, which is quiet: 09:00 EST.
        const shorter = await ask({ ...DEFAULT_REACH_RULES, gapHours: 13 }, at('2026-03-01T20:00:00Z'));
        expect(shorter.defer_codes.toSorted()).toEqual(['cap_calendar', 'gap', 'quiet_hours']);
        expect(shorter.deferred_until).toEqual(at('2026-03-02T14:00:00Z'));
      });

      it.each([
        // Nobody said where in the country she lives: 08:00 in Honolulu is 14:00 in New York in summer, and 21:00 in Puerto Rico is 20:00 there in winter.
        [null, '2026-07-15T17:59:00Z', '2026-07-15T18:00:00Z'],
        [null, '2026-07-15T18:00:00Z', null],
        [null, '2026-01-15T18:59:00Z', '2026-01-15T19:00:00Z'],
        [null, '2026-01-16T00:59:00Z', null],
        [null, '2026-01-16T01:00:00Z', '2026-01-16T19:00:00Z'],
        // She did: 08:00 to 21:00 on her own clock (Los Angeles is UTC−7 in summer).
        ['America/Los_Angeles', '2026-07-15T14:59:00Z', '2026-07-15T15:00:00Z'],
        ['America/Los_Angeles', '2026-07-16T03:59:00Z', null],
      ])('texts to an American number, zone %s, at %s wait until %s', async (zone, instant, until) => {
        await known(zone);
        await sql`UPDATE people SET phone = '+12025550123', phone_key = 'key-phone'`.execute(store.records.db);
        await recordConsents(store.records.db, [consent('p1', { channel: 'sms' })]);
        // The business is in China, where it is the other half of the day.
        const rules = { ...FREE, defaultTimeZone: 'Asia/Shanghai' };
        const verdict = await ask(rules, at(instant), 'p1', { channel: 'sms', address_key: 'key-phone' });
        expect(verdict).toMatchObject({
          refusals: [],
          defer_codes: until === null ? [] : ['lawful_hours'],
          deferred_until: until === null ? null : at(until),
        });
      });

      it('uses what hours of the business and of every clock of her country have in common, and says where they have nothing', async () => {
        await known();
        await sql`UPDATE people SET phone = '+12025550123', phone_key = 'key-phone'`.execute(store.records.db);
        await recordConsents(store.records.db, [consent('p1', { channel: 'sms' })]);
        const text = { channel: 'sms', address_key: 'key-phone' };
        // New York is UTC−5 in March. 14:00–20:00 there is lawful on every clock; 09:00–15:00 leaves one hour of it.
        const [hours] = MORNINGS.hours ?? [];
        const till15 = { ...MORNINGS, hours: [{ ...hours!, to: '15:00' }] };
        expect(await ask(till15, at('2026-03-02T15:00:00Z'), 'p1', text)).toMatchObject({
          refusals: [],
          deferred_until: at('2026-03-02T19:00:00Z'),
        });
        expect(await ask(till15, at('2026-03-02T19:30:00Z'), 'p1', text)).toMatchObject({
          refusals: [],
          deferred_until: null,
        });
        const never = await ask(MORNINGS, at('2026-03-02T15:00:00Z'), 'p1', text);
        expect(never).toMatchObject({ refusals: ['no_common_hour'], deferred_until: null });
        const who = { person_id: 'p1', purpose: 'marketing', programme_id: null };
        const [told] = await explainContact(store.records.db, who, new Map([['sms', 'key-phone']]), MORNINGS, NOW);
        expect(told?.sentence.en).toMatch(/her time zone is not known.*give her a timezone/);
        expect(told?.sentence.zh).toMatch(/不知道其所在时区.*补充其 timezone/);
        // As soon as it is known where she lives, the mornings are hers: 09:00 in Chicago is 15:00 UTC.
        await sql`UPDATE people SET time_zone = 'America/Chicago'`.execute(store.records.db);
        expect(await ask(MORNINGS, at('2026-03-02T14:00:00Z'), 'p1', text)).toMatchObject({
          refusals: [],
          deferred_until: at('2026-03-02T15:00:00Z'),
        });
      });

      it('is quiet by the clock of her country where her own is not known', async () => {
        await known();
        await sql`UPDATE people SET country = 'CA'`.execute(store.records.db);
        // Noon in Berlin is 06:00 in Toronto (summer: UTC−4); 09:00 there is 13:00 UTC.
        const rules = { ...FREE, quiet: { from: '20:00', to: '09:00' }, defaultTimeZone: 'Europe/Berlin' };
        expect((await ask(rules, at('2026-07-15T10:00:00Z'))).deferred_until).toEqual(at('2026-07-15T13:00:00Z'));
      });

      it('reads a calendar anew that an earlier release knew less of', async () => {
        await known();
        const { db } = store.records;
        await sql`UPDATE people SET country = 'CN'`.execute(db);
        // Second of March is no holiday; Saturday 14 February 2026 is worked by decree (State Council, notice for 2026).
        await sql`INSERT INTO holidays (country, day, kind, name) VALUES ('CN', '2026-03-02', 'holiday', 'guessed')`.execute(
          db,
        );
        await sql`INSERT INTO holiday_years (country, year, source, loaded_at)
          VALUES ('CN', 2026, 'date-holidays; chinese-days 1.0.0, date-holidays 3.0.0', ${NOW})`.execute(db);
        const rules = { ...FREE, quietDays: { weekdays: [], holidays: true } };
        expect((await ask(rules, NOW)).defer_codes).toEqual([]);
        const { rows } = await sql<{ day: string; kind: string }>`
          SELECT day::text AS day, kind FROM holidays WHERE country = 'CN' AND day IN ('2026-02-14', '2026-03-02')`.execute(
          db,
        );
        expect(rows).toEqual([{ day: '2026-02-14', kind: 'workday' }]);
        const read = () => sql<{ loaded_at: Date }>`SELECT loaded_at FROM holiday_years`.execute(db);
        // And is left alone from then on.
        expect((await ask(rules, plus(NOW, HOUR))).defer_codes).toEqual([]);
        expect((await read()).rows).toEqual([{ loaded_at: NOW }]);
      });

      it('keeps calendars in which two holidays fall on one day', async () => {
        const { db } = store.records;
        const [countries, years] = [
          ['AU', 'CN', 'GB', 'IN', 'JP', 'US'],
          [2024, 2025, 2026, 2027, 2028, 2029],
        ];
        await ensureCalendars(db, countries, years, NOW);
        const { rows } = await sql<{ country: string; years: number }>`
          SELECT country, count(*)::int AS years FROM holiday_years GROUP BY country ORDER BY country`.execute(db);
        expect(rows).toEqual(countries.map((country) => ({ country, years: years.length })));
      });

      it('says why in sentences that are true, on the clock of the business', async () => {
        await known('America/New_York');
        await sent([at('2026-03-01T19:00:00Z')]);
        // Asked at 15:00 her time, when it is not quiet; the gap ends at 03:00, when it is; 09:00 EST is 22:00 in Shanghai.
        const rules = { ...DEFAULT_REACH_RULES, caps: [], gapHours: 13, defaultTimeZone: 'Asia/Shanghai' };
        const who = { person_id: 'p1', purpose: 'marketing', programme_id: null };
        const addresses = new Map([['email' as const, 'key-p1@example.com']]);
        const [answer] = await explainContact(store.records.db, who, addresses, rules, at('2026-03-01T20:00:00Z'));
        expect(answer!.sentence).toEqual({
          en: 'E-mail: not before 2026-03-02 22:00 Asia/Shanghai (the last message was too recent; nothing is sent in the quiet hours where the person lives).',
          zh: '电子邮件：最早可于 2026-03-02 22:00 Asia/Shanghai 联系。原因：距上一条消息太近；当地免打扰时段内不发送。',
        });
      });

      it('allows the same candidate at `deferred_until` and not a minute before (property)', async () => {
        await known();
        const { db } = store.records;
        const cap = fc.oneof(
          fc.record({
            kind: fc.constant('rolling' as const),
            channel: fc.constantFrom('*', 'email', 'sms'),
            days: fc.integer({ min: 1, max: 30 }),
            max: fc.integer({ min: 1, max: 3 }),
          }),
          fc.record({
            kind: fc.constant('calendar' as const),
            channel: fc.constantFrom('*', 'email'),
            unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
            max: fc.integer({ min: 1, max: 3 }),
          }),
        );
        // Hours at which no zone of the list changes its clocks, so that every wall-clock time exists once.
        const clock = fc
          .tuple(fc.integer({ min: 4, max: 22 }), fc.constantFrom('00', '30'))
          .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
        const rules = fc.record({
          caps: fc.array(cap, { maxLength: 4 }),
          gapHours: fc.integer({ min: 0, max: 72 }),
          quiet: fc.option(fc.record({ from: clock, to: clock })),
          defaultTimeZone: fc.constantFrom(
            'UTC',
            'America/New_York',
            'Europe/Berlin',
            'Asia/Shanghai',
            'Asia/Kathmandu',
            'Australia/Lord_Howe',
          ),
          globalControlBuckets: fc.constant(0),
        });
        const minutes = fc.array(fc.integer({ min: 0, max: 40 * 24 * 60 }), { maxLength: 8 });
        const start = fc.constantFrom(
          '2026-11-01T12:00:00Z',
          '2026-03-29T06:00:00Z',
          '2026-03-08T08:00:00Z',
          '2026-04-05T12:00:00Z',
          '2026-07-15T00:30:00Z',
        );
        await fc.assert(
          fc.asyncProperty(rules, minutes, start, async (drawn, agos, from) => {
            await sql`DELETE FROM messages`.execute(db);
            const now = at(from);
            await sent(
              agos.map((ago) => plus(now, -ago * 60_000)),
              'sent',
            );
            const verdict = await ask(drawn, now);
            expect(verdict.deferred_until === null).toBe(verdict.defer_codes.length === 0);
            const until = verdict.deferred_until;
            if (until === null) return;
            expect(until.getTime()).toBeGreaterThan(now.getTime());
            expect((await ask(drawn, until)).defer_codes).toEqual([]);
            const before = plus(until, -60_000);
            expect(before < now || (await ask(drawn, before)).defer_codes.length > 0).toBe(true);
          }),
          { numRuns: 25 },
        );
      });

      it('judges a thousand at once as it judges each', async () => {
        const { db } = store.records;
        const ids = Array.from({ length: 1_000 }, (_, i) => `q${i}`);
        await addPeople(
          db,
          ids.map((id, i) => ({ id, bucket: i * 10 })),
        );
        await recordConsents(
          db,
          ids.filter((_, i) => i % 3 > 0).map((id) => consent(id)),
        );
        const candidates = ids.map((id) => ({
          key: id,
          person_id: id,
          channel: 'email',
          purpose: 'marketing',
          address_key: `key-${id}@example.com`,
          programme_id: null,
        }));
        const verdicts = new Map(
          (await judge(db, candidates, DEFAULT_REACH_RULES, NOW)).map((verdict) => [verdict.key, verdict.refusals]),
        );
        expect(verdicts.size).toBe(1_000);
        // Buckets 0…190 are control: the first twenty. Every third has no consent.
        ids.forEach((id, i) =>
          expect(verdicts.get(id)).toEqual([
            ...(i % 3 === 0 ? ['no_consent'] : []),
            ...(i < 20 ? ['global_control'] : []),
          ]),
        );
      });
    });
  });
});
