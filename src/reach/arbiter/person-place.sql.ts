// Where does she live, and what does her clock say? Fragments over `people pe`, for judging what is to come and what has been.
import { sql, type RawBuilder } from 'kysely';
import { COUNTRY_ZONES, DIALLING_CODES } from './openings.ts';

/** A value chosen by what a column says; NULL for anything the table does not hold. Its entries are our own constants or validated rules. */
export const lookedUp = (column: RawBuilder<unknown>, table: Readonly<Record<string, unknown>>): RawBuilder<unknown> =>
  Object.keys(table).length === 0 ? sql`NULL` : sql`(${JSON.stringify(table)}::jsonb ->> ${column})`;

const COUNTRY_BY_NUMBER = sql`CASE ${sql.join(
  Object.entries(DIALLING_CODES).map(
    ([code, country]) => sql`WHEN starts_with(pe.phone, ${sql.lit(code)}) THEN ${sql.lit(country)}`,
  ),
  sql` `,
)} END`;

/** Her country as far as it is named: on a channel of numbers, the number says more than a profile. */
export const countryOn = (channel: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`CASE WHEN ${channel} = 'sms' THEN COALESCE(${COUNTRY_BY_NUMBER}, pe.country) ELSE pe.country END`;

/** Her own zone, else that of her country, else the business's. */
export const zoneOf = (channel: RawBuilder<unknown>, defaultTimeZone: string): RawBuilder<unknown> =>
  sql`COALESCE(pe.time_zone, ${lookedUp(sql`COALESCE(${countryOn(channel)}, ${COUNTRY_BY_NUMBER})`, COUNTRY_ZONES)}, ${defaultTimeZone})`;
export const IS_ZONE_GUESSED = sql`(pe.time_zone IS NULL)`;
