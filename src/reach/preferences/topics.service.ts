// What do we write about? Topics are data: the business names them, people choose among them, caps and programmes refer to them.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

const label = z.string().min(1).max(80);

export const topicSchema = z.strictObject({
  topicId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, inWords('a name like sales', '形如 sales 的名称')),
  en: label,
  zh: label,
  position: z.number().int().min(0).max(10_000).default(0),
});
export type Topic = z.output<typeof topicSchema>;

/** Those that can be chosen, in their order. */
export async function listTopics(db: RecordsDb): Promise<readonly Topic[]> {
  const rows = await db
    .selectFrom('topics')
    .select('definition')
    .where('retired_at', 'is', null)
    .orderBy('position')
    .orderBy('topic_id')
    .execute();
  return rows.map((row) => topicSchema.parse(row.definition));
}

/** Adds a topic, or renames it; a retired one comes back. */
export async function saveTopic(db: RecordsDb, topic: Topic, now: Date): Promise<Topic> {
  const definition = JSON.stringify(topic);
  await db
    .insertInto('topics')
    .values({ topic_id: topic.topicId, definition, position: topic.position, created_at: now, retired_at: null })
    .onConflict((conflict) =>
      conflict.column('topic_id').doUpdateSet({ definition, position: topic.position, retired_at: null }),
    )
    .execute();
  return topic;
}

/** Takes it off the list; what people said about it stays true for messages that still carry it. Throws `not_found`. */
export async function retireTopic(db: RecordsDb, topicId: string, now: Date): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('topics')
    .set({ retired_at: now })
    .where('topic_id', '=', topicId)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  if (Number(numUpdatedRows) === 0)
    throw new RekindleError('not_found', { what: { en: `topic ${topicId}`, zh: `主题 ${topicId}` } });
}
