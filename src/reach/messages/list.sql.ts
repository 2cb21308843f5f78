// Which messages are in which state? For people who steer; the sender has its own queries.
import type { MessageState } from '../../stores/records/schema.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

export type MessageFilter = {
  readonly state?: MessageState | undefined;
  readonly channel?: string | undefined;
  readonly programmeId?: string | undefined;
  readonly personId?: string | undefined;
};

export type ListedMessage = {
  readonly messageId: string;
  readonly programmeId: string;
  readonly personId: string;
  readonly channel: string;
  readonly variant: string;
  readonly state: MessageState;
  readonly code: string | null;
  readonly detail: string | null;
  readonly dueAt: Date;
  readonly claimedAt: Date | null;
  readonly sentAt: Date | null;
  readonly attempts: number;
};

/** The latest first. */
export async function listMessages(db: RecordsDb, filter: MessageFilter, limit: number): Promise<ListedMessage[]> {
  let query = db
    .selectFrom('messages')
    .select([
      'message_id as messageId',
      'programme_id as programmeId',
      'person_id as personId',
      'channel',
      'variant',
      'state',
      'code',
      'detail',
      'due_at as dueAt',
      'claimed_at as claimedAt',
      'sent_at as sentAt',
      'attempts',
    ]);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.channel !== undefined) query = query.where('channel', '=', filter.channel);
  if (filter.programmeId !== undefined) query = query.where('programme_id', '=', filter.programmeId);
  if (filter.personId !== undefined) query = query.where('person_id', '=', filter.personId);
  return query.orderBy('created_at', 'desc').orderBy('message_id', 'desc').limit(limit).execute();
}

/** Number of messages in each state; states without any are left out. */
export async function countMessages(db: RecordsDb): Promise<Readonly<Record<string, number>>> {
  const rows = await db
    .selectFrom('messages')
    .select(['state', (eb) => eb.fn.countAll<number>().as('messages')])
    .groupBy('state')
    .orderBy('state')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.state, row.messages]));
}
