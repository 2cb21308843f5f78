// bench freshness [people] [turns]: how long after the day has turned is everybody whose window has passed in the dormant segment? A real
// server on embedded stores, with all of its jobs, and a million people with thirty million events; its clock runs on from half a minute
// before midnight. Printed for each turn: from midnight until all of them are in the live segment, and until the
// watched segment's members hold them. Who they are is counted by hand, from the raw events. Target: within one minute.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openApp, type App } from '../src/app.ts';
import { configOf } from '../src/config.ts';
import { startServer } from '../src/http/server.ts';
import { startWork } from '../src/http/work.ts';
import type { Clock } from '../src/kernel/clock.ts';
import { addDays, dayIn, type Day } from '../src/kernel/days.ts';
import { p, sql, type Sql } from '../src/kernel/sql.ts';
import { PRESETS } from '../src/understand/dormancy/presets.ts';
import { savePolicy } from '../src/understand/dormancy/policy.service.ts';
import { evaluatedUntil } from '../src/understand/dormancy/states.sql.ts';
import { reasonShares } from '../src/understand/reasons/reasons.service.ts';
import { countSegment, prepareSegment } from '../src/understand/segments/questions.service.ts';
import { saveSegment } from '../src/understand/segments/segments.service.ts';
import { placeShop } from './shop-events.ts';

const PEOPLE = Number(process.argv[2] ?? process.env['BENCH_PEOPLE'] ?? 1_000_000);
const TURNS = Number(process.argv[3] ?? 3);
const FIRST_TURN = '2025-12-21';
const BEFORE_MIDNIGHT_MS = 30_000;
const WAIT_MS_MAX = 600_000;
const ASK_EVERY_MS = 250;

const POLICY = PRESETS.shop;
const SEGMENT = { kind: 'stage', in: ['dormant', 'relapsed'] } as const;
const SEGMENT_ID = 'gone-quiet';

if (POLICY.rule.kind !== 'window') throw new Error('the bench counts by a window');
const WINDOW_DAYS = POLICY.rule.dormantDays;

/** Real time, moved forward when told. */
function movedClock(start: Date): Clock & { readonly moveTo: (at: Date) => void } {
  let offsetMs = start.getTime() - Date.now();
  return {
    now: () => new Date(Date.now() + offsetMs),
    moveTo: (at) => void (offsetMs = at.getTime() - Date.now()),
  };
}

const midnight = (day: Day): Date => new Date(`${day}T00:00:00Z`);

/** By hand: whose last activity lies exactly the window back when `day` begins, that is `WINDOW_DAYS` before the day that has just ended. */
const passing = (day: Day): Sql => sql`
  SELECT actor_id AS person_id FROM events WHERE name IN ${p.texts(POLICY.activity)} GROUP BY actor_id
  HAVING max(day) = ${p.day(addDays(day, -1 - WINDOW_DAYS))}`;

async function numberOf(app: App, people: Sql): Promise<number> {
  const [row] = await app.events.rows<{ people: number }>(sql`SELECT count() AS people FROM (${people})`);
  return row?.people ?? 0;
}

/** Of the passing people those who are in the live segment. */
async function inSegment(app: App, day: Day): Promise<number> {
  const { people } = await prepareSegment(
    app.segments,
    { segment: SEGMENT, policyId: POLICY.policyId },
    app.clock.now(),
  );
  return numberOf(app, sql`SELECT person_id FROM (${people}) WHERE person_id IN (${passing(day)})`);
}

const amongMembers = (app: App, day: Day): Promise<number> =>
  numberOf(
    app,
    sql`SELECT person_id FROM segment_members WHERE segment_id = ${p.text(SEGMENT_ID)} AND person_id IN (${passing(day)})`,
  );

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > WAIT_MS_MAX) throw new Error(`waited too long for ${what}`);
    await sleep(ASK_EVERY_MS);
  }
}

const isSettled = async (app: App, day: Day): Promise<boolean> => {
  const yesterday = addDays(day, -1);
  if ((await evaluatedUntil(app.events, POLICY.policyId)) !== yesterday) return false;
  return (await reasonShares(app.records, POLICY.policyId))?.asOf === yesterday;
};

const place = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
try {
  await placeShop(join(place, 'events'), PEOPLE);
  const clock = movedClock(new Date(`${addDays(FIRST_TURN, -1)}T12:00:00Z`));
  const app = await openApp(configOf({ REKINDLE_DATA_DIR: place, REKINDLE_PORT: '0' }), clock, {
    business: { timeZone: 'UTC' },
  });
  const server = await startServer(app, (error) => console.error(error), 0);
  await savePolicy(app, POLICY, clock.now());
  const work = await startWork(app, (error) => console.error(error));
  try {
    await until('the first evaluation', () => isSettled(app, dayIn(clock.now(), 'UTC')));
    await saveSegment(
      app.segments,
      {
        segmentId: SEGMENT_ID,
        name: 'Gone quiet',
        segment: SEGMENT,
        policyId: POLICY.policyId,
        watched: true,
        allowUnseen: false,
      },
      'create',
      clock.now(),
    );
    await until('the first members', async () => (await numberOf(app, sql`SELECT 1 FROM segment_members`)) > 0);
    const { of: everybody } = await countSegment(
      app.segments,
      { segment: SEGMENT, policyId: POLICY.policyId },
      clock.now(),
    );
    console.log(`${everybody} people, evaluated as of ${addDays(dayIn(clock.now(), 'UTC'), -1)}, all jobs running`);
    for (let turn = 0; turn < TURNS; turn++) {
      const day = addDays(FIRST_TURN, turn);
      const expected = await numberOf(app, passing(day));
      const before = await inSegment(app, day);
      if (expected === 0 || before !== 0)
        throw new Error(`${before} of ${expected} were in the segment before midnight`);
      clock.moveTo(new Date(midnight(day).getTime() - BEFORE_MIDNIGHT_MS));
      await until('midnight', () => Promise.resolve(clock.now() >= midnight(day)));
      const sinceMidnight = (): string => ((clock.now().getTime() - midnight(day).getTime()) / 1000).toFixed(1);
      await until('the segment', async () => (await inSegment(app, day)) === expected);
      const live = sinceMidnight();
      await until('the members', async () => (await amongMembers(app, day)) === expected);
      console.log(
        `turn to ${day}: ${expected} people whose ${WINDOW_DAYS} days have passed, all in the live segment ${live} s after midnight (target 60 s), ` +
          `in the watched segment's members ${sinceMidnight()} s`,
      );
      await until('the jobs of the turn', () => isSettled(app, day));
    }
  } finally {
    await work.stop();
    await server.close();
    await app.close();
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
