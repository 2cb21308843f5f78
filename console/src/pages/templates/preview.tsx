// How it looks: rendered by the server for a person of ours or for nobody, in the shape that its reader would see.
import { AutoComplete, Segmented, Switch, Tabs } from 'antd';
import { useState } from 'react';
import type {
  FinishedSms,
  TemplateBody,
  TemplatePreview,
  TemplateVariant,
} from '../../../../src/http/contract/templates.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Failed, Loading } from '../../frame/states.tsx';
import type { Language } from '../../words/language.ts';
import { MailFrame } from './mail-frame.tsx';
import { isTree, textAt } from './template-state.ts';
import { useLater } from '../../form/use-later.ts';
import { useWords } from './words.ts';

const PHONE_WIDTH = 375;
/** Asked for never: the question waits until there is something to show. */
const NOTHING: TemplateBody = { key: 'new', kind: 'sms', versions: {} };

type Side = {
  readonly lang: Language;
  /** Undefined while there is not enough of it to show. */
  readonly template: TemplateBody | undefined;
};
type PreviewProps = {
  /** One language, or both side by side, as one and the same person would get them. */
  readonly sides: readonly Side[];
  readonly variant: TemplateVariant;
};

export function Preview({ sides, variant }: PreviewProps) {
  const say = useWords();
  const [personId, setPersonId] = useState('');
  return (
    <Section title={say('preview')} actions={<AsWhom onChoose={setPersonId} />}>
      <div className={sides.length > 1 ? 'templates-both' : ''}>
        {sides.map((side) => (
          <div key={side.lang}>
            {sides.length > 1 ? <h3 className="templates-side">{say(`lang_${side.lang}`)}</h3> : null}
            <OneSide {...side} variant={variant} personId={personId} />
          </div>
        ))}
      </div>
    </Section>
  );
}

type OneSideProps = Side & { readonly variant: TemplateVariant; readonly personId: string };

function OneSide({ template, lang, variant, personId }: OneSideProps) {
  const say = useWords();
  const preview = useApi(
    'POST /templates/preview',
    {
      body: {
        template: template ?? NOTHING,
        lang,
        variant,
        ...(personId === '' ? {} : { personId }),
      },
    },
    { keepPrevious: true, enabled: template !== undefined },
  );
  if (template === undefined) return <p className="muted">{say('preview_nothing')}</p>;
  if (preview.data === undefined)
    return preview.isError ? (
      <Failed error={preview.error} retry={() => void preview.refetch()} />
    ) : (
      <Loading rows={6} />
    );
  return (
    <>
      {preview.isError ? <Failed error={preview.error} /> : null}
      {preview.data.lang === lang ? null : <p className="muted">{say('preview_other_lang')}</p>}
      {preview.data.variant === variant ? null : <p className="muted">{say('preview_generic')}</p>}
      <Rendered preview={preview.data} />
    </>
  );
}

function AsWhom({ onChoose }: { readonly onChoose: (personId: string) => void }) {
  const say = useWords();
  const [typed, setTyped] = useState('');
  const query = useLater(typed.trim(), 250);
  const found = useApi('GET /people', { query: { query, limit: 8 } }, { enabled: query !== '', keepPrevious: true });
  return (
    <AutoComplete
      value={typed}
      allowClear
      aria-label={say('as_whom')}
      placeholder={say('as_whom')}
      className="templates-person"
      options={(query === '' ? [] : (found.data?.people ?? [])).map((person) => ({
        value: person.personId,
        label: [person.firstName, person.email ?? person.phone ?? person.personId].filter(Boolean).join(' · '),
      }))}
      onChange={(value: string | undefined) => {
        setTyped(value ?? '');
        if (value === undefined || value === '') onChoose('');
      }}
      onSelect={(value: string | undefined) => onChoose(value ?? '')}
    />
  );
}

function Rendered({ preview }: { readonly preview: TemplatePreview }) {
  switch (preview.kind) {
    case 'email':
      return <Mail preview={preview} />;
    case 'sms':
      return <Sms finished={preview.finished} lang={preview.lang} />;
    case 'push':
    case 'in_app':
      return <Card kind={preview.kind} fields={preview.fields} lang={preview.lang} />;
    case 'wechat':
    case 'webhook':
      return <Data kind={preview.kind} fields={preview.fields} lang={preview.lang} />;
  }
}

