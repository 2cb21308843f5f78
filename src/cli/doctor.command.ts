// `rekindle doctor`: does everything work here, and if not, what to do? One line per question.
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { fieldsText, type Business } from '../kernel/business.ts';
import { RekindleError } from '../kernel/errors.ts';
import type { Text } from '../kernel/lang.ts';
import { connect } from './client.ts';
import { examples } from './examples.ts';
import { instant } from './figures.ts';
import type { Session } from './session.ts';
import { padded, widthOf } from './table.ts';
import type { Word } from './words.ts';

type Level = 'ok' | 'warn' | 'fail';
export type Check = { readonly check: string; readonly level: Level; readonly text: string };

const FREE_GB_LEAST = 2;
const GLIBC_LEAST = 2.17;

function glibcVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  const header = typeof report === 'object' && report !== null && 'header' in report ? report.header : undefined;
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header
    ? String(header.glibcVersionRuntime)
    : undefined;
}

type Found = { readonly level: Level; readonly text: string };
const found = (level: Level, text: string): Found => ({ level, text });
const wordsOf = (error: unknown, { lang }: Session): string =>
  error instanceof RekindleError
    ? error.in(lang)
    : error instanceof Error
      ? error.message.split('\n')[0]!
      : String(error);

function checkPlatform({ say }: Session, config: Config): Found {
  const glibc = glibcVersion();
  const platform = [process.platform, process.arch, glibc === undefined ? '' : `glibc ${glibc}`]
    .filter(Boolean)
    .join(' ');
  const hasBuild =
    (process.arch === 'x64' || process.arch === 'arm64') &&
    (process.platform === 'darwin' || (process.platform === 'linux' && Number.parseFloat(glibc ?? '0') >= GLIBC_LEAST));
  return hasBuild || config.clickhouseUrl !== undefined
    ? found('ok', platform)
    : found('fail', say('platformNo', { platform }));
}

async function checkFolder({ say }: Session, { dataDir: path }: Config): Promise<Found> {
  const { holderOf } = await import('../stores/data-folder.ts');
  const there = existsSync(path) ? path : nearest(path);
  try {
    accessSync(there, constants.W_OK);
  } catch (error) {
    return found('fail', say('folderReadOnly', { path, what: error instanceof Error ? error.message : '' }));
  }
  if (!existsSync(path)) return found('ok', say('folderNew', { path }));
  const holder = holderOf(path);
  return holder === undefined
    ? found('ok', say('folderFree', { path }))
    : found('ok', say('folderHeld', { path, pid: holder.pid, url: holder.url ?? '–' }));
}

/** The closest folder above `path` that exists. */
const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)));

function checkDisk({ say }: Session, { dataDir }: Config): Found {
  const { bavail, bsize } = statfsSync(nearest(dataDir));
  const free = (bavail * bsize) / 1e9;
  return free >= FREE_GB_LEAST
    ? found('ok', `${free.toFixed(1)} GB`)
    : found(free < 0.2 ? 'fail' : 'warn', say('diskLow', { free: free.toFixed(1) }));
}

async function checkMail({ say, ...session }: Session, { smtpUrl }: Config): Promise<Found> {
  if (smtpUrl === undefined) return found('warn', say('mailNone'));
  const { smtpChannel } = await import('../reach/channels/email/smtp.ts');
  const { parseSmtpUrl } = await import('../reach/channels/email/smtp-url.ts');
  try {
    const { host, port } = parseSmtpUrl(smtpUrl);
    const channel = smtpChannel(smtpUrl);
    try {
      await channel.verify?.();
    } finally {
      await channel.close();
    }
    return found('ok', say('mailFine', { server: `${host}:${port}` }));
  } catch (error) {
    const { smtpAdvice } = await import('../reach/channels/email/smtp-advice.ts');
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    const words = wordsOf(error, { say, ...session });
    return found('fail', [words, smtpAdvice(`${words} ${cause}`)?.[session.lang]].filter(Boolean).join(' '));
  }
}

