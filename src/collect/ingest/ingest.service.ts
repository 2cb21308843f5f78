// From requests to durable events: one group commit writes people, links, events and traits, then tells the observers.
// Guarantees: a submission resolves only after its events are durable; an event whose message id is known adds nothing.
import { sql as recordsSql } from 'kysely';
import { addMs, dayIn } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { rebuildRollups } from '../../stores/events/rollups.ts';
import type { Records } from '../../stores/records/records.ts';
import { joinedSince } from '../people/people.sql.ts';
import { identifyPeople, joinActors } from '../people/people.service.ts';
import { groupCommit } from './group-commit.ts';
import type { AcceptedEvent, DropReason } from './incoming.ts';

export type IngestSubmission = {
  readonly events: readonly AcceptedEvent[];
  readonly dropped: ReadonlyMap<DropReason, number>;
};

/** An id whose past has just become a person's: she signed in on a device, or two people turned out to be one. */
export type JoinedActor = { readonly actor_id: string; readonly person_id: string };

/** Told of every event, retries included, before its sender gets the answer. Must be quick, set-based and safe to repeat. */
export type IngestObserver = (
  events: readonly AcceptedEvent[],
  joined: readonly JoinedActor[],
  now: Date,
) => Promise<void>;

export type Ingest = {
  readonly submit: (submission: IngestSubmission) => Promise<{ readonly added: number; readonly known: number }>;
  readonly drained: () => Promise<void>;
};

export const EVENTS_PER_WRITE_MAX = 10_000;
const EVENTS_WAITING_MAX = 100_000;
/**
 * A durable insert of one event takes the embedded engine as long as one of a hundred, some 35 ms of processor with all that follows: a site's
 * visitors are written together twice a second, and the machine is left to those who wait for a page.
 */
const SMALL_WRITES = { everyMs: 500, quietMs: 50, large: 200 };
/** How long a join is told again with every event that names both ids: a retry within it makes up for an observer that failed. */
const JOIN_TOLD_MS = 5 * 60_000;
/** Parameters of a query to a server travel in its address, which has a limit. */
const IDS_PER_LOOKUP = { chdb: 10_000, clickhouse: 500 } as const;

const eventRow = (event: AcceptedEvent): Record<string, unknown> => ({
  message_id: event.messageId,
  actor_id: event.actorId,
  name: event.name,
  occurred_at: event.occurredAt.toISOString(),
  received_at: event.receivedAt.toISOString(),
  day: event.day,
  amount_cents: event.amountCents,
  currency: event.currency,
  order_id: event.orderId,
  products: event.products,
  properties: JSON.stringify(event.properties),
  source: 'http',
});

/** Of these ids, the ones already in the store. */
async function knownMessageIds(events: Events, ids: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  const step = IDS_PER_LOOKUP[events.kind];
  for (let at = 0; at < ids.length; at += step) {
    const some = p.texts(ids.slice(at, at + step));
    const rows = await events.rows<{ id: string }>(sql`
      SELECT asked AS id FROM (SELECT arrayJoin(${some}) AS asked)
      WHERE sipHash128(asked) IN (
        SELECT id FROM message_ids WHERE id IN (SELECT sipHash128(arrayJoin(${some}))))`);
    for (const row of rows) known.add(row.id);
  }
  return known;
}

/** The ids these events may have joined to somebody. */
const otherIds = (accepted: readonly AcceptedEvent[]): string[] => [
  ...new Set(
    accepted.flatMap(({ userId, anonymousId, previousId }) =>
      userId === undefined
        ? []
        : [
            ...(anonymousId === undefined ? [] : [`anon:${anonymousId}`]),
            ...(previousId === undefined ? [] : [previousId, `anon:${previousId}`]),
          ],
    ),
  ),
];

async function countDropped(records: Records, day: string, dropped: ReadonlyMap<DropReason, number>): Promise<void> {
  if (dropped.size === 0) return;
  await records.db
    .insertInto('dropped_events')
    .values([...dropped].map(([reason, count]) => ({ day, reason, count })))
    .onConflict((conflict) =>
      conflict.columns(['day', 'reason']).doUpdateSet({ count: recordsSql`dropped_events.count + excluded.count` }),
    )
    .execute();
}

export function openIngest(options: {
  readonly records: Records;
  readonly events: Events;
  readonly addressSecret: string;
  readonly timeZone: string;
  readonly now: () => Date;
  readonly observers: readonly IngestObserver[];
}): Ingest {
  const { records, events } = options;

  // An insert that fails may have reached the table and not its views, as when the disk fills up between them: its retry would not be known.
  let mayBeApart = false;
  const repair = async (): Promise<void> => {
    if (!mayBeApart) return;
    await rebuildRollups(events);
    mayBeApart = false;
  };

  const write = async (
    groups: readonly (readonly IngestSubmission[])[],
  ): Promise<{ added: number; known: number }[]> => {
    await repair();
    const now = options.now();
    const submissions = groups.flat();
    const all = submissions.flatMap((submission) => submission.events);
    const fresh = new Map<string, AcceptedEvent>();
    for (const event of all) if (!fresh.has(event.messageId)) fresh.set(event.messageId, event);
    const told = [...fresh.values()];
    for (const id of await knownMessageIds(events, [...fresh.keys()])) fresh.delete(id);
    const added = [...fresh.values()];

    // People first: if the events fail after this, the sender retries and the same people are written again, which changes nothing.
    await identifyPeople({ records, events, addressSecret: options.addressSecret }, added);
    await joinActors({ records, events }, added, now);
    try {
      await events.insert('events', added.map(eventRow));
    } catch (cause) {
      mayBeApart = true;
      throw cause;
    }
    // Known ones too: when an observer failed the first time, the sender was told to retry, and only the retry can make up for it.
    const joined = await joinedSince(records.db, otherIds(told), addMs(now, -JOIN_TOLD_MS));
    for (const observe of options.observers) await observe(told, joined, now);

    const dropped = new Map<DropReason, number>();
    for (const submission of submissions) {
      for (const [reason, count] of submission.dropped) dropped.set(reason, (dropped.get(reason) ?? 0) + count);
    }
    if (added.length < all.length) dropped.set('duplicate', all.length - added.length);
    await countDropped(records, dayIn(now, options.timeZone), dropped);

    return groups.map((group) => {
      const own = group.flatMap((submission) => submission.events);
      const ownAdded = own.filter((event) => fresh.get(event.messageId) === event).length;
      return { added: ownAdded, known: own.length - ownAdded };
    });
  };

  const commit = groupCommit<IngestSubmission, { added: number; known: number }>({
    write,
    itemsPerWriteMax: EVENTS_PER_WRITE_MAX,
    waitingMax: EVENTS_WAITING_MAX,
    sizeOf: (submission) => submission.events.length,
    delay: SMALL_WRITES,
  });

  return {
    submit: async (submission) => {
      try {
        return await commit.submit([submission]);
      } catch (cause) {
        if (cause instanceof RekindleError) throw cause;
        const what = cause instanceof Error ? cause.message : String(cause);
        throw new RekindleError('store_unavailable', { store: 'events', what }, { cause });
      }
    },
    drained: async () => {
      await commit.drained();
      await repair();
    },
  };
}
