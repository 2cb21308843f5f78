// The arbiter's slot against the plain minute-by-minute answer: random rules, people and pasts, zones with and without daylight saving, on the
// days their clocks change. On both records adapters.
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../src/reach/arbiter/arbiter.sql.ts';
import { calendarOf } from '../../src/reach/arbiter/calendars.service.ts';
import { FREQUENCIES, type Frequency, type ReachRules } from '../../src/reach/arbiter/rules.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, consent, message } from '../support/rows.ts';
import { firstSlot, isOpen, type SlotWorld } from '../support/slot-oracle.ts';

const MINUTE = 60_000;
const RUNS = Number(process.env['SLOT_RUNS'] ?? 40);

/** The lawful hours written down again, so that a wrong table is seen. */
const LAW: Readonly<Record<string, SlotWorld['law']>> = {
  CN: [{ from: '08:00', to: '22:00', weekdaysOff: [], holidaysOff: false }],
  US: [{ from: '08:00', to: '21:00', weekdaysOff: [], holidaysOff: false }],
  FR: [{ from: '08:00', to: '22:00', weekdaysOff: [7], holidaysOff: true }],
};

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 37))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const country = fc.constantFrom('CN', 'US', 'FR', 'DE', '');
const channel = fc.constantFrom('email', 'sms');
const topic = fc.constantFrom('sales', 'news', undefined);
const cap = fc.oneof(
  fc.record(
    {
      kind: fc.constant('rolling' as const),
      channel: fc.constantFrom('*', 'email', 'sms'),
      topic: fc.constantFrom('sales', 'news'),
      days: fc.integer({ min: 1, max: 30 }),
      max: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ['kind', 'channel', 'days', 'max'] },
  ),
  fc.record(
    {
      kind: fc.constant('calendar' as const),
      channel: fc.constantFrom('*', 'email'),
      topic: fc.constantFrom('sales', 'news'),
      unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
      max: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ['kind', 'channel', 'unit', 'max'] },
  ),
);
const weekdays = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 2 });
const hours = fc
  .record({
    country: fc.constantFrom('CN', 'US', 'FR', '*'),
    channel: fc.constantFrom('email', 'sms', '*'),
    ends: fc.tuple(clock, clock),
    weekdaysOff: weekdays,
    holidaysOff: fc.boolean(),
  })
  .filter(({ ends: [a, b] }) => a !== b)
  .map(({ ends, ...rule }) => ({
    ...rule,
    from: ends[0] < ends[1] ? ends[0] : ends[1],
    to: ends[0] < ends[1] ? ends[1] : ends[0],
  }));
const PROGRAMMES = { g1: { topic: 'sales' }, g2: { topic: 'news' }, g3: {}, 'g-first': { priority: 10 } } as const;
const rules: fc.Arbitrary<ReachRules> = fc.record({
  caps: fc.array(cap, { maxLength: 3 }),
  gapHours: fc.constantFrom(0, 3, 20, 50),
  quiet: fc.option(fc.record({ from: clock, to: clock })),
  quietDays: fc.option(fc.record({ weekdays, holidays: fc.boolean() })),
  hours: fc.array(hours, { maxLength: 2 }),
  defaultTimeZone: fc.constant('UTC'),
  globalControlBuckets: fc.constant(0),
  programmes: fc.constant(PROGRAMMES),
  yieldHours: fc.constantFrom(0, 24),
  bestHour: fc.boolean(),
});
// Each zone with a moment shortly before its clocks change, or before a run of holidays; Santiago changes at midnight, Lord Howe by half an hour.
const place = fc.constantFrom(
  ['America/New_York', '2026-03-07T22:10:00Z'],
  ['America/New_York', '2026-11-01T03:40:00Z'],
  ['Europe/Paris', '2026-03-28T20:00:00Z'],
  ['Europe/Paris', '2026-10-24T23:30:00Z'],
  ['Europe/Paris', '2026-12-24T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T13:05:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T14:20:00Z'],
  ['America/Santiago', '2026-09-05T20:00:00Z'],
  ['America/Santiago', '2026-04-04T22:00:00Z'],
  ['Asia/Shanghai', '2026-02-13T11:00:00Z'],
  ['Asia/Kathmandu', '2026-07-15T00:30:00Z'],
);
const drawn = fc.record({
  rules,
  place,
  country,
  channel,
  programme: fc.constantFrom('g1', 'g2', 'g3'),
  sent: fc.array(fc.record({ ago: fc.integer({ min: 0, max: 35 * 1_440 }), channel, topic }), { maxLength: 4 }),
  pauseMinutes: fc.option(fc.integer({ min: -100, max: 5 * 1_440 }), { freq: 3 }),
  frequency: fc.option(fc.constantFrom(...(Object.keys(FREQUENCIES) as Frequency[])), { freq: 3 }),
  ahead: fc.array(fc.integer({ min: -100, max: 30 * 60 }), { maxLength: 2 }),
  bestHours: fc.option(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 24, maxLength: 24 })),
  validMinutes: fc.option(fc.integer({ min: 60, max: 3 * 1_440 })),
});

