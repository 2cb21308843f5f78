// The first run: what kind of business, then data by whichever of three ways is nearest. The picture follows by itself.
import { Alert, Button, Progress } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useNavigate } from 'react-router';
import type { BusinessKind, SampleShopState } from '../../../../src/http/contract/overview.ts';
import { queryClient, useAct, useApi } from '../../api/queries.ts';
import { useServerEvents } from '../../api/server-events.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loading } from '../../frame/states.tsx';
import { DropFile } from '../../import/drop-file.tsx';
import { ImportSteps } from '../../import/import-steps.tsx';
import { useUploads } from '../../import/use-uploads.ts';
import { useWords } from './words.ts';

const ConnectSdk = lazy(async () => ({ default: (await import('./connect-sdk.tsx')).ConnectSdk }));

const AnalysisView = lazy(async () => ({ default: (await import('../../analysis/analysis-view.tsx')).AnalysisView }));

const KINDS: readonly BusinessKind[] = ['shop', 'social', 'tools', 'content', 'finance', 'subscription'];

export function FirstRun({ kind }: { readonly kind: BusinessKind | null }) {
  const say = useWords();
  const choose = useAct('POST /first-run/kind', ['GET /overview']);
  const go = useNavigate();
  const [isAnalysed, setAnalysed] = useState(false);
  const current = useUploads(({ run }) => {
    // Without a further choice: what the file says is the next thing she sees.
    if (run.state === 'done' && run.analysis !== 'not_enough_data') void go(`/data/analysis?import=${run.importId}`);
  });
  return (
    <>
      <Section title={say('kind')} text={say('kind_text')}>
        <div className="kinds" role="group" aria-label={say('kind')}>
          {KINDS.map((each) => (
            <button
              key={each}
              type="button"
              className="kind"
              aria-pressed={each === kind}
              disabled={choose.isPending}
              onClick={() => choose.mutate({ body: { kind: each } })}
            >
              <b>{say(`kind_${each}`)}</b>
              <span className="muted">{say(`kind_${each}_text`)}</span>
            </button>
          ))}
        </div>
      </Section>
      {current.upload === undefined ? null : (
        <Section title={say('file')}>
          <ImportSteps current={current} />
        </Section>
      )}
      <div className="columns ways">
        {current.upload === undefined ? (
          <Section title={say('file')} text={say('file_text')}>
            <DropFile bytesMax={current.bytesMax} onTaken={current.take} />
          </Section>
        ) : null}
        <SampleShop />
        <Section title={say('sdk')} text={say('sdk_text')}>
          <Suspense fallback={<Loading rows={2} />}>
            <ConnectSdk onAnalysed={() => setAnalysed(true)} />
          </Suspense>
        </Section>
      </div>
      {isAnalysed ? (
        <Suspense fallback={<Loading rows={8} />}>
          <AnalysisView />
        </Suspense>
      ) : null}
    </>
  );
}

function SampleShop() {
  const say = useWords();
  const known = useApi('GET /first-run/sample-shop');
  const start = useAct('POST /first-run/sample-shop');
  const cancel = useAct('DELETE /first-run/sample-shop');
  const [told, setTold] = useState<SampleShopState>();
  useServerEvents(
    '/first-run/sample-shop',
    (_, value) => {
      const state = value as SampleShopState;
      setTold(state);
      if (state.state === 'done') void queryClient.invalidateQueries({ queryKey: ['GET /overview'] });
    },
    EVENT_NAMES,
  );
  const state = told ?? known.data;
  return (
    <Section title={say('sample')} text={say('sample_text')}>
      {state?.state === 'running' ? (
        <div role="status">
          <p>{say(`sample_${state.step}`)}</p>
          <Progress percent={Math.round(state.share * 100)} aria-label={say('sample')} />
          {state.canCancel ? <Button onClick={() => cancel.mutate({})}>{say('sample_cancel')}</Button> : null}
        </div>
      ) : (
        <Button type="primary" loading={start.isPending} onClick={() => start.mutate({})}>
          {say('sample_start')}
        </Button>
      )}
      {state?.state === 'failed' ? <Alert type="error" showIcon title={state.message} /> : null}
      {start.error === null ? null : <Alert type="error" showIcon title={start.error.message} />}
    </Section>
  );
}

const EVENT_NAMES = ['state'];
