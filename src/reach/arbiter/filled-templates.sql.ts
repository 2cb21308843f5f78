// Which of the provider's templates does a message fill? People subscribe to those and refuse those; several of ours may fill one, and one of ours may fill
// another in each language or variant. A template that fills none, whose messages only the preview mailbox takes, stands for itself.
import { sql, type RawBuilder } from 'kysely';
import { langOf, type Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { unprofiled } from '../consent/profiling.sql.ts';
import { languageUsed, type Variant } from '../templates/template.ts';

/** Rows of `id`: what a template of ours may fill, whoever gets it. The active version's where `version` is null. */
export const filledBy = (templateId: RawBuilder<unknown>, version: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  SELECT DISTINCT COALESCE(NULLIF(v.words ->> 'wechatTemplateId', ''), ${templateId}) AS id
  FROM (SELECT 1) AS one
  LEFT JOIN templates d ON d.template_id = ${templateId} AND (d.version = ${version} OR (${version} IS NULL AND d.active))
  LEFT JOIN LATERAL jsonb_path_query(d.definition, '$.versions.*.*') AS v (words) ON true`;

type Wording = Readonly<Partial<Record<Variant, { readonly wechatTemplateId?: string }>>>;
type Row = {
  readonly message_id: string;
  readonly person_id: string;
  readonly language: string;
  readonly template_id: string;
  /** Null where the version is gone. */
  readonly versions: Readonly<Partial<Record<Lang, Wording>>> | null;
};

/** What each of these messages fills: by its version, her language as the template has it, and whether she wants nothing made for her. */
export async function filledByMessages(
  db: RecordsDb,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (messageIds.length === 0) return new Map();
  const { rows } = await sql<Row>`
    SELECT m.message_id, m.person_id, m.language, m.template_id, t.definition -> 'versions' AS versions FROM messages m
    LEFT JOIN templates t ON t.template_id = m.template_id AND t.version = m.template_version
    WHERE m.message_id = ANY(${[...messageIds]}::text[])`.execute(db);
  const wantGeneric = await unprofiled(
    db,
    rows.map((row) => row.person_id),
  );
  return new Map(
    rows.map(({ message_id, person_id, language, template_id, versions }) => {
      const words = versions?.[languageUsed(versions, langOf(language))];
      const filled = words?.[wantGeneric.has(person_id) ? 'generic' : 'personal']?.wechatTemplateId;
      return [message_id, filled === undefined || filled === '' ? template_id : filled];
    }),
  );
}

/** What the active versions of templates of ours fill; no entry for one that there is not. */
export async function filledByTemplates(
  db: RecordsDb,
  templateIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ template_id: string; filled: string[] }>`
    SELECT own.id AS template_id, ARRAY(SELECT f.id FROM (${filledBy(sql`own.id`, sql`NULL::int`)}) AS f ORDER BY f.id) AS filled
    FROM unnest(${[...templateIds]}::text[]) AS own (id)
    WHERE EXISTS (SELECT 1 FROM templates a WHERE a.template_id = own.id AND a.active)`.execute(db);
  return new Map(rows.map((row) => [row.template_id, row.filled]));
}

export type Subscription = {
  readonly channel: string;
  /** The provider's template, or ours where it fills none. */
  readonly providerTemplateId: string;
  /** Ours that fill it now. */
  readonly templateIds: readonly string[];
  /** Messages that may still be sent; of a channel that needs no subscription, 0 says that she has refused it. */
  readonly remaining: number;
};

/** What she is subscribed to, and what she has refused. */
export async function subscriptionsOf(db: RecordsDb, personId: string): Promise<readonly Subscription[]> {
  const { rows } = await sql<Subscription>`
    SELECT q.channel, q.provider_template_id AS "providerTemplateId", q.remaining,
      ARRAY(SELECT t.template_id FROM templates t WHERE t.active AND t.definition ->> 'kind' = 'wechat'
        AND q.provider_template_id IN (${filledBy(sql`t.template_id`, sql`NULL::int`)}) ORDER BY t.template_id) AS "templateIds"
    FROM channel_quotas q WHERE q.person_id = ${personId} ORDER BY q.channel, q.provider_template_id`.execute(db);
  return rows;
}
