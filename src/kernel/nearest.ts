// Which known name did somebody mean who misspelt one? Pure.

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment distance). */
export function editDistance(a: string, b: string): number {
  const [from, to] = [Array.from(a), Array.from(b)];
  let older: number[] = [];
  let before = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const differs = from[i - 1] === to[j - 1] ? 0 : 1;
      let least = Math.min(before[j]! + 1, row[j - 1]! + 1, before[j - 1]! + differs);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        least = Math.min(least, older[j - 2]! + 1);
      row.push(least);
    }
    [older, before] = [before, row];
  }
  return before[to.length]!;
}

const NAME_LENGTH_MAX = 200;

/** The known name that is most like `name`, letters' case aside; undefined where none is alike (more than a third is different). */
export function nearestOf(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.slice(0, NAME_LENGTH_MAX).toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const each of known) {
    // A difference in length is a distance already.
    if (Math.abs(each.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, each.slice(0, NAME_LENGTH_MAX).toLowerCase());
    if (distance < least) [best, least] = [each, distance];
  }
  return best;
}

/** `; did you mean "x"?`, or nothing where no known name is alike. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestOf(name, known);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}
