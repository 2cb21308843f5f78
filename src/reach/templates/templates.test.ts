import { describe, expect, it } from 'vitest';
import { compileMail } from './compile.ts';
import type { MailContext } from './context.ts';
import { assertSendable, compileTemplate, renderTemplate } from './kinds.ts';
import { CLIP_BYTES, lintMail, type LintRule } from './lint.ts';
import { renderMail } from './render.ts';
import { LOOKS } from './starter-layout.ts';
import { STARTER_LIBRARY, STARTER_TEMPLATES } from './starter-library.ts';
import { parseTemplate, type MailTemplate, type MailVersion } from './template.ts';

const OBJECT = '<mj-text>You may object: <a href="{{ objection_url }}">here</a></mj-text>';
const FOOTER = `<mj-text>{{ brand.name }}, {{ brand.address }} <a href="{{ unsubscribe_url }}">Stop</a></mj-text>${OBJECT}`;
const mail = (content: string): string =>
  `<mjml><mj-body><mj-section><mj-column>${content}${FOOTER}</mj-column></mj-section></mj-body></mjml>`;

const GOOD: MailVersion = {
  subject: 'Hi {{ person.first_name }}',
  mjml: mail('<mj-text>Dear {{ person.first_name }},</mj-text><mj-button href="{{ brand.url }}">Go</mj-button>'),
  genericSubject: 'Hello',
  genericMjml: mail('<mj-button href="{{ brand.url }}">Go</mj-button>'),
};
const template = (change: Partial<MailVersion> = {}): MailTemplate => ({
  key: 'test',
  kind: 'email',
  versions: { en: { ...GOOD, ...change }, zh: { ...GOOD, ...change } },
});
const CONTEXT: MailContext = {
  person: { firstName: 'Mia' },
  brand: { name: 'Fern', address: '1 Lane', url: 'https://shop.example.com' },
  coupon: { code: 'BACK1', amountText: '20% off', expiresOn: '2026-12-15' },
  products: [
    { name: 'Cup', url: 'https://shop.example.com/p?a=1&b=2', priceCents: 1999, currency: 'USD' },
    { name: 'Pot', url: 'https://shop.example.com/pot', priceCents: 500, currency: 'USD' },
  ],
  unsubscribeUrl: 'https://m.example.com/u/t',
};
const MINE = 'https://m.example/p/mine';
const RIGHT = {
  en: 'You have the right to object to our marketing, and to being profiled for it, at any time and free of charge.',
  zh: '您有权随时免费反对我们的营销，以及为此进行的用户画像。',
} as const;
const rulesOf = async (subject: MailTemplate): Promise<readonly LintRule[]> => [
  ...new Set((await lintMail(subject)).map((found) => found.rule)),
];
const render = async (change: Partial<MailVersion>, context: Partial<MailContext> = {}, lang: 'en' | 'zh' = 'en') =>
  renderMail(await compileMail(template(change)), {
    lang,
    variant: 'personal',
    context: { ...CONTEXT, ...context },
  });

