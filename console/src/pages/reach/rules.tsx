// How often, and when, may anybody hear from us at all? A whole set of rules, tried on what was really sent, saved as a version that holds at once.
import { Alert, App, Button, Input } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import type { RulesWire } from '../../../../src/http/contract/reach.ts';
import { callApi, type Answer } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { ConflictNotice } from '../../form/conflict-notice.tsx';
import { useDraft } from '../../form/draft.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useShared } from '../../words/language.ts';
import { RulesCaps } from './rules-caps.tsx';
import { RulesHours } from './rules-hours.tsx';
import type { RulesPart } from './rules-part.ts';
import { RulesPreview } from './rules-preview.tsx';
import { RulesProgrammes } from './rules-programmes.tsx';
import { rulesProblems } from './rules-problems.ts';
import { RulesTimes } from './rules-times.tsx';
import { Topics } from './topics.tsx';
import { useWords } from './words.ts';

export function Rules() {
  const rules = useApi('GET /reach-rules');
  return (
    <Loaded query={rules} rows={8}>
      {(data) => <RulesForm saved={data} reload={async () => (await rules.refetch()).data} />}
    </Loaded>
  );
}

type Saved = Answer<'GET /reach-rules'>;
type RulesFormProps = { readonly saved: Saved; readonly reload: () => Promise<Saved | undefined> };
type Draft = { readonly version: number; readonly rules: RulesWire };

function RulesForm({ saved, reload }: RulesFormProps) {
  const say = useWords();
  const shared = useShared();
  const format = useFormat();
  const { message } = App.useApp();
  const isLocked = !useMay()('reach.write');
  const draft = useDraft<Draft>('reach-rules');
  const [{ version, rules }, setState] = useState<Draft>(
    draft.found?.value ?? { version: saved.version, rules: saved.rules },
  );
  const [note, setNote] = useState('');
  const save = useAct('PUT /reach-rules', ['GET /reach-rules']);
  const { keep } = draft;
  const put = useCallback(
    (part: Partial<RulesWire>): void =>
      setState((before) => {
        const after = { version: before.version, rules: { ...before.rules, ...part } };
        keep(after);
        return after;
      }),
    [keep],
  );
  const start = (from: Pick<Saved, 'version' | 'rules'>): void => {
    draft.drop();
    save.reset();
    setState({ version: from.version, rules: from.rules });
  };
  const submit = (replaces: number | undefined): void =>
    save.mutate(
      { body: { rules, note, ...(replaces === undefined ? {} : { replaces }) } },
      {
        onSuccess: (now) => {
          draft.drop();
          setState({ version: now.version, rules: now.rules });
          setNote('');
          void message.success(say('rules_saved', { version: now.version }));
        },
      },
    );
  const isChanged = JSON.stringify(rules) !== JSON.stringify(saved.rules);
  const problems = rulesProblems(rules, saved.lawfulHours);
  const part: RulesPart = { rules, put, isLocked };
  return (
    <>
      {draft.found === undefined || !isChanged ? null : (
        <Alert
          type="info"
          showIcon
          title={shared('draft_restored', { when: format.instant(draft.found.at) })}
          action={
            <Button size="small" onClick={() => start(saved)}>
              {shared('draft_discard')}
            </Button>
          }
        />
      )}
      <RulesCaps {...part} />
      <RulesTimes {...part} />
      <RulesHours {...part} lawful={saved.lawfulHours} />
      <RulesProgrammes {...part} />
      <Topics />
      <RulesPreview rules={rules} isValid={problems.length === 0} />
      <Section title={say('rules_save')} text={say('rules_save_text')}>
        {problems.map((problem) => (
          <Alert
            key={`${problem.word} ${problem.row}`}
            type="error"
            showIcon
            className="form-alert"
            title={say(problem.word, { n: problem.row })}
          />
        ))}
        {save.error === null ? null : save.error.code === 'conflict' ? (
          <ConflictNotice
            onLoad={() => void reload().then((now) => (now === undefined ? undefined : start(now)))}
            onOverwrite={() => submit(undefined)}
          />
        ) : (
          <Alert type="error" showIcon className="form-alert" title={save.error.message} />
        )}
        {isLocked ? null : (
          <p className="reach-actions">
            <Input
              aria-label={say('note')}
              placeholder={say('note')}
              maxLength={500}
              value={note}
              className="reach-search"
              onChange={(event) => setNote(event.target.value)}
            />
            <Button
              type="primary"
              loading={save.isPending}
              disabled={problems.length > 0 || !isChanged}
              onClick={() => submit(version)}
            >
              {say('rules_put')}
            </Button>
            {isChanged ? <Button onClick={() => start(saved)}>{say('rules_undo')}</Button> : null}
          </p>
        )}
      </Section>
      <Versions versions={saved.versions} isLocked={isLocked} onLoad={(old) => put(old)} />
    </>
  );
}

type VersionsProps = {
  readonly versions: Saved['versions'];
  readonly isLocked: boolean;
  readonly onLoad: (rules: RulesWire) => void;
};

function Versions({ versions, isLocked, onLoad }: VersionsProps) {
  const say = useWords();
  const format = useFormat();
  const [error, setError] = useState<string>();
  const [loaded, setLoaded] = useState<number>();
  useEffect(() => setLoaded(undefined), [versions]);
  const load = async (version: number): Promise<void> => {
    setError(undefined);
    try {
      const old = await callApi('GET /reach-rules', { query: { version } });
      onLoad(old.rules);
      setLoaded(version);
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <Section title={say('versions')} text={say('versions_text')}>
      {error === undefined ? null : <Alert type="error" showIcon className="form-alert" title={error} />}
      {loaded === undefined ? null : (
        <Alert type="info" showIcon className="form-alert" title={say('version_loaded', { version: loaded })} />
      )}
      <ul className="reach-plain">
        {[...versions, { version: 0, note: say('version_defaults'), createdAt: undefined }].map((each) => (
          <li key={each.version} className="reach-actions">
            <span>
              {say('version', { version: each.version })}
              {each.createdAt === undefined ? '' : ` · ${format.instant(each.createdAt)}`} {each.note}
            </span>
            {isLocked ? null : (
              <Button size="small" type="link" onClick={() => void load(each.version)}>
                {say('version_load')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
