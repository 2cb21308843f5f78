// The template that is being edited: reading and changing one of its texts, what a new one begins with, and what is left out when saved. Pure.
import type { TemplateBody, TemplateKind, TemplateVariant } from '../../../../src/http/contract/templates.ts';
import type { Language } from '../../words/language.ts';

type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at `frequency.shows`. */
export function valueAt(tree: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return tree;
  return isTree(tree) ? valueAt(tree[name], rest) : undefined;
}

/** The text of that name; '' where there is none. */
export function textAt(tree: unknown, name: string): string {
  const value = valueAt(tree, [name]);
  return typeof value === 'string' ? value : '';
}

/** A copy with the value at the path; undefined takes it out. */
export function withValue(tree: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const { [name]: before, ...others } = isTree(tree) ? tree : {};
  const after = withValue(before, rest, value);
  return after === undefined ? others : { ...(isTree(tree) ? tree : {}), [name]: after };
}

/** Where the fields of a variant stand: a mail has the generic ones beside the others, under names of their own. */
export const rootOf = (kind: TemplateKind, lang: Language, variant: TemplateVariant): readonly string[] =>
  kind === 'email' ? ['versions', lang] : ['versions', lang, variant];

const MAIL = `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text font-size="20px"></mj-text>
        <mj-button href="{{ brand.url }}"></mj-button>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text font-size="12px" color="#666666">{{ brand.name }} · {{ brand.address }} · <a href="{{ unsubscribe_url }}">{{ unsubscribe_url }}</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`;

const BLANK: Readonly<Record<TemplateKind, () => Tree>> = {
  email: () => ({ subject: '', preheader: '', mjml: MAIL, genericSubject: '', genericMjml: MAIL }),
  sms: () => both({ text: '' }),
  push: () => both({ title: '', body: '', url: '{{ brand.url }}' }),
  in_app: () =>
    both({
      layout: 'card',
      title: '',
      body: '',
      closable: true,
      closeAfterSeconds: 0,
      repeats: false,
      adLabel: true,
      moment: 'open',
      frequency: { shows: 3, everyHours: 12 },
    }),
  wechat: () => both({ text: '' }),
  webhook: () => both({ event: '', data: {} }),
};
const both = (fields: Tree): Tree => ({ personal: fields, generic: fields });

export const blankVersion = (kind: TemplateKind): Tree => BLANK[kind]();

export const blankTemplate = (kind: TemplateKind, lang: Language): TemplateBody => ({
  key: '',
  kind,
  versions: { [lang]: blankVersion(kind) },
});

/** A text that may be absent and is empty is absent: the server takes no empty link. */
const OPTIONAL = new Set(['url', 'imageUrl', 'surveyUrl', 'page', 'preheader', 'providerTemplates', 'buttons']);

export function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, item]) => [name, tidy(item)] as const)
      .filter(([name, item]) => !OPTIONAL.has(name) || !isEmpty(item)),
  );
}
const isEmpty = (value: unknown): boolean =>
  value === '' || value === undefined || (Array.isArray(value) && value.length === 0);

export const tidied = (template: TemplateBody): TemplateBody => tidy(template) as TemplateBody;
