// One case per rule of the law on what pops up; the way a template is written decides, not how it would be shown.
import { expect, it } from 'vitest';
import { RekindleError } from '../../kernel/errors.ts';
import { assertSendable, lintTemplate } from './kinds.ts';
import { parseTemplate } from './template.ts';

const template = (fields: object) => {
  const words = { title: 'Welcome back', body: 'Come and see', ...fields };
  const version = { personal: words, generic: words };
  return parseTemplate({ key: 'pop', kind: 'in_app', versions: { en: version, zh: version } });
};
const SURVEY = { surveyUrl: '{{ survey_url }}' };

it.each([
  ['a plain one', {}, []],
  ['no close sign', { closable: false }, ['popup_not_closable']],
  ['a countdown', { closeAfterSeconds: 5 }, ['popup_countdown']],
  ['one that comes back', { repeats: true }, ['popup_repeats']],
  ['an advertisement without its label', { adLabel: false }, ['ad_label_missing']],
  ['a question without a label', { ...SURVEY, adLabel: false }, []],
  [
    'a question that sells',
    { ...SURVEY, adLabel: false, buttons: [{ label: 'Buy', url: '{{ brand.url }}' }] },
    ['ad_label_missing'],
  ],
])('finds what is wrong with %s', async (_, fields, rules) => {
  const found = await lintTemplate(template(fields));
  expect([...new Set(found.map(({ rule }) => rule))]).toEqual(rules);
  const refusal = await assertSendable(template(fields)).then(
    () => undefined,
    (error: unknown) => (error instanceof RekindleError ? error.code : String(error)),
  );
  expect(refusal).toBe(rules.length === 0 ? undefined : 'template_invalid');
});

it('shows so often and with such a pause unless told otherwise', () => {
  const parsed = template({});
  if (parsed.kind !== 'in_app') throw new Error('parsed as another kind');
  const { frequency, moment, layout } = parsed.versions.en!.personal;
  expect({ frequency, moment, layout }).toEqual({
    frequency: { shows: 3, everyHours: 12 },
    moment: 'open',
    layout: 'card',
  });
});
