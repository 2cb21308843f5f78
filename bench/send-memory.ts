// Does the memory of a large campaign stay flat? The whole product as it runs for a shop: everybody ordered once, long ago, a programme takes
// them all in (enter), plans a message for each (plan), and everything leaves through the ledger to a mail server in another process (send).
// Prints resident memory by stage, with its peak in that stage. Usage: npm run bench -- send --memory [messages]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../src/app.ts';
import { configOf } from '../src/config.ts';
import { createProgramme, moveProgramme } from '../src/decide/programmes/programmes.service.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { addDays, dayIn } from '../src/kernel/days.ts';
import { p, sql } from '../src/kernel/sql.ts';
import { STARTER_TEMPLATES } from '../src/reach/templates/starter-library.ts';
import { saveTemplate } from '../src/reach/templates/templates.service.ts';
import { savePolicy } from '../src/understand/dormancy/policy.service.ts';
import { PRESETS } from '../src/understand/dormancy/presets.ts';
import { addMailable, BUSINESS, RULES, startSink } from './mail-shop.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
const PAGE = 5_000;
const SILENT_DAYS = 200;

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 100);
const startMs = performance.now();
let highest = 0;

/** Prints what has been done and what memory it took, and starts the next stage's peak. */
function told(what: string): void {
  const { rss, heapUsed } = process.memoryUsage();
  peak = Math.max(peak, rss);
  highest = Math.max(highest, peak);
  console.log(
    `${what.padEnd(24)} resident ${megabytes(rss)}, peak ${megabytes(peak)}, of it objects of the main thread ${megabytes(heapUsed)}, after ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
  );
  peak = rss;
}

const sink = await startSink();
const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
const app = await openApp(configOf({ REKINDLE_DATA_DIR: folder }), systemClock, {
  smtpUrl: `${sink.url}?pool=5`,
  rules: RULES,
  business: BUSINESS,
});
const { db } = app.records;
const now = systemClock.now();
told('opened');

const lastOn = addDays(dayIn(now, 'UTC'), -SILENT_DAYS);
await app.events.run(sql`
  INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, source)
  SELECT hex(sipHash64(number)), concat('person-', leftPad(toString(number), 8, '0')), 'Order Completed',
    toDateTime64(toDate(${p.day(lastOn)}), 3, 'UTC'), toDateTime64(toDate(${p.day(lastOn)}), 3, 'UTC'), toDate(${p.day(lastOn)}), 2000, 'USD', 'bench'
  FROM numbers(${p.int(COUNT)})`);
for (let from = 0; from < COUNT; from += PAGE) {
  const ids = Array.from(
    { length: Math.min(PAGE, COUNT - from) },
    (_, i) => `person-${String(from + i).padStart(8, '0')}`,
  );
  await addMailable(db, ids, now);
}
for (const template of STARTER_TEMPLATES) await saveTemplate(db, template, now);
await savePolicy(app, PRESETS.shop, now);
const { programme } = await createProgramme(
  app.programmes,
  {
    programmeId: 'bench',
    name: 'Everybody',
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    entry: { mode: 'once' },
    controlShare: 0,
    steps: [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }],
    goal: { withinDays: 30 },
  },
  now,
);
await moveProgramme(app.records, programme.programmeId, 'start', now);
told(`${COUNT} people`);

const round = app.runProgramme(programme.programmeId);
const planning = setInterval(() => told('… entering, planning'), 30_000);
const { entered, advanced } = await round;
clearInterval(planning);
told(`${entered?.treated} in, ${advanced.planned} planned`);

let tenth = 1;
const look = async (): Promise<void> => {
  const sent = await sink.taken();
  for (; sent >= (tenth * COUNT) / 10 && tenth < 10; tenth++) told(`${tenth}0% sent`);
};
let looking = Promise.resolve();
const progress = setInterval(() => void (looking = looking.then(look)), 1_000);
const { sent } = await app.sender.sendDue();
clearInterval(progress);
await looking;
told(`${sent} of ${COUNT} sent`);
console.log(`highest ${megabytes(highest)}`);
await app.close();
clearInterval(watch);
sink.close();
rmSync(folder, { recursive: true, force: true });
if (sent !== COUNT) throw new Error(`${sent} of ${COUNT} were sent`);
