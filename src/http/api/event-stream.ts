// Server-sent events: named events with JSON, a breath every few seconds so that no proxy hangs up, an end when the listener leaves.
import { RekindleError } from '../../kernel/errors.ts';

const BREATH_MS = 15_000;

export type Tell = (name: string, value: unknown) => void;

/** For what is a stream only: throws `invalid` for a caller that accepts none. */
export function requireStream(accept: string): void {
  if (!accept.includes('text/event-stream'))
    throw new RekindleError('invalid', {
      where: 'Accept',
      what: { en: 'this is a stream of text/event-stream', zh: '这是 text/event-stream 数据流' },
    });
}

/** Looks now and again, never twice at once; the answer ends it. A store that is closing ends the looking, not the process. */
export function lookEvery(ms: number, look: () => Promise<void>): () => void {
  let isBusy = false;
  const tick = (): void => {
    if (isBusy) return;
    isBusy = true;
    void look()
      .catch(() => clearInterval(timer))
      .finally(() => (isBusy = false));
  };
  const timer = setInterval(tick, ms);
  tick();
  return () => clearInterval(timer);
}

/** Streams what `begin` tells; what `begin` returns is called when the listener has gone. */
export function eventStream(begin: (tell: Tell) => () => void): Response {
  const encoder = new TextEncoder();
  let end = (): void => undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      let isOpen = true;
      const write = (text: string): void => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      const breath = setInterval(() => write(':\n\n'), BREATH_MS);
      const stop = begin((name, value) => write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`));
      end = () => {
        isOpen = false;
        clearInterval(breath);
        stop();
      };
    },
    cancel: () => end(),
  });
  return new Response(stream, {
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
  });
}
