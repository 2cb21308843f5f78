// The events of a shop, made in the engine: what benches of understanding read.
import { cpSync, existsSync } from 'node:fs';
import type { Day } from '../src/kernel/days.ts';
import { ident, p, sql, type Sql } from '../src/kernel/sql.ts';
import { openChdb } from '../src/stores/events/events.ts';
import { migrateEvents } from '../src/stores/events/migrations.ts';

const EVENTS_PER_PERSON = 30;
const MONTHS = 24;
const FIRST_DAY = '2024-01-01';

/**
 * A shop's mix, arriving month by month: everybody orders once on a day of her own, the rest is 40% pages, 30% products, 20% carts and
 * 10% orders, spread unevenly (a tenth of the people make a quarter of the events) and over each person's own months of interest.
 */
const month = (index: number, people: number): Sql => {
  const rest = Math.round((people * (EVENTS_PER_PERSON - 1)) / MONTHS);
  return sql`
    INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, properties, source)
    WITH cityHash64(number, ${p.int(index)}) AS h,
      number < ${p.int(Math.ceil(people / MONTHS))} AS is_first,
      if(is_first, toInt64(number * ${p.int(MONTHS)} + ${p.int(index)}),
        toInt64(${p.int(people)} * pow((h % 1000003) / 1000003, 1.4))) AS person,
      cityHash64(person) AS habit,
      if(is_first, 'Order Completed', ['Page Viewed', 'Page Viewed', 'Page Viewed', 'Page Viewed', 'Product Viewed', 'Product Viewed', 'Product Viewed',
        'Cart Viewed', 'Cart Viewed', 'Order Completed'][1 + intDiv(h, 1000003) % 10]) AS what,
      -- Interest lasts one to twenty-four months and then folds back, so that many people have gone quiet.
      toDate(${p.day(FIRST_DAY)}) + if(is_first, ${p.int(index * 30)}, toInt64((${p.int(index)} * 30) % (30 + habit % 690))) + intDiv(h, 100003) % 30 AS on_day
    SELECT hex(sipHash64(number, ${p.int(index)})), concat('person-', leftPad(toString(least(person, ${p.int(people - 1)})), 8, '0')), what,
      toDateTime64(on_day, 3, 'UTC') + intDiv(h, 7) % 86400, toDateTime64(on_day, 3, 'UTC') + intDiv(h, 7) % 86400, on_day,
      if(what = 'Order Completed', 500 + intDiv(h, 11) % 20000, 0), 'USD', '{}', 'bench'
    FROM numbers(${p.int(Math.ceil(people / MONTHS) + rest)})`;
};

/**
 * An events store with the shop's events in a folder that does not exist yet. `BENCH_STORE` names a folder where it is kept for the next run
 * of the same size: to make a million people takes minutes. Returns when its last event came in, on the clock of `performance.now()`.
 */
export async function placeShop(folder: string, people: number): Promise<number> {
  const kept = process.env['BENCH_STORE'];
  if (kept !== undefined && existsSync(kept)) {
    cpSync(kept, folder, { recursive: true });
    const events = await openChdb(folder);
    await migrateEvents(events, new Date());
    await events.close();
    return -Infinity;
  }
  const start = performance.now();
  const events = await openChdb(folder);
  try {
    await migrateEvents(events, new Date());
    // Recognising retries is not measured, and takes half of the time that generating does.
    await events.run(sql`DROP TABLE ${ident('message_ids_feed')}`);
    for (let index = 0; index < MONTHS; index++) await events.run(month(index, people));
  } finally {
    await events.close();
  }
  const madeAt = performance.now();
  console.log(`generated in ${((madeAt - start) / 1000).toFixed(1)} s`);
  if (kept !== undefined) cpSync(folder, kept, { recursive: true });
  return madeAt;
}

/** So many of the people order on a day. */
export const returning = (on: Day, returned: number, people: number): Sql => sql`
  INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, properties, source)
  SELECT concat('news-', toString(number)), concat('person-', leftPad(toString(toInt64(number * ${p.int(Math.floor(people / returned))})), 8, '0')),
    'Order Completed', toDateTime64(toDate(${p.day(on)}), 3, 'UTC') + 36000, toDateTime64(toDate(${p.day(on)}), 3, 'UTC') + 36000,
    toDate(${p.day(on)}), 1000, 'USD', '{}', 'bench'
  FROM numbers(${p.int(returned)})`;
