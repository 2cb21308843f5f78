// One marked message to an address of one's own, before anybody else gets it. It bypasses nothing unlawful: who is on the suppression list
// gets no test either. A test is no message of the ledger: it counts in no cap and no result.
import { kindLabel } from './kinds.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { addressKey, normalEmail } from '../../kernel/address.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Business } from '../../kernel/business.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Channel, SendOutcome } from '../channels/channel.ts';
import { CHANNELS, type ChannelKey } from '../channels/channels.ts';
import type { MailToSend } from '../channels/email/mime.ts';
import type { Outgoing } from '../channels/outgoing.ts';
import { endpointToTest } from '../channels/endpoints.service.ts';
import { NUMBER_FAULTS, smsNumber } from '../channels/sms/phone.ts';
import type { MailContext } from './context.ts';
import { renderFields } from './fields.ts';
import { compileTemplate } from './kinds.ts';
import { renderMail } from './render.ts';
import type { Template, Variant } from './template.ts';

export type TestSetup = {
  readonly db: RecordsDb;
  readonly addressSecret: string;
  readonly business: Business;
  readonly mail: Channel<MailToSend>;
  /** Whose a person token is, for a channel that reaches people themselves. */
  readonly checkPerson: (authorization: string) => Promise<string>;
  /** Hands over fields on whatever delivers the channel. */
  readonly sendFields: (outgoing: Outgoing) => Promise<SendOutcome>;
};

export const TEST_MARK = { en: '[Test] ', zh: '[测试] ' } as const satisfies Record<Lang, string>;

/** The address as it is looked up everywhere. Throws `invalid` for what is none. */
export function addressToTest(
  channel: ChannelKey,
  to: string,
  secret: string,
): { readonly address: string; readonly key: string } {
  const kind = CHANNELS[channel].address;
  if (kind === 'email') {
    const email = normalEmail(to);
    if (email === undefined)
      throw new RekindleError('invalid', {
        where: 'body.to',
        what: { en: 'not an e-mail address', zh: '不是邮箱地址' },
      });
    return { address: email, key: addressKey(secret, email) };
  }
  if (kind === 'phone') {
    const number = smsNumber(to);
    if (!number.ok) throw new RekindleError('invalid', { where: 'body.to', what: NUMBER_FAULTS[number.error] });
    return { address: number.value.e164, key: addressKey(secret, number.value.e164) };
  }
  return { address: to, key: addressKey(secret, `test ${channel} ${to}`) };
}

/** Header, claims and signature. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]{20,}$/;

async function knownPerson(db: RecordsDb, id: string): Promise<string | undefined> {
  const personId = (await linkedPeople(db, [id])).get(id) ?? id;
  const person = await db.selectFrom('people').select('person_id').where('person_id', '=', personId).executeTakeFirst();
  return person?.person_id;
}

/**
 * The tester whose own inbox is meant: by her id (any she goes by), or by a person token of hers. Throws `not_found` for nobody we know,
 * `person_token_invalid`, and `conflict` for somebody who is not to be contacted there.
 */
export async function personToTest(
  { db, checkPerson }: Pick<TestSetup, 'db' | 'checkPerson'>,
  channel: ChannelKey,
  to: string,
): Promise<string> {
  const personId =
    (await knownPerson(db, to)) ??
    (TOKEN.test(to) ? await knownPerson(db, await checkPerson(`Bearer ${to}`)) : undefined);
  if (personId === undefined)
    throw new RekindleError('not_found', { what: { en: 'person of this id or token', zh: '该 ID 或令牌对应的用户' } });
  const off = await db
    .selectFrom('suppressions')
    .select('reason')
    .where('kind', '=', 'person')
    .where('key', '=', personId)
    .where('channel', 'in', [channel, '*'])
    .executeTakeFirst();
  if (off !== undefined)
    throw new RekindleError('conflict', {
      what: {
        en: `this person is on the suppression list (${off.reason})`,
        zh: `该用户在禁止联系名单上（${off.reason}）`,
      },
    });
  return personId;
}

/** Throws `conflict` for an address that must not be written to on this channel. */
export async function assertNotSuppressed(db: RecordsDb, channel: ChannelKey, key: string): Promise<void> {
  const off = await db
    .selectFrom('suppressions')
    .select('reason')
    .where('kind', '=', 'address')
    .where('key', '=', key)
    .where('channel', 'in', [channel, '*'])
    .executeTakeFirst();
  if (off !== undefined)
    throw new RekindleError('conflict', {
      what: {
        en: `this address is on the suppression list (${off.reason})`,
        zh: `该地址在禁止联系名单上（${off.reason}）`,
      },
    });
}

