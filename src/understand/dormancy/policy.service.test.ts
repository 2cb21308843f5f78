// Policies are versions that never change; wrong ones are refused with a reason.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { parsePolicy, policySchema, withWindow } from './policy.ts';
import { activatePolicy, listPolicies, savePolicy, showPolicy } from './policy.service.ts';
import { LONGEST_DAYS } from './rule.ts';
import { PRESET_NAMES, PRESETS, presetFor } from './presets.ts';

const NOW = new Date('2026-11-22T08:00:00Z');

describe('dormancy policies', () => {
  let events: Events;
  let records: Records;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ events, close } = await temporaryEvents());
    records = await newRecords();
    await events.insert('events', [
      eventRow('a', 'Order Completed', '2026-01-01'),
      eventRow('a', 'Page Viewed', '2026-01-02'),
    ]);
  });
  afterAll(async () => {
    await records.close();
    await close();
  });

  test('are saved as versions, one of which is active', async () => {
    const first = await savePolicy({ events, records }, PRESETS.shop, NOW);
    const second = await savePolicy({ events, records }, withWindow(PRESETS.shop, 60), NOW);
    expect([first.version, second.version]).toEqual([1, 2]);
    expect((await showPolicy(records, 'shop')).policy.rule).toMatchObject({ dormantDays: 60 });
    expect((await showPolicy(records, 'shop', 1)).policy).toEqual(PRESETS.shop);
    await activatePolicy(records, 'shop', 1);
    expect((await listPolicies(records)).map(({ version, active }) => [version, active])).toEqual([
      [2, false],
      [1, true],
    ]);
    await expect(activatePolicy(records, 'shop', 9)).rejects.toMatchObject({ code: 'not_found' });
    await expect(showPolicy(records, 'nothing')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('on an event that never occurred are refused with the names that did', async () => {
    const policy = { ...PRESETS.shop, activity: ['Order Completd'] };
    await expect(savePolicy({ events, records }, policy, NOW)).rejects.toThrow(
      /policy\.activity: "Order Completd" never occurred; events that occurred: "Order Completed", "Page Viewed"/,
    );
  });
});

describe('a policy', () => {
  test.each([0, -1, 1, 2.5, 10_000, LONGEST_DAYS + 1, Number.NaN])('with a window of %s days is refused', (days) => {
    expect(() => withWindow(PRESETS.shop, days)).toThrow(/policy\.rule\./);
  });

  test('names the wrong field', () => {
    expect(() => parsePolicy({ ...PRESETS.shop, colour: 'red' })).toThrow(/policy: .*colour/);
    const rule = { kind: 'cadence', multiplier: 3, minDays: 30, maxDays: 10, shrinkage: 1, lostMultiplier: 3 };
    expect(() => parsePolicy({ ...PRESETS.shop, rule })).toThrow(
      'policy.rule.maxDays: must not be shorter than minDays',
    );
    expect(() => parsePolicy({ ...PRESETS.shop, rule: { ...PRESETS.shop.rule, coolingDays: 90 } })).toThrow(
      'policy.rule.coolingDays: must be shorter than dormantDays',
    );
  });

  test.each(PRESET_NAMES)('preset %s is valid', (name) => {
    expect(policySchema.parse(PRESETS[name])).toEqual(PRESETS[name]);
  });

  test('preset keeps only the alternatives that occurred', () => {
    expect(presetFor('social', ['Signed In', 'Other']).activity).toEqual(['Signed In']);
    expect(presetFor('social', ['Other']).activity).toEqual(PRESETS.social.activity);
  });
});
