// The thread in which EASE is trained, so that the server goes on answering for the half minute that five thousand items take.
import { parentPort, workerData } from 'node:worker_threads';
import { trainEase } from './ease.ts';

export type EaseTask = {
  readonly gram: Float64Array<ArrayBuffer>;
  readonly n: number;
  readonly lambda: number;
  readonly keep: number;
};

// Only this module's own starter makes the data, so its shape is known.
const { gram, n, lambda, keep } = workerData as EaseTask;
const trained = trainEase(gram, n, lambda, keep);
const parts = [trained.neighbours, trained.signs].flatMap(({ offsets, ids, weights }) => [offsets, ids, weights]);
parentPort?.postMessage(
  trained,
  parts.map(({ buffer }) => buffer),
);
