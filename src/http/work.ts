// What the product does by itself: a job every minute (stages up to date, programmes entered and advanced) and a loop every second that
// sends what has become due. Both go through one gate, so no round ever overlaps another in this process.
import { appJobs, type App } from '../app.ts';
import { evaluateDaily } from '../understand/dormancy/evaluate-daily.service.ts';

const QUEUE = 'tick';
const EVERY_MINUTE = '* * * * *';
const SEND_EVERY_MS = 1_000;

export type Work = {
  /** Resolves when what was running has come to a safe end. */
  readonly stop: () => Promise<void>;
};

export async function startWork(app: App, log: (error: Error) => void): Promise<Work> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const gate: { running: Promise<void> | undefined } = { running: undefined };

  /** Runs `round` alone; while another runs it is passed over, because the next second or minute brings the next. */
  const alone = (round: () => Promise<void>): Promise<void> => {
    if (gate.running !== undefined || signal.aborted) return Promise.resolve();
    gate.running = round().finally(() => (gate.running = undefined));
    return gate.running;
  };

  const jobs = appJobs(app, log);
  await jobs.start();
  await jobs.work(QUEUE, async () => {
    while (gate.running !== undefined) await gate.running.catch(() => undefined);
    await alone(async () => {
      await evaluateDaily(
        { records: app.records, events: app.events, timeZone: app.business.timeZone },
        app.clock.now(),
      );
      await app.tick(signal);
    });
  });
  await jobs.every(QUEUE, EVERY_MINUTE);
  await jobs.send(QUEUE, {}, 'start');

  const send = (): void => {
    void alone(async () => {
      await app.sender.sendDue(signal);
    }).catch((error: unknown) => log(error instanceof Error ? error : new Error(String(error))));
  };
  const timer = setInterval(send, SEND_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await gate.running?.catch(() => undefined);
      await jobs.stop();
    },
  };
}
