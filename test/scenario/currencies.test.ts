// Orders in several currencies on the real app: what is money of the business is added, what is not counts as having come and is told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp } from '../../src/app.ts';
import { closePlan, planImport, runImport } from '../../src/collect/imports/import.service.ts';
import { leftOutMoney } from '../../src/collect/money.sql.ts';
import { importFiles } from '../../src/http/import-files.service.ts';
import { configOf } from '../../src/config.ts';
import { createOffer } from '../../src/decide/offers/grants.sql.ts';
import { virtualClock } from '../../src/kernel/clock.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import { reportProgramme } from '../../src/prove/outcomes/report.service.ts';
import { programmeResults } from '../../src/prove/outcomes/results.service.ts';
import { personStory } from '../../src/prove/story/person-story.service.ts';
import { riskOf } from '../../src/understand/analytics/risk.service.ts';
import { riskSchema } from '../../src/understand/analytics/risk.ts';
import { evaluatePolicy } from '../../src/understand/dormancy/evaluate.service.ts';
import { keepEvaluated } from '../../src/understand/dormancy/keep-evaluated.service.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import { peopleTable } from '../../src/understand/people/people-table.service.ts';
import { drawPicture } from '../../src/understand/picture/picture.service.ts';
import { copyRecords } from '../support/records-template.ts';
import { openShop, type Shop } from '../support/shop.ts';

const DAY = 86_400_000;

