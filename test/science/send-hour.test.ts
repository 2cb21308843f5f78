// When do people come? Predict the hour of each customer's last invoice from those before: the protocol and figures of docs/science.md.
import { describe, expect, test } from 'vitest';
import { bestHour, dirichletShares, hourProfile, HOURS } from '../../src/understand/recommend/preferences.ts';
import { hasData } from '../support/public-data.ts';
import { cleanLines, FILE } from './online-retail-lines.ts';

type Visits = { readonly before: readonly number[]; readonly last: number };

/** Hours by the shop's clock of every customer with two invoices or more, in order of time. */
function visits(): Visits[] {
  const people = new Map<string, Map<string, string>>();
  for (const { person, invoice, at } of cleanLines()) {
    const invoices = people.get(person) ?? new Map<string, string>();
    const first = invoices.get(invoice);
    people.set(person, invoices.set(invoice, first === undefined || at < first ? at : first));
  }
  return [...people.values()]
    .map((invoices) => [...invoices.values()].sort().map((at) => Number(at.slice(11, 13))))
    .filter((hours) => hours.length > 1)
    .map((hours) => ({ before: hours.slice(0, -1), last: hours.at(-1)! }));
}

const countsOf = (hours: readonly number[]): number[] =>
  Array.from({ length: HOURS }, (_, hour) => hours.filter((h) => h === hour).length);

describe.skipIf(!hasData(FILE))(`the hour of the last visit (needs ${FILE} in ../shared/data or REKINDLE_DATA)`, () => {
  const people = hasData(FILE) ? visits() : [];
  const all = countsOf(people.flatMap(({ before }) => before));
  const total = all.reduce((sum, n) => sum + n, 0);
  const base = all.map((n) => n / total);
  const judge = (profileOf: (before: readonly number[]) => readonly number[]) => {
    let loss = 0;
    let hits = 0;
    for (const { before, last } of people) {
      const profile = profileOf(before);
      loss -= Math.log(profile[last]!);
      if (bestHour(profile) === last) hits++;
    }
    return { loss: loss / people.length, hits: hits / people.length };
  };

  test('2,845 customers', () => expect(people).toHaveLength(2845));

  test('everybody alike: log-loss 2.2642, hit .1719', () => {
    const { loss, hits } = judge(() => base);
    expect(loss).toBeCloseTo(2.2642, 4);
    expect(hits).toBeCloseTo(0.1719, 4);
  });

  test('Dirichlet, α = 30, unsmoothed: 2.2302, .1880', () => {
    const { loss, hits } = judge((before) => dirichletShares(countsOf(before), base, 30));
    expect(loss).toBeCloseTo(2.2302, 4);
    expect(hits).toBeCloseTo(0.188, 4);
  });

  test('the product’s profile, ±1 h and α = 10: 2.2242, .1817', () => {
    const { loss, hits } = judge((before) => hourProfile(countsOf(before), base));
    expect(loss).toBeCloseTo(2.2242, 4);
    expect(hits).toBeCloseTo(0.1817, 4);
  });
});
