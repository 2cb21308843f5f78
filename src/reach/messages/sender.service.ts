// Sends what is due, on every channel at once: a channel whose other side keeps silent holds up no other.
import { closeAll } from '../../kernel/closing.ts';
import type { Records } from '../../stores/records/records.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { Journal } from './journal.service.ts';
import { closureNotes } from './closures.service.ts';
import { forgetClosed, wakeClosed } from './pace.sql.ts';
import { openPacer } from './pacer.service.ts';
import { openRecorder } from './recorder.service.ts';
import { noReport, sendChannel, type WayOut, type WindowReport } from './window.service.ts';

/** A way out, as the sender drives it; each channel has one. */
export type Delivery = WayOut & { readonly close: () => Promise<void> };

export type Sender = {
  readonly channels: readonly string[];
  /** Sends until nothing is due on any channel, or on the one that is named, or `signal` aborts. Throws when all have had their turn. */
  readonly sendDue: (signal?: AbortSignal, channel?: string) => Promise<SendReport>;
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

function sumOf(reports: readonly WindowReport[]): SendReport {
  const sum = noReport();
  for (const report of reports) {
    sum.refused += report.refused;
    sum.deferred += report.deferred;
    for (const state of ['sent', 'failed', 'unknown', 'planned', 'cancelled'] as const)
      sum.counts[state] += report.counts[state];
  }
  const { counts, refused, deferred } = sum;
  const { sent, failed, unknown, cancelled } = counts;
  return { sent, failed, unknown, retried: counts.planned, cancelled, refused, deferred };
}

export function openSender(options: {
  readonly records: Records;
  readonly deliveries: readonly Delivery[];
  readonly rules: ReachRules;
  readonly journal: Journal;
  readonly worker: string;
  readonly now: () => Date;
}): Sender {
  const { records, rules, journal, worker, now, deliveries } = options;
  const recorder = openRecorder({ db: records.db, journal, now });
  const sender = { records, rules, journal, recorder, worker, now };
  const pacers = new Map(
    deliveries.flatMap(({ channel, pace }) =>
      pace === undefined ? [] : [[channel, openPacer({ records, worker }, channel, pace)]],
    ),
  );
  const unheard = new Map<string, Date[]>(deliveries.map(({ channel }) => [channel, []]));
  const note = closureNotes(records.db, worker);
  /** What stood still, a channel or a part of it: what waited for that leaves when it is open, or when another stands still. */
  const stood = new Map<string, string>();
  const heed = async ({ channel, closed, partClosed }: Delivery): Promise<void> => {
    const shut = closed?.() ?? partClosed?.();
    await note(channel, shut);
    const before = stood.get(channel);
    if (shut === undefined) stood.delete(channel);
    else stood.set(channel, JSON.stringify(shut));
    if (before !== undefined && before !== stood.get(channel)) await wakeClosed(records.db, now(), channel);
  };
  return {
    channels: deliveries.map((delivery) => delivery.channel),
    sendDue: async (signal, channel) => {
      const chosen = deliveries.filter((delivery) => channel === undefined || delivery.channel === channel);
      const turns = await Promise.allSettled(
        chosen.map(async (delivery) => {
          const own = { pacer: pacers.get(delivery.channel), unheard: unheard.get(delivery.channel)! };
          const report = await sendChannel({ ...sender, ...own }, delivery, signal);
          await heed(delivery);
          return report;
        }),
      );
      const troubles = turns.flatMap((turn) => (turn.status === 'rejected' ? [turn.reason as unknown] : []));
      if (troubles.length === 1) throw troubles[0];
      if (troubles.length > 1) throw new AggregateError(troubles, 'several channels failed');
      return sumOf(turns.flatMap((turn) => (turn.status === 'fulfilled' ? [turn.value] : [])));
    },
    close: () =>
      closeAll([
        ...deliveries.map((delivery) => delivery.close),
        ...[...pacers.values()].map((pacer) => pacer.close),
        journal.close,
        () => forgetClosed(records.db, [worker]),
      ]),
  };
}
