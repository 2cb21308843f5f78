// The composition root: the only place where adapters are built and handed out. Everything else receives the few things it needs.
import { join } from 'node:path';
import { sql as recordsSql } from 'kysely';
import { openIngest, type Ingest } from './collect/ingest/ingest.service.ts';
import { keyCheck, type KeyCheck } from './collect/keys.service.ts';
import {
  loadAccountSecret,
  loadBusiness,
  loadSecrets,
  saveBusiness,
  type Secrets,
} from './collect/business.service.ts';
import { tellMoneyRules } from './collect/money.sql.ts';
import { keepObjections } from './collect/people/objections.service.ts';
import { erasePerson } from './collect/people/people.service.ts';
import { isOwnMachine, type Config } from './config.ts';
import { assertCurrencyMayChange } from './decide/offers/books.sql.ts';
import { settleGrants } from './decide/offers/grants.sql.ts';
import { writeConsentWords } from './decide/facts/consent-words.service.ts';
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
import { closeAll } from './kernel/closing.ts';
import { addMs } from './kernel/days.ts';
import { newId, newSecret } from './kernel/ids.ts';
import { DEFAULT_REACH_RULES, type ReachRules } from './reach/arbiter/rules.ts';
import { liveRules, type LiveRules } from './reach/arbiter/rules.service.ts';
import { isLoopback } from './reach/channels/email/smtp-url.ts';
import { startReportIntake } from './reach/channels/email/intake.service.ts';
import { openPatience } from './reach/channels/patience.ts';
import { CHANNEL_KEYS, CONSENT_CHANNELS } from './reach/channels/channels.ts';
import { openWechatEvents, type WechatEvents } from './reach/channels/wechat/wechat-events.service.ts';
import type { AudienceContext } from './reach/audiences/audiences.service.ts';
import { openInboxes, type Inboxes } from './reach/inbox/inbox.service.ts';
import { personCheck, type PersonCheck } from './reach/inbox/person-check.service.ts';
import { observeReports } from './reach/inbox/report-observer.service.ts';
import type { PostContext } from './reach/posts/posts.service.ts';
import { openJournal, recoverClaims } from './reach/messages/journal.service.ts';
import { surrenderLostClaims } from './reach/messages/ledger.sql.ts';
import { openSender, type Sender } from './reach/messages/sender.service.ts';
import { forgetClosed, wakeClosed } from './reach/messages/pace.sql.ts';
import { rememberWorker } from './reach/messages/worker.service.ts';
import { activeTemplate, compiledTemplates } from './reach/templates/templates.service.ts';
import { askAgain } from './reach/consent/re-permission.service.ts';
import type { PreferenceContext } from './reach/preferences/preferences.routes.ts';
import type { TrackingContext } from './reach/tracking/tracking.service.ts';
import { evaluateMemberships, type MembershipContext } from './understand/segments/memberships.service.ts';
import { checkSegment } from './understand/segments/questions.service.ts';
import type { DataFolder } from './stores/data-folder.ts';
import { openJobs, type Jobs } from './stores/jobs/jobs.ts';
import type { Events } from './stores/events/events.ts';
import type { Records, RecordsDb } from './stores/records/records.ts';
import { httpRecommender } from './understand/recommend/http-engine.service.ts';
import { browsedFor } from './understand/recommend/browsed.service.ts';
import { openRecommendations, type Recommendations } from './understand/recommend/recommendations.service.ts';
import { ownRecommender } from './understand/recommend/recommender.service.ts';
import { followSettings } from './stores/records/followed-settings.ts';
import { openStores } from './open-stores.ts';
import { openSocial } from './social-networks.ts';
import { openWaysOut, type MailDns, type WaysOut } from './ways-out.ts';