/** Sends one test. Throws `invalid` for a wrong address or channel, `conflict` for a suppressed one, `not_found` for a push to nobody’s device or an inbox of nobody we know. */
export async function sendTest(
  setup: TestSetup,
  test: {
    readonly template: Template;
    readonly channel: ChannelKey;
    readonly to: string;
    readonly lang: Lang;
    readonly variant: Variant;
    readonly context: MailContext;
  },
  now: Date,
): Promise<SendOutcome> {
  const { template, channel } = test;
  if (CHANNELS[channel].template !== template.kind)
    throw new RekindleError('invalid', {
      where: 'body.channel',
      what: {
        en: `${channel} takes no template of kind ${template.kind}`,
        zh: `${CHANNELS[channel].zh}不能使用${kindLabel(template.kind).zh}模板`,
      },
    });
  // A push goes to a device and nowhere else; WeChat’s address may be written out, and what is known of it goes along.
  const device =
    CHANNELS[channel].address === 'endpoint' ? await endpointToTest(setup.db, channel, test.to) : undefined;
  if (device === undefined && template.kind === 'push')
    throw new RekindleError('not_found', {
      what: { en: `device of "${test.to}" on ${channel}`, zh: `“${test.to}”的${CHANNELS[channel].zh}设备` },
    });
  const { address, key } =
    device === undefined
      ? addressToTest(channel, test.to, setup.addressSecret)
      : { address: device.address, key: device.addressKey };
  await assertNotSuppressed(setup.db, channel, key);
  const tester = channel === 'in_app' ? await personToTest(setup, channel, test.to) : undefined;
  const messageId = newId(tester === undefined ? 'msg' : 'test', now);
  const request = { lang: test.lang, variant: test.variant, context: test.context };
  const compiled = await compileTemplate(template);
  if (compiled.kind === 'email') {
    const { business } = setup;
    const mail = renderMail(compiled, request);
    return setup.mail.send({
      messageId,
      from: { name: business.brand, address: business.fromAddress },
      to: { address },
      subject: TEST_MARK[mail.lang] + mail.subject,
      html: mail.html,
      text: mail.text,
      date: now,
      unsubscribeUrl: test.context.unsubscribeUrl,
      list: {
        name: business.brand,
        id: `test.${business.fromAddress.slice(business.fromAddress.lastIndexOf('@') + 1)}`,
      },
    });
  }
  const base = {
    channel,
    messageId,
    programmeId: 'test',
    personId: tester ?? device?.personId ?? 'test',
    address,
    addressKey: key,
    endpoint: device === undefined ? undefined : { provider: device.provider, details: device.details },
    unsubscribeUrl: test.context.unsubscribeUrl,
    now,
    expiresAt: new Date(now.getTime() + 3_600_000),
  };
  switch (compiled.kind) {
    case 'sms': {
      const { lang, fields } = renderFields(compiled, request);
      return setup.sendFields({
        ...base,
        kind: 'sms',
        lang,
        fields: { ...fields, text: TEST_MARK[lang] + fields.text },
      });
    }
    case 'push': {
      const { lang, fields } = renderFields(compiled, request);
      return setup.sendFields({
        ...base,
        kind: 'push',
        lang,
        fields: { ...fields, title: TEST_MARK[lang] + fields.title },
      });
    }
    case 'in_app': {
      const { lang, fields } = renderFields(compiled, request);
      return setup.sendFields({
        ...base,
        kind: 'in_app',
        lang,
        fields: { ...fields, title: TEST_MARK[lang] + fields.title },
      });
    }
    case 'wechat': {
      const { lang, fields } = renderFields(compiled, request);
      const text = fields.text === undefined ? {} : { text: TEST_MARK[lang] + fields.text };
      return setup.sendFields({ ...base, kind: 'wechat', lang, fields: { ...fields, ...text } });
    }
    case 'webhook': {
      const { lang, fields } = renderFields(compiled, request);
      return setup.sendFields({
        ...base,
        kind: 'webhook',
        lang,
        fields: { ...fields, data: { ...fields.data, test: 'true' } },
      });
    }
  }
}
