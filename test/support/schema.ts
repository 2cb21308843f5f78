// What freshly migrated stores look like, read from the engines' own catalogues: the text of docs/schema/*.sql.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql as recordsSql } from 'kysely';
import { sql } from '../../src/kernel/sql.ts';
import type { Events } from '../../src/stores/events/events.ts';
import type { Records } from '../../src/stores/records/records.ts';

type Line = { readonly object: string; readonly line: string };

const heading = (store: string): string =>
  `-- The ${store} store after all migrations. Written by \`npm run schema\`; a test compares it with the migrations.\n`;

/** Tables, columns, constraints, indexes, triggers and functions of the `public` schema (the job queue's own schema is pg-boss's). */
export async function recordsSchema(records: Records): Promise<string> {
  const { rows } = await recordsSql<Line>`
    WITH tables AS (
      SELECT c.oid, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE 'kysely_%'
    ), lines AS (
      SELECT t.name AS object, 1 AS kind, a.attnum::text AS position,
        format('  %s %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
          CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
          CASE WHEN a.attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY' ELSE '' END,
          coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')) AS line
      FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      UNION ALL
      SELECT t.name, 2, k.conname, format('  CONSTRAINT %s %s', k.conname, pg_get_constraintdef(k.oid))
      FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype <> 'n'
      UNION ALL
      SELECT t.name, 3, i.relname, '  ' || pg_get_indexdef(x.indexrelid)
      FROM tables t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
      WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid)
      UNION ALL
      SELECT t.name, 4, g.tgname, '  ' || pg_get_triggerdef(g.oid)
      FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
      UNION ALL
      SELECT 'function ' || f.proname, 5, f.proname, pg_get_functiondef(f.oid)
      FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE n.nspname = 'public'
    )
    SELECT object, line FROM lines
    ORDER BY object COLLATE "C", kind, CASE WHEN kind = 1 THEN lpad(position, 4, '0') ELSE position END COLLATE "C"`.execute(
    records.db,
  );
  let text = heading('records');
  let object = '';
  for (const row of rows) {
    if (row.object !== object) text += `\n${row.object}\n`;
    object = row.object;
    text += `${row.line.trimEnd()}\n`;
  }
  return text;
}

/** Every table and view as the engine would make it again. */
export async function eventsSchema(events: Events): Promise<string> {
  const rows = await events.rows<{ statement: string }>(sql`
    SELECT formatQuery(create_table_query) AS statement FROM system.tables
    WHERE database = currentDatabase() AND NOT startsWith(name, '.inner') ORDER BY name`);
  const unnamed = rows.map(({ statement }) => statement.replaceAll(`${events.database}.`, ''));
  return `${heading('events')}\n${unnamed.join(';\n\n')};\n`;
}

/** Table → sorted column names, as src/stores/records types them (read as text: types are gone at run time). */
export function columnsOfTypes(): Readonly<Record<string, readonly string[]>> {
  const folder = join(import.meta.dirname, '../../src/stores/records');
  const tableFiles = readdirSync(join(folder, 'tables')).map((file) => join('tables', file));
  const text = ['schema.ts', ...tableFiles]
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
  const bodyOf = (type: string): string => new RegExp(`type ${type} = \\{([\\s\\S]*?)\\};`).exec(text)?.[1] ?? '';
  const keysOf = (body: string): string[] => [...body.matchAll(/(?:^|;)\s*(\w+):/g)].map((match) => match[1] ?? '');
  const tables = [...bodyOf('RecordsSchema').matchAll(/(\w+): (\w+);/g)];
  return Object.fromEntries(tables.map(([, table, type]) => [table ?? '', keysOf(bodyOf(type ?? '')).toSorted()]));
}
