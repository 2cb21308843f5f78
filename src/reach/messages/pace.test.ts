import { describe, expect, it } from 'vitest';
import {
  DEFAULT_PACE,
  domainOf,
  isThrottle,
  limitOf,
  paced,
  parsePace,
  pauseMs,
  shareOf,
  type PaceLimit,
  type PaceState,
} from './pace.ts';

const NOW = Date.parse('2026-03-02T12:00:00.000Z');

/** Asks for `count` messages at every moment; at each, how many may go. */
function allowed(limit: PaceLimit, momentsMs: readonly number[], count: number): number[] {
  let state: PaceState | undefined;
  return momentsMs.map((ms) => {
    let now = 0;
    for (let i = 0; i < count; i++) {
      const answer = paced(state, limit, NOW + ms, undefined);
      state = answer.state;
      if (answer.atMs === NOW + ms) now++;
    }
    return now;
  });
}

describe('the pace towards a domain', () => {
  it('is its rate, with at most a second’s worth at once', () => {
    expect(allowed({ perSecond: 20, connections: 5 }, [0, 0, 500, 1_000, 2_000], 100)).toEqual([20, 0, 10, 10, 20]);
    // A minute of nothing saves nothing up.
    expect(allowed({ perSecond: 20, connections: 5 }, [0, 60_000], 100)).toEqual([20, 20]);
    // One in four seconds.
    expect(allowed({ perSecond: 0.25, connections: 1 }, [0, 3_999, 4_000, 8_000], 10)).toEqual([1, 0, 1, 1]);
  });

  it('spreads what has to wait over the seconds to come', () => {
    let state: PaceState | undefined;
    const later: number[] = [];
    for (let i = 0; i < 50; i++) {
      const answer = paced(state, { perSecond: 10, connections: 5 }, NOW, undefined);
      state = answer.state;
      if (answer.atMs > NOW) later.push(answer.atMs - NOW);
    }
    expect(later).toHaveLength(40);
    expect([later[0], later.at(-1)]).toEqual([1_100, 5_000]);
  });

  it('lets nothing go while a domain wants to be left alone, limit or not', () => {
    const until = NOW + 60_000;
    for (const limit of [undefined, { perSecond: 10, connections: 5 }]) {
      const first = paced(undefined, limit, NOW, until);
      const second = paced(first.state, limit, NOW, until);
      expect(first.atMs).toBeGreaterThan(until);
      expect(second.atMs).toBeGreaterThan(first.atMs);
      expect(paced(first.state, limit, until + 1, until).atMs).toBe(until + 1);
    }
  });

  it('is shared by the workers, and one connection is everybody’s', () => {
    expect(shareOf({ perSecond: 50, connections: 5 }, 2)).toEqual({ perSecond: 25, connections: 2 });
    expect(shareOf({ perSecond: 50, connections: 1 }, 4)).toEqual({ perSecond: 12.5, connections: 1 });
  });

  it('goes by who runs the servers', () => {
    expect(domainOf('Ann@GoogleMail.com')).toBe('gmail.com');
    expect(domainOf('ann@shop.example')).toBe('shop.example');
    expect(limitOf(DEFAULT_PACE, 'shop.example')).toBeUndefined();
  });

  it('is read from one setting, and refuses what it does not understand', () => {
    const limits = parsePace('hotmail.com=5/s:2, *=100/s:20');
    expect(limitOf(limits, 'outlook.com')).toEqual({ perSecond: 5, connections: 2 });
    expect(limitOf(limits, 'shop.example')).toEqual({ perSecond: 100, connections: 20 });
    expect(limitOf(limits, 'gmail.com')).toEqual(DEFAULT_PACE.domains['gmail.com']);
    for (const wrong of ['gmail.com', 'gmail.com=5', 'gmail.com=0/s:2', 'gmail.com=5/s:0', 'gmail=5/m:2', ''])
      expect(() => parsePace(wrong)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it.each([
    ['421', '4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume', true],
    ['4.7.28', '421-4.7.28 Gmail has detected an unusual rate of unsolicited mail', true],
    ['4.7.1', '451 4.7.1 Rate limit exceeded', true],
    ['4.3.2', '452 4.3.2 Too many connections', true],
    ['4.2.0', '450 4.2.0 greylisted, try again in 300 seconds', false],
    ['4.2.2', '452 4.2.2 mailbox full', false],
    ['451', '451 4.3.0 temporary failure', false],
  ])('hears in %s %s that we are too fast: %s', (code, detail, expected) => {
    expect(isThrottle(code, detail)).toBe(expected);
  });

  it('pauses for a minute, then twice as long each time, for an hour at most', () => {
    expect([1, 2, 3, 7, 20].map(pauseMs)).toEqual([60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
  });
});
