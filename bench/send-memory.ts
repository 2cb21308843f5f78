// Does the memory of a large campaign stay flat? Plans and claims in pages, sends everything through the real ledger to a mail server in
// another process, and prints resident memory by progress. Usage: npm run bench send -- --memory [messages]
import { newId } from '../src/kernel/ids.ts';
import { planMessages } from '../src/reach/messages/ledger.sql.ts';
import type { Sender } from '../src/reach/messages/sender.service.ts';
import type { RecordsDb } from '../src/stores/records/records.ts';

const PAGE = 5_000;
const STEPS = 10;
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`;

/** `addPeople` makes a page of people who may be written to, and names them. */
export async function memoryByProgress(
  db: RecordsDb,
  sender: Sender,
  count: number,
  addPeople: (from: number, to: number) => Promise<readonly string[]>,
  now: () => Date,
): Promise<void> {
  const due = now();
  for (let from = 0; from < count; from += PAGE) {
    const people = await addPeople(from, Math.min(count, from + PAGE));
    await planMessages(
      db,
      people.map((personId) => ({
        message_id: newId('msg', due),
        programme_id: 'bench',
        run_id: 'run_1',
        step: 0,
        person_id: personId,
        channel: 'email',
        purpose: 'marketing',
        address: `${personId}@mail.example`,
        address_key: `key-${personId}`,
        variant: 'a',
        template_id: 'nostalgic',
        template_version: 1,
        language: 'en',
        grant_id: null,
        content: {},
        priority: 0,
        due_at: due,
        expires_at: new Date(due.getTime() + 86_400_000),
        created_at: due,
        cost_cents: 0,
      })),
    );
  }
  console.log(`${count} messages planned; resident ${megabytes(process.memoryUsage.rss())}`);
  let peak = 0;
  let step = 1;
  const startMs = performance.now();
  const look = async (): Promise<void> => {
    const rss = process.memoryUsage.rss();
    peak = Math.max(peak, rss);
    const [row] = await db
      .selectFrom('messages')
      .select((eb) => eb.fn.countAll<number>().as('left'))
      .where('channel', '=', 'email')
      .where('state', '=', 'planned')
      .execute();
    const sent = count - (row?.left ?? 0);
    for (; sent >= (step * count) / STEPS && step <= STEPS; step++)
      console.log(
        `${step * (100 / STEPS)} %  resident ${megabytes(rss)}, peak ${megabytes(peak)}, after ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
      );
  };
  const watch = setInterval(() => void look(), 2_000);
  const { sent } = await sender.sendDue();
  clearInterval(watch);
  await look();
  console.log(`${sent} of ${count} sent, peak ${megabytes(peak)}`);
}
