// A policy about people who may be written to, on the real app: judged by what each had said by the day that is asked about, never by what
// she says now.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, lastInstantOf } from '../../src/kernel/days.ts';
import { seededRng } from '../../src/kernel/random.ts';
import { recordConsents, type ConsentEntry } from '../../src/reach/consent/consent.service.ts';
import { backtestPolicy } from '../../src/understand/dormancy/backtest.service.ts';
import { keepEvaluated } from '../../src/understand/dormancy/keep-evaluated.service.ts';
import { savePolicy } from '../../src/understand/dormancy/policy.service.ts';
import { parsePolicy, type DormancyPolicy } from '../../src/understand/dormancy/policy.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import { usablePolicy } from '../../src/understand/dormancy/usable-policy.service.ts';
import { personStates } from '../../src/understand/dormancy/states.sql.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

const SEED = 'said over time';
const PEOPLE = 60;
const WORDS_MAX = 6;
const STATES = ['granted', 'withdrawn', 'expired', 'none'] as const;

describe('a scope by consent', () => {
  let shop: Shop;
  const words: ConsentEntry[] = [];
  const people = Array.from({ length: PEOPLE }, (_, i) => `said-${i}`);
  let start: Date;
  beforeAll(async () => {
    shop = await openShop();
    start = shop.clock.now();
    await shop.post(
      people.map((userId) => ({
        type: 'track',
        event: 'Order Completed',
        userId,
        properties: { revenue: 10, order_id: `first-${userId}` },
      })),
    );
    shop.days(120);
    const rng = seededRng(SEED);
    for (const personId of people)
      for (let n = rng.below(WORDS_MAX); n > 0; n--) {
        const decidedAt = new Date(start.getTime() + rng.below(100 * 24) * 3_600_000);
        words.push(
          consent(personId, {
            channel: rng.pick(['email', 'sms']),
            status: rng.chance(0.65) ? 'granted' : 'withdrawn',
            decidedAt,
            expiresAt: rng.chance(0.4) ? new Date(decidedAt.getTime() + (1 + rng.below(50)) * DAY_MS) : null,
          }),
        );
      }
    await recordConsents(shop.app.records.db, words);
  });
  afterAll(() => shop?.close());

  /** What she had said on the channel by then, word by word. */
  const stateOf = (personId: string, channel: string, at: Date): (typeof STATES)[number] => {
    const latest = words
      .filter((word) => word.personId === personId && word.channel === channel && word.decidedAt <= at)
      .toSorted((a, b) => b.decidedAt.getTime() - a.decidedAt.getTime() || (a.status < b.status ? 1 : -1))[0];
    if (latest === undefined) return 'none';
    if (latest.status === 'withdrawn') return 'withdrawn';
    return latest.expiresAt !== null && latest.expiresAt <= at ? 'expired' : 'granted';
  };
  const about = (policyId: string, scope: unknown): DormancyPolicy =>
    parsePolicy({
      ...PRESETS.shop,
      policyId,
      scope: { kind: 'and', of: [{ kind: 'did_not', event: 'Page Viewed' }, scope] },
    });
  const alike = { kind: 'did', event: 'Order Completed' };

  it.each(STATES)(`is asked of past days as it stood then: %s (seed ${SEED})`, async (is) => {
    const { app, clock } = shop;
    const zone = app.business.timeZone;
    const on = [10, 35, 60, 90].map((offset) => new Date(start.getTime() + offset * DAY_MS).toISOString().slice(0, 10));
    const { days } = await backtestPolicy(app.events, {
      policy: parsePolicy({
        ...PRESETS.shop,
        policyId: 'past',
        scope: { kind: 'and', of: [alike, { kind: 'consent', channel: 'email', is }] },
      }),
      on,
      now: clock.now(),
      scopes: app.segments,
    });
    const expected = on.map((day) => {
      const at = lastInstantOf(day, zone);
      return people.filter((personId) => stateOf(personId, 'email', at) === is).length + (is === 'none' ? 1 : 0);
    });
    // The founder of the shop never said anything.
    expect(days.map((day) => day.people)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(1);
  });

  it('is asked as it stands now when stages are kept, and withdrawing leaves the policy at the day’s turn', async () => {
    const { app, clock } = shop;
    const written = { ...about('writable', { kind: 'reachable', channel: 'email' }) };
    // Nobody here ever viewed a page: a name that never occurred is refused before anything is saved.
    await expect(usablePolicy(app.segments, written)).rejects.toMatchObject({
      code: 'invalid',
      details: { where: expect.stringContaining('policy.scope') },
    });
    await shop.addPerson('reached');
    await shop.addPerson('lapsed');
    const policy = await usablePolicy(app.segments, { ...written, scope: { kind: 'reachable', channel: 'email' } });
    await savePolicy(app, policy, clock.now());
    const keep = () =>
      keepEvaluated(
        { records: app.records, events: app.events, timeZone: app.business.timeZone, scopes: app.segments },
        clock.now(),
      );
    const isJudged = async (personId: string): Promise<boolean> =>
      (await personStates(app.events, personId)).some(({ policyId }) => policyId === 'writable');
    shop.days(1);
    await keep();
    expect([await isJudged('reached'), await isJudged('lapsed'), await isJudged('said-0')]).toEqual([
      true,
      true,
      false,
    ]);
    await recordConsents(app.records.db, [consent('lapsed', { status: 'withdrawn', decidedAt: clock.now() })]);
    shop.days(1);
    await keep();
    expect([await isJudged('reached'), await isJudged('lapsed')]).toEqual([true, false]);
  });
});