describe('lint', () => {
  it.each<[LintRule, Partial<MailVersion>]>([
    ['unsubscribe_missing', { mjml: GOOD.mjml.replace('{{ unsubscribe_url }}', 'https://x.example') }],
    ['address_missing', { genericMjml: GOOD.genericMjml.replace('{{ brand.address }}', '') }],
    ['variable_unknown', { subject: 'Hi {{ person.nickname }}' }],
    [
      'variable_unknown',
      { mjml: mail('<mj-text>{% for product in products %}{{ product.nmae }}{% endfor %}</mj-text>') },
    ],
    ['variable_unknown', { preheader: '{{ discount }}' }],
    ['does_not_render', { mjml: mail('<mj-text>{% if coupon %}open</mj-text>') }],
    ['does_not_render', { subject: '{{ brand.name | no_such_filter }}' }],
    ['does_not_render', { mjml: 'not MJML at all' }],
    ['mjml_invalid', { mjml: mail('<mj-txt>typo</mj-txt>') }],
    ['generic_missing', { genericMjml: ' ' }],
    ['generic_personal', { genericSubject: 'Hi {{ person.first_name }}' }],
    ['generic_personal', { genericMjml: mail('<mj-text>{% for p in products %}x{% endfor %}</mj-text>') }],
    ['subject_line_break', { subject: 'Hi\nBcc: a@example.com' }],
    ['too_large', { mjml: mail(`<mj-text>${'x'.repeat(CLIP_BYTES)}</mj-text>`) }],
    ['subject_long', { subject: 'long '.repeat(20) }],
    ['objection_added', { genericMjml: GOOD.genericMjml.replace(OBJECT, '') }],
    ['link_insecure', { mjml: mail('<mj-button href="http://shop.example.com">Go</mj-button>') }],
  ])('finds %s', async (rule, change) => {
    expect(await rulesOf(template(change))).toContain(rule);
  });

  it('finds a missing language, as a warning', async () => {
    const found = await lintMail({ ...template(), versions: { en: GOOD } });
    expect(found).toEqual([{ rule: 'language_missing', severity: 'warning', lang: 'zh', detail: 'zh' }]);
  });

  it('has nothing to say about a good template', async () => {
    expect(await rulesOf(template())).toEqual([]);
  });

  it('assertSendable refuses with template_invalid', async () => {
    await expect(assertSendable(template({ genericMjml: '' }))).rejects.toMatchObject({ code: 'template_invalid' });
    await expect(assertSendable(template())).resolves.toBeUndefined();
  });
});

describe('a template from outside', () => {
  it('is refused with the field that is wrong', () => {
    expect(() => parseTemplate({ key: 'x', kind: 'email', versions: { fr: {} } })).toThrow(
      /template_invalid|Template x/,
    );
    expect(() => parseTemplate({ key: 'x', kind: 'email', versions: {} })).toThrow(/at least one language/);
    expect(parseTemplate(template()).key).toBe('test');
  });
});

describe('a template that does not tell of the right to object', () => {
  const silent = { mjml: GOOD.mjml.replace(OBJECT, ''), genericMjml: GOOD.genericMjml.replace(OBJECT, '') };

  it.each(['en', 'zh'] as const)(
    'has it told at its foot in %s, in both parts, once, and not as one of its links',
    async (lang) => {
      const compiled = await compileMail(template(silent));
      for (const variant of ['personal', 'generic'] as const) {
        const out = renderMail(compiled, {
          lang,
          variant,
          context: { ...CONTEXT, preferencesUrl: MINE },
          trackLink: (_url, index) => `https://m.example/c/${index}`,
          openPixelUrl: 'https://m.example/o/1',
        });
        for (const part of [out.html, out.text]) {
          expect(part.split(RIGHT[lang])).toHaveLength(2);
          expect(part.split(`${MINE}#object`)).toHaveLength(2);
        }
        expect(out.html.indexOf(RIGHT[lang])).toBeGreaterThan(out.html.indexOf(CONTEXT.brand.address));
        expect(out.html.indexOf(RIGHT[lang])).toBeLessThan(out.html.indexOf('</body>'));
        expect(out.links).toEqual(['https://shop.example.com']);
      }
    },
  );

  it('is told in the reader’s language where the mail itself is in another', async () => {
    const { en } = template(silent).versions;
    const out = renderMail(await compileMail({ ...template(), versions: { en } }), {
      lang: 'zh',
      variant: 'personal',
      context: CONTEXT,
    });
    expect(out.lang).toBe('en');
    for (const part of [out.html, out.text]) expect(part).toContain(RIGHT.zh);
  });

  it('is told where the template leads there only for some', async () => {
    const some = `{% if coupon %}${OBJECT}{% endif %}`.replaceAll(/<\/?mj-text>/g, '');
    const mjml = GOOD.mjml.replace(OBJECT, `<mj-text>${some}</mj-text>`);
    expect((await render({ mjml })).html).not.toContain(RIGHT.en);
    expect((await render({ mjml }, { coupon: undefined })).html).toContain(RIGHT.en);
  });
});