describe('orders in several currencies', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());

  const keep = () => {
    const { records, events, business, segments } = shop.app;
    return keepEvaluated({ records, events, timeZone: business.timeZone, scopes: segments }, shop.clock.now());
  };
  const spentOf = async (personId: string) =>
    shop.app.events.rows(
      sql`SELECT active_days AS days, spent_cents AS cents FROM person_states FINAL WHERE person_id = ${p.text(personId)}`,
    );
  const pictureNow = async () => {
    const { events, clock, segments } = shop.app;
    const asOf = new Date(clock.now().getTime() - DAY).toISOString().slice(0, 10);
    return drawPicture(events, {
      policy: PRESETS.shop,
      version: 1,
      asOf,
      now: clock.now(),
      scopes: segments,
      wakeLimit: 0,
    });
  };

  it('adds what is in the business’s currency, counts the rest as having come, and says what it left out', async () => {
    await shop.order('dora', { revenue: 100, order_id: 'd1' });
    await shop.order('emil', { revenue: 40, currency: 'EUR', order_id: 'e1' });
    await shop.order('mixed', { revenue: 10, order_id: 'm1' });
    await shop.order('mixed', { revenue: 20, currency: 'EUR', order_id: 'm2' });
    shop.days(1);
    await shop.order('emil', { revenue: 2_000, currency: 'JPY', order_id: 'e2' });
    shop.days(100);
    await keep();
    expect(await spentOf('dora')).toEqual([{ days: 1, cents: 10_000 }]);
    expect(await spentOf('emil')).toEqual([{ days: 2, cents: 0 }]);
    expect(await spentOf('mixed')).toEqual([{ days: 1, cents: 1_000 }]);

    const amounts = [
      { currency: 'EUR', events: 2, amountCents: 6_000 },
      { currency: 'JPY', events: 1, amountCents: 2_000 },
    ];
    const picture = await pictureNow();
    // The founder's 1 $, Dora's 100 $ and the 10 $ of the mixed one.
    expect(picture.spentCents).toBe(100 + 10_000 + 1_000);
    expect(picture.leftOut?.amounts).toEqual(amounts);
    expect(picture.leftOut?.words.en).toContain('for want of a rate into USD: 2 in EUR (€60.00); 1 in JPY (¥2,000)');
    expect(picture.leftOut?.words.zh).toContain('2 笔 EUR（€60.00）；1 笔 JPY（¥2,000）');

    const { events, segments, clock, records, recommendations, programmes, secrets } = shop.app;
    const risk = await riskOf(
      events,
      { policyId: 'shop', activity: ['Order Completed'] },
      riskSchema.parse({ by: 'stage' }),
    );
    expect([risk.total.dormantSpentCents, risk.leftOut?.amounts]).toEqual([11_100, amounts]);
    const table = await peopleTable(
      segments,
      { search: '', sort: 'spent', descending: true, page: 1, pageSize: 10 },
      clock.now(),
    );
    expect(table.leftOut?.amounts).toEqual(amounts);
    const story = await personStory(
      {
        stores: { records, events, addressSecret: secrets.address },
        currency: 'USD',
        rules: programmes.rules,
        recommendations,
        now: clock.now(),
        showsContactData: true,
      },
      'emil',
    );
    expect(story.leftOut?.amounts.map(({ currency }) => currency)).toEqual(['EUR', 'JPY']);
    expect(story.events.map(({ currency, amountCents }) => [currency, amountCents])).toEqual([
      ['JPY', 2_000],
      ['EUR', 4_000],
    ]);
    expect(story.totals).toMatchObject([{ name: 'Order Completed', times: 2, amountCents: 0 }]);
  });

  it('counts them from the moment a rate is given, for everybody again, and stops when it is taken back', async () => {
    const { changeBusiness } = shop.app;
    await changeBusiness({ rates: [{ currency: 'EUR', from: '2020-01-01', rate: 1.5 }] });
    expect((await keep()).map(({ what }) => what)).toEqual(['evaluated']);
    expect(await spentOf('emil')).toEqual([{ days: 2, cents: 6_000 }]);
    expect(await spentOf('mixed')).toEqual([{ days: 1, cents: 4_000 }]);
    const picture = await pictureNow();
    expect(picture.spentCents).toBe(100 + 10_000 + 4_000 + 6_000);
    expect(picture.leftOut?.amounts).toEqual([{ currency: 'JPY', events: 1, amountCents: 2_000 }]);

    await changeBusiness({ rates: [] });
    await keep();
    expect(await spentOf('emil')).toEqual([{ days: 2, cents: 0 }]);
  });

  it('refuses rates that cannot be meant', async () => {
    const change = (rates: object[], more: object = {}) => shop.app.changeBusiness({ ...more, rates } as never);
    await expect(change([{ currency: 'USD', from: '2026-01-01', rate: 2 }])).rejects.toThrow('needs no rate');
    const eur = { currency: 'EUR', from: '2026-01-01', rate: 1.1 };
    await expect(change([eur, { ...eur, rate: 1.2 }])).rejects.toThrow('two rates of EUR from 2026-01-01');
    await expect(change([{ ...eur, rate: 0 }])).rejects.toThrow('business.rates.0.rate');
    await expect(change([{ ...eur, from: '2026-02-30' }])).rejects.toThrow('business.rates.0.from');
    await change([{ ...eur, currency: 'GBP' }]);
    await expect(change([{ ...eur, currency: 'GBP' }], { currency: 'EUR' })).rejects.toThrow(
      'these are rates into USD',
    );
    await change([]);
  });

  it('proves a programme on money alone: a return paid in another currency is a return, and no revenue', async () => {
    const { app, clock } = shop;
    const { db } = app.records;
    for (const id of ['anna', 'bert']) await shop.addPerson(id);
    shop.days(100);
    const terms = { kind: 'coupon', percentOff: 20, maxDiscountCents: 3_000, validDays: 30 };
    await createOffer(db, { offerId: 'back', name: 'Back', terms, budgetCents: 100_000, capacity: 50 }, clock.now());
    await shop.addProgramme({
      programmeId: 'win',
      steps: [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'offer', offerId: 'back' }] }],
    });
    await app.tick();
    const codes = await db.selectFrom('grants').select(['person_id', 'code']).execute();
    const codeOf = (personId: string) => codes.find((row) => row.person_id === personId)!.code;
    clock.advanceMs(3_600_000);
    await shop.order('anna', { revenue: 80, discount: 10, coupon: codeOf('anna'), order_id: 'a2' });
    await shop.order('bert', { revenue: 70, discount: 9, coupon: codeOf('bert'), currency: 'EUR', order_id: 'b2' });
    const costs = await db
      .selectFrom('grants')
      .select(['person_id', 'state', 'cost_cents'])
      .where('person_id', 'in', ['anna', 'bert'])
      .orderBy('person_id')
      .execute();
    // Nine euros are no sum of dollars: Bert's coupon cost what was set aside for it.
    expect(costs).toEqual([
      { person_id: 'anna', state: 'redeemed', cost_cents: 1_000 },
      { person_id: 'bert', state: 'redeemed', cost_cents: 3_000 },
    ]);
    const context = { records: app.records, events: app.events, marginShare: 0.5, timeZone: 'UTC' };
    clock.advanceMs(1_000);
    const report = await reportProgramme(context, 'win', clock.now());
    const leftOut = [{ currency: 'EUR', events: 1, amountCents: 7_000 }];
    expect(report.treated).toMatchObject({ returned: 2, orders: 2, revenueCents: 8_000, offerCostCents: 4_000 });
    expect(report.leftOut?.amounts).toEqual(leftOut);
    expect((await programmeResults(context, 'win', clock.now())).leftOut?.amounts).toEqual(leftOut);

    await app.changeBusiness({ rates: [{ currency: 'EUR', from: '2026-01-01', rate: 2 }] });
    const valued = await reportProgramme(context, 'win', clock.now());
    expect([valued.treated.revenueCents, valued.leftOut]).toEqual([22_000, null]);
    await app.changeBusiness({ rates: [] });

    // Money is on the books in dollars: another currency would silently make it another sum.
    await expect(app.changeBusiness({ currency: 'EUR' })).rejects.toMatchObject({ code: 'conflict' });
    expect(app.business.currency).toBe('USD');
  });

  it('reads a file with a currency column', async () => {
    const { app } = shop;
    const folder = mkdtempSync(join(tmpdir(), 'rekindle-currencies-'));
    try {
      const path = join(folder, 'orders.csv');
      const rows = [
        'f1,2025-06-01,10.00,USD,x1',
        'f1,2025-06-02,7.50,CHF,x2',
        'f2,2025-06-02,100,CHF,x3',
        'f2,2025-06-03,5.00,USD,x4',
      ];
      writeFileSync(path, ['customer_id,date,amount,currency,order_id', ...rows, ''].join('\n'));
      const now = shop.clock.now();
      const deps = { events: app.events, timeZone: 'UTC', currency: 'USD', temporaryFolder: folder };
      const plan = await planImport(deps, path, { now });
      try {
        await runImport(deps, [plan], { now, rejectsFolder: folder });
      } finally {
        closePlan(plan);
      }
      const left = await leftOutMoney(app.events);
      expect(left?.amounts.find(({ currency }) => currency === 'CHF')).toEqual({
        currency: 'CHF',
        events: 2,
        amountCents: 10_750,
      });
      await keep();
      expect(await spentOf('f1')).toEqual([{ days: 2, cents: 1_000 }]);
      expect(await spentOf('f2')).toEqual([{ days: 2, cents: 500 }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('another currency of the business counts at once, and after a start: what was foreign is money, and the other way round', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-currency-change-'));
  const clock = virtualClock(new Date('2026-03-01T12:00:00Z'));
  const config = configOf({ REKINDLE_DATA_DIR: folder });
  const orders = (app: Awaited<ReturnType<typeof openApp>>) =>
    app.ingest.submit({
      events: [
        ['o1', 'USD', 1_000],
        ['o2', 'EUR', 700],
      ].map(([messageId, currency, amountCents]) => ({
        messageId: String(messageId),
        actorId: 'ines',
        name: 'Order Completed',
        occurredAt: clock.now(),
        receivedAt: clock.now(),
        day: '2026-03-01',
        amountCents: Number(amountCents),
        currency: String(currency),
        orderId: String(messageId),
        products: [],
        properties: {},
        source: 'test',
      })) as never,
      dropped: new Map(),
    });
  const spent = async (app: Awaited<ReturnType<typeof openApp>>) => {
    await evaluatePolicy(app.events, { policy: PRESETS.shop, version: 1, asOf: '2026-03-01', now: clock.now() });
    const [row] = await app.events.rows<{ cents: number }>(sql`SELECT spent_cents AS cents FROM person_states FINAL`);
    return [row?.cents, (await leftOutMoney(app.events))?.amounts.map(({ currency }) => currency)];
  };
  try {
    await copyRecords(folder);
    const before = await openApp(config, clock);
    try {
      await orders(before);
      expect(await spent(before)).toEqual([1_000, ['EUR']]);
      const { restartFor } = await before.changeBusiness({ currency: 'EUR' });
      expect(restartFor).toEqual([]);
      expect(before.business.currency).toBe('EUR');
      expect(await spent(before)).toEqual([700, ['USD']]);
    } finally {
      await before.close();
    }
    const after = await openApp(config, clock);
    try {
      expect(after.business.currency).toBe('EUR');
      expect(await spent(after)).toEqual([700, ['USD']]);
      // 7.00 €, and 10.00 $ at 0.80 €.
      await after.changeBusiness({ rates: [{ currency: 'USD', from: '2026-03-01', rate: 0.8 }] });
      expect(await spent(after)).toEqual([1_500, undefined]);
    } finally {
      await after.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

describe('the first money decides which currency is the business’s', () => {
  const lines = (...rows: readonly string[]): string =>
    ['customer_id,date,amount,currency,order_id', ...rows, ''].join('\n');
  const euros = lines('a,2026-01-01,10.00,EUR,o1', 'b,2026-01-02,20.00,EUR,o2', 'c,2026-01-02,5.00,GBP,o3');
  const pounds = lines('a,2026-02-01,9.00,GBP,p1', 'b,2026-02-01,9.00,GBP,p2', 'c,2026-02-01,9.00,GBP,p3');
  const clock = virtualClock(new Date('2026-03-01T12:00:00Z'));
  type Running = Awaited<ReturnType<typeof openApp>>;

  const within = async (
    business: { readonly currency?: string },
    work: (app: Running, folder: string) => Promise<void>,
  ) => {
    const folder = mkdtempSync(join(tmpdir(), 'rekindle-first-money-'));
    await copyRecords(folder);
    const app = await openApp(configOf({ REKINDLE_DATA_DIR: folder }), clock, {
      business: { brand: 'Shop', ...business },
    });
    try {
      await work(app, folder);
    } finally {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const load = async (app: Running, folder: string, text: string) => {
    const path = join(folder, 'orders.csv');
    writeFileSync(path, text);
    const [result] = await importFiles(app, { paths: [path], rejectsFolder: folder });
    return result;
  };

  it('where nobody has said: that of most amounts of the first import, told, and no other afterwards', () =>
    within({}, async (app, folder) => {
      expect(app.business.currency).toBe('USD');
      expect(await load(app, folder, euros)).toMatchObject({ adoptedCurrency: 'EUR' });
      expect(app.business.currency).toBe('EUR');
      expect((await leftOutMoney(app.events))?.amounts.map(({ currency }) => currency)).toEqual(['GBP']);
      expect(await load(app, folder, pounds)).not.toHaveProperty('adoptedCurrency');
      expect(app.business.currency).toBe('EUR');
    }));

  it('where somebody has said, hers', () =>
    within({ currency: 'USD' }, async (app, folder) => {
      expect(await load(app, folder, euros)).not.toHaveProperty('adoptedCurrency');
      expect(app.business.currency).toBe('USD');
    }));
});
