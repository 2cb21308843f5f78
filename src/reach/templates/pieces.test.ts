import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopeOf, type MailContext } from './context.ts';
import { htmlLiquid, textLiquid } from './liquid.ts';
import { fillOf } from './pieces.ts';
import { STARTER_TEMPLATES } from './starter-library.ts';

const whole = (engine: typeof htmlLiquid, source: string, scope: object): string =>
  String(engine.renderSync(engine.parse(source), scope));

const outcomeOf = (work: () => string): string => {
  try {
    return work();
  } catch (error) {
    return `threw ${error instanceof Error ? error.message.replace(/,? ?line:?.*/s, '') : String(error)}`;
  }
};

// What a template may be made of, and what Liquid understands beyond the pieces' own short ways.
const BITS = [
  'words & <b>signs</b>',
  '\n',
  ' ',
  '{',
  '{{',
  '}}',
  '{% if coupon %}',
  '{% if coupon.code %}',
  '{% if products.size > 0 %}',
  '{% if products.size == 0 %}',
  '{% if person.first_name == "Ann" %}',
  '{% unless coupon %}',
  '{% for product in products limit: 2 %}',
  '{% else %}',
  '{% elsif lang %}',
  '{% endif %}',
  '{% endunless %}',
  '{% endfor %}',
  '{% assign person = coupon %}',
  '{% assign lang = "zh" %}',
  '{% capture coupon %}x{% endcapture %}',
  '{% comment %}',
  '{% endcomment %}',
  '{% raw %}',
  '{% endraw %}',
  '{% increment lang %}',
  '{% break %}',
  '{%- if coupon -%}',
  '{{- person.first_name -}}',
  '{{ person.first_name }}',
  '{{person.first_name}}',
  '{{ product.name }}',
  '{{ coupon.code }}',
  '{{ coupon }}',
  '{{ products }}',
  '{{ products.size }}',
  '{{ products.first.name }}',
  '{{ person.first_name.size }}',
  '{{ lang.size }}',
  '{{ empty }}',
  '{{ nil }}',
  '{{ true }}',
  '{{ constructor }}',
  '{{ nobody.knows }}',
  '{{ brand.name | upcase }}',
  '{{ brand.url | with_query: "coupon", coupon.code }}',
  '{{ products[0].price_cents | money: "USD", lang }}',
  '{{ "a string" }}',
  '{{ 7 }}',
] as const;

const line = fc.constantFrom('', 'Ann', 'Zoë & <co> "quoted" it\'s', '{{ lang }}', '{% if %}', '$& $1', '1999');
const product = fc.record({
  name: line,
  url: fc.constantFrom('https://a.example/?b=1&c=2', ''),
  priceCents: fc.constantFrom(1999, null),
});
const context: fc.Arbitrary<MailContext> = fc.record({
  person: fc.record({ firstName: line, lastName: line }),
  brand: fc.record({
    name: line,
    address: line,
    url: fc.constantFrom('https://shop.example', 'https://shop.example/?a=1'),
  }),
  coupon: fc.option(fc.record({ code: line, amountText: line, expiresOn: fc.constantFrom('2026-12-01', null) }), {
    nil: undefined,
  }),
  products: fc.array(product, { maxLength: 4 }),
  unsubscribeUrl: fc.constant('https://m.shop.example/u/x'),
});

describe('a text in pieces', () => {
  it('is the text Liquid makes of the whole, and fails where the whole does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...BITS), { maxLength: 12 }),
        context,
        fc.constantFrom('en', 'zh'),
        fc.constantFrom('personal', 'generic'),
        (bits, known, lang, variant) => {
          const source = bits.join('');
          // A scope of its own for each: `increment` writes into it.
          const scope = () => scopeOf(known, lang, variant);
          for (const [engine, isEscaped] of [
            [htmlLiquid, true],
            [textLiquid, false],
          ] as const) {
            expect(outcomeOf(() => fillOf(engine, source, isEscaped)(scope()))).toBe(
              outcomeOf(() => whole(engine, source, scope())),
            );
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is the same for every starter template', () => {
    fc.assert(
      fc.property(context, fc.constantFrom(...STARTER_TEMPLATES), (known, template) => {
        for (const source of JSON.stringify(template)
          .split('\\n')
          .filter((each) => each.includes('{%') || each.includes('{{'))) {
          const scope = scopeOf(known, 'en', 'personal');
          expect(outcomeOf(() => fillOf(htmlLiquid, source, true)(scope))).toBe(
            outcomeOf(() => whole(htmlLiquid, source, scope)),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('counts what all its pieces take together', () => {
    // A range takes one unit for each number, and two million are allowed.
    const range = '{% for a in (1..700000) limit: 1 %}{{ a }}{% endfor %} {{ lang }} ';
    expect(fillOf(textLiquid, range.repeat(2), false)({ lang: 'en' })).toBe('1 en 1 en ');
    expect(() => fillOf(textLiquid, range.repeat(3), false)({ lang: 'en' })).toThrow(/memory alloc limit exceeded/);
  });
});