describe('rendering', () => {
  it.each([undefined, null, '', '   ', 'null', 'undefined', 'N/A', '无', '\r\n'])(
    'never greets a person called %j',
    async (firstName) => {
      const en = await render({}, { person: { firstName } });
      expect(en.subject).toBe('Hi friend');
      expect(en.text).toContain('Dear friend,');
      const zh = await render({}, { person: undefined }, 'zh');
      expect(zh.subject).toBe('Hi 朋友');
    },
  );

  it('keeps a name from becoming a header or markup: what is no name is not greeted', async () => {
    const out = await render({}, { person: { firstName: 'A\r\nBcc: x@example.com <script>alert("1")</script>' } });
    expect(out.subject).toBe('Hi friend');
    for (const part of [out.html, out.text]) {
      expect(part).not.toContain('alert(');
      expect(part).toContain('Dear friend,');
    }
  });

  it('keeps any other value from becoming a header or markup', async () => {
    const [product] = CONTEXT.products!;
    const out = await render(
      { subject: '{{ products[0].name }}', mjml: mail('<mj-text>{{ products[0].name }}</mj-text>') },
      { products: [{ ...product!, name: 'A\r\nBcc: x@example.com <script>alert("1")</script>' }] },
    );
    expect(out.subject).not.toMatch(/[\r\n]/);
    expect(out.html).not.toContain('<script>');
    expect(out.html).toContain('&lt;script&gt;');
    expect(out.text).toContain('<script>');
  });

  it('writes the odd dash of a mail of ASCII as a reference, and leaves Chinese, values and Liquid alone', async () => {
    const words = 'Nothing has changed here but the season, and we have kept your place at the table. '.repeat(3);
    const mjml = mail(`<mj-text>${words} Back — “{{ 'Zoë' }}” {{ person.first_name }}</mj-text>`);
    const plain = await render({ mjml, preheader: 'Come — back' }, { person: { firstName: 'Ann' } });
    expect(plain.html).toContain('Back &#8212; &#8220;Zoë&#8221; Ann');
    expect(plain.html).toContain('Come &#8212; back');
    expect(plain.text).toContain('Back — “Zoë” Ann');
    const chinese = await render(
      { mjml: mail(`<mj-text>${'好久不见，'.repeat(200)}</mj-text>`), preheader: '回来吧' },
      {},
    );
    expect(chinese.html).toContain('好久不见，');
    expect(chinese.html).toContain('回来吧');
  });

  it('has no way around escaping', async () => {
    const out = await render(
      { mjml: mail("<mj-text>{{ '<b>' | raw }} {{ brand.name | raw }}</mj-text>") },
      {
        brand: { ...CONTEXT.brand!, name: '<i>' },
      },
    );
    for (const escaped of ['&lt;b&gt;', '&lt;i&gt;']) expect(out.html).toContain(escaped);
  });

  it('tracks links in both parts under one index, leaves unsubscribe and mailto alone, kills javascript:', async () => {
    const compiled = await compileMail(
      template({
        mjml: mail(
          `<mj-text>{% for product in products %}<a href='{{ product.url }}'>{{ product.name }}</a> {{ product.price_cents | money: product.currency, lang }}{% endfor %} <a href="mailto:a@example.com">m</a> <a href="{{ survey_url }}">s</a></mj-text>`,
        ),
      }),
    );
    const out = renderMail(compiled, {
      lang: 'en',
      variant: 'personal',
      context: { ...CONTEXT, surveyUrl: 'javascript:alert(1)' },
      trackLink: (_url, index) => `https://m.example.com/c/${index}`,
      openPixelUrl: 'https://m.example.com/o/1',
      honeypotUrl: 'https://m.example.com/h/1',
    });
    expect(out.links).toEqual(['https://shop.example.com/p?a=1&b=2', 'https://shop.example.com/pot']);
    for (const part of [out.html, out.text]) {
      expect(part).toContain('https://m.example.com/c/0');
      expect(part).toContain('https://m.example.com/c/1');
      expect(part).not.toContain('shop.example.com/p');
      expect(part).toContain('https://m.example.com/u/t');
      expect(part).not.toContain('javascript:');
      // oxlint-disable-next-line no-control-regex
      expect(part).not.toMatch(/[\u0001\u0002]|lqx/);
    }
    expect(out.html).toContain('mailto:a@example.com');
    expect(out.html).toContain('<img src="https://m.example.com/o/1"');
    expect(out.html).toMatch(/<a href="https:\/\/m\.example\.com\/h\/1"[^>]*display:none/);
    expect(out.text).not.toContain('/h/1');
    expect(out.text).toContain('$19.99');
  });

  it('gives the generic variant neither name nor products', async () => {
    const compiled = await compileMail(
      template({
        genericMjml: mail('<mj-text>{{ person.first_name }} {% for p in products %}{{ p.name }}{% endfor %}</mj-text>'),
      }),
    );
    const out = renderMail(compiled, { lang: 'en', variant: 'generic', context: CONTEXT });
    expect(out.html).not.toMatch(/Mia|Cup/);
  });

  it('writes dates and money as each language does', async () => {
    const mjml = mail(
      '<mj-text>[{{ coupon.expires_on | date_in: lang }}][{{ 123450 | money: "CNY", lang }}]</mj-text>',
    );
    expect((await render({ mjml })).text).toContain('[December 15, 2026][¥1,234.50]');
    expect((await render({ mjml }, {}, 'zh')).text).toContain('[2026年12月15日][¥1,234.50]');
  });

  it('puts the code into an address that may have a query, and leaves it alone without a code', async () => {
    const mjml = mail('<mj-button href="{{ brand.url | with_query: \'coupon\', coupon.code }}">Go</mj-button>');
    const brand = { ...CONTEXT.brand, url: 'https://shop.example.com/?ref=1' };
    expect((await render({ mjml }, { brand })).links).toContain('https://shop.example.com/?ref=1&coupon=BACK1');
    expect((await render({ mjml }, { brand, coupon: undefined })).links).toContain('https://shop.example.com/?ref=1');
  });

  it('stops a runaway loop', async () => {
    const mjml = mail('<mj-text>{% for i in (1..100000000) %}x{% endfor %}</mj-text>');
    await expect(render({ mjml })).rejects.toMatchObject({ code: 'template_invalid' });
  });

  it('cannot read files', async () => {
    await expect(render({ mjml: mail('<mj-text>{% include "/etc/passwd" %}</mj-text>') })).rejects.toMatchObject({
      code: 'template_invalid',
    });
  });

  it('includes no file through MJML either', async () => {
    const out = await render({ mjml: mail('<mj-include path="/etc/passwd" type="html" />') });
    expect(out.html).not.toContain('root:');
  });

  it('escapes what the author wrote in the preheader, and fills it', async () => {
    const out = await render(
      { preheader: 'Tea < 5 & more for {{ person.first_name }}' },
      { person: { firstName: 'M&M' } },
    );
    expect(out.html).toContain('Tea &lt; 5 &amp; more for M&amp;M');
    expect(out.text).not.toContain('Tea');
  });

  it('uses the other language where one is missing', async () => {
    const out = renderMail(await compileMail({ ...template(), versions: { en: GOOD } }), {
      lang: 'zh',
      variant: 'personal',
      context: CONTEXT,
    });
    expect(out.lang).toBe('en');
  });
});

