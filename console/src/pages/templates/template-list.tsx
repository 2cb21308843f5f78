// Every template by its kind, the ready-made ones that can be added, and the way to a new one.
import { Alert, Button, Dropdown, Tag } from 'antd';
import { PlusOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { TemplateKind } from '../../../../src/http/contract/templates.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { TestSaved } from './test-send.tsx';
import { useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';
import './templates.css';

export const KINDS = ['email', 'sms', 'push', 'in_app', 'wechat', 'webhook'] as const satisfies readonly TemplateKind[];

export function TemplateList() {
  const say = useWords();
  const format = useFormat();
  const navigate = useNavigate();
  const mayWrite = useMay()('templates.write');
  const templates = useApi('GET /templates');
  const add = useAct('POST /templates/starters', ['GET /templates']);
  const [tested, setTested] = useState<string>();
  const create = (
    <Dropdown
      trigger={['click']}
      menu={{
        items: KINDS.map((kind) => ({ key: kind, label: say(`kind_${kind}`) })),
        onClick: ({ key }) => void navigate(`/templates/new/${key}`),
      }}
    >
      <Button type="primary" icon={<PlusOutlined />}>
        {say('create')}
      </Button>
    </Dropdown>
  );
  return (
    <PageFrame
      title={say('title')}
      question={say('question')}
      intro={say('intro')}
      actions={mayWrite ? create : undefined}
    >
      {add.error === null ? null : <Alert type="error" showIcon title={add.error.message} />}
      <Loaded query={templates}>
        {(data) => (
          <>
            {data.templates.length === 0 ? (
              <Empty title={say('none')} text={say('none_text')} />
            ) : (
              KINDS.map((kind) => {
                const lines = data.templates.filter((template) => template.kind === kind);
                return lines.length === 0 ? null : (
                  <Section key={kind} title={say(`kind_${kind}`)}>
                    <ul className="templates-list">
                      {lines.map((template) => (
                        <li key={template.templateId}>
                          <Name id={template.templateId} isSaved />
                          <Languages languages={template.languages} />
                          <span className="muted">
                            {say('version_of', {
                              version: template.version,
                              at: format.instant(template.savedAt),
                            })}
                          </span>
                          {mayWrite ? (
                            <Button
                              size="small"
                              aria-label={say('test_named', { name: template.templateId })}
                              onClick={() => setTested(template.templateId)}
                            >
                              {say('test')}
                            </Button>
                          ) : null}
                        </li>
                      ))}
                    </ul>
                  </Section>
                );
              })
            )}
            {mayWrite && data.library.length > 0 ? (
              <Section
                title={say('library')}
                text={say('library_text')}
                actions={
                  <Button loading={add.isPending} onClick={() => add.mutate({ body: {} })}>
                    {say('add_all')}
                  </Button>
                }
              >
                <ul className="templates-list">
                  {data.library.map((starter) => (
                    <li key={starter.templateId}>
                      <Name id={starter.templateId} />
                      <Tag>{say(`kind_${starter.kind}`)}</Tag>
                      <Languages languages={starter.languages} />
                      <Button
                        size="small"
                        aria-label={say('add_named', { name: starter.templateId })}
                        onClick={() =>
                          add.mutate(
                            { body: { templateIds: [starter.templateId] } },
                            { onSuccess: () => void navigate(`/templates/${starter.templateId}`) },
                          )
                        }
                      >
                        {say('add')}
                      </Button>
                    </li>
                  ))}
                </ul>
              </Section>
            ) : null}
          </>
        )}
      </Loaded>
      {tested === undefined ? null : <TestSaved key={tested} templateId={tested} close={() => setTested(undefined)} />}
    </PageFrame>
  );
}

/** What it is called, over the key by which programmes refer to it. */
function Name({ id, isSaved = false }: { readonly id: string; readonly isSaved?: boolean }) {
  const term = useTerms();
  const label = term('template', id);
  return (
    <span className="templates-name">
      {isSaved ? <Link to={`/templates/${id}`}>{label}</Link> : label}
      {label === id ? null : <code className="muted">{id}</code>}
    </span>
  );
}

function Languages({ languages }: { readonly languages: readonly ('en' | 'zh')[] }) {
  const say = useWords();
  return (
    <span>
      {languages.map((lang) => (
        <Tag key={lang}>{say(`lang_${lang}`)}</Tag>
      ))}
    </span>
  );
}
