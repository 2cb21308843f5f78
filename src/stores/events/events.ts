// The events store's port: one ClickHouse dialect through @clickhouse/client, in process (chDB) or over HTTP.
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ClickHouseLogLevel, createClient, type ClickHouseSettings } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { RekindleError } from '../../kernel/errors.ts';
import { newSecret } from '../../kernel/ids.ts';
import { compile, p, sql, type Sql } from '../../kernel/sql.ts';

export type Row = Readonly<Record<string, unknown>>;

export type Events = {
  readonly kind: 'chdb' | 'clickhouse';
  readonly database: string;
  /** Rows of a SELECT. 64-bit integers arrive as numbers (all of ours are below 2^53). */
  readonly rows: <T extends Row>(query: Sql) => Promise<T[]>;
  /** DDL, INSERT … SELECT, mutations. Resolves when the engine has finished. */
  readonly run: (statement: Sql) => Promise<void>;
  /** One durable, atomic insert (per partition). Column names are the keys of the rows; a key the table does not have is an error. */
  readonly insert: (table: string, rows: readonly Row[]) => Promise<void>;
  /** Sends a file's bytes to `statement` (an `INSERT … FORMAT …` text without its data); only for engines over HTTP. */
  readonly upload: (statement: Sql, data: Readable) => Promise<void>;
  /** The same store, whose statements the engine stops when the signal aborts: they throw its reason. */
  readonly until: (signal: AbortSignal) => Events;
  readonly close: () => Promise<void>;
};

const SETTINGS: ClickHouseSettings = {
  date_time_input_format: 'best_effort',
  output_format_json_quote_64bit_integers: 0,
  max_partitions_per_insert_block: '0',
  // An acknowledged insert must be in the table, views included.
  async_insert: 0,
  wait_end_of_query: 1,
  // Files may hold more than we read. Stated here although it is the default: in process, a setting stays until it is set again.
  input_format_skip_unknown_fields: 1,
};
const STRICT: ClickHouseSettings = { input_format_skip_unknown_fields: 0 };

/** Every failure is thrown to the caller, who knows what it means; the client need not print it as well. */
const QUIET = { level: ClickHouseLogLevel.OFF };

type Client = ReturnType<typeof createClient>;

const ASK_AGAIN_MS = 100;

const isNoSpace = (error: unknown): boolean =>
  error instanceof Error && /NOT_ENOUGH_SPACE|No space left|not enough space/i.test(error.message);

/**
 * Asks the engine itself to stop a statement: one that runs in process is deaf to everything else, and a server goes on when its client has
 * hung up. The statement is found by a mark in its text, which both keep.
 */
const killing = (mark: string): Sql =>
  sql`KILL QUERY WHERE position(query, ${p.text(mark)}) > 0 AND query NOT LIKE 'KILL%'`;

function overClient(
  kind: Events['kind'],
  client: Client,
  database: string,
  place: string,
  /** A connection beside the one on which a statement runs. */
  beside: () => Promise<{ readonly client: Client; readonly close: () => Promise<void> }>,
  close: () => Promise<void>,
): Events {
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (isNoSpace(cause)) throw new RekindleError('disk_full', { path: place }, { cause });
      throw cause;
    }
  };
  /** Asks until it has ended: the engine may not have begun it when first asked. */
  const stop = async (mark: string, hasEnded: () => boolean): Promise<void> => {
    const other = await beside();
    try {
      const { text, params } = compile(killing(mark));
      while (!hasEnded()) {
        await other.client.command({ query: text, query_params: params });
        await delay(ASK_AGAIN_MS);
      }
    } finally {
      await other.close();
    }
  };
  /** Runs statements that carry the mark they are given, and has them stopped when the signal aborts. */
  const stoppable = async <T>(
    signal: AbortSignal | undefined,
    work: (marked: (text: string) => string) => Promise<T>,
  ): Promise<T> => {
    if (signal === undefined) return told(() => work((text) => text));
    signal.throwIfAborted();
    const mark = `stoppable ${newSecret(12)}`;
    let hasEnded = false;
    let stopping: Promise<void> | undefined;
    // A user of the server who may not stop her own statements sees them to their end.
    const onAbort = (): void => void (stopping = stop(mark, () => hasEnded).catch(() => undefined));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await told(() => work((text) => `/* ${mark} */ ${text}`));
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw cause;
    } finally {
      hasEnded = true;
      signal.removeEventListener('abort', onAbort);
      await stopping;
    }
  };
  const over = (signal: AbortSignal | undefined): Events => ({
    kind,
    database,
    rows: <T extends Row>(query: Sql) =>
      stoppable(signal, async (marked) => {
        const { text, params } = compile(query);
        const result = await client.query({ query: marked(text), query_params: params, format: 'JSONEachRow' });
        return await result.json<T>();
      }),
    run: (statement) =>
      stoppable(signal, async (marked) => {
        const { text, params } = compile(statement);
        await client.command({ query: marked(text), query_params: params });
      }),
    insert: (table, rows) =>
      told(async () => {
        if (rows.length === 0) return;
        await client.insert({ table, values: rows, format: 'JSONEachRow', clickhouse_settings: STRICT });
      }),
    upload: (statement, data) =>
      stoppable(signal, async (marked) => {
        const { text, params } = compile(statement);
        const { stream } = await client.exec({
          query: marked(text),
          query_params: params,
          values: data,
          // Half a body is an INSERT that fails: nothing is left of it.
          ...(signal === undefined ? {} : { abort_signal: signal }),
        });
        stream.resume();
      }),
    until: over,
    close,
  });
  return over(undefined);
}

/** Embedded ClickHouse (chDB) in a folder; glibc Linux and macOS only. One data folder per process. */
export async function openChdb(folder: string, database = 'rekindle'): Promise<Events> {
  const connect = async (): Promise<Client> => {
    // `object`: the two packages declare the same Connection interface separately, so the types do not meet.
    const embedded: object = {
      connection: createChdbConnection({ path: folder }),
      clickhouse_settings: SETTINGS,
      log: QUIET,
    };
    const client = createClient(embedded);
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
    await client.command({ query: `USE ${database}` });
    return client;
  };
  const client = await connect();
  return overClient(
    'chdb',
    client,
    database,
    folder,
    async () => {
      // A connection takes one statement at a time.
      const other = await connect();
      return { client: other, close: () => other.close() };
    },
    () => client.close(),
  );
}

/** A ClickHouse server by URL (`http://user:password@host:8123`). */
export async function openClickhouse(url: string, database = 'rekindle'): Promise<Events> {
  const bootstrap = createClient({ url, log: QUIET });
  try {
    await bootstrap.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  } catch (cause) {
    throw new RekindleError(
      'store_unavailable',
      { store: 'events', what: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  } finally {
    await bootstrap.close();
  }
  const client = createClient({
    url,
    database,
    // Headers sent while a long query runs keep load balancers from dropping the connection as idle.
    clickhouse_settings: {
      ...SETTINGS,
      send_progress_in_http_headers: 1,
      http_headers_progress_interval_ms: '50000',
    },
    request_timeout: 600_000,
    max_open_connections: 16,
    log: QUIET,
  });
  return overClient(
    'clickhouse',
    client,
    database,
    new URL(url).host,
    () => Promise.resolve({ client, close: () => Promise.resolve() }),
    () => client.close(),
  );
}
