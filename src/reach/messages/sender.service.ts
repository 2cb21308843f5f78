// Sends what is due: claim → prepare → hand over → record, in batches, one batch being prepared while the one before is on the wire.
// Guarantees: `sending` is durable before the hand-over; a stop mark set within the last moments is obeyed; an outcome that cannot be
// known is recorded as `unknown` and never tried again.
import { addMs } from '../../kernel/days.ts';
import { unreachable } from '../../kernel/result.ts';
import type { Records } from '../../stores/records/records.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { SendOutcome } from '../channels/channel.ts';
import { suppress } from '../consent/consent.service.ts';
import { claimDue, type ClaimedMessage } from './claim.sql.ts';
import { finishMessages, stoppedMessages, type Finish } from './ledger.sql.ts';

export type Prepared = {
  readonly message: ClaimedMessage;
  readonly send: (signal?: AbortSignal) => Promise<SendOutcome>;
};

/** A way out, as the sender drives it; each channel has one. */
export type Delivery = {
  readonly channel: string;
  readonly prepare: (messages: readonly ClaimedMessage[], now: Date) => Promise<readonly Prepared[]>;
  readonly close: () => Promise<void>;
};

export type Sender = {
  /** Sends until nothing is due on any channel, or `signal` aborts. */
  readonly sendDue: (signal?: AbortSignal) => Promise<SendReport>;
  readonly close: () => Promise<void>;
};

export type SendReport = {
  readonly sent: number;
  readonly failed: number;
  readonly unknown: number;
  readonly retried: number;
  readonly cancelled: number;
  readonly refused: number;
  readonly deferred: number;
};

const BATCH = 200;
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

export function openSender(options: {
  readonly records: Records;
  readonly deliveries: readonly Delivery[];
  readonly rules: ReachRules;
  readonly worker: string;
  readonly now: () => Date;
}): Sender {
  const { records, rules, worker } = options;

  const sendBatch = async (
    prepared: readonly Prepared[],
    counts: Record<Finish['state'], number>,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const finishes: Finish[] = [];
    const badAddresses = new Map<string, string>();
    let stopped = new Map<string, string>();
    let checkedAtMs = -Infinity;
    let checking: Promise<void> | undefined;
    const waiting = prepared.map((entry) => entry.message.message_id);
    let next = 0;
    const checkStops = async (): Promise<void> => {
      stopped = await stoppedMessages(records.db, waiting.slice(next));
      checkedAtMs = performance.now();
    };
    const lane = async (): Promise<void> => {
      while (next < prepared.length) {
        if (performance.now() - checkedAtMs > STOP_CHECK_MS) {
          checking ??= checkStops().finally(() => (checking = undefined));
          await checking;
          continue;
        }
        const { message, send } = prepared[next++]!;
        const code = signal?.aborted ? 'shutdown' : stopped.get(message.message_id);
        if (code !== undefined) {
          const isShutdown = code === 'shutdown';
          const now = options.now();
          finishes.push({
            message_id: message.message_id,
            state: isShutdown ? 'planned' : 'cancelled',
            at: now,
            provider_id: null,
            code,
            detail: null,
            due_at: isShutdown ? now : null,
          });
          continue;
        }
        const outcome = await send();
        if (
          outcome.kind === 'rejected' &&
          outcome.permanent &&
          (outcome.class === 'address' || outcome.class === 'mailbox')
        ) {
          badAddresses.set(message.address_key, message.channel);
        }
        finishes.push(finishOf(message, outcome, options.now()));
      }
    };
    try {
      await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    } finally {
      await finishMessages(records.db, finishes);
      await suppress(
        records.db,
        [...badAddresses].map(([key, channel]) => ({ kind: 'address', key, channel, reason: 'bounced' })),
        options.now(),
      );
      for (const finish of finishes) counts[finish.state]++;
    }
  };

  /** Claimed but certainly not handed over: due again at once. */
  const giveBack = async (prepared: readonly Prepared[]): Promise<void> => {
    const now = options.now();
    const back = {
      state: 'planned',
      at: now,
      provider_id: null,
      code: 'given_back',
      detail: null,
      due_at: now,
    } as const;
    await finishMessages(
      records.db,
      prepared.map(({ message }) => ({ ...back, message_id: message.message_id })),
    );
  };

  const sendChannel = async (
    delivery: Delivery,
    report: { refused: number; deferred: number; counts: Record<Finish['state'], number> },
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const claimNext = async (): Promise<{ seen: number; prepared: readonly Prepared[] }> => {
      if (signal?.aborted) return { seen: 0, prepared: [] };
      const now = options.now();
      const round = await claimDue(records.db, { channel: delivery.channel, worker, limit: BATCH, rules, now });
      report.refused += round.refused;
      report.deferred += round.deferred;
      return { seen: round.seen, prepared: await delivery.prepare(round.claimed, now) };
    };
    let upcoming = claimNext();
    for (;;) {
      const batch = await upcoming;
      if (batch.seen === 0) return;
      // While this batch is on the wire the next is claimed and written.
      upcoming = claimNext();
      upcoming.catch(() => undefined);
      try {
        await sendBatch(batch.prepared, report.counts, signal);
      } catch (error) {
        await giveBack((await upcoming).prepared);
        throw error;
      }
    }
  };

  return {
    sendDue: async (signal) => {
      const report = { refused: 0, deferred: 0, counts: { sent: 0, failed: 0, unknown: 0, planned: 0, cancelled: 0 } };
      for (const delivery of options.deliveries) await sendChannel(delivery, report, signal);
      const { counts } = report;
      return {
        sent: counts.sent,
        failed: counts.failed,
        unknown: counts.unknown,
        retried: counts.planned,
        cancelled: counts.cancelled,
        refused: report.refused,
        deferred: report.deferred,
      };
    },
    close: async () => {
      for (const delivery of options.deliveries) await delivery.close();
    },
  };
}
