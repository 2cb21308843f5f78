// Who said yes and who must be left alone, by a file of the shop or of another tool: its opt-outs first, then whoever said yes.
import { Alert } from 'antd';
import { useAct } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { DropFile } from '../../import/drop-file.tsx';
import { useLanguage } from '../../words/language.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

const UPLOAD_BYTES_MAX = 1024 ** 3;

export function BringConsents() {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const bring = useAct('POST /consents/uploads/{uploadId}', ['GET /suppressions']);
  const done = bring.data;
  return (
    <Section title={say('bring_consents')} text={say('bring_consents_text')}>
      {bring.error === null ? null : <Alert type="error" showIcon className="form-alert" title={bring.error.message} />}
      {done === undefined ? null : (
        <div role="status">
          <Alert
            type="success"
            showIcon
            className="form-alert"
            title={say('bring_done', {
              granted: format.count(done.granted),
              suppressed: format.count(done.suppressed),
            })}
            description={say('bring_done_text', {
              created: format.count(done.created),
              kept: format.count(done.keptWithdrawn),
              rejected: format.count(done.rejectedCount),
            })}
          />
          {done.rejected.length === 0 ? null : (
            <PlainTable
              label={say('bring_rejected')}
              columns={[say('bring_row'), say('why')]}
              rows={done.rejected.map(({ row, reason }) => ({
                key: String(row),
                cells: [format.count(row), reason[language]],
              }))}
            />
          )}
        </div>
      )}
      {bring.isPending ? (
        <p role="status">{say('bring_reading')}</p>
      ) : (
        <div className="reach-after">
          <DropFile
            bytesMax={UPLOAD_BYTES_MAX}
            wanted={{ title: say('bring_drop'), kinds: say('bring_kinds') }}
            onTaken={({ uploadId }) => bring.mutate({ params: { uploadId } })}
          />
        </div>
      )}
    </Section>
  );
}
