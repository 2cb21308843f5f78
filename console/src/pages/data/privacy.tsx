// What people may ask of the law: their data in a file, or gone. The server does it: the page shows how far it is, and may be closed.
import { Alert, Button, Input, Modal, Progress } from 'antd';
import { useState } from 'react';
import type { PrivacyKind, PrivacyRunRow } from '../../../../src/http/contract/privacy.ts';
import { saveAnswer } from '../../api/client.ts';
import { queryClient, useAct, useApi } from '../../api/queries.ts';
import { useServerEvents } from '../../api/server-events.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

const ASKED_MAX = 2_000;
const HISTORY_READ = 200;
const HISTORY_SHOWN = 10;
const RUNS_SHOWN = 5;
const EVENT_NAMES = ['runs'];

const linesOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,;，；、]/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ),
];

export function Privacy() {
  const say = useWords();
  const may = useMay();
  const [text, setText] = useState('');
  const [isAsking, setAsking] = useState(false);
  const begin = useAct('POST /privacy-runs', ['GET /privacy-runs']);
  const entries = linesOf(text);
  const isTooMany = entries.length > ASKED_MAX;
  const isLocked = entries.length === 0 || isTooMany || begin.isPending;
  const run = (kind: PrivacyKind): void => begin.mutate({ body: { kind, entries } }, { onSuccess: () => setText('') });
  return (
    <Section title={say('privacy')} text={say('privacy_text')}>
      <Input.TextArea
        aria-label={say('privacy_who')}
        placeholder={say('privacy_who')}
        rows={3}
        value={text}
        className="data-who"
        onChange={(event) => setText(event.target.value)}
      />
      {isTooMany ? (
        <Alert type="warning" showIcon className="form-alert" title={say('privacy_many', { n: ASKED_MAX })} />
      ) : null}
      {begin.error === null ? null : <Alert type="error" showIcon className="form-alert" title={begin.error.message} />}
      <div className="data-actions">
        <Button disabled={isLocked} onClick={() => run('export')}>
          {say('export')}
        </Button>
        {may('people.erase') ? (
          <Button danger disabled={isLocked} onClick={() => setAsking(true)}>
            {say('erase')}
          </Button>
        ) : null}
      </div>
      <Runs />
      {may('audit.read') ? <History /> : null}
      {isAsking ? (
        <Modal
          open
          title={
            entries.length === 1
              ? say('erase_title', { id: entries[0] ?? '' })
              : say('erase_titles', { n: entries.length })
          }
          okText={say('erase')}
          okButtonProps={{ danger: true }}
          cancelText={say('cancel')}
          onCancel={() => setAsking(false)}
          onOk={() => {
            setAsking(false);
            run('erase');
          }}
        >
          {say('erase_text')}
        </Modal>
      ) : null}
    </Section>
  );
}

function Runs() {
  const read = useApi('GET /privacy-runs');
  const [told, setTold] = useState<readonly PrivacyRunRow[]>();
  useServerEvents(
    '/privacy-runs/live',
    (_, value) => {
      const { runs } = value as { readonly runs: readonly PrivacyRunRow[] };
      // Who was erased belongs into the history, and no longer into any other answer.
      const ended = (told ?? []).filter(({ state }) => state === 'running').map(({ runId }) => runId);
      if (runs.some(({ runId, state }) => state !== 'running' && ended.includes(runId)))
        void queryClient.invalidateQueries({ queryKey: ['GET /audit'] });
      setTold(runs);
    },
    EVENT_NAMES,
  );
  return (
    <Loaded query={read} rows={2}>
      {({ runs }) => (
        <>
          {(told ?? runs).slice(0, RUNS_SHOWN).map((run) => (
            <Run key={run.runId} run={run} />
          ))}
        </>
      )}
    </Loaded>
  );
}

function Run({ run }: { readonly run: PrivacyRunRow }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const [fileError, setFileError] = useState<string>();
  const cancel = useAct('DELETE /privacy-runs/{runId}', ['GET /privacy-runs']);
  const { runId, kind, state } = run;
  const words = say(`privacy_${kind}`, { n: format.count(run.done), of: format.count(run.total) });
  const save = (): void => {
    setFileError(undefined);
    saveAnswer(
      'GET /privacy-runs/{runId}/file',
      { params: { runId } },
      { name: `${runId}.json`, type: 'application/json' },
    ).catch((cause: unknown) => setFileError(cause instanceof Error ? cause.message : String(cause)));
  };
  return (
    <div className="data-job" role="status">
      <div className="data-job-head">
        <b>{words}</b>
        <span className="muted">
          {say('privacy_entry_run', { at: format.instant(run.createdAt), who: run.askedBy === '' ? '–' : run.askedBy })}
        </span>
      </div>
      <Progress
        percent={Math.round(((run.done + run.failed) / Math.max(1, run.total)) * 100)}
        status={state === 'running' ? 'active' : run.failed > 0 || state === 'cancelled' ? 'normal' : 'success'}
        aria-label={words}
      />
      {state === 'running' ? (
        <div className="data-actions">
          <span className="muted">{say('privacy_goes_on')}</span>
          <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate({ params: { runId } })}>
            {say('privacy_stop')}
          </Button>
        </div>
      ) : null}
      {state === 'cancelled' ? <Alert type="info" showIcon title={say('privacy_stopped')} /> : null}
      {run.files > 0 && state !== 'running' ? (
        <Button size="small" className="data-save" onClick={save}>
          {say('privacy_save', { n: format.count(run.files), count: run.files })}
        </Button>
      ) : null}
      {fileError === undefined && cancel.error === null ? null : (
        <Alert type="error" showIcon className="form-alert" title={fileError ?? cancel.error?.message} />
      )}
      {run.failures.map(({ asked, problem }, at) => (
        <Alert
          key={`${asked} ${at}`}
          type="error"
          showIcon
          className="form-alert"
          title={asked}
          description={problem[language]}
        />
      ))}
    </div>
  );
}
/** Erasures as the audit log has them: who asked for which, and when. */
function History() {
  const say = useWords();
  const format = useFormat();
  const audit = useApi('GET /audit', { query: { limit: HISTORY_READ } });
  return (
    <Loaded query={audit} rows={2}>
      {({ entries }) => {
        const erased = entries.filter(({ action }) => action === 'DELETE /people/{personId}').slice(0, HISTORY_SHOWN);
        if (erased.length === 0) return null;
        return (
          <>
            <h3 className="data-history">{say('privacy_history')}</h3>
            <ul className="data-list">
              {erased.map((entry) => (
                <li key={entry.entryId}>
                  {say('privacy_entry', {
                    at: format.instant(entry.at),
                    who: entry.actorName,
                    id: (entry.subject as { readonly personId?: string } | null)?.personId ?? '',
                  })}
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </Loaded>
  );
}
