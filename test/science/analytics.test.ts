// Cohorts of CDNOW and Online Retail against a table counted line by line here, and against sizes that many published analyses of the two
// files agree on (CDNOW: first purchases of January, February and March 1997; Online Retail: the monthly cohorts of 2010-12 to 2011-12 after
// the usual cleaning).
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Events } from '../../src/stores/events/events.ts';
import { funnelSchema } from '../../src/understand/analytics/funnel.ts';
import { countFunnel } from '../../src/understand/analytics/funnel.service.ts';
import { retentionOf } from '../../src/understand/analytics/retention.service.ts';
import { retentionSchema, type Retention } from '../../src/understand/analytics/retention.ts';
import { temporaryEvents } from '../support/events-store.ts';
import { dataFile, loadCdnow } from '../support/public-data.ts';
import { cleanLines, FILE, loadOrders } from './online-retail-lines.ts';
import { cdnowMaster, dayOf, ifPresent, isAbsent, onlineRetail, type Purchases } from './public-data.ts';

const monthOf = (day: number): number => {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};

/** `cohort month → people there k months later`, by two loops over everybody. */
function countedByHand(purchases: Purchases): Map<number, number[]> {
  const table = new Map<number, number[]>();
  for (const days of purchases.values()) {
    const months = new Set([...days.keys()].map(monthOf));
    const first = Math.min(...months);
    const row = table.get(first) ?? [];
    for (const month of months) row[month - first] = (row[month - first] ?? 0) + 1;
    table.set(first, row);
  }
  return table;
}

function expectTheSame({ cohorts }: Retention, byHand: Map<number, number[]>): void {
  expect(cohorts).toHaveLength(byHand.size);
  for (const { cohort, people, cells } of cohorts) {
    const month = Number(cohort.slice(0, 4)) * 12 + Number(cohort.slice(5, 7)) - 1;
    const row = byHand.get(month)!;
    expect({ cohort, people }).toEqual({ cohort, people: row[0] });
    expect({ cohort, cells: cells.map((cell) => cell.people) }).toEqual({
      cohort,
      cells: cells.map(({ period }) => row[period] ?? 0),
    });
  }
}

describe.skipIf(isAbsent('cdnow_master.csv'))(`CDNOW ${ifPresent('cdnow_master.csv')}`, () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await loadCdnow(events);
  });
  afterAll(() => close());

  it('three monthly cohorts, 18 months long', async () => {
    const table = await retentionOf(events, retentionSchema.parse({ periods: 18 }));
    expect(table.cohorts.map(({ cohort, people }) => [cohort, people])).toEqual([
      ['1997-01-01', 7846],
      ['1997-02-01', 8476],
      ['1997-03-01', 7248],
    ]);
    expectTheSame(table, countedByHand(cdnowMaster()));
    const spent = table.cohorts.flatMap(({ cells }) => cells).reduce((sum, cell) => sum + cell.spentCents, 0);
    // The file's total: 2,500,315.63 dollars in 69,659 purchases.
    expect(spent).toBe(250_031_563);
  });

  it('a funnel from order to order: two lines no more than ninety days apart, the first in the first quarter', async () => {
    const days = new Map<string, number[]>();
    for (const row of readFileSync(dataFile('cdnow_master.csv'), 'latin1').trim().split(/\r?\n/).slice(1)) {
      const [person, date] = row.split(',');
      days.set(person!, [...(days.get(person!) ?? []), dayOf(date!)]);
    }
    const [last, window] = [dayOf('1997-03-31'), 90];
    const goesOn = [...days.values()].filter((all) => {
      const sorted = all.toSorted((a, b) => a - b);
      return sorted.some((day, i) => i > 0 && sorted[i - 1]! <= last && day - sorted[i - 1]! <= window);
    }).length;
    const order = { events: ['Order Completed'] };
    const { steps } = await countFunnel(
      events,
      funnelSchema.parse({ steps: [order, order], windowDays: window, from: '1997-01-01', to: '1997-03-31' }),
    );
    expect(steps.map(({ people }) => people)).toEqual([23_570, goesOn]);
  });
});

describe.skipIf(isAbsent(FILE))(`Online Retail ${ifPresent(FILE)}`, () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await loadOrders(events, cleanLines());
  });
  afterAll(() => close());

  it('thirteen monthly cohorts', async () => {
    const table = await retentionOf(events, retentionSchema.parse({ periods: 12 }));
    expect(table.cohorts.map(({ people }) => people)).toEqual([
      885, 417, 380, 452, 300, 284, 242, 188, 169, 299, 358, 323, 41,
    ]);
    expectTheSame(table, countedByHand(onlineRetail().purchases));
    // The first cohort's next months.
    expect(table.cohorts[0]!.cells.slice(1, 4).map(({ people }) => people)).toEqual([324, 286, 340]);
    // December 2011 has nine days: its cells are not over and count in no average.
    expect(table.cohorts[0]!.cells.at(-1)).toMatchObject({ period: 12, isOver: false });
    expect(table.overall.at(-1)).toMatchObject({ period: 11, of: 885 });
  });
});
