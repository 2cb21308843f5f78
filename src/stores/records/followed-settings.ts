// Settings that any process may save, followed in every other one. Guarantees: whoever follows a setting is told soon after a transaction that
// changed it has committed, in this process or another, and again after a time in which changes may have been missed; a telling that
// failed is made up for before anything is sent (`caughtUp`), where its failure is seen.
import type { Records } from './records.ts';

export type FollowedSettings = {
  /** Resolves when everybody has been told of every change heard so far. Throws what telling throws. */
  readonly caughtUp: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** `followers` by the first part of a setting's key (`connection` hears of `connection:meta`). */
export async function followSettings(
  records: Records,
  followers: Readonly<Record<string, () => Promise<void>>>,
): Promise<FollowedSettings> {
  const stale = new Set<string>();
  let telling: Promise<void> | undefined;
  const tell = async (): Promise<void> => {
    for (const name of stale) {
      stale.delete(name);
      try {
        await followers[name]?.();
      } catch (cause) {
        stale.add(name);
        throw cause;
      }
    }
  };
  const caughtUp = async (): Promise<void> => {
    while (stale.size > 0 || telling !== undefined) {
      telling ??= tell().finally(() => (telling = undefined));
      await telling;
    }
  };
  const soon = (): void => {
    // What fails now stays to be told, and fails where somebody waits for it.
    caughtUp().catch(() => undefined);
  };
  const stop = await records.listen(
    'settings',
    (key) => {
      const [name] = key.split(':');
      if (name === undefined || followers[name] === undefined) return;
      stale.add(name);
      soon();
    },
    () => {
      for (const name of Object.keys(followers)) stale.add(name);
      soon();
    },
  );
  return {
    caughtUp,
    close: async () => {
      await stop();
      await telling?.catch(() => undefined);
    },
  };
}
