// What was on the wire when the process died? A small file beside the ledger: one line before the last byte of a message is handed over,
// one line with its outcome. The ledger learns outcomes batch by batch; this file knows each at once, so that `kill -9` leaves `unknown`
// only for messages that the other side had whole and had not answered. A write reaches the system's cache before it returns, which
// outlives the process; after a power cut the ledger's own rule (`sending` is `unknown`) is the worst that happens to what is missing.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RecordsDb } from '../../stores/records/records.ts';
import { finishMessages, type Finish } from './ledger.sql.ts';

/** A claim is a message and the number of its attempt: an earlier attempt's lines say nothing about a later one. */
export type Claim = { readonly message_id: string; readonly attempts: number };

export type Journal = {
  /** A batch begins; call the answer when the ledger has all its outcomes. */
  readonly begin: () => () => void;
  /** Call before the last byte leaves. Throws when it cannot be written: then the message must not leave. */
  readonly handingOver: (claim: Claim) => void;
  readonly finished: (claim: Claim, finish: Finish) => void;
  readonly close: () => void;
};

/** By claim: its outcome, or that it was handed over and nothing more is known. */
export type JournalLeft = ReadonlyMap<string, Finish | 'handed_over'>;

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

/** Opens the journal at `path` and says what the last process left in it. Its lines stay until the first batch is through. */
export function openJournal(path: string): { readonly journal: Journal; readonly left: JournalLeft } {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+', 0o600);
  const left = readJournal(readFileSync(path, 'utf8'));
  let begun = 0;
  // A cut-off last line must not swallow the next one.
  const write = (line: Line): void => void writeSync(file, `\n${JSON.stringify(line)}\n`);
  return {
    left,
    journal: {
      begin: () => {
        begun++;
        return () => {
          if (--begun === 0) ftruncateSync(file, 0);
        };
      },
      handingOver: (claim) => write({ claim: keyOf(claim) }),
      finished: (claim, finish) => write({ claim: keyOf(claim), finish }),
      close: () => closeSync(file),
    },
  };
}

/**
 * Settles what the last process left in `sending`: outcomes it had heard are recorded, what it had handed over becomes `unknown`, and
 * the rest, which certainly never left, is due again. With `isOnlySender: false` the rest may be another worker's and is left alone.
 */
export async function recoverClaims(
  db: RecordsDb,
  left: JournalLeft,
  options: { readonly isOnlySender: boolean; readonly now: Date },
): Promise<{ readonly recorded: number; readonly unknown: number; readonly givenBack: number }> {
  const { isOnlySender, now } = options;
  const claims = await db
    .selectFrom('messages')
    .select(['message_id', 'attempts'])
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
    if (!isOnlySender) return [];
    counts.givenBack++;
    return [{ ...base, state: 'planned', code: 'given_back', due_at: now }];
  });
  await finishMessages(db, finishes);
  return counts;
}
