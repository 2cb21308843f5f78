// What people type, checked before anything is opened: files of JSON, whole numbers.
import { readFileSync } from 'node:fs';
import { RekindleError } from '../kernel/errors.ts';
import { usage, type Session } from './session.ts';

/** Throws `file_missing`, or `file_unreadable` saying where the JSON breaks. */
export function readJsonFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RekindleError(
      'file_missing',
      { path, what: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
  if (text.trim() === '') throw new RekindleError('file_empty', { path });
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new RekindleError(
      'file_unreadable',
      { path, what: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}

/** Throws `usage` unless `text` is a whole number. */
export function wholeNumber(session: Session, what: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(session.say('wholeNumber', { what, value: text }));
}

/** `?a=1&b=2` of what was given; empty where nothing was. */
export function queryOf(given: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
