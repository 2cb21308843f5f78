// The editor: texts by language and variant on one side, how they look to somebody on the other, what is wrong beside the field.
import { Alert, App, Button, Input, Segmented, Typography } from 'antd';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import type { TemplateBody, TemplateFinding, TemplateVariant } from '../../../../src/http/contract/templates.ts';
import type { Answer } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { ConflictNotice } from '../../form/conflict-notice.tsx';
import { useDraft } from '../../form/draft.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage, useShared, type Language } from '../../words/language.ts';
import { FieldsForm, FindingLines } from './fields-form.tsx';
import { missingIn, showable } from './kind-fields.ts';
import { Preview } from './preview.tsx';
import { blankVersion, rootOf, tidied, valueAt, withValue } from './template-state.ts';
import { TestSend } from './test-send.tsx';
import { useLater } from '../../form/use-later.ts';
import { Versions } from './versions.tsx';
import { useWords } from './words.ts';

type Saved = Answer<'GET /templates/{templateId}'>;
type Kept = { readonly base: number; readonly template: TemplateBody };

type TemplateEditorProps = {
  readonly saved: Saved | undefined;
  /** What the editor begins with. */
  readonly blank: TemplateBody;
  readonly reload: (() => Promise<Saved | undefined>) | undefined;
};

const LANGUAGES = ['en', 'zh'] as const;
const SIDES = [...LANGUAGES, 'both'] as const;
const VARIANTS = ['personal', 'generic'] as const;
const CHECK_AFTER_MS = 500;

