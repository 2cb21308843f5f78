// What is deleted when its time has come, and what stays: on both records adapters.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { CHANNEL_KEYS } from '../../src/reach/channels/channels.ts';
import { takeMailReports } from '../../src/reach/channels/email/providers/mail-reports.service.ts';
import { registerEndpoint } from '../../src/reach/channels/endpoints.service.ts';
import { explainRetention } from '../../src/reach/consent/retention.ts';
import {
  deleteExpired,
  deleteExpiredDaily,
  readRetention,
  saveRetention,
} from '../../src/reach/consent/retention.service.ts';
import { actOnReports } from '../../src/reach/tracking/delivery-reports.service.ts';
import { signToken } from '../../src/reach/tracking/token.ts';
import { unsubscribeByToken, visitLink } from '../../src/reach/tracking/tracking.service.ts';
import { requestConsent } from '../../src/reach/consent/double-opt-in.service.ts';
import { saveConsentText } from '../../src/reach/consent/texts.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { newPreferenceLink } from '../../src/reach/preferences/preference-links.service.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, message } from '../support/rows.ts';

const DAY = 86_400_000;
const SENT = new Date('2026-03-02T12:00:00.000Z');
const at = (text: string): Date => new Date(text);
/** As `docs/privacy.md` tells them. */
const DEFAULTS = { emailMonths: 24, smsMonths: 12, webPushMonths: 3, appPushMonths: 3, inAppMonths: 12, wechatMonths: 12, webhookMonths: 12 }; // prettier-ignore

