// The composition root: the only place where adapters are built and handed out. Everything else receives the few things it needs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql as recordsSql } from 'kysely';
import { sweepStaging } from './collect/imports/staging.service.ts';
import { openIngest, type Ingest } from './collect/ingest/ingest.service.ts';
import { keyCheck, type KeyCheck } from './collect/keys.service.ts';
import {
  loadAccountSecret,
  loadBusiness,
  loadSecrets,
  saveBusiness,
  type Secrets,
} from './collect/business.service.ts';
import { keepObjections } from './collect/people/objections.service.ts';
import { erasePerson, repairLinks } from './collect/people/people.service.ts';
import type { Config } from './config.ts';
import { settleGrants } from './decide/offers/grants.sql.ts';
import { refreshFacts } from './decide/facts/facts.service.ts';
import { programmeAudience } from './decide/programmes/audience.service.ts';
import { entryFactsOf } from './decide/programmes/entry-facts.sql.ts';
import { listProgrammes, type ProgrammeContext } from './decide/programmes/programmes.service.ts';
import { advanceProgramme, enterProgramme, type RunSummary } from './decide/programmes/runs.service.ts';
import { openUploads, type Uploads } from './collect/imports/uploads.service.ts';
import { watchReturns, type ReturnWatcher } from './decide/programmes/returns.service.ts';
import { openAccounts, type Accounts } from './http/access/accounts.service.ts';
import type { Business } from './kernel/business.ts';
import type { Clock } from './kernel/clock.ts';
import { addMs } from './kernel/days.ts';
import { RekindleError } from './kernel/errors.ts';
import { newId, newSecret } from './kernel/ids.ts';
import { DEFAULT_REACH_RULES, type ReachRules } from './reach/arbiter/rules.ts';
import { liveRules, type LiveRules } from './reach/arbiter/rules.service.ts';
import { dkimKey, publishedKey } from './reach/channels/email/dkim.ts';
import { emailChannel } from './reach/channels/email/email-channel.ts';
import { isLoopback, parseSmtpUrl } from './reach/channels/email/smtp-url.ts';
import { openSenderGuard, type SenderGuard } from './reach/deliverability/guard.service.ts';
import { BULK_FROM, dnsTxt, openPreflight, type Preflight } from './reach/deliverability/preflight.service.ts';
import type { TxtLookup } from './reach/deliverability/preflight.ts';
import { openMailOut, type MailOut } from './reach/channels/email/providers/mail-out.service.ts';
import { emailDelivery } from './reach/channels/email/email-delivery.service.ts';
import { startReportIntake } from './reach/channels/email/intake.service.ts';
import { inboxChannel } from './reach/channels/in-app/inbox-channel.ts';
import { apnsChannel, parseApnsKey } from './reach/channels/push/apns-channel.ts';
import { byProvider } from './reach/channels/push/by-provider.ts';
import { fcmChannel, parseServiceAccount } from './reach/channels/push/fcm-channel.ts';
import type { Told } from './reach/channels/push/payload.ts';
import { vapidKeys } from './reach/channels/push/vapid-keys.service.ts';
import { webPushChannel } from './reach/channels/push/web-push-channel.ts';
import { signToken } from './reach/tracking/token.ts';
import { previewMailbox } from './reach/channels/email/preview-mailbox.service.ts';
import { CHANNEL_KEYS, CONSENT_CHANNELS, type ChannelKey } from './reach/channels/channels.ts';
import { fieldDelivery } from './reach/channels/field-delivery.service.ts';
import { connected } from './reach/channels/connected.ts';
import { sinkChannel } from './reach/channels/sink-channel.service.ts';
import { webhookChannel } from './reach/channels/webhook/webhook-channel.ts';
import {
  miniProgramChannel,
  serviceAccountChannel,
  wecomApi,
  wecomChannel,
} from './reach/channels/wechat/wechat-channels.ts';
import { openWechatEvents, type WechatEvents } from './reach/channels/wechat/wechat-events.service.ts';
import { pollWecom, wecomAllowance } from './reach/channels/wechat/wecom-results.service.ts';
import type { ConnectionKey } from './reach/connections/connections.ts';
import { builtFrom, loadConnections, type Connections } from './reach/connections/connections.service.ts';
import { smsProvider } from './reach/channels/sms/providers.ts';
import { fetchText } from './reach/channels/http/fetch-text.ts';
import { openSms, type Sms } from './reach/channels/sms/sms.service.ts';
import type { AudienceContext } from './reach/audiences/audiences.service.ts';
import type { AudienceNetwork, NetworkKey } from './reach/audiences/network.ts';
import { googleAudiences } from './reach/audiences/networks/google.ts';
import { metaAudiences } from './reach/audiences/networks/meta.ts';
import { oceanengineAudiences } from './reach/audiences/networks/oceanengine.ts';
import { tencentAudiences } from './reach/audiences/networks/tencent-ads.ts';
import { tiktokAudiences } from './reach/audiences/networks/tiktok.ts';
import { openInboxes, type Inboxes } from './reach/inbox/inbox.service.ts';
import { personCheck, type PersonCheck } from './reach/inbox/person-check.service.ts';
import { observeReports } from './reach/inbox/report-observer.service.ts';
import {
  blueskyPosts,
  mastodonPosts,
  momentsPosts,
  webhookPosts,
  POST_NETWORKS,
  type PostNetwork,
  type PostNetworkKey,
} from './reach/posts/post-networks.ts';
import type { PostContext } from './reach/posts/posts.service.ts';
import { openJournal, recoverClaims } from './reach/messages/journal.service.ts';
import { surrenderLostClaims } from './reach/messages/ledger.sql.ts';
import { openSender, type Sender } from './reach/messages/sender.service.ts';
import { rememberWorker } from './reach/messages/worker.service.ts';
import { activeTemplate, compiledTemplates } from './reach/templates/templates.service.ts';
import { askAgain } from './reach/consent/re-permission.service.ts';
import type { PreferenceContext } from './reach/preferences/preferences.routes.ts';
import type { TestSetup } from './reach/templates/test-send.service.ts';
import type { TrackingContext } from './reach/tracking/tracking.service.ts';
import { evaluateMemberships, type MembershipContext } from './understand/segments/memberships.service.ts';
import { checkSegment, segmentPeople, type SegmentContext } from './understand/segments/questions.service.ts';
import { recoveredPeople } from './understand/dormancy/states.sql.ts';
import { questionOf, showSegment } from './understand/segments/segments.service.ts';
import { takeDataFolder, type DataFolder } from './stores/data-folder.ts';
import { openJobs, type Jobs } from './stores/jobs/jobs.ts';
import { openChdb, openClickhouse, type Events } from './stores/events/events.ts';
import { migrateStores } from './stores/migrate.ts';
import { dropScratch, rebuildRollups } from './stores/events/rollups.ts';
import { openPglite } from './stores/records/pglite.ts';
import { openPostgres } from './stores/records/postgres.ts';
import type { Records } from './stores/records/records.ts';
import { httpRecommender } from './understand/recommend/http-engine.service.ts';
import { browsedFor } from './understand/recommend/browsed.service.ts';
import { openRecommendations, type Recommendations } from './understand/recommend/recommendations.service.ts';
import { ownRecommender } from './understand/recommend/recommender.service.ts';

