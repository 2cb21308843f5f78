import { describe, expect, it } from 'vitest';
import { STARTER_TEMPLATES } from '../../reach/templates/starter-library.ts';
import { parseSegment } from '../../understand/segments/segment.ts';
import { offerSchema } from '../offers/offer.ts';
import { GALLERY } from './gallery.ts';
import { parseProgramme } from './programme.ts';

describe.each(GALLERY.map((entry) => [entry.key, entry] as const))('the programme %s', (key, entry) => {
  const programme = parseProgramme({ ...entry.programme('shop'), programmeId: key, name: entry.name.en });
  const variants = programme.steps.flatMap((step) => (step.kind === 'message' ? step.variants : []));

  it('stands by itself: its segment parses, it leaves people alone, and its words are in both languages', () => {
    if (programme.audience.segment !== null) parseSegment(programme.audience.segment);
    expect(programme.controlShare).toBeGreaterThanOrEqual(0.1);
    for (const text of [entry.name, entry.idea])
      expect([text.en !== '', /\p{Script=Han}/u.test(text.zh)]).toEqual([true, true]);
  });

  it('brings every template and offer that it names, and no other', () => {
    const starters = new Set(STARTER_TEMPLATES.map((template) => template.key));
    expect(new Set(variants.map((variant) => variant.templateId))).toEqual(new Set(entry.templates));
    for (const templateId of entry.templates) expect(starters).toContain(templateId);
    const offers = new Set(variants.flatMap((variant) => variant.offerId ?? []));
    expect(offers).toEqual(new Set(entry.offer === null ? [] : [offerSchema.parse(entry.offer).offerId]));
  });
});

it('no two have the same key', () => expect(new Set(GALLERY.map(({ key }) => key)).size).toBe(GALLERY.length));
