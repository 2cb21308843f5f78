// The engine by URL against a real HTTP server that answers as Amazon Personalize's runtime does, and misbehaves when told.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import type { Events } from '../../stores/events/events.ts';
import { importCatalogue } from '../../collect/catalogue/catalogue.sql.ts';
import { httpRecommender } from './http-engine.service.ts';
import { recommendDaily } from './recommend-daily.service.ts';
import { openRecommendations } from './recommendations.service.ts';
import { ownRecommender } from './recommender.service.ts';

const NOW = new Date('2026-06-30T12:00:00Z');

type Question = { readonly path: string; readonly key: string | undefined; readonly body: Record<string, unknown> };

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Record<string, unknown>;
}

describe('an engine by URL', () => {
  let server: Server;
  let url: string;
  const questions: Question[] = [];
  let reply: (question: Question) => { status: number; body: unknown };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const answer = async (): Promise<void> => {
        const body = await bodyOf(request);
        const question = { path: request.url ?? '', key: request.headers.authorization, body };
        questions.push(question);
        const { status, body: told } = reply(question);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told));
      };
      void answer();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => void questions.splice(0));
  const engine = () => httpRecommender({ url, key: 'sesame' });

  test('is asked in the runtime’s words, and its answer becomes ours', async () => {
    reply = () => ({
      status: 200,
      body: {
        itemList: [{ itemId: 'a', score: 0.9, reason: ['popularity'] }, { itemId: 'b' }],
        recommendationId: 'R-1',
      },
    });
    const answer = await engine().getRecommendations({
      userId: 'ann',
      numResults: 2,
      filterArn: 'not_bought_before',
      filterValues: { category: ['Tea', 'Pots "XL"'], priceToCents: 900 },
    });
    expect(questions).toEqual([
      {
        path: '/recommendations',
        key: 'Bearer sesame',
        body: {
          userId: 'ann',
          numResults: 2,
          filterArn: 'not_bought_before',
          filterValues: { category: '"Tea","Pots \\"XL\\""', priceToCents: '900', available: 'only', owned: 'exclude' },
          context: { list: 'for_you' },
        },
      },
    ]);
    expect(answer).toEqual({
      recommendationId: 'R-1',
      itemList: [
        { itemId: 'a', score: 0.9, reason: { kind: 'engine', en: 'popularity', zh: 'popularity' } },
        { itemId: 'b', score: 0, reason: { kind: 'engine', en: 'chosen for you', zh: '为您挑选' } },
      ],
    });
  });

  test('ranks what it was given and nothing else', async () => {
    reply = () => ({
      status: 200,
      body: { personalizedRanking: ['b', 'stranger', 'a'].map((itemId) => ({ itemId })), recommendationId: 'R-2' },
    });
    const { personalizedRanking } = await engine().getPersonalizedRanking({ userId: 'ann', inputList: ['a', 'b'] });
    expect(questions[0]).toMatchObject({ path: '/personalize-ranking', body: { inputList: ['a', 'b'] } });
    expect(personalizedRanking.map(({ itemId }) => itemId)).toEqual(['b', 'a']);
  });

  test.each([
    ['a refusal', { status: 500, body: {} }, 'status 500'],
    ['no list', { status: 200, body: { items: [] } }, 'itemList'],
    ['an item without an id', { status: 200, body: { itemList: [{ score: 1 }], recommendationId: 'x' } }, 'itemList.0'],
  ])('%s is an error, never an empty list', async (_, answer, what) => {
    reply = () => answer;
    await expect(engine().getRecommendations({ userId: 'ann' })).rejects.toMatchObject({
      code: 'engine_unavailable',
      details: { what: expect.stringContaining(what) as unknown },
    });
  });

  test('a server that is not there is named', async () => {
    const nowhere = httpRecommender({ url: 'http://127.0.0.1:9', key: undefined });
    await expect(nowhere.getRecommendations({ userId: 'ann' })).rejects.toMatchObject({
      code: 'engine_unavailable',
      details: { host: '127.0.0.1:9' },
    });
  });

  describe('in the product', () => {
    let events: Events;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ events, close } = await temporaryEvents());
      const product = (id: string) => ({
        product_id: id,
        name: `The ${id}`,
        category: 'Tea',
        brand: '',
        quantity: 1,
        price_cents: 500,
      });
      await events.insert('events', [
        { ...eventRow('ann', 'Order Completed', '2026-05-01', 500), products: [product('green')] },
        { ...eventRow('bo', 'Order Completed', '2026-05-02', 500), products: [product('black'), product('green')] },
        { ...eventRow('cy', 'Order Completed', '2026-05-03', 500), products: [product('white')] },
      ]);
      await recommendDaily({ events, timeZone: 'UTC' }, NOW);
      await importCatalogue(events, [{ itemId: 'white', available: false }], NOW);
    });
    afterAll(() => close());
    const product = () =>
      openRecommendations({
        events,
        own: ownRecommender({ events, timeZone: 'UTC', now: () => NOW }),
        external: { engine: engine(), host: 'engine.example' },
        now: () => NOW,
      });

    test('the catalogue has the last word on stock, price and names', async () => {
      reply = () => ({
        status: 200,
        body: {
          itemList: ['white', 'black', 'unheard-of'].map((itemId) => ({ itemId, score: 1 })),
          recommendationId: 'R',
        },
      });
      const { recommendationsFor, engine: guarded } = product();
      const { itemList } = await guarded.getRecommendations({ userId: 'ann', filterValues: { priceToCents: 500 } });
      expect(itemList.map(({ itemId }) => itemId)).toEqual(['black']);
      const lists = await recommendationsFor(['ann', 'ann']);
      expect([...lists]).toMatchObject([['ann', [{ itemId: 'black', name: 'The black', priceCents: 500 }]]]);
      expect(lists.get('ann')).toHaveLength(1);
    });

    test('whom it fails for gets our list; three failures in a row and it is left in peace', async () => {
      reply = () => ({ status: 503, body: {} });
      const { recommendationsFor, status } = product();
      const people = Array.from({ length: 200 }, (_, i) => `stranger-${i}`);
      const lists = await recommendationsFor(['ann', ...people]);
      expect(lists.size).toBe(201);
      // She bought green tea, and only that is hers to buy again; strangers get what most people bought lately.
      expect(lists.get('ann')?.[0]).toMatchObject({ itemId: 'green', reason: { kind: 'again' } });
      expect(lists.get('stranger-7')?.[0]).toMatchObject({ itemId: 'green', reason: { kind: 'popular' } });
      // Sixteen lanes may have asked at the same moment; nobody asks after the third failure is known.
      expect(questions.length).toBeLessThanOrEqual(16 + 3);
      expect(await status()).toMatchObject({
        engine: 'http',
        host: 'engine.example',
        model: 'ease',
        items: 3,
        peopleScored: 3,
        lastTrouble: { at: NOW, what: expect.stringContaining('status 503') as unknown },
      });
    });
  });
});
