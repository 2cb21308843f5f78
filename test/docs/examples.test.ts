// The examples of the documentation are real: the programme in docs/programmes.md is taken as it stands.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { offerSchema } from '../../src/decide/offers/offer.ts';
import { parseProgramme } from '../../src/decide/programmes/programme.ts';
import { STARTER_TEMPLATES } from '../../src/reach/templates/starter-library.ts';

it('docs/programmes.md shows a file that can be created', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/programmes.md'), 'utf8');
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '') as {
    offers: unknown[];
    programme: unknown;
  };
  const offers = example.offers.map((offer) => offerSchema.parse(offer).offerId);
  const programme = parseProgramme(example.programme);
  const variants = programme.steps.flatMap((step) => (step.kind === 'message' ? step.variants : []));
  const starters = STARTER_TEMPLATES.map((template) => template.key);
  expect(
    variants.map((variant) => variant.templateId).filter((key) => key === undefined || !starters.includes(key)),
  ).toEqual([]);
  expect(variants.flatMap((variant) => variant.offerId ?? []).filter((id) => !offers.includes(id))).toEqual([]);
  expect(variants).toHaveLength(3);
});
