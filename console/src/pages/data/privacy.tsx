// What people may ask of the law: their data in a file, or gone. Several at once, one after the other, with what became of each.
import { Alert, Button, Input, Modal, Progress } from 'antd';
import { useState } from 'react';
import { callApi } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { queryClient, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useWords } from './words.ts';

const ASKED_MAX = 200;
const HISTORY_READ = 200;
const HISTORY_SHOWN = 10;

type Kind = 'export' | 'erase';
type Outcome = { readonly asked: string; readonly personId?: string; readonly problem?: string };
type Job = {
  readonly kind: Kind;
  readonly asked: readonly string[];
  readonly outcomes: readonly Outcome[];
  readonly isStopped: boolean;
};

const linesOf = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(/[\n,;]/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ),
];

/** An id as it is; an e-mail address or phone number as the one person who has it. */
async function personOf(asked: string): Promise<string> {
  if (!/[@+]/.test(asked)) return asked;
  const { people } = await callApi('GET /people', { query: { query: asked, limit: 2 } });
  const exact = people.filter(
    ({ personId, email, phone }) =>
      personId === asked || phone === asked || email?.toLowerCase() === asked.toLowerCase(),
  );
  return exact.length === 1 ? exact[0]!.personId : asked;
}

function download(name: string, value: unknown): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function Privacy() {
  const say = useWords();
  const may = useMay();
  const [text, setText] = useState('');
  const [job, setJob] = useState<Job>();
  const [stopping, setStopping] = useState<AbortController>();
  const [isAsking, setAsking] = useState(false);
  const asked = linesOf(text);
  const isTooMany = asked.length > ASKED_MAX;
  const isBusy = stopping !== undefined;

  const run = async (kind: Kind): Promise<void> => {
    const stop = new AbortController();
    setStopping(stop);
    const outcomes: Outcome[] = [];
    const exported: unknown[] = [];
    const tell = (): void => setJob({ kind, asked, outcomes: [...outcomes], isStopped: stop.signal.aborted });
    tell();
    for (const each of asked) {
      if (stop.signal.aborted) break;
      try {
        const personId = await personOf(each);
        if (kind === 'export') exported.push(await callApi('GET /people/{personId}/export', { params: { personId } }));
        else await callApi('DELETE /people/{personId}', { params: { personId } });
        outcomes.push({ asked: each, personId });
      } catch (cause) {
        outcomes.push({ asked: each, problem: cause instanceof ApiProblem ? cause.message : String(cause) });
      }
      tell();
    }
    if (exported.length > 0)
      download(
        exported.length === 1
          ? `${outcomes.find(({ personId }) => personId !== undefined)?.personId}.json`
          : 'export.json',
        exported.length === 1 ? exported[0] : exported,
      );
    setStopping(undefined);
    await queryClient.invalidateQueries({ queryKey: ['GET /audit'] });
  };

  return (
    <Section title={say('privacy')} text={say('privacy_text')}>
      <Input.TextArea
        aria-label={say('privacy_who')}
        placeholder={say('privacy_who')}
        rows={3}
        value={text}
        disabled={isBusy}
        className="data-who"
        onChange={(event) => {
          setText(event.target.value);
          setJob(undefined);
        }}
      />
      {isTooMany ? (
        <Alert type="warning" showIcon className="form-alert" title={say('privacy_many', { n: ASKED_MAX })} />
      ) : null}
      <div className="data-actions">
        <Button disabled={asked.length === 0 || isTooMany || isBusy} onClick={() => void run('export')}>
          {say('export')}
        </Button>
        {may('people.erase') ? (
          <Button danger disabled={asked.length === 0 || isTooMany || isBusy} onClick={() => setAsking(true)}>
            {say('erase')}
          </Button>
        ) : null}
        {stopping === undefined ? null : <Button onClick={() => stopping.abort()}>{say('privacy_stop')}</Button>}
      </div>
      {job === undefined ? null : <JobView job={job} isBusy={isBusy} />}
      {may('audit.read') ? <History /> : null}
      {isAsking ? (
        <Modal
          open
          title={
            asked.length === 1 ? say('erase_title', { id: asked[0] ?? '' }) : say('erase_titles', { n: asked.length })
          }
          okText={say('erase')}
          okButtonProps={{ danger: true }}
          cancelText={say('cancel')}
          onCancel={() => setAsking(false)}
          onOk={() => {
            setAsking(false);
            void run('erase');
          }}
        >
          {say('erase_text')}
        </Modal>
      ) : null}
    </Section>
  );
}

function JobView({ job, isBusy }: { readonly job: Job; readonly isBusy: boolean }) {
  const say = useWords();
  const format = useFormat();
  const done = job.outcomes.filter(({ problem }) => problem === undefined);
  const failed = job.outcomes.filter(({ problem }) => problem !== undefined);
  const words = say(`privacy_${job.kind}`, { n: format.count(done.length), of: format.count(job.asked.length) });
  return (
    <div className="data-job" role="status">
      <Progress
        percent={Math.round((job.outcomes.length / Math.max(1, job.asked.length)) * 100)}
        status={isBusy ? 'active' : failed.length > 0 ? 'exception' : 'success'}
        aria-label={words}
      />
      {isBusy ? <p className="muted">{words}</p> : null}
      {!isBusy && done.length > 0 ? <Alert type="success" showIcon title={words} /> : null}
      {!isBusy && job.isStopped ? <Alert type="info" showIcon title={say('privacy_stopped')} /> : null}
      {failed.map(({ asked, problem }) => (
        <Alert key={asked} type="error" showIcon title={asked} description={problem} />
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
