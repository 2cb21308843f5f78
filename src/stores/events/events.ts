// The events store's port: one ClickHouse dialect through @clickhouse/client, in process (chDB) or over HTTP.
import type { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient, type ClickHouseSettings } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { RekindleError } from '../../kernel/errors.ts';
import { compile, type Sql } from '../../kernel/sql.ts';

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

const isNoSpace = (error: unknown): boolean =>
  error instanceof Error && /NOT_ENOUGH_SPACE|No space left|not enough space/i.test(error.message);

function overClient(
  kind: Events['kind'],
  client: Client,
  database: string,
  place: string,
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
  return {
    kind,
    database,
    rows: <T extends Row>(query: Sql) =>
      told(async () => {
        const { text, params } = compile(query);
        const result = await client.query({ query: text, query_params: params, format: 'JSONEachRow' });
        return await result.json<T>();
      }),
    run: (statement) =>
      told(async () => {
        const { text, params } = compile(statement);
        await client.command({ query: text, query_params: params });
      }),
    insert: (table, rows) =>
      told(async () => {
        if (rows.length === 0) return;
        await client.insert({ table, values: rows, format: 'JSONEachRow', clickhouse_settings: STRICT });
      }),
    upload: (statement, data) =>
      told(async () => {
        const { text, params } = compile(statement);
        const { stream } = await client.exec({ query: text, query_params: params, values: data });
        stream.resume();
      }),
    close,
  };
}

/** Embedded ClickHouse (chDB) in a folder; glibc Linux and macOS only. One data folder per process. */
export async function openChdb(folder: string, database = 'rekindle'): Promise<Events> {
  // `object`: the two packages declare the same Connection interface separately, so the types do not meet.
  const embedded: object = {
    connection: createChdbConnection({ path: folder }),
    clickhouse_settings: SETTINGS,
    log: QUIET,
  };
  const client = createClient(embedded);
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  await client.command({ query: `USE ${database}` });
  return overClient('chdb', client, database, folder, () => client.close());
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
  return overClient('clickhouse', client, database, new URL(url).host, () => client.close());
}
