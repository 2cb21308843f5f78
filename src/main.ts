// Runs the product in a role: `all` (default), `api` (HTTP only) or `worker` (background work only). The environment is read here, once.
import type { Logger } from 'pino';
import { openApp, type App, type AppOptions } from './app.ts';
import { configOf, isOwnMachine, ownUrl, type Config } from './config.ts';
import { startServer } from './http/server.ts';
import { startWork } from './http/work.ts';
import { systemClock } from './kernel/clock.ts';
import { closeAll } from './kernel/closing.ts';
import { RekindleError } from './kernel/errors.ts';
import { newSecret } from './kernel/ids.ts';

const ROLES = ['all', 'api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `invalid` for a role that does not exist. */
export function roleOf(env: Environment): Role {
  const wanted = env['REKINDLE_ROLE'] ?? 'all';
  const role = ROLES.find((each) => each === wanted);
  if (role === undefined)
    throw new RekindleError('invalid', {
      where: 'REKINDLE_ROLE',
      what: { en: `expected one of ${ROLES.join(', ')}`, zh: `须为以下之一：${ROLES.join('、')}` },
    });
  return role;
}

export type Running = {
  readonly app: App;
  readonly role: Role;
  /** Undefined for a worker. */
  readonly url: string | undefined;
  /** Ends in order: no new requests, no new rounds, what runs is finished, stores are closed. */
  readonly stop: () => Promise<void>;
};

/** Opens the app and runs its role until `stop`. Announces the server in the data folder, so that commands of the CLI find it. */
export async function run(
  { config, role, log }: { readonly config: Config; readonly role: Role; readonly log: Logger },
  options: AppOptions = {},
): Promise<Running> {
  const logError = (error: Error): void => log.error({ err: error }, error.message);
  const app = await openApp(config, systemClock, options);
  app.records.onUpkeepTrouble(({ reason }) =>
    log.warn(
      { reason },
      'the records store could not look after itself; it tries again, and GET /api/health tells whether it still fails',
    ),
  );
  const closing: (() => Promise<void>)[] = [() => app.close()];
  const stop = (): Promise<void> => closeAll(closing.splice(0).reverse());
  try {
    let url: string | undefined;
    if (role !== 'worker') {
      const localSecret = newSecret();
      const server = await startServer(app, logError, config.port, { localSecret });
      closing.push(server.close);
      app.folder.announce({ url: server.url, secret: localSecret });
      url = server.url;
      // Links in previewed mails lead here, whichever port it is this time; a public address that was set stays.
      if (isOwnMachine(app.business.publicUrl) && config.publicUrl === undefined)
        await app.changeBusiness({ publicUrl: ownUrl(config.host, server.port) });
    }
    if (role !== 'api') closing.push((await startWork(app, logError)).stop);
    if (role !== 'worker' && app.setupToken !== undefined && (await app.accounts.isEmpty()))
      log.warn({ setupToken: app.setupToken }, 'the first account needs this token: others can reach this server');
    log.info(
      { role, url, dataDir: config.dataDir, mail: app.mailIsPreview() ? 'preview' : app.mail.provider() },
      'running',
    );
    return { app, role, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The first SIGTERM or SIGINT. A second one ends the process at once. */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(130));
      });
    }
  });

/** Logs go to stderr, so that stdout stays for what a program may read. */
export async function logger(env: Environment): Promise<Logger> {
  const { pino } = await import('pino');
  return pino({ level: env['REKINDLE_LOG_LEVEL'] ?? 'info' }, pino.destination(2));
}

// `node dist/main.js` is the same as `rekindle serve`, without its words: what a container runs.
if (process.argv[1] === import.meta.filename) {
  const log = await logger(process.env);
  try {
    const running = await run({ config: configOf(process.env), role: roleOf(process.env), log });
    log.info({ signal: await stopSignal() }, 'stopping');
    await running.stop();
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof RekindleError ? error.exit : 1;
  }
}
