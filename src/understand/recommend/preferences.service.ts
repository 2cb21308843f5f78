// Computes and publishes what everybody likes, and reads it for some.
import { moneyRules } from '../../collect/money.sql.ts';
import { profiledSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { bestHour } from './preferences.ts';
import { preferenceRows } from './preferences.sql.ts';
import { PURCHASE } from './training.service.ts';
import { replaceAll } from './training.sql.ts';

export type PreferenceInput = {
  readonly asOf: Day;
  readonly now: Date;
  /** The business's zone: the clock of people who named none. */
  readonly timeZone: string;
  readonly activity?: readonly string[];
};

/** One profile for everybody with a purchase up to the end of day `asOf`, in a scratch table that the caller drops. */
export async function scratchPreferences(events: Events, input: PreferenceInput): Promise<Sql> {
  const { asOf, now, timeZone, activity = PURCHASE } = input;
  const { events: source } = await profiledSource(events);
  const money = await moneyRules(events);
  const scratch = ident(newId('scratch_preferences', now));
  try {
    await events.run(sql`CREATE TABLE ${scratch} AS person_preferences`);
    await events.run(sql`INSERT INTO ${scratch} ${preferenceRows({ source, money, activity, asOf, timeZone }, now)}`);
  } catch (error) {
    await events.run(sql`DROP TABLE IF EXISTS ${scratch}`);
    throw error;
  }
  return scratch;
}

/** The same, published. */
export async function computePreferences(events: Events, input: PreferenceInput): Promise<void> {
  const scratch = await scratchPreferences(events, input);
  try {
    await events.run(replaceAll(ident('person_preferences'), scratch));
  } finally {
    await events.run(sql`DROP TABLE IF EXISTS ${scratch}`);
  }
}

type Liked = { readonly name: string; readonly share: number };

/** Shares sum to 1 over everything there is; only the best names are kept. `priceBands` run from the cheapest fifth of lines sold to the dearest. */
export type PreferenceProfile = {
  readonly personId: string;
  readonly orders: number;
  readonly categories: readonly Liked[];
  readonly brands: readonly Liked[];
  /** Empty where none of her orders carries a price. */
  readonly priceBands: readonly number[];
  /** By her local hour, 0 … 23. */
  readonly hours: readonly number[];
  readonly bestHour: number;
};

/** Profiles of some people, by person; who never bought anything has none. */
export async function preferencesOf(
  events: Events,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, PreferenceProfile>> {
  const rows = await events.rows<Omit<PreferenceProfile, 'bestHour'>>(sql`
    SELECT person_id AS personId, orders, categories, brands, price_bands AS priceBands, hours FROM person_preferences
    WHERE person_id IN ${p.texts(personIds)}`);
  return new Map(rows.map((row) => [row.personId, { ...row, bestHour: bestHour(row.hours) }]));
}
