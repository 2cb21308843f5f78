// The in-app way out: a message is `sent` when its words lie in the person's inbox. Her SDK asks for it; what it shows comes back as receipts.
// Placing and the ledger's `sent` are two statements, and only both together make a message visible: one that died in between is never seen.
import { sql } from 'kysely';
import { groupCommit } from '../../../collect/ingest/group-commit.ts';
import { DAY_MS } from '../../../kernel/days.ts';
import type { RecordsDb } from '../../../stores/records/records.ts';
import type { Channel, SendOutcome } from '../channel.ts';
import type { Outgoing } from '../outgoing.ts';

type Row = {
  readonly message_id: string;
  readonly person_id: string;
  readonly language: string;
  readonly fields: object;
  readonly placed_at: Date;
  readonly expires_at: Date;
};

/** What can be shown no more is kept a while for whoever asks about it, and then let go, a few with every batch that comes. */
const KEPT_DAYS = 30;
const LET_GO_PER_BATCH = 1_000;

/** A test lies in the tester's own inbox, beside the ledger: whatever she does with it is counted nowhere. */
export async function placeTest(db: RecordsDb, message: Outgoing<'in_app'>): Promise<SendOutcome> {
  const { messageId, personId, lang, fields } = message;
  await db
    .insertInto('inbox')
    .values({
      message_id: messageId,
      person_id: personId,
      language: lang,
      fields: JSON.stringify(fields),
      placed_at: message.now,
      expires_at: message.expiresAt,
      is_test: true,
    })
    .execute();
  return { kind: 'sent', providerId: `inbox:${messageId}`, response: 'lies in the inbox' };
}

export function inboxChannel(db: RecordsDb): Channel<Outgoing<'in_app'>> {
  const placed = groupCommit<Row, null>({
    itemsPerWriteMax: 500,
    waitingMax: 10_000,
    sizeOf: () => 1,
    write: async (groups) => {
      await sql`
        INSERT INTO inbox (message_id, person_id, language, fields, placed_at, expires_at)
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(groups.flat())}::jsonb) AS r (
          message_id text, person_id text, language text, fields jsonb, placed_at timestamptz, expires_at timestamptz)
        ON CONFLICT (message_id) DO NOTHING`.execute(db);
      const [newest] = groups
        .flat()
        .map((row) => row.placed_at.getTime())
        .sort((a, b) => b - a);
      const before = new Date((newest ?? 0) - KEPT_DAYS * DAY_MS);
      await sql`DELETE FROM inbox WHERE message_id IN (
        SELECT message_id FROM inbox WHERE expires_at < ${before} ORDER BY expires_at LIMIT ${LET_GO_PER_BATCH}::int)`.execute(
        db,
      );
      return groups.map(() => null);
    },
  });
  return {
    key: 'in_app',
    send: async (message, signal, mayLeave) => {
      if (signal?.aborted === true) return { kind: 'unavailable', detail: 'stopped before it left' };
      try {
        if (mayLeave !== undefined && !(await mayLeave()))
          return { kind: 'unavailable', detail: 'stopped before it left' };
        const { messageId: message_id, personId: person_id, lang: language, fields } = message;
        await placed.submit([
          { message_id, person_id, language, fields, placed_at: message.now, expires_at: message.expiresAt },
        ]);
      } catch (error) {
        return { kind: 'unavailable', detail: error instanceof Error ? error.message : String(error) };
      }
      return { kind: 'sent', providerId: `inbox:${message.messageId}`, response: 'lies in the inbox' };
    },
    close: () => placed.drained(),
  };
}
