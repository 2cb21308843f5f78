// May this SMS, push, in-app, WeChat or webhook template be used? The rules all of them share, and each kind's own.
import { compileFields, renderFields, textsOf } from './fields.ts';
import { finding, isPersonal, SAMPLE, unknownVariables, wordsOf, type LintFinding, type Place } from './lint.ts';
import { LANGUAGES, VARIANTS, type FieldKind, type FieldsOf, type FieldTemplate } from './template.ts';

/** What is wrong with rendered fields, beside what is wrong with any template. */
export type FieldRules<Kind extends FieldKind> = (fields: FieldsOf<Kind>, place: Place) => readonly LintFinding[];

/** Everything wrong with a template of plain fields, in the order of its languages. */
export function lintFields<Kind extends FieldKind>(
  template: FieldTemplate<Kind>,
  rules: FieldRules<Kind>,
): LintFinding[] {
  const found: LintFinding[] = [];
  for (const lang of LANGUAGES) {
    const version = template.versions[lang];
    if (version === undefined) {
      found.push(finding('language_missing', lang, { lang }));
      continue;
    }
    for (const variant of VARIANTS) {
      const place = { lang, variant };
      const source = textsOf(version[variant])
        .map(({ text }) => text)
        .join('\n');
      try {
        found.push(...unknownVariables(source).map((name) => finding('variable_unknown', name, place)));
        if (variant === 'generic' && isPersonal(source)) found.push(finding('generic_personal', '', place));
        const rendered = renderFields(compileFields(template), { lang, variant, context: SAMPLE });
        const empty = textsOf(rendered.fields).filter(({ text }) => text === '');
        found.push(...empty.map(({ path }) => finding('text_empty', path, place)));
        const insecure = rendered.links.find((url) => url.startsWith('http://'));
        if (insecure !== undefined) found.push(finding('link_insecure', insecure, place));
        found.push(...rules(rendered.fields, place));
      } catch (error) {
        found.push(finding('does_not_render', wordsOf(error), place));
      }
    }
  }
  return found;
}
