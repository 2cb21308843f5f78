// One batch on the wire: every message is handed over by a lane of its own, and what became of it is in the journal at once and in the
// ledger at the end. Guarantees: a stop mark older than a moment is obeyed until the last byte; nothing leaves that the journal does not
// know; a batch that fails leaves no claim behind.
import { addMs } from '../../kernel/days.ts';
import { unreachable } from '../../kernel/result.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { HandOverGate, SendOutcome } from '../channels/channel.ts';
import { giveUpAddresses } from '../channels/endpoints.service.ts';
import type { ClaimedMessage } from './claim.sql.ts';
import type { Journal } from './journal.service.ts';
import { finishMessages, stoppedMessages, type Finish } from './ledger.sql.ts';

export type Prepared = {
  readonly message: ClaimedMessage;
  /** `mayLeave` is asked just before the last byte; a no ends the attempt without a message. */
  readonly send: (mayLeave: HandOverGate) => Promise<SendOutcome>;
};

const CONCURRENCY = 20;
const ATTEMPTS_MAX = 6;
/** How old the knowledge "she has not come back" may be when a message is handed over. */
const STOP_CHECK_MS = 200;
/** 1, 4, 16, 64, 256 minutes. */
const backoffMs = (attempts: number): number => 60_000 * 4 ** Math.max(0, attempts - 1);

function finishOf(message: ClaimedMessage, outcome: SendOutcome, now: Date): Finish {
  const base = { message_id: message.message_id, at: now, provider_id: null, due_at: null };
  const retry = (code: string, detail: string, afterMs: number): Finish =>
    message.attempts >= ATTEMPTS_MAX
      ? { ...base, state: 'failed', code, detail: `${detail} (after ${message.attempts} attempts)` }
      : { ...base, state: 'planned', code, detail, due_at: addMs(now, afterMs) };
  switch (outcome.kind) {
    case 'sent':
      return { ...base, state: 'sent', provider_id: outcome.providerId, code: null, detail: outcome.response };
    case 'rejected':
      return { ...base, state: 'failed', code: `${outcome.class}:${outcome.code}`, detail: outcome.detail };
    case 'deferred':
      return retry(
        outcome.code,
        outcome.detail,
        Math.max(backoffMs(message.attempts), (outcome.retryAfterSeconds ?? 0) * 1000),
      );
    case 'unavailable':
      // Nobody's message is at fault when the server is down: it waits, and only its own expiry ends the waiting.
      return {
        ...base,
        state: 'planned',
        code: 'unavailable',
        detail: outcome.detail,
        due_at: addMs(now, Math.min(backoffMs(message.attempts), 900_000)),
      };
    case 'unknown':
      return { ...base, state: 'unknown', code: 'no_answer', detail: outcome.detail };
    default:
      return unreachable(outcome);
  }
}

/** Claimed but certainly not handed over: due again at once, unless it was marked to stop. */
const givenBack = (messageId: string, code: string, now: Date): Finish => ({
  message_id: messageId,
  state: 'planned',
  at: now,
  provider_id: null,
  code,
  detail: null,
  due_at: now,
});

export const giveBack = (db: RecordsDb, messageIds: readonly string[], now: Date): Promise<void> =>
  finishMessages(
    db,
    messageIds.map((messageId) => givenBack(messageId, 'given_back', now)),
  );

/** Answers for a message whether it was marked to stop, from knowledge that is never older than `STOP_CHECK_MS` when the answer is asked for. */
function stopMarks(db: RecordsDb, waiting: ReadonlySet<string>): (messageId: string) => Promise<string | undefined> {
  let marks: ReadonlyMap<string, string> = new Map();
  let knownAtMs = -Infinity;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const startedMs = performance.now();
    marks = await stoppedMessages(db, [...waiting]);
    knownAtMs = startedMs;
  };
  return async (messageId) => {
    const oldestMs = performance.now() - STOP_CHECK_MS;
    for (;;) {
      if (knownAtMs >= oldestMs) return marks.get(messageId);
      asking ??= ask().finally(() => (asking = undefined));
      await asking;
    }
  };
}

/** Sends a batch and records every outcome; throws after recording when something other than the network failed. */
export async function sendBatch(
  sender: { readonly db: RecordsDb; readonly journal: Journal; readonly now: () => Date },
  prepared: readonly Prepared[],
  signal: AbortSignal | undefined,
): Promise<readonly Finish[]> {
  const { db, journal, now } = sender;
  const finishes: Finish[] = [];
  const badAddresses = new Map<string, string>();
  const waiting = new Set(prepared.map(({ message }) => message.message_id));
  const stopMarkOf = stopMarks(db, waiting);
  const journalled = journal.begin();
  let next = 0;

  const stopOf = async (message: ClaimedMessage): Promise<string | undefined> =>
    signal?.aborted ? 'shutdown' : await stopMarkOf(message.message_id);

  const sendOne = async ({ message, send }: Prepared): Promise<Finish> => {
    const { message_id } = message;
    let stop = await stopOf(message);
    const mayLeave: HandOverGate = async () => {
      stop = await stopOf(message);
      if (stop !== undefined) return false;
      waiting.delete(message_id);
      journal.handingOver(message);
      return true;
    };
    const outcome = stop === undefined ? await send(mayLeave) : undefined;
    if (outcome === undefined || stop !== undefined) {
      if (stop === 'shutdown') return givenBack(message_id, stop, now());
      return { ...givenBack(message_id, stop ?? '', now()), state: 'cancelled', due_at: null };
    }
    if (outcome.kind === 'rejected' && outcome.permanent && ['address', 'mailbox'].includes(outcome.class)) {
      badAddresses.set(message.address_key, message.channel);
    }
    return finishOf(message, outcome, now());
  };

  const lane = async (): Promise<void> => {
    while (next < prepared.length) {
      const each = prepared[next++]!;
      const finish = await sendOne(each);
      finishes.push(finish);
      waiting.delete(finish.message_id);
      journal.finished(each.message, finish);
    }
  };

  const lanes = await Promise.allSettled(Array.from({ length: CONCURRENCY }, lane));
  const failed = lanes.find((each) => each.status === 'rejected');
  // What no lane has come to, or what it failed with before the hand-over, has not left.
  const done = new Set(finishes.map((finish) => finish.message_id));
  const rest = failed === undefined ? [] : [...waiting].filter((messageId) => !done.has(messageId));
  await finishMessages(db, [...finishes, ...rest.map((messageId) => givenBack(messageId, 'given_back', now()))]);
  if (failed === undefined) journalled();
  await giveUpAddresses(
    db,
    [...badAddresses].map(([addressKey, channel]) => ({ addressKey, channel })),
    now(),
  );
  if (failed !== undefined) throw failed.reason;
  return finishes;
}
