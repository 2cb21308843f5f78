// Secrets go in and never come out: what is shown says only that they are set. So whoever changes another field cannot hand them in again, and
// they stay; null takes one away. Pure.
import { isObject } from '../../kernel/json.ts';

/** What is shown in place of a secret. */
export const SECRET_SHOWN = '(set)';

/** When each secret took the value that it has, ISO 8601. */
export type SecretDates = Readonly<Record<string, string>>;

const isKept = (value: unknown): boolean => value === undefined || value === SECRET_SHOWN;

/** The input with the secrets of before wherever it is silent about them. */
export function withKeptSecrets(input: unknown, before: unknown, secrets: ReadonlySet<string>): unknown {
  if (!isObject(input)) return input;
  const held = isObject(before) ? before : {};
  const kept = [...secrets].filter((name) => isKept(input[name]) && held[name] !== undefined);
  return Object.fromEntries([
    ...Object.entries(input).filter(([name, value]) => !secrets.has(name) || (value !== null && !isKept(value))),
    ...kept.map((name) => [name, held[name]] as const),
  ]);
}

/** A secret keeps its day for as long as it keeps its value. */
export function secretDatesOf(
  after: unknown,
  before: unknown,
  dates: SecretDates,
  secrets: ReadonlySet<string>,
  now: Date,
): SecretDates {
  const held = isObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(isObject(after) ? after : {})
      .filter(([name, value]) => secrets.has(name) && value !== undefined)
      .map(([name, value]) => {
        const isSame = JSON.stringify(held[name]) === JSON.stringify(value);
        return [name, (isSame ? dates[name] : undefined) ?? now.toISOString()];
      }),
  );
}
