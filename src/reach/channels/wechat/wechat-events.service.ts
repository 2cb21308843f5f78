// What WeChat tells of people and messages: a subscription is one message more, a refusal is a withdrawal, a receipt is kept, and who takes back what
// she gave has it deleted. Guarantee: everything is done before WeChat gets its answer, and the same event twice changes nothing.
import { sql } from 'kysely';
import { numberOf, objectOf, textOf, type JsonObject } from '../../../kernel/json.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import type { RecordsDb } from '../../../stores/records/records.ts';
import { giveQuota, voidQuota, type QuotaGift } from '../../arbiter/quotas.sql.ts';
import { REFUSABLE_CHANNELS } from '../../arbiter/rules.ts';
import { recordConsents } from '../../consent/consent.service.ts';
import type { Connections } from '../../connections/connections.service.ts';
import { stopMessages } from '../../messages/ledger.sql.ts';
import { recordReceipt } from '../../tracking/tracking.service.ts';
import { channelsOnConsent } from '../channels.ts';
import { disableEndpoints, endpointKey } from '../endpoints.service.ts';
import { answerProof, listOf, readCallback, type CallbackKeys, type CallbackQuery } from './callback.ts';

export const CALLBACK_KEYS = ['wechat_mini', 'wechat_service', 'wecom'] as const;
export type CallbackKey = (typeof CALLBACK_KEYS)[number];

export type WechatEvents = {
  /** Throws `not_found` when nothing is connected, `forbidden` for what is not WeChat's, `invalid` for what cannot be read. */
  readonly prove: (key: CallbackKey, query: CallbackQuery) => string;
  readonly take: (key: CallbackKey, query: CallbackQuery, body: string) => Promise<void>;
};

type Setup = {
  readonly db: RecordsDb;
  readonly connections: Connections;
  readonly addressSecret: string;
  /** Removes a person of whom nothing else is known. */
  readonly erase: (personId: string) => Promise<void>;
  readonly now: () => Date;
};

/** What a mini program's user may take back, by WeChat's numbers, and where it would be kept. */
const REVOCABLE: Readonly<Record<string, { readonly columns: readonly string[]; readonly traits: readonly string[] }>> =
  {
    '1': { columns: [], traits: ['licensePlate', 'license_plate'] },
    '2': { columns: [], traits: ['address'] },
    '3': { columns: [], traits: ['invoice'] },
    '6': { columns: ['first_name'], traits: ['nickname', 'avatar', 'avatarUrl', 'name', 'firstName', 'first_name'] },
    '8': { columns: ['phone', 'phone_key'], traits: ['phone'] },
    '12': { columns: [], traits: ['steps'] },
    '13': { columns: [], traits: ['location', 'latitude', 'longitude'] },
    '16': { columns: ['email', 'email_key'], traits: ['email'] },
    '18': { columns: [], traits: ['location', 'latitude', 'longitude'] },
    '19': { columns: ['first_name'], traits: ['nickname', 'name', 'firstName', 'first_name'] },
    '20': { columns: [], traits: ['avatar', 'avatarUrl'] },
  };

function keysOf({ connections }: Setup, key: CallbackKey): { readonly keys: CallbackKeys; readonly provider: string } {
  const settings = connections.of(key);
  if (settings?.token === undefined)
    throw new RekindleError('not_found', { what: { en: 'such a hook', zh: '这个回调地址' } });
  const receiver = 'corpId' in settings ? settings.corpId : settings.appId;
  return {
    keys: { token: settings.token, encodingAesKey: settings.encodingAesKey, receiver },
    provider: `${key === 'wecom' ? 'wecom' : 'wechat'}:${receiver}`,
  };
}

const refuse = (fault: 'not_authentic' | 'unreadable'): RekindleError =>
  fault === 'not_authentic'
    ? new RekindleError('forbidden')
    : new RekindleError('invalid', { where: 'body', what: { en: 'not what WeChat pushes', zh: '不是微信推送的格式' } });

type Person = { readonly personId: string; readonly addressKey: string; readonly openid: string };