describe.each(RECORDS_KINDS)('retention on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`deletes${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    /** What a message leaves behind, sent to `address` at SENT. */
    const sentOn = async (channel: string, personId: string, address: string) => {
      const { db } = store.records;
      const row = message(personId, SENT, { channel, address, address_key: `key-${address}` });
      await planMessages(db, [row]);
      await sql`UPDATE messages SET state = 'sent', claimed_at = ${SENT}, sent_at = ${SENT}, finished_at = ${SENT}, provider_id = ${`id-${row.message_id}`},
        detail = ${`250 ${address} ok`} WHERE message_id = ${row.message_id}`.execute(db);
      await db
        .insertInto('message_links')
        .values({ message_id: row.message_id, position: 0, url: 'https://shop.example/?coupon=HERS' })
        .execute();
      await sql`INSERT INTO receipts (message_id, kind, class, dedupe_key, occurred_at, detail) VALUES
        (${row.message_id}, 'delivered', 'provider', 'once', ${SENT}, ${JSON.stringify({ number: address })}::jsonb),
        (${row.message_id}, 'clicked', 'human', 'c', ${SENT}, '{"link":0,"rule":"visit"}'::jsonb)`.execute(db);
      return row;
    };
    const traces = async () =>
      Object.fromEntries(
        (
          await sql<{ channel: string; address: string; key: string; rest: number; details: object[] }>`
            SELECT m.channel, m.address, m.address_key AS key,
              (SELECT count(*)::int FROM message_links l WHERE l.message_id = m.message_id) + (m.provider_id IS NOT NULL)::int + (m.detail IS NOT NULL)::int AS rest,
              (SELECT jsonb_agg(r.detail ORDER BY r.kind) FROM receipts r WHERE r.message_id = m.message_id) AS details
            FROM messages m`.execute(store.records.db)
        ).rows.map(({ channel, ...row }) => [channel, row]),
      );

    it('to whom a message went after its channel’s months, to the second, and nothing that is counted or that suppresses', async () => {
      const { db } = store.records;
      for (const channel of CHANNEL_KEYS) await sentOn(channel, `p-${channel}`, `to-${channel}`);
      await planMessages(db, [message('open', SENT, { channel: 'webhook', run_id: 'r2' })]);
      expect(await readRetention(db)).toEqual(DEFAULTS);
      expect(await deleteExpired(db, SENT)).toEqual({ messages: 0 });
      // Calendar months after 2 March, noon: one for in-app, two for WebPush …
      const months = { webPushMonths: 1, appPushMonths: 2, emailMonths: 3, wechatMonths: 4, inAppMonths: 5, smsMonths: 6, webhookMonths: 7 }; // prettier-ignore
      await saveRetention(db, months);
      const ends: [string, number, readonly string[]][] = [
        ['2026-04-02', 1, ['web_push']],
        ['2026-05-02', 1, ['app_push']],
        ['2026-06-02', 1, ['email']],
        ['2026-07-02', 3, ['wechat_mini', 'wechat_service', 'wecom']],
        ['2026-08-02', 1, ['in_app']],
        ['2026-09-02', 1, ['sms']],
        ['2026-10-02', 1, ['webhook']],
      ];
      const gone = new Set<string>();
      for (const [day, count, channels] of ends) {
        expect([day, await deleteExpired(db, at(`${day}T12:00:00.000Z`))]).toEqual([day, { messages: 0 }]);
        expect([day, await deleteExpired(db, at(`${day}T12:00:00.001Z`))]).toEqual([day, { messages: count }]);
        for (const channel of channels) gone.add(channel);
        const left = await traces();
        for (const channel of CHANNEL_KEYS.filter((key) => key !== 'webhook'))
          expect([channel, left[channel]]).toEqual([
            channel,
            gone.has(channel)
              ? { address: '', key: `key-to-${channel}`, rest: 0, details: [{ link: 0, rule: 'visit' }, {}] }
              : {
                  address: `to-${channel}`,
                  key: `key-to-${channel}`,
                  rest: 3,
                  details: [{ link: 0, rule: 'visit' }, { number: `to-${channel}` }],
                },
          ]);
      }
      expect(await deleteExpired(db, at('2036-09-02T12:00:00.001Z'))).toEqual({ messages: 0 });
      // What is not finished is not forgotten.
      const open = await db.selectFrom('messages').select('address').where('person_id', '=', 'open').executeTakeFirst();
      expect(open?.address).toBe('open@example.com');
      const sent = await db.selectFrom('messages').select('message_id').where('sent_at', '=', SENT).execute();
      expect(sent).toHaveLength(CHANNEL_KEYS.length);
    });

    it('a ledger longer than one statement’s worth, and stops where no timer reaches', async () => {
      const { db } = store.records;
      await sql`INSERT INTO messages (message_id, programme_id, run_id, step, person_id, channel, purpose, address, address_key, variant, template_id,
          template_version, language, content, state, due_at, expires_at, created_at, finished_at)
        SELECT 'msg_' || lpad(i::text, 26, '0'), 'g1', 'r1', 0, 'p' || i, 'email', 'marketing', 'a' || i, 'k' || i, 'v', 't', 1, 'en', '{}', 'sent',
          t, t, t, t FROM (SELECT i, ${SENT}::timestamptz + make_interval(secs => i) AS t FROM generate_series(1, 25000) AS i) g`.execute(
        db,
      );
      // Two years later those of the first 21,000 seconds are over.
      const now = new Date(Date.parse('2028-03-02T12:00:00Z') + 21_000_000 + 1);
      expect(await deleteExpired(db, now)).toEqual({ messages: 21_000 });
      const { rows } = await sql<{
        left: number;
      }>`SELECT count(*)::int AS left FROM messages WHERE address <> ''`.execute(db);
      expect(rows).toEqual([{ left: 4_000 }]);
    });

    it('and what comes back to a message afterwards still finds whom it must not write to again', async () => {
      const { db } = store.records;
      const secret = 'token secret of a test';
      const context = { db, tokenSecret: secret };
      await addPeople(
        db,
        ['bounces', 'complains', 'leaves', 'told'].map((id) => ({ id })),
      );
      const [bounces, complains, leaves, told] = [
        await sentOn('email', 'bounces', 'bounces@example.com'),
        await sentOn('email', 'complains', 'complains@example.com'),
        await sentOn('email', 'leaves', 'leaves@example.com'),
        await sentOn('email', 'told', 'told@example.com'),
      ];
      const now = at('2028-06-02T12:00:00Z');
      expect(await deleteExpired(db, now)).toEqual({ messages: 4 });
      const verdict = { class: 'address', permanent: true, action: 'suppress_address' } as const;
      const bounce = {
        kind: 'bounced',
        at: now,
        verdict,
        status: '5.1.1',
        detail: 'no such user <x@example.com>',
      } as const;
      await actOnReports(db, [{ ...bounce, messageId: bounces.message_id }, { kind: 'complained', messageId: complains.message_id, at: now }], now); // prettier-ignore
      await takeMailReports(db, 'ses', [{ ...bounce, eventId: 'e1', providerId: undefined, messageId: told.message_id, recipient: 'told@example.com' }], now); // prettier-ignore
      await unsubscribeByToken(
        context,
        signToken(secret, { kind: 'unsubscribe', messageId: leaves.message_id }),
        'one-click',
        now,
      );
      const { rows } = await sql<{
        key: string;
        reason: string;
      }>`SELECT key, reason FROM suppressions WHERE kind = 'address' ORDER BY key`.execute(db);
      expect(rows).toEqual([
        { key: 'key-bounces@example.com', reason: 'bounced' },
        { key: 'key-complains@example.com', reason: 'complained' },
        { key: 'key-leaves@example.com', reason: 'unsubscribed' },
        { key: 'key-told@example.com', reason: 'bounced' },
      ]);
      // What was deleted does not come back with the other side's words.
      const said = await sql<{ detail: object }>`SELECT detail FROM receipts WHERE kind = 'bounced'`.execute(db);
      const kept = { detail: { status: '5.1.1', permanent: true } };
      expect(said.rows).toEqual([kept, kept]);
      // The link of a mail is gone with its traces; nothing else is led to in its place.
      await expect(
        visitLink(context, { token: signToken(secret, { kind: 'click', messageId: leaves.message_id, linkIndex: 0 }), method: 'GET', userAgent: 'x', purpose: undefined }, now), // prettier-ignore
      ).rejects.toMatchObject({ code: 'not_found' });
    });

    it('devices that are gone and texts that came in, on their channel’s timer; what waits for somebody stays', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'p1' }]);
      const device = (channel: 'app_push' | 'wecom', address: string) =>
        registerEndpoint(db, { personId: 'p1', channel, provider: 'x', address, details: {} }, 's', SENT);
      await device('app_push', 'gone');
      await device('app_push', 'live');
      await device('wecom', 'gone');
      await sql`UPDATE endpoints SET disabled_at = ${SENT}, disabled_code = 'unregistered' WHERE address = 'gone'`.execute(
        db,
      );
      await sql`INSERT INTO sms_inbound (inbound_id, provider, dedupe_key, person_id, phone, phone_key, text, sent_to, meaning, received_at, taken_at, review, resolved_at)
        SELECT review, 'x', review, 'p1', '+8613800138000', 'k', 'TD', '', 'free_text', ${SENT}::timestamptz, ${SENT}::timestamptz, review,
          CASE WHEN review = 'resolved' THEN ${at('2026-03-09T12:00:00Z')}::timestamptz END FROM unnest(ARRAY['none', 'waiting', 'resolved']) AS review`.execute(
        db,
      );
      const left = async () => [
        (
          await db
            .selectFrom('endpoints')
            .select(['channel', 'address'])
            .orderBy('channel')
            .orderBy('address')
            .execute()
        ).map((row) => `${row.channel} ${row.address}`),
        (await db.selectFrom('sms_inbound').select('review').orderBy('review').execute()).map((row) => row.review),
      ];
      await deleteExpired(db, at('2026-06-02T12:00:00.000Z'));
      expect(await left()).toEqual([
        ['app_push gone', 'app_push live', 'wecom gone'],
        ['none', 'resolved', 'waiting'],
      ]);
      await deleteExpired(db, at('2026-06-02T12:00:00.001Z'));
      expect((await left())[0]).toEqual(['app_push live', 'wecom gone']);
      await deleteExpired(db, at('2027-03-02T12:00:00.001Z'));
      expect(await left()).toEqual([['app_push live'], ['resolved', 'waiting']]);
      await deleteExpired(db, at('2027-03-09T12:00:00.001Z'));
      expect((await left())[1]).toEqual(['waiting']);
    });

    it('once a day, and at once when a timer was changed; setting one leaves the others', async () => {
      const { db } = store.records;
      await saveRetention(db, { emailMonths: 36 });
      expect(await saveRetention(db, { smsMonths: 6 })).toEqual({ ...DEFAULTS, emailMonths: 36, smsMonths: 6 });
      await sentOn('sms', 'p1', '+8613800138000');
      const address = async (): Promise<string | undefined> => (await traces())['sms']?.address;
      await deleteExpiredDaily(db, at('2026-09-02T00:00:00Z'));
      await deleteExpiredDaily(db, at('2026-09-02T23:59:00Z'));
      expect(await address()).toBe('+8613800138000');
      await saveRetention(db, { smsMonths: 6 });
      await deleteExpiredDaily(db, at('2026-09-02T23:59:01Z'));
      expect(await address()).toBe('');
      await sentOn('sms', 'p2', '+8613800138001');
      await sql`UPDATE messages SET finished_at = finished_at - interval '1 day' WHERE person_id = 'p2'`.execute(db);
      await deleteExpiredDaily(db, at('2026-09-02T23:59:02Z'));
      await deleteExpiredDaily(db, at('2026-09-03T00:00:00Z'));
      const rows = await db.selectFrom('messages').select('address').execute();
      expect(rows).toEqual([{ address: '' }, { address: '' }]);
    });

    it('is told in both languages, with its least', () => {
      const told = explainRetention(DEFAULTS);
      expect(new Set(told.flatMap(({ channels }) => channels))).toEqual(new Set(CHANNEL_KEYS));
      for (const each of told) {
        expect(each.months).toBeGreaterThanOrEqual(each.monthsMin);
        expect(each.why.zh).toMatch(/[\u4e00-\u9fff]/);
      }
    });

    it('and the documentation says the same', () => {
      const documented = readFileSync(new URL('../../docs/privacy.md', import.meta.url), 'utf8');
      const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim());
      const rows = documented.split('\n').filter((line) => /^\| `\w+Months` /.test(line));
      expect(rows.map((row) => cells(row).slice(1, 5))).toEqual(
        explainRetention(DEFAULTS).map((each) => [
          `\`${each.timer}\``,
          each.label.en,
          String(each.monthsDefault),
          String(each.monthsMin),
        ]),
      );
    });

    it('questions nobody answered and links that ended thirty days ago; a confirmed one is proof and stays', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'p1' }, { id: 'p2' }]);
      const { textId, version } = await saveConsentText(db, { textId: 'news', en: 'Yes', zh: '是' }, SENT);
      const context = { db, tokenSecret: 'secret' };
      const ask = (personId: string) =>
        requestConsent(
          context,
          {
            personId,
            channel: 'email',
            textVersion: `${textId}@${version}`,
            language: 'en',
            source: 'form',
            proof: {},
          },
          SENT,
        );
      const [open, confirmed] = [await ask('p1'), await ask('p2')];
      await db
        .updateTable('consent_requests')
        .set({ confirmed_at: SENT })
        .where('request_id', '=', confirmed.requestId)
        .execute();
      await newPreferenceLink(context, 'p1', 1, SENT);
      const requests = async () =>
        (await db.selectFrom('consent_requests').select('request_id').execute())
          .map((row) => row.request_id)
          .toSorted();
      const links = async () => (await db.selectFrom('preference_links').select('link_id').execute()).length;
      const ended = open.expiresAt.getTime() + 30 * DAY;
      await deleteExpired(db, new Date(SENT.getTime() + 31 * DAY));
      expect([await requests(), await links()]).toEqual([[open.requestId, confirmed.requestId].toSorted(), 1]);
      await deleteExpired(db, new Date(SENT.getTime() + 31 * DAY + 1));
      expect(await links()).toBe(0);
      await deleteExpired(db, new Date(ended));
      expect(await requests()).toHaveLength(2);
      await deleteExpired(db, new Date(ended + 1));
      expect(await requests()).toEqual([confirmed.requestId]);
    });
  });
});
