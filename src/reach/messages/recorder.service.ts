// Outcomes on their way into the ledger: collected and written in sets. An outcome that could not be written stays here and is tried again
// with the next set, so a store that was away for a moment costs nothing; a process that dies first leaves the journal.
import type { RecordsDb } from '../../stores/records/records.ts';
import type { GivenUp } from '../channels/channel.ts';
import { giveUpAddresses } from '../channels/endpoints.service.ts';
import type { ClaimedMessage } from './claim.sql.ts';
import type { Journal } from './journal.service.ts';
import { QUOTA_CHANNELS, REFUSABLE_CHANNELS } from '../arbiter/rules.ts';
import { finishMessages, settleQuotas, type Finish } from './ledger.sql.ts';

export type Recorded = {
  readonly message: ClaimedMessage;
  readonly finish: Finish;
  /** The other side says that nothing can be sent to this address. */
  readonly givenUp?: GivenUp | undefined;
};

export type Recorder = {
  /** Resolves at once, or, when too much is waiting, when the ledger has caught up. Throws what kept a set from being written. */
  readonly add: (recorded: Recorded) => Promise<void>;
  /** Resolves when everything that was added is in the ledger. */
  readonly drained: () => Promise<void>;
};

/** Where her subscriptions are counted, here or at the provider. */
const COUNTED = new Set([...QUOTA_CHANNELS, ...REFUSABLE_CHANNELS]);
const SET_SIZE = 500;
const WAIT_MS = 250;
const WAITING_MAX = 4 * SET_SIZE;

export function openRecorder(sender: {
  readonly db: RecordsDb;
  readonly journal: Journal;
  readonly now: () => Date;
}): Recorder {
  const { db, journal, now } = sender;
  let waiting: Recorded[] = [];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  // What comes in during a write waits for the next set: a statement for each handful costs more than the handful.
  const write = async (): Promise<void> => {
    do {
      const set = waiting.slice(0, SET_SIZE);
      const bad = new Map(
        set.flatMap(({ message: { address_key: addressKey, channel }, givenUp }) =>
          givenUp === undefined ? [] : [[addressKey, { addressKey, channel, ...givenUp }]],
        ),
      );
      await giveUpAddresses(db, [...bad.values()], now());
      await finishMessages(
        db,
        set.map(({ finish }) => finish),
      );
      const counted = set.filter(({ message: { channel } }) => COUNTED.has(channel));
      await settleQuotas(
        db,
        counted.map(({ finish }) => finish),
        now(),
      );
      waiting = waiting.slice(set.length);
      journal.recorded(set.map(({ message }) => message));
    } while (waiting.length >= SET_SIZE);
    if (waiting.length > 0) later();
  };
  const start = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= write().finally(() => (writing = undefined));
    return writing;
  };
  // What fails here fails again, and is heard, when the round drains.
  const later = (): void => void (timer ??= setTimeout(() => void start().catch(() => undefined), WAIT_MS));

  return {
    add: async (recorded) => {
      waiting.push(recorded);
      if (waiting.length >= WAITING_MAX) return start();
      if (waiting.length >= SET_SIZE) start().catch(() => undefined);
      else later();
    },
    drained: async () => {
      while (waiting.length > 0) await start();
    },
  };
}