export function openWechatEvents(setup: Setup): WechatEvents {
  const { db, now } = setup;

  const personOf = async (channel: CallbackKey, provider: string, openid: string): Promise<Person | undefined> => {
    const addressKey = endpointKey(setup.addressSecret, { channel, provider, address: openid });
    const row = await db
      .selectFrom('endpoints')
      .select('person_id')
      .where('channel', '=', channel)
      .where('address_key', '=', addressKey)
      .executeTakeFirst();
    return row === undefined ? undefined : { personId: row.person_id, addressKey, openid };
  };

  const accepted = async (key: CallbackKey, person: Person, event: JsonObject): Promise<void> => {
    const popup = event['SubscribeMsgPopupEvent'] ?? event['List'];
    const list = listOf(popup).flatMap((each) => ('List' in each ? listOf(each['List']) : [each]));
    const created = textOf(event['CreateTime']) ?? '';
    // Counted whether a template of ours fills it by now or not: she has agreed to WeChat's.
    const gifts = list
      .filter((each) => textOf(each['SubscribeStatusString']) === 'accept')
      .flatMap((each, position): QuotaGift[] => {
        const providerTemplateId = textOf(each['TemplateId']) ?? '';
        if (providerTemplateId === '') return [];
        return [
          {
            key: `${person.openid}:${created}:${providerTemplateId}:${position}`,
            personId: person.personId,
            channel: key,
            providerTemplateId,
            count: 1,
          },
        ];
      });
    await giveQuota(db, gifts, now());
  };

  /** She has switched templates off in WeChat's own settings: what was left of them is void. Or on again, which gives nothing but ends a refusal. */
  const changed = async (key: CallbackKey, person: Person, event: JsonObject): Promise<void> => {
    const list = listOf(event['SubscribeMsgChangeEvent'] ?? event['List']).flatMap((each) =>
      'List' in each ? listOf(each['List']) : [each],
    );
    const created = textOf(event['CreateTime']) ?? '';
    const ofStatus = (status: string): readonly string[] =>
      list.flatMap((each) =>
        textOf(each['SubscribeStatusString']) === status ? (textOf(each['TemplateId']) ?? []) : [],
      );
    await voidQuota(
      db,
      [...new Set(ofStatus('reject'))].map((providerTemplateId) => ({
        key: `${key}:${person.openid}:${created}:${providerTemplateId}`,
        personId: person.personId,
        channel: key,
        providerTemplateId,
        before: now(),
      })),
      now(),
    );
    const allowed = ofStatus('accept');
    if (REFUSABLE_CHANNELS.includes(key) && allowed.length > 0)
      await db
        .deleteFrom('channel_quotas')
        .where('person_id', '=', person.personId)
        .where('channel', '=', key)
        .where('remaining', '=', 0)
        .where('provider_template_id', 'in', allowed)
        .execute();
  };

  const withdraw = async (person: Person, source: string, at: Date): Promise<void> => {
    const latest = await db
      .selectFrom('consents')
      .select('status')
      .where('person_id', '=', person.personId)
      .where('channel', '=', 'wechat')
      .where('purpose', '=', 'marketing')
      .orderBy('decided_at', 'desc')
      .orderBy('status', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (latest?.status !== 'withdrawn')
      await recordConsents(db, [
        {
          personId: person.personId,
          channel: 'wechat',
          purpose: 'marketing',
          status: 'withdrawn',
          basis: 'unsubscribe',
          textVersion: '',
          source,
          proof: {},
          decidedAt: at,
          expiresAt: null,
        },
      ]);
    for (const channel of channelsOnConsent('wechat'))
      await stopMessages(db, { personIds: [person.personId], channel, code: 'unsubscribed', now: at });
  };

  const forget = async (person: Person, what: readonly string[]): Promise<void> => {
    const entries = what.flatMap((number) => REVOCABLE[number] ?? []);
    const columns = [...new Set(entries.flatMap((entry) => entry.columns))];
    const traits = [...new Set(entries.flatMap((entry) => entry.traits))];
    if (columns.length > 0 || traits.length > 0)
      await sql`UPDATE people SET ${sql.join([
        ...columns.map((column) => sql`${sql.ref(column)} = NULL`),
        sql`traits = traits - ${traits}::text[]`,
        sql`updated_at = ${now()}::timestamptz`,
      ])} WHERE person_id = ${person.personId}`.execute(db);
  };

  /**
   * She has closed her account with the mini program: what came by it goes, and she herself where nothing else is known of her. A mailbox or
   * number stays only where she agreed to be written to there, which is not WeChat's to end.
   */
  const leave = async (key: CallbackKey, person: Person): Promise<void> => {
    const { personId } = person;
    await withdraw(person, 'wechat-cancellation', now());
    const agreed = await db
      .selectFrom('consents')
      .select('channel')
      .distinct()
      .where('person_id', '=', personId)
      .where('channel', 'in', ['email', 'sms'])
      .where('status', '=', 'granted')
      .execute();
    const kept = new Set<string>(agreed.map((row) => (row.channel === 'email' ? '16' : '8')));
    await forget(
      person,
      Object.keys(REVOCABLE).filter((number) => !kept.has(number)),
    );
    await db.deleteFrom('endpoints').where('channel', '=', key).where('address_key', '=', person.addressKey).execute();
    await db.deleteFrom('channel_quotas').where('person_id', '=', personId).where('channel', '=', key).execute();
    await db.deleteFrom('quota_entries').where('person_id', '=', personId).where('channel', '=', key).execute();
    const { rows: rest } = await sql`
      SELECT 1 FROM people WHERE person_id = ${personId} AND (email IS NOT NULL OR phone IS NOT NULL)
      UNION ALL SELECT 1 FROM endpoints WHERE person_id = ${personId}`.execute(db);
    if (rest.length === 0) await setup.erase(personId);
  };

  const receipt = async (providerId: string, isDelivered: boolean, why: string, at: Date): Promise<void> => {
    const row = await db
      .selectFrom('messages')
      .select('message_id')
      .where('provider_id', '=', providerId)
      .executeTakeFirst();
    if (row !== undefined)
      await recordReceipt(db, {
        messageId: row.message_id,
        kind: isDelivered ? 'delivered' : 'bounced',
        class: isDelivered ? 'provider' : 'refused',
        detail: { why },
        at,
        dedupeKey: providerId,
      });
  };

  return {
    prove: (key, query) => {
      const answer = answerProof(query, keysOf(setup, key).keys);
      if (!answer.ok) throw refuse(answer.error);
      return answer.value;
    },
    take: async (key, query, body) => {
      const { keys, provider } = keysOf(setup, key);
      const read = readCallback(query, body, keys);
      if (!read.ok) throw refuse(read.error);
      const event = read.value;
      const name = textOf(event['Event']) ?? '';
      const at = new Date((numberOf(event['CreateTime']) ?? now().getTime() / 1000) * 1000);
      if (name === 'TEMPLATESENDJOBFINISH') {
        const status = textOf(event['Status']) ?? '';
        await receipt(textOf(event['MsgID']) ?? '', status === 'success', status, at);
        return;
      }
      if (name === 'subscribe_msg_sent_event') {
        const sent = objectOf(objectOf(event['SubscribeMsgSentEvent'])['List'] ?? event['List']);
        await receipt(
          textOf(sent['MsgID']) ?? '',
          textOf(sent['ErrorCode']) === '0',
          textOf(sent['ErrorStatus']) ?? '',
          at,
        );
        return;
      }
      const openid = textOf(event['OpenID']) ?? textOf(event['ExternalUserID']) ?? textOf(event['FromUserName']) ?? '';
      const person = await personOf(key, provider, openid);
      if (person === undefined) return;
      switch (name) {
        case 'subscribe_msg_popup_event':
          return accepted(key, person, event);
        case 'subscribe_msg_change_event':
          return changed(key, person, event);
        case 'user_authorization_revoke':
          return forget(person, (textOf(event['RevokeInfo']) ?? '').split(','));
        case 'user_authorization_cancellation':
          return leave(key, person);
        case 'unsubscribe':
          await withdraw(person, 'wechat-unfollowed', now());
          await disableEndpoints(db, key, [person.addressKey], 'unfollowed', now());
          return;
        case 'change_external_contact':
          if (['del_external_contact', 'del_follow_user'].includes(textOf(event['ChangeType']) ?? '')) {
            await withdraw(person, 'wecom-unfollowed', now());
            await disableEndpoints(db, key, [person.addressKey], 'unfollowed', now());
          }
          return;
        default:
          return; // What we do not use is heard and answered, or WeChat sends it again.
      }
    },
  };
}
