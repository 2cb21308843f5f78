// Whom does a preview speak to? Her names and language, and whether she gets the generic variant.
import { RekindleError } from '../../kernel/errors.ts';
import { textOf } from '../../kernel/json.ts';
import { langOf, type Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { unprofiled } from '../consent/profiling.sql.ts';

export type ShownPerson = {
  readonly firstName: string | null;
  readonly lastName: string | undefined;
  readonly lang: Lang | undefined;
  readonly wantsGeneric: boolean;
};

/** Throws `not_found`. */
export async function personToShow(db: RecordsDb, personId: string): Promise<ShownPerson> {
  const row = await db
    .selectFrom('people')
    .select(['first_name', 'language', 'traits'])
    .where('person_id', '=', personId)
    .executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `person ${personId}`, zh: `用户 ${personId}` } });
  return {
    firstName: row.first_name,
    lastName: textOf(row.traits['lastName'] ?? row.traits['last_name']),
    lang: row.language === null ? undefined : langOf(row.language),
    wantsGeneric: (await unprofiled(db, [personId])).has(personId),
  };
}
