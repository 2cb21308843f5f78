// The value as it was when the typing paused: what is asked of the server for every state, but not for every key.
import { useEffect, useState } from 'react';

export function useLater<T>(value: T, afterMs: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return later;
}
