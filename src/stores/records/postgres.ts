// PostgreSQL 15+ by URL, pooled.
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { Client, escapeIdentifier, Pool, TypeOverrides } from 'pg';
import { RekindleError } from '../../kernel/errors.ts';
import { tellOfFullDisk, type Records } from './records.ts';
import { VALUE_PARSERS } from './value-parsers.ts';
import type { RecordsSchema } from './schema.ts';

const CONNECTIONS_MAX = 10;
const LISTEN_AGAIN_MS = 1_000;

/** A connection of its own per listener, opened again for as long as it is wanted. */
async function listenOn(
  url: string,
  channel: string,
  heard: (payload: string) => void,
  missed: () => void,
): Promise<() => Promise<void>> {
  let client: Client | undefined;
  let again: NodeJS.Timeout | undefined;
  let isWanted = true;
  const connect = async (): Promise<void> => {
    const fresh = new Client({ connectionString: url, keepAlive: true });
    let isLost = false;
    const lost = (): void => {
      if (isLost || !isWanted) return;
      isLost = true;
      missed();
      if (isWanted) again = setTimeout(() => void connect().catch(() => undefined), LISTEN_AGAIN_MS);
      fresh.end().catch(() => undefined);
    };
    fresh.on('notification', (note) => heard(note.payload ?? ''));
    fresh.on('error', lost);
    fresh.on('end', lost);
    client = fresh;
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${escapeIdentifier(channel)}`);
    } catch (error) {
      lost();
      throw error;
    }
    // Between the connection before and this one, anything may have happened.
    missed();
  };
  await connect();
  return async () => {
    isWanted = false;
    clearTimeout(again);
    await client?.end();
  };
}

export async function openPostgres(url: string): Promise<Records> {
  const types = new TypeOverrides();
  for (const [oid, parse] of Object.entries(VALUE_PARSERS)) {
    types.setTypeParser(Number(oid), 'text', (value: string) => parse(value));
  }
  const pool = new Pool({ connectionString: url, max: CONNECTIONS_MAX, types });
  // An idle connection that the server closes is not an error of ours; the next query opens another.
  pool.on('error', () => undefined);
  try {
    await pool.query('SELECT 1');
  } catch (cause) {
    await pool.end();
    throw new RekindleError(
      'store_unavailable',
      { store: 'records', what: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
  // Compiling the arbiter's statement took a second where running it took milliseconds: estimates of set-returning functions are far too high.
  const withoutJit = CompiledQuery.raw("SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'jit'");
  const db = new Kysely<RecordsSchema>({
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (connection) => {
        tellOfFullDisk(connection, 'PostgreSQL');
        await connection.executeQuery(withoutJit);
      },
    }),
  });
  return {
    kind: 'postgres',
    db,
    jobsDatabase: { executeSql: (text, values) => pool.query(text, values) },
    listen: (channel, heard, missed) => listenOn(url, channel, heard, missed),
    upkeepTrouble: () => undefined,
    onUpkeepTrouble: () => undefined,
    close: () => db.destroy(),
  };
}
