import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { DAY_MS, dayNumber } from '../../kernel/days.ts';
import { feedbackReport } from './feedback-report.ts';
import { openFuture } from './future.ts';
import type { Contact, Treatment } from './potential.ts';
import type { Reaction } from './response.ts';
import { truthOf } from './truth.ts';
import { createWorld } from './world.ts';

const world = createWorld({ seed: 11, people: 6000, historyStart: '2024-09-01', historyEnd: '2026-08-31' });
const truth = truthOf(world);
const startMs = dayNumber(world.horizonDays[0]!) * DAY_MS;
const endMs = startMs + world.horizonDays.length * DAY_MS;
const ordered = new Map<string, number>();
for (const e of world.history()) if (e.event === 'Order Completed') ordered.set(e.userId!, e.timestamp.getTime());
const dormant = world.people.filter((p) => startMs - (ordered.get(p.id) ?? startMs) >= 90 * DAY_MS);
const links = { openPixel: '/o', clicks: ['/a', '/b'], oneClick: '/u', unsubscribePage: '/v' };
const coupon = (code: string): Treatment => ({
  channel: 'email',
  variant: 'offer',
  offer: { kind: 'coupon', percentOff: 20, code },
});
const NOSTALGIC: Treatment = { channel: 'email', variant: 'nostalgic', offer: null };
const at = (personId: string, treatment: Treatment, day: number): Contact => ({
  ...treatment,
  personId,
  sentAt: new Date(startMs + day * DAY_MS + 36_000_000),
});

describe('potential outcomes', () => {
  it('bring everybody back who returns unaided, no later, unless a contact drove her away', () => {
    const series = fc.array(
      fc.record({
        day: fc.integer({ min: 0, max: 55 }),
        variant: fc.constantFrom('nostalgic', 'offer', 'question', 'plain'),
        percentOff: fc.constantFrom(0, 10, 30),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: world.people.length - 1 }), series, (index, steps) => {
        const { id } = world.people[index]!;
        const contacts = steps.map(({ day, variant, percentOff }) =>
          at(
            id,
            { channel: 'email', variant, offer: percentOff === 0 ? null : { kind: 'coupon', percentOff, code: 'X' } },
            day,
          ),
        );
        const unaided = truth.returnsUnaided(id);
        const treated = truth.returnsTreated(id, contacts);
        const { drivenAway } = truth.liftOf([id], () => contacts);
        expect(truth.returnsTreated(id, [])).toEqual(unaided);
        const kept = unaided === null || drivenAway === 1 || (treated !== null && treated <= unaided);
        expect(kept).toBe(true);
      }),
      { numRuns: 3000, seed: 5 },
    );
  });

  it('realise the expected uplift within sampling error', () => {
    for (const treatment of [NOSTALGIC, coupon('X')]) {
      const expected = dormant.reduce((sum, p) => sum + truth.expectedUplift(p.id, treatment), 0) / dormant.length;
      const { lift } = truth.liftOf(
        dormant.map((p) => p.id),
        (id) => [{ ...treatment, personId: id, sentAt: new Date(startMs) }],
      );
      // Each person's effect is in {−1, 0, 1} with mean about 5%: its standard deviation is at most √0.1.
      expect(Math.abs(lift - expected)).toBeLessThan(4 * Math.sqrt(0.1 / dormant.length));
      expect(expected).toBeGreaterThan(0.025);
      expect(expected).toBeLessThan(0.08);
    }
  });

  it('depend on the reason: coupons win back from competitors, memories wake the forgetful, privacy is hurt', () => {
    const mean = (reason: string, treatment: Treatment): number => {
      const people = dormant.filter((p) => truth.reason(p.id)?.reason === reason);
      return people.reduce((sum, p) => sum + truth.expectedUplift(p.id, treatment), 0) / people.length;
    };
    expect(mean('competitor', coupon('X'))).toBeGreaterThan(3 * mean('competitor', NOSTALGIC));
    expect(mean('forgot', NOSTALGIC)).toBeGreaterThan(mean('forgot', coupon('X')));
    expect(mean('privacy', NOSTALGIC)).toBeLessThan(0);
    expect(mean('overload', NOSTALGIC)).toBeLessThan(0);
    expect(Math.abs(mean('changed_need', coupon('X')))).toBeLessThan(0.01);
  });
});

