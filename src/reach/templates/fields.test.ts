// Templates of plain fields: what the lint finds, what people read, and what is ready on the first day.
import { describe, expect, it } from 'vitest';
import type { MailContext } from './context.ts';
import { textsOf } from './fields.ts';
import { assertSendable, compileTemplate, lintTemplate, renderTemplate } from './kinds.ts';
import type { LintRule } from './lint.ts';
import { STARTER_LABELS } from './starter-labels.ts';
import { STARTER_LIBRARY } from './starter-library.ts';
import { parseTemplate, type Template } from './template.ts';

const CONTEXT: MailContext = {
  person: { firstName: 'Mia' },
  brand: { name: 'Fern', address: '1 Lane', url: 'https://shop.example.com' },
  unsubscribeUrl: 'https://m.example.com/u/t',
};
const of = (kind: string, fields: object, generic: object = fields): Template =>
  parseTemplate({ key: 't', kind, versions: { en: { personal: fields, generic }, zh: { personal: fields, generic } } });
const rulesOf = async (template: Template): Promise<readonly LintRule[]> => [
  ...new Set((await lintTemplate(template)).map(({ rule }) => rule)),
];
const render = async (template: Template, context: Partial<MailContext> = {}, lang: 'en' | 'zh' = 'en') =>
  renderTemplate(await compileTemplate(template), { lang, variant: 'personal', context: { ...CONTEXT, ...context } });

describe('lint', () => {
  const push = { title: 'Hello', body: 'There' };
  const card = { title: 'Hello', body: 'There' };
  it.each<[LintRule, Template]>([
    ['sms_brackets', of('sms', { text: '【店】好久不见' })],
    ['sms_segments', of('sms', { text: '好'.repeat(60) })],
    ['sms_too_long', of('sms', { text: 'long '.repeat(100) })],
    ['variable_unknown', of('sms', { text: 'Hi {{ person.nickname }}' })],
    ['generic_personal', of('sms', { text: 'Hi {{ person.first_name }}' })],
    ['text_empty', of('sms', { text: '{% if coupon.code == "x" %}y{% endif %}' })],
    ['does_not_render', of('sms', { text: '{% for i in (1..100000000) %}x{% endfor %}' })],
    ['does_not_render', of('sms', { text: '{% if coupon %}open' })],
    ['push_long', of('push', { ...push, body: 'long '.repeat(60) })],
    ['link_insecure', of('push', { ...push, url: 'http://shop.example.com' })],
    ['wechat_slot_long', of('wechat', { wechatTemplateId: 'w', data: { thing1: '二十一个字'.repeat(5) } })],
    ['popup_fake_button', of('in_app', { ...card, buttons: [{ label: '关闭', url: 'https://shop.example.com' }] })],
    ['popup_countdown', of('in_app', { ...card, layout: 'splash', closeAfterSeconds: 5 })],
  ])('finds %s', async (rule, template) => {
    expect(await rulesOf(template)).toContain(rule);
  });

  it('has nothing to say about good ones, and refuses the others by name', async () => {
    expect(await rulesOf(of('sms', { text: '好久不见' }))).toEqual([]);
    await expect(assertSendable(of('sms', { text: '【店】' }))).rejects.toMatchObject({ code: 'template_invalid' });
  });

  it('names what makes a text expensive', async () => {
    // 87 characters, "Sample: " before and " Reply STOP to opt out" behind: 117, which is two parts of 67.
    const found = await lintTemplate(of('sms', { text: `${'a'.repeat(80)} “nice”` }));
    expect(found.find(({ lang }) => lang === 'en')).toMatchObject({ rule: 'sms_segments' });
    expect(found.find(({ lang }) => lang === 'en')!.detail).toMatch(/→ 2, “ ”$/);
  });
});

