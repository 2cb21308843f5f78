// Quintiles and groups: every combination has one group, ties stay together, the engine says the same.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryEvents } from '../../../test/support/events-store.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import {
  cutpointsOf,
  quintileOf,
  recencyCutpointsOf,
  recencyQuintileOf,
  RFM_GROUP_NAMES,
  rfmGroupOf,
  type Cutpoints,
} from './rfm.ts';
import { quintileSql, recencyQuintileSql, rfmCutpoints, rfmGroupSql } from './rfm.sql.ts';

const FIVE = [1, 2, 3, 4, 5];

describe('RFM', () => {
  test('five different values are the five quintiles, ten are two each', () => {
    const of = (values: readonly number[]) => {
      const cutpoints = cutpointsOf(values.map((value) => ({ value, weight: 1 })));
      return values.map((value) => quintileOf(value, cutpoints));
    };
    expect(of([10, 20, 30, 40, 50])).toEqual(FIVE);
    expect(of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    // Six of ten bought once: they are the lowest three quintiles, so quintile 1; who bought more is above the third cutpoint.
    expect(of([1, 1, 1, 1, 1, 1, 2, 2, 3, 4])).toEqual([1, 1, 1, 1, 1, 1, 4, 4, 5, 5]);
  });

  test('equal last days share the better quintile: of recency nobody is behind somebody who came on the same day', () => {
    const of = (days: readonly number[]) => {
      const cutpoints = recencyCutpointsOf(days.map((value) => ({ value, weight: 1 })));
      return days.map((day) => recencyQuintileOf(day, cutpoints));
    };
    expect(of([10, 20, 30, 40, 50])).toEqual(FIVE);
    expect(of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    expect(of([7, 7, 7])).toEqual([5, 5, 5]);
    // The six who came on the last day are the best three quintiles; the two before them the next, the others the last.
    expect(of([1, 2, 3, 3, 4, 4, 4, 4, 4, 4])).toEqual([1, 1, 2, 2, 5, 5, 5, 5, 5, 5]);
  });

  test('every combination of quintiles has a group, and every group a combination', () => {
    const groups = FIVE.flatMap((recency) =>
      FIVE.flatMap((frequency) => FIVE.map((monetary) => rfmGroupOf({ recency, frequency, monetary }))),
    );
    expect(new Set(groups)).toEqual(new Set(RFM_GROUP_NAMES));
    expect(() => rfmGroupOf({ recency: 0, frequency: 1, monetary: 1 })).toThrow(RangeError);
  });

  describe('in the engine', () => {
    let events: Events;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ events, close } = await temporaryEvents());
    });
    afterAll(() => close());

    test('the 125 groups are the same', async () => {
      const rows = await events.rows<Record<string, number | string>>(sql`
        SELECT recency_quintile, frequency_quintile, monetary_quintile, ${rfmGroupSql()} AS rfm_group FROM (
          SELECT toUInt8(1 + number % 5) AS recency_quintile, toUInt8(1 + intDiv(number, 5) % 5) AS frequency_quintile,
            toUInt8(1 + intDiv(number, 25)) AS monetary_quintile FROM numbers(125))`);
      expect(rows).toHaveLength(125);
      for (const row of rows) {
        const quintiles = {
          recency: Number(row['recency_quintile']),
          frequency: Number(row['frequency_quintile']),
          monetary: Number(row['monetary_quintile']),
        };
        expect(row['rfm_group']).toBe(rfmGroupOf(quintiles));
      }
    });

    test('cutpoints and quintiles are the same', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: -5, max: 30 }), { minLength: 1, maxLength: 60 }),
          async (values) => {
            const cutpoints = cutpointsOf(values.map((value) => ({ value, weight: 1 })));
            const list = sql`arrayJoin(arrayMap(x -> toInt64(x), ${p.floats(values)}))`;
            const [row] = await events.rows<{ c: Cutpoints }>(
              sql`SELECT quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)(v, 1) AS c FROM (SELECT ${list} AS v)`,
            );
            expect(row!.c).toEqual(cutpoints);
            const quintiles = await events.rows<{ v: number; q: number }>(
              sql`SELECT v, ${quintileSql(sql`v`, cutpoints)} AS q FROM (SELECT ${list} AS v)`,
            );
            for (const { v, q } of quintiles) expect(q).toBe(quintileOf(v, cutpoints));
            const byDay = recencyCutpointsOf(values.map((value) => ({ value: value + 10, weight: 1 })));
            const [measured] = await events.rows<{ recency: Cutpoints }>(
              sql`SELECT ${rfmCutpoints} FROM (SELECT [toUInt16(v + 10)] AS days, v AS spent_cents FROM (SELECT ${list} AS v))`,
            );
            expect(measured!.recency).toEqual(byDay);
            const recent = await events.rows<{ v: number; q: number }>(
              sql`SELECT v, ${recencyQuintileSql(sql`(v + 10)`, byDay)} AS q FROM (SELECT ${list} AS v)`,
            );
            for (const { v, q } of recent) expect(q).toBe(recencyQuintileOf(v + 10, byDay));
          },
        ),
        { numRuns: 25 },
      );
    });
  });
});
