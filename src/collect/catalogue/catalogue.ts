// What the shop sells: the closed list of what is known of an item. What orders say about an item is overridden by what a catalogue says.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { issueText } from '../../kernel/issue.ts';

const text = z.string().max(500);

export const catalogueItemSchema = z.strictObject({
  itemId: text.min(1),
  name: text.optional(),
  category: text.optional(),
  brand: text.optional(),
  priceCents: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  available: z.boolean().optional(),
  firstSeenOn: z.iso.date().optional(),
  url: z.url().max(2000).optional(),
  imageUrl: z.url().max(2000).optional(),
});

/** One item of a catalogue; a field left out keeps what is known. */
export type CatalogueItem = z.infer<typeof catalogueItemSchema>;

/** Checks unknown rows. Throws `invalid` naming the first wrong row and field; an item named twice is one too. */
export function parseCatalogue(rows: readonly unknown[]): CatalogueItem[] {
  const seen = new Set<string>();
  return rows.map((row, i) => {
    const parsed = catalogueItemSchema.safeParse(row);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new RekindleError('invalid', {
        where: ['catalogue', i, ...issue.path.map(String)].join('.'),
        what: issueText(issue),
      });
    }
    const { itemId } = parsed.data;
    if (seen.has(itemId)) {
      throw new RekindleError('invalid', {
        where: `catalogue.${i}.itemId`,
        what: { en: `"${itemId}" is named twice`, zh: `“${itemId}”出现两次` },
      });
    }
    seen.add(itemId);
    return parsed.data;
  });
}
