// What was said before: every saved version, each of which can be taken into the editor again.
import { Button, Tag } from 'antd';
import { useState } from 'react';
import type { TemplateBody } from '../../../../src/http/contract/templates.ts';
import { callApi, type Answer } from '../../api/client.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Failed } from '../../frame/states.tsx';
import { useWords } from './words.ts';

type VersionsProps = {
  readonly saved: Answer<'GET /templates/{templateId}'>;
  readonly isLocked: boolean;
  readonly take: (template: TemplateBody) => void;
};

export function Versions({ saved, isLocked, take }: VersionsProps) {
  const say = useWords();
  const format = useFormat();
  const [error, setError] = useState<unknown>();
  return (
    <Section title={say('versions')} text={say('versions_text')}>
      {error === undefined ? null : <Failed error={error} />}
      <ul className="templates-list">
        {saved.versions.map(({ version, savedAt, active }) => (
          <li key={version}>
            <span className="templates-name">{say('version', { version })}</span>
            <span className="muted">{format.instant(savedAt)}</span>
            {active ? <Tag>{say('version_active')}</Tag> : null}
            {isLocked || active ? null : (
              <Button
                size="small"
                onClick={() => {
                  setError(undefined);
                  callApi('GET /templates/{templateId}', {
                    params: { templateId: saved.templateId },
                    query: { version },
                  }).then(({ template }) => take(template), setError);
                }}
              >
                {say('version_take')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
