// Background work on pg-boss over the records store: no other service to install. A job's handler must be safe to run twice.
import { PgBoss } from 'pg-boss';
import type { Records } from '../records/records.ts';

export type JobHandler = (payload: object) => Promise<void>;

export type Jobs = {
  /** Runs `handler` for every job sent to `queue`, one at a time per process. */
  readonly work: (queue: string, handler: JobHandler) => Promise<void>;
  /** A second job with the same `key` is not added while one waits or runs. */
  readonly send: (queue: string, payload: object, key?: string) => Promise<void>;
  /** `cron` has five fields, in UTC. */
  readonly every: (queue: string, cron: string) => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function openJobs(records: Records, onError: (error: Error) => void): Jobs {
  const boss = new PgBoss({
    db: records.jobsDatabase,
    backend: records.kind,
    schema: 'jobs',
    monitorVacuum: false,
    reindex: false,
  });
  boss.on('error', onError);
  const known = new Set<string>();
  const ensure = async (queue: string): Promise<void> => {
    if (known.has(queue)) return;
    await boss.createQueue(queue);
    known.add(queue);
  };
  return {
    work: async (queue, handler) => {
      await ensure(queue);
      await boss.work<object>(queue, { pollingIntervalSeconds: 1 }, async (jobs) => {
        for (const job of jobs) await handler(job.data ?? {});
      });
    },
    send: async (queue, payload, key) => {
      await ensure(queue);
      await boss.send(queue, payload, key === undefined ? {} : { singletonKey: key });
    },
    every: async (queue, cron) => {
      await ensure(queue);
      await boss.schedule(queue, cron);
    },
    start: async () => {
      await boss.start();
    },
    stop: () => boss.stop({ graceful: true, timeout: 10_000, close: false }),
  };
}
