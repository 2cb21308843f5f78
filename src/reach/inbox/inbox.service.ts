// Inboxes in memory. Asking costs no statement while nothing about the person has changed; those who ask for the first time at the same moment
// share one statement, and whoever is just looking has hers read anew together with theirs when it changes. Guarantees: an inbox is thrown away
// when the transaction that changed it commits, in whichever process; an answer that was being read while it changed is given to nobody later;
// when changes may have been missed, everything is thrown away.
import { RekindleError } from '../../kernel/errors.ts';
import { groupCommit } from '../../collect/ingest/group-commit.ts';
import type { Records } from '../../stores/records/records.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import { loadInboxes, type LoadedInbox } from './inbox.sql.ts';

const INBOXES_MAX = 50_000;
/** Merges and changed rules are not announced; nothing is believed for longer than this. */
const BELIEVED_MS = 30_000;
/** Who asked within it opens another page soon: what has changed for her is read before she does. */
const LOOKING_MS = 30_000;
/** So many are read anew at a time; a change that concerns more leaves the others to their next page. */
const ANEW_MAX = 200;
const PEOPLE_PER_STATEMENT = 500;
const WAITING_MAX = 20_000;

/** An id, and when somebody last asked with it. */
type Asked = { readonly actorId: string; readonly atMs: number };
type Kept = LoadedInbox & { readonly untilMs: number; askedMs: number };

export type Inboxes = {
  /** By any id she goes by. */
  readonly of: (actorId: string) => Promise<LoadedInbox>;
  readonly close: () => Promise<void>;
};

export async function openInboxes(options: {
  readonly records: Records;
  readonly rules: ReachRules;
  readonly now: () => Date;
}): Promise<Inboxes> {
  const { records, rules } = options;
  const kept = new Map<string, Kept>();
  /** The ids under which a person's inbox is kept, where they differ from her own. */
  const aliases = new Map<string, Set<string>>();
  /** People whose inbox changed while a statement was being answered. */
  let changed: Set<string> | undefined;
  let isEverybodyChanged = false;

  let readingAnew = 0;

  const forgetAll = (): void => {
    kept.clear();
    aliases.clear();
    isEverybodyChanged = true;
  };
  const forget = (personId: string): void => {
    if (personId === '*') return forgetAll();
    const since = performance.now() - LOOKING_MS;
    const looking: Asked[] = [];
    for (const actorId of [personId, ...(aliases.get(personId) ?? [])]) {
      const known = kept.get(actorId);
      if (known !== undefined && known.askedMs > since) looking.push({ actorId, atMs: known.askedMs });
      kept.delete(actorId);
    }
    aliases.delete(personId);
    changed?.add(personId);
    for (const asked of looking) void readAnew(asked);
  };
  const readAnew = async (asked: Asked): Promise<void> => {
    if (readingAnew >= ANEW_MAX) return;
    readingAnew++;
    try {
      await loads.submit([asked]);
    } catch {
      // Nobody waits for it: whoever asks next meets the same trouble, and is told.
    } finally {
      readingAnew--;
    }
  };
  const keep = (actorId: string, inbox: LoadedInbox, askedMs: number): void => {
    if (kept.size >= INBOXES_MAX) {
      const [oldest] = kept.keys();
      if (oldest !== undefined) kept.delete(oldest);
    }
    kept.set(actorId, { ...inbox, untilMs: performance.now() + BELIEVED_MS, askedMs });
    if (actorId === inbox.personId) return;
    if (aliases.size >= INBOXES_MAX) aliases.clear();
    aliases.set(inbox.personId, (aliases.get(inbox.personId) ?? new Set()).add(actorId));
  };

  const loads = groupCommit<Asked, LoadedInbox>({
    itemsPerWriteMax: PEOPLE_PER_STATEMENT,
    waitingMax: WAITING_MAX,
    sizeOf: () => 1,
    write: async (groups) => {
      changed = new Set();
      isEverybodyChanged = false;
      const asked = groups.flat();
      const lastAsked = new Map<string, number>();
      for (const { actorId, atMs } of asked) lastAsked.set(actorId, Math.max(atMs, lastAsked.get(actorId) ?? atMs));
      const loaded = await loadInboxes(records.db, [...lastAsked.keys()], rules, options.now());
      for (const [actorId, inbox] of loaded)
        if (!isEverybodyChanged && !changed.has(inbox.personId)) keep(actorId, inbox, lastAsked.get(actorId) ?? 0);
      changed = undefined;
      return asked.map(({ actorId }) => loaded.get(actorId) ?? { personId: actorId, rows: [] });
    },
  });
  const stop = await records.listen('inbox', forget, forgetAll);

  return {
    of: async (actorId) => {
      const atMs = performance.now();
      const known = kept.get(actorId);
      if (known !== undefined && known.untilMs > atMs) {
        known.askedMs = atMs;
        return known;
      }
      try {
        return await loads.submit([{ actorId, atMs }]);
      } catch (cause) {
        if (cause instanceof RekindleError) throw cause;
        const what = cause instanceof Error ? cause.message : String(cause);
        throw new RekindleError('store_unavailable', { store: 'records', what }, { cause });
      }
    },
    close: async () => {
      await stop();
      await loads.drained();
    },
  };
}
