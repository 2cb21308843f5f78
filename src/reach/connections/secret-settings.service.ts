// Settings that hold secrets, saved together with the day on which each secret was set.
import type { RecordsDb } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import { isObject } from '../../kernel/json.ts';
import { secretDatesOf, withKeptSecrets, type SecretDates } from './kept-secrets.ts';

const datesKey = (key: string): string => `${key}:secrets`;

/** Empty for what only the environment says. */
export async function readSecretDates(db: RecordsDb, key: string): Promise<SecretDates> {
  const saved = await readSetting(db, datesKey(key));
  return Object.fromEntries(
    Object.entries(isObject(saved) ? saved : {}).flatMap(([name, date]) =>
      typeof date === 'string' ? [[name, date] as const] : [],
    ),
  );
}

/** Saves what `parse` makes of the input, secrets of `before` kept; null forgets settings and dates. Throws what `parse` throws. */
export async function saveWithSecrets(
  db: RecordsDb,
  key: string,
  change: {
    readonly input: unknown;
    /** Settings of the same account; undefined when there are none, or the input is about another. */
    readonly before: unknown;
    readonly secrets: ReadonlySet<string>;
    readonly parse: (input: unknown) => unknown;
  },
  now: Date,
): Promise<void> {
  const { input, before, secrets, parse } = change;
  const settings = input === null ? null : parse(withKeptSecrets(input, before, secrets));
  const dates = secretDatesOf(settings, before, await readSecretDates(db, key), secrets, now);
  await db.transaction().execute(async (tx) => {
    await writeSetting(tx, key, settings);
    await writeSetting(tx, datesKey(key), settings === null ? null : dates);
  });
}
