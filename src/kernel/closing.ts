// How is a row of things closed when one of them fails? All are, in their order; a process must not be kept alive by what nobody closed any more.

/** Throws the first failure, when everything has had its turn. */
export async function closeAll(closes: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closes) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
