// What somebody is typing, kept in her browser until it is saved: a closed tab, an ended session or a dead battery loses nothing.
import { useCallback, useEffect, useRef, useState } from 'react';

const PREFIX = 'rekindle.draft.';
const KEEP_AFTER_MS = 300;
const DAYS_KEPT = 14;

type Kept<T> = {
  readonly at: string;
  readonly value: T;
  /** Of what it was typed on; what somebody else saved since then must not be written over unseen. */
  readonly version?: string | undefined;
};

function read<T>(key: string): Kept<T> | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null') as Kept<T> | null;
    if (kept === null || Date.now() - new Date(kept.at).getTime() > DAYS_KEPT * 86_400_000) return undefined;
    return kept;
  } catch {
    // A draft that cannot be read is no draft.
    return undefined;
  }
}

export type Draft<T> = {
  /** What was found when the form opened, and when it had been typed. */
  readonly found: Kept<T> | undefined;
  /** `version`: of what it is typed on. */
  readonly keep: (value: T, version?: string) => void;
  /** After saving, or when she does not want it. */
  readonly drop: () => void;
};

/** Saved already, although the answer came too late for the page to know: nothing of it is lost. */
const isStored = (kept: object, stored: object): boolean =>
  JSON.stringify({ ...stored, ...kept }) === JSON.stringify(stored);

/**
 * The draft called `key`: name the thing that is edited, such as `template:spring`. One that says what `stored` says is none. Passwords do not belong in
 * a draft.
 */
export function useDraft<T extends object>(key: string, stored?: T): Draft<T> {
  const [found, setFound] = useState(() => {
    const kept = read<T>(key);
    if (kept === undefined || stored === undefined || !isStored(kept.value, stored)) return kept;
    localStorage.removeItem(PREFIX + key);
    return undefined;
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pending = useRef<Kept<T>>(undefined);
  const write = useCallback(() => {
    clearTimeout(timer.current);
    if (pending.current !== undefined) localStorage.setItem(PREFIX + key, JSON.stringify(pending.current));
    pending.current = undefined;
  }, [key]);
  useEffect(() => {
    window.addEventListener('pagehide', write);
    return () => {
      window.removeEventListener('pagehide', write);
      write();
    };
  }, [write]);
  return {
    found,
    keep: useCallback(
      (value: T, version?: string) => {
        pending.current = { at: new Date().toISOString(), value, version };
        clearTimeout(timer.current);
        timer.current = setTimeout(write, KEEP_AFTER_MS);
      },
      [write],
    ),
    drop: useCallback(() => {
      clearTimeout(timer.current);
      pending.current = undefined;
      localStorage.removeItem(PREFIX + key);
      setFound(undefined);
    }, [key]),
  };
}
