// A domain's limit is one for all workers of a store.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimDue } from '../../src/reach/messages/claim.sql.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { domainOf, type PaceLimits } from '../../src/reach/messages/pace.ts';
import { pausedDomains } from '../../src/reach/messages/pace.sql.ts';
import { openPacer } from '../../src/reach/messages/pacer.service.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, consent, message } from '../support/rows.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const plus = (ms: number): Date => new Date(NOW.getTime() + ms);
const RULES = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 0 };
const LIMITS: PaceLimits = { domains: { 'busy.example': { perSecond: 20, connections: 4 } } };

describe.each(RECORDS_KINDS)('the pace on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`of several workers${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    const open = (worker: number) =>
      openPacer({ records: store.workers[worker]!, worker: `w${worker}` }, 'email', { limits: LIMITS, domainOf });

    it('claims no more than the rate together, leaves the rest planned in its order, and lets others pass', async () => {
      const { db } = store.records;
      const people = Array.from({ length: 120 }, (_, i) => ({
        id: `p${i}`,
        email: `p${i}@${i < 100 ? 'busy' : 'quiet'}.example`,
      }));
      await addPeople(db, people);
      await recordConsents(
        db,
        people.map(({ id }) => consent(id)),
      );
      await planMessages(
        db,
        people.map(({ id, email }) => message(id, NOW, { address: email, address_key: `key-${email}` })),
      );
      const workers = kind === 'postgres' ? [0, 1] : [0];
      const pacers = workers.map(open);
      // The first to come learns of the second only at its next look.
      for (const pacer of [...pacers, ...pacers]) await pacer.refresh(plus(pacers.indexOf(pacer) * 20_000 - 40_000));
      for (const pacer of pacers) await pacer.refresh(NOW);
      const claimAt = async (now: Date): Promise<string[]> => {
        const claimed: string[] = [];
        for (let left = true; left;) {
          left = false;
          for (const worker of workers) {
            const round = await claimDue(store.workers[worker]!.db, {
              channel: 'email',
              worker: `w${worker}`,
              limit: 30,
              rules: RULES,
              now,
              laterThan: (address) => pacers[worker]!.laterThan(address, now),
            });
            left ||= round.seen > 0;
            claimed.push(...round.claimed.map((row) => row.address));
          }
        }
        return claimed;
      };
      const first = await claimAt(NOW);
      expect(first.filter((address) => address.endsWith('@quiet.example'))).toHaveLength(20);
      expect(first.filter((address) => address.endsWith('@busy.example'))).toHaveLength(20);
      expect(await claimAt(plus(500))).toHaveLength(0);
      // A second's worth each second, until all are gone.
      const counts: number[] = [];
      for (let second = 2; second <= 16; second++) counts.push((await claimAt(plus(second * 1_000))).length);
      expect(Math.max(...counts)).toBeLessThanOrEqual(20);
      expect(counts.reduce((sum, each) => sum + each, 0)).toBe(80);
    });

    it('tells every worker of a domain that wants to be left alone, longer each time', async () => {
      const { db } = store.records;
      const [one, two] = [open(0), open(1)];
      const throttled = { kind: 'deferred', code: '4.7.28', detail: 'unusual rate of mail' } as const;
      const untilAt = async (now: Date): Promise<number> =>
        ((await pausedDomains(db, 'email', now)).get('slow.example')?.getTime() ?? 0) - NOW.getTime();
      await one.heard('a@slow.example', throttled, NOW);
      // What was on its way when the domain spoke is no second offence.
      await two.heard('b@slow.example', throttled, plus(1_000));
      expect(await untilAt(plus(1_000))).toBe(60_000);
      await two.refresh(plus(2_000));
      expect(two.laterThan('c@slow.example', plus(2_000))!.getTime()).toBeGreaterThan(plus(60_000).getTime());
      expect(two.laterThan('c@other.example', plus(2_000))).toBeUndefined();
      await two.heard('b@slow.example', throttled, plus(61_000));
      expect(await untilAt(plus(61_000))).toBe(61_000 + 120_000);
      // Long forgotten.
      await two.heard('b@slow.example', throttled, plus(86_400_000));
      expect(await untilAt(plus(86_400_000))).toBe(86_400_000 + 60_000);
      await one.heard('a@slow.example', { kind: 'deferred', code: '4.2.2', detail: 'mailbox full' }, NOW);
      expect((await pausedDomains(db, 'email', NOW)).size).toBe(1);
    });

    it('gives out a domain’s connections, and takes them back', () => {
      const pacer = open(0);
      const taken = Array.from({ length: 6 }, () => pacer.enter('a@busy.example'));
      expect(taken).toEqual([true, true, true, true, false, false]);
      expect(pacer.enter('a@quiet.example')).toBe(true);
      pacer.exit('a@busy.example');
      expect(pacer.enter('b@busy.example')).toBe(true);
    });
  });
});
