// What a recommender learnt is in the very mail: whose template has room for products shows hers, with name, price and reason; who does not
// want to be profiled gets none.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseMail } from '../../src/reach/channels/email/sink.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { recommendDaily } from '../../src/understand/recommend/recommend-daily.service.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

it('shows a person what she buys again, and a stranger what everybody buys', async () => {
  const tea = { product_id: 'tea', name: 'Green <tea>', category: 'Tea', price: 12.5, quantity: 1 };
  for (const personId of ['mia', 'nobody-special', 'private']) {
    await shop.addPerson(personId);
    if (personId !== 'nobody-special') await shop.order(personId, { order_id: `tea-${personId}`, products: [tea] });
  }
  await recordConsents(shop.app.records.db, [consent('private', { purpose: 'profiling', status: 'withdrawn' })]);
  shop.days(120);
  await recommendDaily({ events: shop.app.events, timeZone: 'UTC' }, shop.clock.now());
  await shop.addProgramme({
    programmeId: 'picks',
    steps: [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }],
  });
  await shop.app.tick();
  const html = async (who: string): Promise<string> =>
    (await parseMail(shop.mailsTo(`${who}@example.com`)[0]!.raw)).html ?? '';
  const own = await html('mia');
  expect(own).toContain('Green &lt;tea&gt;');
  expect(own).toContain('$12.50');
  expect(own).toContain('you bought it once');
  const stranger = await html('nobody-special');
  expect(stranger).toContain('popular now');
  expect(await html('private')).not.toContain('Green');
});
