// Building a segment with its count alive, and keeping it: versions, frozen sets, files.
import { Alert, App, Button, Checkbox, Input, Select } from 'antd';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { SavedSegment, SegmentNode, SegmentVocabulary } from '../../../../src/http/contract/segments.ts';
import type { ApiProblem } from '../../api/problem.ts';
import { useAct, useApi, useVersioned } from '../../api/queries.ts';
import { ConflictNotice } from '../../form/conflict-notice.tsx';
import { useDraft } from '../../form/draft.ts';
import { usePinned } from '../../form/pinned.ts';
import { useLater } from '../../form/use-later.ts';
import { useFormat } from '../../format/use-format.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage, useShared } from '../../words/language.ts';
import { Builder } from './builder.tsx';
import { startOf, stepped } from './history.ts';
import { operatorsOf, problemsOf, type Problem } from './operators.ts';
import { SegmentKept } from './segment-kept.tsx';
import { rooted } from './tree.ts';
import { useWords } from './words.ts';
import './segments.css';

const ASK_AFTER_MS = 300;
/** The rest is asked when she rests: the count comes first. */
const REST_MS = 900;
const EXAMPLES = 8;

/** What somebody edits. */
type Edited = {
  readonly segmentId: string;
  readonly name: string;
  readonly tree: SegmentNode;
  readonly policyId: string | undefined;
  readonly allowUnseen: boolean;
  readonly watched: boolean;
};

const NOTHING: Edited = {
  segmentId: '',
  name: '',
  tree: { kind: 'and', of: [] },
  policyId: undefined,
  allowUnseen: false,
  watched: true,
};
const editedOf = (saved: SavedSegment): Edited => ({
  segmentId: saved.segmentId,
  name: saved.name,
  tree: rooted(saved.segment),
  policyId: saved.policyId ?? undefined,
  allowUnseen: saved.allowUnseen,
  watched: saved.watched,
});

function Back() {
  const say = useWords();
  return (
    <Link to="/segments" className="seg-back">
      {say('all')}
    </Link>
  );
}

export function NewSegment() {
  const say = useWords();
  const vocabulary = useApi('GET /segments/vocabulary', { query: {} });
  return (
    <PageFrame title={say('title')} question={say('new_question')} intro={<Back />}>
      <Loaded query={vocabulary} rows={8}>
        {(data) => <Editor vocabulary={data} start={NOTHING} />}
      </Loaded>
    </PageFrame>
  );
}

