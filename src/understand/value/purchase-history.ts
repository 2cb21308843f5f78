// What purchase models see of a person: three numbers, and how many people share them. Time is in weeks (days / 7) and
// purchases of one person on one day are one purchase. Fitting on groups makes its cost independent of the number of people.

/** x repeat purchases, the last one tx weeks after the first, first purchase T weeks ago; `count` people like that. */
export type HistoryGroup = { readonly x: number; readonly tx: number; readonly T: number; readonly count: number };

export type History = Omit<HistoryGroup, 'count'>;

/** Why a model was not fitted. `people` and `repeaters` are what was given, `needed` the smallest number that would do. */
export type FitRefusal =
  | {
      readonly reason: 'too_few_people' | 'too_few_repeaters';
      readonly people: number;
      readonly repeaters: number;
      readonly needed: number;
    }
  | { readonly reason: 'invalid_history'; readonly history: HistoryGroup }
  | { readonly reason: 'diverged'; readonly params: readonly number[] };

/** Collects equal histories. Order of the groups is the order of first appearance. */
export function groupHistories(histories: Iterable<History>): HistoryGroup[] {
  const groups = new Map<string, { x: number; tx: number; T: number; count: number }>();
  for (const { x, tx, T } of histories) {
    const key = `${x}|${tx}|${T}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { x, tx, T, count: 1 });
  }
  return [...groups.values()];
}

/** A history no clock can produce: negative, not finite, a last purchase after today, or a repeat count of half a purchase. */
const isImpossible = ({ x, tx, T, count }: HistoryGroup): boolean =>
  !(Number.isInteger(x) && x >= 0 && tx >= 0 && tx <= T && Number.isFinite(T) && count > 0 && (x > 0 || tx === 0));

/** Refusal for a set of histories that cannot carry a four-parameter model, or undefined where it can. */
export function refusalOf(
  groups: readonly HistoryGroup[],
  needed: { readonly people: number; readonly repeaters: number },
): FitRefusal | undefined {
  const impossible = groups.find(isImpossible);
  if (impossible) return { reason: 'invalid_history', history: impossible };
  const people = groups.reduce((sum, g) => sum + g.count, 0);
  const repeaters = groups.reduce((sum, g) => sum + (g.x > 0 ? g.count : 0), 0);
  if (people < needed.people) return { reason: 'too_few_people', people, repeaters, needed: needed.people };
  if (repeaters < needed.repeaters) return { reason: 'too_few_repeaters', people, repeaters, needed: needed.repeaters };
  return undefined;
}
