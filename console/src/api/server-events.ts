// What the server tells by itself: a stream of named events, joined again when the line breaks.
import { useEffect, useRef, useState } from 'react';

type StreamState = 'connecting' | 'open' | 'lost';

/** Listens while `path` is given. `onEvent` gets the event's name and its JSON. The browser joins again by itself. */
export function useServerEvents(
  path: string | undefined,
  onEvent: (name: string, value: unknown) => void,
  names: readonly string[] = ['message'],
): StreamState {
  const [state, setState] = useState<StreamState>('connecting');
  const latest = useRef(onEvent);
  useEffect(() => {
    latest.current = onEvent;
  });
  const joined = names.join('\n');
  useEffect(() => {
    if (path === undefined) return undefined;
    const source = new EventSource(`/api${path}`);
    source.addEventListener('open', () => setState('open'));
    source.addEventListener('error', () => setState(source.readyState === EventSource.CLOSED ? 'lost' : 'connecting'));
    for (const name of joined.split('\n'))
      source.addEventListener(name, (event: MessageEvent<string>) => latest.current(name, JSON.parse(event.data)));
    return () => source.close();
  }, [path, joined]);
  return state;
}