export function TemplateEditor({ saved, blank, reload }: TemplateEditorProps) {
  const say = useWords();
  const shared = useShared();
  const format = useFormat();
  const language = useLanguage();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const isLocked = !useMay()('templates.write');
  const draft = useDraft<Kept>(`template:${saved?.templateId ?? `new-${blank.kind}`}`);
  const [{ base, template }, setState] = useState<Kept>(
    () => draft.found?.value ?? { base: saved?.version ?? 0, template: blank },
  );
  const [lang, setLang] = useState<Language>(() =>
    template.versions[language] === undefined ? (language === 'en' ? 'zh' : 'en') : language,
  );
  const [isBoth, setBoth] = useState(false);
  const [variant, setVariant] = useState<TemplateVariant>('personal');
  const [isTesting, setTesting] = useState(false);
  const save = useAct('PUT /templates/{templateId}', ['GET /templates']);
  const known = useApi('GET /templates');
  const body = useMemo(() => tidied(template), [template]);
  const checked = useLater(body, CHECK_AFTER_MS);
  const { findings, problem } = useFindings(checked);
  const change = (next: TemplateBody): void => {
    setState({ base, template: next });
    draft.keep({ base, template: next });
  };
  const restart = (next: Kept): void => {
    draft.drop();
    save.reset();
    setState(next);
  };
  const isNew = saved === undefined;
  const isKeyTaken = isNew && known.data?.templates.some(({ templateId }) => templateId === template.key) === true;
  const isKeyFine = /^[a-z0-9][a-z0-9_-]{0,63}$/.test(template.key) && !isKeyTaken;
  const submit = (ifMatch: string | undefined): void =>
    save.mutate(
      { params: { templateId: template.key }, body, ...(ifMatch === undefined ? {} : { ifMatch }) },
      {
        onSuccess: ({ version }) => {
          restart({ base: version, template });
          void message.success(say('saved_as', { version }));
          if (isNew) void navigate(`/templates/${template.key}`, { replace: true });
          else void reload?.();
        },
      },
    );
  const shown = isBoth ? LANGUAGES : ([lang] as const);
  const findingsOf = (each: Language): readonly TemplateFinding[] =>
    findings.filter((found) => (found.lang ?? lang) === each && (found.variant ?? variant) === variant);
  const here = shown.flatMap(findingsOf);
  const elsewhere = findings.filter(
    (found) => !here.includes(found) && template.versions[found.lang ?? lang] !== undefined,
  );
  const hasErrors = findings.some((found) => found.severity === 'error');
  return (
    <>
      {draft.found === undefined ? null : (
        <Alert
          type="info"
          showIcon
          title={shared('draft_restored', { when: format.instant(draft.found.at) })}
          action={
            <Button size="small" onClick={() => restart({ base: saved?.version ?? 0, template: blank })}>
              {shared('draft_discard')}
            </Button>
          }
        />
      )}
      {save.error === null ? null : save.error.code === 'changed_elsewhere' && reload !== undefined ? (
        <ConflictNotice
          onLoad={() =>
            void (async () => {
              const now = await reload();
              if (now !== undefined) restart({ base: now.version, template: now.template });
            })()
          }
          onOverwrite={() => submit(undefined)}
        />
      ) : (
        <Alert type="error" showIcon title={save.error.message} />
      )}
      <div className={isBoth ? 'templates-editor templates-editor-both' : 'templates-editor'}>
        <Section
          title={isNew ? say('texts') : say('texts_version', { version: base })}
          actions={
            <span className="templates-switches">
              <Segmented
                aria-label={say('language')}
                value={isBoth ? 'both' : lang}
                onChange={(next: (typeof SIDES)[number]) => {
                  setBoth(next === 'both');
                  if (next !== 'both') setLang(next);
                }}
                options={SIDES.map((each) => ({ value: each, label: say(`lang_${each}`) }))}
              />
              <Segmented
                aria-label={say('variant')}
                value={variant}
                onChange={setVariant}
                options={VARIANTS.map((each) => ({ value: each, label: say(`variant_${each}`) }))}
              />
            </span>
          }
        >
          {isNew ? (
            <div className="templates-field templates-key">
              <label htmlFor="template-key">{say('key')}</label>
              <Input
                id="template-key"
                value={template.key}
                maxLength={64}
                {...(template.key === '' || isKeyFine ? {} : { status: 'error' as const })}
                onChange={(event) => change({ ...template, key: event.target.value.trim().toLowerCase() })}
              />
              <p className="muted">{isKeyTaken ? say('key_taken') : say('key_help')}</p>
            </div>
          ) : null}
          <p className="muted templates-variant-note">{say(`variant_${variant}_text`)}</p>
          <div className={isBoth ? 'templates-both' : ''}>
            {shown.map((each) => (
              <Texts
                key={`${each} ${variant}`}
                template={template}
                lang={each}
                variant={variant}
                isHeaded={isBoth}
                findings={findingsOf(each)}
                isLocked={isLocked}
                change={change}
              />
            ))}
          </div>
          {problem === undefined ? null : <Alert type="warning" showIcon title={problem} className="templates-after" />}
          {elsewhere.length === 0 ? null : (
            <div className="templates-after">
              <h3>{say('elsewhere')}</h3>
              {[...Map.groupBy(elsewhere, (found) => `${found.lang ?? lang} ${found.variant ?? variant}`)].map(
                ([place, group]) => (
                  <Elsewhere
                    key={place}
                    lang={group[0]?.lang ?? lang}
                    variant={group[0]?.variant ?? variant}
                    findings={group}
                    go={(toLang, toVariant) => {
                      setLang(toLang);
                      setBoth(isBoth && toLang !== lang);
                      setVariant(toVariant);
                    }}
                  />
                ),
              )}
            </div>
          )}
          {known.data === undefined ? null : <Variables names={known.data.variables} />}
          {isLocked ? null : (
            <p className="templates-switches templates-after">
              <Button
                type="primary"
                loading={save.isPending}
                disabled={hasErrors || problem !== undefined || (isNew && !isKeyFine)}
                onClick={() => submit(`"${base}"`)}
              >
                {say('save_version', { version: base + 1 })}
              </Button>
              <Button disabled={problem !== undefined} onClick={() => setTesting(true)}>
                {say('test')}
              </Button>
              {hasErrors ? <span className="muted">{say('cannot_save')}</span> : null}
            </p>
          )}
        </Section>
        <Preview
          sides={shown.map((each) => ({ lang: each, template: showable(checked, each, variant) }))}
          variant={variant}
        />
      </div>
      {saved === undefined ? null : (
        <Versions
          saved={saved}
          isLocked={isLocked}
          take={(old) => {
            change({ ...old, key: template.key });
            void message.info(say('version_taken'));
          }}
        />
      )}
      {isTesting ? <TestSend template={body} lang={lang} variant={variant} close={() => setTesting(false)} /> : null}
    </>
  );
}

