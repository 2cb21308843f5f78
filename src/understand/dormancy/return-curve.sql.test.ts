// Silences are counted as the Kaplan–Meier estimate wants them: finished ones as returns, open ones as censored.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { ident } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { createActiveDays, fillActiveDays } from './evaluate.sql.ts';
import { returnCurve, survivalAt } from './return-curve.ts';
import { silenceGroups } from './return-curve.sql.ts';

let events: Events;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ events, close } = await temporaryEvents());
});
afterAll(() => close());

test('two people: one came back after 10 and 20 days, one is silent for 35', async () => {
  const order = (person: string, day: string) => eventRow(person, 'Order Completed', day);
  await events.insert('events', [
    order('a', '2026-01-01'),
    order('a', '2026-01-11'),
    order('a', '2026-01-11'),
    order('a', '2026-01-31'),
    order('b', '2026-01-06'),
    order('b', '2026-02-20'), // After the day asked about: not known yet.
    eventRow('b', 'Page Viewed', '2026-01-20'), // Not an activity.
  ]);
  const table = ident('active_days_here');
  await events.run(createActiveDays(table));
  await events.run(fillActiveDays(table, (await personSource(events)).days, ['Order Completed'], '2026-02-10'));
  const rows = await events.rows<{ silent_days: number; returned: number; censored: number }>(
    silenceGroups(table, '2026-02-10'),
  );
  expect(rows).toEqual([
    { silent_days: 10, returned: 1, censored: 1 },
    { silent_days: 20, returned: 1, censored: 0 },
    { silent_days: 35, returned: 0, censored: 1 },
  ]);
  // By hand: 4 at risk on day 10, then 2 on day 20: 3/4, then 3/4 · 1/2.
  const curve = returnCurve(
    rows.map((row) => ({ silentDays: row.silent_days, returned: row.returned, censored: row.censored })),
  );
  expect(survivalAt(curve, 10)).toBeCloseTo(0.75, 12);
  expect(survivalAt(curve, 34)).toBeCloseTo(0.375, 12);
});

test('joined ids are one person', async () => {
  await events.insert('events', [
    eventRow('phone', 'Signed In', '2026-01-01'),
    eventRow('laptop', 'Signed In', '2026-01-04'),
    eventRow('laptop', 'Signed In', '2026-01-01'),
  ]);
  await events.insert('person_links', [
    { actor_id: 'phone', person_id: 'one', version: 1 },
    { actor_id: 'laptop', person_id: 'one', version: 1 },
  ]);
  const table = ident('active_days_joined');
  await events.run(createActiveDays(table));
  await events.run(fillActiveDays(table, (await personSource(events)).days, ['Signed In'], '2026-01-10'));
  expect(await events.rows(silenceGroups(table, '2026-01-10'))).toEqual([
    { silent_days: 3, returned: 1, censored: 0 },
    { silent_days: 6, returned: 0, censored: 1 },
  ]);
});
