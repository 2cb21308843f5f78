// Bringing a file, and every file that was brought: what came of its lines, and those that could not be understood.
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { DropFile } from '../../import/drop-file.tsx';
import { ImportResult } from '../../import/import-result.tsx';
import { ImportSteps } from '../../import/import-steps.tsx';
import { useUploads } from '../../import/use-uploads.ts';
import { useMay } from '../../session/session.tsx';
import { useWords } from './words.ts';

export function Imports() {
  const say = useWords();
  const mayImport = useMay()('data.write');
  return (
    <Section title={say('imports')} text={say('imports_text')}>
      {mayImport ? <Bring /> : null}
      <ImportList />
    </Section>
  );
}

function Bring() {
  const current = useUploads();
  return (
    <div className="data-bring">
      {current.upload === undefined ? (
        <DropFile bytesMax={current.bytesMax} onTaken={current.take} />
      ) : (
        <ImportSteps current={current} />
      )}
    </div>
  );
}

function ImportList() {
  const say = useWords();
  const format = useFormat();
  const imports = useApi('GET /imports');
  const [shown, show] = useState<string>();
  return (
    <Loaded
      query={imports}
      empty={{ when: (data) => data.imports.length === 0, show: <Empty title={say('imports_none')} /> }}
    >
      {(data) => (
        <>
          <div className="data-scroll" tabIndex={0} role="region" aria-label={say('imports')}>
            <table className="data-rows">
              <thead>
                <tr>
                  {(['file', 'when', 'read', 'added', 'known', 'rejected', 'more'] as const).map((column) => (
                    <th key={column} scope="col">
                      {say(`column_${column}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {data.imports.map((each) => (
                  <tr key={each.importId}>
                    <td>{each.fileName}</td>
                    <td>{format.instant(each.finishedAt)}</td>
                    <td className="tabular">{format.count(each.rowsRead)}</td>
                    <td className="tabular">{format.count(each.eventsAdded)}</td>
                    <td className="tabular">{format.count(each.eventsKnown)}</td>
                    <td className="tabular">{format.count(each.rowsRejected)}</td>
                    <td>
                      <Button type="link" size="small" onClick={() => show(each.importId)}>
                        {say('details')}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {shown === undefined ? null : (
            <Modal open footer={null} width={760} title={say('imports')} onCancel={() => show(undefined)}>
              <ImportResult importId={shown} />
            </Modal>
          )}
        </>
      )}
    </Loaded>
  );
}