export type Stores = {
  readonly records: Records;
  readonly events: Events;
  readonly folder: DataFolder;
  readonly close: () => Promise<void>;
};

/** Opens both stores and brings them up to date. Refuses a folder another process holds. */
export async function openStores(config: Config, clock: Clock): Promise<Stores> {
  const folder = takeDataFolder(config.dataDir);
  try {
    const [records, events] = await Promise.all([
      config.databaseUrl === undefined ? openPglite(join(config.dataDir, 'records')) : openPostgres(config.databaseUrl),
      config.clickhouseUrl === undefined
        ? openChdb(join(config.dataDir, 'events'), config.clickhouseDatabase)
        : openClickhouse(config.clickhouseUrl, config.clickhouseDatabase),
    ]);
    await migrateStores(records, events, clock.now());
    const swept = await sweepStaging(events, clock.now());
    if (folder.wasUnclean && events.kind === 'chdb') {
      await dropScratch(events);
      // A process that died between a part and its views leaves the roll-up behind the events.
      if (!swept.rebuilt) await rebuildRollups(events);
    }
    if (folder.wasUnclean) await repairLinks({ records, events }, clock.now());
    return {
      records,
      events,
      folder,
      close: async () => {
        await events.close();
        await records.close();
        folder.release();
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}

export type App = {
  readonly config: Config;
  readonly clock: Clock;
  readonly records: Records;
  readonly events: Events;
  readonly folder: DataFolder;
  readonly business: Business;
  readonly secrets: Secrets;
  readonly checkKey: KeyCheck;
  readonly accounts: Accounts;
  /** Needed for the first account where others can reach the server, and told nowhere but in its terminal. */
  readonly setupToken: string | undefined;
  readonly ingest: Ingest;
  readonly sender: Sender;
  readonly inboxes: Inboxes;
  readonly checkPerson: PersonCheck;
  /** What browsers subscribe to web push with. */
  readonly vapidPublicKey: string;
  /** What the arbiter goes by; follows what is stored. */
  readonly rules: LiveRules;
  readonly programmes: ProgrammeContext;
  readonly returns: ReturnWatcher;
  /** Files that somebody brought by the console. */
  readonly uploads: Uploads;
  readonly tracking: TrackingContext;
  readonly preferences: PreferenceContext;
  /** What to show to whom: our engine, or the one by URL. */
  /** What segments are asked through. */
  readonly segments: SegmentContext;
  readonly recommendations: Recommendations;
  /** Where mail goes: the configured server, or the built-in preview mailbox. */
  readonly mailUrl: () => string;
  /** Where bounces and complaints may be mailed to, when REKINDLE_REPORTS_PORT is set. */
  readonly reportsUrl: string | undefined;
  readonly mailIsPreview: () => boolean;
  /** Who delivers each channel; `sink` keeps messages for the preview mailbox and delivers nowhere. */
  readonly providers: () => Readonly<Record<ChannelKey, string>>;
  readonly sms: Sms;
  readonly mail: MailOut;
  /** What the sending domain may send, and why not more. */
  readonly guard: SenderGuard;
  /** Whether the big mailboxes would take bulk mail of the domain. */
  readonly preflight: Preflight;
  /** Accounts with ad networks, WeChat, social networks and webhooks. */
  readonly connections: Connections;
  readonly wechatEvents: WechatEvents;
  readonly audiences: AudienceContext;
  readonly posts: PostContext;
  /** Asks WeCom what became of the messages that employees let go. */
  readonly pollWecom: () => Promise<number>;
  /** The keys we sign mail with, each with the record that its name must hold in DNS. */
  readonly dkim: readonly { readonly domain: string; readonly selector: string; readonly record: string }[];
  /** Hands one test over, outside the ledger. */
  readonly tests: Pick<TestSetup, 'mail' | 'sendFields'>;
  /** Saves some fields of the profile; `restartFor` names those whose change this process does not see. */
  readonly changeBusiness: (change: Partial<Business>) => Promise<BusinessChange>;
  /** Enters who is due into one running programme and moves its members on; what was planned is sent by `sender`. */
  readonly runProgramme: (programmeId: string) => Promise<ProgrammeRound>;
  /** One round of what runs by itself without sending: enter, advance, settle. Safe to call at any time, in any number. */
  readonly plan: (signal?: AbortSignal) => Promise<void>;
  /** `plan`, and what is due is sent. */
  readonly tick: (signal?: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type ProgrammeRound = {
  /** Null when no entry was due. */
  readonly entered: RunSummary | null;
  readonly advanced: { readonly planned: number; readonly moved: number };
};

export type BusinessChange = { readonly business: Business; readonly restartFor: readonly (keyof Business)[] };

/** Day boundaries, money and the control group are settled when the app is built. */
const SETTLED_AT_START = [
  'timeZone',
  'currency',
  'globalControlBuckets',
] as const satisfies readonly (keyof Business)[];

export type AppOptions = {
  /** Another DNS than the machine's, and who counts as a bulk sender. */
  readonly mailDns?: { readonly lookup: TxtLookup; readonly bulkFrom: number };
  readonly smtpUrl?: string;
  readonly business?: Partial<Business>;
  readonly rules?: ReachRules;
  /** Only for simulations that must draw the same arms again: what is random elsewhere is given. */
  readonly simulation?: { readonly salt: string; readonly secrets: Secrets };
};

function keyText(path: string, variable: string): string {
  if (!existsSync(path)) throw new RekindleError('file_missing', { path, what: `${variable} names no file` });
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

/** Builds the whole product on one configuration and clock. */
export async function openApp(config: Config, clock: Clock, options: AppOptions = {}): Promise<App> {
  const stores = await openStores(config, clock);
  const { records, events, folder } = stores;
  try {
    const change = { ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }), ...options.business };
    // One object for everybody who was handed it, so that a changed postal address is in the very next mail.
    const business = {
      ...(Object.keys(change).length > 0 ? await saveBusiness(records.db, change) : await loadBusiness(records.db)),
    };
    const secrets = await loadSecrets(records.db, options.simulation?.secrets);
    const reach = liveRules(
      records.db,
      options.rules ?? {
        ...DEFAULT_REACH_RULES,
        defaultTimeZone: business.timeZone,
        globalControlBuckets: business.globalControlBuckets,
      },
    );
    await reach.refresh();
    const { rules } = reach;
    const now = clock.now;
    const returns = watchReturns(records, events);
    const uploads = openUploads(join(config.dataDir, 'uploads'));
    const ingest = openIngest({
      records,
      events,
      addressSecret: secrets.address,
      timeZone: business.timeZone,
      now,
      observers: [returns.observe, observeReports(records.db, secrets.token)],
    });
    const facts = { timeZone: business.timeZone, globalControlBuckets: business.globalControlBuckets };
    const segments: MembershipContext = {
      records,
      events,
      timeZone: business.timeZone,
      currency: business.currency,
      channels: [...new Set<string>([...CHANNEL_KEYS, ...CONSENT_CHANNELS])],
      refreshFacts: () => refreshFacts({ records, events, addressSecret: secrets.address }, facts, now()),
      submit: (accepted) => ingest.submit({ events: accepted, dropped: new Map() }),
    };
    const { recommendEngine } = config;
    const recommendations = openRecommendations({
      events,
      own: ownRecommender({ events, timeZone: business.timeZone, now }),
      external:
        recommendEngine === undefined
          ? undefined
          : { engine: httpRecommender(recommendEngine), host: new URL(recommendEngine.url).host },
      now,
    });
    const smtpUrl = options.smtpUrl ?? config.smtpUrl;
    const tracking: TrackingContext = { db: records.db, tokenSecret: secrets.token };
    const preferences: PreferenceContext = {
      ...tracking,
      timeZone: () => business.timeZone,
      onObjection: () => keepObjections({ records, events }, now()),
    };
    const reports =
      config.reportsPort === undefined ? undefined : await startReportIntake(tracking, now, config.reportsPort);
    const preview = smtpUrl === undefined ? await previewMailbox(records.db, now) : undefined;
    const mailUrl = smtpUrl ?? preview!.url;
    if (config.dkim !== undefined && !existsSync(config.dkim.keyFile)) {
      throw new RekindleError('file_missing', {
        path: config.dkim.keyFile,
        what: 'REKINDLE_DKIM_KEY_FILE names no file',
      });
    }
    const dkimKeys =
      config.dkim === undefined
        ? []
        : [dkimKey(config.dkim.domain, config.dkim.selector, readFileSync(config.dkim.keyFile, 'utf8'))];
    const { journal, left, settled } = openJournal(join(config.dataDir, 'handovers.jsonl'));
    const worker = newId('worker', now());
    const workers = rememberWorker(join(config.dataDir, 'workers.json'), worker);
    const compose = {
      db: records.db,
      business,
      templates: compiledTemplates(records.db),
      tokenSecret: secrets.token,
      recommendationsFor: recommendations.recommendationsFor,
      browsedFor: (personIds: readonly string[]) => browsedFor({ db: records.db, events }, personIds, now()),
    };
    const sink = (key: ChannelKey): ReturnType<typeof sinkChannel> => sinkChannel(key, records.db, now);
    const vapid = await vapidKeys(records.db);
    const told: Told = {
      siteUrl: () => business.websiteUrl,
      receiptOf: (messageId) => signToken(secrets.token, { kind: 'receipt', messageId }),
    };
    const connections = await loadConnections(records.db, { ...pushAccountsOf(config), ...config.connections }, now);
    const fcm = builtFrom(connections, 'fcm', ({ serviceAccount }) =>
      fcmChannel({ account: serviceAccount, told, now }),
    );
    const apns = builtFrom(connections, 'apns', ({ privateKey, isSandbox, ...given }) =>
      apnsChannel({
        ...given,
        key: parseApnsKey(privateKey),
        url: isSandbox ? 'https://api.sandbox.push.apple.com' : 'https://api.push.apple.com',
        told,
        now,
      }),
    );
    const subject = (): string => `mailto:${business.fromAddress}`;
    const webPush = new Map([['webpush', webPushChannel({ vapid, subject, told })]]);
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
      build: (settings, hookUrl) => smsProvider(settings, { now, nonce: () => newSecret(12), hookUrl }),
      now,
    });
    const miniProgram = builtFrom(connections, 'wechat_mini', (given) => miniProgramChannel(given, { now }));
    const serviceAccount = builtFrom(connections, 'wechat_service', (given) => serviceAccountChannel(given, { now }));
    const wecom = builtFrom(connections, 'wecom', (given) => {
      const api = wecomApi(given, { now });
      return { api, channel: wecomChannel(api, wecomAllowance(records.db, now)) };
    });
    const webhook = builtFrom(connections, 'webhook', (given) =>
      webhookChannel(given, { source: () => business.publicUrl, now }),
    );
    const fieldChannels = {
      wechat_mini: connected('wechat_mini', miniProgram, sink('wechat_mini')),
      wechat_service: connected('wechat_service', serviceAccount, sink('wechat_service')),
      wecom: connected('wecom', () => wecom()?.channel, sink('wecom')),
      webhook: connected('webhook', webhook, sink('webhook')),
    };
    const networks: Readonly<Record<NetworkKey, () => AudienceNetwork | undefined>> = {
      meta: builtFrom(connections, 'meta', (given) => metaAudiences(given, now)),
      google: builtFrom(connections, 'google', (given) => googleAudiences(given, now)),
      tiktok: builtFrom(connections, 'tiktok', (given) => tiktokAudiences(given, now)),
      oceanengine: builtFrom(connections, 'oceanengine', (given) => oceanengineAudiences(given, now)),
      tencent_ads: builtFrom(connections, 'tencent_ads', (given) =>
        tencentAudiences(given, { now, nonce: () => newSecret(16) }),
      ),
    };
    const audiences: AudienceContext = {
      db: records.db,
      rules,
      network: (key) => networks[key](),
      segmentPeople: async function* (segmentId) {
        yield* segmentPeople(segments, questionOf(await showSegment(records.db, segmentId)), now());
      },
      recovered: () => recoveredPeople(events),
      now,
    };
    const postNetworks: Readonly<Record<PostNetworkKey, () => PostNetwork | undefined>> = {
      wecom_moments: builtFrom(connections, 'wecom', (given) => momentsPosts(wecomApi(given, { now }), given)),
      mastodon: builtFrom(connections, 'mastodon', (given) => mastodonPosts(given, now)),
      bluesky: builtFrom(connections, 'bluesky', (given) => blueskyPosts(given, now)),
      webhook: builtFrom(connections, 'post_webhook', (given) =>
        webhookPosts(given, { source: () => business.publicUrl, now }),
      ),
    };
    const posts: PostContext = {
      db: records.db,
      network: (key) => postNetworks[key](),
      language: (key) => {
        const { connection } = POST_NETWORKS[key];
        return connections.of(connection)?.language ?? business.defaultLanguage;
      },
      now,
    };
    const wechatEvents = openWechatEvents({
      db: records.db,
      connections,
      addressSecret: secrets.address,
      erase: async (personId) => {
        await erasePerson({ records, events, addressSecret: secrets.address }, personId, now());
      },
      now,
    });
    const providers = (): Readonly<Record<ChannelKey, string>> => ({
      email: !mail.isSet() && preview !== undefined ? 'sink' : mail.provider(),
      sms: sms.provider(),
      web_push: 'webpush',
      app_push:
        [...(fcm() === undefined ? [] : ['fcm']), ...(apns() === undefined ? [] : ['apns'])].join('+') || 'sink',
      in_app: 'inbox',
      wechat_mini: miniProgram() === undefined ? 'sink' : 'wechat',
      wechat_service: serviceAccount() === undefined ? 'sink' : 'wechat',
      wecom: wecom() === undefined ? 'sink' : 'wecom',
      webhook: webhook() === undefined ? 'sink' : 'webhook',
    });
    const inboxes = await openInboxes({ records, rules, now });
    const mail = await openMailOut({
      db: records.db,
      publicUrl: () => business.publicUrl,
      environment: config.mailProvider,
      smtp: emailChannel({ smtpUrl: mailUrl, secret: secrets.token, dkimKeys }),
      provided: { now, secret: secrets.token, dkimKeys, fetchText },
    });
    // What stays on this machine has no reputation to lose; a relay here is guarded once rules are saved.
    const isLocal = (): boolean =>
      mail.provider() === 'smtp' && isLoopback(parseSmtpUrl(mail.smtpUrl() ?? mailUrl).host);
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
      dkim: dkimKeys.map((key) => ({ domain: key.domain, selector: key.selector, publicKey: publishedKey(key) })),
      lookup: options.mailDns?.lookup ?? dnsTxt,
      isLocal,
      bulkFrom: options.mailDns?.bulkFrom ?? BULK_FROM,
    });
    const tests: App['tests'] = {
      mail: mail.channel,
      sendFields: (outgoing) => {
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
    const channels = openSender({
      records,
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
      rules,
      journal,
      worker,
      now,
    });
    // Rules changed by another process hold from the next round on.
    const sender: Sender = {
      ...channels,
      sendDue: async (...given) => {
        await reach.refresh(RULES_AGE_MS_MAX);
        return channels.sendDue(...given);
      },
    };
    const programmes: ProgrammeContext = {
      records,
      rules,
      timeZone: business.timeZone,
      currency: business.currency,
      defaultLanguage: business.defaultLanguage,
      audience: (audience, asOf, at) => programmeAudience(segments, audience, asOf, at),
      checkSegment: (segment) => checkSegment(segments, segment),
      entryFacts: (policyId, personIds) => entryFactsOf(events, policyId, personIds),
      newSalt: () => options.simulation?.salt ?? newSecret(12),
      activeTemplate: (templateId) => activeTemplate(records.db, templateId),
      addressSecret: secrets.address,
    };
    const enter = async (programmeId: string): Promise<ProgrammeRound['entered']> => {
      const entered = await enterProgramme(programmes, programmeId, now());
      // Thousands of new rows: the planner must know before they are judged and sent (an embedded store never finds out by itself).
      if (entered !== null)
        await recordsSql`ANALYZE people, consents, members, messages, decisions`.execute(records.db);
      return entered;
    };
    const advance = (programmeId: string): Promise<ProgrammeRound['advanced']> =>
      advanceProgramme(programmes, programmeId, now());
    // An embedded store has no other sender; in a shared one the claims of a dead worker that nobody restarts are given up after a lease.
    const isOnlySender = records.kind === 'pglite';
    const surrender = async (): Promise<void> => {
      if (!isOnlySender) await surrenderLostClaims(records.db, addMs(now(), -SENDING_LEASE_MS), now());
    };
    const round = async (signal: AbortSignal | undefined, sends: boolean): Promise<void> => {
      // One part's trouble must not keep the others from their work; it is told when all have had their turn.
      const troubles: unknown[] = [];
      const attempt = async (work: () => Promise<unknown>): Promise<void> => {
        try {
          await work();
        } catch (error) {
          troubles.push(error);
        }
      };
      // A sender that died elsewhere left claims behind; whatever is younger than the lease may still be on the wire.
      await attempt(surrender);
      await attempt(() => evaluateMemberships(segments, now()));
      for (const { programmeId, state } of await listProgrammes(records)) {
        if (state !== 'running' || signal?.aborted === true) continue;
        await attempt(() => enter(programmeId));
        await attempt(() => advance(programmeId));
      }
      await attempt(() => askAgain({ records, business }, now()));
      if (sends) await attempt(() => sender.sendDue(signal));
      await attempt(() => settleGrants(records.db, now()));
      if (troubles.length === 1) throw troubles[0];
      if (troubles.length > 1) throw new AggregateError(troubles, 'several parts of a round failed');
    };
    await recoverClaims(records.db, left, { isOnlySender, workers: workers.earlier, now: now() });
    settled();
    workers.settled();
    await surrender();
    await returns.sweep(now());
    await uploads.sweep(now());
    await settleGrants(records.db, now());
    return {
      config,
      clock,
      records,
      events,
      folder,
      business,
      secrets,
      checkKey: keyCheck(records.db, now),
      setupToken: isLoopback(config.host) ? undefined : newSecret(12),
      accounts: openAccounts({
        db: records.db,
        secret: await loadAccountSecret(records.db),
        publicUrl: () => business.publicUrl,
        now,
        singleSignOn: config.singleSignOn,
      }),
      ingest,
      sender,
      inboxes,
      checkPerson: personCheck(records.db, secrets.token, now),
      vapidPublicKey: vapid.publicKey,
      rules: reach,
      programmes,
      returns,
      uploads,
      tracking,
      preferences,
      segments,
      recommendations,
      reportsUrl: reports?.url,
      mailUrl: () => mail.smtpUrl() ?? mailUrl,
      mailIsPreview: () => preview !== undefined && !mail.isSet(),
      providers,
      sms,
      mail,
      guard,
      preflight,
      connections,
      wechatEvents,
      audiences,
      posts,
      pollWecom: async () => {
        const account = wecom();
        return account === undefined ? 0 : pollWecom(records.db, account.api, now());
      },
      dkim: dkimKeys.map((key) => ({
        domain: key.domain,
        selector: key.selector,
        record: `v=DKIM1; k=${key.key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'rsa'}; p=${publishedKey(key)}`,
      })),
      tests,
      changeBusiness: async (change) => {
        const saved = await saveBusiness(records.db, change);
        const restartFor = SETTLED_AT_START.filter((field) => saved[field] !== business[field]);
        const settled = Object.fromEntries(SETTLED_AT_START.map((field) => [field, business[field]]));
        Object.assign(business, saved, settled);
        return { business: saved, restartFor };
      },
      runProgramme: async (programmeId) => ({
        entered: await enter(programmeId),
        advanced: await advance(programmeId),
      }),
      plan: (signal) => round(signal, false),
      tick: (signal) => round(signal, true),
      close: async () => {
        await ingest.drained();
        await sender.close();
        await inboxes.close();
        await preview?.close();
        await reports?.close();
        await stores.close();
      },
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** Background jobs over the app's records store; `onError` hears of what no handler can. */
export const appJobs = (app: App, onError: (error: Error) => void): Jobs => openJobs(app.records, onError);

/** How long a sender may go by rules that another process has changed. */
const RULES_AGE_MS_MAX = 1_000;
const SENDING_LEASE_MS = 15 * 60_000;