export type App = Omit<WaysOut, 'deliveries' | 'close'> & {
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
  /** What the arbiter goes by; follows what is stored. */
  readonly rules: LiveRules;
  readonly programmes: ProgrammeContext;
  readonly returns: ReturnWatcher;
  /** Files that somebody brought by the console. */
  readonly uploads: Uploads;
  readonly tracking: TrackingContext;
  readonly preferences: PreferenceContext;
  /** What segments are asked through. */
  readonly segments: MembershipContext;
  /** What to show to whom: our engine, or the one by URL. */
  readonly recommendations: Recommendations;
  /** Where bounces and complaints may be mailed to, when REKINDLE_REPORTS_PORT is set. */
  readonly reportsUrl: string | undefined;
  readonly wechatEvents: WechatEvents;
  readonly audiences: AudienceContext;
  readonly posts: PostContext;
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

/** Day boundaries and the control group are settled when the app is built. */
const SETTLED_AT_START = ['timeZone', 'globalControlBuckets'] as const satisfies readonly (keyof Business)[];

export type AppOptions = {
  /** Another DNS than the machine's, and who counts as a bulk sender. */
  readonly mailDns?: MailDns;
  readonly smtpUrl?: string;
  /** Which addresses are push services of browsers; only tests have others. */
  readonly isPushService?: (url: string) => boolean;
  readonly business?: Partial<Business>;
  readonly rules?: ReachRules;
  /** Only for simulations that must draw the same arms again: what is random elsewhere is given. */
  readonly simulation?: { readonly salt: string; readonly secrets: Secrets };
};

/** Saves some fields of the profile; another currency only as long as no money is recorded in the old one. */
async function changeProfile(db: RecordsDb, change: Partial<Business>): Promise<Business> {
  const { currency } = await loadBusiness(db);
  if (change.currency !== undefined && change.currency !== currency) await assertCurrencyMayChange(db, currency);
  return saveBusiness(db, change);
}

/** A port that was chosen is where links lead before anything listens there, too; a public address that was set stays. */
async function chosenUrl(db: RecordsDb, { chosenUrl: chosen }: Config): Promise<string | undefined> {
  if (chosen === undefined) return undefined;
  const { publicUrl } = await loadBusiness(db);
  return publicUrl !== chosen && isOwnMachine(publicUrl) ? chosen : undefined;
}

/** Builds the whole product on one configuration and clock. */
export async function openApp(config: Config, clock: Clock, options: AppOptions = {}): Promise<App> {
  const stores = await openStores(config, clock);
  const { records, events, folder } = stores;
  try {
    const publicUrl = config.publicUrl ?? (await chosenUrl(records.db, config));
    const change = { ...(publicUrl === undefined ? {} : { publicUrl }), ...options.business };
    // One object for everybody who was handed it, so that a changed postal address is in the very next mail.
    const business = {
      ...(Object.keys(change).length > 0 ? await changeProfile(records.db, change) : await loadBusiness(records.db)),
    };
    const tellMoney = (): Promise<void> => tellMoneyRules(events, business);
    await tellMoney();
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
    const returns = watchReturns(records, events, { timeZone: business.timeZone, money: () => business });
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
      get currency() {
        return business.currency;
      },
      channels: [...new Set<string>([...CHANNEL_KEYS, ...CONSENT_CHANNELS])],
      refreshFacts: () => refreshFacts({ records, events, addressSecret: secrets.address }, facts, now()),
      writeConsentWords: (table) => writeConsentWords({ records, events }, table),
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
    const tracking: TrackingContext = { db: records.db, tokenSecret: secrets.token };
    const preferences: PreferenceContext = {
      ...tracking,
      timeZone: () => business.timeZone,
      brand: () => business.brand,
      onObjection: () => keepObjections({ records, events }, now()),
    };
    const reports =
      config.reportsPort === undefined ? undefined : await startReportIntake(tracking, now, config.reportsPort);
    const { journal, left, settled } = openJournal(join(config.dataDir, 'handovers.jsonl'));
    const worker = newId('worker', now());
    const workers = rememberWorker(join(config.dataDir, 'workers.json'), worker);
    const compose = {
      db: records.db,
      business,
      templates: compiledTemplates(records.db),
      tokenSecret: secrets.token,
      patience: openPatience(),
      recommendationsFor: recommendations.recommendationsFor,
      browsedFor: (personIds: readonly string[]) => browsedFor({ db: records.db, events }, personIds, now()),
    };
    const {
      deliveries,
      close: closeWaysOut,
      ...out
    } = await openWaysOut({ config, options, stores, business, secrets, compose, now });
    const { audiences, posts } = openSocial({ stores, rules, connections: out.connections, segments, business, now });
    const wechatEvents = openWechatEvents({
      db: records.db,
      connections: out.connections,
      addressSecret: secrets.address,
      erase: async (personId) => {
        await erasePerson({ records, events, addressSecret: secrets.address }, personId, now());
      },
      now,
    });
    const inboxes = await openInboxes({ records, rules, now });
    const channels = openSender({
      records,
      deliveries,
      rules,
      journal,
      worker,
      now,
    });
    /** What is settled at start stays as it is here. */
    const adopt = (saved: Business): void => {
      Object.assign(business, saved, Object.fromEntries(SETTLED_AT_START.map((field) => [field, business[field]])));
    };
    const settings = await followSettings(records, {
      email: out.mail.refresh,
      sms: out.sms.refresh,
      connection: out.connections.refresh,
      business: async () => {
        adopt(await loadBusiness(records.db));
        await tellMoney();
      },
    });
    // Rules and settings changed by another process hold from the next round on.
    const sender: Sender = {
      ...channels,
      sendDue: async (...given) => {
        await reach.refresh(RULES_AGE_MS_MAX);
        await settings.caughtUp();
        return channels.sendDue(...given);
      },
    };
    const programmes: ProgrammeContext = {
      records,
      rules,
      timeZone: business.timeZone,
      get currency() {
        return business.currency;
      },
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
    await forgetClosed(records.db, isOnlySender ? 'all' : workers.earlier);
    await wakeClosed(records.db, now());
    settled();
    workers.settled();
    await surrender();
    await returns.sweep(now());
    await uploads.sweep(now());
    await settleGrants(records.db, now());
    return {
      ...out,
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
      rules: reach,
      programmes,
      returns,
      uploads,
      tracking,
      preferences,
      segments,
      recommendations,
      reportsUrl: reports?.url,
      wechatEvents,
      audiences,
      posts,
      changeBusiness: async (change) => {
        const saved = await changeProfile(records.db, change);
        const restartFor = SETTLED_AT_START.filter((field) => saved[field] !== business[field]);
        adopt(saved);
        await tellMoney();
        return { business: saved, restartFor };
      },
      runProgramme: async (programmeId) => ({
        entered: await enter(programmeId),
        advanced: await advance(programmeId),
      }),
      plan: (signal) => round(signal, false),
      tick: (signal) => round(signal, true),
      close: () =>
        closeAll([
          ingest.drained,
          settings.close,
          sender.close,
          inboxes.close,
          closeWaysOut,
          () => reports?.close(),
          stores.close,
        ]),
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
