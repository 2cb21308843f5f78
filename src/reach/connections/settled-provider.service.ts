// The provider of a channel, built from settings that are saved in the store or given by the environment, and built anew when they change.
import type { RecordsDb } from '../../stores/records/records.ts';
import { readSetting } from '../../stores/records/settings.ts';

export type Settled<Settings, Provider> = { readonly settings: Settings; readonly provider: Provider };

export type SettledProvider<Settings, Provider> = {
  /** Undefined while nothing is set. */
  readonly current: Settled<Settings, Provider> | undefined;
  /** Goes by what is stored, whoever saved it. */
  readonly refresh: () => Promise<void>;
};

export async function settledProvider<
  Settings,
  Provider extends { readonly channel: { readonly close: () => Promise<void> } },
>(options: {
  readonly db: RecordsDb;
  readonly setting: string;
  /** What the environment says; a saved setting goes first. */
  readonly environment: Settings | undefined;
  readonly parse: (saved: unknown) => Settings;
  readonly build: (settings: Settings) => Provider;
}): Promise<SettledProvider<Settings, Provider>> {
  const { db, setting, environment, parse, build } = options;
  let current: Settled<Settings, Provider> | undefined;
  const refresh = async (): Promise<void> => {
    const saved = await readSetting(db, setting);
    const settings = saved === undefined || saved === null ? environment : parse(saved);
    const before = current;
    if (JSON.stringify(settings) === JSON.stringify(before?.settings)) return;
    current = settings === undefined ? undefined : { settings, provider: build(settings) };
    // What is on the wire is let through first.
    await before?.provider.channel.close();
  };
  await refresh();
  return {
    get current() {
      return current;
    },
    refresh,
  };
}
