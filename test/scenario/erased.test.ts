// Whoever was erased and comes back by another file, form or event is not written to: her address is known by its keyed hash alone.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey } from '../../src/collect/keys.service.ts';
import { addressesOf } from '../../src/reach/channels/addresses.sql.ts';
import { judge } from '../../src/reach/arbiter/arbiter.sql.ts';
import { openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
let api: (method: string, path: string, body?: object) => Promise<unknown>;
beforeAll(async () => {
  shop = await openShop();
  const { key } = await createKey(shop.app.records.db, 'secret', 'test', shop.clock.now());
  api = async (method, path, body) => {
    const response = await shop.fetch(`/api${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
});
afterAll(() => shop?.close());

async function refusals(personId: string, channel: 'email' | 'sms'): Promise<readonly string[]> {
  const { app, clock } = shop;
  const found = await addressesOf(app.records.db, [personId], [channel], app.secrets.address);
  const address_key = found.get(personId)?.get(channel)?.addressKey ?? null;
  const candidate = { key: 'k', person_id: personId, channel, purpose: 'marketing', address_key, programme_id: null };
  const [verdict] = await judge(app.records.db, [candidate], app.rules.rules, clock.now(), { timed: false });
  return verdict!.refusals;
}

it('is suppressed again, whatever she is called and however her address is spelt', async () => {
  await shop.addPerson('mia', { phone: '+8613800138000' });
  expect(await refusals('mia', 'email')).toEqual([]);
  await api('DELETE', '/people/mia');
  shop.days(1);
  const held = await shop.app.records.db.selectFrom('suppressions').select(['kind', 'key', 'reason']).execute();
  expect(held.filter(({ kind }) => kind === 'address').length).toBeGreaterThanOrEqual(2);
  expect(new Set(held.map(({ reason }) => reason))).toEqual(new Set(['erased']));
  expect(JSON.stringify(held)).not.toMatch(/mia|13800138000/);

  // By a file of another tool, as a subscriber with a consent.
  const imported = await api('POST', '/consents/import', {
    columns: ['Email Address', 'OPTIN_TIME', 'status'],
    rows: [[' MIA@Example.com ', '2026-01-01 10:00:00', 'subscribed']],
    firstRow: 2,
    source: 'mailchimp',
    phase: 'all',
  });
  expect(imported).toMatchObject({ rejected: [] });
  // By the shop's own events under a new id, with her number spelt differently.
  await shop.post([
    { type: 'identify', userId: 'new-mia', traits: { email: 'Mia@example.COM', phone: '0086 138 0013 8000' } },
  ]);
  const returned = await shop.app.records.db.selectFrom('people').select(['person_id', 'email', 'phone']).execute();
  const ids = returned.filter(({ email }) => email === 'mia@example.com').map(({ person_id }) => person_id);
  expect(ids.length).toBeGreaterThanOrEqual(1);
  await api('POST', '/consents', {
    entries: ids.flatMap((personId) => ['email', 'sms'].map((channel) => ({ personId, channel, basis: 'express' }))),
  });
  for (const id of ids) expect(await refusals(id, 'email')).toContain('suppressed_address');
  expect(returned.find(({ person_id }) => person_id === 'new-mia')).toMatchObject({ phone: '+8613800138000' });
  expect(await refusals('new-mia', 'sms')).toEqual(['suppressed_address']);

  // A programme that would reach her does not, and nothing of hers leaves.
  await shop.order('new-mia');
  shop.days(120);
  await shop.addProgramme({
    programmeId: 'wake',
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }],
  });
  await shop.app.tick();
  expect(shop.mailsTo('mia@example.com')).toEqual([]);
  const decisions = await shop.app.records.db
    .selectFrom('decisions')
    .select(['outcome', 'codes'])
    .where('person_id', '=', 'new-mia')
    .execute();
  expect(decisions).toEqual([{ outcome: 'refused', codes: ['suppressed_address'] }]);
  expect(shop.errors).toEqual([]);
});
