import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dayNumber, DAY_MS } from '../../kernel/days.ts';
import { orderFileLines, orderFileRows } from './order-file.ts';
import type { ShopEvent } from './shop-event.ts';
import { truthOf } from './truth.ts';
import { createWorld, type World } from './world.ts';

const years = { historyStart: '2024-09-01', historyEnd: '2026-08-31' } as const;
const small = (seed: number, people = 400): World => createWorld({ seed, people, ...years });

function digest(events: Iterable<ShopEvent>): string {
  const hash = createHash('sha256');
  for (const event of events) hash.update(JSON.stringify(event));
  return hash.digest('hex');
}

describe('the simulated shop', () => {
  it('is the same for the same seed, on every reading, and another for another seed', () => {
    const world = small(1);
    const first = digest(world.history());
    expect(digest(world.history())).toBe(first);
    expect(digest(small(1).history())).toBe(first);
    expect(digest(small(2).history())).not.toBe(first);
  });

  it('gives a person the same life however many others there are', () => {
    const of = (world: World): ShopEvent[] => [...world.history()].filter((e) => e.messageId.startsWith('c00011-'));
    expect(of(small(3, 20))).toEqual(of(small(3, 200)));
  });

  it('tells its past in order of time, inside history, each event once and attributable', () => {
    const world = small(4, 1500);
    const ids = new Set<string>();
    let count = 0;
    let lastMs = 0;
    const startMs = dayNumber(years.historyStart) * DAY_MS;
    const endMs = (dayNumber(years.historyEnd) + 1) * DAY_MS;
    for (const event of world.history()) {
      const ms = event.timestamp.getTime();
      if (ms < lastMs || ms < startMs || ms >= endMs) throw new Error(`out of order: ${event.messageId}`);
      if (event.userId === undefined && event.anonymousId === undefined) throw new Error(`nobody: ${event.messageId}`);
      ids.add(event.messageId);
      lastMs = ms;
      count++;
    }
    expect(ids.size).toBe(count);
    // 600,000 to 900,000 for 20,000 people, as ordered.
    expect(count / 1500).toBeGreaterThan(30);
    expect(count / 1500).toBeLessThan(46);
  });

  it('has a customer base with the flaws of a real one', () => {
    const { people } = small(5, 4000);
    const share = (test: (p: (typeof people)[number]) => boolean): number => people.filter(test).length / people.length;
    expect(share((p) => p.name === undefined)).toBeGreaterThan(0.04);
    expect(share((p) => p.email === undefined)).toBeGreaterThan(0.005);
    expect(share((p) => p.lang === 'zh')).toBeGreaterThan(0.35);
    expect(share((p) => p.lang === 'zh')).toBeLessThan(0.65);
    expect(share((p) => p.consent.status === 'never')).toBeGreaterThan(0.1);
    expect(share((p) => p.consent.status === 'withdrawn')).toBeGreaterThan(0.04);
    const addresses = people.flatMap((p) => (p.email === undefined ? [] : [p.email]));
    const shared = addresses.length - new Set(addresses).size;
    expect(shared).toBeGreaterThan(30);
    expect(shared).toBeLessThan(200);
    // No address can reach anybody: RFC 2606 reserves `.example`.
    expect(addresses.every((address) => !address.includes('@') || /(\.example|@)$/.test(address))).toBe(true);
  });

  it('loses a quarter to two fifths of its customers, few of whom return unaided', () => {
    const world = small(6, 6000);
    const truth = truthOf(world);
    const last = new Map<string, number>();
    for (const e of world.history()) if (e.event === 'Order Completed') last.set(e.userId!, e.timestamp.getTime());
    const endMs = (dayNumber(years.historyEnd) + 1) * DAY_MS;
    const dormant = [...last].filter(([, ms]) => endMs - ms >= 90 * DAY_MS).map(([id]) => id);
    expect(dormant.length / 6000).toBeGreaterThan(0.25);
    expect(dormant.length / 6000).toBeLessThan(0.4);
    const unaided = dormant.filter((id) => truth.returnsUnaided(id) !== null).length;
    expect(unaided / dormant.length).toBeGreaterThan(0.055);
    expect(unaided / dormant.length).toBeLessThan(0.1);
    // The stated chances are calibrated: the count lies within 4 standard deviations of their sum (independent people).
    const chances = dormant.map((id) => truth.unaidedChance(id));
    const expected = chances.reduce((sum, p) => sum + p, 0);
    const sd = Math.sqrt(chances.reduce((sum, p) => sum + p * (1 - p), 0));
    expect(Math.abs(unaided - expected)).toBeLessThan(4 * sd);
  });

  it('leaves traces that point to the reason without proving it', () => {
    const world = small(7, 6000);
    const truth = truthOf(world);
    const telling: Readonly<Record<string, (e: ShopEvent) => boolean>> = {
      bad_experience: (e) => e.event === 'Order Refunded' || e.event === 'Ticket Opened',
      competitor: (e) => e.properties['availability'] === 'out_of_stock' || e.name === 'Price match',
      overload: (e) => e.event === 'Notification Permission Changed',
      privacy: (e) => e.name === 'Privacy',
    };
    const gone = new Map(
      world.people.flatMap((p) => {
        const why = truth.reason(p.id);
        return why === null || why.reason === null ? [] : [[p.id, { ...why, seen: new Set<string>() }] as const];
      }),
    );
    for (const e of world.history()) {
      const person = gone.get(e.userId ?? '');
      if (person === undefined) continue;
      const beforeMs = person.quietAt!.getTime() - e.timestamp.getTime();
      if (beforeMs < -15 * DAY_MS || beforeMs > 75 * DAY_MS) continue;
      for (const [reason, test] of Object.entries(telling)) if (test(e)) person.seen.add(reason);
    }
    const shares = Object.keys(telling).map((reason) => {
      const among = (test: (r: string | null) => boolean): number => {
        const chosen = [...gone.values()].filter((p) => test(p.reason));
        return chosen.filter((p) => p.seen.has(reason)).length / chosen.length;
      };
      return { reason, own: among((r) => r === reason), others: among((r) => r !== reason) };
    });
    // Telling (2.5 times as frequent), yet neither sure nor exclusive.
    expect(shares.filter(({ own, others }) => own < 2.5 * others || own > 0.9 || others < 0.003)).toEqual([]);
  });

  it('exports its orders as a plain file with the same lines', () => {
    const world = small(8, 100);
    const orders = [...world.history()].filter((e) => e.event === 'Order Completed');
    const rows = [...orderFileRows(world.history(), world.people)];
    expect(rows.length).toBe(orders.reduce((n, e) => n + (e.properties['products'] as readonly unknown[]).length, 0));
    expect(new Set(rows.map((row) => row.order_id)).size).toBe(orders.length);
    const lines = [...orderFileLines(rows)];
    expect(lines[0]).toBe('order_id,customer_id,date,email,product,category,quantity,amount\n');
    expect(lines.length).toBe(rows.length + 1);
  });
});
