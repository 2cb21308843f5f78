// `rekindle demo`: a shop with two years behind it, a win-back programme of eight weeks, and the proof: the estimate beside the truth.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openApp, type App } from '../app.ts';
import { planImport, runImport } from '../collect/imports/import.service.ts';
import { createKey } from '../collect/keys.service.ts';
import type { Config } from '../config.ts';
import { makeLink } from '../http/access/links.service.ts';
import { startServer, type RunningServer } from '../http/server.ts';
import { continuedClock, systemClock, virtualClock, type Clock } from '../kernel/clock.ts';
import { addDays, type Day } from '../kernel/days.ts';
import { newSecret } from '../kernel/ids.ts';
import { p, sql } from '../kernel/sql.ts';
import { isLoopback } from '../reach/channels/email/smtp-url.ts';
import { keepPreview } from '../reach/channels/email/preview-mailbox.service.ts';
import { reportProgramme, type ProgrammeReport } from '../prove/outcomes/report.service.ts';
import { holderOf } from '../stores/data-folder.ts';
import { acceptedOf, FILE_MAPPING, HISTORY_WORKER } from './history.service.ts';
import type { HistoryDone, HistoryTask } from './history-worker.service.ts';
import { DEMO_BUSINESS, DEMO_PROGRAMME, importConsents, setUpShop, setUpTemplates } from './shop-setup.service.ts';
import { openPostOffice, simulate, type SimulationCounts } from './simulation.service.ts';
import { openFuture, type Future } from './world/future.ts';
import { truthOf, type SampleEffect, type Truth } from './world/truth.ts';
import { createWorld, type WorldOptions } from './world/world.ts';
import { storefrontRoutes } from './storefront/storefront.routes.ts';
import { setUpStorefront, STOREFRONT_PATH, type Storefront } from './storefront/storefront.service.ts';

const HISTORY_START: Day = '2024-09-01';
const HISTORY_END: Day = '2026-08-31';
const WEEKS = 8;
const EVENTS_PER_SUBMIT = 10_000;

export type DemoStep = 'world' | 'history' | 'setup' | 'weeks' | 'report';
export type DemoOptions = {
  readonly seed: number;
  readonly people: number;
  readonly onProgress: (step: DemoStep, share: number) => void;
  readonly log: (error: Error) => void;
};

export type DemoResult = {
  readonly people: number;
  readonly historyEvents: number;
  readonly stages: readonly { readonly stage: string; readonly people: number }[];
  readonly asOf: Day;
  readonly counts: SimulationCounts;
  readonly report: ProgrammeReport;
  readonly truth: SampleEffect;
};

export type Demo = {
  readonly app: App;
  readonly server: RunningServer;
  readonly result: DemoResult;
  /**
   * Lives through some more days and opens the shop in which one can be a customer. Once; answers its address, and the one that opens the
   * console as its owner, good once.
   */
  readonly openDoors: () => Promise<{ readonly shopUrl: string; readonly consoleUrl: string }>;
  readonly stop: () => Promise<void>;
};

/** Starts writing the history in a thread of its own. */
function startHistory(task: HistoryTask): Promise<HistoryDone> {
  const worker = new Worker(HISTORY_WORKER, { workerData: task });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/**
 * Brings in two years: the events as a file through the importer, as a shop would; sign-ups and sign-ins (who is who) through ingest.
 * Returns the number of events.
 */
async function loadHistory(
  app: App,
  path: string,
  history: Promise<HistoryDone>,
  onShare: (share: number) => void,
): Promise<number> {
  const { total, identified } = await history;
  onShare(0.5);
  const identify = async (): Promise<void> => {
    for (let at = 0; at < identified.length; at += EVENTS_PER_SUBMIT) {
      const events = identified.slice(at, at + EVENTS_PER_SUBMIT).map((event) => acceptedOf(app, event));
      await app.ingest.submit({ events, dropped: new Map() });
    }
  };
  const deps = { events: app.events, timeZone: app.business.timeZone, currency: app.business.currency };
  const now = app.clock.now();
  const bringIn = async (): Promise<void> => {
    const plan = await planImport(deps, path, { now, map: FILE_MAPPING });
    await runImport(deps, [plan], { now, onProgress: ({ share }) => onShare(0.5 + share / 2) });
  };
  await Promise.all([identify(), bringIn()]);
  rmSync(path);
  return total;
}

/** The wished port, or any free one where somebody else has it. */
function freePort(wished: number, host: string): Promise<number> {
  const tried = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const probe = createServer();
      probe.once('error', reject);
      probe.listen(port, host, () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
      });
    });
  return tried(wished).catch(() => tried(0));
}

/**
 * Runs the whole demo in a folder of its own, which is emptied first, and leaves its server running on a clock that goes on from the end of
 * the eight weeks. Throws `folder_in_use` while another demo runs there.
 */
