// Lists, reasons, filters, profiles and the catalogue on a shop small enough to know every answer by hand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { sql } from '../../kernel/sql.ts';
import type { Events, Row } from '../../stores/events/events.ts';
import { importCatalogue } from '../../collect/catalogue/catalogue.sql.ts';
import { computePreferences, preferencesOf } from './preferences.service.ts';
import { hourProfile } from './preferences.ts';
import { recommendDaily } from './recommend-daily.service.ts';
import { parseQuery } from './recommender.ts';
import { ownRecommender } from './recommender.service.ts';
import { productsFor } from './scoring.service.ts';
import { trainRecommender } from './training.service.ts';

const NOW = new Date('2026-06-30T12:00:00Z');

const product = (id: string) => ({
  product_id: id,
  name: `The ${id}`,
  category: id.startsWith('tea') ? 'Tea' : 'Pots',
  brand: 'Leaf',
  quantity: 1,
  price_cents: id.startsWith('tea') ? 500 : 4_000,
});

const order = (person: string, day: string, ids: readonly string[], hour = '09'): Row => ({
  ...eventRow(person, 'Order Completed', day, 1000),
  occurred_at: `${day} ${hour}:30:00.000`,
  products: ids.map(product),
});

/** Ten people buy tea-green with pot-iron, ten others tea-black with pot-glass; Ann and Bo are the ones looked at. */
const ORDERS: readonly Row[] = [
  ...Array.from({ length: 10 }, (_, i) => order(`g${i}`, '2026-05-01', ['tea-green', 'pot-iron'])),
  ...Array.from({ length: 10 }, (_, i) => order(`b${i}`, '2026-05-02', ['tea-black', 'pot-glass'])),
  order('g1', '2026-06-20', ['tea-new']),
  order('g2', '2026-06-21', ['tea-new']),
  order('ann', '2026-04-01', ['tea-green'], '20'),
  order('ann', '2026-04-20', ['tea-green'], '20'),
  order('ann', '2026-05-03', ['tea-green'], '21'),
  order('bo', '2026-06-25', ['tea-black'], '08'),
  eventRow('empty', 'Order Completed', '2026-06-25', 500),
];

const idsOf = (list: readonly { readonly itemId: string }[]): string[] => list.map(({ itemId }) => itemId);

