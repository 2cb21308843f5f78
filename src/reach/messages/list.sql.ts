// Which messages are in which state? For people who steer; the sender has its own queries.
import { sql, type ExpressionBuilder } from 'kysely';
import type { Day } from '../../kernel/days.ts';
import type { RecordsSchema } from '../../stores/records/schema.ts';
import type { MessageState } from '../../stores/records/tables/messages.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

export type MessageFilter = {
  readonly state?: MessageState | undefined;
  readonly channel?: string | undefined;
  readonly programmeId?: string | undefined;
  readonly personId?: string | undefined;
  readonly code?: string | undefined;
  /** Planned on these days of the zone, both in. */
  readonly since?: Day | undefined;
  readonly until?: Day | undefined;
  readonly timeZone: string;
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

const matching = (filter: MessageFilter) => (row: ExpressionBuilder<RecordsSchema, 'messages'>) =>
  row.and([
    ...(filter.channel === undefined ? [] : [row('channel', '=', filter.channel)]),
    ...(filter.programmeId === undefined ? [] : [row('programme_id', '=', filter.programmeId)]),
    ...(filter.personId === undefined ? [] : [row('person_id', '=', filter.personId)]),
    ...(filter.code === undefined ? [] : [row('code', '=', filter.code)]),
    ...(filter.since === undefined
      ? []
      : [sql<boolean>`created_at >= ${filter.since}::date::timestamp AT TIME ZONE ${filter.timeZone}`]),
    ...(filter.until === undefined
      ? []
      : [sql<boolean>`created_at < (${filter.until}::date + 1)::timestamp AT TIME ZONE ${filter.timeZone}`]),
  ]);

/** One page, the latest planned first: ids carry the moment they were made, so the primary key has this order already. */
export async function listMessages(
  db: RecordsDb,
  { state, ...filter }: MessageFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<ListedMessage[]> {
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
    ])
    .where(matching(filter));
  if (state !== undefined) query = query.where('state', '=', state);
  return query.orderBy('message_id', 'desc').limit(page.limit).offset(page.offset).execute();
}

/** Number of messages in each state among those that match in everything else; states without any are left out. */
export async function countMessages(
  db: RecordsDb,
  { state: _any, ...filter }: MessageFilter,
): Promise<Readonly<Record<string, number>>> {
  const rows = await db
    .selectFrom('messages')
    .select(['state', (eb) => eb.fn.countAll<number>().as('messages')])
    .where(matching(filter))
    .groupBy('state')
    .orderBy('state')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.state, row.messages]));
}