describe.each(RECORDS_KINDS)('the first slot on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`is the oracle’s${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());

    it('whatever the rules, the zone and the past (property)', { timeout: 300_000 }, async () => {
      const { db } = store.records;
      const calendars = new Map<string, SlotWorld['calendar']>();
      for (const each of ['CN', 'US', 'FR', 'DE']) {
        const days = [...(await calendarOf(each, 2026)).days, ...(await calendarOf(each, 2027)).days];
        calendars.set(each, new Map(days.map(({ day, kind: what }) => [day, what])));
      }
      await fc.assert(
        fc.asyncProperty(drawn, async (given) => {
          const [zone, start] = given.place as [string, string];
          const now = new Date(start);
          const after = (minutes: number): Date => new Date(now.getTime() + minutes * MINUTE);
          const own = PROGRAMMES[given.programme as 'g1' | 'g2' | 'g3'];
          const world: SlotWorld = {
            now,
            zone,
            country: given.country,
            channel: given.channel,
            topic: 'topic' in own ? own.topic : undefined,
            rules: given.rules,
            sent: given.sent.map((each) => ({ at: after(-each.ago), channel: each.channel, topic: each.topic })),
            pausedUntil: given.pauseMinutes === null ? null : after(given.pauseMinutes),
            everyDays: given.frequency === null ? null : FREQUENCIES[given.frequency].days,
            ahead: given.rules.yieldHours === 0 ? [] : given.ahead.filter((minutes) => minutes <= 24 * 60).map(after),
            bestHours: given.bestHours,
            expiresAt: given.validMinutes === null ? null : after(given.validMinutes),
            calendar: calendars.get(given.country) ?? new Map(),
            law: given.channel === 'sms' ? (LAW[given.country] ?? []) : [],
          };
          // Rules that leave no minute of any day are refused when they are saved.
          const week = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
            Array.from({ length: 1_440 }, (_, minute) => ({ day: '2000-01-01', weekday, minute })),
          );
          fc.pre(week.some((wall) => isOpen(world, wall)));

          for (const table of ['messages', 'people', 'consents', 'reach_profiles'] as const)
            await db.deleteFrom(table).execute();
          await addPeople(db, [{ id: 'p1', zone }]);
          await sql`UPDATE people SET country = ${given.country === '' ? null : given.country}`.execute(db);
          await recordConsents(db, [consent('p1'), consent('p1', { channel: 'sms' })]);
          const programmeOf = (name: string | undefined): string =>
            name === 'sales' ? 'g1' : name === 'news' ? 'g2' : 'g3';
          await planMessages(db, [
            ...world.sent.map((each, i) =>
              message('p1', each.at, {
                run_id: `past-${i}`,
                channel: each.channel,
                programme_id: programmeOf(each.topic),
              }),
            ),
            ...given.ahead.map((minutes, i) =>
              message('p1', after(minutes), {
                run_id: `ahead-${i}`,
                programme_id: 'g-first',
                expires_at: after(90 * 1_440),
              }),
            ),
          ]);
          await sql`UPDATE messages SET state = 'sent', claimed_at = due_at WHERE run_id LIKE 'past-%'`.execute(db);
          await sql`INSERT INTO reach_profiles (person_id, paused_until, frequency, best_hours, updated_at)
            VALUES ('p1', ${world.pausedUntil}, ${given.frequency}, ${given.bestHours}::real[], ${now})`.execute(db);
          const candidate = {
            key: 'k',
            person_id: 'p1',
            channel: given.channel,
            purpose: 'marketing',
            address_key: 'key-p1@example.com',
            programme_id: given.programme,
            expires_at: world.expiresAt,
          };
          const [verdict] = await judge(db, [candidate], given.rules, now);
          const expected = firstSlot(world);
          expect(verdict).toMatchObject({ refusals: [], deferred_until: expected > now ? expected : null });
          expect(verdict!.defer_codes.length > 0).toBe(expected > now);
        }),
        { numRuns: RUNS },
      );
    });
  });
});
