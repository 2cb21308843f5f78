// Who looks at the channels and accounts is told why one stands still, in whichever process it does. Written down when it changes, not each time; the first
// word replaces what a process that has ended may have left.
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Closed } from '../channels/channel.ts';
import { noteClosed } from './pace.sql.ts';

/** `key`: a channel, or an account by `accountKey`. */
export type NoteClosure = (key: string, closed: Closed | undefined) => Promise<void>;

/** An account that posts or audiences go through, among the channels. */
export const accountKey = (connection: string): string => `connection:${connection}`;

/** `worker`: who found it so, where several may find it different. */
export function closureNotes(db: RecordsDb, worker = ''): NoteClosure {
  const noted = new Map<string, string>();
  return async (key, closed) => {
    const words = JSON.stringify(closed ?? null);
    if (noted.get(key) === words) return;
    await noteClosed(db, key, closed, worker);
    noted.set(key, words);
  };
}
