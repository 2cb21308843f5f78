// The parent's end of a child process: start it, ask it, kill it.
import { fork, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Calls } from './child.ts';

export class VictimDied extends Error {}

export type Victim = {
  readonly call: <K extends keyof Calls>(
    name: K,
    argument: Parameters<Calls[K]>[0],
  ) => Promise<Awaited<ReturnType<Calls[K]>>>;
  /** `kill -9`; resolves when the process is gone. */
  readonly kill: () => Promise<void>;
  readonly onPhase: (listener: (phase: string) => void) => void;
  readonly ended: Promise<void>;
};

type Answer = { readonly id: number; readonly result?: unknown; readonly error?: string } | { readonly phase: string };

export function startVictim(): Victim {
  const child: ChildProcess = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [], {
    serialization: 'advanced',
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let asked = 0;
  let listener: (phase: string) => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const { reject } of waiting.values()) reject(new VictimDied('the child process ended'));
      waiting.clear();
      resolve();
    });
  });
  child.on('message', (answer: Answer) => {
    if ('phase' in answer) return listener(answer.phase);
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error === undefined) call?.resolve(answer.result as never);
    else call?.reject(new Error(answer.error));
  });
  return {
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        if (child.exitCode !== null || child.signalCode !== null) return reject(new VictimDied('the child has ended'));
        const id = ++asked;
        waiting.set(id, { resolve, reject });
        child.send({ id, call: name, argument }, (error) => error && reject(new VictimDied(error.message)));
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    onPhase: (next) => {
      listener = next;
    },
    ended,
  };
}

/** A port that is free now; the child takes it again after every restart. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
