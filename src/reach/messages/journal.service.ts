// What was on the wire when the process died? Small files beside the ledger: one line before the last byte of a message is handed over,
// one line with its outcome. The ledger learns outcomes in sets; these files know each at once, so that `kill -9` leaves `unknown`
// only for messages that the other side had whole and had not answered. A write reaches the system's cache before it returns, which
// outlives the process; after a power cut the ledger's own rule (`sending` is `unknown`) is the worst that happens to what is missing.
// The lines of a message are in one file, and a file goes when the ledger has everything it tells: the journal of a send that lasts for
// days stays small. An outcome is written along with the next hand-over, or when the work of its moment is done: before anything else happens.
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { finishMessages, settleQuotas, type Finish } from './ledger.sql.ts';

/** A claim is a message and the number of its attempt: an earlier attempt's lines say nothing about a later one. */
export type Claim = { readonly message_id: string; readonly attempts: number };

export type Journal = {
  /** Call before the last byte leaves. Throws when it cannot be written: then the message must not leave. */
  readonly handingOver: (claim: Claim) => void;
  /** Does not throw: the outcome is on its way into the ledger as well. */
  readonly finished: (claim: Claim, finish: Finish) => void;
  /** The ledger has the outcomes of these claims: their lines may go. */
  readonly recorded: (claims: readonly Claim[]) => void;
  readonly close: () => void;
};

/** By claim: its outcome, or that it was handed over and nothing more is known. */
export type JournalLeft = ReadonlyMap<string, Finish | 'handed_over'>;

export type OpenedJournal = {
  readonly journal: Journal;
  /** What the last process left. */
  readonly left: JournalLeft;
  /** What was left is in the ledger: call after `recoverClaims`. */
  readonly settled: () => void;
};

const LINES_PER_FILE = 10_000;

const keyOf = ({ message_id, attempts }: Claim): string => `${message_id}/${attempts}`;

type Line = { readonly claim: string; readonly finish?: Finish };

function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text, (key, value: unknown) =>
      (key === 'at' || key === 'due_at') && typeof value === 'string' ? new Date(value) : value,
    ) as Line;
  } catch {
    return undefined; // The last line, cut off by the end of the process: what it announced did not happen.
  }
}

export function readJournal(text: string): JournalLeft {
  const left = new Map<string, Finish | 'handed_over'>();
  for (const each of text.split('\n')) {
    const line = each === '' ? undefined : lineOf(each);
    if (line !== undefined) left.set(line.claim, line.finish ?? 'handed_over');
  }
  return left;
}

/** `handovers.jsonl`, `handovers.1.jsonl`, … */
const fileAt = (path: string, number: number): string =>
  number === 0 ? path : path.replace(/\.jsonl$/, `.${number}.jsonl`);

function filesOf(path: string): { readonly number: number; readonly path: string }[] {
  const stem = basename(path, '.jsonl');
  return readdirSync(dirname(path))
    .flatMap((name) => {
      const [head, number, tail] = name === `${stem}.jsonl` ? [stem, '0', 'jsonl'] : name.split('.');
      const isOurs = head === stem && tail === 'jsonl' && /^\d+$/.test(number ?? '') && name.split('.').length <= 3;
      return isOurs ? [{ number: Number(number), path: join(dirname(path), name) }] : [];
    })
    .toSorted((a, b) => a.number - b.number);
}

type Segment = { readonly path: string; readonly file: number; lines: number; unrecorded: number };

/** An outcome that is still to be written. */
type Pending = { readonly key: string; readonly segment: Segment; readonly text: string };

/** How many of the bytes a file has taken; a full disk takes fewer, or says so. */
function written(file: number, bytes: Buffer): number {
  try {
    return writeSync(file, bytes);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') return 0;
    throw cause;
  }
}

