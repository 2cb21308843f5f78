// One suite, both records adapters: where a person is reached on each channel, and whose endpoint it is.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  stopEverything,
  deletePersonRows,
  movePerson,
  personRecords,
} from '../../src/collect/people/person-rows.sql.ts';
import { routesOf } from '../../src/decide/programmes/routes.service.ts';
import { addressKey } from '../../src/kernel/address.ts';
import { judge } from '../../src/reach/arbiter/arbiter.sql.ts';
import type { ReachRules } from '../../src/reach/arbiter/rules.ts';
import { addressesOf, personAddress } from '../../src/reach/channels/addresses.sql.ts';
import { CHANNEL_KEYS, CHANNELS, channelsOnConsent, type ChannelKey } from '../../src/reach/channels/channels.ts';
import {
  disableEndpoints,
  endpointKey,
  giveUpAddresses,
  liveEndpoints,
  registerEndpoint,
} from '../../src/reach/channels/endpoints.service.ts';
import { recordConsents, unsubscribe } from '../../src/reach/consent/consent.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, consent, message } from '../support/rows.ts';

const SECRET = 'a secret for tests';
const NOW = new Date('2026-03-02T12:00:00.000Z');
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
const FREE: ReachRules = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 0 };

describe.each(RECORDS_KINDS)('channels on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`addresses${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    const device = (personId: string, address: string, at: Date, channel: ChannelKey = 'app_push') =>
      registerEndpoint(
        store.records.db,
        { personId, channel, provider: 'fcm', address, details: { model: 'x' } },
        SECRET,
        at,
      );
    const found = async (personIds: readonly string[], channels: readonly ChannelKey[] = CHANNEL_KEYS) =>
      addressesOf(store.records.db, personIds, channels, SECRET);

    it('finds the address of every channel in the place its table names', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'ann' }, { id: 'bob', email: null }]);
      await db
        .updateTable('people')
        .set({ phone: '+8613800138000', phone_key: 'key-phone' })
        .where('person_id', '=', 'bob')
        .execute();
      await device('ann', 'old', NOW);
      await device('ann', 'new', later(1));
      await device('bob', 'tablet', later(2), 'web_push');
      const addresses = await found(['ann', 'bob', 'nobody']);
      const shown = (personId: string) =>
        Object.fromEntries([...addresses.get(personId)!].map(([channel, { address }]) => [channel, address]));
      expect(shown('ann')).toEqual({ email: 'ann@example.com', app_push: 'new', in_app: 'ann', webhook: 'ann' });
      expect(shown('bob')).toEqual({ sms: '+8613800138000', web_push: 'tablet', in_app: 'bob', webhook: 'bob' });
      expect(addresses.get('ann')!.get('in_app')).toEqual(personAddress(SECRET, 'ann'));
      expect(addresses.get('ann')!.get('in_app')!.addressKey).not.toContain('ann');
      expect([...(await found(['ann'], ['sms'])).get('ann')!]).toEqual([]);
    });

    it('gives a device to whoever signed in on it last, and wakes one that was disabled', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'ann' }, { id: 'bob' }]);
      const first = await device('ann', 'phone', NOW);
      const second = await device('bob', 'phone', later(1));
      expect(second).toEqual(first);
      expect([...(await liveEndpoints(db, 'app_push', ['ann', 'bob'])).keys()]).toEqual(['bob']);
      const key = endpointKey(SECRET, { channel: 'app_push', provider: 'fcm', address: 'phone' });
      expect(await disableEndpoints(db, 'app_push', [key], 'signed_out', later(2))).toBe(1);
      expect(await disableEndpoints(db, 'app_push', [key], 'signed_out', later(3))).toBe(0);
      expect((await found(['bob'], ['app_push'])).get('bob')!.size).toBe(0);
      await device('bob', 'phone', later(4));
      expect((await found(['bob'], ['app_push'])).get('bob')!.size).toBe(1);
      await expect(device('nobody', 'phone', NOW)).rejects.toMatchObject({ code: 'not_found' });
      await expect(device('ann', 'x', NOW, 'email')).rejects.toMatchObject({ code: 'invalid' });
    });

    it('disables a dead endpoint and suppresses a dead mailbox', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'ann' }]);
      await device('ann', 'phone', NOW);
      const key = endpointKey(SECRET, { channel: 'app_push', provider: 'fcm', address: 'phone' });
      await giveUpAddresses(
        db,
        [
          { addressKey: key, channel: 'app_push' },
          { addressKey: 'key-ann@example.com', channel: 'email' },
        ],
        NOW,
      );
      const suppressed = await db.selectFrom('suppressions').select(['key', 'channel', 'reason']).execute();
      expect(suppressed).toEqual([{ key: 'key-ann@example.com', channel: 'email', reason: 'bounced' }]);
      const row = await db.selectFrom('endpoints').select(['disabled_at', 'disabled_code']).executeTakeFirstOrThrow();
      expect(row).toEqual({ disabled_at: NOW, disabled_code: 'rejected' });
    });

    it('keeps a device that was registered after it was seen gone, and calls a number’s own refusal what it is', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'ann' }]);
      await device('ann', 'phone', later(2));
      await device('ann', 'tablet', NOW);
      const keyOf = (address: string) => endpointKey(SECRET, { channel: 'app_push', provider: 'fcm', address });
      const gone = (address: string) => ({ addressKey: keyOf(address), channel: 'app_push', goneSince: later(1) });
      await giveUpAddresses(
        db,
        [gone('phone'), gone('tablet'), { addressKey: 'key-number', channel: 'sms', byHerself: true }],
        later(3),
      );
      const rows = await db.selectFrom('endpoints').select(['address', 'disabled_at']).orderBy('address').execute();
      expect(rows).toEqual([
        { address: 'phone', disabled_at: null },
        { address: 'tablet', disabled_at: later(3) },
      ]);
      const suppressed = await db.selectFrom('suppressions').select(['key', 'channel', 'reason']).execute();
      expect(suppressed).toEqual([{ key: 'key-number', channel: 'sms', reason: 'unsubscribed' }]);
    });

    it('moves endpoints with a merge, shows them in an export, and forgets them with the person', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'ann' }, { id: 'anna' }]);
      await device('anna', 'phone', NOW);
      await movePerson(db, 'anna', 'ann', NOW);
      expect(await personRecords(db, 'ann', ['ann', 'anna'])).toMatchObject({ endpoints: [{ address: 'phone' }] });
      await stopEverything(db, ['ann'], NOW);
      await deletePersonRows(db, ['ann']);
      expect(await db.selectFrom('endpoints').selectAll().execute()).toEqual([]);
      const keys = await db.selectFrom('suppressions').select('key').where('reason', '=', 'erased').execute();
      expect(keys.map(({ key }) => key)).toContain(addressKey(SECRET, 'app_push fcm phone'));
    });

    it('takes the first channel that has an address and is allowed, and says why for the others', async () => {
      const { db } = store.records;
      const people = ['both', 'mailonly', 'nothing', 'refused'];
      await addPeople(
        db,
        people.map((id) => ({ id, ...(id === 'nothing' ? { email: null } : {}) })),
      );
      for (const id of ['both', 'refused'])
        await db
          .updateTable('people')
          .set({ phone: '+8613800138000', phone_key: `key-${id}` })
          .where('person_id', '=', id)
          .execute();
      await recordConsents(
        db,
        people.flatMap((id) => [
          consent(id),
          consent(id, { channel: 'sms', status: id === 'refused' ? 'withdrawn' : 'granted' }),
        ]),
      );
      const routes = await routesOf(db, {
        personIds: people,
        channels: ['sms', 'email'],
        purpose: 'marketing',
        programmeId: null,
        rules: FREE,
        addressSecret: SECRET,
        now: NOW,
        judged: true,
      });
      expect(people.map((id) => routes.get(id)!.route?.channel)).toEqual(['sms', 'email', undefined, 'email']);
      expect(routes.get('nothing')!.refused).toEqual([
        { person_id: 'nothing', channel: 'sms', codes: ['no_address'] },
        { person_id: 'nothing', channel: 'email', codes: ['no_address'] },
      ]);
      expect(routes.get('refused')!.refused).toEqual([
        { person_id: 'refused', channel: 'sms', codes: ['consent_withdrawn'] },
      ]);
    });

    it('asks consent where the channel’s table says: one word for WeChat, none for what is shown in the own app', async () => {
      const { db } = store.records;
      await addPeople(db, [{ id: 'ann' }]);
      await recordConsents(db, [consent('ann', { channel: 'wechat' })]);
      const refusals = async (channel: ChannelKey) =>
        (
          await judge(
            db,
            [{ key: 'k', person_id: 'ann', channel, purpose: 'marketing', address_key: 'a', programme_id: null }],
            FREE,
            NOW,
          )
        )[0]!.refusals;
      for (const channel of CHANNEL_KEYS) {
        const allowed = CHANNELS[channel].consent === 'wechat' || CHANNELS[channel].basis === 'opt_out';
        // A subscription that she never gave is a second question.
        const asked = (await refusals(channel)).filter((code) => code !== 'no_quota');
        expect([channel, asked]).toEqual([channel, allowed ? [] : ['no_consent']]);
      }
      await planMessages(db, [message('ann', NOW, { channel: 'wecom', address_key: 'w' })]);
      await unsubscribe(db, { personId: 'ann', addressKey: 'a', channel: 'wechat_mini' }, {}, NOW);
      for (const channel of channelsOnConsent('wechat')) expect(await refusals(channel)).toContain('consent_withdrawn');
      const { state, code } = await db.selectFrom('messages').select(['state', 'code']).executeTakeFirstOrThrow();
      expect([state, code]).toEqual(['cancelled', 'unsubscribed']);
      await unsubscribe(db, { personId: 'ann', addressKey: 'b', channel: 'in_app' }, {}, NOW);
      expect(await refusals('in_app')).toEqual(['consent_withdrawn']);
      await expect(
        judge(
          db,
          [{ key: 'k', person_id: 'ann', channel: 'fax', purpose: 'marketing', address_key: 'a', programme_id: null }],
          FREE,
          NOW,
        ),
      ).rejects.toMatchObject({ code: 'invalid' });
    });
  });
});
