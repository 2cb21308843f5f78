// The engine's money and the kernel's are the same; sums by currency add up to the whole; what is no money is told, and never added.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../test/support/events-store.ts';
import { addDays } from '../kernel/days.ts';
import { inMoney, type MoneyRules } from '../kernel/money-rules.ts';
import { ident, sql } from '../kernel/sql.ts';
import type { Events } from '../stores/events/events.ts';
import { leftOutMoney, moneyRules, tellMoneyRules } from './money.sql.ts';
import { personSource, profiledSource } from './people/person-of.sql.ts';

const CODES = ['EUR', 'USD', 'JPY', 'KWD', 'CNY', ''] as const;
const FIRST = '2025-11-01';
const PEOPLE = ['ann', 'ben', 'cleo'];

let events: Events;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ events, close } = await temporaryEvents());
});
afterAll(() => close());

const day = fc.nat({ max: 60 }).map((n) => addDays(FIRST, n));
const order = fc.record({
  person: fc.constantFrom(...PEOPLE),
  day,
  cents: fc.integer({ min: -5_000, max: 2_000_000 }),
  currency: fc.constantFrom(...CODES),
});
const rules = fc
  .record({
    currency: fc.constantFrom('EUR', 'USD', 'JPY'),
    rates: fc.uniqueArray(
      fc.record({
        currency: fc.constantFrom('EUR', 'USD', 'JPY', 'KWD'),
        from: day,
        rate: fc.double({ min: 0.0001, max: 200, noNaN: true }),
      }),
      { maxLength: 12, selector: ({ currency, from }) => `${currency} ${from}` },
    ),
  })
  .map((each): MoneyRules => ({ ...each, rates: each.rates.filter(({ currency }) => currency !== each.currency) }));

type Order = { person: string; day: string; cents: number; currency: string };

const store = async (orders: readonly Order[]): Promise<void> => {
  for (const table of ['events', 'actor_days', 'message_ids', 'person_spans'])
    await events.run(sql`TRUNCATE TABLE ${ident(table)}`);
  await events.insert(
    'events',
    orders.map((each) => ({
      ...eventRow(each.person, 'Order Completed', each.day, each.cents),
      currency: each.currency,
    })),
  );
};

/** A day of a person and currency is rounded as one, an event by itself: that is what each of the two readings adds. */
const byDay = (orders: readonly Order[]): Order[] =>
  [...Map.groupBy(orders, (each) => `${each.person} ${each.day} ${each.currency}`).values()].map((same) => ({
    ...same[0]!,
    cents: same.reduce((sum, each) => sum + each.cents, 0),
  }));

const worth = (given: MoneyRules, orders: readonly Order[]): number =>
  orders.reduce((sum, each) => sum + (inMoney(given, each.cents, each.currency, each.day) ?? 0), 0);

test('money read from the roll-up and from the events is what the kernel says, and the rest is told to the cent', async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(order, { minLength: 1, maxLength: 60 }), async (given, orders) => {
      await tellMoneyRules(events, given);
      await store(orders);
      const source = await personSource(events);
      const [sums] = await events.rows<{ days: number; events: number; orders: number }>(sql`
        SELECT (SELECT sum(money_cents) FROM ${source.days}) AS days, (SELECT sum(money_cents) FROM ${source.events}) AS events,
          (SELECT sum(events) FROM ${source.days}) AS orders`);
      expect(sums).toEqual({ days: worth(given, byDay(orders)), events: worth(given, orders), orders: orders.length });

      // Every amount is either money or told: by currency nothing is lost and nothing is counted twice.
      const left = await leftOutMoney(events);
      const counted = await events.rows<{ currency: string; cents: number }>(sql`
        SELECT toString(currency) AS currency, sum(amount_cents) AS cents FROM ${source.events} WHERE is_money GROUP BY currency`);
      for (const code of CODES) {
        const of = orders.filter(({ currency }) => currency === code);
        const told = left?.amounts.find(({ currency }) => currency === code)?.amountCents ?? 0;
        const added = counted.find(({ currency }) => currency === code)?.cents ?? 0;
        expect(told + added).toBe(of.reduce((sum, each) => sum + each.cents, 0));
      }
    }),
    { numRuns: 15 },
  );
});

test('the same holds of people who were two ids, and of those who may be profiled', async () => {
  const given: MoneyRules = { currency: 'EUR', rates: [{ currency: 'USD', from: '2025-11-10', rate: 0.5 }] };
  await tellMoneyRules(events, given);
  await store([
    { person: 'laptop', day: '2025-11-12', cents: 1_000, currency: 'USD' },
    { person: 'phone', day: '2025-11-12', cents: 300, currency: 'EUR' },
    { person: 'phone', day: '2025-11-12', cents: 9_999, currency: 'CNY' },
    { person: 'phone', day: '2025-11-09', cents: 1_000, currency: 'USD' },
    { person: 'objector', day: '2025-11-12', cents: 77, currency: 'EUR' },
  ]);
  await events.insert('person_links', [{ actor_id: 'laptop', person_id: 'phone', version: 1 }]);
  await events.insert('objectors', [{ person_id: 'objector', objects: 1, version: 1 }]);
  const source = await profiledSource(events);
  for (const rows of [source.days, source.daysOf(sql`SELECT 'phone'`), source.events])
    expect(
      await events.rows(
        sql`SELECT person_id, sum(money_cents) AS cents, countIf(is_money) AS money FROM ${rows} GROUP BY person_id`,
      ),
      // 10.00 $ at a half and 3.00 €; the dollars of before the first rate, and the yuan, are none.
    ).toEqual([{ person_id: 'phone', cents: 800, money: 2 }]);
  expect((await leftOutMoney(events, { names: ['Order Completed'] }))?.amounts).toEqual([
    { currency: 'CNY', events: 1, amountCents: 9_999 },
    { currency: 'USD', events: 1, amountCents: 1_000 },
  ]);
  expect((await leftOutMoney(events, { names: ['Order Completed'], until: '2025-11-09' }))?.amounts).toEqual([
    { currency: 'USD', events: 1, amountCents: 1_000 },
  ]);
  expect(await leftOutMoney(events, { names: ['Order Refunded'] })).toBeNull();
});

test('the last word on the rules counts, and saying it again changes nothing', async () => {
  const first: MoneyRules = { currency: 'EUR', rates: [] };
  const second: MoneyRules = { currency: 'USD', rates: [{ currency: 'EUR', from: '2026-01-01', rate: 1.1 }] };
  await tellMoneyRules(events, first);
  await tellMoneyRules(events, second);
  await tellMoneyRules(events, second);
  expect(await moneyRules(events)).toEqual(second);
  await tellMoneyRules(events, first);
  expect(await moneyRules(events)).toEqual(first);
});
