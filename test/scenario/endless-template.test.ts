// A template whose loop ends for everybody but a few: they get nothing and it is said why, everybody else gets hers, and the sender goes on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OTHER_REASONS } from '../../src/reach/messages/words.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

// As long as Liquid lets a range be, with work in each turn: seconds on any machine.
const LOOP =
  '{% if person.first_name == "Loop" %}{% for i in (1..1900000) %}{{ i | times: 3 | plus: 1 | append: "x" | upcase | size }}{% endfor %}{% endif %}';
const PEOPLE = 30;
const isEndless = (n: number): boolean => n % 6 === 0;
let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
  const words = { text: `{{ person.first_name }}, come back. ${LOOP}` };
  const { records, clock } = { records: shop.app.records, clock: shop.clock };
  await saveTemplate(
    records.db,
    { key: 'loop', kind: 'sms', versions: { en: { personal: words, generic: { text: 'Come back.' } } } },
    clock.now(),
  );
  for (let n = 0; n < PEOPLE; n++) {
    const id = `p${n}`;
    const firstName = isEndless(n) ? 'Loop' : 'Ann';
    await shop.addPerson(id, { phone: `+1202555${String(1_000 + n)}`, email: undefined, firstName });
    await recordConsents(records.db, [consent(id, { channel: 'sms' })]);
  }
  shop.days(110);
  // The middle of the day in the land of these numbers.
  shop.clock.advanceMs(6 * 3_600_000);
});
afterAll(() => shop?.close());

it('fails those with a reason and sends the rest, in the same batch', { timeout: 120_000 }, async () => {
  await shop.addProgramme({
    programmeId: 'loop',
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: [{ kind: 'message', channel: 'sms', variants: [{ key: 'a', templateId: 'loop' }] }],
  });
  await shop.app.tick();
  const messages = await shop.app.records.db.selectFrom('messages').select(['person_id', 'state', 'code']).execute();
  expect(messages).toHaveLength(PEOPLE);
  for (const { person_id, state, code } of messages)
    expect([person_id, state, code]).toEqual(
      isEndless(Number(person_id.slice(1)))
        ? [person_id, 'failed', 'content:template_endless']
        : [person_id, 'sent', null],
    );
  expect(OTHER_REASONS['content:template_endless']?.zh).toMatch(/循环/);
});
