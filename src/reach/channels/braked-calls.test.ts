import { expect, it } from 'vitest';
import { brakedCalls, type SharedBrake } from './braked-calls.ts';
import type { Closed, SendOutcome } from './channel.ts';

const BAD_KEY: SendOutcome = { kind: 'rejected', class: 'account', permanent: false, code: '401', detail: 'no' };
const SENT: SendOutcome = { kind: 'sent', providerId: 'x', response: 'ok' };

it('keeps what became of a call when the store cannot hear of its account, and tells it before the next', async () => {
  const nowMs = Date.parse('2026-03-02T12:00:00Z');
  let known: Closed | undefined;
  let isStoreDown = true;
  const shared: SharedBrake = {
    read: () => Promise.resolve(known),
    write: (closed) => {
      if (isStoreDown) return Promise.reject(new Error('the store is down'));
      known = closed;
      return Promise.resolve();
    },
  };
  let calls = 0;
  const make = (outcome: SendOutcome) => () => {
    calls++;
    return Promise.resolve(outcome);
  };
  const now = () => new Date(nowMs);
  const first = brakedCalls({ now, shared });
  expect(await first.make(make(BAD_KEY))).toEqual(BAD_KEY);
  // While it is down nothing is asked: whoever cannot hear does not know that the way is open.
  await expect(first.make(make(SENT))).rejects.toThrow('the store is down');
  isStoreDown = false;
  expect(await first.make(make(SENT))).toMatchObject({ kind: 'unavailable', code: 'closed:401' });
  expect(await brakedCalls({ now, shared }).make(make(SENT))).toMatchObject({ code: 'closed:401' });
  expect(calls).toBe(1);
});
