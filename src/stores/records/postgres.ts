// PostgreSQL 15+ by URL, pooled.
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { RekindleError } from '../../kernel/errors.ts';
import type { Records } from './records.ts';
import type { RecordsSchema } from './schema.ts';

const INT8 = 20;
const CONNECTIONS_MAX = 10;

export async function openPostgres(url: string): Promise<Records> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
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
  const db = new Kysely<RecordsSchema>({ dialect: new PostgresDialect({ pool }) });
  return {
    kind: 'postgres',
    db,
    jobsDatabase: { executeSql: (text, values) => pool.query(text, values) },
    close: () => db.destroy(),
  };
}
