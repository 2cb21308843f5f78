// Does a channel really deliver? One marked message of our own words, to an address of one's own, through the account that is connected now; the
// answer says whether it left or only reached the preview mailbox. As any test it is no message of the ledger, and who is suppressed gets none.
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Lang } from '../../kernel/lang.ts';
import {
  addressToTest,
  assertNotSuppressed,
  personToTest,
  TEST_MARK,
  type TestSetup,
} from '../templates/test-send.service.ts';
import { endpointToTest } from './endpoints.service.ts';
import type { SendOutcome } from './channel.ts';
import { CHANNELS, type ChannelKey } from './channels.ts';

const WORDS = {
  en: {
    title: (brand: string) => `${brand}: this channel works`,
    body: 'A test from the console. Whoever reads this was reached; nothing else needs to be done.',
  },
  zh: {
    title: (brand: string) => `${brand}：渠道可用`,
    body: '这是一条来自控制台的测试。看到它即表示已送达，无需任何操作。',
  },
} as const satisfies Record<Lang, unknown>;

/** WeChat sends nothing but templates that it has filed: one of ours must say which. */
const NEEDS_TEMPLATE: readonly ChannelKey[] = ['wechat_mini', 'wechat_service'];

type ConnectionTest = { readonly channel: ChannelKey; readonly to: string; readonly lang: Lang };
export type ConnectionTested = {
  readonly outcome: SendOutcome;
  /** `sink`: it lies in the preview mailbox and reached nobody. */
  readonly via: string;
};

/** What the sink answers a test with: a provider of messages may call its own whatever it likes. */
const SUNK = /^sink:msg_/;

/** By what a test went: `sink` where it lies in the preview mailbox. Mail in preview looks sent, so its caller says so. */
export const testedVia = (outcome: SendOutcome, isPreview: boolean, provider: string): string =>
  isPreview || (outcome.kind === 'sent' && SUNK.test(outcome.providerId)) ? 'sink' : provider;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** What of a person's device the message is for. Throws `not_found` for somebody without a live one. */
async function deviceOf(setup: TestSetup, channel: ChannelKey, personId: string) {
  const endpoint = await endpointToTest(setup.db, channel, personId);
  if (endpoint === undefined)
    throw new RekindleError('not_found', {
      what: { en: `device of "${personId}" on ${channel}`, zh: `“${personId}”的${CHANNELS[channel].zh}设备` },
    });
  return endpoint;
}

const filedOnly = (who: string): RekindleError =>
  new RekindleError('invalid', {
    where: 'channel',
    what: {
      en: `${who} sends filed templates only: send a test of one of your templates`,
      zh: `${who} 只能发送已报备的模板，请用您的某个模板测试`,
    },
  });

/** Throws `invalid` for an address that is none, or a channel that needs a filed template; `conflict` for a suppressed address; `not_found` for a device or an inbox of nobody we know. */
export async function testConnection(
  setup: TestSetup & { readonly provider: () => string; readonly isPreview: () => boolean },
  { channel, to, lang }: ConnectionTest,
  now: Date,
): Promise<ConnectionTested> {
  if (NEEDS_TEMPLATE.includes(channel)) throw filedOnly(channel);
  const { business } = setup;
  const { title, body } = WORDS[lang];
  const words = { title: TEST_MARK[lang] + title(business.brand), body };
  const tester = channel === 'in_app' ? await personToTest(setup, channel, to) : undefined;
  const messageId = newId(tester === undefined ? 'msg' : 'test', now);
  const isDevice = channel === 'web_push' || channel === 'app_push';
  const device = isDevice ? await deviceOf(setup, channel, to) : undefined;
  const { address, key } =
    device === undefined
      ? addressToTest(channel, to, setup.addressSecret)
      : { address: device.address, key: device.addressKey };
  await assertNotSuppressed(setup.db, channel, key);
  const told = (outcome: SendOutcome, isSunk: boolean): ConnectionTested => ({
    outcome,
    via: testedVia(outcome, isSunk, setup.provider()),
  });
  if (channel === 'email') {
    const isSunk = setup.isPreview();
    const outcome = await setup.mail.send({
      messageId,
      from: { name: business.brand, address: business.fromAddress },
      to: { address },
      subject: words.title,
      html: `<!doctype html><html lang="${lang}"><body><h1>${escaped(words.title)}</h1><p>${escaped(words.body)}</p></body></html>`,
      text: `${words.title}\n\n${words.body}\n`,
      date: now,
      unsubscribeUrl: `${business.publicUrl}/u/sample`,
      list: {
        name: business.brand,
        id: `test.${business.fromAddress.slice(business.fromAddress.lastIndexOf('@') + 1)}`,
      },
    });
    return told(outcome, isSunk);
  }
  const base = {
    channel,
    messageId,
    programmeId: 'test',
    personId: tester ?? device?.personId ?? 'test',
    address,
    addressKey: key,
    endpoint: device === undefined ? undefined : { provider: device.provider, details: device.details },
    lang,
    unsubscribeUrl: `${business.publicUrl}/u/sample`,
    now,
    expiresAt: new Date(now.getTime() + 3_600_000),
  };
  const outcome = await (() => {
    switch (CHANNELS[channel].template) {
      case 'sms':
        return setup.sendFields({ ...base, kind: 'sms', fields: { text: words.title } });
      case 'push':
        return setup.sendFields({ ...base, kind: 'push', fields: words });
      case 'in_app':
        return setup.sendFields({
          ...base,
          kind: 'in_app',
          fields: {
            ...words,
            layout: 'card',
            closable: true,
            closeAfterSeconds: 0,
            repeats: false,
            adLabel: false,
            moment: 'open',
            frequency: { shows: 1, everyHours: 0 },
          },
        });
      case 'wechat':
        return setup.sendFields({
          ...base,
          kind: 'wechat',
          fields: { text: `${words.title}\n${words.body}`, data: {} },
        });
      case 'webhook':
        return setup.sendFields({
          ...base,
          kind: 'webhook',
          fields: { event: 'test', data: { test: 'true', text: words.title } },
        });
    }
  })();
  if (outcome.kind === 'rejected' && outcome.code === 'template_missing') throw filedOnly(setup.provider());
  return told(outcome, false);
}
