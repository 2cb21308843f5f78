// Which people does somebody mean by an id, an address or a name?
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';

export type FoundPerson = {
  readonly personId: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly firstName: string | null;
  readonly country: string | null;
  readonly updatedAt: Date;
};

/** Exact id, e-mail address or phone number first, then ids, addresses and names that begin with the text. */
export async function findPeople(db: RecordsDb, text: string, limit: number): Promise<FoundPerson[]> {
  const start = `${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const result = await sql<FoundPerson>`
    SELECT person_id AS "personId", email, phone, first_name AS "firstName", country, updated_at AS "updatedAt" FROM people
    WHERE person_id = ${text} OR lower(email) = lower(${text}) OR phone = ${text}
      OR person_id IN (SELECT person_id FROM person_links WHERE actor_id = ${text})
      OR person_id LIKE ${start} OR email ILIKE ${start} OR first_name ILIKE ${start}
    ORDER BY (person_id = ${text}) DESC, (lower(email) = lower(${text})) DESC NULLS LAST, person_id LIMIT ${limit}`.execute(
    db,
  );
  return result.rows;
}
