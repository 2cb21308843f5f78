// The picture of the public data sets: the figures the project is held to, counted by a second implementation outside this repository.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryEvents } from '../../../test/support/events-store.ts';
import { hasData, loadCdnow, loadOnlineRetail } from '../../../test/support/public-data.ts';
import type { Events } from '../../stores/events/events.ts';
import { parsePolicy, withWindow } from '../dormancy/policy.ts';
import { PRESETS } from '../dormancy/presets.ts';
import type { DormancyPicture } from './picture.ts';
import { drawPicture } from './picture.service.ts';

const NOW = new Date('2026-11-22T00:00:00Z');

function holdsTogether(picture: DormancyPicture): void {
  const total = (rows: readonly { readonly people: number }[]) => rows.reduce((sum, row) => sum + row.people, 0);
  expect(total(picture.stages)).toBe(picture.people);
  expect(total(picture.rfm)).toBe(picture.people);
  expect(picture.months.at(-1)!.dormantAtEnd).toBe(picture.dormantPeople);
  expect(picture.months.reduce((sum, row) => sum + row.firstSeen, 0)).toBe(picture.people);
  const priorities = picture.wakeFirst.people.map((person) => person.priorityCents);
  expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
  for (const person of picture.wakeFirst.people) expect(['dormant', 'relapsed', 'lost']).toContain(person.stage);
}

describe.skipIf(!hasData('cdnow_master.csv'))('CDNOW (skipped where ../shared/data is absent)', () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await loadCdnow(events);
  });
  afterAll(() => close());

  test('as of 1997-12-30, window 90, horizon 91', async () => {
    const policy = withWindow(PRESETS.shop, 90);
    const picture = await drawPicture(events, { policy, version: 0, asOf: '1997-12-30', horizonDays: 91, now: NOW });
    expect(picture.people).toBe(23_570);
    expect(picture.dormantPeople).toBe(19_397);
    if (picture.measuredReturn.kind !== 'measured') throw new Error('not measured');
    expect((100 * picture.measuredReturn.returnShare).toFixed(3)).toBe('9.744');
    holdsTogether(picture);
  });

  test('a fit as of 1997-09-30 has the published full-base MBG/NBD parameters', async () => {
    // SCIENCE §A1, maximum likelihood: r .6371, alpha 7.3103, a .8075, b 1.2284; the weak prior moves them by under 1%.
    const picture = await drawPicture(events, {
      policy: PRESETS.shop,
      version: 0,
      asOf: '1997-09-30',
      horizonDays: 273,
      now: NOW,
    });
    const { returns } = picture.model;
    if (returns.kind !== 'mbg-nbd') throw new Error('no model');
    expect(returns.params.r).toBeCloseTo(0.6371, 2);
    expect(returns.params.alpha).toBeCloseTo(7.3103, 1);
    expect(returns.params.a).toBeCloseTo(0.8075, 2);
    expect(returns.params.b).toBeCloseTo(1.2284, 1);
  });

  test('by personal cadence the picture holds together too', async () => {
    const policy = parsePolicy({
      ...PRESETS.shop,
      rule: { kind: 'cadence', multiplier: 3, minDays: 30, maxDays: 365, shrinkage: 1, lostMultiplier: 3 },
    });
    const picture = await drawPicture(events, { policy, version: 0, asOf: '1998-03-31', horizonDays: 91, now: NOW });
    expect(picture.dormantPeople).toBeGreaterThan(0);
    holdsTogether(picture);
  });

  test('before the first order there is nothing to draw, and it says so', async () => {
    const drawn = drawPicture(events, { policy: PRESETS.shop, version: 0, asOf: '1996-12-31', now: NOW });
    await expect(drawn).rejects.toMatchObject({ code: 'not_enough_data' });
  });

  test('returns are not known before the horizon is over', async () => {
    const picture = await drawPicture(events, {
      policy: PRESETS.shop,
      version: 0,
      asOf: '1998-06-01',
      horizonDays: 90,
      now: NOW,
    });
    expect(picture.measuredReturn).toMatchObject({ kind: 'not_yet', dataUntil: '1998-06-30' });
  });
});

describe.skipIf(!hasData('online_retail_1.csv.gz'))('Online Retail (skipped where ../shared/data is absent)', () => {
  let events: Events;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    await loadOnlineRetail(events);
  });
  afterAll(() => close());

  test('as of 2011-09-08, window 60, horizon 92', async () => {
    const policy = withWindow(PRESETS.shop, 60);
    const picture = await drawPicture(events, { policy, version: 0, asOf: '2011-09-08', horizonDays: 92, now: NOW });
    expect(picture.people).toBe(3_362);
    expect(picture.dormantPeople).toBe(1_862);
    if (picture.measuredReturn.kind !== 'measured') throw new Error('not measured');
    expect((100 * picture.measuredReturn.returnShare).toFixed(3)).toBe('44.683');
    holdsTogether(picture);
  });
});
