// CASL, section 10(10): two years before the day on which the message is sent, six months after an inquiry. The last day is whole.
import { expect, it } from 'vitest';
import { basisEndsAt } from './bases.ts';

it.each([
  // 2025 and 2026 hold no 29 February: day 730 is 2027-03-01, and the send is refused on day 731.
  ['implied_purchase', '2025-03-01T10:00:00Z', 'UTC', '2027-03-02T00:00:00Z'],
  ['implied_purchase', '2025-03-01T23:30:00Z', 'Asia/Shanghai', '2027-03-02T16:00:00Z'],
  ['implied_inquiry', '2026-01-15T10:00:00Z', 'UTC', '2026-07-16T00:00:00Z'],
  ['implied_inquiry', '2025-08-31T10:00:00Z', 'UTC', '2026-03-01T00:00:00Z'],
  ['implied_inquiry', '2026-05-08T12:00:00Z', 'America/New_York', '2026-11-09T05:00:00Z'],
])('%s of %s in %s ends at %s', (basis, decided, zone, ends) => {
  expect(basisEndsAt(basis, new Date(decided), zone)).toEqual(new Date(ends));
});

it('what was said expressly does not end by itself, nor what only the business knows', () => {
  for (const basis of ['express', 'double_opt_in', 'contract', 'toString'])
    expect(basisEndsAt(basis, new Date('2025-01-01T00:00:00Z'), 'UTC')).toBeNull();
});
