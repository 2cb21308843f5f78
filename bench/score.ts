// bench score [people]: stages, features and scores of a million people with thirty million events, against one plain aggregate over the
// raw table. Prints ratios measured in one run, of the clock and of processor time (the engine is in this process; other programs move the
// clock more than the processor time). Targets: ≤ 3 from raw events, ≤ 0.5 from the per-person roll-up that evaluations carry on; everybody
// in her stage within 60 s of the day's turn, and of her own news.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addDays, dayNumber } from '../src/kernel/days.ts';
import { compile, sql, type Sql } from '../src/kernel/sql.ts';
import { openChdb, type Events } from '../src/stores/events/events.ts';
import { computeStates, evaluatePolicy, refreshPolicy } from '../src/understand/dormancy/evaluate.service.ts';
import type { Models } from '../src/understand/dormancy/evaluations.sql.ts';
import { PRESETS } from '../src/understand/dormancy/presets.ts';
import { placeShop, returning } from './shop-events.ts';

const PEOPLE = Number(process.argv[2] ?? process.env['BENCH_PEOPLE'] ?? 1_000_000);
const AS_OF = '2025-12-20';
/** The engine looks for what there is to merge at least this often. */
const MERGES_BEGIN_MS = 2_000;
const TURNS = 5;

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

const of = (costs: readonly Cost[], pick: (values: readonly number[]) => number): Cost => ({
  seconds: pick(costs.map((cost) => cost.seconds)),
  processor: pick(costs.map((cost) => cost.processor)),
});

const least = (costs: readonly Cost[]): Cost => of(costs, (values) => Math.min(...values));

const middle = (costs: readonly Cost[]): Cost =>
  of(costs, (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN);

/** The quickest of three by the clock, and the least processor time of the three. */
const best = async (work: () => Promise<unknown>): Promise<Cost> =>
  least([await costOf(work), await costOf(work), await costOf(work)]);

/** What a day's turn costs, and what of it goes into stages, features and scores. */
type Turn = { readonly all: Cost; readonly scores: Cost };

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

/** What the engine still merges of the last turn it merges now: between two days there is time for that. */
async function merged(events: Events): Promise<void> {
  await sleep(MERGES_BEGIN_MS);
  for (;;) {
    const [row] = await events.rows<{ merges: number }>(sql`SELECT count() AS merges FROM system.merges`);
    if (row?.merges === 0) return;
    await sleep(100);
  }
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
  say('first evaluation, with every past stage change', await costOf(evaluate(addDays(AS_OF, -1 - TURNS))), plain);
  const turns: Turn[] = [];
  const beside: Cost[] = [];
  const turn = async (asOf: string): Promise<Turn> => {
    await merged(events);
    purse.reset();
    const all = await costOf(evaluate(asOf));
    return { all, scores: less(all, purse.changes()) };
  };
  for (let day = -TURNS; day <= -1; day++) {
    turns.push(await turn(addDays(AS_OF, day)));
    // Beside every turn once more what it is compared with: a busy machine slows both.
    await merged(events);
    beside.push(await costOf(() => events.rows(plainAggregate)));
  }
  say('the plain aggregate again, between the turns: the median', middle(beside));
  say(
    'per-person roll-up: stages + features + scores (target 0.5), median',
    middle(turns.map(({ scores }) => scores)),
    middle(beside),
  );
  say(
    'the same, the least of the turns against the least of the aggregates',
    least(turns.map(({ scores }) => scores)),
    least([plain, ...beside]),
  );
  say(
    'day’s turn: the same with stage changes, published (target 60 s)',
    middle(turns.map(({ all }) => all)),
    middle(beside),
  );

  await events.run(returning(AS_OF, 5_000, PEOPLE));
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
  const after = await turn(AS_OF);
  say('the turn after that, scores alone', after.scores, plain);
}

const place = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
const folder = join(place, 'events');
try {
  const generatedAt = await placeShop(folder, PEOPLE);
  const events = await openChdb(folder);
  try {
    await measure(events, generatedAt);
  } finally {
    await events.close();
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
