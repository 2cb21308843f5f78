// The thread that writes two years of the shop's events to a file while the product is being opened on the other core.
import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ShopEvent } from './world/shop-event.ts';
import { createWorld, type WorldOptions } from './world/world.ts';

export type HistoryTask = { readonly path: string; readonly world: WorldOptions };

/** `identified` are the sign-ups and sign-ins: who is who goes through ingest, not through the file. */
export type HistoryDone = { readonly total: number; readonly identified: readonly ShopEvent[] };

const LINES_PER_WRITE = 5_000;

/** A line of the shop's event file. */
function lineOf(event: ShopEvent): string {
  const { messageId, userId = '', anonymousId = '', timestamp, properties } = event;
  const name = event.type === 'page' ? 'page' : event.event;
  return `${JSON.stringify({ messageId, userId, anonymousId, event: name, timestamp, properties })}\n`;
}

function writeHistory({ path, world }: HistoryTask): HistoryDone {
  const identified: ShopEvent[] = [];
  const file = openSync(path, 'w');
  let lines: string[] = [];
  let total = 0;
  try {
    for (const event of createWorld(world).history()) {
      total++;
      if (event.type === 'identify') identified.push(event);
      else lines.push(lineOf(event));
      if (lines.length >= LINES_PER_WRITE) {
        writeSync(file, lines.join(''));
        lines = [];
      }
    }
    writeSync(file, lines.join(''));
  } finally {
    closeSync(file);
  }
  return { total, identified };
}

// Only `startHistory` makes the data, so its shape is known.
const task = workerData as HistoryTask;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(writeHistory(task));
