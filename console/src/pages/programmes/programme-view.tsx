// One programme as it runs: where everybody is, what left, who came back, and the buttons to start, pause and end it.
import { Alert, App, Button, Space } from 'antd';
import { EditOutlined, PauseOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { ProgrammeProgress, ProgrammeRun, StoredProgramme } from '../../../../src/http/contract/programmes.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useServerEvents } from '../../api/server-events.ts';
import { FigureTable } from '../../chart/chart.tsx';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { Interval } from '../../format/interval.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Figure, PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded, Loading } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { asTitle, useTerms } from '../../words/terms.ts';
import { StateTag } from './programme-list.tsx';
import { useWords } from './words.ts';
import './programmes.css';

const Flow = lazy(() => import('./flow.tsx'));

export function ProgrammeView() {
  const say = useWords();
  const { programmeId = '' } = useParams();
  const stored = useApi('GET /programmes/{programmeId}', { params: { programmeId } });
  return (
    <PageFrame
      title={say('title')}
      question={stored.data?.programme.name ?? programmeId}
      intro={
        <>
          <Link to="/programmes" className="programmes-back">
            {say('all')}
          </Link>
          {stored.data === undefined ? null : <StateTag state={stored.data.state} />}
        </>
      }
      actions={stored.data === undefined ? undefined : <Actions stored={stored.data} />}
    >
      <Loaded query={stored}>
        {(data) => (data.state === 'draft' ? <Draft stored={data} /> : <Running stored={data} runs={data.runs} />)}
      </Loaded>
    </PageFrame>
  );
}

/** Fields of the profile, as the settings call them. */
const PROFILE_WORDS = {
  brand: 'profile_brand',
  postalAddress: 'profile_address',
  websiteUrl: 'profile_website',
  fromAddress: 'profile_from',
  publicUrl: 'profile_public',
} as const;

const STALE = ['GET /programmes', 'GET /programmes/{programmeId}', 'GET /programmes/{programmeId}/progress'] as const;

function Actions({ stored: { programme, state } }: { readonly stored: StoredProgramme }) {
  const say = useWords();
  const may = useMay();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const { programmeId } = programme;
  const start = useAct('POST /programmes/{programmeId}/start', STALE);
  const check = useApi('GET /programmes/{programmeId}/start-check', { params: { programmeId } });
  const pause = useAct('POST /programmes/{programmeId}/pause', STALE);
  const end = useAct('POST /programmes/{programmeId}/end', STALE);
  const remove = useAct('DELETE /programmes/{programmeId}', ['GET /programmes']);
  const isBusy = start.isPending || pause.isPending || end.isPending || remove.isPending;
  const onError = (error: Error): void => void message.error(error.message);
  const act = { params: { programmeId } };
  if (!may('programmes.start') && !may('programmes.write')) return null;
  return (
    <Space wrap>
      {state === 'draft' && may('programmes.write') ? (
        <>
          <Button icon={<EditOutlined />} onClick={() => void navigate(`/programmes/${programmeId}/edit`)}>
            {say('edit')}
          </Button>
          <ConfirmButton
            label={say('delete')}
            question={say('delete_question')}
            disabled={isBusy}
            onConfirm={() => remove.mutate(act, { onError, onSuccess: () => void navigate('/programmes') })}
          />
        </>
      ) : null}
      {(state === 'draft' || state === 'paused') && may('programmes.start') ? (
        <Button
          type="primary"
          icon={<PlayCircleOutlined />}
          loading={start.isPending}
          disabled={isBusy || (check.data?.missing.length ?? 0) > 0}
          onClick={() => start.mutate(act, { onError })}
        >
          {say(state === 'draft' ? 'start' : 'go_on')}
        </Button>
      ) : null}
      {state === 'running' && may('programmes.start') ? (
        <Button
          icon={<PauseOutlined />}
          loading={pause.isPending}
          disabled={isBusy}
          onClick={() => pause.mutate(act, { onError })}
        >
          {say('pause')}
        </Button>
      ) : null}
      {state === 'running' || state === 'paused' ? (
        <ConfirmButton
          label={say('end')}
          question={say('end_question')}
          text={say('end_text')}
          disabled={isBusy}
          onConfirm={() => end.mutate(act, { onError })}
        />
      ) : null}
    </Space>
  );
}

/** What keeps it from starting, and what it may start with but nobody should overlook. */
function BeforeStart({ programmeId }: { readonly programmeId: string }) {
  const say = useWords();
  const term = useTerms();
  const language = useLanguage();
  const check = useApi('GET /programmes/{programmeId}/start-check', { params: { programmeId } });
  if (check.data === undefined) return null;
  const { missing, unfinished, previewed, unreached } = check.data;
  const fields = (names: readonly string[]): string =>
    names
      .map((name) => (name in PROFILE_WORDS ? say(PROFILE_WORDS[name as keyof typeof PROFILE_WORDS]) : name))
      .join(say('comma'));
  if (missing.length + previewed.length + unreached.length === 0) return null;
  return (
    <div className="programmes-before">
      {missing.length === 0 ? null : (
        <Alert
          type="error"
          showIcon
          title={say('start_missing', { fields: fields(missing) })}
          description={<Link to="/settings/business">{say('start_profile')}</Link>}
        />
      )}
      {unreached.map((each) => (
        <Alert
          key={each.en}
          type="warning"
          showIcon
          title={each[language]}
          description={<Link to="/reach/rules">{say('start_rules')}</Link>}
        />
      ))}
      {previewed.length === 0 ? null : (
        <Alert
          type="warning"
          showIcon
          title={say('start_preview', {
            channels: previewed.map((channel) => term('channel', channel)).join(say('comma')),
          })}
          description={
            <>
              {unfinished.length === 0 ? null : (
                <p>
                  {say('start_unfinished', { fields: fields(unfinished) })}{' '}
                  <Link to="/settings/business">{say('start_profile')}</Link>
                </p>
              )}
              <Link to={previewed.includes('email') ? '/reach/email' : '/reach/accounts'}>{say('start_channels')}</Link>
            </>
          }
        />
      )}
    </div>
  );
}

function Draft({ stored }: { readonly stored: StoredProgramme }) {
  const say = useWords();
  return (
    <>
      <BeforeStart programmeId={stored.programme.programmeId} />
      <Alert type="info" showIcon title={say('draft_note')} />
      <Section title={say('picture')}>
        <Suspense fallback={<Loading />}>
          <Flow programme={stored.programme} />
        </Suspense>
      </Section>
    </>
  );
}

function Running({ stored, runs }: { readonly stored: StoredProgramme; readonly runs: readonly ProgrammeRun[] }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const { programmeId } = stored.programme;
  const client = useQueryClient();
  const read = useApi('GET /programmes/{programmeId}/progress', { params: { programmeId } });
  const [told, setTold] = useState<ProgrammeProgress>();
  const live = useServerEvents(
    stored.state === 'running' ? `/programmes/${encodeURIComponent(programmeId)}/progress` : undefined,
    (_name, value) => {
      setTold(value as ProgrammeProgress);
      // A run that began meanwhile belongs into the table of runs.
      if ((value as ProgrammeProgress).state !== stored.state)
        void client.invalidateQueries({ queryKey: ['GET /programmes/{programmeId}'] });
    },
    ['progress'],
  );
  const waiting = useMemo(
    () => new Map((told ?? read.data)?.steps.map(({ step, people }) => [step, people])),
    [told, read.data],
  );
  return (
    <Loaded query={read}>
      {(first) => {
        const progress = told ?? first;
        const { incrementalReturns: incremental } = progress;
        return (
          <>
            {stored.state === 'ended' ? null : <BeforeStart programmeId={programmeId} />}
            {live === 'lost' ? <Alert type="warning" showIcon title={say('live_lost')} /> : null}
            <div className="figures">
              <Figure
                label={say('now_active')}
                value={format.count(progress.active)}
                note={say('now_control', { n: format.count(progress.control) })}
              />
              <Figure
                label={say('now_returned')}
                value={format.count(progress.returned)}
                note={say('now_completed', { n: format.count(progress.completed) })}
              />
              <Figure
                tone="accent"
                label={say('now_because')}
                value={
                  incremental?.kind === 'estimated' ? (
                    <Interval value={incremental.estimate} low={incremental.low} high={incremental.high} as="count" />
                  ) : (
                    '–'
                  )
                }
                note={<Link to={`/results/${programmeId}`}>{say('to_result_short')}</Link>}
              />
            </div>
            <Section
              title={say('picture')}
              text={stored.state === 'running' ? say('live', { at: format.instant(progress.at) }) : undefined}
            >
              <Suspense fallback={<Loading />}>
                <Flow programme={stored.programme} waiting={waiting} />
              </Suspense>
            </Section>
            <div className="columns">
              <Section title={say('messages')}>
                {Object.keys(progress.messages).length === 0 ? (
                  <Empty title={say('messages_none')} />
                ) : (
                  <FigureTable
                    label={say('messages')}
                    table={{
                      columns: [{ title: say('column_state') }, { title: say('column_messages'), align: 'right' }],
                      rows: Object.entries(progress.messages).map(([state, count]) => [
                        asTitle(term('message_state', state)),
                        format.count(count),
                      ]),
                    }}
                  />
                )}
              </Section>
              <Section title={say('refused')}>
                {progress.refused.length === 0 ? (
                  <Empty title={say('refused_none')} />
                ) : (
                  <FigureTable
                    label={say('refused')}
                    table={{
                      columns: [{ title: say('column_why') }, { title: say('column_people'), align: 'right' }],
                      rows: progress.refused.map(({ code, people }) => [
                        asTitle(term('refusal', code)),
                        format.count(people),
                      ]),
                    }}
                  />
                )}
              </Section>
            </div>
            <Section title={say('runs')} text={say('runs_text')}>
              {runs.length === 0 ? (
                <Empty title={say('runs_none')} />
              ) : (
                <FigureTable
                  label={say('runs')}
                  table={{
                    columns: [
                      { title: say('column_day') },
                      { title: say('column_considered'), align: 'right' },
                      { title: say('column_treated'), align: 'right' },
                      { title: say('column_control'), align: 'right' },
                    ],
                    rows: runs.map((run) => [
                      format.day(run.runOn),
                      run.considered === null ? say('run_going_on') : format.count(run.considered),
                      format.count(run.treated),
                      format.count(run.control),
                    ]),
                  }}
                />
              )}
            </Section>
          </>
        );
      }}
    </Loaded>
  );
}