async function checkDkim({ say }: Session, { dkim }: Config): Promise<Found> {
  if (dkim === undefined) return found('warn', say('dkimNone'));
  const { dkimKey } = await import('../reach/channels/email/dkim.ts');
  try {
    dkimKey(dkim.domain, dkim.selector, readFileSync(dkim.keyFile, 'utf8'));
    return found('ok', `${dkim.selector}._domainkey.${dkim.domain}`);
  } catch (error) {
    return found('fail', say('dkimBad', { path: dkim.keyFile, what: error instanceof Error ? error.message : '' }));
  }
}

type Health = {
  readonly records: {
    readonly kind: string;
    readonly version: string;
    readonly upkeep: { readonly failures: number; readonly reason: string } | null;
  };
  readonly events: { readonly kind: string; readonly version: string };
  readonly unfinished: readonly (keyof Business)[];
};

type GuardAnswer = { readonly domain: string; readonly state: string; readonly words: readonly Text[] };
type PreflightAnswer = {
  readonly verdict: string;
  readonly findings: readonly ({ readonly level: Level } & Text)[];
};

type ChannelsAnswer = {
  readonly channels: readonly {
    readonly channel: string;
    readonly label: Text;
    readonly closed: { readonly until: string; readonly detail: string } | null;
  }[];
};

type AccountsAnswer = {
  readonly connections: readonly {
    readonly label: Text;
    readonly closed: { readonly until: string; readonly detail: string } | null;
  }[];
};

function accountsLine({ lang, say }: Session, connections: AccountsAnswer['connections']): Found {
  const lines = connections.flatMap(({ label, closed }) =>
    closed === null
      ? []
      : [say('accountClosed', { account: label[lang], until: instant(closed.until), detail: closed.detail })],
  );
  return lines.length === 0 ? found('ok', say('channelsFine')) : found('fail', lines.join(' '));
}

function recordsLine({ say }: Session, { kind, version, upkeep }: Health['records']): Found {
  if (upkeep === null) return found('ok', `${kind} ${version}`);
  return found('warn', say('recordsUnkept', { n: upkeep.failures, reason: upkeep.reason }));
}

function channelsLine({ lang, say }: Session, channels: ChannelsAnswer['channels']): Found {
  const shut = channels.flatMap(({ channel, label, closed }) => (closed === null ? [] : [{ channel, label, closed }]));
  if (shut.length === 0) return found('ok', say('channelsFine'));
  const lines = shut.map(({ label, closed }) =>
    say('channelClosed', { channel: label[lang], until: instant(closed.until), detail: closed.detail }),
  );
  // The mail server has a line of its own, and is asked there: what it refused a minute ago may be mended.
  return found(shut.every(({ channel }) => channel === 'email') ? 'warn' : 'fail', lines.join(' '));
}

const guardLine = ({ lang }: Session, { domain, state, words }: GuardAnswer): Found =>
  found(
    state === 'stopped' ? 'fail' : state === 'warning' ? 'warn' : 'ok',
    `${domain}: ${words.map((each) => each[lang]).join(' ')}`,
  );

const hoursLine = ({ lang, say }: Session, warnings: readonly Text[]): Found =>
  warnings.length === 0 ? found('ok', say('hoursFine')) : found('warn', warnings.map((each) => each[lang]).join(' '));

function preflightLine({ lang, say }: Session, { verdict, findings }: PreflightAnswer): Found {
  if (verdict === 'local') return found('ok', say('preflightLocal'));
  if (verdict === 'unknown') return found('warn', say('preflightUnknown'));
  const shown = verdict === 'ok' ? findings : findings.filter(({ level }) => level !== 'ok');
  return found(
    verdict === 'fail' ? 'fail' : verdict === 'warn' ? 'warn' : 'ok',
    shown.map((each) => each[lang]).join(' '),
  );
}

