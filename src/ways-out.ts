// Every way out of the house: mail, SMS, push, the inbox, WeChat and webhooks, each by the account that is set for it, or into the preview
// mailbox where there is none.
import { existsSync, readFileSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import type { Secrets } from './collect/business.service.ts';
import type { Config } from './config.ts';
import type { Business } from './kernel/business.ts';
import { RekindleError } from './kernel/errors.ts';
import { newSecret } from './kernel/ids.ts';
import { dkimKey, publishedKey } from './reach/channels/email/dkim.ts';
import { emailChannel } from './reach/channels/email/email-channel.ts';
import { parseSmtpUrl, staysHere } from './reach/channels/email/smtp-url.ts';
import { openSenderGuard, type SenderGuard } from './reach/deliverability/guard.service.ts';
import { BULK_FROM, openPreflight, publicDns, type Preflight } from './reach/deliverability/preflight.service.ts';
import type { DnsLookup } from './reach/deliverability/spf.ts';
import { openMailOut, type MailOut } from './reach/channels/email/providers/mail-out.service.ts';
import { emailDelivery } from './reach/channels/email/email-delivery.service.ts';
import { inboxChannel, placeTest } from './reach/channels/in-app/inbox-channel.ts';
import { apnsChannel, parseApnsKey } from './reach/channels/push/apns-channel.ts';
import { byProvider } from './reach/channels/push/by-provider.ts';
import { parseServiceAccount } from './reach/channels/http/service-account.ts';
import { fcmChannel } from './reach/channels/push/fcm-channel.ts';
import type { Told } from './reach/channels/push/payload.ts';
import { vapidKeys } from './reach/channels/push/vapid-keys.service.ts';
import { webPushChannel } from './reach/channels/push/web-push-channel.ts';
import { signToken } from './reach/tracking/token.ts';
import { previewMailbox } from './reach/channels/email/preview-mailbox.service.ts';
import type { ChannelKey } from './reach/channels/channels.ts';
import { fieldDelivery } from './reach/channels/field-delivery.service.ts';
import { brakedChannel } from './reach/channels/braked-channel.ts';
import { connected } from './reach/channels/connected.ts';
import { sinkChannel } from './reach/channels/sink-channel.service.ts';
import { webhookChannel } from './reach/channels/webhook/webhook-channel.ts';
import {
  miniProgramChannel,
  serviceAccountChannel,
  wecomApi,
  wecomChannel,
} from './reach/channels/wechat/wechat-channels.ts';
import { pollWecom, wecomAllowance } from './reach/channels/wechat/wecom-results.service.ts';
import type { ConnectionKey } from './reach/connections/connections.ts';
import { builtFrom, loadConnections, type Connections } from './reach/connections/connections.service.ts';
import { smsProvider } from './reach/channels/sms/providers.ts';
import { fetchText } from './reach/channels/http/fetch-text.ts';
import { openSms, type Sms } from './reach/channels/sms/sms.service.ts';
import type { TestSetup } from './reach/templates/test-send.service.ts';
import type { Stores } from './open-stores.ts';
import type { ComposeSetup } from './reach/channels/composing.service.ts';
import type { Delivery } from './reach/messages/sender.service.ts';

export type MailDns = { readonly lookup: DnsLookup; readonly bulkFrom: number };

export type WaysOut = {
  /** Accounts with ad networks, push services, WeChat, social networks and webhooks. */
  readonly connections: Connections;
  readonly deliveries: readonly Delivery[];
  /** Who delivers each channel; `sink` keeps messages for the preview mailbox and delivers nowhere. */
  readonly providers: () => Readonly<Record<ChannelKey, string>>;
  readonly sms: Sms;
  readonly mail: MailOut;
  /** What the sending domain may send, and why not more. */
  readonly guard: SenderGuard;
  /** Whether the big mailboxes would take bulk mail of the domain. */
  readonly preflight: Preflight;
  /** Hands one test over, outside the ledger. */
  readonly tests: Pick<TestSetup, 'mail' | 'sendFields'>;
  /** What browsers subscribe to web push with. */
  readonly vapidPublicKey: string;
  /** Where mail goes: the configured server, or the built-in preview mailbox. */
  readonly mailUrl: () => string;
  readonly mailIsPreview: () => boolean;
  /** Whether mail stays on this machine: the preview mailbox, or a server here that catches it. */
  readonly mailIsLocal: () => boolean;
  /** Asks WeCom what became of the messages that employees let go. */
  readonly pollWecom: () => Promise<number>;
  /** The keys we sign mail with, each with the record that its name must hold in DNS. */
  readonly dkim: readonly { readonly domain: string; readonly selector: string; readonly record: string }[];
  readonly close: () => Promise<void>;
};

function keyText(path: string, variable: string): string {
  if (!existsSync(path))
    throw new RekindleError('file_missing', {
      path,
      what: { en: `${variable} names no file`, zh: `${variable} 指向的文件不存在` },
    });
  return readFileSync(path, 'utf8');
}

/** Push accounts that the environment names by files. Throws naming the variable whose file is not what it should be. */
function pushAccountsOf({ fcmKeyFile, apns }: Config): Readonly<Partial<Record<ConnectionKey, unknown>>> {
  const keyOf = (path: string): string => {
    const pem = keyText(path, 'REKINDLE_APNS_KEY_FILE');
    parseApnsKey(pem);
    return pem;
  };
  return {
    ...(fcmKeyFile === undefined
      ? {}
      : { fcm: { serviceAccount: parseServiceAccount(keyText(fcmKeyFile, 'REKINDLE_FCM_KEY_FILE')) } }),
    ...(apns === undefined
      ? {}
      : {
          apns: {
            privateKey: keyOf(apns.keyFile),
            keyId: apns.keyId,
            teamId: apns.teamId,
            topic: apns.topic,
            isSandbox: apns.isSandbox,
          },
        }),
  };
}

/** Opens them all. `compose` is what every message is made from. */
export async function openWaysOut(setup: {
  readonly config: Config;
  readonly options: {
    readonly smtpUrl?: string;
    readonly mailDns?: MailDns;
    readonly isPushService?: (url: string) => boolean;
  };
  readonly stores: Stores;
  readonly business: Business;
  readonly secrets: Secrets;
  readonly compose: ComposeSetup;
  readonly now: () => Date;
}): Promise<WaysOut> {
  const { config, options, stores, business, secrets, compose, now } = setup;
  const { records, events } = stores;
  const smtpUrl = options.smtpUrl ?? config.smtpUrl;
  const preview = smtpUrl === undefined ? await previewMailbox(records.db, now) : undefined;
  const mailUrl = smtpUrl ?? preview!.url;
  const { dkim } = config;
  const dkimKeys =
    dkim === undefined ? [] : [dkimKey(dkim.domain, dkim.selector, keyText(dkim.keyFile, 'REKINDLE_DKIM_KEY_FILE'))];
  const sink = (key: ChannelKey): ReturnType<typeof sinkChannel> => sinkChannel(key, records.db, now);
  const vapid = await vapidKeys(records.db);
  const told: Told = {
    siteUrl: () => business.websiteUrl,
    receiptOf: (messageId) => signToken(secrets.token, { kind: 'receipt', messageId }),
  };
  const connections = await loadConnections(records.db, { ...pushAccountsOf(config), ...config.connections }, now);
  const fcm = builtFrom(connections, 'fcm', ({ serviceAccount, baseUrl }) =>
    brakedChannel(fcmChannel({ account: serviceAccount, told, now, apiUrl: baseUrl }), { now }),
  );
  const apns = builtFrom(connections, 'apns', ({ privateKey, isSandbox, baseUrl, ...given }) =>
    brakedChannel(
      apnsChannel({
        ...given,
        key: parseApnsKey(privateKey),
        url: baseUrl ?? (isSandbox ? 'https://api.sandbox.push.apple.com' : 'https://api.push.apple.com'),
        told,
        now,
      }),
      { now },
    ),
  );
  const subject = (): string => `mailto:${business.fromAddress}`;
  const webPush = new Map([
    ['webpush', brakedChannel(webPushChannel({ vapid, subject, told, isAllowed: options.isPushService }), { now })],
  ]);
  const push = {
    web: byProvider('web_push', webPush, sink('web_push')),
    app: byProvider(
      'app_push',
      new Map([
        ['fcm', connected('fcm', fcm, sink('app_push'))],
        ['apns', connected('apns', apns, sink('app_push'))],
      ]),
      sink('app_push'),
    ),
  };
  const sms = await openSms({
    db: records.db,
    addressSecret: secrets.address,
    tokenSecret: secrets.token,
    publicUrl: () => business.publicUrl,
    brand: () => business.brand,
    environment: config.sms,
    unset: sink('sms'),
    build: (settings, hookUrl) => {
      const provider = smsProvider(settings, { now, nonce: () => newSecret(12), hookUrl });
      return { ...provider, channel: brakedChannel(provider.channel, { now }) };
    },
    now,
  });
  const miniProgram = builtFrom(connections, 'wechat_mini', (given) =>
    brakedChannel(miniProgramChannel(given, { now }), { now }),
  );
  const serviceAccount = builtFrom(connections, 'wechat_service', (given) =>
    brakedChannel(serviceAccountChannel(given, { now }), { now }),
  );
  const wecom = builtFrom(connections, 'wecom', (given) => {
    const api = wecomApi(given, { now });
    return { api, channel: brakedChannel(wecomChannel(api, wecomAllowance(records.db, now)), { now }) };
  });
  const webhook = builtFrom(connections, 'webhook', (given) =>
    brakedChannel(webhookChannel(given, { source: () => business.publicUrl, now }), { now }),
  );
  const fieldChannels = {
    wechat_mini: connected('wechat_mini', miniProgram, sink('wechat_mini')),
    wechat_service: connected('wechat_service', serviceAccount, sink('wechat_service')),
    wecom: connected('wecom', () => wecom()?.channel, sink('wecom')),
    webhook: connected('webhook', webhook, sink('webhook')),
  };
  const providers = (): Readonly<Record<ChannelKey, string>> => ({
    email: !mail.isSet() && preview !== undefined ? 'sink' : mail.provider(),
    sms: sms.provider(),
    web_push: 'webpush',
    app_push: [...(fcm() === undefined ? [] : ['fcm']), ...(apns() === undefined ? [] : ['apns'])].join('+') || 'sink',
    in_app: 'inbox',
    wechat_mini: miniProgram() === undefined ? 'sink' : 'wechat',
    wechat_service: serviceAccount() === undefined ? 'sink' : 'wechat',
    wecom: wecom() === undefined ? 'sink' : 'wecom',
    webhook: webhook() === undefined ? 'sink' : 'webhook',
  });
  const mail = await openMailOut({
    db: records.db,
    publicUrl: () => business.publicUrl,
    environment: config.mailProvider,
    smtp: brakedChannel(emailChannel({ smtpUrl: mailUrl, secret: secrets.token, dkimKeys }), { now, guarded: true }),
    provided: { now, secret: secrets.token, dkimKeys, fetchText },
  });
  // What stays on this machine has no reputation to lose; it is guarded once rules are saved.
  const isLocal = (): boolean => mail.provider() === 'smtp' && staysHere(parseSmtpUrl(mail.smtpUrl() ?? mailUrl));
  const senderDomain = (): string =>
    business.fromAddress.slice(business.fromAddress.lastIndexOf('@') + 1).toLowerCase();
  const guard = openSenderGuard({
    db: records.db,
    events,
    domain: senderDomain,
    isEnabled: () => !isLocal(),
  });
  const preflight = openPreflight({
    db: records.db,
    domain: senderDomain,
    // SendGrid and Postmark build the mail themselves, and sign it with theirs.
    dkim: () =>
      ['sendgrid', 'postmark'].includes(mail.provider())
        ? []
        : dkimKeys.map((key) => ({
            domain: key.domain,
            selector: key.selector,
            publicKey: publishedKey(key),
            type: key.key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'rsa',
          })),
    returnDomain: () =>
      mail.provider() !== 'smtp'
        ? undefined
        : config.bounceDomain === undefined
          ? senderDomain()
          : domainToASCII(config.bounceDomain),
    lookup: options.mailDns?.lookup ?? publicDns,
    isLocal,
    bulkFrom: options.mailDns?.bulkFrom ?? BULK_FROM,
  });
  const tests: WaysOut['tests'] = {
    mail: mail.channel,
    sendFields: (outgoing) => {
      if (outgoing.kind === 'in_app') return placeTest(records.db, outgoing);
      if (outgoing.kind === 'sms') return sms.channel.send(outgoing);
      if (outgoing.kind === 'webhook') return fieldChannels.webhook.send(outgoing);
      if (outgoing.kind === 'push') return (outgoing.channel === 'web_push' ? push.web : push.app).send(outgoing);
      if (
        outgoing.kind === 'wechat' &&
        (outgoing.channel === 'wechat_service' || outgoing.channel === 'wechat_mini' || outgoing.channel === 'wecom')
      )
        return fieldChannels[outgoing.channel].send(outgoing);
      return sink(outgoing.channel).send(outgoing);
    },
  };
  return {
    connections,
    deliveries: [
      emailDelivery({
        ...compose,
        channel: mail.channel,
        bounceDomain: config.bounceDomain,
        limits: config.domainLimits,
        guard,
      }),
      fieldDelivery({ ...compose, key: 'sms', kind: 'sms', channel: sms.channel }),
      fieldDelivery({ ...compose, key: 'web_push', kind: 'push', channel: push.web }),
      fieldDelivery({ ...compose, key: 'app_push', kind: 'push', channel: push.app }),
      fieldDelivery({ ...compose, key: 'in_app', kind: 'in_app', channel: inboxChannel(records.db) }),
      fieldDelivery({ ...compose, key: 'wechat_mini', kind: 'wechat', channel: fieldChannels.wechat_mini }),
      fieldDelivery({ ...compose, key: 'wechat_service', kind: 'wechat', channel: fieldChannels.wechat_service }),
      fieldDelivery({ ...compose, key: 'wecom', kind: 'wechat', channel: fieldChannels.wecom }),
      fieldDelivery({ ...compose, key: 'webhook', kind: 'webhook', channel: fieldChannels.webhook }),
    ],
    providers,
    sms,
    mail,
    guard,
    preflight,
    tests,
    vapidPublicKey: vapid.publicKey,
    mailUrl: () => mail.smtpUrl() ?? mailUrl,
    mailIsPreview: () => preview !== undefined && !mail.isSet(),
    mailIsLocal: isLocal,
    pollWecom: async () => {
      const account = wecom();
      return account === undefined ? 0 : pollWecom(records.db, account.api, now());
    },
    dkim: dkimKeys.map((key) => ({
      domain: key.domain,
      selector: key.selector,
      record: `v=DKIM1; k=${key.key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'rsa'}; p=${publishedKey(key)}`,
    })),
    close: async () => {
      await preview?.close();
    },
  };
}
