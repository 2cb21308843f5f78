// An answer that is written line by line while the work goes on: one JSON value a line.

/** Runs `work` and streams what it says. `work` handles its own errors: the status has been sent when they happen. */
export function ndjson(work: (line: (value: unknown) => void) => Promise<void>): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      let isOpen = true;
      const line = (value: unknown): void => {
        if (isOpen) controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      };
      // The work goes on when the caller hangs up: an import is all or nothing.
      void work(line).finally(() => {
        if (isOpen) controller.close();
        isOpen = false;
      });
    },
  });
  return new Response(stream, { headers: { 'Content-Type': 'application/x-ndjson' } });
}
