// Background work on pg-boss over the records store: no other service to install. A job's handler must be safe to run twice.
import { randomUUID } from 'node:crypto';
import { PgBoss } from 'pg-boss';
import type { Records } from '../records/records.ts';

export type JobHandler = (payload: object) => Promise<void>;

export type Jobs = {
  /** Runs `handler` for every job sent to `queue`, one at a time per process. A handler that throws is tried twice more. */
  readonly work: (queue: string, handler: JobHandler) => Promise<void>;
  /** A second job with the same `key` is not added while one waits or runs. */
  readonly send: (queue: string, payload: object, key?: string) => Promise<void>;
  /** `cron` has five fields, in UTC. An occurrence is passed over while the one before it still runs. */
  readonly every: (queue: string, cron: string) => Promise<void>;
  readonly start: () => Promise<void>;
  /** Lets running handlers finish (for at most ten seconds) and takes no more; the records store stays open. */
  readonly stop: () => Promise<void>;
};

const RETRIES = 2;
const STOP_MS_MAX = 10_000;

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
    // The policy is what makes the key count: one job per key that waits, runs or is to be retried.
    await boss.createQueue(queue, { policy: 'exclusive', retryLimit: RETRIES });
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
      // Under this policy all jobs without a key would count as one, so each gets its own.
      await boss.send(queue, payload, { singletonKey: key ?? randomUUID() });
    },
    every: async (queue, cron) => {
      await ensure(queue);
      await boss.schedule(queue, cron);
    },
    start: async () => {
      await boss.start();
    },
    stop: () => boss.stop({ graceful: true, timeout: STOP_MS_MAX, close: false }),
  };
}