describe('the starter library', () => {
  it.each(STARTER_TEMPLATES)(
    '$key shows no coupon to whom none is given, and no answers while nothing is asked',
    async (starter) => {
      const compiled = await compileMail(starter);
      for (const lang of ['en', 'zh'] as const) {
        const { html, text } = renderMail(compiled, {
          lang,
          variant: 'personal',
          context: { ...CONTEXT, coupon: undefined },
        });
        for (const part of [html, text]) expect(part).not.toMatch(/Your code|您的优惠码|Valid until|有效期至/);
        expect(html).not.toContain('padding:12px 18px');
      }
    },
  );

  it.each(STARTER_TEMPLATES.map((starter) => [starter.key, starter] as const))(
    '%s passes the lint without a word',
    async (_key, starter) => {
      expect(await lintMail(starter)).toEqual([]);
      expect(parseTemplate(starter)).toEqual(starter);
    },
  );

  it.each(STARTER_TEMPLATES.filter((starter) => starter.kind === 'email').map(({ key }) => key))(
    '%s tells of the right to object, in a row of its own, and once',
    async (key) => {
      const compiled = await compileMail(STARTER_TEMPLATES.find((starter) => starter.key === key)!);
      for (const lang of ['en', 'zh'] as const)
        for (const variant of ['personal', 'generic'] as const) {
          const { html, text } = renderMail(compiled, { lang, variant, context: { ...CONTEXT, preferencesUrl: MINE } });
          for (const part of [html, text]) expect(part.split(RIGHT[lang])).toHaveLength(2);
          const row = html.split(/<td/).find((cell) => cell.includes(RIGHT[lang]))!;
          expect(row).toContain(`"${MINE}#object"`);
          // Apart from every other word (GDPR 21(4)): neither address nor unsubscribe stands in its row.
          expect(row).not.toContain(CONTEXT.unsubscribeUrl);
          expect(row).not.toContain(CONTEXT.brand.address);
        }
    },
  );

  it('asks for an answer only where one can be given', async () => {
    const asks = /ten seconds|one question|十秒|一个问题/i;
    const surveyOptions = [{ label: { en: 'Too dear', zh: '太贵' }, url: 'https://m.example.com/s/1' }];
    const questions = STARTER_LIBRARY.filter(({ key }) => key.includes('question'));
    expect(questions.map(({ kind }) => kind).toSorted()).toEqual(['email', 'push', 'sms']);
    for (const starter of questions) {
      const compiled = await compileTemplate(starter);
      for (const lang of ['en', 'zh'] as const)
        for (const variant of ['personal', 'generic'] as const) {
          const said = (context: MailContext): string =>
            JSON.stringify(renderTemplate(compiled, { lang, variant, context }));
          expect(said(CONTEXT)).not.toMatch(asks);
          expect(said({ ...CONTEXT, surveyUrl: 'https://m.example.com/s', surveyOptions })).toMatch(asks);
        }
    }
  });

  it('tells what limits a coupon wherever it tells the coupon', async () => {
    const limited = { code: 'BACK1', amountText: '20% off', conditions: '$30.00 at most' };
    for (const starter of STARTER_LIBRARY) {
      const compiled = await compileTemplate(starter);
      for (const lang of ['en', 'zh'] as const)
        for (const variant of ['personal', 'generic'] as const) {
          const out = renderTemplate(compiled, { lang, variant, context: { ...CONTEXT, coupon: limited } });
          const parts = out.kind === 'email' ? [out.html, out.text] : [JSON.stringify(out.fields)];
          for (const part of parts)
            expect([starter.key, part.includes('$30.00 at most')]).toEqual([starter.key, part.includes('20% off')]);
        }
    }
  });

  it('can be read: 4.5 to 1 between every colour of words and what is behind it (WCAG 2.2, 1.4.3)', () => {
    const luminance = (hex: string): number => {
      const [r, g, b] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const contrast = (one: string, other: string): number => {
      const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
      return (light! + 0.05) / (dark! + 0.05);
    };
    // The formula against its own extremes: black on white is 21.
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    for (const [key, { ground, card, ink, soft, accent, gift, dark }] of Object.entries(LOOKS)) {
      const onGround = key === 'offer' ? ['#ffffff', '#cfe0de'] : [ink, soft];
      const onCard = (look: typeof dark) => [look.ink, look.soft, look.accent].flatMap((color) => [[color, look.card], [color, look.gift]]); // prettier-ignore
      const pairs = [
        ...onCard(dark),
        [dark.ink, dark.ground],
        [dark.soft, dark.ground],
        ...[ink, soft, accent].flatMap((color) => [[color, card], [color, gift]]),
        ['#ffffff', accent],
        ...onGround.map((color) => [color, ground]),
      ]; // prettier-ignore
      for (const [color, behind] of pairs)
        expect(contrast(color!, behind!), `${key}: ${color} on ${behind}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('reads well with nothing known but the brand', async () => {
    for (const starter of STARTER_TEMPLATES) {
      const compiled = await compileMail(starter);
      for (const lang of ['en', 'zh'] as const) {
        for (const variant of ['personal', 'generic'] as const) {
          const { brand, unsubscribeUrl } = CONTEXT;
          const out = renderMail(compiled, { lang, variant, context: { brand, unsubscribeUrl } });
          expect(`${out.subject}\n${out.html}\n${out.text}`).not.toMatch(/null|undefined|NaN|\{\{|\{%| ,|，，|lqx/);
          expect(out.text).toContain('1 Lane');
        }
      }
    }
  });
});
