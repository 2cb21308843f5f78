// Both stores together: who is who, merging, exporting and erasing. The records stand on PGlite and on PostgreSQL, the events on chDB.
import { sql as recordsSql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openIngest, type Ingest } from '../../src/collect/ingest/ingest.service.ts';
import { understandIncoming, type AcceptedEvent } from '../../src/collect/ingest/incoming.ts';
import {
  erasePeople,
  erasePerson,
  exportPerson,
  mergePeople,
  savePeople,
} from '../../src/collect/people/people.service.ts';
import { personUpdateOf } from '../../src/collect/people/person.ts';
import { personSource } from '../../src/collect/people/person-of.sql.ts';
import { PERSON_TABLES } from '../../src/collect/people/person-rows.sql.ts';
import { createOffer, reserveGrants } from '../../src/decide/offers/grants.sql.ts';
import { addressKey } from '../../src/kernel/address.ts';
import { bucketOf } from '../../src/kernel/hash.ts';
import { ident, p, sql } from '../../src/kernel/sql.ts';
import { judge } from '../../src/reach/arbiter/arbiter.sql.ts';
import { recordConsents, suppress } from '../../src/reach/consent/consent.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { recordReceipt } from '../../src/reach/tracking/tracking.service.ts';
import type { Events } from '../../src/stores/events/events.ts';
import { temporaryEvents } from '../support/events-store.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { consent, message } from '../support/rows.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const SECRET = 'secret';
const plus = (from: Date, ms: number): Date => new Date(from.getTime() + ms);

