// One channel's way out: claim → prepare → hand over → record, as a sliding window. A message takes the next free lane, and the next set is
// claimed when few are left, so one silent connection holds up nothing but its own message. Guarantees: `sending` is durable before the
// hand-over; whatever was claimed and has not left is given back when the round ends, for whatever reason it ends, and where the store kept a
// claim whose answer never came, by the next round.
import type { Records } from '../../stores/records/records.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import { openHandOver, type Prepared } from './batch.service.ts';
import { claimDue, type ClaimCursor, type ClaimedMessage } from './claim.sql.ts';
import type { Closed, GivenUp, SendOutcome } from '../channels/channel.ts';
import type { Journal } from './journal.service.ts';
import type { Allowance } from '../deliverability/guard.service.ts';
import { claimedAt, finishMessages, type Finish } from './ledger.sql.ts';
import { givenBack } from './outcome.ts';
import type { Pace, Pacer } from './pacer.service.ts';
import type { Recorder } from './recorder.service.ts';

export type WayOut = {
  readonly channel: string;
  /** While it is closed nothing is claimed, and what was claimed is given back. */
  readonly closed?: (() => Closed | undefined) | undefined;
  /** Where only some of what it sends can leave: what the rest waits for. It is claimed, and waits by itself. */
  readonly partClosed?: (() => Closed | undefined) | undefined;
  /** What may be claimed now, where a guard stands before the way out; asked for each set. */
  readonly allowance?: ((now: Date) => Promise<Allowance>) | undefined;
  /** Everything that can be done for a whole set before anything leaves: one answer for each message, which may be that it cannot be sent. */
  readonly prepare: (messages: readonly ClaimedMessage[], now: Date) => Promise<readonly Prepared[]>;
  /** What its receiving sides bear; absent: whatever the provider takes. */
  readonly pace?: Pace | undefined;
};

export type WindowReport = { refused: number; deferred: number; counts: Record<Finish['state'], number> };

export const noReport = (): WindowReport => ({
  refused: 0,
  deferred: 0,
  counts: { sent: 0, failed: 0, unknown: 0, planned: 0, cancelled: 0 },
});

/** The first set is small, so that something leaves at once; a large one costs less for each of its messages. */
const FIRST_CLAIM_SIZE = 100;
const CLAIM_SIZE_MAX = 400;
/** So many are ready when the next set is claimed: more where the lanes run dry before it has come, fewer where they are slow, since what waits
 * here was judged a while ago. */
const LOW_WATER = 200;
const LOW_WATER_MAX = 400;
const LANES = 20;

function givenUpBy(outcome: SendOutcome | undefined): GivenUp | undefined {
  if (outcome?.kind !== 'rejected' || !outcome.permanent) return undefined;
  if (outcome.class !== 'address' && outcome.class !== 'mailbox') return undefined;
  const { byHerself, goneSince } = outcome;
  return { ...(byHerself === undefined ? {} : { byHerself }), ...(goneSince === undefined ? {} : { goneSince }) };
}

