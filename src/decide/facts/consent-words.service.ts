// Every word of consent ever said, copied into the events store: who had allowed what on a past day is asked there, of everybody at once.
import { sql } from 'kysely';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import type { ConsentWord } from '../../understand/dormancy/scope.sql.ts';
import { channelsOfWord } from './facts.ts';

const WORDS_PER_PAGE = 20_000;

type Word = Omit<ConsentWord, 'channels' | 'expires_at' | 'said'> & {
  readonly channel: string;
  readonly expires_at: string | null;
};

const NEVER = new Date(0).toISOString();

/** Fills a table of `ConsentWord`, page by page in the order of the ledger's key. */
export async function writeConsentWords(
  { records, events }: { readonly records: Records; readonly events: Events },
  table: string,
): Promise<void> {
  for (let after = ''; ;) {
    const { rows } = await sql<{ all: Word[] | null }>`
      SELECT json_agg(t) AS all FROM (
        SELECT person_id, channel, purpose, status, decided_at, expires_at, consent_id AS word_id FROM consents
        WHERE consent_id > ${after} ORDER BY consent_id LIMIT ${WORDS_PER_PAGE}
      ) t`.execute(records.db);
    const words = rows[0]?.all ?? [];
    const last = words.at(-1);
    if (last === undefined) return;
    await events.insert(
      table,
      words.map(({ channel, expires_at: expiresAt, decided_at: decidedAt, ...word }) => ({
        ...word,
        said: channel,
        channels: channelsOfWord(channel),
        decided_at: new Date(decidedAt).toISOString(),
        expires_at: expiresAt === null ? NEVER : new Date(expiresAt).toISOString(),
      })),
    );
    after = last.word_id;
  }
}
