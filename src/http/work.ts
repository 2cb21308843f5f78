// What the product does by itself: a job every minute (stages up to date, programmes entered and advanced), one every quarter of a minute (stages
// alone) and a loop every second that sends what has become due. All go through one gate, so no round ever overlaps another in this process. What takes long and sends
// nothing (training the recommender, once a day) is a job beside the gate.
import { appJobs, type App } from '../app.ts';
import { keepEvaluated } from '../understand/dormancy/keep-evaluated.service.ts';
import { recommendDaily } from '../understand/recommend/recommend-daily.service.ts';

const QUEUE = 'tick';
const EVERY_MINUTE = '* * * * *';
/** Up to date costs one query; asked every hour, so that a night spent switched off is made up for. */
const RECOMMEND_QUEUE = 'recommend';
const EVERY_HOUR = '23 * * * *';
const SEND_EVERY_MS = 1_000;
/** Who has crossed a threshold or come back stands in her new stage well within the minute: the round itself takes seconds. */
const STAGES_QUEUE = 'stages';
const STAGES_EVERY_MS = 15_000;

export type Work = {
  /** Resolves when what was running has come to a safe end. */
  readonly stop: () => Promise<void>;
};

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

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
  const inTurn = async (round: () => Promise<void>): Promise<void> => {
    while (gate.running !== undefined) await gate.running.catch(() => undefined);
    await alone(round);
  };
  const keepStages = async (): Promise<void> => {
    const { records, events, business } = app;
    await keepEvaluated({ records, events, timeZone: business.timeZone }, app.clock.now());
  };
  await jobs.work(QUEUE, () =>
    inTurn(async () => {
      await keepStages();
      await app.tick(signal);
    }),
  );
  await jobs.work(STAGES_QUEUE, () => inTurn(keepStages));
  await jobs.every(QUEUE, EVERY_MINUTE);
  await jobs.send(QUEUE, {}, 'start');
  await jobs.work(RECOMMEND_QUEUE, async () => {
    if (!signal.aborted) await recommendDaily({ events: app.events, timeZone: app.business.timeZone }, app.clock.now());
  });
  await jobs.every(RECOMMEND_QUEUE, EVERY_HOUR);
  await jobs.send(RECOMMEND_QUEUE, {}, 'start');

  const send = (): void => {
    void alone(async () => {
      await app.sender.sendDue(signal);
    }).catch((error: unknown) => log(errorOf(error)));
  };
  const timer = setInterval(send, SEND_EVERY_MS);
  const stagesTimer = setInterval(() => {
    void jobs.send(STAGES_QUEUE, {}, 'round').catch((error: unknown) => log(errorOf(error)));
  }, STAGES_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      clearInterval(stagesTimer);
      stopping.abort();
      await gate.running?.catch(() => undefined);
      await jobs.stop();
    },
  };
}
