// A channel that delivers nowhere: what is used until a provider is set. It keeps the newest messages for the preview mailbox.
import { sql } from 'kysely';
import { groupCommit } from '../../collect/ingest/group-commit.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { FieldKind } from '../templates/template.ts';
import type { Channel } from './channel.ts';
import type { Outgoing } from './outgoing.ts';

const KEPT = 2_000;

type Row = {
  readonly received_at: Date;
  readonly message_id: string;
  readonly person_id: string;
  readonly channel: string;
  readonly kind: string;
  readonly recipient: string;
  readonly language: string;
  readonly fields: object;
};

/** Keeps messages; of many only the newest stay. The same message twice is one row. */
async function keep(db: RecordsDb, rows: readonly Row[]): Promise<void> {
  await sql`
    INSERT INTO sink_messages (received_at, message_id, person_id, channel, kind, recipient, language, fields)
    SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (
      received_at timestamptz, message_id text, person_id text, channel text, kind text, recipient text, language text, fields jsonb)
    ON CONFLICT (message_id) DO NOTHING`.execute(db);
  await sql`DELETE FROM sink_messages WHERE sink_id <= (SELECT max(sink_id) FROM sink_messages) - ${KEPT}`.execute(db);
}

export function sinkChannel(key: string, db: RecordsDb, now: () => Date): Channel<Outgoing> {
  const kept = groupCommit<Row, null>({
    itemsPerWriteMax: 500,
    waitingMax: 10_000,
    sizeOf: () => 1,
    write: async (groups) => {
      await keep(db, groups.flat());
      return groups.map(() => null);
    },
  });
  return {
    key,
    send: async (message, _signal, mayLeave) => {
      if (mayLeave !== undefined && !(await mayLeave()))
        return { kind: 'unavailable', detail: 'stopped before it left' };
      try {
        await kept.submit([
          {
            received_at: now(),
            message_id: message.messageId,
            person_id: message.personId,
            channel: message.channel,
            kind: message.kind,
            recipient: message.address,
            language: message.lang,
            fields: message.fields,
          },
        ]);
      } catch (error) {
        return { kind: 'unavailable', detail: error instanceof Error ? error.message : String(error) };
      }
      return { kind: 'sent', providerId: `sink:${message.messageId}`, response: 'kept by the sink' };
    },
    close: () => kept.drained(),
  };
}

export type SunkMessage = {
  readonly sinkId: number;
  readonly receivedAt: Date;
  readonly channel: string;
  readonly kind: FieldKind;
  readonly recipient: string;
  readonly language: string;
  readonly fields: JsonObject;
};

/** The latest first. */
export async function listSunkMessages(db: RecordsDb, limit: number): Promise<SunkMessage[]> {
  const rows = await sql<SunkMessage>`
    SELECT sink_id AS "sinkId", received_at AS "receivedAt", channel, kind, recipient, language, fields
    FROM sink_messages ORDER BY sink_id DESC LIMIT ${limit}`.execute(db);
  return rows.rows;
}
