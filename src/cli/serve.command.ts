// `rekindle serve`: the whole product in one process, until it is told to stop.
import { Command } from 'commander';
import type { Business } from '../kernel/business.ts';
import type { App } from '../app.ts';
import { examples } from './examples.ts';
import { wholeNumber } from './input.ts';
import type { Session } from './session.ts';
import { renderPairs } from './table.ts';

type ServeOptions = {
  readonly port?: string;
  readonly host?: string;
  readonly role?: string;
  readonly brand?: string;
  readonly address?: string;
  readonly website?: string;
  readonly from?: string;
  readonly timeZone?: string;
  readonly currency?: string;
  readonly businessLang?: string;
};

const profileOf = (options: ServeOptions): Partial<Business> =>
  Object.fromEntries(
    Object.entries({
      brand: options.brand,
      postalAddress: options.address,
      websiteUrl: options.website,
      fromAddress: options.from,
      timeZone: options.timeZone,
      currency: options.currency,
      defaultLanguage: options.businessLang,
    }).filter(([, value]) => value !== undefined),
  );

/** The first write key of an installation; undefined where there is one already. */
async function firstWriteKey(app: App, label: string): Promise<string | undefined> {
  const { createKey, listKeys } = await import('../collect/keys.service.ts');
  const keys = await listKeys(app.records.db);
  if (keys.some((key) => key.kind === 'write')) return undefined;
  return (await createKey(app.records.db, 'write', label, app.clock.now())).key;
}

const curlOf = (url: string, key: string): string =>
  `curl -u ${key}: ${url}/v1/track -H 'Content-Type: application/json' \\
  -d '{"userId":"1","event":"Order Completed","properties":{"revenue":25,"currency":"USD"}}'`;

const sdkOf = (url: string, key: string): string =>
  `new Analytics({ writeKey: '${key}', host: '${url}' }).track({ userId: '1', event: 'Signed In' })`;

function welcome(
  session: Session,
  app: App,
  url: string | undefined,
  key: string | undefined,
  setupToken: string | undefined,
): string {
  const { say, paint } = session;
  return [
    paint.bold(say('serving')),
    '',
    renderPairs([
      ...(url === undefined
        ? []
        : ([
            [say('console'), `${url}/console/`],
            [say('api'), `${url}/api/openapi.json`],
            [say('mailbox'), `${url}/mailbox`],
          ] as const)),
      [say('dataFolder'), app.config.dataDir],
    ]),
    ...(setupToken === undefined || url === undefined
      ? []
      : ['', paint.warn(say('setupToken')), '', `  ${setupToken}`]),
    ...(app.mailIsPreview() ? ['', paint.warn(say('previewNote'))] : []),
    ...(key === undefined || url === undefined
      ? []
      : ['', say('firstKey'), '', curlOf(url, key), '', say('snippet'), '', sdkOf(url, key)]),
  ].join('\n');
}

export function serveCommand(session: Session): Command {
  const { say, env } = session;
  const serve = new Command('serve')
    .description(say('serve'))
    .option('--port <number>', say('portOption'))
    .option('--host <address>', say('hostOption'))
    .option('--role <role>', say('roleOption'))
    .option('--brand <name>', say('brandOption'))
    .option('--address <text>', say('addressOption'))
    .option('--website <url>', say('websiteOption'))
    .option('--from <email>', say('fromOption'))
    .option('--time-zone <zone>', say('zoneOption'))
    .option('--currency <code>', say('currencyOption'))
    .option('--business-lang <lang>', say('businessLangOption'))
    .action(async (options: ServeOptions) => {
      if (options.port !== undefined) wholeNumber(session, '--port', options.port);
      const [{ logger, roleOf, run, stopSignal }, { configOf }] = await Promise.all([
        import('../main.ts'),
        import('../config.ts'),
      ]);
      const settings = {
        ...env,
        ...(options.port === undefined ? {} : { REKINDLE_PORT: options.port }),
        ...(options.host === undefined ? {} : { REKINDLE_HOST: options.host }),
        ...(options.role === undefined ? {} : { REKINDLE_ROLE: options.role }),
      };
      const log = await logger(env);
      const stopped = stopSignal();
      const running = await run(
        { config: configOf(settings), role: roleOf(settings), log },
        { business: profileOf(options) },
      );
      const { app, url } = running;
      const key = await firstWriteKey(app, 'first key');
      const setupToken = (await app.accounts.isEmpty()) ? app.setupToken : undefined;
      session.answer({ url, dataDir: app.config.dataDir, role: running.role, writeKey: key ?? null }, () =>
        welcome(session, app, url, key, setupToken),
      );
      await stopped;
      session.note(say('stopping'));
      await running.stop();
      session.note(say('stopped'));
    });
  examples(serve, session, [
    'rekindle serve',
    'rekindle serve --port 9000 --brand "Lumen Goods" --address "1 Main Street, 12345 Town" --from hello@shop.example',
    'REKINDLE_SMTP_URL=smtp://user:password@mail.example:587 rekindle serve',
    'REKINDLE_ROLE=worker rekindle serve',
  ]);
  return serve;
}
