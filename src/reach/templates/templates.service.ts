// Templates in the records store: versioned, linted before they can be used, compiled once per version.
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { TemplateKind } from '../channels/channels.ts';
import { assertSendable, compileTemplate, kindLabel, type CompiledTemplate } from './kinds.ts';
import { LANGUAGES, parseTemplate, type Template } from './template.ts';

/**
 * Saves a template as the next version and makes it the active one. A text equal to the active version adds nothing. Throws
 * `template_invalid`; `changed_elsewhere` when another version than `replaces` (0: none) is the latest, or came in between.
 */
export async function saveTemplate(
  db: RecordsDb,
  input: unknown,
  now: Date,
  replaces?: number,
): Promise<{ readonly templateId: string; readonly version: number }> {
  const template = parseTemplate(input);
  await assertSendable(template);
  const definition = JSON.stringify(template);
  return db.transaction().execute(async (tx) => {
    const versions = await tx
      .selectFrom('templates')
      .select(['version', 'active', 'definition'])
      .where('template_id', '=', template.key)
      .orderBy('version', 'desc')
      .execute();
    const active = versions.find((row) => row.active);
    if (active !== undefined && JSON.stringify(parseTemplate(active.definition)) === definition) {
      return { templateId: template.key, version: active.version };
    }
    const latest = versions[0]?.version ?? 0;
    if (replaces !== undefined && replaces !== (active?.version ?? latest)) throw elsewhere(template.key);
    const version = latest + 1;
    await tx.updateTable('templates').set({ active: false }).where('template_id', '=', template.key).execute();
    const added = await tx
      .insertInto('templates')
      .values({ template_id: template.key, version, definition, created_at: now, active: true })
      .onConflict((conflict) => conflict.columns(['template_id', 'version']).doNothing())
      .returning('version')
      .executeTakeFirst();
    if (added === undefined) throw elsewhere(template.key);
    return { templateId: template.key, version };
  });
}

const elsewhere = (templateId: string): RekindleError =>
  new RekindleError('changed_elsewhere', { what: { en: `template ${templateId}`, zh: `模板 ${templateId}` } });

/** The version that new messages use, and its kind. Throws `not_found`. */
export async function activeTemplate(
  db: RecordsDb,
  templateId: string,
): Promise<{ readonly version: number; readonly kind: TemplateKind }> {
  const row = await db
    .selectFrom('templates')
    .select(['version', 'definition'])
    .where('template_id', '=', templateId)
    .where('active', '=', true)
    .executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `template ${templateId}`, zh: `模板 ${templateId}` } });
  return { version: row.version, kind: parseTemplate(row.definition).kind };
}

/**
 * The active version of a mail, saving the one of `ready` where nobody saved any. Throws `not_found`, and `invalid` for a template that is no
 * mail.
 */
export async function mailVersion(
  db: RecordsDb,
  ready: readonly Template[],
  templateId: string,
  now: Date,
): Promise<number> {
  const own = ready.find(({ key }) => key === templateId);
  const saved = await db
    .selectFrom('templates')
    .select('version')
    .where('template_id', '=', templateId)
    .executeTakeFirst();
  if (saved === undefined && own !== undefined) await saveTemplate(db, own, now);
  const { version, kind } = await activeTemplate(db, templateId);
  if (kind !== 'email')
    throw new RekindleError('invalid', {
      where: 'templateId',
      what: { en: `${templateId} is no mail but ${kind}`, zh: `${templateId} 不是邮件，而是${kindLabel(kind).zh}` },
    });
  return version;
}

/** Every template with its active version. */
export async function listTemplates(db: RecordsDb): Promise<
  {
    readonly templateId: string;
    readonly kind: TemplateKind;
    readonly languages: readonly Lang[];
    readonly version: number;
    readonly savedAt: Date;
  }[]
> {
  const rows = await db
    .selectFrom('templates')
    .select(['template_id', 'version', 'definition', 'created_at'])
    .where('active', '=', true)
    .orderBy('template_id')
    .execute();
  return rows.map((row) => {
    const template = parseTemplate(row.definition);
    return {
      templateId: row.template_id,
      kind: template.kind,
      languages: languagesOf(template),
      version: row.version,
      savedAt: row.created_at,
    };
  });
}

export const languagesOf = (template: Template): readonly Lang[] =>
  LANGUAGES.filter((lang) => template.versions[lang] !== undefined);

/** Every version of a template, the latest first. */
export const versionsOf = (
  db: RecordsDb,
  templateId: string,
): Promise<{ readonly version: number; readonly savedAt: Date; readonly active: boolean }[]> =>
  db
    .selectFrom('templates')
    .select(['version', 'created_at as savedAt', 'active'])
    .where('template_id', '=', templateId)
    .orderBy('version', 'desc')
    .execute();

export async function loadTemplate(db: RecordsDb, templateId: string, version: number): Promise<Template> {
  const row = await db
    .selectFrom('templates')
    .select('definition')
    .where('template_id', '=', templateId)
    .where('version', '=', version)
    .executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', {
      what: { en: `template ${templateId} version ${version}`, zh: `模板 ${templateId} 的版本 ${version}` },
    });
  return parseTemplate(row.definition);
}

export type CompiledTemplates = (templateId: string, version: number) => Promise<CompiledTemplate>;

/** Compiled templates by version; a version never changes, so neither does its compilation. */
export function compiledTemplates(db: RecordsDb): CompiledTemplates {
  const compiled = new Map<string, Promise<CompiledTemplate>>();
  return (templateId, version) => {
    const key = `${templateId}/${version}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const fresh = loadTemplate(db, templateId, version).then(compileTemplate);
    compiled.set(key, fresh);
    // A failed compilation is not kept: the next message tries (and fails) for itself.
    fresh.catch(() => compiled.delete(key));
    return fresh;
  };
}