/** Opens the journal at `path` (`….jsonl`) and says what the last process left in it. */
export function openJournal(path: string): OpenedJournal {
  mkdirSync(dirname(path), { recursive: true });
  const old = filesOf(path);
  const left = new Map(old.flatMap((each) => [...readJournal(readFileSync(each.path, 'utf8'))]));
  let number = old.length === 0 ? -1 : old.at(-1)!.number;
  const begin = (): Segment => {
    const next = fileAt(path, ++number);
    return { path: next, file: openSync(next, 'a', 0o600), lines: 0, unrecorded: 0 };
  };
  let current = begin();
  const segments = new Map<string, Segment>();

  let pending: readonly Pending[] = [];
  let willFlush = false;

  // A cut-off last line must not swallow the next one.
  const textOf = (line: Line): string => `\n${JSON.stringify(line)}\n`;
  /** Writes what is pending for the file, and `more`. Throws when not all of it could be written: then it stays pending. */
  const append = (segment: Segment, more = ''): void => {
    const own = pending.filter((each) => each.segment === segment);
    const bytes = Buffer.from(own.map(({ text }) => text).join('') + more);
    if (written(segment.file, bytes) < bytes.length) throw new RekindleError('disk_full', { path: dirname(path) });
    if (own.length > 0) pending = pending.filter((each) => each.segment !== segment);
  };
  const flush = (): void => {
    willFlush = false;
    try {
      for (const segment of new Set(pending.map((each) => each.segment))) append(segment);
    } catch {
      // The ledger is being told as well, and what is handed over next has to get past the same disk.
    }
  };
  const segmentOf = (key: string): Segment => {
    const known = segments.get(key);
    const segment = known ?? current;
    segment.lines++;
    if (known === undefined) {
      segments.set(key, segment);
      segment.unrecorded++;
    }
    return segment;
  };
  const discard = (segment: Segment): void => {
    closeSync(segment.file);
    rmSync(segment.path, { force: true });
  };

  return {
    left,
    settled: () => {
      for (const each of old) rmSync(each.path, { force: true });
    },
    journal: {
      handingOver: (claim) => {
        if (current.lines >= LINES_PER_FILE) {
          const full = current;
          current = begin();
          if (full.unrecorded === 0) discard(full);
        }
        const key = keyOf(claim);
        append(segments.get(key) ?? current, textOf({ claim: key }));
        segmentOf(key);
      },
      finished: (claim, finish) => {
        const key = keyOf(claim);
        pending = [...pending, { key, segment: segmentOf(key), text: textOf({ claim: key, finish }) }];
        if (willFlush) return;
        willFlush = true;
        process.nextTick(flush);
      },
      recorded: (claims) => {
        if (pending.length > 0) {
          const told = new Set(claims.map(keyOf));
          pending = pending.filter(({ key }) => !told.has(key));
        }
        for (const claim of claims) {
          const key = keyOf(claim);
          const segment = segments.get(key);
          if (segment === undefined) continue;
          segments.delete(key);
          if (--segment.unrecorded > 0) continue;
          if (segment !== current) discard(segment);
          else {
            ftruncateSync(segment.file, 0);
            segment.lines = 0;
          }
        }
      },
      close: () => {
        flush();
        pending = [];
        const open = new Set([...segments.values(), current]);
        for (const segment of open) closeSync(segment.file);
        if (current.unrecorded === 0 && existsSync(current.path)) rmSync(current.path);
      },
    },
  };
}

/**
 * Settles what the last process left in `sending`: outcomes it had heard are recorded, what it had handed over becomes `unknown`, and
 * the rest, which certainly never left, is due again. Where there are other senders, the rest is what `workers` (this process's
 * predecessors in the same data folder) had claimed; what somebody else has claimed is left alone.
 */
export async function recoverClaims(
  db: RecordsDb,
  left: JournalLeft,
  options: { readonly isOnlySender: boolean; readonly workers: readonly string[]; readonly now: Date },
): Promise<{ readonly recorded: number; readonly unknown: number; readonly givenBack: number }> {
  const { isOnlySender, workers, now } = options;
  const claims = await db
    .selectFrom('messages')
    .select(['message_id', 'attempts', 'claimed_by'])
    .where('state', '=', 'sending')
    .execute();
  const counts = { recorded: 0, unknown: 0, givenBack: 0 };
  const finishes = claims.flatMap((claim): Finish[] => {
    const fate = left.get(keyOf(claim));
    const base = { message_id: claim.message_id, at: now, provider_id: null, detail: null, due_at: null };
    if (fate === 'handed_over') {
      counts.unknown++;
      return [{ ...base, state: 'unknown', code: 'sender_died' }];
    }
    if (fate !== undefined) {
      counts.recorded++;
      return [fate];
    }
    if (!isOnlySender && !workers.includes(claim.claimed_by ?? '')) return [];
    counts.givenBack++;
    return [{ ...base, state: 'planned', code: 'given_back', due_at: now }];
  });
  await finishMessages(db, finishes);
  // Also of those whose outcome was in the ledger already, and of whom the process learned no more.
  await settleQuotas(
    db,
    [...left.values()].filter((fate) => fate !== 'handed_over'),
    now,
  );
  return counts;
}
