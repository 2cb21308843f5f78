// How long may one message be written? A loop in a template may end for everybody but one, whose data make it endless; Liquid stops it at its limit,
// and her message fails. Guarantees: a template on which too much time was lost so gets short looks from then on, so that many such people do not
// hold up the rest; a short look is taken several times, because a busy machine, too, can let one pass without a word being written.
const FULL_MS = 1_000;
const LOST_MS_MAX = 3_000;
/** Many times what a mail takes. */
const SHORT_MS = 50;
const SHORT_LOOKS = 2;
const TEMPLATES_MAX = 1_000;

export type Patience = {
  /** `write` is told how many milliseconds are left, counted from when it first asks. Throws what it throws. */
  readonly spend: <T>(template: string, write: (msLeft: () => number) => Promise<T>) => Promise<T>;
};

/** Was it Liquid's limit of time or memory that ended this? */
export function isEndless(cause: unknown): boolean {
  for (let error = cause; error instanceof Error; error = error.cause)
    if (/(?:render|alloc) limit exceeded/.test(error.message)) return true;
  return false;
}

export function openPatience(clockMs: () => number = () => performance.now()): Patience {
  const lostMs = new Map<string, number>();
  return {
    spend: async (template, write) => {
      const isShort = (lostMs.get(template) ?? 0) >= LOST_MS_MAX;
      const [allowedMs, looks] = isShort ? [SHORT_MS, SHORT_LOOKS] : [FULL_MS, 1];
      for (let look = 1; ; look++) {
        let startedMs: number | undefined;
        const msLeft = (): number => {
          startedMs ??= clockMs();
          return Math.max(0, startedMs + allowedMs - clockMs());
        };
        try {
          return await write(msLeft);
        } catch (cause) {
          if (!isEndless(cause)) throw cause;
          if (lostMs.size >= TEMPLATES_MAX) lostMs.clear();
          lostMs.set(template, (lostMs.get(template) ?? 0) + clockMs() - (startedMs ?? clockMs()));
          if (look === looks) throw cause;
        }
      }
    },
  };
}
