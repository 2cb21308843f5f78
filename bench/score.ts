// bench score: stages, features and scores of a million people with thirty million events, against one plain aggregate over the raw
// table. Prints ratios measured in one run; the targets are ≤ 3 from raw events and ≤ 0.5 from the roll-up.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ident, p, sql, type Sql } from '../src/kernel/sql.ts';
import { openChdb, type Events } from '../src/stores/events/events.ts';
import { migrateEvents } from '../src/stores/events/migrations.ts';
import { computeStates, evaluatePolicy } from '../src/understand/dormancy/evaluate.service.ts';
import { PRESETS } from '../src/understand/dormancy/presets.ts';

const PEOPLE = Number(process.env['BENCH_PEOPLE'] ?? 1_000_000);
const EVENTS_PER_PERSON = 30;
const MONTHS = 24;
const FIRST_DAY = '2024-01-01';
const AS_OF = '2025-12-20';

/**
 * A shop's mix, arriving month by month: everybody orders once on a day of her own, the rest is 40 % pages, 30 % products, 20 % carts and
 * 10 % orders, spread unevenly (a tenth of the people make a quarter of the events) and over each person's own months of interest.
 */
const month = (index: number): Sql => {
  const rest = Math.round((PEOPLE * (EVENTS_PER_PERSON - 1)) / MONTHS);
  return sql`
    INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, properties, source)
    WITH cityHash64(number, ${p.int(index)}) AS h,
      number < ${p.int(Math.ceil(PEOPLE / MONTHS))} AS is_first,
      if(is_first, toInt64(number * ${p.int(MONTHS)} + ${p.int(index)}),
        toInt64(${p.int(PEOPLE)} * pow((h % 1000003) / 1000003, 1.4))) AS person,
      cityHash64(person) AS habit,
      if(is_first, 'Order Completed', ['Page Viewed', 'Page Viewed', 'Page Viewed', 'Page Viewed', 'Product Viewed', 'Product Viewed', 'Product Viewed',
        'Cart Viewed', 'Cart Viewed', 'Order Completed'][1 + intDiv(h, 1000003) % 10]) AS what,
      -- Interest lasts one to twenty-four months and then folds back, so that many people have gone quiet.
      toDate(${p.day(FIRST_DAY)}) + if(is_first, ${p.int(index * 30)}, toInt64((${p.int(index)} * 30) % (30 + habit % 690))) + intDiv(h, 100003) % 30 AS on_day
    SELECT hex(sipHash64(number, ${p.int(index)})), concat('person-', leftPad(toString(least(person, ${p.int(PEOPLE - 1)})), 8, '0')), what,
      toDateTime64(on_day, 3, 'UTC') + intDiv(h, 7) % 86400, toDateTime64(on_day, 3, 'UTC') + intDiv(h, 7) % 86400, on_day,
      if(what = 'Order Completed', 500 + intDiv(h, 11) % 20000, 0), 'USD', '{}', 'bench'
    FROM numbers(${p.int(Math.ceil(PEOPLE / MONTHS) + rest)})`;
};

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const RAW_DAYS = sql`(SELECT actor_id AS person_id, name, day, amount_cents FROM events)`;

const plainAggregate = sql`
  SELECT count() AS people, sum(events) AS events, sum(cents) AS cents, max(last) AS last FROM (
    SELECT actor_id, count() AS events, sum(amount_cents) AS cents, min(day) AS first, max(day) AS last FROM events GROUP BY actor_id)`;

async function measure(events: Events): Promise<void> {
  const now = new Date('2026-01-01T00:00:00Z');
  const policy = { ...PRESETS.shop };
  const say = (what: string, seconds: number, than?: number): void =>
    console.log(
      `${what.padEnd(58)} ${seconds.toFixed(2)} s${than === undefined ? '' : `   ratio ${(seconds / than).toFixed(2)}`}`,
    );
  const best = async (work: () => Promise<unknown>): Promise<number> =>
    Math.min(await secondsOf(work), await secondsOf(work), await secondsOf(work));

  const [counted] = await events.rows<{ people: number; events: number }>(plainAggregate);
  console.log(`${counted!.people} people, ${counted!.events} events`);
  const plain = await best(() => events.rows(plainAggregate));
  say('one plain aggregate over the raw table', plain);
  const states = (days?: Sql) => async () => {
    const scratch = await computeStates(events, { policy, version: 1, asOf: AS_OF, now, ...(days ? { days } : {}) });
    await scratch.close();
  };
  say('stages + features + scores from raw events (target 3)', await best(states(RAW_DAYS)), plain);
  say('stages + features + scores from the roll-up (target 0.5)', await best(states()), plain);
  const evaluate = (asOf: string) => () => evaluatePolicy(events, { policy, version: 1, asOf, now });
  say('first evaluation, with every past stage change', await secondsOf(evaluate('2025-12-19')), plain);
  say('next day’s evaluation, with its stage changes', await secondsOf(evaluate(AS_OF)), plain);
}

const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
const events = await openChdb(folder);
try {
  await migrateEvents(events, new Date());
  // Recognising retries is not measured here, and takes half of the time that generating does.
  await events.run(sql`DROP TABLE ${ident('message_ids_feed')}`);
  const seconds = await secondsOf(async () => {
    for (let index = 0; index < MONTHS; index++) await events.run(month(index));
  });
  console.log(`generated in ${seconds.toFixed(1)} s`);
  await measure(events);
} finally {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
}
