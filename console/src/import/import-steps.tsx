// An uploaded file on its way in: the plan, the import with its progress, what came of it.
import { Alert, Button, Progress } from 'antd';
import { Link } from 'react-router';
import type { ImportRun } from '../../../src/http/contract/imports.ts';
import { useAct } from '../api/queries.ts';
import { useLanguage } from '../words/language.ts';
import { ImportResult } from './import-result.tsx';
import { PlanView } from './plan-view.tsx';
import type { CurrentUpload } from './use-uploads.ts';
import { useWords } from './words.ts';
import './import.css';

export function ImportSteps({ current }: { readonly current: CurrentUpload }) {
  const say = useWords();
  const language = useLanguage();
  const { upload } = current;
  if (upload === undefined) return null;
  const { run, uploadId, name } = upload;
  switch (run.state) {
    case 'running':
      return <Running uploadId={uploadId} name={name} run={run} isLineLost={current.isLineLost} />;
    case 'done':
      return (
        <div className="import-plan">
          <ImportResult importId={run.importId} />
          {run.analysis === 'not_enough_data' ? <Alert type="info" showIcon title={say('none_counts')} /> : null}
          <div className="import-actions">
            {run.analysis === 'not_enough_data' ? null : (
              <Link to="/data/analysis">
                <Button type="primary">{say('see_analysis')}</Button>
              </Link>
            )}
            <Button onClick={current.close}>{say('next_file')}</Button>
          </div>
        </div>
      );
    case 'waiting':
    case 'cancelled':
    case 'failed':
      return (
        <div className="import-plan">
          {current.wasCutOff ? <Alert type="warning" showIcon title={say('restarted')} /> : null}
          {run.state === 'cancelled' ? <Alert type="info" showIcon title={say('cancelled')} /> : null}
          {run.state === 'failed' ? (
            <Alert type="error" showIcon title={say('failed')} description={run.message[language]} />
          ) : null}
          <PlanView key={`${uploadId} ${run.state}`} upload={upload} onDiscard={current.discard} />
        </div>
      );
  }
}

type RunningProps = {
  readonly uploadId: string;
  readonly name: string;
  readonly run: Extract<ImportRun, { readonly state: 'running' }>;
  readonly isLineLost: boolean;
};

function Running({ uploadId, name, run, isLineLost }: RunningProps) {
  const say = useWords();
  const cancel = useAct('DELETE /imports/uploads/{uploadId}/run');
  return (
    <div className="import-plan" role="status">
      <h3>{say('importing', { name })}</h3>
      <p>{say(`phase_${run.phase}`)}</p>
      <Progress percent={Math.round(run.share * 100)} status="active" aria-label={say('importing', { name })} />
      {isLineLost ? <Alert type="warning" showIcon title={say('line_broken')} /> : null}
      {cancel.error === null ? null : <Alert type="warning" showIcon title={cancel.error.message} />}
      {run.canCancel ? (
        <div className="import-actions">
          <Button loading={cancel.isPending} onClick={() => cancel.mutate({ params: { uploadId } })}>
            {say('cancel')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
