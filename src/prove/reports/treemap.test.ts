import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { squarified } from './treemap.ts';

test('the worked example of Bruls, Huizing & van Wijk 2000, figure 4', () => {
  // The paper's steps 3 and 6: two boxes of 6 stand at the left (aspect 3/2), then 4 and 3 share a row, the 3 with aspect 49/27.
  const boxes = squarified([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(boxes[0]).toEqual({ x: 0, y: 0, width: 3, height: 2 });
  expect(boxes[1]).toEqual({ x: 0, y: 2, width: 3, height: 2 });
  expect(boxes[3]!.height / boxes[3]!.width).toBeCloseTo(49 / 27, 9);
});

test('boxes have the areas asked for and stay inside', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 12 }), (values) => {
      const sorted = [...values].sort((a, b) => b - a);
      const total = sorted.reduce((sum, value) => sum + value, 0);
      const boxes = squarified(sorted, { x: 0, y: 0, width: 1040, height: 330 });
      boxes.forEach((box, i) => {
        expect(box.width * box.height).toBeCloseTo((sorted[i]! / total) * 1040 * 330, 3);
        expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(-1e-6);
        expect(box.x + box.width).toBeLessThanOrEqual(1040 + 1e-6);
        expect(box.y + box.height).toBeLessThanOrEqual(330 + 1e-6);
      });
    }),
  );
});
