// What can be done with a template, whatever it is for: one table of kinds, each with its label, how it is compiled, rendered and linted.
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import type { TemplateKind } from '../channels/channels.ts';
import { compileMail, type CompiledMail } from './compile.ts';
import { lintFields, type FieldRules } from './fields-lint.ts';
import { lintPush, lintSms, lintWechat } from './field-rules.ts';
import { compileFields, renderFields, type CompiledFields, type RenderedFields } from './fields.ts';
import { lintInApp } from './in-app-rules.ts';
import { lintMail, lintText, type LintFinding } from './lint.ts';
import { renderMail, type RenderedMail, type RenderRequest } from './render.ts';
import type { FieldKind, FieldTemplate, Template } from './template.ts';

type AllCompiled = { readonly email: CompiledMail } & { readonly [Kind in FieldKind]: CompiledFields<Kind> };
type AllRendered = { readonly email: RenderedMail } & { readonly [Kind in FieldKind]: RenderedFields<Kind> };

export type CompiledTemplate = AllCompiled[TemplateKind];

type KindEntry<Kind extends TemplateKind> = {
  readonly compile: (template: Template<Kind>) => Promise<AllCompiled[Kind]>;
  readonly render: (compiled: AllCompiled[Kind], request: RenderRequest) => AllRendered[Kind];
  readonly lint: (template: Template<Kind>) => Promise<readonly LintFinding[]>;
} & Text;

const fieldKind = <Kind extends FieldKind>(label: Text, rules: FieldRules<Kind> = () => []) => ({
  ...label,
  compile: (template: FieldTemplate<Kind>): Promise<CompiledFields<Kind>> =>
    new Promise((resolve) => resolve(compileFields(template))),
  render: (compiled: CompiledFields<Kind>, request: RenderRequest): RenderedFields<Kind> =>
    renderFields(compiled, request),
  lint: (template: FieldTemplate<Kind>): Promise<readonly LintFinding[]> =>
    Promise.resolve(lintFields(template, rules)),
});

const KINDS: { readonly [Kind in TemplateKind]: KindEntry<Kind> } = {
  email: { en: 'Mail', zh: '邮件', compile: compileMail, render: renderMail, lint: lintMail },
  sms: fieldKind<'sms'>({ en: 'SMS', zh: '短信' }, lintSms),
  push: fieldKind<'push'>({ en: 'Push notification', zh: '推送通知' }, lintPush),
  in_app: fieldKind<'in_app'>({ en: 'In-app message', zh: '站内消息' }, lintInApp),
  wechat: fieldKind<'wechat'>({ en: 'WeChat message', zh: '微信消息' }, lintWechat),
  webhook: fieldKind<'webhook'>({ en: 'Webhook call', zh: 'Webhook 调用' }),
};

/** The table's entry of one kind; the compiler follows a kind through it only while it is a type parameter. */
const entryOf = <Kind extends TemplateKind>(kind: Kind): KindEntry<Kind> => KINDS[kind];

export const kindLabel = (kind: TemplateKind): Text => ({ en: KINDS[kind].en, zh: KINDS[kind].zh });

/** Compiles every language and both variants. Throws `template_invalid` when MJML or Liquid refuses. */
export const compileTemplate = <Kind extends TemplateKind>(template: Template<Kind>): Promise<AllCompiled[Kind]> =>
  entryOf<Kind>(template.kind).compile(template);

/** What one person receives. Throws `template_invalid`. */
export const renderTemplate = <Kind extends TemplateKind>(
  compiled: AllCompiled[Kind] & { readonly kind: Kind },
  request: RenderRequest,
): AllRendered[Kind] => entryOf<Kind>(compiled.kind).render(compiled, request);

/** Everything wrong with a template, in the order of its languages. */
export const lintTemplate = <Kind extends TemplateKind>(template: Template<Kind>): Promise<readonly LintFinding[]> =>
  entryOf<Kind>(template.kind).lint(template);

/** Throws `template_invalid` with the first error; warnings pass. */
export async function assertSendable(template: Template): Promise<void> {
  const first = (await lintTemplate(template)).find((found) => found.severity === 'error');
  if (first)
    throw new RekindleError('template_invalid', {
      template: template.key,
      what: { en: lintText(first, 'en'), zh: lintText(first, 'zh') },
    });
}
