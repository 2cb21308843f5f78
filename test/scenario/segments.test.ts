// Segments on the real app and a virtual clock: track, advance, ask who is in. What the records store knows counts at once; who enters and
// leaves is an event; a snapshot stays as it was.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { erasePerson } from '../../src/collect/people/people.service.ts';
import { moveProgramme } from '../../src/decide/programmes/programmes.service.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import { suppress } from '../../src/reach/consent/consent.service.ts';
import { keepEvaluated } from '../../src/understand/dormancy/keep-evaluated.service.ts';
import { evaluateMemberships } from '../../src/understand/segments/memberships.service.ts';
import { countSegment, segmentPeople } from '../../src/understand/segments/questions.service.ts';
import { saveSegment, segmentSchema, takeSnapshot } from '../../src/understand/segments/segments.service.ts';
import { openShop, type Shop } from '../support/shop.ts';

describe('segments', () => {
  let shop: Shop;
  let made = 0;
  const fresh = (name: string): string => `${name}${++made}`;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());

  const now = () => shop.clock.now();
  /** Who of these is in the segment. */
  const among = async (people: readonly string[], segment: object, more: object = {}): Promise<string[]> => {
    const found: string[] = [];
    for await (const page of segmentPeople(shop.app.segments, { segment, ...more }, now())) found.push(...page);
    return people.filter((personId) => found.includes(personId));
  };
  const track = (userId: string, event: string, properties: object = {}) =>
    shop.post([{ type: 'track', event, userId, properties }]);
  const save = (definition: object) => saveSegment(shop.app.segments, segmentSchema.parse(definition), 'create', now());
  const movesOf = async (personId: string): Promise<string[]> =>
    (
      await shop.app.events.rows<{ name: string; id: string }>(sql`
        SELECT toString(name) AS name, JSONExtractString(properties, 'segment_id') AS id FROM events
        WHERE actor_id = ${p.text(personId)} AND startsWith(name, 'Segment ') ORDER BY occurred_at`)
    ).map((row) => `${row.name} ${row.id}`);

  it('says absence only of people who were known before the window', async () => {
    const [old, young] = [fresh('old'), fresh('young')];
    const noOrder = { kind: 'did_not', event: 'Order Completed', withinDays: 30 };
    const fewer = { ...noOrder, times: 3 };
    await track(old, 'Page Viewed');
    shop.days(60);
    await track(young, 'Page Viewed');
    shop.days(1);
    expect(await among([old, young], noOrder)).toEqual([old]);
    expect(await among([old, young], fewer)).toEqual([old]);
    expect(await among([old, young], { kind: 'count', event: 'Order Completed', withinDays: 30, to: 2 })).toEqual([
      old,
    ]);
    // A plain `not` is the complement, and she is in it.
    expect(
      await among([old, young], { kind: 'not', of: { kind: 'did', event: 'Order Completed', withinDays: 30 } }),
    ).toEqual([old, young]);
    await shop.order(old);
    expect(await among([old, young], noOrder)).toEqual([]);
    expect(await among([old, young], fewer)).toEqual([old]);
    // Thirty days later the newcomer has been there for the whole window, and the order has left it.
    shop.days(30);
    expect(await among([old, young], noOrder)).toEqual([old, young]);
    expect(await among([old, young], { kind: 'did_not', event: 'Order Completed' })).toEqual([young]);
  });

  it('compares two windows, follows sequences, and waits before it says that nothing followed', async () => {
    const [ebbing, steady, hesitant] = [fresh('ebbing'), fresh('steady'), fresh('hesitant')];
    for (let i = 0; i < 4; i++) {
      await shop.order(ebbing, { order_id: `e${i}` });
      await shop.order(steady, { order_id: `s${i}` });
      shop.days(20);
    }
    shop.days(50);
    await shop.order(ebbing, { order_id: 'e5' });
    for (let i = 0; i < 4; i++) await shop.order(steady, { order_id: `t${i}` });
    const less = { kind: 'trend', event: 'Order Completed', days: 60, is: 'less', factor: 0.5 };
    expect(await among([ebbing, steady], less)).toEqual([ebbing]);

    await track(hesitant, 'Cart Viewed');
    const left = { kind: 'not_followed', event: 'Cart Viewed', withinDays: 14, by: 'Order Completed', forDays: 1 };
    expect(await among([hesitant], left)).toEqual([]);
    shop.clock.advanceMs(25 * 3_600_000);
    expect(await among([hesitant], left)).toEqual([hesitant]);
    await shop.order(hesitant);
    // It came after its day was over: still not followed within one, but within two.
    expect(await among([hesitant], left)).toEqual([hesitant]);
    const bought = (withinDays: number) => ({
      kind: 'sequence',
      event: 'Cart Viewed',
      steps: [{ event: 'Order Completed', withinDays }],
    });
    expect(await among([hesitant], bought(1))).toEqual([]);
    expect(await among([hesitant], bought(2))).toEqual([hesitant]);
  });

  it('knows consent, suppression and what programmes did the moment they are so', async () => {
    const [ann, bea] = [fresh('ann'), fresh('bea')];
    const reachable = { kind: 'reachable', channel: 'email' };
    await shop.addPerson(ann);
    await track(bea, 'Page Viewed');
    expect(await among([ann, bea], reachable)).toEqual([ann]);
    expect(await among([ann, bea], { kind: 'consent', channel: 'email', is: 'none' })).toEqual([bea]);
    const { db } = shop.app.records;
    const { email_key: key } = await db
      .selectFrom('people')
      .select('email_key')
      .where('person_id', '=', ann)
      .executeTakeFirstOrThrow();
    await suppress(db, [{ kind: 'address', key: key!, channel: '*', reason: 'bounced' }], now());
    expect(await among([ann, bea], reachable)).toEqual([]);
    expect(await among([ann, bea], { kind: 'consent', channel: 'email', is: 'granted' })).toEqual([ann]);

    const cyd = fresh('cyd');
    await shop.addPerson(cyd);
    shop.days(100);
    const programmeId = fresh('again');
    const steps = [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }];
    await shop.addProgramme({ programmeId, steps });
    await shop.app.tick();
    expect(await among([ann, cyd], { kind: 'programme', did: ['entered'], programmeId })).toEqual([cyd]);
    expect(await among([ann, cyd], { kind: 'programme', did: ['messaged'], channel: 'email', withinDays: 1 })).toEqual([
      cyd,
    ]);
    expect(await among([ann, cyd], { kind: 'not_programme', did: ['messaged'], withinDays: 7 })).toEqual([ann]);
    await shop.order(cyd);
    expect(await among([ann, cyd], { kind: 'programme', did: ['returned'], programmeId })).toEqual([cyd]);
    await moveProgramme(shop.app.records, programmeId, 'end', now());

    // Whoever is erased leaves the mirror and every set with her.
    await erasePerson({ ...shop.app, addressSecret: shop.app.secrets.address }, cyd, now());
    expect(await among([cyd], { kind: 'not', of: { kind: 'did', event: 'Order Completed', withinDays: 1 } })).toEqual(
      [],
    );
    await shop.app.segments.refreshFacts();
    const left = await shop.app.events.rows(sql`SELECT person_id FROM person_facts WHERE person_id = ${p.text(cyd)}`);
    expect(left).toEqual([]);
  });

  it('reads again only those of whom something changed', async () => {
    const dee = fresh('dee');
    await shop.addPerson(dee);
    await shop.app.segments.refreshFacts();
    expect(await shop.app.segments.refreshFacts()).toBe(0);
    await suppress(shop.app.records.db, [{ kind: 'person', key: dee, channel: 'sms', reason: 'objected' }], now());
    expect(await shop.app.segments.refreshFacts()).toBe(1);
  });

  it('records who enters and who leaves, once, and nobody because the segment was written', async () => {
    const [ida, jo] = [fresh('ida'), fresh('jo')];
    const id = fresh('buyers-');
    await shop.order(ida);
    await save({ segmentId: id, name: 'Buyers', segment: { kind: 'did', event: 'Order Completed', withinDays: 7 } });
    await shop.app.tick();
    expect(await movesOf(ida)).toEqual([]);
    shop.clock.advanceMs(60_000);
    await shop.order(jo);
    await shop.app.tick();
    await shop.app.tick();
    expect([await movesOf(ida), await movesOf(jo)]).toEqual([[], [`Segment Entered ${id}`]]);
    // The entry is an event like any other: another segment can ask for it.
    expect(await among([ida, jo], { kind: 'did', event: 'Segment Entered', withinDays: 1 })).toEqual([jo]);
    shop.days(8);
    await shop.app.tick();
    expect([await movesOf(ida), await movesOf(jo)]).toEqual([
      [`Segment Left ${id}`],
      [`Segment Entered ${id}`, `Segment Left ${id}`],
    ]);
  });

  it('brings a segment that rests up to date once a policy has turned the day', async () => {
    const max = fresh('max');
    const id = fresh('dormant-');
    const { records, events, business, segments } = shop.app;
    const turn = () => keepEvaluated({ records, events, timeZone: business.timeZone, scopes: segments }, now());
    const changesOf = async () =>
      (await evaluateMemberships(segments, now())).filter(({ segmentId }) => segmentId === id);
    await shop.order(max);
    await turn();
    await save({ segmentId: id, name: 'Dormant', segment: { kind: 'stage', policyId: 'shop', in: ['dormant'] } });
    expect(await changesOf()).toHaveLength(1);
    // As if it had taken weeks: by its own duration it would now rest for more than a year.
    await records.db
      .updateTable('segment_watches')
      .set({ took_ms: 2_000_000_000 })
      .where('segment_id', '=', id)
      .execute();
    shop.clock.advanceMs(60_000);
    expect(await changesOf()).toEqual([]);
    shop.days(92);
    expect(await changesOf()).toEqual([]);
    await turn();
    expect(await changesOf()).toMatchObject([{ segmentId: id }]);
    expect(await movesOf(max)).toContain(`Segment Entered ${id}`);
  });

  it('gives programmes a saved segment and a frozen one', async () => {
    const [kay, lou] = [fresh('kay'), fresh('lou')];
    const [id, live, frozen] = [fresh('gold-'), fresh('live-'), fresh('frozen-')];
    await shop.addPerson(kay, { tier: 'gold' });
    await shop.addPerson(lou, { tier: 'silver' });
    await save({ segmentId: id, name: 'Gold', segment: { kind: 'trait', name: 'tier', equals: 'gold' } });
    const snapshot = await takeSnapshot(shop.app.segments, id, now());
    expect(snapshot).toMatchObject({ segmentId: id, version: 1, people: 1 });
    await shop.post([{ type: 'identify', userId: lou, traits: { tier: 'gold' } }]);
    expect(await among([kay, lou], { kind: 'segment', id })).toEqual([kay, lou]);
    expect(await among([kay, lou], { kind: 'snapshot', id: snapshot.snapshotId })).toEqual([kay]);
    shop.clock.moveTo(new Date(`${new Date(now().getTime() + 100 * 86_400_000).toISOString().slice(0, 10)}T12:00:00Z`));
    const steps = [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }];
    const audience = { policyId: 'shop', stages: ['dormant'] };
    await shop.addProgramme({ programmeId: live, steps, audience: { ...audience, segment: { kind: 'segment', id } } });
    await shop.addProgramme({
      programmeId: frozen,
      steps,
      audience: { ...audience, segment: { kind: 'snapshot', id: snapshot.snapshotId } },
    });
    await shop.app.tick();
    const entered = async (programmeId: string): Promise<string[]> => {
      const { db } = shop.app.records;
      const rows = await db.selectFrom('members').select('person_id').where('programme_id', '=', programmeId).execute();
      return rows.map((row) => row.person_id).toSorted();
    };
    expect([await entered(live), await entered(frozen)]).toEqual([[kay, lou], [kay]]);
    await expect(
      shop.addProgramme({
        programmeId: fresh('x'),
        steps,
        audience: { ...audience, segment: { kind: 'segment', id: 'gold-x' } },
      }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses what names nothing, with the nearest name, and cycles', async () => {
    const whom = async (segment: object, more: object = {}): Promise<string> => {
      try {
        return `${(await countSegment(shop.app.segments, { segment, ...more }, now())).people} people`;
      } catch (error) {
        return error instanceof Error ? error.message : 'another error';
      }
    };
    const shopper = fresh('shopper');
    const products = [{ product_id: 'p1', name: 'Arabica', category: 'Coffee', brand: 'Acme', price: 9, quantity: 1 }];
    await shop.order(shopper, { products, revenue: 9 });
    const order = { kind: 'did', event: 'Order Completed' };
    expect(await whom({ ...order, event: 'Order Complete' })).toContain(
      'segment.event: the event "Order Complete" never occurred; did you mean "Order Completed"?',
    );
    expect(await whom({ ...order, event: 'Brand New' }, { allowUnseen: true })).toBe('0 people');
    expect(await whom({ kind: 'not_followed', event: 'Order Completed', by: 'Order Complted', forDays: 1 })).toContain(
      'segment.by: the event "Order Complted" never occurred; did you mean',
    );
    expect(await whom({ kind: 'or', of: [order, { kind: 'trait', name: 'firstNam', exists: true }] })).toContain(
      'segment.of.1.name: nobody has a trait "firstNam"; did you mean "firstName"?',
    );
    expect(await whom({ kind: 'bought', by: 'category', in: ['Cofee'] })).toContain(
      'there is no category "Cofee"; did you mean "Coffee"?',
    );
    expect(await whom({ kind: 'bought', by: 'product', in: ['p1'] })).toBe('1 people');
    expect(await whom({ ...order, where: [{ name: 'revenu', from: 1 }] })).toContain(
      'property "revenu"; did you mean "revenue"?',
    );
    expect(await whom({ kind: 'stage', in: ['dormant'], policyId: 'shopp' })).toContain('did you mean "shop"?');
    expect(await whom({ kind: 'reachable', channel: 'e-mail' })).toContain(
      'there is no channel "e-mail"; did you mean "email"?',
    );
    expect(await whom({ kind: 'programme', did: ['entered'], programmeId: 'nope' })).toContain(
      'there is no programme "nope"',
    );
    expect(await whom({ kind: 'snapshot', id: 'snap_x' })).toContain('there is no snapshot "snap_x"');
    expect(await whom({ kind: 'likes', by: 'brand', in: ['Acme'] })).toContain(
      'preferences, which have not been computed yet',
    );
    expect(await whom({ kind: 'segment', id: 'nowhere' })).toContain('There is no segment "nowhere"');

    await track(shopper, 'Order Completed', { revenue: 5, currency: 'EUR' });
    expect(await whom({ kind: 'amount', event: 'Order Completed', from: 1 })).toContain(
      'segment.currency: amounts of "Order Completed" in EUR (1) are not money of the business: give a rate of that currency in its profile, or name one',
    );
    expect(
      await among([shopper], { kind: 'amount', event: 'Order Completed', currency: 'EUR', from: 500, to: 500 }),
    ).toEqual([shopper]);
    expect(await whom({ kind: 'amount', event: 'Order Completed', currency: 'GBP', from: 1 })).toContain('none in GBP');
    expect(await whom({ kind: 'spent', from: 1 })).toContain('in EUR (1) are not money of the business');
    await shop.app.changeBusiness({ rates: [{ currency: 'EUR', from: '2020-01-01', rate: 2 }] });
    expect(await among([shopper], { kind: 'amount', event: 'Order Completed', from: 1_900, to: 1_900 })).toEqual([
      shopper,
    ]);
    await shop.app.changeBusiness({ rates: [] });

    const [a, b] = [fresh('a-'), fresh('b-')];
    await save({ segmentId: a, name: 'A', segment: order });
    await save({ segmentId: b, name: 'B', segment: { kind: 'not', of: { kind: 'segment', id: a } } });
    const change = saveSegment(
      shop.app.segments,
      segmentSchema.parse({ segmentId: a, name: 'A', segment: { kind: 'segment', id: b } }),
      'change',
      now(),
    );
    await expect(change).rejects.toThrow(`refers to itself: ${a} → ${b} → ${a}`);
    await expect(save({ segmentId: 'self', name: 'S', segment: { kind: 'segment', id: 'self' } })).rejects.toThrow(
      'refers to itself: self → self',
    );
  });
});
