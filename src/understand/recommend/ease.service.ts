// Trains EASE in a thread of its own.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EaseWeights } from './ease.ts';
import type { EaseTask } from './ease-worker.service.ts';

/** Sources run unbuilt in development (`.ts`), built where installed (`.js`). */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './ease-worker.service.ts' : './ease-worker.service.js',
  import.meta.url,
);

/** As `trainEase`, without holding up the caller. The Gram matrix moves to the thread: it is empty here afterwards. */
export async function trainEaseInWorker(task: EaseTask): Promise<EaseWeights> {
  const worker = new Worker(WORKER, { workerData: task, transferList: [task.gram.buffer] });
  try {
    // `once` rejects when the worker emits an error.
    const [weights] = (await once(worker, 'message')) as [EaseWeights];
    return weights;
  } finally {
    await worker.terminate();
  }
}
