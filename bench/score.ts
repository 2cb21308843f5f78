// bench score [people]: stages, features and scores of a million people with thirty million events, against one plain aggregate over the
// raw table. Prints ratios measured in one run, of the clock and of processor time (the engine is in this process; other programs move the
// clock more than the processor time). Targets: ≤ 3 from raw events, ≤ 0.5 from the per-person roll-up that evaluations carry on; everybody
// in her stage within 60 s of the day's turn, and of her own news.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addDays, dayNumber } from '../src/kernel/days.ts';
import { compile, ident, p, sql, type Sql } from '../src/kernel/sql.ts';
import { openChdb, type Events } from '../src/stores/events/events.ts';
import { migrateEvents } from '../src/stores/events/migrations.ts';
import { computeStates, evaluatePolicy, refreshPolicy } from '../src/understand/dormancy/evaluate.service.ts';
import type { Models } from '../src/understand/dormancy/evaluations.sql.ts';
import { PRESETS } from '../src/understand/dormancy/presets.ts';

const PEOPLE = Number(process.argv[2] ?? process.env['BENCH_PEOPLE'] ?? 1_000_000);
const EVENTS_PER_PERSON = 30;
const MONTHS = 24;
const FIRST_DAY = '2024-01-01';
const AS_OF = '2025-12-20';

/**
 * A shop's mix, arriving month by month: everybody orders once on a day of her own, the rest is 40% pages, 30% products, 20% carts and
 * 10% orders, spread unevenly (a tenth of the people make a quarter of the events) and over each person's own months of interest.
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

type Cost = { readonly seconds: number; readonly processor: number };

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}

const say = (what: string, { seconds, processor }: Cost, than?: Cost): void => {
  const ratios =
    than === undefined
      ? ''
      : `   ratio ${(seconds / than.seconds).toFixed(2)} (processor ${(processor / than.processor).toFixed(2)})`;
  console.log(
    `${what.padEnd(66)} ${seconds.toFixed(2).padStart(6)} s, processor ${processor.toFixed(2).padStart(6)} s${ratios}`,
  );
};

/** The quickest of three by the clock, and the least processor time of the three. */
async function best(work: () => Promise<unknown>): Promise<Cost> {
  const costs = [await costOf(work), await costOf(work), await costOf(work)];
  return {
    seconds: Math.min(...costs.map((cost) => cost.seconds)),
    processor: Math.min(...costs.map((cost) => cost.processor)),
  };
}

const RAW_DAYS = sql`(SELECT actor_id AS person_id, name, day, amount_cents AS money_cents, lines, items FROM events)`;

const plainAggregate = sql`
  SELECT count() AS people, sum(events) AS events, sum(cents) AS cents, max(last) AS last FROM (
    SELECT actor_id, count() AS events, sum(amount_cents) AS cents, min(day) AS first, max(day) AS last FROM events GROUP BY actor_id)`;

/** The store with a second purse: what recording stage changes and publishing cost, apart from stages, features and scores. */
function split(events: Events): { readonly events: Events; readonly changes: () => Cost; readonly reset: () => void } {
  const none: Cost = { seconds: 0, processor: 0 };
  let sum = none;
  const run = async (statement: Sql): Promise<void> => {
    const cost = await costOf(() => events.run(statement));
    if (/scratch_moved|stage_changes|REPLACE PARTITION/.test(compile(statement).text))
      sum = { seconds: sum.seconds + cost.seconds, processor: sum.processor + cost.processor };
  };
  return { events: { ...events, run }, changes: () => sum, reset: () => (sum = none) };
}

const less = (a: Cost, b: Cost): Cost => ({ seconds: a.seconds - b.seconds, processor: a.processor - b.processor });

async function measure(events: Events, generatedAt: number): Promise<void> {
  const now = new Date('2026-01-01T00:00:00Z');
  const policy = { ...PRESETS.shop };
  const [counted] = await events.rows<{ people: number; events: number }>(plainAggregate);
  console.log(`${counted!.people} people, ${counted!.events} events`);
  const plain = await best(() => events.rows(plainAggregate));
  say('one plain aggregate over the raw table', plain);

  const states = (days?: Sql, models?: Models) => async (): Promise<Models> => {
    const given = { ...(days === undefined ? {} : { days }), ...(models === undefined ? {} : { models }) };
    const scratch = await computeStates(events, { policy, version: 1, asOf: AS_OF, now, ...given });
    await scratch.close();
    return scratch.measure.models;
  };
  const models = await states()();
  say('raw events: stages + features + scores (target 3)', await best(states(RAW_DAYS, models)), plain);
  say('the same, models fitted as well', await best(states(RAW_DAYS)), plain);
  say('per-day roll-up: stages + features + scores', await best(states(undefined, models)), plain);
  say('the same, models fitted as well', await best(states()), plain);

  // What came in within the last minute counts as news.
  await sleep(Math.max(0, 61_000 - (performance.now() - generatedAt)));
  const purse = split(events);
  const evaluate = (asOf: string) => () =>
    evaluatePolicy(purse.events, {
      policy,
      version: 1,
      asOf,
      throughOn: addDays(asOf, 1),
      now: new Date(now.getTime() + dayNumber(asOf)),
    });
  say('first evaluation, with every past stage change', await costOf(evaluate(addDays(AS_OF, -4))), plain);
  const turns: { readonly all: Cost; readonly scores: Cost }[] = [];
  for (let day = -3; day <= -1; day++) {
    purse.reset();
    const all = await costOf(evaluate(addDays(AS_OF, day)));
    turns.push({ all, scores: less(all, purse.changes()) });
  }
  const least = (of: (turn: (typeof turns)[number]) => Cost): Cost => ({
    seconds: Math.min(...turns.map((turn) => of(turn).seconds)),
    processor: Math.min(...turns.map((turn) => of(turn).processor)),
  });
  say(
    'per-person roll-up: stages + features + scores (target 0.5)',
    least((turn) => turn.scores),
    plain,
  );
  say(
    'day’s turn: the same with stage changes, published (target 60 s)',
    least((turn) => turn.all),
    plain,
  );

  await events.run(returning(5_000));
  const yesterday = addDays(AS_OF, -1);
  const refresh = () =>
    refreshPolicy(events, {
      policy,
      version: 1,
      asOf: yesterday,
      throughOn: AS_OF,
      now: new Date(now.getTime() + 60_000),
    });
  say('5,000 people with news: stages, changes, published (target 60 s)', await costOf(refresh), plain);
}

/** So many people order on the running day. */
const returning = (people: number): Sql => sql`
  INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, properties, source)
  SELECT concat('news-', toString(number)), concat('person-', leftPad(toString(toInt64(number * ${p.int(Math.floor(PEOPLE / people))})), 8, '0')),
    'Order Completed', toDateTime64(toDate(${p.day(AS_OF)}), 3, 'UTC') + 36000, toDateTime64(toDate(${p.day(AS_OF)}), 3, 'UTC') + 36000,
    toDate(${p.day(AS_OF)}), 1000, 'USD', '{}', 'bench'
  FROM numbers(${p.int(people)})`;

const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
const events = await openChdb(folder);
try {
  await migrateEvents(events, new Date());
  // Recognising retries is not measured here, and takes half of the time that generating does.
  await events.run(sql`DROP TABLE ${ident('message_ids_feed')}`);
  const { seconds } = await costOf(async () => {
    for (let index = 0; index < MONTHS; index++) await events.run(month(index));
  });
  console.log(`generated in ${seconds.toFixed(1)} s`);
  await measure(events, performance.now());
} finally {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
}
