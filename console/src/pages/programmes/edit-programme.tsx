// The editor of a draft: audience, entry, control, steps, goal. It checks while one types, goes back step by step, tries the draft on today's
// people without writing anything, and loses nothing.
import { Alert, App, Button, Space } from 'antd';
import { RedoOutlined, UndoOutlined } from '@ant-design/icons';
import { lazy, Suspense, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { ProgrammeBody, ProgrammeChoices } from '../../../../src/http/contract/programmes.ts';
import { useAct, useApi, useVersioned } from '../../api/queries.ts';
import { ConflictNotice } from '../../form/conflict-notice.tsx';
import { useDraft } from '../../form/draft.ts';
import { usePinned } from '../../form/pinned.ts';
import { useLater } from '../../form/use-later.ts';
import { useFormat } from '../../format/use-format.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded, Loading } from '../../frame/states.tsx';
import { useShared } from '../../words/language.ts';
import { AudienceFields } from './audience-fields.tsx';
import { edit, idOf, messageStep, startEditing } from './draft-state.ts';
import { DryRun } from './dry-run.tsx';
import { EntryFields } from './entry-fields.tsx';
import { StepFields } from './step-fields.tsx';
import { useWords } from './words.ts';
import './programmes.css';

const Flow = lazy(() => import('./flow.tsx'));

const blank = ({ policies, templates }: ProgrammeChoices): ProgrammeBody => ({
  programmeId: '',
  name: '',
  audience: { policyId: policies[0]?.policyId ?? '', stages: ['dormant'], segment: null },
  entry: { mode: 'recurring', everyDays: 7, reentryAfterDays: 180 },
  controlShare: 0.2,
  steps: [messageStep(templates.find(({ kind }) => kind === 'email')?.templateId ?? '')],
  goal: { withinDays: 30 },
  exitOnReturn: true,
});

export function NewProgramme() {
  const choices = useApi('GET /programme-choices');
  return <Loaded query={choices}>{(data) => <NewFrame choices={data} />}</Loaded>;
}

function NewFrame({ choices }: { readonly choices: ProgrammeChoices }) {
  const say = useWords();
  const [initial] = useState(() => blank(choices));
  if (choices.policies.length === 0)
    return (
      <PageFrame title={say('title')} question={say('new_question')}>
        <Empty
          title={say('no_policy')}
          text={say('no_policy_text')}
          action={<Link to="/dormancy">{say('to_dormancy')}</Link>}
        />
      </PageFrame>
    );
  return <Editor initial={initial} choices={choices} version={undefined} isNew reload={() => undefined} />;
}

export function EditProgramme() {
  const say = useWords();
  const { programmeId = '' } = useParams();
  const stored = useVersioned('GET /programmes/{programmeId}', { params: { programmeId } });
  const choices = useApi('GET /programme-choices');
  return (
    <Loaded query={stored}>
      {({ value, version }) =>
        value.state === 'draft' ? (
          choices.data === undefined ? (
            <Loading />
          ) : (
            <Editor
              initial={value.programme}
              choices={choices.data}
              version={version}
              isNew={false}
              reload={() => void stored.refetch()}
            />
          )
        ) : (
          <PageFrame title={say('title')} question={value.programme.name}>
            <Empty
              title={say('not_a_draft')}
              text={say('not_a_draft_text')}
              action={<Link to={`/programmes/${programmeId}`}>{say('to_programme')}</Link>}
            />
          </PageFrame>
        )
      }
    </Loaded>
  );
}

type EditorProps = {
  readonly initial: ProgrammeBody;
  readonly choices: ProgrammeChoices;
  readonly version: string | undefined;
  readonly isNew: boolean;
  readonly reload: () => void;
};

const CHECK_AFTER_MS = 400;

/** What is wrong with the definition as it stands, asked of the server a moment after the last change. */
function useProblem(body: ProgrammeBody) {
  const written = JSON.stringify(body);
  const asked = useLater(written, CHECK_AFTER_MS);
  const checked = useMemo(() => ({ body: JSON.parse(asked) as ProgrammeBody }), [asked]);
  const check = useApi('POST /programmes/check', checked);
  const isNow = asked === written;
  return {
    problem: isNow ? check.data?.problem : undefined,
    error: isNow ? check.error : null,
    again: () => void check.refetch(),
  };
}

/** The usual problems in the marketer's words; the others as the server says them. */
function useProblemText(): (problem: { readonly where: string; readonly what: string }) => string {
  const say = useWords();
  return ({ where, what }) => {
    const step = /^programme\.steps\.(\d+)/.exec(where)?.[1];
    if (where === 'programme.name') return say('needs_name');
    if (where === 'programme.audience.stages') return say('needs_stage');
    if (/variants\.\d+\.key$/.test(where)) return say('needs_key', { n: Number(step) + 1 });
    if (/variants\.\d+\.templateId/.test(where)) return say('needs_template', { n: Number(step) + 1 });
    return step === undefined ? what : say('problem_step', { n: Number(step) + 1, what });
  };
}

function Editor({ initial: read, choices, version: readAs, isNew, reload }: EditorProps) {
  const say = useWords();
  const shared = useShared();
  const format = useFormat();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const draft = useDraft<ProgrammeBody>(`programme:${read.programmeId === '' ? 'new' : read.programmeId}`, read);
  const seen = usePinned(read, readAs, draft.found !== undefined);
  const { value: initial, version, hold } = seen;
  const standsOn = draft.found?.version ?? version;
  const [state, act] = useReducer(edit, draft.found?.value ?? initial, startEditing);
  const body = isNew ? { ...state.now, programmeId: idOf(state.now.name, 'programme') } : state.now;
  const { problem, error: unchecked, again } = useProblem(body);
  const problemText = useProblemText();
  const create = useAct('POST /programmes', ['GET /programmes']);
  const change = useAct('PATCH /programmes/{programmeId}', ['GET /programmes', 'GET /programmes/{programmeId}']);
  const save = isNew ? create : change;
  const { keep } = draft;
  const isChanged = state.now !== initial;
  const shown = useRef(initial);
  useEffect(() => {
    if (shown.current === initial) return;
    shown.current = initial;
    act({ kind: 'load', to: initial });
  }, [initial]);
  useEffect(() => {
    if (state.past.length === 0) return;
    hold();
    keep(state.now, standsOn);
  }, [state, hold, keep, standsOn]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isText = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (isText || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
      event.preventDefault();
      act({ kind: event.shiftKey ? 'redo' : 'undo' });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const set = (to: ProgrammeBody, field: string): void => act({ kind: 'set', to, field });
  const done = (programmeId: string): void => {
    draft.drop();
    void message.success(shared('saved'));
    void navigate(`/programmes/${programmeId}`);
  };
  const submit = (ifMatch: string | undefined): void => {
    const onSuccess = (): void => done(body.programmeId);
    if (isNew) create.mutate({ body }, { onSuccess });
    else
      change.mutate(
        { params: { programmeId: body.programmeId }, body, ...(ifMatch === undefined ? {} : { ifMatch }) },
        { onSuccess },
      );
  };
  const takeStored = (): void => {
    draft.drop();
    seen.release();
    act({ kind: 'load', to: initial });
  };
  const loadCurrent = (): void => {
    takeStored();
    change.reset();
    reload();
  };
  return (
    <PageFrame
      title={say('title')}
      question={isNew ? say('new_question') : say('edit_question', { name: initial.name })}
      intro={
        <Link to="/programmes" className="programmes-back">
          {say('all')}
        </Link>
      }
      actions={
        <Space.Compact>
          <Button
            icon={<UndoOutlined />}
            aria-label={say('undo')}
            disabled={state.past.length === 0}
            onClick={() => act({ kind: 'undo' })}
          />
          <Button
            icon={<RedoOutlined />}
            aria-label={say('redo')}
            disabled={state.future.length === 0}
            onClick={() => act({ kind: 'redo' })}
          />
        </Space.Compact>
      }
    >
      {draft.found === undefined ? null : (
        <Alert
          type="info"
          showIcon
          title={shared('draft_restored', { when: format.instant(draft.found.at) })}
          action={
            <Button size="small" onClick={takeStored}>
              {shared('draft_discard')}
            </Button>
          }
        />
      )}
      <Section title={say('picture')}>
        <Suspense fallback={<Loading />}>
          <Flow programme={body} />
        </Suspense>
      </Section>
      <AudienceFields body={body} choices={choices} isNew={isNew} set={set} />
      <StepFields body={body} choices={choices} set={set} />
      <EntryFields body={body} set={set} />
      <DryRun body={body} isSound={problem === null} />
      <div className="programmes-save">
        {unchecked !== null && problem === undefined ? (
          <Alert
            type="error"
            showIcon
            title={unchecked.message}
            action={<Button onClick={again}>{shared('try_again')}</Button>}
          />
        ) : problem === null || problem === undefined ? (
          <p className="muted" role="status">
            {problem === null ? say('sound') : say('checking')}
          </p>
        ) : (
          <p className="programmes-problem" role="status">
            {problemText(problem)}
          </p>
        )}
        {save.error === null ? null : save.error.code === 'changed_elsewhere' ? (
          <ConflictNotice onLoad={loadCurrent} onOverwrite={() => submit(undefined)} />
        ) : (
          <Alert type="error" showIcon title={save.error.message} />
        )}
        <Button
          type="primary"
          size="large"
          loading={save.isPending}
          disabled={problem !== null || (!isNew && !isChanged)}
          onClick={() => submit(standsOn)}
        >
          {say('save_draft')}
        </Button>
        {isNew || isChanged || problem !== null ? null : (
          <Link to={`/programmes/${encodeURIComponent(body.programmeId)}`}>
            <Button type="primary" size="large">
              {say('to_start')}
            </Button>
          </Link>
        )}
      </div>
    </PageFrame>
  );
}
