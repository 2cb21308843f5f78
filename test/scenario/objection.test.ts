// Who objects is left out of everything said about one person, from the answer to her form on; and comes back into it when she lifts it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keepEvaluated } from '../../src/understand/dormancy/keep-evaluated.service.ts';
import { personStates } from '../../src/understand/dormancy/states.sql.ts';
import { linksOf, openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const evaluate = (): Promise<unknown> =>
  keepEvaluated(
    { records: shop.app.records, events: shop.app.events, timeZone: shop.app.business.timeZone },
    shop.clock.now(),
  );
const isScored = async (personId: string): Promise<boolean> =>
  (await personStates(shop.app.events, personId)).length > 0;

it(
  'by the link in a mail: scores go at once and stay away, the generic wish is served',
  { timeout: 120_000 },
  async () => {
    for (const personId of ['amy', 'bea', 'cat']) await shop.addPerson(personId);
    shop.days(100);
    await shop.addProgramme({
      programmeId: 'back',
      steps: [
        { kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] },
        { kind: 'wait', days: 5 },
        { kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] },
      ],
    });
    await evaluate();
    await shop.app.tick();
    expect(shop.mails).toHaveLength(3);
    expect(await isScored('amy')).toBe(true);
    const linkIn = async (personId: string): Promise<string> => {
      const { html } = await linksOf(shop.mailsTo(`${personId}@example.com`)[0]!);
      const link = /https:\/\/shop\.example\/p\/[\w-]{40}/.exec(html)?.[0];
      return link ?? 'no link to the preferences';
    };
    const send = async (personId: string, fields: Record<string, string>): Promise<number> =>
      (
        await shop.fetch(await linkIn(personId), {
          method: 'POST',
          body: new URLSearchParams({ action: 'save', channel: 'email', ...fields }),
        })
      ).status;

    expect(await send('amy', { object: '1', personal: '1' })).toBe(200);
    expect(await isScored('amy')).toBe(false);
    // Bea only wants nothing made for her: no tick at "choose content for me".
    expect(await send('bea', {})).toBe(200);
    shop.days(6);
    await shop.order('amy', { order_id: 'o-amy-2' });
    await evaluate();
    expect(await isScored('amy')).toBe(false);
    expect(await isScored('bea')).toBe(true);

    await shop.app.tick();
    expect(shop.mailsTo('amy@example.com')).toHaveLength(1);
    const second = async (personId: string): Promise<string> =>
      (await linksOf(shop.mailsTo(`${personId}@example.com`)[1]!)).html;
    expect(await second('bea')).not.toContain('Mia');
    expect(await second('cat')).toContain('Mia');

    expect(await send('amy', { action: 'no-objection' })).toBe(200);
    await evaluate();
    shop.days(1);
    await evaluate();
    expect(await isScored('amy')).toBe(true);
  },
);