function Mail({ preview }: { readonly preview: Extract<TemplatePreview, { kind: 'email' }> }) {
  const say = useWords();
  const [width, setWidth] = useState<'desktop' | 'phone'>('desktop');
  const [isDark, setDark] = useState(false);
  return (
    <>
      <p className="templates-subject" lang={preview.lang}>
        {preview.subject}
      </p>
      <Tabs
        items={[
          {
            key: 'html',
            label: say('as_mail'),
            children: (
              <>
                <p className="templates-switches">
                  <Segmented
                    aria-label={say('width')}
                    value={width}
                    onChange={setWidth}
                    options={[
                      { value: 'desktop', label: say('desktop') },
                      { value: 'phone', label: say('phone') },
                    ]}
                  />
                  <span className="templates-dark">
                    <Switch size="small" checked={isDark} onChange={setDark} aria-label={say('dark')} />
                    <span aria-hidden="true">{say('dark')}</span>
                  </span>
                </p>
                <MailFrame
                  title={say('preview')}
                  html={preview.html}
                  lang={preview.lang}
                  dark={isDark}
                  width={width === 'phone' ? PHONE_WIDTH : undefined}
                />
              </>
            ),
          },
          {
            key: 'text',
            label: say('as_text'),
            children: (
              <pre
                className="templates-plain"
                lang={preview.lang}
                tabIndex={0}
                role="region"
                aria-label={say('as_text')}
              >
                {preview.text}
              </pre>
            ),
          },
        ]}
      />
    </>
  );
}

type SmsProps = {
  readonly finished: { readonly mainland: FinishedSms; readonly abroad: FinishedSms };
  readonly lang: Language;
};

function Sms({ finished, lang }: SmsProps) {
  const say = useWords();
  const format = useFormat();
  const [asked, setWhere] = useState<'mainland' | 'abroad'>();
  const where = asked ?? (lang === 'zh' ? 'mainland' : 'abroad');
  const { text, units, segments, left } = finished[where];
  return (
    <>
      <Segmented
        aria-label={say('sms_where')}
        value={where}
        onChange={setWhere}
        options={[
          { value: 'mainland', label: say('sms_mainland') },
          { value: 'abroad', label: say('sms_abroad') },
        ]}
      />
      <p className="templates-bubble" lang={lang}>
        {text}
      </p>
      <p className="tabular" role="status">
        {say('sms_count', { units: format.count(units), n: format.count(segments), count: segments })}
        <span className="muted"> · {say('sms_left', { n: format.count(left) })}</span>
      </p>
      <p className="muted templates-small">{say('sms_note')}</p>
    </>
  );
}

type FieldsProps = {
  readonly kind: 'push' | 'in_app' | 'wechat' | 'webhook';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly lang: Language;
};

/** A notification or a message in the app: a drawing, not the app itself. */
function Card({ kind, fields, lang }: FieldsProps) {
  const say = useWords();
  const layout = kind === 'push' ? 'push' : textAt(fields, 'layout');
  const buttons: readonly unknown[] = Array.isArray(fields['buttons']) ? fields['buttons'] : [];
  return (
    <div className={`templates-screen templates-screen-${layout}`} lang={lang}>
      <div className="templates-card">
        {kind === 'in_app' && fields['closable'] === true ? (
          <span className="templates-close" aria-hidden="true">
            ×
          </span>
        ) : null}
        {kind === 'in_app' && fields['adLabel'] === true ? (
          <small className="templates-ad">{say(`ad_${lang}`)}</small>
        ) : null}
        {textAt(fields, 'imageUrl') === '' ? null : (
          <small className="templates-image">{textAt(fields, 'imageUrl')}</small>
        )}
        <b>{textAt(fields, 'title')}</b>
        <p>{textAt(fields, 'body')}</p>
        {buttons.length === 0 ? null : (
          <p className="templates-card-buttons">
            {buttons.map((button, at) => (
              <span key={at}>{textAt(button, 'label')}</span>
            ))}
          </p>
        )}
      </div>
    </div>
  );
}

/** What has no face of its own: a filed WeChat message slot by slot, a call as its data. */
function Data({ kind, fields, lang }: FieldsProps) {
  const text = textAt(fields, 'text');
  if (kind === 'wechat' && text !== '')
    return (
      <p className="templates-bubble" lang={lang}>
        {text}
      </p>
    );
  const data = fields['data'];
  return (
    <div className="templates-card" lang={lang}>
      <b>{textAt(fields, kind === 'wechat' ? 'wechatTemplateId' : 'event')}</b>
      <dl className="templates-data">
        {Object.entries(isTree(data) ? data : {}).map(([name, value]) => (
          <div key={name}>
            <dt className="muted">{name}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
