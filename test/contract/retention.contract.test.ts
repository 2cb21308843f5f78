// What is deleted when its time has come, and what stays: on both records adapters.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteExpired, readRetention, saveRetention } from '../../src/reach/consent/retention.service.ts';
import { requestConsent } from '../../src/reach/consent/double-opt-in.service.ts';
import { saveConsentText } from '../../src/reach/consent/texts.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { newPreferenceLink } from '../../src/reach/preferences/preference-links.service.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, message } from '../support/rows.ts';

const DAY = 86_400_000;
const SENT = new Date('2026-03-02T12:00:00.000Z');
const at = (text: string): Date => new Date(text);

describe.each(RECORDS_KINDS)('retention on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`deletes${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    it('the traces of a text after its months, to the second, and nothing that is counted', async () => {
      const { db } = store.records;
      const text = message('p1', SENT, { channel: 'sms', address: '+8613800138000', address_key: 'key-phone' });
      const mail = message('p2', SENT);
      const open = message('p3', SENT, { channel: 'sms', address: '+8613800138001', address_key: 'key-other' });
      await planMessages(db, [text, mail, open]);
      await sql`UPDATE messages SET state = 'sent', sent_at = ${SENT}, finished_at = ${SENT}, provider_id = 'biz-1', detail = 'DELIVRD'
        WHERE message_id IN (${text.message_id}, ${mail.message_id})`.execute(db);
      await db
        .insertInto('message_links')
        .values([text, mail].map(({ message_id }) => ({ message_id, position: 0, url: 'https://shop.example/p1' })))
        .execute();
      await sql`INSERT INTO receipts (message_id, kind, class, dedupe_key, occurred_at, detail)
        SELECT m, 'delivered', 'human', 'd', ${SENT}::timestamptz, '{"number":"+8613800138000"}'::jsonb
        FROM unnest(ARRAY[${text.message_id}, ${mail.message_id}]) AS m`.execute(db);
      expect(await readRetention(db)).toEqual({ smsMonths: 12 });
      expect(await deleteExpired(db, SENT)).toEqual({ messages: 0 });
      await saveRetention(db, { smsMonths: 6 });
      // Six calendar months after 2 March are over on 2 September.
      expect(await deleteExpired(db, at('2026-09-02T12:00:00.000Z'))).toEqual({ messages: 0 });
      expect(await deleteExpired(db, at('2026-09-02T12:00:00.001Z'))).toEqual({ messages: 1 });
      expect(await deleteExpired(db, at('2027-09-02T12:00:00.001Z'))).toEqual({ messages: 0 });
      const rows = await db
        .selectFrom('messages')
        .select(['person_id', 'channel', 'state', 'address', 'address_key', 'provider_id', 'detail', 'sent_at'])
        .orderBy('person_id')
        .execute();
      expect(rows).toEqual([
        {
          person_id: 'p1',
          channel: 'sms',
          state: 'sent',
          address: '',
          address_key: `deleted:${text.message_id}`,
          provider_id: null,
          detail: null,
          sent_at: SENT,
        },
        expect.objectContaining({ person_id: 'p2', address: 'p2@example.com', provider_id: 'biz-1' }),
        // What is not finished is not forgotten.
        expect.objectContaining({ person_id: 'p3', state: 'planned', address: '+8613800138001' }),
      ]);
      const links = await db.selectFrom('message_links').select('message_id').execute();
      expect(links).toEqual([{ message_id: mail.message_id }]);
      const receipts = await db.selectFrom('receipts').select(['message_id', 'kind', 'detail']).execute();
      expect(receipts.toSorted((a, b) => (a.message_id < b.message_id ? -1 : 1))).toEqual(
        [
          { message_id: text.message_id, kind: 'delivered', detail: {} },
          { message_id: mail.message_id, kind: 'delivered', detail: { number: '+8613800138000' } },
        ].toSorted((a, b) => (a.message_id < b.message_id ? -1 : 1)),
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
