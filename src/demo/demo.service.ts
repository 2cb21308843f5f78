// `rekindle demo`: a shop with two years behind it, a win-back programme of eight weeks, and the proof: the estimate beside the truth.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openApp, type App } from '../app.ts';
import { planImport, runImport } from '../collect/imports/import.service.ts';
import { createKey } from '../collect/keys.service.ts';
import { understandIncoming, type AcceptedEvent } from '../collect/ingest/incoming.ts';
import type { Config } from '../config.ts';
import { startServer, type RunningServer } from '../http/server.ts';
import { continuedClock, systemClock, virtualClock, type Clock } from '../kernel/clock.ts';
import { addDays, dayNumber, DAY_MS, type Day } from '../kernel/days.ts';
import { newSecret } from '../kernel/ids.ts';
import { p, sql } from '../kernel/sql.ts';
import { keepPreview } from '../reach/channels/email/preview-mailbox.service.ts';
import { reportProgramme, type ProgrammeReport } from '../prove/outcomes/report.service.ts';
import { holderOf } from '../stores/data-folder.ts';
import { DEMO_BUSINESS, DEMO_PROGRAMME, importConsents, setUpShop } from './shop-setup.service.ts';
import { openPostOffice, simulate, type SimulationCounts } from './simulation.service.ts';
import { openFuture, type Future } from './world/future.ts';
import type { ShopEvent } from './world/shop-event.ts';
import { truthOf, type SampleEffect, type Truth } from './world/truth.ts';
import { createWorld, type World } from './world/world.ts';

const HISTORY_START: Day = '2024-09-01';
const HISTORY_END: Day = '2026-08-31';
const WEEKS = 8;
const EVENTS_PER_SUBMIT = 10_000;
const LINES_PER_WRITE = 5_000;

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
  readonly stop: () => Promise<void>;
};

/**
 * Brings in two years: the events as a file through the importer, as a shop would; sign-ups and sign-ins (who is who) through ingest.
 * Returns the number of events.
 */
async function loadHistory(app: App, world: World, onShare: (share: number) => void): Promise<number> {
  const firstMs = dayNumber(HISTORY_START) * DAY_MS;
  const lastMs = (dayNumber(HISTORY_END) + 1) * DAY_MS;
  const path = join(app.config.dataDir, 'history.jsonl');
  const file = openSync(path, 'w');
  let lines: string[] = [];
  let identified: AcceptedEvent[] = [];
  let total = 0;
  const flush = (at: Date): void => {
    writeSync(file, lines.join(''));
    lines = [];
    onShare((0.5 * (at.getTime() - firstMs)) / (lastMs - firstMs));
  };
  try {
    for (const event of world.history()) {
      total++;
      if (event.type === 'identify') identified.push(acceptedOf(app, event));
      else lines.push(`${JSON.stringify(fileLineOf(event))}\n`);
      if (lines.length >= LINES_PER_WRITE) flush(event.timestamp);
      if (identified.length >= EVENTS_PER_SUBMIT) {
        await app.ingest.submit({ events: identified, dropped: new Map() });
        identified = [];
      }
    }
    flush(new Date(lastMs));
  } finally {
    closeSync(file);
  }
  await app.ingest.submit({ events: identified, dropped: new Map() });
  const deps = { events: app.events, timeZone: app.business.timeZone, currency: app.business.currency };
  const now = app.clock.now();
  const plan = await planImport(deps, path, { now, map: FILE_MAPPING });
  await runImport(deps, [plan], { now, onProgress: ({ share }) => onShare(0.5 + share / 2) });
  rmSync(path);
  return total;
}

/** A line of the shop's event file. */
function fileLineOf(event: ShopEvent): object {
  const { messageId, userId = '', anonymousId = '', timestamp, properties } = event;
  return { messageId, userId, anonymousId, event: event.type === 'page' ? 'page' : event.event, timestamp, properties };
}

const FILE_MAPPING = [
  'person=userId',
  'anonymous=anonymousId',
  'time=timestamp',
  'event=event',
  'messageId=messageId',
  'amount=properties.revenue',
  'order=properties.order_id',
  'properties=properties',
].join(',');

function acceptedOf(app: App, event: ShopEvent): AcceptedEvent {
  const outcome = understandIncoming({
    call: undefined,
    body: { ...event, timestamp: event.timestamp.toISOString() },
    now: app.clock.now(),
    sentAt: undefined,
    timeZone: app.business.timeZone,
    currency: app.business.currency,
    bytes: 0,
    fallbackId: () => event.messageId,
  });
  if (!outcome.ok) throw new Error(`the demo's own event ${event.messageId} was dropped: ${outcome.reason}`);
  return outcome.event;
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
  const world = createWorld({
    seed: options.seed,
    people: options.people,
    historyStart: HISTORY_START,
    historyEnd: HISTORY_END,
    horizonWeeks: WEEKS,
  });
  const future = openFuture(world);
  const office = await openPostOffice(future.smtpReply);
  const simulated = virtualClock(new Date(`${addDays(HISTORY_END, 1)}T00:00:00Z`));
  let clock: Clock = simulated;
  const port = await freePort(config.port, config.host);
  const demoConfig: Config = {
    ...config,
    port,
    dataDir,
    databaseUrl: undefined,
    clickhouseUrl: undefined,
    reportsPort: 0,
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
      business: { ...DEMO_BUSINESS, publicUrl: `http://${config.host}:${port}` },
    },
  );
  const localSecret = newSecret();
  const server = await startServer(app, options.log, port, { localSecret });
  const stop = async (): Promise<void> => {
    await server.close();
    await app.close();
    await office.sink.close();
  };
  try {
    options.onProgress('history', 0);
    const historyEvents = await loadHistory(app, world, (share) => options.onProgress('history', share));
    options.onProgress('setup', 0);
    await importConsents(app, world.people);
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
      SELECT stage, count() AS people FROM person_states WHERE policy_id = ${p.text('shop')} GROUP BY stage`);
    clock = continuedClock(simulated.now(), systemClock);
    app.folder.announce({ url: server.url, secret: localSecret });
    const result = { people: world.people.length, historyEvents, stages, asOf: HISTORY_END, counts, report, truth };
    return { app, server, result, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
