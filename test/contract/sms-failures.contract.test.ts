// A number whose texts fail again and again is given up: on the third day within thirty on which one failed for the sake of the phone, and took
// nothing since. The same on both stores, at its edges.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { takeReports } from '../../src/reach/channels/sms/sms-replies.service.ts';
import { UNREACHABLE, BAD_CONTENT, NOT_HERS, type SmsReport } from '../../src/reach/channels/sms/provider.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, addProgramme, message } from '../support/rows.ts';

const at = (text: string): Date => new Date(text);
const KEY = 'key-number';

describe.each(RECORDS_KINDS)('the failures of a number on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`of texts${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    let made = 0;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(async () => {
      await store.clear();
      await addPeople(store.records.db, [{ id: 'p' }]);
      await addProgramme(store.records.db, at('2026-03-01T00:00:00Z'));
    });

    const planned = async (more: object = {}): Promise<string> => {
      const row = message('p', at('2026-02-01T00:00:00Z'), {
        channel: 'sms',
        address: '+8613800000001',
        address_key: KEY,
        step: ++made,
        ...more,
      });
      await planMessages(store.records.db, [row]);
      return row.message_id;
    };
    const report = async (when: string, more: Partial<SmsReport> = {}, messageId?: string): Promise<void> => {
      const fault = { ...UNREACHABLE, code: 'UNDELIV' };
      const what = {
        providerId: undefined,
        phone: undefined,
        state: 'failed',
        at: at(when),
        ...fault,
        ...more,
      } as const;
      await takeReports(store.records.db, [{ ...what, messageId: messageId ?? (await planned()) }], what.at);
    };
    const givenUp = () =>
      store.records.db.selectFrom('suppressions').select(['kind', 'key', 'channel', 'reason']).execute();
    const GIVEN_UP = [{ kind: 'address', key: KEY, channel: 'sms', reason: 'bounced' }];

    it('gives it up on the third day, not on the second, and however often it failed on one', async () => {
      const waiting = await planned();
      for (let time = 0; time < 5; time++) await report('2026-03-01T10:00:00Z');
      for (let time = 0; time < 5; time++) await report('2026-03-02T10:00:00Z');
      expect(await givenUp()).toEqual([]);
      await report('2026-03-03T00:00:00Z');
      expect(await givenUp()).toEqual(GIVEN_UP);
      const { state } = await store.records.db
        .selectFrom('messages')
        .select('state')
        .where('message_id', '=', waiting)
        .executeTakeFirstOrThrow();
      expect(state).toBe('cancelled');
    });

    it('counts days by UTC: the last millisecond of one and the first of the next are two', async () => {
      await report('2026-03-01T10:00:00Z');
      await report('2026-03-02T23:59:59.999Z');
      expect(await givenUp()).toEqual([]);
      await report('2026-03-03T00:00:00.000Z');
      expect(await givenUp()).toEqual(GIVEN_UP);
    });

    it('forgets a failure after thirty days, to the millisecond', async () => {
      await report('2026-03-01T10:00:00.000Z');
      await report('2026-03-15T10:00:00Z');
      await report('2026-03-31T10:00:00.000Z');
      expect(await givenUp()).toEqual([]);
      await store.records.db.deleteFrom('receipts').execute();
      await report('2026-03-01T10:00:00.001Z');
      await report('2026-03-15T10:00:00Z');
      await report('2026-03-31T10:00:00.000Z');
      expect(await givenUp()).toEqual(GIVEN_UP);
    });

    it('begins anew where a text arrived in between, and not where one arrived before', async () => {
      await report('2026-03-01T09:00:00Z', { state: 'delivered' });
      await report('2026-03-01T10:00:00Z');
      await report('2026-03-02T10:00:00Z');
      await report('2026-03-02T11:00:00Z', { state: 'delivered' });
      await report('2026-03-03T10:00:00Z');
      await report('2026-03-04T10:00:00Z');
      expect(await givenUp()).toEqual([]);
      await report('2026-03-05T10:00:00Z');
      expect(await givenUp()).toEqual(GIVEN_UP);
    });

    it('counts neither what was said of the words or the carrier, nor the same receipt twice, nor another number’s or channel’s', async () => {
      await report('2026-03-01T10:00:00Z');
      await report('2026-03-02T10:00:00Z', BAD_CONTENT);
      await report('2026-03-03T10:00:00Z', NOT_HERS);
      const once = await planned();
      for (const day of ['04', '05', '06']) await report(`2026-03-${day}T10:00:00Z`, {}, once);
      await report('2026-03-07T10:00:00Z', {}, await planned({ address_key: 'key-other', address: '+8613800000002' }));
      const mail = await planned({ channel: 'email' });
      await store.records.db
        .insertInto('receipts')
        .values({
          message_id: mail,
          kind: 'bounced',
          class: 'mailbox',
          detail: '{}',
          occurred_at: at('2026-03-08T10:00:00Z'),
          dedupe_key: 'x',
        })
        .execute();
      expect(await givenUp()).toEqual([]);
      await report('2026-03-09T10:00:00Z');
      expect(await givenUp()).toEqual(GIVEN_UP);
    });

    it('suppresses at once a number that does not exist, and one that refused as her own wish', async () => {
      await report('2026-03-01T10:00:00Z', { class: 'address', permanent: true, code: 'MK:0001' });
      expect(await givenUp()).toEqual(GIVEN_UP);
      await store.clear();
      await addPeople(store.records.db, [{ id: 'p' }]);
      await report('2026-03-01T10:00:00Z', { class: 'address', permanent: true, byHerself: true, code: 'MX:0012' });
      expect(await givenUp()).toEqual([{ ...GIVEN_UP[0], reason: 'unsubscribed' }]);
    });
  });
});
