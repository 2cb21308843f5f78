// The accounts that are connected: what is saved wins over what the environment says. Settings keep their identity until they change, so that
// whoever holds something built from them knows when to build anew. `refresh` sees what another process saved.
import type { RecordsDb } from '../../stores/records/records.ts';
import {
  CONNECTION_KEYS,
  CONNECTION_SECRETS,
  parseConnection,
  shownConnection,
  type ConnectionKey,
  type ConnectionSettings,
} from './connections.ts';
import type { SecretDates } from './kept-secrets.ts';
import { readSecretDates, saveWithSecrets } from './secret-settings.service.ts';

const PREFIX = 'connection:';

export type Connections = {
  readonly of: <Key extends ConnectionKey>(key: Key) => ConnectionSettings<Key> | undefined;
  /** Without secrets. */
  readonly show: (key: ConnectionKey) => Readonly<Record<string, unknown>> | null;
  /** Whether it was saved here, comes from the environment, or is not there. */
  readonly source: (key: ConnectionKey) => 'saved' | 'environment' | 'none';
  readonly secretsSince: (key: ConnectionKey) => Promise<SecretDates>;
  /** Secrets that are not handed in again stay. Null forgets what was saved, and the environment decides again. Throws `invalid`. */
  readonly change: (key: ConnectionKey, input: unknown) => Promise<void>;
  readonly refresh: () => Promise<void>;
};

export async function loadConnections(
  db: RecordsDb,
  environment: Readonly<Partial<Record<ConnectionKey, unknown>>>,
  now: () => Date,
): Promise<Connections> {
  const savedKeys = new Set<ConnectionKey>();
  const held = new Map<ConnectionKey, { readonly text: string; readonly settings: unknown }>();
  const refresh = async (): Promise<void> => {
    const rows = await db.selectFrom('settings').select(['key', 'value']).where('key', 'like', `${PREFIX}%`).execute();
    const saved = new Map(rows.map((row) => [row.key.slice(PREFIX.length), row.value]));
    for (const key of CONNECTION_KEYS) {
      const own = saved.get(key) ?? undefined;
      if (own === undefined) savedKeys.delete(key);
      else savedKeys.add(key);
      const given = own ?? environment[key];
      const text = JSON.stringify(given ?? null);
      if (held.get(key)?.text === text) continue;
      held.set(key, {
        text,
        settings: given === undefined || given === null ? undefined : parseConnection(key, given),
      });
    }
  };
  await refresh();
  const of = <Key extends ConnectionKey>(key: Key): ConnectionSettings<Key> | undefined =>
    // Held under its own key only.
    held.get(key)?.settings as ConnectionSettings<Key> | undefined;
  return {
    of,
    show: (key) => {
      const settings = of(key);
      return settings === undefined ? null : shownConnection(settings);
    },
    change: async (key, input) => {
      await saveWithSecrets(
        db,
        `${PREFIX}${key}`,
        { input, before: of(key), secrets: CONNECTION_SECRETS, parse: (given) => parseConnection(key, given) },
        now(),
      );
      await refresh();
    },
    source: (key) => (savedKeys.has(key) ? 'saved' : of(key) === undefined ? 'none' : 'environment'),
    secretsSince: (key) => readSecretDates(db, `${PREFIX}${key}`),
    refresh,
  };
}

/** Something built from a connection's settings, anew when they change; undefined while there are none. */
export function builtFrom<Key extends ConnectionKey, Built>(
  connections: Connections,
  key: Key,
  build: (settings: ConnectionSettings<Key>) => Built,
): () => Built | undefined {
  let last: { readonly settings: ConnectionSettings<Key>; readonly built: Built } | undefined;
  return () => {
    const settings = connections.of(key);
    if (settings === undefined) return undefined;
    if (last?.settings !== settings) last = { settings, built: build(settings) };
    return last.built;
  };
}