describe('a tea shop', () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
  });
  afterAll(() => close());
  const engine = () => ownRecommender({ events, timeZone: 'UTC', now: () => NOW });

  test('before anything was bought there is nothing to train on, and every list is empty', async () => {
    await expect(trainRecommender(events, { asOf: '2026-06-29', now: NOW })).rejects.toMatchObject({
      code: 'not_enough_data',
    });
    expect(await recommendDaily({ events, timeZone: 'UTC' }, NOW)).toBeUndefined();
    expect((await engine().getRecommendations({ userId: 'ann' })).itemList).toEqual([]);
    expect([...(await productsFor(events, ['ann'], NOW))]).toEqual([['ann', []]]);
    await events.insert('events', ORDERS);
  });

  test('training learns from everybody with products, once a day', async () => {
    const training = await recommendDaily({ events, timeZone: 'UTC' }, NOW);
    expect(training).toEqual({ model: 'ease', people: 22, items: 5, asOf: '2026-06-29' });
    expect(await recommendDaily({ events, timeZone: 'UTC' }, NOW)).toBeUndefined();
  });

  test('for Ann: what she buys again, what goes with it, what is new; each with its reason in both languages', async () => {
    const { itemList, recommendationId } = await engine().getRecommendations({ userId: 'ann', numResults: 3 });
    expect(recommendationId).toMatch(/^rec_/);
    expect(itemList[0]).toMatchObject({
      itemId: 'tea-green',
      reason: { kind: 'again', en: 'you bought it 3 times', zh: '您买过 3 次' },
    });
    const pot = itemList.find(({ itemId }) => itemId === 'pot-iron');
    expect(pot?.reason).toMatchObject({ kind: 'together', zh: '买过「The tea-green」的顾客也会购买' });
    const { itemList: news } = await engine().getRecommendations({ userId: 'ann', context: { list: 'new' } });
    expect(idsOf(news)).toEqual(['tea-new']);
    expect((await engine().getRecommendations({ userId: 'bo', context: { list: 'new' } })).itemList).toEqual([]);
  });

  test('what goes with an item', async () => {
    const { itemList } = await engine().getRecommendations({ userId: 'bo', itemId: 'tea-green', numResults: 1 });
    expect(itemList).toMatchObject([
      { itemId: 'pot-iron', reason: { kind: 'together', en: 'people who bought The tea-green also buy this' } },
    ]);
    await expect(engine().getRecommendations({ userId: 'bo', itemId: 'nothing' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('lists: again holds only her own, discover none of them', async () => {
    const again = await engine().getRecommendations({ userId: 'ann', context: { list: 'again' } });
    expect(idsOf(again.itemList)).toEqual(['tea-green']);
    const discover = await engine().getRecommendations({ userId: 'ann', context: { list: 'discover' } });
    expect(idsOf(discover.itemList)).not.toContain('tea-green');
    expect(discover.itemList[0]?.itemId).toBe('pot-iron');
  });

  test('filters by category, brand, price, ownership; a stranger gets what is popular', async () => {
    const listOf = async (
      filterValues: Parameters<ReturnType<typeof engine>['getRecommendations']>[0]['filterValues'],
    ) => idsOf((await engine().getRecommendations({ userId: 'stranger', filterValues })).itemList).toSorted();
    expect(await listOf({})).toEqual(['pot-glass', 'pot-iron', 'tea-black', 'tea-green', 'tea-new']);
    expect(await listOf({ category: ['Pots'] })).toEqual(['pot-glass', 'pot-iron']);
    expect(await listOf({ brand: ['Other'] })).toEqual([]);
    expect(await listOf({ priceToCents: 3_999 })).toEqual(['tea-black', 'tea-green', 'tea-new']);
    expect(await listOf({ owned: 'only' })).toEqual([]);
    const { itemList } = await engine().getRecommendations({ userId: 'stranger' });
    expect(new Set(itemList.map(({ reason }) => reason.kind))).toEqual(new Set(['popular']));
  });

  test('a ranking holds the items given and no other', async () => {
    const { personalizedRanking } = await engine().getPersonalizedRanking({
      userId: 'ann',
      inputList: ['pot-glass', 'pot-iron', 'tea-green', 'unheard-of'],
    });
    expect(idsOf(personalizedRanking)).toEqual(['tea-green', 'pot-iron', 'pot-glass']);
  });

  test.each([
    [{ userId: '' }, 'query.userId'],
    [{ userId: 'ann', numResults: 0 }, 'query.numResults'],
    [{ userId: 'ann', filterValues: { colour: ['red'] } }, 'query.filterValues'],
    [{ userId: 'ann', filterValues: { priceFromCents: 2, priceToCents: 1 } }, 'query.filterValues'],
    [{ userId: 'ann', context: { list: 'best' } }, 'query.context.list'],
  ])('refuses %j', (query, where) => {
    expect(() => parseQuery(query)).toThrow(
      expect.objectContaining({ code: 'invalid', details: expect.objectContaining({ where }) }),
    );
  });

  test('refuses a filter by ownership of what goes with an item', async () => {
    const asked = engine().getRecommendations({ userId: 'ann', itemId: 'tea-green', filterValues: { owned: 'only' } });
    await expect(asked).rejects.toMatchObject({ code: 'invalid', details: { where: 'query.filterValues.owned' } });
  });

  test('products for messages, in sets; a stranger’s are popular', async () => {
    const lists = await productsFor(events, ['ann', 'stranger', 'bo'], NOW, 2);
    expect([...lists.keys()].toSorted()).toEqual(['ann', 'bo', 'stranger']);
    expect(lists.get('ann')?.[0]).toMatchObject({
      itemId: 'tea-green',
      name: 'The tea-green',
      priceCents: 500,
      reason: { kind: 'again' },
    });
    expect(lists.get('stranger')).toHaveLength(2);
  });

  test('a catalogue overrides what orders said, and stays', async () => {
    await importCatalogue(events, [{ itemId: 'tea-green', available: false }], NOW);
    await importCatalogue(events, [{ itemId: 'pot-iron', priceCents: 100, url: 'https://shop.example/pot' }], NOW);
    await trainRecommender(events, { asOf: '2026-06-29', now: new Date(NOW.getTime() + 1000) });
    const { itemList } = await engine().getRecommendations({ userId: 'ann' });
    expect(idsOf(itemList)).not.toContain('tea-green');
    const any = await engine().getRecommendations({
      userId: 'ann',
      filterValues: { available: 'any', priceToCents: 600 },
    });
    expect(idsOf(any.itemList)).toEqual(expect.arrayContaining(['tea-green', 'pot-iron']));
    expect(
      (await productsFor(events, ['ann'], NOW, 9)).get('ann')?.find(({ itemId }) => itemId === 'pot-iron'),
    ).toMatchObject({
      name: 'The pot-iron',
      priceCents: 100,
      url: 'https://shop.example/pot',
    });
    await expect(importCatalogue(events, [{ itemId: 'a' }, { itemId: 'a' }], NOW)).rejects.toMatchObject({
      code: 'invalid',
    });
    await importCatalogue(events, [{ itemId: 'tea-green', available: true }], new Date(NOW.getTime() + 2000));
  });

  test.each(['cosine', 'bm25'] as const)('above the size for a matrix, %s neighbours in SQL', async (weighting) => {
    const later = new Date(NOW.getTime() + 3000);
    const training = await trainRecommender(events, { asOf: '2026-06-29', now: later, easeItemsMax: 0, weighting });
    expect(training.model).toBe(weighting);
    const { itemList } = await engine().getRecommendations({ userId: 'bo', itemId: 'tea-black', numResults: 1 });
    expect(itemList).toMatchObject([{ itemId: 'pot-glass', reason: { kind: 'together' } }]);
  });

  test('the cosine: ten buy both, eleven tea-black, ten pot-glass', async () => {
    await trainRecommender(events, { asOf: '2026-06-29', now: NOW, easeItemsMax: 0, weighting: 'cosine' });
    const [row] = await events.rows<{ weights: number[] }>(
      sql`SELECT weights FROM item_neighbours WHERE item_id = 'tea-black'`,
    );
    expect(row?.weights).toEqual([expect.closeTo(10 / Math.sqrt(11 * 10), 6)]);
  });

  test('the hours in SQL are those of preferences.ts, on each person’s own clock', async () => {
    await events.insert('person_traits', [
      { person_id: 'ann', traits: '{"timezone":"Asia/Shanghai"}', updated_at: '2026-06-01 00:00:00', erased: 0 },
      { person_id: 'bo', traits: '{"timezone":"Nowhere/Land"}', updated_at: '2026-06-01 00:00:00', erased: 0 },
    ]);
    await computePreferences(events, { asOf: '2026-06-29', now: NOW, timeZone: 'UTC' });
    const profiles = await preferencesOf(events, ['ann', 'bo', 'stranger']);
    expect([...profiles.keys()].toSorted()).toEqual(['ann', 'bo']);
    // Ann's three orders at 20, 20 and 21 UTC are at 4, 4 and 5 in Shanghai; the other 24 orders at 9 (23, the empty one at 12) and 8 UTC.
    const at = (hours: Readonly<Record<number, number>>) => Array.from({ length: 24 }, (_, hour) => hours[hour] ?? 0);
    const base = at({ 4: 2 / 27, 5: 1 / 27, 8: 1 / 27, 9: 22 / 27, 12: 1 / 27 });
    const ann = hourProfile(at({ 4: 2, 5: 1 }), base);
    profiles.get('ann')!.hours.forEach((share, hour) => expect(share).toBeCloseTo(ann[hour]!, 6));
    expect(profiles.get('ann')!.orders).toBe(3);
    expect(profiles.get('bo')!.hours.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    // 46 lines: 13 tea-green, 11 tea-black, 2 tea-new are 26 of tea. Ann bought 3 of tea: (3 + 10 · 26 / 46) / 13.
    expect(profiles.get('ann')!.categories).toEqual([
      { name: 'Tea', share: expect.closeTo((3 + (10 * 26) / 46) / 13, 5) },
    ]);
    expect(profiles.get('ann')!.priceBands.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  });
});
