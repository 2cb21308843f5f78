// What the product does by itself: a job every minute (stages up to date, programmes entered and advanced), one every quarter of a minute
// (stages alone) and, for each channel, a loop every second that sends what has become due. No round overlaps another of its kind in this
// process, and a channel whose other side keeps silent holds up neither the other channels nor the planning.
import { appJobs, type App } from '../app.ts';
import { keepObjections } from '../collect/people/objections.service.ts';
import { continueAudiences, syncAudiences } from '../reach/audiences/sync.service.ts';
import { recoverPrivacyRuns, workPrivacyRuns } from './privacy-runs.service.ts';
import { copyBestHours } from '../reach/arbiter/best-hours.service.ts';
import { forgetMailReports } from '../reach/channels/email/providers/mail-reports.service.ts';
import { sendPosts } from '../reach/posts/posts.service.ts';
import { deleteExpiredDaily } from '../reach/consent/retention.service.ts';
import { keepEvaluated } from '../understand/dormancy/keep-evaluated.service.ts';
import { evaluateMemberships } from '../understand/segments/memberships.service.ts';
import { recommendDaily } from '../understand/recommend/recommend-daily.service.ts';

const QUEUE = 'tick';
const EVERY_MINUTE = '* * * * *';
/** Up to date costs one query; asked every hour, so that a night spent switched off is made up for. */
const RECOMMEND_QUEUE = 'recommend';
const EVERY_HOUR = '23 * * * *';
/** Receipts and answers that a provider keeps for us, and texts of which it said nothing. */
const SMS_QUEUE = 'sms';
/** Whoever withdraws must be out of every audience within a day; within the hour she is. */
const AUDIENCES_QUEUE = 'audiences';
const EVERY_HOUR_LATER = '41 * * * *';
/** A sync that a network broke off goes on when it may. */
const AUDIENCES_GO_ON_QUEUE = 'audiences-go-on';
const POSTS_QUEUE = 'posts';
/** What segments ask of the records store is mirrored when one asks; in between it is kept from falling far behind. */
const FACTS_QUEUE = 'facts';
/** Exports and erasures that somebody asked for, and that the process she asked did not finish. */
const PRIVACY_QUEUE = 'privacy';
const PLANNING = 'planning';
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
  const running = new Map<string, Promise<void>>();

  /** Runs `round` as the only one of its name; while another runs it is passed over, because the next second or minute brings the next. */
  const alone = (name: string, round: () => Promise<void>): Promise<void> => {
    if (running.has(name) || signal.aborted) return Promise.resolve();
    const started = round().finally(() => running.delete(name));
    running.set(name, started);
    return started;
  };

  const jobs = appJobs(app, log);
  await jobs.start();
  const keepStages = async (): Promise<void> => {
    const { records, events, business } = app;
    await keepObjections(app, app.clock.now());
    await deleteExpiredDaily(records.db, app.clock.now());
    const rounds = await keepEvaluated(
      { records, events, timeZone: business.timeZone, scopes: app.segments },
      app.clock.now(),
    );
    // Who has become dormant at midnight is in the segments that ask for it with the turn, not a minute later.
    if (rounds.some(({ what }) => what === 'evaluated')) await evaluateMemberships(app.segments, app.clock.now());
  };
  await jobs.work(QUEUE, async () => {
    // A round of stages alone takes seconds, and must not cost a minute of planning.
    await running.get(PLANNING)?.catch(() => undefined);
    await alone(PLANNING, async () => {
      await keepStages();
      await app.plan(signal);
    });
  });
  await jobs.work(STAGES_QUEUE, () => alone(PLANNING, keepStages));
  await jobs.every(QUEUE, EVERY_MINUTE);
  await jobs.send(QUEUE, {}, 'start');
  await jobs.work(RECOMMEND_QUEUE, async () => {
    if (signal.aborted) return;
    const trained = await recommendDaily({ events: app.events, timeZone: app.business.timeZone }, app.clock.now());
    if (trained !== undefined) await copyBestHours(app, app.clock.now());
  });
  await jobs.every(RECOMMEND_QUEUE, EVERY_HOUR);
  await jobs.send(RECOMMEND_QUEUE, {}, 'start');

  await jobs.work(SMS_QUEUE, async () => {
    if (signal.aborted) return;
    await app.sms.poll();
    await forgetMailReports(app.records.db, app.clock.now());
    await app.pollWecom();
  });
  await jobs.every(SMS_QUEUE, EVERY_MINUTE);

  await jobs.work(AUDIENCES_QUEUE, async () => {
    if (signal.aborted) return;
    await app.connections.refresh();
    await syncAudiences(app.audiences);
  });
  await jobs.every(AUDIENCES_QUEUE, EVERY_HOUR_LATER);

  await jobs.work(AUDIENCES_GO_ON_QUEUE, async () => {
    if (signal.aborted) return;
    await app.connections.refresh();
    await continueAudiences(app.audiences);
  });
  await jobs.every(AUDIENCES_GO_ON_QUEUE, EVERY_MINUTE);

  await jobs.work(POSTS_QUEUE, async () => {
    if (signal.aborted) return;
    await app.connections.refresh();
    await sendPosts(app.posts);
  });
  await jobs.every(POSTS_QUEUE, EVERY_MINUTE);

  await recoverPrivacyRuns(app);
  await jobs.work(PRIVACY_QUEUE, () => workPrivacyRuns(app, signal));
  await jobs.every(PRIVACY_QUEUE, EVERY_MINUTE);
  await jobs.send(PRIVACY_QUEUE, {}, 'start');

  await jobs.work(FACTS_QUEUE, async () => {
    if (!signal.aborted) await app.segments.refreshFacts();
  });
  await jobs.every(FACTS_QUEUE, EVERY_MINUTE);

  const send = (): void => {
    for (const channel of app.sender.channels) {
      void alone(channel, async () => {
        await app.sender.sendDue(signal, channel);
      }).catch((error: unknown) => log(errorOf(error)));
    }
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
      await Promise.allSettled(running.values());
      await jobs.stop();
    },
  };
}
