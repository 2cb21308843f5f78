// One template: loaded with its version, or begun afresh, and then the editor.
import { Link, Navigate, useParams } from 'react-router';
import { useVersioned } from '../../api/queries.ts';
import { PageFrame } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useLanguage } from '../../words/language.ts';
import { TemplateEditor } from './template-editor.tsx';
import { KINDS } from './template-list.tsx';
import { blankTemplate } from './template-state.ts';
import { useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';
import './templates.css';

function Back() {
  const say = useWords();
  return (
    <Link to="/templates" className="templates-back">
      {say('back')}
    </Link>
  );
}

export function NewTemplate() {
  const say = useWords();
  const language = useLanguage();
  const { kind: asked } = useParams();
  const kind = KINDS.find((each) => each === asked);
  if (kind === undefined) return <Navigate to="/templates" replace />;
  return (
    <PageFrame title={say('title')} question={say('new_of', { kind: say(`kind_${kind}`) })} actions={<Back />}>
      <TemplateEditor key={kind} saved={undefined} blank={blankTemplate(kind, language)} reload={undefined} />
    </PageFrame>
  );
}

export function SavedTemplate() {
  const say = useWords();
  const { templateId = '' } = useParams();
  const name = useTerms()('template', templateId);
  const template = useVersioned('GET /templates/{templateId}', { params: { templateId } });
  return (
    <PageFrame
      title={say('title')}
      question={name === templateId ? name : say('named', { name, id: templateId })}
      actions={<Back />}
    >
      <Loaded query={template} rows={10}>
        {({ value }) => (
          <TemplateEditor
            key={templateId}
            saved={value}
            blank={value.template}
            reload={async () => (await template.refetch()).data?.value}
          />
        )}
      </Loaded>
    </PageFrame>
  );
}
