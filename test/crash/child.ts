// The process that gets killed. It holds the data folder, serves HTTP, imports and sends as the product does, and does what its parent
// tells it over IPC: one call at a time, one answer each.
import { join } from 'node:path';
import { openApp, type App } from '../../src/app.ts';
import { createKey } from '../../src/collect/keys.service.ts';
import { planImport, runImport } from '../../src/collect/imports/import.service.ts';
import { personUpdateOf } from '../../src/collect/people/person.ts';
import { savePeople } from '../../src/collect/people/people.service.ts';
import { configOf } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { RekindleError } from '../../src/kernel/errors.ts';
import { openChdb } from '../../src/stores/events/events.ts';
import { disagreements, ingestState, type IngestQuestion } from './inspect.ts';
import { sleep } from './victim.ts';
import { CRASH_RULES, pendingWork, setUpSend, startProgrammes, unsettledMessages } from './send-setup.ts';

export type ChildSettings = {
  readonly dataDir: string;
  readonly port: number;
  readonly smtpUrl?: string;
};

let app: App | undefined;
let server: RunningServer | undefined;
let ticking: Promise<void> = Promise.resolve();
let isClosing = false;
const running = (): App => {
  if (app === undefined) throw new Error('the child is not open');
  return app;
};

export const calls = {
  /** What the engine's files say before anybody repairs them. */
  peek: async (dataDir: string) => {
    const events = await openChdb(join(dataDir, 'events'));
    try {
      return await disagreements(events);
    } finally {
      await events.close();
    }
  },
  open: async ({ dataDir, port, smtpUrl }: ChildSettings) => {
    const url = `http://127.0.0.1:${port}`;
    const config = configOf({ REKINDLE_DATA_DIR: dataDir, REKINDLE_PORT: String(port), REKINDLE_PUBLIC_URL: url });
    app = await openApp(config, systemClock, {
      rules: CRASH_RULES,
      business: { brand: 'Crash Shop', postalAddress: '1 Test Road, Bath BA1 1AA', fromAddress: 'hello@crash.example' },
      ...(smtpUrl === undefined ? {} : { smtpUrl }),
    });
    server = await startServer(app, (error) => isDiskFull(error) || console.error(error));
    return { url };
  },
  writeKey: async () => (await createKey(running().records.db, 'write', 'crash', new Date())).key,
  ingestState: (question: IngestQuestion) => ingestState(running(), question),
  import: async (file: string) => {
    const { events, records, secrets } = running();
    const now = new Date();
    const deps = { events, timeZone: 'UTC', currency: 'USD' };
    const [result] = await runImport(deps, [await planImport(deps, file, { now })], {
      now,
      onPeople: (people) =>
        savePeople(
          { records, events, addressSecret: secrets.address },
          people.map((person) => personUpdateOf(person.personId, {}, now)),
        ),
      onProgress: ({ phase }) => process.send?.({ phase }),
    });
    return result!;
  },
  setUpSend: (people: number) => setUpSend(running(), people),
  startProgrammes: () => startProgrammes(running()),
  /** Ticks as a server does, until this process ends. */
  keepTicking: () => {
    ticking = (async () => {
      for (;;) {
        if (isClosing) return;
        await running().tick().catch(ifDiskFull);
        await sleep(20);
      }
    })();
    return Promise.resolve();
  },
  pending: () => pendingWork(running()),
  /** What is not in a final state, for whoever waits for it in vain. */
  unsettled: () => unsettledMessages(running()),
  close: async () => {
    isClosing = true;
    await ticking;
    await server?.close();
    await running().close();
    setTimeout(() => process.exit(0), 10);
  },
} as const;

/** Whether that is all that was wrong. */
const isDiskFull = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.every(isDiskFull)
    : error instanceof RekindleError && error.code === 'disk_full';

/** A server logs what fails in a round and goes on with the next. */
function ifDiskFull(error: unknown): void {
  if (!isDiskFull(error)) throw error;
}

export type Calls = typeof calls;

if (import.meta.main) {
  process.on('message', (message: { id: number; call: keyof Calls; argument: never }) => {
    void (async () => {
      try {
        process.send?.({ id: message.id, result: await calls[message.call](message.argument) });
      } catch (error) {
        process.send?.({
          id: message.id,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    })();
  });
  // Whoever started this is gone: so is this.
  process.on('disconnect', () => process.exit(1));
}
