// The words people agreed to. A version is never changed: who agreed to `newsletter@2` agreed to exactly that.
import { sql } from 'kysely';
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

const textId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, inWords('a name like newsletter', '形如 newsletter 的名称'));
const words = z.string().min(1).max(5_000);

export const consentTextSchema = z.strictObject({ textId, en: words, zh: words });
export type ConsentText = z.output<typeof consentTextSchema>;
export type ConsentTextVersion = ConsentText & { readonly version: number; readonly createdAt: Date };

type Row = {
  readonly text_id: string;
  readonly version: number;
  readonly definition: unknown;
  readonly created_at: Date;
};

const versionOf = (row: Row): ConsentTextVersion => ({
  ...consentTextSchema.parse(row.definition),
  version: row.version,
  createdAt: row.created_at,
});

/** Saves new words under the next version; the same words again stay the version they are. */
export async function saveConsentText(db: RecordsDb, text: ConsentText, now: Date): Promise<ConsentTextVersion> {
  const definition = JSON.stringify({ textId: text.textId, en: text.en, zh: text.zh });
  const { rows } = await sql<Row>`
    WITH latest AS (SELECT * FROM consent_texts WHERE text_id = ${text.textId} ORDER BY version DESC LIMIT 1), added AS (
      INSERT INTO consent_texts (text_id, version, definition, created_at)
      SELECT ${text.textId}, COALESCE((SELECT version FROM latest), 0) + 1, ${definition}::jsonb, ${now}
      WHERE NOT EXISTS (SELECT 1 FROM latest WHERE definition = ${definition}::jsonb)
      ON CONFLICT DO NOTHING RETURNING *)
    SELECT text_id, version, definition, created_at FROM added
    UNION ALL SELECT text_id, version, definition, created_at FROM latest WHERE NOT EXISTS (SELECT 1 FROM added)`.execute(
    db,
  );
  const [row] = rows;
  // Somebody else saved the same version in between: the next one is ours.
  return row === undefined ? saveConsentText(db, text, now) : versionOf(row);
}

/** Every version of every text, the latest of each first. */
export async function listConsentTexts(db: RecordsDb): Promise<readonly ConsentTextVersion[]> {
  const rows = await db.selectFrom('consent_texts').selectAll().orderBy('text_id').orderBy('version', 'desc').execute();
  return rows.map(versionOf);
}

/** The words under `name@version`. Throws `not_found`. */
export async function consentTextOf(db: RecordsDb, name: string): Promise<ConsentTextVersion> {
  const [, id, version] = /^([a-z0-9-]+)@(\d{1,6})$/.exec(name) ?? [];
  const row =
    id === undefined
      ? undefined
      : await db
          .selectFrom('consent_texts')
          .selectAll()
          .where('text_id', '=', id)
          .where('version', '=', Number(version))
          .executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `consent text ${name}`, zh: `同意文本 ${name}` } });
  return versionOf(row);
}

/** Names of the form `text@version` must be ours; anything else is the business's own reference. Throws `not_found`. */
export async function assertTextVersions(db: RecordsDb, names: readonly string[]): Promise<void> {
  const ours = [...new Set(names.filter((name) => name.includes('@')))];
  if (ours.length === 0) return;
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM unnest(${ours}::text[]) AS w (name)
    WHERE NOT EXISTS (SELECT 1 FROM consent_texts t WHERE t.text_id || '@' || t.version = w.name)`.execute(db);
  const [missing] = rows;
  if (missing !== undefined)
    throw new RekindleError('not_found', {
      what: { en: `consent text ${missing.name}`, zh: `同意文本 ${missing.name}` },
    });
}
