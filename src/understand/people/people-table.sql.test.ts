// Everybody in pages: against the same world judged in memory, with anonymous visitors, joined ids, people of whom only traits are known and
// people who object to being profiled.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import type { Events } from '../../stores/events/events.ts';
import { peoplePage, PEOPLE_SORTS, type PeopleSort } from './people-table.sql.ts';

const NOBODY = { stage: undefined, reason: undefined, rfmGroup: undefined, segment: undefined, found: undefined };
const JUDGED = 20;
const id = (n: number): string => `p${String(n).padStart(2, '0')}`;
const numbers = Array.from({ length: JUDGED }, (_, n) => n);
/** Every fifth is scored by no model; two object. */
const isScored = (n: number): boolean => n % 5 !== 0;
const objects = (n: number): boolean => n === 3 || n === 4;
const probabilityOf = (n: number): number => ((n * 7) % JUDGED) / 100;

let events: Events;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ events, close } = await temporaryEvents());
  await events.insert('events', [
    ...numbers.map((n) => eventRow(id(n), 'Order Completed', '2026-01-10', 500)),
    // Somebody new whom no evaluation has judged, a visitor who is judged, one who is not, and one who signed in as p01.
    eventRow('new', 'Page Viewed', '2026-01-12'),
    eventRow('anon:judged', 'Order Completed', '2026-01-10', 500),
    eventRow('anon:unknown', 'Page Viewed', '2026-01-12'),
    eventRow('anon:signed-in', 'Page Viewed', '2026-01-12'),
  ]);
  await events.insert('person_links', [{ actor_id: 'anon:signed-in', person_id: id(1), version: 1 }]);
  const at = '2026-01-13 00:00:00.000';
  await events.insert('person_traits', [
    { person_id: id(2), traits: '{}', updated_at: at, erased: 0 },
    { person_id: 'traits-only', traits: '{}', updated_at: at, erased: 0 },
    { person_id: 'gone', traits: '{}', updated_at: at, erased: 1 },
  ]);
  await events.insert(
    'objectors',
    numbers.filter(objects).map((n) => ({ person_id: id(n), objects: 1, version: 1 })),
  );
  const state = (personId: string, n: number) => ({
    policy_id: 'shop',
    person_id: personId,
    policy_version: 1,
    as_of: '2026-01-12',
    stage: 'active',
    stage_since: '2026-01-10',
    cause: 'activity',
    silent_days: 2,
    threshold_days: 90,
    active_days: 1,
    first_on: '2026-01-01',
    last_on: `2026-01-${String(1 + (n % 9)).padStart(2, '0')}`,
    spent_cents: (n * 13) % 50,
    recency_quintile: 1,
    frequency_quintile: 1,
    monetary_quintile: 1,
    rfm_group: 'champions',
    return_probability: isScored(n) ? probabilityOf(n) : null,
    expected_value_cents: isScored(n) ? n * 100 : null,
    computed_at: at,
    days: [],
    lines: 1,
    items: 1,
  });
  await events.insert('person_states', [...numbers.map((n) => state(id(n), n)), state('anon:judged', JUDGED + 1)]);
});
afterAll(() => close());

/** What is sorted by, of everybody; null where nothing is known. */
function valuesOf(sort: PeopleSort): Map<string, number | string | null> {
  const known = (n: number): number | string | null =>
    ({
      lastOn: `2026-01-${String(1 + (n % 9)).padStart(2, '0')}`,
      spent: (n * 13) % 50,
      returnProbability: isScored(n) ? probabilityOf(n) : null,
      expectedValue: isScored(n) ? n * 100 : null,
    })[sort];
  return new Map([
    ...numbers.map((n) => [id(n), objects(n) ? null : known(n)] as const),
    ['anon:judged', known(JUDGED + 1)],
    ['new', null],
    ['traits-only', null],
  ]);
}

test.each(PEOPLE_SORTS.flatMap((sort) => [true, false].map((descending) => [sort, descending] as const)))(
  'by %s, descending %s: every page holds whom it must, and all of them are counted',
  async (sort, descending) => {
    const expected = [...valuesOf(sort)]
      .sort(([a, x], [b, y]) => {
        if (x !== y) {
          if (x === null) return 1;
          if (y === null) return -1;
          return x < y === descending ? 1 : -1;
        }
        return a < b ? -1 : 1;
      })
      .map(([personId]) => personId);
    const limit = 5;
    const paged: string[] = [];
    for (let offset = 0; offset < expected.length; offset += limit) {
      const { rows, total } = await peoplePage(
        events,
        { ...NOBODY, policyId: 'shop' },
        { sort, descending, offset, limit },
      );
      expect(total).toBe(expected.length);
      paged.push(...rows.map(({ personId }) => personId));
    }
    expect(paged).toEqual(expected);
  },
);

test('before there is a policy everybody is listed by id', async () => {
  const { rows, total } = await peoplePage(
    events,
    { ...NOBODY, policyId: undefined },
    { sort: 'lastOn', descending: true, offset: 0, limit: 50 },
  );
  expect(rows.map(({ personId }) => personId)).toEqual(['new', ...numbers.map(id), 'traits-only']);
  expect(total).toBe(JUDGED + 2);
});