export function SegmentPage() {
  const say = useWords();
  const { segmentId = '' } = useParams();
  const given = { params: { segmentId } };
  const saved = useVersioned('GET /segments/{segmentId}', given);
  const stored = saved.data?.value;
  const start = useMemo(() => (stored === undefined ? NOTHING : editedOf(stored)), [stored]);
  const vocabulary = useApi('GET /segments/vocabulary', { query: {} });
  return (
    <PageFrame title={say('title')} question={saved.data?.value.name ?? segmentId} intro={<Back />}>
      <Loaded query={saved} rows={8}>
        {({ value, version }) => (
          <>
            <Loaded query={vocabulary} rows={8}>
              {(data) => (
                <Editor
                  key={value.segmentId}
                  vocabulary={data}
                  start={start}
                  saved={value}
                  etag={version}
                  reload={() => void saved.refetch()}
                />
              )}
            </Loaded>
            <SegmentKept segment={value} />
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

/** What the server refused and where in the tree. */
const refusalOf = (error: ApiProblem | null): Problem | undefined => {
  const where = error?.details['where'];
  const what = error?.details['what'];
  return typeof where === 'string' && typeof what === 'string' && where.startsWith('segment')
    ? { kind: 'refused', place: where, what }
    : undefined;
};

type EditorProps = {
  readonly vocabulary: SegmentVocabulary;
  readonly start: Edited;
  readonly saved?: SavedSegment;
  readonly etag?: string | undefined;
  readonly reload?: () => void;
};

function Editor({ vocabulary, start: read, saved, etag, reload }: EditorProps) {
  const say = useWords();
  const shared = useShared();
  const format = useFormat();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const may = useMay();
  const isLocked = !may('segments.write');
  const draft = useDraft<Edited>(`segment:${saved?.segmentId ?? 'new'}`, read);
  const seen = usePinned(read, etag, draft.found !== undefined);
  const { value: start, version, hold } = seen;
  const standsOn = draft.found?.version ?? version;
  const [own, setOwn] = useState<Edited>(draft.found?.value ?? start);
  const [history, step] = useReducer(stepped, draft.found?.value.tree ?? start.tree, startOf);
  const tree = history.present;
  const operators = useMemo(() => operatorsOf(vocabulary), [vocabulary]);
  const problems = problemsOf(tree, operators);
  const edited: Edited = { ...own, tree };
  const { keep } = draft;
  const text = JSON.stringify(edited);
  const isChanged = text !== JSON.stringify(start);
  const shown = useRef(start);
  useEffect(() => {
    if (shown.current === start) return;
    shown.current = start;
    setOwn(start);
    step({ kind: 'start', tree: start.tree });
  }, [start]);
  useEffect(() => {
    if (!isChanged) return;
    hold();
    keep(JSON.parse(text) as Edited, standsOn);
  }, [text, isChanged, hold, keep, standsOn]);
  const set = (change: Partial<Edited>): void => setOwn((before) => ({ ...before, ...change }));

  const asked = useLater(tree, ASK_AFTER_MS);
  const isWhole = problemsOf(asked, operators).length === 0;
  const body = {
    segment: asked,
    ...(own.policyId === undefined ? {} : { policyId: own.policyId }),
    ...(own.allowUnseen ? { allowUnseen: true } : {}),
  };
  const isRested = useLater(asked, REST_MS) === asked;
  const count = useApi('POST /segments/count', { body }, { enabled: isWhole, keepPrevious: true });
  const explained = useApi('POST /segments/explain', { body }, { enabled: isWhole && isRested && count.isSuccess });
  const refused = isWhole ? refusalOf(count.error) : undefined;
  const counts = new Map(explained.data?.conditions.map((each) => [each.place, each.people]));

  const create = useAct('POST /segments', ['GET /segments', 'GET /segments/vocabulary']);
  const change = useAct('PATCH /segments/{segmentId}', [
    'GET /segments',
    'GET /segments/{segmentId}',
    'GET /segments/{segmentId}/count',
  ]);
  const save = saved === undefined ? create : change;
  const definition = {
    name: own.name.trim(),
    segment: tree,
    allowUnseen: own.allowUnseen,
    watched: own.watched,
    ...(own.policyId === undefined ? {} : { policyId: own.policyId }),
  };
  const onSuccess = (answer: SavedSegment): void => {
    draft.drop();
    seen.release();
    void message.success(say('saved_version', { n: answer.version }));
    if (saved === undefined) void navigate(`/segments/${encodeURIComponent(answer.segmentId)}`);
  };
  const submit = (ifMatch: string | undefined): void => {
    if (saved === undefined) create.mutate({ body: { ...definition, segmentId: own.segmentId } }, { onSuccess });
    else
      change.mutate(
        {
          params: { segmentId: saved.segmentId },
          body: definition,
          ...(ifMatch === undefined ? {} : { ifMatch }),
        },
        { onSuccess },
      );
  };
  const isIdGood = saved !== undefined || /^[a-z0-9][a-z0-9-]{0,63}$/.test(own.segmentId);
  const begin = (from: Edited): void => {
    draft.drop();
    setOwn(from);
    step({ kind: 'start', tree: from.tree });
  };
  const takeStored = (): void => {
    seen.release();
    begin(start);
  };
  return (
    <>
      <Section title={say('builder')} text={say('builder_text')}>
        {draft.found === undefined ? null : (
          <Alert
            type="info"
            showIcon
            className="form-alert"
            title={shared('draft_restored', {
              when: format.instant(draft.found.at),
            })}
            action={
              <Button size="small" onClick={takeStored}>
                {shared('draft_discard')}
              </Button>
            }
          />
        )}
        <LiveCount
          isWhole={isWhole}
          count={count.data}
          error={isWhole && refused === undefined ? count.error : null}
          isStale={count.isPlaceholderData || asked !== tree}
        />
        <Builder
          history={history}
          step={step}
          vocabulary={vocabulary}
          ownId={saved?.segmentId}
          problems={refused === undefined ? problems : [...problems, refused]}
          counts={counts}
          isLocked={isLocked}
        />
      </Section>
      {isWhole && may('people.read') ? <Examples body={body} isAsked={isRested && count.isSuccess} /> : null}
      {isLocked ? null : (
        <Section title={say(saved === undefined ? 'save_new' : 'save_change')}>
          <div className="seg-save">
            <label>
              {say('name')}
              <Input value={own.name} maxLength={200} onChange={(event) => set({ name: event.target.value })} />
            </label>
            {saved === undefined ? (
              <label>
                {say('id')}
                <Input
                  value={own.segmentId}
                  maxLength={64}
                  status={own.segmentId === '' || isIdGood ? '' : 'error'}
                  onChange={(event) => set({ segmentId: event.target.value })}
                />
                <span className="muted">{say('id_help')}</span>
              </label>
            ) : null}
            {vocabulary.policies.length > 1 ? (
              <label>
                {say('policy')}
                <Select
                  aria-label={say('policy')}
                  allowClear
                  value={own.policyId ?? null}
                  options={vocabulary.policies.map((each) => ({
                    value: each.policyId,
                    label: each.name,
                  }))}
                  onChange={(policyId?: string | null) => set({ policyId: policyId ?? undefined })}
                />
                <span className="muted">{say('policy_help')}</span>
              </label>
            ) : null}
          </div>
          <p>
            <Checkbox checked={own.watched} onChange={(event) => set({ watched: event.target.checked })}>
              {say('watched')}
            </Checkbox>
          </p>
          <p>
            <Checkbox checked={own.allowUnseen} onChange={(event) => set({ allowUnseen: event.target.checked })}>
              {say('allow_unseen')}
            </Checkbox>
          </p>
          {save.error === null ? null : save.error.code === 'changed_elsewhere' ? (
            <ConflictNotice
              onLoad={() => {
                takeStored();
                save.reset();
                reload?.();
              }}
              onOverwrite={() => submit(undefined)}
            />
          ) : (
            <Alert type="error" showIcon className="form-alert" title={save.error.message} />
          )}
          <Button
            type="primary"
            className="seg-save-button"
            loading={save.isPending}
            disabled={problems.length > 0 || own.name.trim() === '' || !isIdGood || (saved !== undefined && !isChanged)}
            onClick={() => submit(standsOn)}
          >
            {shared('save')}
          </Button>
        </Section>
      )}
      {saved === undefined ? null : <Versions saved={saved} take={begin} isLocked={isLocked} />}
    </>
  );
}

type LiveCountProps = {
  readonly isWhole: boolean;
  readonly count:
    | {
        readonly people: number;
        readonly of: number;
        readonly tookMs: number;
        readonly words: Words;
      }
    | undefined;
  readonly error: ApiProblem | null;
  readonly isStale: boolean;
};
type Words = { readonly en: string; readonly zh: string };

function LiveCount({ isWhole, count, error, isStale }: LiveCountProps) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  if (!isWhole) return <p className="seg-live muted">{say('not_whole')}</p>;
  if (error !== null) return <Alert type="error" showIcon className="form-alert" title={error.message} />;
  if (count === undefined) return <p className="seg-live muted">{say('counting')}</p>;
  return (
    <div className={isStale ? 'seg-live seg-stale' : 'seg-live'} role="status" aria-live="polite">
      <p>
        <span className="seg-number-big tabular">{format.count(count.people)}</span>{' '}
        {say('of_all', {
          share: format.percent(count.of === 0 ? 0 : count.people / count.of),
          of: format.count(count.of),
        })}{' '}
        <span className="muted tabular">{say('took', { ms: format.count(count.tookMs) })}</span>
      </p>
      <p className="seg-words">{count.words[language]}</p>
    </div>
  );
}

type ExamplesProps = {
  readonly body: {
    readonly segment: SegmentNode;
    readonly policyId?: string;
    readonly allowUnseen?: boolean;
  };
  readonly isAsked: boolean;
};

function Examples({ body, isAsked }: ExamplesProps) {
  const say = useWords();
  const examples = useApi(
    'POST /segments/examples',
    { body: { ...body, limit: EXAMPLES } },
    { enabled: isAsked, keepPrevious: true },
  );
  if (examples.data === undefined) return null;
  return (
    <Section title={say('examples')} text={say('examples_text')}>
      {examples.data.examples.length === 0 ? (
        <p className="muted">{say('examples_none')}</p>
      ) : (
        <ul className="seg-examples">
          {examples.data.examples.map((person) => (
            <li key={person.personId}>
              <Link to={`/people/${encodeURIComponent(person.personId)}`}>{person.firstName ?? person.personId}</Link>
              <span className="muted"> {person.email ?? (person.firstName === null ? '' : person.personId)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

type VersionsProps = {
  readonly saved: SavedSegment;
  readonly take: (from: Edited) => void;
  readonly isLocked: boolean;
};

function Versions({ saved, take, isLocked }: VersionsProps) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const all = useApi('GET /segments/{segmentId}', {
    params: { segmentId: saved.segmentId },
  });
  const versions = all.data?.versions ?? [];
  if (versions.length < 2) return null;
  return (
    <Section title={say('versions')} text={say('versions_text')}>
      <ol className="seg-versions">
        {versions.map((version) => (
          <li key={version.version}>
            <div>
              <strong>{say('version', { n: version.version })}</strong>{' '}
              <span className="muted">{format.instant(version.createdAt)}</span>
              <p>{version.words[language]}</p>
            </div>
            {version.active || isLocked ? null : (
              <Button size="small" onClick={() => take({ ...editedOf(version), name: saved.name })}>
                {say('version_take')}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
