// What the browser remembers for us: local storage under one prefix, or this page's memory where storage is refused (private windows,
// blocked third parties, a full disk). Never throws.
export const PREFIX = 'rekindle:';

export type Storage = {
  readonly get: (name: string) => string | null;
  readonly set: (name: string, value: string) => void;
  readonly remove: (name: string) => void;
  /** Names that begin with `start`, in order. */
  readonly names: (start: string) => string[];
};

export function openStorage(): Storage {
  const memory = new Map<string, string>();
  const attempt = <T>(work: () => T, otherwise: () => T): T => {
    try {
      return work();
    } catch {
      return otherwise();
    }
  };
  return {
    get: (name) =>
      memory.get(name) ??
      attempt(
        () => localStorage.getItem(PREFIX + name),
        () => null,
      ),
    set: (name, value) =>
      attempt(
        () => {
          localStorage.setItem(PREFIX + name, value);
          memory.delete(name);
        },
        () => void memory.set(name, value),
      ),
    remove: (name) => {
      memory.delete(name);
      attempt(
        () => localStorage.removeItem(PREFIX + name),
        () => undefined,
      );
    },
    names: (start) =>
      [
        ...attempt(
          () => Object.keys(localStorage),
          () => [],
        )
          .filter((key) => key.startsWith(PREFIX))
          .map((key) => key.slice(PREFIX.length)),
        ...memory.keys(),
      ]
        .filter((name) => name.startsWith(start))
        .sort(),
  };
}

/** `crypto.randomUUID` is only there on secure pages. */
export const uuid = (): string =>
  crypto.randomUUID?.() ??
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