describe('people', () => {
  let events: Events;
  let closeEvents: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    ({ events, close: closeEvents } = await temporaryEvents());
  });
  afterAll(() => closeEvents?.());

  describe.each(RECORDS_KINDS)('on %s', (kind) => {
    describe.skipIf(recordsAbsent[kind] !== '')(`both stores${recordsAbsent[kind]}`, () => {
      let store: TemporaryRecords;
      let ingest: Ingest;
      let made = 0;
      beforeAll(async () => {
        store = await temporaryRecords(kind);
        ingest = openIngest({
          records: store.records,
          events,
          addressSecret: SECRET,
          timeZone: 'UTC',
          now: () => NOW,
          observers: [],
        });
      });
      afterAll(() => store?.close());
      beforeEach(() => store.clear());

      const fresh = (name: string): string => `${name}-${kind}-${++made}`;
      const stores = () => ({ records: store.records, events, addressSecret: SECRET });

      it('whose zone is named so that nobody knows it are judged by the others’ clock, and hold up nobody', async () => {
        const zones = { abbreviated: 'VST', ambiguous: 'CST', renamed: 'US/Pacific-New', named: 'Asia/Kathmandu' };
        const who = Object.fromEntries(Object.keys(zones).map((name) => [name, fresh(name)]));
        await savePeople(
          stores(),
          Object.entries(zones).map(([name, timezone]) =>
            personUpdateOf(who[name]!, { email: `${name}@shop.example`, timezone }, NOW),
          ),
        );
        // As a newer library, or an older version of ours, would have left it.
        const newer = fresh('newer');
        await savePeople(stores(), [{ personId: newer, timeZone: 'Europe/Atlantis', traits: {}, at: NOW }]);
        await recordConsents(
          store.records.db,
          Object.values(who).map((id) => consent(id)),
        );
        const rules = { caps: [{ kind: 'calendar', channel: '*', unit: 'day', max: 1 }], gapHours: 0, quiet: { from: '20:00', to: '09:00' }, defaultTimeZone: 'UTC', globalControlBuckets: 0 } as const; // prettier-ignore
        const verdicts = await judge(
          store.records.db,
          [...Object.values(who), newer].map((id) => ({
            key: id,
            person_id: id,
            channel: 'email',
            purpose: 'marketing',
            address_key: id,
            programme_id: null,
          })),
          rules,
          new Date('2026-07-01T18:00:00Z'),
        );
        const until = new Map(
          verdicts.map((verdict) => [verdict.person_id, verdict.deferred_until?.toISOString() ?? 'now']),
        );
        // 18:00 UTC is open in UTC, 11:00 in Los Angeles, and 23:45 in Kathmandu, whose 09:00 is 03:15 UTC.
        expect(
          [who['abbreviated'], who['ambiguous'], who['renamed'], who['named'], newer].map((id) => until.get(id!)),
        ).toEqual(['now', 'now', 'now', '2026-07-02T03:15:00.000Z', 'now']);
      });
      const save = (personId: string, traits: Record<string, unknown>, at = NOW) =>
        savePeople(stores(), [personUpdateOf(personId, traits, at)]);
      const rowOf = (personId: string) =>
        store.records.db.selectFrom('people').selectAll().where('person_id', '=', personId).executeTakeFirst();
      const eventOf = (body: object): AcceptedEvent => {
        const outcome = understandIncoming({
          call: undefined,
          body: { type: 'track', event: 'Viewed', ...body },
          now: NOW,
          sentAt: undefined,
          timeZone: 'UTC',
          currency: 'USD',
          bytes: 0,
          fallbackId: () => fresh('evt'),
        });
        if (!outcome.ok) throw new Error(outcome.reason);
        return outcome.event;
      };
      const send = (...bodies: object[]) => ingest.submit({ events: bodies.map(eventOf), dropped: new Map() });
      /** Whose are these actors' events, as everything that reads them sees it? */
      const ownersOf = async (...actorIds: string[]): Promise<string[]> => {
        const source = await personSource(events);
        const rows = await events.rows<{ person_id: string }>(
          sql`SELECT DISTINCT person_id FROM ${source.events} WHERE actor_id IN ${p.texts(actorIds)} ORDER BY person_id`,
        );
        return rows.map((row) => row.person_id);
      };

      it('lists every records table that names a person', async () => {
        const { rows } = await recordsSql<{ name: string }>`
          SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'person_id'`.execute(
          store.records.db,
        );
        expect(PERSON_TABLES.map(({ table }) => table).toSorted()).toEqual(rows.map((row) => row.name).toSorted());
      });

      it('lets the newer value win, whichever comes first, and keeps what is not said', async () => {
        const id = fresh('ann');
        await save(id, {
          email: 'new@example.com',
          firstName: 'New',
          locale: 'zh',
          country: 'CN',
          timezone: 'Asia/Shanghai',
          a: 1,
        });
        await save(
          id,
          {
            email: 'old@example.com',
            firstName: 'Old',
            locale: 'en',
            country: 'US',
            timezone: 'UTC',
            phone: '+8613800138000',
            a: 0,
            b: 2,
          },
          plus(NOW, -1_000),
        );
        expect(await rowOf(id)).toMatchObject({
          email: 'new@example.com',
          email_key: addressKey(SECRET, 'new@example.com'),
          phone: '+8613800138000',
          first_name: 'New',
          language: 'zh',
          country: 'CN',
          time_zone: 'Asia/Shanghai',
          traits: { a: 1, b: 2 },
          updated_at: NOW,
        });
        await save(id, { b: 3 }, plus(NOW, 1_000));
        expect(await rowOf(id)).toMatchObject({
          email: 'new@example.com',
          first_name: 'New',
          traits: { a: 1, b: 3 },
          updated_at: plus(NOW, 1_000),
        });
      });

      it('puts people who share an address into one cluster and one bucket, and never moves them again', async () => {
        const [ann, bob, cat, dan] = [fresh('ann'), fresh('bob'), fresh('cat'), fresh('dan')];
        const email = `${ann}@example.com`;
        await save(ann, { email });
        await savePeople(stores(), [
          personUpdateOf(bob, { email }, NOW),
          personUpdateOf(cat, { email: `${cat}@example.com` }, NOW),
          personUpdateOf(dan, { email: `${cat}@example.com` }, NOW),
        ]);
        const [a, b, c, d] = await Promise.all([ann, bob, cat, dan].map(rowOf));
        expect([b!.cluster_key, b!.global_bucket]).toEqual([a!.cluster_key, a!.global_bucket]);
        expect(d!.cluster_key).toBe(c!.cluster_key);
        expect(c!.cluster_key).not.toBe(a!.cluster_key);
        expect(a!.global_bucket).toBe(bucketOf('global', a!.cluster_key));
        await save(bob, { email: 'elsewhere@example.com' }, plus(NOW, 1));
        expect((await rowOf(bob))!.cluster_key).toBe(a!.cluster_key);
      });

      it('joins a browser with the first who signs in on it, and merges an alias with everything hers', async () => {
        const [anon, ann, bob, old] = [fresh('a'), fresh('ann'), fresh('bob'), fresh('old')];
        await send({ anonymousId: anon }, { anonymousId: anon, userId: ann }, { userId: old });
        await send({ anonymousId: anon, userId: bob });
        expect(await ownersOf(`anon:${anon}`, ann)).toEqual([ann]);
        await save(old, { email: `${old}@example.com`, x: 1 });
        await recordConsents(store.records.db, [consent(old)]);
        await suppress(store.records.db, [{ kind: 'person', key: old, channel: 'sms', reason: 'x' }], NOW);
        const alias = { type: 'alias', userId: ann, previousId: old };
        await send(alias);
        await send(alias);
        expect(await ownersOf(`anon:${anon}`, ann, old)).toEqual([ann]);
        expect(await rowOf(old)).toBeUndefined();
        expect(await rowOf(ann)).toMatchObject({ email: `${old}@example.com`, traits: { x: 1 } });
        const { records, events: hers } = await exportPerson(stores(), old);
        expect(records).toMatchObject({
          person: { person_id: ann },
          consents: [{ person_id: ann }],
          suppressions: expect.arrayContaining([expect.objectContaining({ key: ann })]),
        });
        expect(hers.length).toBe(5);
      });

      it('brings a merge to the second store when the first attempt ended between the two', async () => {
        const [ann, old] = [fresh('ann'), fresh('old')];
        await send({ userId: ann }, { userId: old });
        await mergePeople(stores(), old, ann, NOW);
        await events.run(
          sql`ALTER TABLE person_links DELETE WHERE actor_id = ${p.text(old)} SETTINGS mutations_sync = 2`,
        );
        expect(await ownersOf(old)).toEqual([old]);
        await send({ type: 'alias', userId: ann, previousId: old });
        expect(await ownersOf(old)).toEqual([ann]);
      });

      it('erases a person so that no text in either store tells of her, and her mailbox stays off', async () => {
        const { db } = store.records;
        const mark = fresh('Zoë').toLowerCase().replace('ë', 'e');
        const [id, old, anon, mate] = [`id.${mark}`, `old.${mark}`, `anon.${mark}`, fresh('mate')];
        const emails = [`first.${mark}@example.com`, `second.${mark}@example.com`, `old.${mark}@example.com`];
        const phone = `+49301234${String(++made).padStart(4, '0')}`;
        await send(
          {
            type: 'identify',
            userId: id,
            anonymousId: anon,
            traits: { email: emails[0], phone, firstName: mark, note: mark },
          },
          { anonymousId: anon, event: 'Order Completed', properties: { revenue: 5, note: mark } },
          { type: 'identify', userId: old, traits: { email: emails[2] } },
          { type: 'identify', userId: mate, traits: { email: emails[0] } },
        );
        await createOffer(
          db,
          {
            offerId: 'back',
            name: 'Back',
            terms: { kind: 'coupon', amountOffCents: 1, maxDiscountCents: 1, validDays: 9 },
            budgetCents: 9,
            capacity: 9,
          },
          NOW,
        );
        await db.transaction().execute((tx) =>
          reserveGrants(tx, {
            offerId: 'back',
            programmeId: 'g1',
            runId: 'r1',
            personIds: [id, old],
            timeZone: 'UTC',
            now: NOW,
          }),
        );
        const to = (personId: string, email: string, more: object) =>
          message(personId, NOW, { address: email, address_key: addressKey(SECRET, email), ...more });
        const planned = [
          to(id, emails[0]!, {}),
          to(old, emails[2]!, {}),
          to(id, emails[0]!, { step: 1 }),
          to(id, emails[0]!, { step: 2 }),
        ];
        await planMessages(db, planned);
        await recordsSql`UPDATE messages SET state = 'sending', detail = ${`250 ok ${emails[0]}`} WHERE step = 1`.execute(
          db,
        );
        await recordsSql`UPDATE messages SET state = 'sent' WHERE step = 2`.execute(db);
        await recordReceipt(db, {
          messageId: planned[2]!.message_id,
          kind: 'clicked',
          class: 'human',
          detail: { at: mark },
          at: NOW,
          dedupeKey: '1',
        });
        await db
          .insertInto('message_links')
          .values({ message_id: planned[2]!.message_id, position: 0, url: `https://x/?c=${mark}` })
          .execute();
        await db
          .insertInto('sink_mails')
          .values({ received_at: NOW, sender: 's', recipient: emails[0]!, subject: mark, raw: mark })
          .execute();
        const decision = {
          programme_id: 'g1',
          run_id: 'r1',
          step: 0,
          person_id: old,
          decided_at: NOW,
          outcome: 'contact' as const,
          codes: [],
          channel: 'email',
          variant: 'a',
          propensity: 1,
          deferred_until: null,
        };
        await db.insertInto('decisions').values(decision).execute();
        await recordConsents(db, [consent(id, { proof: { name: mark } })]);
        await suppress(db, [{ kind: 'person', key: id, channel: 'sms', reason: 'x' }], NOW);
        // She takes a second address, and an older account becomes hers; what both hold once stays under the old id.
        await send({ type: 'identify', userId: id, traits: { email: emails[1] }, timestamp: NOW.toISOString() });
        await mergePeople(stores(), old, id, NOW);
        const where = async (): Promise<string[]> => {
          const found: string[] = [];
          const needles = [mark, phone];
          const columns = await recordsSql<{ table: string; column: string }>`
            SELECT table_name AS table, column_name AS column FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely_%'`.execute(db);
          for (const { table, column } of columns.rows) {
            for (const needle of needles) {
              const { rows } =
                await recordsSql`SELECT 1 FROM ${recordsSql.table(table)} WHERE position(${needle} IN lower(${recordsSql.ref(column)}::text)) > 0
                ${table === 'people' ? recordsSql`AND person_id <> ${mate}` : recordsSql``}`.execute(db);
              if (rows.length > 0) found.push(`records ${table}.${column}`);
            }
          }
          const engine = await events.rows<{ table: string; name: string }>(sql`
            SELECT table, name FROM system.columns WHERE database = currentDatabase() AND NOT endsWith(table, '_feed')`);
          for (const { table, name } of engine) {
            for (const needle of needles) {
              const [row] = await events.rows<{
                n: number;
              }>(sql`SELECT count() AS n FROM ${ident(table)} WHERE position(lower(toString(${ident(name)})), ${p.text(needle)}) > 0
                ${table === 'person_traits' ? sql`AND person_id != ${p.text(mate)}` : sql``}`);
              if ((row?.n ?? 0) > 0) found.push(`events ${table}.${name}`);
            }
          }
          return [...new Set(found)];
        };
        expect((await where()).length).toBeGreaterThan(15); // The search finds what there is to find.
        await erasePerson(stores(), id, plus(NOW, 1));
        // Her mate shares an address that was hers; that one row is the mate's own.
        expect(await where()).toEqual([]);
        const off = await db.selectFrom('suppressions').select(['kind', 'key', 'channel', 'reason']).execute();
        expect(off.map((row) => row.key).toSorted()).toEqual(
          [...emails, phone].map((address) => addressKey(SECRET, address)).toSorted(),
        );
        expect(new Set(off.map((row) => `${row.kind} ${row.channel} ${row.reason}`))).toEqual(
          new Set(['address * erased']),
        );
        const states = await db.selectFrom('messages').select(['step', 'state', 'code']).orderBy('step').execute();
        expect(states.map((row) => [row.step, row.state, row.code])).toEqual([
          [0, 'cancelled', expect.stringMatching(/erased|merged/)],
          [0, 'cancelled', expect.stringMatching(/erased|merged/)],
          [1, 'sending', 'stop:erased'],
          [2, 'sent', null],
        ]);
        expect(await db.selectFrom('grants').selectAll().execute()).toHaveLength(2);
        await expect(erasePerson(stores(), id, plus(NOW, 2))).rejects.toMatchObject({ code: 'not_found' });
        await expect(exportPerson(stores(), id)).rejects.toMatchObject({ code: 'not_found' });
      });

      it('erases several at once, by any id they go by, and leaves the others and who is not known alone', async () => {
        const [ann, bob, cat, anon] = [fresh('ann'), fresh('bob'), fresh('cat'), fresh('a')];
        await send({ anonymousId: anon }, { anonymousId: anon, userId: ann }, { userId: bob }, { userId: cat });
        const nobody = fresh('nobody');
        expect(await erasePeople(stores(), [`anon:${anon}`, bob, nobody, ann], NOW)).toEqual(
          new Map([
            [`anon:${anon}`, { events: 2 }],
            [bob, { events: 1 }],
            [ann, { events: 2 }],
          ]),
        );
        expect(await ownersOf(ann, `anon:${anon}`, bob)).toEqual([]);
        expect([await rowOf(ann), await rowOf(bob)]).toEqual([undefined, undefined]);
        expect(await ownersOf(cat)).toEqual([cat]);
      });

      it('brings nothing back by a late retry', async () => {
        const id = fresh('ann');
        const body = { userId: id, messageId: fresh('m') };
        await send(body);
        await erasePerson(stores(), id, NOW);
        expect(await send(body)).toEqual({ added: 0, known: 1 });
        expect([await rowOf(id), await ownersOf(id)]).toEqual([undefined, []]);
      });

      it('finishes an erasure that a crash cut in two', async () => {
        const [id, anon] = [fresh('ann'), fresh('a')];
        await send({ anonymousId: anon }, { anonymousId: anon, userId: id });
        // The records were cleared, the events not yet: only the events store still knows the browser.
        await recordsSql`DELETE FROM people WHERE person_id = ${id}`.execute(store.records.db);
        await recordsSql`DELETE FROM person_links WHERE person_id = ${id}`.execute(store.records.db);
        expect(await erasePerson(stores(), id, NOW)).toEqual({ events: 2 });
        expect(await ownersOf(id, `anon:${anon}`)).toEqual([]);
      });
    });
  });
});