export async function runDemo(config: Config, options: DemoOptions): Promise<Demo> {
  const dataDir = join(config.dataDir, 'demo');
  if (holderOf(dataDir) === undefined) rmSync(dataDir, { recursive: true, force: true });
  options.onProgress('world', 0);
  const worldOptions: WorldOptions = {
    seed: options.seed,
    people: options.people,
    historyStart: HISTORY_START,
    historyEnd: HISTORY_END,
    horizonWeeks: WEEKS,
  };
  mkdirSync(dataDir, { recursive: true });
  const historyPath = join(dataDir, 'history.jsonl');
  const history = startHistory({ path: historyPath, world: worldOptions });
  // Whatever fails first is told; the thread's own trouble is told when it is waited for.
  history.catch(() => undefined);
  const world = createWorld(worldOptions);
  const future = openFuture(world);
  const office = await openPostOffice(future.smtpReply);
  const simulated = virtualClock(new Date(`${addDays(HISTORY_END, 1)}T00:00:00Z`));
  let clock: Clock = simulated;
  const port = await freePort(config.port, config.host);
  const publicUrl = `http://${config.host}:${port}`;
  const demoConfig: Config = {
    ...config,
    port,
    dataDir,
    databaseUrl: undefined,
    clickhouseUrl: undefined,
    reportsPort: 0,
    fcmKeyFile: undefined,
    apns: undefined,
    dkim: undefined,
  };
  const app = await openApp(
    demoConfig,
    { now: () => clock.now() },
    {
      smtpUrl: office.sink.url,
      simulation: {
        salt: `demo-${options.seed}`,
        secrets: { address: `demo-address-${options.seed}`, token: `demo-token-${options.seed}` },
      },
      business: { ...DEMO_BUSINESS, publicUrl, websiteUrl: `${publicUrl}${STOREFRONT_PATH}` },
    },
  );
  const localSecret = newSecret();
  let storefront: Storefront | undefined;
  const site = storefrontRoutes(app, () => storefront);
  const server = await startServer(app, options.log, port, {
    localSecret,
    site,
    isMailboxOpen: isLoopback(config.host),
  });
  const stop = async (): Promise<void> => {
    await server.close();
    await app.close();
    await office.sink.close();
  };
  try {
    options.onProgress('history', 0);
    await importConsents(app, world.people);
    await setUpTemplates(app);
    const historyEvents = await loadHistory(app, historyPath, history, (share) => options.onProgress('history', share));
    options.onProgress('setup', 0);
    await setUpShop(app);
    const { key: writeKey } = await createKey(app.records.db, 'write', 'demo shop', simulated.now());
    const onDay = (day: number, of: number): void => options.onProgress('weeks', day / of);
    const life = { app, clock: simulated, future, office, serverUrl: server.url, writeKey, onDay };
    const counts = await simulate(life, WEEKS * 7);
    options.onProgress('report', 0);
    for (const mail of office.newest()) await keepPreview(app.records.db, mail, simulated.now());
    const report = await reportProgramme(
      { ...app, marginShare: app.business.marginShare },
      DEMO_PROGRAMME,
      simulated.now(),
    );
    const truth = await gradeAgainst(truthOf(world), app, future);
    const stages = await app.events.rows<{ stage: string; people: number }>(sql`
      SELECT stage, count() AS people FROM person_states FINAL WHERE policy_id = ${p.text('shop')} GROUP BY stage`);
    clock = continuedClock(simulated.now(), systemClock);
    const openDoors: Demo['openDoors'] = async () => {
      simulated.moveTo(clock.now());
      clock = simulated;
      try {
        storefront = await setUpStorefront({ ...life, onDay: () => undefined }, world);
      } finally {
        clock = continuedClock(simulated.now(), systemClock);
      }
      // Whatever is sent from now on is for whoever sits in front of it.
      office.onMail((mail) => keepPreview(app.records.db, mail, clock.now()));
      // Made last: a link from before those days has expired.
      return { shopUrl: `${server.url}${STOREFRONT_PATH}`, consoleUrl: await ownerLink(app, server.url) };
    };
    app.folder.announce({ url: server.url, secret: localSecret });
    const result = { people: world.people.length, historyEvents, stages, asOf: HISTORY_END, counts, report, truth };
    return { app, server, result, openDoors, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An owner with a password nobody knows, and a link that signs her in once. */
async function ownerLink(app: App, url: string): Promise<string> {
  const email = 'owner@fernhill.example';
  await app.accounts.createMember({
    email,
    name: 'Fern Hill',
    password: newSecret(24),
    role: 'owner',
    isFounder: true,
  });
  const { token } = await makeLink(app.records.db, { kind: 'sign_in', email, createdBy: '' }, app.clock.now());
  return `${url}/console/enter#${token}`;
}

/** The truth about exactly the people whom the engine put into treatment. */
async function gradeAgainst(truth: Truth, app: App, future: Future): Promise<SampleEffect> {
  const treated = await app.records.db
    .selectFrom('members')
    .select('person_id')
    .where('programme_id', '=', DEMO_PROGRAMME)
    .where('arm', '=', 'treated')
    .execute();
  return truth.liftOf(
    treated.map((row) => row.person_id),
    future.contactsOf,
  );
}