/** Contacts every second dormant person on days 1, 15 and 29 until she is back, and collects what the shop would see. */
function runProgramme(): {
  readonly reactions: readonly (Reaction & { personId: string; sentMs: number })[];
  readonly back: Set<string>;
  readonly future: ReturnType<typeof openFuture>;
} {
  const future = openFuture(world);
  const reactions: (Reaction & { personId: string; sentMs: number })[] = [];
  const back = new Set<string>();
  for (const [n, day] of world.horizonDays.entries()) {
    for (const event of future.eventsOn(day)) if (event.event === 'Order Completed') back.add(event.userId!);
    if (n !== 1 && n !== 15 && n !== 29) continue;
    for (const [i, person] of dormant.entries()) {
      if (i % 2 === 0 || person.email === undefined || back.has(person.id)) continue;
      const contact = at(person.id, n === 15 ? NOSTALGIC : coupon(`CODE-${person.id}-${n}`), n);
      for (const reaction of future.respond(contact, links)) {
        reactions.push({ ...reaction, personId: person.id, sentMs: contact.sentAt.getTime() });
      }
    }
  }
  for (const r of reactions) {
    if (r.kind === 'event' && r.event.event === 'Order Completed' && r.at.getTime() < endMs) back.add(r.personId);
  }
  return { reactions, back, future };
}

describe('the future', () => {
  const { reactions, back, future } = runProgramme();

  it('shows in events exactly the returns that the truth counts', () => {
    const treated = dormant.filter((_, i) => i % 2 === 1).map((p) => p.id);
    const effect = truth.liftOf(treated, future.contactsOf);
    expect(treated.filter((id) => back.has(id)).length).toBe(effect.returnedTreated);
    const untouched = dormant.filter((_, i) => i % 2 === 0).map((p) => p.id);
    const control = truth.liftOf(untouched, future.contactsOf);
    expect(untouched.filter((id) => back.has(id)).length).toBe(control.returnedUnaided);
    expect(control.lift).toBe(0);
    expect(effect.incrementalReturns).toBeGreaterThan(0);
  });

  it('never reuses a message id of the past or of the unaided future', () => {
    const ids = reactions.flatMap((r) => (r.kind === 'event' ? [r.event.messageId] : []));
    const organic = world.horizonDays.flatMap((day) => future.eventsOn(day).map((e) => e.messageId));
    expect(new Set([...ids, ...organic]).size).toBe(ids.length + organic.length);
  });

  it('lets robots follow every link at once and people never', () => {
    const clicks = reactions.flatMap((r) => (r.kind === 'click' ? [r] : []));
    const delays = (by: string): number[] => clicks.filter((c) => c.by === by).map((c) => c.at.getTime() - c.sentMs);
    expect(delays('robot').length).toBeGreaterThan(50);
    expect(Math.max(...delays('robot'))).toBeLessThan(2000);
    expect(delays('human').length).toBeGreaterThan(50);
    expect(Math.min(...delays('human'))).toBeGreaterThan(60_000);
  });

  it('redeems only codes that were sent to that person, after the message', () => {
    const redeemed = reactions.flatMap((r) => {
      const code = r.kind === 'event' && r.event.event === 'Order Completed' ? r.event.properties['coupon'] : undefined;
      return typeof code === 'string' ? [{ code, personId: r.personId, late: r.at.getTime() > r.sentMs }] : [];
    });
    expect(redeemed.length).toBeGreaterThan(20);
    expect(redeemed.every((r) => r.late && r.code.startsWith(`CODE-${r.personId}-`))).toBe(true);
  });

  it('unsubscribes and complains, and answers SMTP by address', () => {
    expect(reactions.some((r) => r.kind === 'unsubscribe')).toBe(true);
    expect(reactions.some((r) => r.kind === 'complaint')).toBe(true);
    const address = (mailbox: string): string =>
      world.people.find((p) => world.hidden.residents[p.index]!.mailbox === mailbox)!.email!;
    expect(future.smtpReply(address('ok').toUpperCase(), 1).code).toBe(250);
    expect(future.smtpReply(address('unknown'), 3)).toMatchObject({
      code: 550,
      text: expect.stringMatching(/^5\.1\.1 /),
    });
    expect([1, 2].map((attempt) => future.smtpReply(address('greylisted'), attempt).code)).toEqual([451, 250]);
    expect(future.smtpReply('nobody@nowhere.example', 1).code).toBe(550);
  });
});

describe('a complaint', () => {
  it('is an RFC 5965 report with the original inside and the recipient redacted', async () => {
    const original =
      'From: shop@shop.example\nTo: emma@mail.example\nSubject: We miss you\nX-Token: t1\n\nHello emma@mail.example\n';
    const text = feedbackReport({
      original,
      recipient: 'emma@mail.example',
      reportTo: 'abuse@shop.example',
      at: new Date('2026-09-03T10:00:00Z'),
    });
    expect(text).not.toContain('emma@mail.example');
    const mail = await PostalMime.parse(text, { forceRfc822Attachments: true });
    expect(mail.attachments.map((a) => a.mimeType)).toEqual(['message/feedback-report', 'message/rfc822']);
    expect(text).toMatch(/Content-Type: multipart\/report; report-type=feedback-report/);
  });
});
