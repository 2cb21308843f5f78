// Which of the messages that lie ready may be shown now, and in which order? Pure: what is known of each comes in, and `now`.
import type { FieldsOf } from '../templates/template.ts';

/** A message that lies ready, and what became of it so far. */
export type InboxRow = {
  readonly message_id: string;
  readonly language: string;
  readonly fields: FieldsOf<'in_app'>;
  readonly priority: number;
  readonly placed_at: Date;
  readonly expires_at: Date;
  /** When the consent it lives on ends. */
  readonly consent_until: Date | null;
  /** Until when she asked not to hear from us. */
  readonly paused_until: Date | null;
  /** When she came back to life, for the programme that sent it. */
  readonly returned_at: Date | null;
  readonly shows: number;
  readonly shown_at: Date | null;
  /** Clicked or closed: either is the end of it. */
  readonly is_done: boolean;
  /** To the tester's own eyes: until it expires, and whatever its moment. */
  readonly is_test: boolean;
};

const HOUR_MS = 3_600_000;

export function mayShow(row: InboxRow, now: Date): boolean {
  if (row.is_test) return row.expires_at > now;
  const { moment, frequency } = row.fields;
  if (row.is_done || row.expires_at <= now || (row.consent_until !== null && row.consent_until <= now)) return false;
  if (row.paused_until !== null && row.paused_until > now) return false;
  // What calls somebody back has no business with who is back; what welcomes her waits until she is.
  if ((moment === 'welcome_back') !== (row.returned_at !== null)) return false;
  if (row.shows >= frequency.shows) return false;
  return row.shown_at === null || now.getTime() - row.shown_at.getTime() >= frequency.everyHours * HOUR_MS;
}

/** The most urgent first; of equals a welcome, then the latest. */
export const inboxOrder = (a: InboxRow, b: InboxRow): number =>
  b.priority - a.priority ||
  Number(b.fields.moment === 'welcome_back') - Number(a.fields.moment === 'welcome_back') ||
  b.placed_at.getTime() - a.placed_at.getTime() ||
  (a.message_id < b.message_id ? 1 : -1);