/** Opens the stores (through the running server where there is one; in a scratch folder where there is no data yet). */
async function checkStores(session: Session, config: Config): Promise<(readonly [Word, Found])[]> {
  const { say } = session;
  const isNew = !existsSync(config.dataDir);
  const scratch = isNew ? mkdtempSync(join(tmpdir(), 'rekindle-doctor-')) : undefined;
  try {
    // Mail has lines of its own: a bad signing key must not look like a bad store.
    const env = { ...session.env, REKINDLE_DKIM_DOMAIN: undefined, REKINDLE_SMTP_URL: undefined };
    const client = await connect({ ...env, ...(scratch === undefined ? {} : { REKINDLE_DATA_DIR: scratch }) });
    try {
      const health = await client.call<Health>('GET', '/health');
      const { publicUrl } = await client.call<{ publicUrl: string }>('GET', '/business');
      const { channels } = await client.call<ChannelsAnswer>('GET', '/channels');
      const { connections } = await client.call<AccountsAnswer>('GET', '/connections');
      const { warnings } = await client.call<{ warnings: readonly Text[] }>('GET', '/reach-rules');
      const guard = await client.call<GuardAnswer>('GET', '/reach/guard');
      const preflight = await client.call<PreflightAnswer>('GET', '/reach/preflight');
      const isPlain = !publicUrl.startsWith('https://');
      const missing = health.unfinished.filter((field) => field !== 'publicUrl');
      return [
        ['checkRecords', recordsLine(session, health.records)],
        ['checkEvents', found('ok', `${health.events.kind} ${health.events.version}`)],
        ['checkUrl', isPlain ? found('warn', say('urlPlain', { url: publicUrl })) : found('ok', publicUrl)],
        [
          'checkBusiness',
          missing.length === 0
            ? found('ok', say('businessFine'))
            : found('warn', say('businessMissing', { fields: fieldsText(missing)[session.lang] })),
        ],
        ['checkChannels', channelsLine(session, channels)],
        ['checkAccounts', accountsLine(session, connections)],
        ['checkHours', hoursLine(session, warnings)],
        ['checkGuard', guardLine(session, guard)],
        ['checkPreflight', preflightLine(session, preflight)],
      ];
    } finally {
      await client.close();
    }
  } catch (error) {
    return [['checkRecords', found('fail', wordsOf(error, session))]];
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
}

async function checkAll(session: Session): Promise<Check[]> {
  const { configOf } = await import('../config.ts');
  const checks: Check[] = [];
  const add = (word: Word, { level, text }: Found): void => void checks.push({ check: session.say(word), level, text });
  // One that is too old does not come as far as this.
  add('checkNode', found('ok', process.version));
  let config: Config;
  try {
    config = configOf(session.env);
  } catch (error) {
    add('checkSettings', found('fail', wordsOf(error, session)));
    return checks;
  }
  add('checkPlatform', checkPlatform(session, config));
  add('checkFolder', await checkFolder(session, config));
  add('checkDisk', checkDisk(session, config));
  for (const [word, each] of await checkStores(session, config)) add(word, each);
  add('checkMail', await checkMail(session, config));
  add('checkDkim', await checkDkim(session, config));
  return checks;
}

export function doctorCommand(session: Session): Command {
  const { say, paint } = session;
  const doctor = new Command('doctor').description(say('doctor')).action(async () => {
    const checks = await checkAll(session);
    const failed = checks.filter((each) => each.level === 'fail').length;
    const warned = checks.filter((each) => each.level === 'warn').length;
    const colour = { ok: paint.good, warn: paint.warn, fail: paint.bad } as const;
    const names = Math.max(...checks.map((each) => widthOf(each.check)));
    const levels = Math.max(...(['ok', 'warn', 'fail'] as const).map((level) => widthOf(say(level))));
    session.answer({ ok: failed === 0, checks }, () =>
      [
        ...checks.map(
          (each) =>
            `${colour[each.level](padded(say(each.level), levels))}  ${padded(each.check, names)}  ${each.text}`,
        ),
        '',
        failed > 0
          ? paint.bad(say('doctorFails', { count: failed }))
          : warned > 0
            ? say('doctorWarns', { count: warned })
            : paint.good(say('doctorFine')),
      ].join('\n'),
    );
    if (failed > 0) process.exitCode = 5;
  });
  examples(doctor, session, ['rekindle doctor', 'rekindle doctor --json']);
  return doctor;
}
