// Sends what is due: claim → prepare → hand over → record, in batches, one batch being prepared while the one before is on the wire.
// Guarantees: `sending` is durable before the hand-over; a stop mark set within the last moments is obeyed; an outcome that cannot be
// known is recorded as `unknown` and never tried again.
import type { Records } from '../../stores/records/records.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import { giveBack, sendBatch, type Prepared } from './batch.service.ts';
import { claimDue, type ClaimedMessage } from './claim.sql.ts';
import type { Journal } from './journal.service.ts';
import type { Finish } from './ledger.sql.ts';

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

const idsOf = (messages: readonly ClaimedMessage[]): string[] => messages.map((message) => message.message_id);

export function openSender(options: {
  readonly records: Records;
  readonly deliveries: readonly Delivery[];
  readonly rules: ReachRules;
  readonly journal: Journal;
  readonly worker: string;
  readonly now: () => Date;
}): Sender {
  const { records, rules, worker } = options;

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
      try {
        return { seen: round.seen, prepared: await delivery.prepare(round.claimed, now) };
      } catch (error) {
        await giveBack(records.db, idsOf(round.claimed), options.now());
        throw error;
      }
    };
    let upcoming = claimNext();
    for (;;) {
      const batch = await upcoming;
      if (batch.seen === 0) return;
      // While this batch is on the wire the next is claimed and written.
      upcoming = claimNext();
      upcoming.catch(() => undefined);
      try {
        const sender = { db: records.db, journal: options.journal, now: options.now };
        for (const finish of await sendBatch(sender, batch.prepared, signal)) report.counts[finish.state]++;
      } catch (error) {
        const { prepared } = await upcoming;
        await giveBack(records.db, idsOf(prepared.map(({ message }) => message)), options.now());
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
      options.journal.close();
    },
  };
}
