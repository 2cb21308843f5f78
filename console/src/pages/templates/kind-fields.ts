// Which fields does a kind of template have, and which of them is a finding about? One table of kinds.
import type {
  TemplateBody,
  TemplateFinding,
  TemplateKind,
  TemplateVariant,
} from '../../../../src/http/contract/templates.ts';
import type { Language } from '../../words/language.ts';
import { isTree, rootOf, valueAt, withValue } from './template-state.ts';

export type FieldName =
  | 'subject'
  | 'preheader'
  | 'mjml'
  | 'text'
  | 'providerTemplates'
  | 'title'
  | 'body'
  | 'url'
  | 'imageUrl'
  | 'buttons'
  | 'urgency'
  | 'layout'
  | 'moment'
  | 'closable'
  | 'adLabel'
  | 'repeats'
  | 'closeAfterSeconds'
  | 'shows'
  | 'everyHours'
  | 'surveyUrl'
  | 'wechatForm'
  | 'wechatTemplateId'
  | 'page'
  | 'data'
  | 'event';

export type Field = {
  readonly name: FieldName;
  readonly path: readonly string[];
  readonly input:
    | 'line'
    | 'long'
    | 'code'
    | 'number'
    | 'switch'
    | 'buttons'
    | 'pairs'
    | 'provider_templates'
    | 'wechat_form'
    | 'choice';
  readonly options?: readonly string[];
  readonly max?: number;
  /** Half a row. */
  readonly isNarrow?: boolean;
};

const of = (name: FieldName, input: Field['input'], more: Partial<Omit<Field, 'name' | 'input'>> = {}): Field => ({
  name,
  path: [name],
  input,
  ...more,
});

const BUTTONS = of('buttons', 'buttons');
const IN_APP: readonly Field[] = [
  of('layout', 'choice', { options: ['banner', 'card', 'modal', 'splash'], isNarrow: true }),
  of('moment', 'choice', { options: ['open', 'welcome_back'], isNarrow: true }),
  of('title', 'line'),
  of('body', 'long'),
  of('imageUrl', 'line'),
  BUTTONS,
  of('surveyUrl', 'line'),
  of('shows', 'number', { path: ['frequency', 'shows'], max: 20, isNarrow: true }),
  of('everyHours', 'number', { path: ['frequency', 'everyHours'], max: 720, isNarrow: true }),
  of('closeAfterSeconds', 'number', { max: 60, isNarrow: true }),
  of('closable', 'switch', { isNarrow: true }),
  of('adLabel', 'switch', { isNarrow: true }),
  of('repeats', 'switch', { isNarrow: true }),
];
const PUSH: readonly Field[] = [
  of('title', 'line'),
  of('body', 'long'),
  of('url', 'line'),
  of('imageUrl', 'line'),
  BUTTONS,
  of('urgency', 'choice', { options: ['low', 'normal', 'high'], isNarrow: true }),
];

/** The fields of a variant. A WeChat message is either a filed template with its slots, or free text. */
export function fieldsOf(kind: TemplateKind, variant: TemplateVariant, values: unknown): readonly Field[] {
  switch (kind) {
    case 'email':
      return variant === 'personal'
        ? [of('subject', 'line'), of('preheader', 'line'), of('mjml', 'code')]
        : [
            of('subject', 'line', { path: ['genericSubject'] }),
            of('preheader', 'line'),
            of('mjml', 'code', { path: ['genericMjml'] }),
          ];
    case 'sms':
      return [of('text', 'long'), of('providerTemplates', 'provider_templates')];
    case 'push':
      return PUSH;
    case 'in_app':
      return IN_APP;
    case 'wechat':
      return valueAt(values, ['text']) === undefined
        ? [
            of('wechatForm', 'wechat_form', { path: [] }),
            of('wechatTemplateId', 'line'),
            of('data', 'pairs'),
            of('page', 'line'),
            of('url', 'line'),
          ]
        : [of('wechatForm', 'wechat_form', { path: [] }), of('text', 'long'), of('url', 'line')];
    case 'webhook':
      return [of('event', 'line'), of('data', 'pairs')];
  }
}

