// A call that finds the session ended waits here until the person has signed in again; what she had typed stays where it is.
type Waiting = {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

let waiting: Waiting | undefined;
const listeners = new Set<() => void>();
const tell = (): void => {
  for (const listener of listeners) listener();
};

/** Resolves when she is signed in again; rejects when she gives up. All calls that fail meanwhile wait for the same. */
export function signedInAgain(): Promise<void> {
  if (waiting === undefined) {
    waiting = Promise.withResolvers<void>();
    tell();
  }
  return waiting.promise;
}

export function settleSignIn(outcome: 'signed_in' | 'gave_up'): void {
  const was = waiting;
  waiting = undefined;
  tell();
  if (outcome === 'signed_in') was?.resolve();
  else was?.reject(new Error('the session has ended'));
}

export const sessionEnded = {
  now: (): boolean => waiting !== undefined,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
