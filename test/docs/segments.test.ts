// docs/segments.md shows every operator, with examples and words as the table has them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CONDITION_KINDS } from '../../src/understand/segments/conditions.ts';
import { parseSegment } from '../../src/understand/segments/segment.ts';
import { withOperators } from '../support/segments-page.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/segments.md'), 'utf8');
/** Prettier lays out JSON and escapes as it likes: only what is said counts. */
const said = (text: string): string => text.replaceAll(/[\s\\*_|-]/g, '');

it('the page says what the table says', () => {
  expect(said(page)).toBe(said(withOperators(page)));
  for (const kind of CONDITION_KINDS) expect(page).toContain(`\`${kind}\``);
});

it('every segment on the page is valid', () => {
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
    (match) => JSON.parse(match[1]!) as { segment?: unknown },
  );
  expect(blocks.length).toBeGreaterThan(CONDITION_KINDS.length);
  for (const block of blocks) expect(() => parseSegment(block.segment ?? block)).not.toThrow();
});