export async function sendChannel(
  sender: {
    readonly records: Records;
    readonly rules: ReachRules;
    readonly journal: Journal;
    readonly recorder: Recorder;
    /** The channel's own, where it has a pace. */
    readonly pacer: Pacer | undefined;
    readonly worker: string;
    /** When this channel claimed and was not told what: the store may have kept it. Emptied when that has been given back. */
    readonly unheard: Date[];
    readonly now: () => Date;
  },
  delivery: WayOut,
  signal: AbortSignal | undefined,
): Promise<WindowReport> {
  const { recorder, pacer, worker, unheard, rules, journal, now } = sender;
  const { db } = sender.records;
  const report = noReport();
  const ready: Prepared[] = [];
  const waiting = new Set<string>();
  const blocked: (() => void)[] = [];
  const handOver = openHandOver({ db, journal, now }, waiting, signal);
  let failure: { readonly cause: unknown } | undefined;
  let cursor: ClaimCursor | undefined;
  let claimSize = FIRST_CLAIM_SIZE;
  let lowWater = LOW_WATER;
  let hasRunDry = false;
  let isDry = false;
  let refilling: Promise<void> | undefined;

  const giveBackUnheard = async (): Promise<void> => {
    if (unheard.length === 0) return;
    const instants = [...unheard];
    const ids = await claimedAt(db, { worker, channel: delivery.channel, instants });
    await finishMessages(
      db,
      ids.map((id) => givenBack(id, 'given_back', now())),
    );
    unheard.splice(0, instants.length);
  };
  const giveBack = async (messages: readonly ClaimedMessage[], code: string): Promise<void> => {
    for (const message of messages) await recorder.add({ message, finish: givenBack(message.message_id, code, now()) });
  };
  const isClosed = (): boolean => delivery.closed?.() !== undefined;
  const claimMore = async (): Promise<void> => {
    const at = now();
    await pacer?.refresh(at);
    const laterThan = pacer && ((address: string) => pacer.laterThan(address, at));
    const allowance = await delivery.allowance?.(at);
    if (hasRunDry) lowWater = Math.min(2 * lowWater, LOW_WATER_MAX);
    hasRunDry = false;
    const isFirst = cursor === undefined;
    const options = { channel: delivery.channel, worker, limit: claimSize, rules, now: at, laterThan, allowance };
    const round = await claimDue(db, { ...options, after: cursor }).catch((cause: unknown) => {
      unheard.push(at);
      throw cause;
    });
    report.refused += round.refused;
    report.deferred += round.deferred;
    // Behind the cursor everything has been seen; what came in before it since, or was somebody's in that moment, is found from the front.
    isDry = round.seen === 0 && cursor === undefined;
    cursor = round.cursor;
    claimSize = Math.min(2 * claimSize, CLAIM_SIZE_MAX);
    for (const message of round.claimed) waiting.add(message.message_id);
    try {
      if (round.claimed.length > 0) ready.push(...(await delivery.prepare(round.claimed, at)));
    } catch (cause) {
      failure ??= { cause };
      await giveBack(round.claimed, 'given_back');
    }
    // At the front everybody waits.
    hasRunDry &&= !isFirst;
  };
  const refill = (): void => {
    if (refilling !== undefined || isDry || signal?.aborted || failure !== undefined || isClosed()) return;
    refilling = claimMore()
      .catch((cause: unknown) => void (failure ??= { cause }))
      .finally(() => (refilling = undefined));
  };
  const take = async (): Promise<Prepared | undefined> => {
    for (;;) {
      if (signal?.aborted || failure !== undefined || isClosed()) return undefined;
      if (ready.length < lowWater) refill();
      // Past those whose domain has all its connections busy: they hold up nobody else.
      const at = ready.findIndex(({ message }) => pacer?.enter(message.address) ?? true);
      if (at !== -1) return ready.splice(at, 1)[0];
      if (ready.length > 0) await new Promise<void>((resolve) => blocked.push(resolve));
      else if (refilling === undefined) return undefined;
      else {
        hasRunDry = true;
        await refilling;
      }
    }
  };
  const leave = ({ message }: Prepared): void => {
    pacer?.exit(message.address);
    for (const wake of blocked.splice(0)) wake();
  };
  const lane = async (): Promise<void> => {
    for (let each = await take(); each !== undefined; each = await take()) {
      const { finish, outcome, failure: trouble } = await handOver(each);
      leave(each);
      if (outcome !== undefined) await pacer?.heard(each.message.address, outcome, now());
      if (trouble !== undefined) failure ??= trouble;
      else report.counts[finish.state]++;
      await recorder.add({ message: each.message, finish, givenUp: givenUpBy(outcome) });
    }
  };

  await giveBackUnheard();
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  await refilling;
  await giveBack(
    ready.map(({ message }) => message),
    signal?.aborted ? 'shutdown' : 'given_back',
  );
  await recorder.drained();
  const failed = lanes.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  if (failure !== undefined) throw failure.cause;
  return report;
}
