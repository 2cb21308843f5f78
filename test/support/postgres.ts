// PostgreSQL for tests: the run's own (`shared-postgres.ts`), on which every file makes its databases; outside of such a run a fresh cluster in a
// temporary folder on a free port, gone afterwards. REKINDLE_TEST_DATABASE_URL points at a server to use instead; its role must be allowed to create
// databases.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const START_MS_MAX = 30_000;
const OLDEST_MAJOR = 15;

export type PostgresServer = {
  readonly url: string;
  /** A new empty database on the server; returns its URL. */
  readonly newDatabase: () => Promise<string>;
  /** The same, migrated already where the server has such a database to copy: a copy costs a fifth of the migrations. */
  readonly newMigratedDatabase: () => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** The folder with `initdb` and `postgres`, the newest version first. */
function binaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const places = [
    ...versions.filter((version) => Number(version) >= OLDEST_MAJOR).map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return places.find((place) => ['initdb', 'postgres'].every((name) => existsSync(join(place, name))));
}

/** Why PostgreSQL cannot be tested here, to follow a suite's title, or ''. With CI=true absence is not excused: the suite runs and fails. */
export const postgresAbsent: string =
  process.env['REKINDLE_TEST_DATABASE_URL'] !== undefined || binaries() !== undefined || process.env['CI'] === 'true'
    ? ''
    : ': skipped, PostgreSQL is not installed (apt-get install postgresql, or set REKINDLE_TEST_DATABASE_URL)';

/** PostgreSQL refuses to run as root, so root hands it to an unprivileged account. */
function account(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('PostgreSQL cannot run as root, and there is neither a postgres nor a nobody account');
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

async function runSql(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function untilReady(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  for (;;) {
    try {
      return await runSql(url, 'SELECT 1');
    } catch (cause) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`PostgreSQL did not start: ${said()}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const databasesOf = (
  serverUrl: string,
  stop: (made: readonly string[]) => Promise<void>,
  template?: string,
): PostgresServer => {
  const made: string[] = [];
  const make = async (more: string): Promise<string> => {
    const name = `rekindle_test_${randomBytes(6).toString('hex')}`;
    await runSql(serverUrl, `CREATE DATABASE ${name}${more}`);
    made.push(name);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return url.href;
  };
  return {
    url: serverUrl,
    newDatabase: () => make(''),
    newMigratedDatabase: () => make(template === undefined ? '' : ` TEMPLATE ${template}`),
    stop: () => stop(made),
  };
};

/** What the run's own server answers to a file that asks for it. */
export type SharedPostgres = { readonly url: string; readonly template: string };

async function askAt(door: string): Promise<SharedPostgres> {
  const answer = await fetch(door);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text) as SharedPostgres;
}

/** The run's own server where there is one, else a cluster of one's own. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env['REKINDLE_TEST_DATABASE_URL'];
  if (given !== undefined) {
    return databasesOf(given, async (made) => {
      for (const name of made) await runSql(given, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    });
  }
  const door = process.env['REKINDLE_TEST_POSTGRES_DOOR'];
  if (door !== undefined) {
    const { url, template } = await askAt(door);
    // Its databases go with it.
    return databasesOf(url, () => Promise.resolve(), template);
  }
  return startCluster();
}

export async function startCluster(): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === undefined) {
    throw new Error(
      `PostgreSQL ${OLDEST_MAJOR}+ is needed for this suite: apt-get install postgresql, or set REKINDLE_TEST_DATABASE_URL`,
    );
  }
  const user = account();
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-postgres-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  // The process that runs all tests must go on answering them meanwhile.
  await promisify(execFile)(join(bin, 'initdb'), options, { ...user });

  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
    max_connections: '300',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const abandon = (): void => {
    child.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilReady(url, child, () => said);
  return databasesOf(url, async () => {
    process.off('exit', abandon);
    child.kill('SIGINT'); // Fast shutdown: open sessions are ended.
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
}
