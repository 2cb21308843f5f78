// The hand-over of one claimed message, and when it is forbidden at the last moment. Guarantees: a stop mark older than a moment is obeyed
// until the last byte; nothing leaves that the journal does not know.
import type { RecordsDb } from '../../stores/records/records.ts';
import type { HandOverGate, SendOutcome } from '../channels/channel.ts';
import type { ClaimedMessage } from './claim.sql.ts';
import type { Journal } from './journal.service.ts';
import { JUDGE_AGAIN, stoppedMessages, type Finish } from './ledger.sql.ts';
import { finishOf, givenBack } from './outcome.ts';

export type Prepared = {
  readonly message: ClaimedMessage;
  /** `mayLeave` is asked just before the last byte; a no ends the attempt without a message. */
  readonly send: (mayLeave: HandOverGate) => Promise<SendOutcome>;
};

/** How old the knowledge "she has not come back" may be when a message is handed over. */
const STOP_CHECK_MS = 200;
/** And when the next answer is asked for: a claim that the store is busy with takes some 60 ms. */
const STOP_ASK_MS = 130;

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
  const askOnce = (): Promise<void> => (asking ??= ask().finally(() => (asking = undefined)));
  return async (messageId) => {
    const nowMs = performance.now();
    for (;;) {
      // Asked in good time: the store may be busy with a claim, and every lane would wait for it. Who needs the answer hears what went wrong.
      if (knownAtMs < nowMs - STOP_ASK_MS) askOnce().catch(() => undefined);
      if (knownAtMs >= nowMs - STOP_CHECK_MS) return marks.get(messageId);
      await askOnce();
    }
  };
}

export type HandedOver = {
  readonly finish: Finish;
  /** What the channel said; undefined when it was not asked. */
  readonly outcome: SendOutcome | undefined;
  /** Something other than the network went wrong; the finish says what is certain all the same. */
  readonly failure?: { readonly cause: unknown };
};

/** Hands messages over, one per call, any number at once. `waiting` holds the ids that have been claimed and have not left. */
export function openHandOver(
  sender: { readonly db: RecordsDb; readonly journal: Journal; readonly now: () => Date },
  waiting: Set<string>,
  signal: AbortSignal | undefined,
): (prepared: Prepared) => Promise<HandedOver> {
  const { db, journal, now } = sender;
  const stopMarkOf = stopMarks(db, waiting);
  const stopOf = async (message: ClaimedMessage): Promise<string | undefined> =>
    signal?.aborted ? 'shutdown' : await stopMarkOf(message.message_id);

  return async ({ message, send }) => {
    const { message_id } = message;
    let stop: string | undefined;
    let hasLeft = false;
    // Ours, whatever the channel makes of it: it would call the other side unavailable.
    let trouble: { readonly cause: unknown } | undefined;
    const mayLeave: HandOverGate = async () => {
      try {
        stop = await stopOf(message);
        if (stop !== undefined) return false;
        journal.handingOver(message);
      } catch (cause) {
        trouble = { cause };
        throw cause;
      }
      hasLeft = true;
      waiting.delete(message_id);
      return true;
    };
    const judged = async (): Promise<HandedOver> => {
      stop = await stopOf(message);
      const outcome = stop === undefined ? await send(mayLeave) : undefined;
      if (trouble !== undefined) throw trouble.cause;
      if (outcome !== undefined && stop === undefined) return { finish: finishOf(message, outcome, now()), outcome };
      if (stop === 'shutdown' || stop === JUDGE_AGAIN) return { finish: givenBack(message_id, stop, now()), outcome };
      return {
        finish: { ...givenBack(message_id, stop ?? '', now()), state: 'cancelled', due_at: null },
        outcome,
      };
    };
    try {
      const handedOver = await judged();
      journal.finished(message, handedOver.finish);
      return handedOver;
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      const finish = hasLeft
        ? finishOf(message, { kind: 'unknown', detail }, now())
        : givenBack(message_id, 'given_back', now());
      return { finish, outcome: undefined, failure: { cause } };
    } finally {
      waiting.delete(message_id);
    }
  };
}
