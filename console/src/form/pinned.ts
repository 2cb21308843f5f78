// What a form was opened on: while somebody types, news from the server neither replace her words nor count as having been read.
import { useCallback, useEffect, useRef, useState } from 'react';

type Read<T> = { readonly value: T; readonly version: string | undefined };
type Pinned<T> = Read<T> & {
  /** She has begun to type: from now on only `release` lets go of what she saw. */
  readonly hold: () => void;
  /** After saving, or when she takes the newer one: the latest that was read. */
  readonly release: () => void;
};

/** `held`: the form opens with words of hers in it, such as a draft that was found. */
export function usePinned<T>(value: T, version: string | undefined, held = false): Pinned<T> {
  const [seen, setSeen] = useState<Read<T>>({ value, version });
  const isHeld = useRef(held);
  const latest = useRef<Read<T>>({ value, version });
  useEffect(() => {
    latest.current = { value, version };
    if (!isHeld.current) setSeen({ value, version });
  }, [value, version]);
  return {
    ...seen,
    hold: useCallback(() => {
      isHeld.current = true;
    }, []),
    release: useCallback(() => {
      isHeld.current = false;
      setSeen(latest.current);
    }, []),
  };
}