type TextsProps = {
  readonly template: TemplateBody;
  readonly lang: Language;
  readonly variant: TemplateVariant;
  /** Says which language it is, where two stand side by side. */
  readonly isHeaded: boolean;
  readonly findings: readonly TemplateFinding[];
  readonly isLocked: boolean;
  readonly change: (next: TemplateBody) => void;
};

/** The texts of one language, or the way to have some. */
function Texts({ template, lang, variant, isHeaded, findings, isLocked, change }: TextsProps) {
  const say = useWords();
  const other = lang === 'en' ? 'zh' : 'en';
  const root = rootOf(template.kind, lang, variant);
  const withVersion = (version: unknown): void =>
    change({ ...template, versions: { ...template.versions, [lang]: version } });
  return (
    <div>
      {isHeaded ? <h3 className="templates-side">{say(`lang_${lang}`)}</h3> : null}
      {template.versions[lang] === undefined ? (
        <div className="templates-missing">
          <p>{say('lang_missing', { lang: say(`lang_${lang}`) })}</p>
          {isLocked ? null : (
            <span className="templates-switches">
              <Button type="primary" onClick={() => withVersion(template.versions[other])}>
                {say('lang_copy', { lang: say(`lang_${other}`) })}
              </Button>
              <Button onClick={() => withVersion(blankVersion(template.kind))}>{say('lang_empty')}</Button>
            </span>
          )}
        </div>
      ) : (
        <FieldsForm
          kind={template.kind}
          variant={variant}
          values={valueAt(template, root)}
          findings={findings}
          isLocked={isLocked}
          onChange={(next) => change(withValue(template, root, next) as TemplateBody)}
        />
      )}
    </div>
  );
}

/** What is wrong with it; or why it cannot be read at all yet. */
function useFindings(template: TemplateBody): {
  readonly findings: readonly TemplateFinding[];
  readonly problem: string | undefined;
} {
  const say = useWords();
  const [missing] = missingIn(template);
  // The name is chosen last, and has no part in it.
  const lint = useApi(
    'POST /templates/lint',
    { body: { ...template, key: template.key === '' ? 'new' : template.key } },
    { keepPrevious: true, enabled: missing === undefined },
  );
  if (missing === undefined) return { findings: lint.data?.findings ?? [], problem: lint.error?.message };
  const { lang, variant, name } = missing;
  const where = [say(`lang_${lang}`), say(`variant_${variant}`), say(`field_${name}`)].join(' › ');
  return { findings: [], problem: say('not_whole', { where }) };
}

type ElsewhereProps = {
  readonly lang: Language;
  readonly variant: TemplateVariant;
  readonly findings: readonly TemplateFinding[];
  readonly go: (lang: Language, variant: TemplateVariant) => void;
};

function Elsewhere({ lang, variant, findings, go }: ElsewhereProps) {
  const say = useWords();
  return (
    <div>
      <Button type="link" size="small" className="templates-go" onClick={() => go(lang, variant)}>
        {say(`lang_${lang}`)} · {say(`variant_${variant}`)}
      </Button>
      <FindingLines findings={findings} />
    </div>
  );
}

function Variables({ names }: { readonly names: readonly string[] }) {
  const say = useWords();
  return (
    <details className="templates-variables templates-after">
      <summary>{say('variables')}</summary>
      <p className="muted">{say('variables_text')}</p>
      <p className="templates-names">
        {names
          .filter((name) => !name.includes('[]'))
          .map((name) => (
            <Typography.Text key={name} code copyable={{ text: `{{ ${name} }}`, tooltips: false }}>
              {name}
            </Typography.Text>
          ))}
      </p>
    </details>
  );
}