const OF_RULE: Readonly<Record<string, FieldName>> = {
  subject_line_break: 'subject',
  subject_empty: 'subject',
  subject_long: 'subject',
  popup_not_closable: 'closable',
  popup_countdown: 'closeAfterSeconds',
  popup_repeats: 'repeats',
  popup_fake_button: 'buttons',
  ad_label_missing: 'adLabel',
  wechat_slot_long: 'data',
};
/** Where most of the words stand, for what is about the whole. */
const MAIN: Readonly<Record<TemplateKind, FieldName>> = {
  email: 'mjml',
  sms: 'text',
  push: 'title',
  in_app: 'title',
  wechat: 'text',
  webhook: 'data',
};

/** The field that a finding stands beside. */
export function fieldOf(
  kind: TemplateKind,
  found: TemplateFinding,
  fields: readonly Field[],
  values: unknown,
): FieldName {
  const named = OF_RULE[found.rule];
  if (named !== undefined) return named;
  const inPath = fields.find(
    (field) => field.path.join('.') === found.detail.split('.').slice(0, field.path.length).join('.'),
  );
  if (inPath !== undefined && inPath.path.length > 0) return inPath.name;
  if (found.rule === 'variable_unknown' || found.rule === 'link_insecure') {
    const holder = fields.find(
      (field) => field.path.length > 0 && JSON.stringify(valueAt(values, field.path) ?? '').includes(found.detail),
    );
    if (holder !== undefined) return holder.name;
  }
  const main = MAIN[kind];
  return fields.some((field) => field.name === main) ? main : (fields.at(-1)?.name ?? main);
}

const MAY_BE_EMPTY = new Set<FieldName>(['preheader', 'url', 'imageUrl', 'surveyUrl', 'page', 'urgency', 'wechatForm']);

function isMissing(field: Field, value: unknown): boolean {
  switch (field.input) {
    case 'line':
    case 'long':
    case 'code':
      return !MAY_BE_EMPTY.has(field.name) && (value === undefined || value === '');
    case 'buttons':
      return (
        Array.isArray(value) &&
        value.some((button) => isTree(button) && (button['label'] === '' || button['url'] === ''))
      );
    case 'pairs':
      return isTree(value) && '' in value;
    case 'provider_templates':
      return (
        isTree(value) &&
        Object.values(value).some(
          (entry) => isTree(entry) && (entry['id'] === '' || '' in ((entry['params'] ?? {}) as object)),
        )
      );
    case 'number':
    case 'switch':
    case 'choice':
    case 'wechat_form':
      return false;
  }
}

export type Missing = { readonly lang: Language; readonly variant: TemplateVariant; readonly name: FieldName };

/** What has to be written before the server can read the template. */
export const missingIn = (template: TemplateBody): readonly Missing[] =>
  (['en', 'zh'] as const)
    .filter((lang) => template.versions[lang] !== undefined)
    .flatMap((lang) =>
      (['personal', 'generic'] as const).flatMap((variant) => {
        const values = valueAt(template, rootOf(template.kind, lang, variant));
        return fieldsOf(template.kind, variant, values)
          .filter((field) => isMissing(field, valueAt(values, field.path)))
          .map(({ name }) => ({ lang, variant, name }));
      }),
    );

/** The template as far as it can be shown in one variant: what the other one lacks is taken from it. Undefined while the variant itself is not whole. */
export function showable(template: TemplateBody, lang: Language, variant: TemplateVariant): TemplateBody | undefined {
  const version = template.versions[lang];
  const missing = missingIn(template).filter((each) => each.lang === lang);
  if (version === undefined || missing.some((each) => each.variant === variant)) return undefined;
  const alone = { ...template, key: template.key === '' ? 'new' : template.key, versions: { [lang]: version } };
  if (missing.length === 0) return alone;
  const other = variant === 'personal' ? 'generic' : 'personal';
  const values = valueAt(template, rootOf(template.kind, lang, variant));
  return fieldsOf(template.kind, variant, values).reduce<TemplateBody>((whole, field) => {
    const there = fieldsOf(template.kind, other, values).find(({ name }) => name === field.name);
    return there === undefined || field.path.length === 0
      ? whole
      : (withValue(
          whole,
          [...rootOf(template.kind, lang, other), ...there.path],
          valueAt(values, field.path),
        ) as TemplateBody);
  }, alone);
}
