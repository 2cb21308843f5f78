// Server-sent events: named events with JSON, a breath every few seconds so that no proxy hangs up, an end when the listener leaves.
const BREATH_MS = 15_000;

export type Tell = (name: string, value: unknown) => void;

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
