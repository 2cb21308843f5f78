// The records store's migrations, one file each, in the order in which they are applied under Kysely's migration lock: PostgreSQL 15+ text
// that PGlite runs unchanged. A migration that has been released is never edited; a new one is a new file and a new line below.
import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { FIRST_LOOP } from './migrations/0001-first-loop.ts';
import { SURVEYS } from './migrations/0002-surveys.ts';
import { OFFERS_CLOSE } from './migrations/0003-offers-close.ts';
import { CHANNELS } from './migrations/0004-channels.ts';
import { SUNSETS } from './migrations/0005-sunsets.ts';
import { SENDING_INDEXES } from './migrations/0006-sending-indexes.ts';
import { ENTRY_FACTS } from './migrations/0007-entry-facts.ts';
import { REACH } from './migrations/0008-reach.ts';
import { SEGMENTS } from './migrations/0009-segments.ts';
import { INBOX } from './migrations/0010-inbox.ts';
import { SMS } from './migrations/0011-sms.ts';
import { INBOX_KEEPING } from './migrations/0012-inbox-keeping.ts';
import { ACCOUNTS } from './migrations/0013-accounts.ts';
import { PACES } from './migrations/0014-paces.ts';
import { MAIL_HOOKS } from './migrations/0015-mail-hooks.ts';
import { SOCIAL } from './migrations/0016-social.ts';
import { SENDER_GUARD } from './migrations/0017-sender-guard.ts';
import { IMPORTS } from './migrations/0018-imports.ts';
import { ASKING } from './migrations/0019-asking.ts';
import { AUDIENCE_FATES } from './migrations/0020-audience-fates.ts';
import { MEMBERS_ORDER } from './migrations/0021-members-order.ts';
import { SETTINGS_HEARD } from './migrations/0022-settings-heard.ts';
import { PRIVACY_RUNS } from './migrations/0023-privacy-runs.ts';
import { TESTS_AND_FOUND } from './migrations/0024-tests-and-found.ts';
import { FEWER_MESSAGE_INDEXES } from './migrations/0025-fewer-message-indexes.ts';
import { WATCHES_FOLLOW } from './migrations/0026-watches-follow.ts';
import { KNOWN_ZONES } from './migrations/0027-known-zones.ts';
import { DEFERRALS } from './migrations/0028-deferrals.ts';
import { QUOTAS_BY_FILLED } from './migrations/0029-quotas-by-filled.ts';
import { AUDIENCES_GO_ON } from './migrations/0030-audiences-go-on.ts';
import { ACCOUNT_BRAKES } from './migrations/0031-account-brakes.ts';
import type { RecordsSchema } from './schema.ts';

/** Splits a script at semicolons that end a line, leaving `$$ … $$` bodies whole: PGlite prepares one statement at a time. */
export function statementsOf(script: string): string[] {
  const statements: string[] = [];
  let current = '';
  let quoted = false;
  for (const line of script.split('\n')) {
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
    current += `${line}\n`;
    if (!quoted && line.trimEnd().endsWith(';')) {
      statements.push(current.trim());
      current = '';
    }
  }
  if (current.trim() !== '') statements.push(current.trim());
  return statements;
}

const script = (text: string): Migration => ({
  up: async (db) => {
    for (const statement of statementsOf(text)) await sql.raw(statement).execute(db);
  },
});

const RECORDS_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first-loop': script(FIRST_LOOP),
  '0002-surveys': script(SURVEYS),
  '0003-offers-close': script(OFFERS_CLOSE),
  '0004-channels': script(CHANNELS),
  '0005-sunsets': script(SUNSETS),
  '0006-sending-indexes': script(SENDING_INDEXES),
  '0007-entry-facts': script(ENTRY_FACTS),
  '0008-reach': script(REACH),
  '0009-segments': script(SEGMENTS),
  '0010-inbox': script(INBOX),
  '0011-sms': script(SMS),
  '0012-inbox-keeping': script(INBOX_KEEPING),
  '0013-accounts': script(ACCOUNTS),
  '0014-paces': script(PACES),
  '0015-mail-hooks': script(MAIL_HOOKS),
  '0016-social': script(SOCIAL),
  '0017-sender-guard': script(SENDER_GUARD),
  '0018-imports': script(IMPORTS),
  '0019-asking': script(ASKING),
  '0020-audience-fates': script(AUDIENCE_FATES),
  '0021-members-order': script(MEMBERS_ORDER),
  '0022-settings-heard': script(SETTINGS_HEARD),
  '0023-privacy-runs': script(PRIVACY_RUNS),
  '0024-tests-and-found': script(TESTS_AND_FOUND),
  '0025-fewer-message-indexes': script(FEWER_MESSAGE_INDEXES),
  '0026-watches-follow': script(WATCHES_FOLLOW),
  '0027-known-zones': script(KNOWN_ZONES),
  '0028-deferrals': script(DEFERRALS),
  '0029-quotas-by-filled': script(QUOTAS_BY_FILLED),
  '0030-audiences-go-on': script(AUDIENCES_GO_ON),
  '0031-account-brakes': script(ACCOUNT_BRAKES),
};

/** Brings the schema up to date; concurrent starts wait for each other. Throws with the failing statement's cause. */
export async function migrateRecords(db: Kysely<RecordsSchema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...RECORDS_MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error('the records store could not be migrated', { cause: error });
}