describe('rendering', () => {
  it.each([undefined, null, '', 'null', 'N/A', '无'])('never greets a person called %j', async (firstName) => {
    const template = of('push', { title: 'Hi {{ person.first_name }}', body: 'x' });
    expect(await render(template, { person: { firstName } })).toMatchObject({ fields: { title: 'Hi friend' } });
    expect(await render(template, { person: { firstName } }, 'zh')).toMatchObject({ fields: { title: 'Hi 朋友' } });
  });

  it('keeps a title on one line and a name in its place', async () => {
    const template = of('push', { title: '{{ person.first_name }}', body: 'x', url: '{{ person.first_name }}' });
    const { fields } = (await render(template, { person: { firstName: 'A\r\njavascript:alert(1)' } })) as {
      fields: { title: string; url: string };
    };
    expect(fields.title).toBe('A javascript:alert(1)');
    expect(fields.url).toBe('#');
  });

  it('writes a whole name as each language does', async () => {
    const template = of('sms', { text: '{{ person.full_name }}' });
    const person = { firstName: '小雨', lastName: '林' };
    expect(await render(template, { person }, 'zh')).toMatchObject({ fields: { text: '林小雨' } });
    expect(await render(template, { person: { firstName: 'Mia', lastName: 'Wong' } })).toMatchObject({
      fields: { text: 'Mia Wong' },
    });
  });

  it('tracks the links of a text, once each, and stops where Chinese marks begin', async () => {
    const compiled = await compileTemplate(of('sms', { text: '看看：https://a.example/x，再来https://a.example/x。' }));
    const out = renderTemplate(compiled, {
      lang: 'zh',
      variant: 'personal',
      context: CONTEXT,
      trackLink: (_url, index) => `https://m.example/c/${index}`,
    });
    expect(out).toMatchObject({
      links: ['https://a.example/x'],
      fields: { text: '看看：https://m.example/c/0，再来https://m.example/c/0。' },
    });
  });

  it('stops a runaway loop at send time, too', async () => {
    const compiled = await compileTemplate(of('sms', { text: '{% for i in (1..100000000) %}x{% endfor %}' }));
    const request = { lang: 'en', variant: 'personal', context: CONTEXT } as const;
    expect(() => renderTemplate(compiled, request)).toThrow(/limit|memory/i);
  });
});

describe('the starter library', () => {
  it('has a name for each of its templates and for no other', () =>
    expect(Object.keys(STARTER_LABELS).toSorted()).toEqual(STARTER_LIBRARY.map(({ key }) => key).toSorted()));

  it.each(STARTER_LIBRARY.map((starter) => [starter.key, starter] as const))(
    '%s passes the lint without an error, and reads back as it is',
    async (_key, starter) => {
      const errors = (await lintTemplate(starter)).filter(({ severity }) => severity === 'error');
      expect(errors).toEqual([]);
      expect(parseTemplate(starter)).toEqual(starter);
    },
  );

  it('has the three styles for mail, SMS and push, and two in-app messages, in both languages', () => {
    const styles = ['nostalgic', 'offer', 'question'];
    expect(STARTER_LIBRARY.map(({ key }) => key)).toEqual([
      ...styles,
      ...styles.map((style) => `sms-${style}`),
      ...styles.map((style) => `push-${style}`),
      'in-app-welcome',
      'in-app-browsed',
      'confirm-sign-up',
      're-permission',
    ]);
    for (const { versions } of STARTER_LIBRARY) expect([versions.en, versions.zh]).not.toContain(undefined);
  });

  it('reads well with nothing known but the brand', async () => {
    for (const starter of STARTER_LIBRARY) {
      if (starter.kind === 'email') continue;
      for (const lang of ['en', 'zh'] as const) {
        const out = await render(starter, { person: undefined }, lang);
        const texts = 'fields' in out ? textsOf(out.fields).map(({ text }) => text) : [];
        expect(texts.join('\n')).not.toMatch(/null|undefined|NaN|\{\{|\{%| ,|，，/);
        expect(texts).not.toContain('');
      }
    }
  });
});
