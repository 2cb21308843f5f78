// The programmes there are, and the ideas to start from.
import { Alert, Button, Input, Modal, Select } from 'antd';
import { PlusOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { GalleryLine, ProgrammeLine } from '../../../../src/http/contract/programmes.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { idOf } from './draft-state.ts';
import { useWords } from './words.ts';
import './programmes.css';

export function ProgrammeList() {
  const say = useWords();
  const may = useMay();
  const navigate = useNavigate();
  const programmes = useApi('GET /programmes');
  const mayWrite = may('programmes.write');
  return (
    <PageFrame
      title={say('title')}
      question={say('question')}
      actions={
        mayWrite ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate('/programmes/new')}>
            {say('create')}
          </Button>
        ) : undefined
      }
    >
      <Loaded
        query={programmes}
        empty={{
          when: (data) => data.programmes.length === 0,
          show: <Empty title={say('none')} text={say('none_text')} />,
        }}
      >
        {(data) => (
          <Section title={say('yours')}>
            <ul className="programmes-list">
              {data.programmes.toReversed().map((programme) => (
                <ProgrammeItem key={programme.programmeId} programme={programme} />
              ))}
            </ul>
          </Section>
        )}
      </Loaded>
      {mayWrite ? <Gallery /> : null}
    </PageFrame>
  );
}

export function StateTag({ state }: { readonly state: ProgrammeLine['state'] }) {
  const say = useWords();
  return <span className={`programmes-state programmes-state-${state}`}>{say(`state_${state}`)}</span>;
}

function ProgrammeItem({ programme }: { readonly programme: ProgrammeLine }) {
  const say = useWords();
  const format = useFormat();
  return (
    <li>
      <Link to={`/programmes/${programme.programmeId}`} className="programmes-name">
        {programme.name}
      </Link>
      <StateTag state={programme.state} />
      <span className="muted">{say('created', { at: format.instant(programme.createdAt) })}</span>
      {programme.state === 'draft' ? null : (
        <Link to={`/results/${programme.programmeId}`}>{say('to_result', { name: programme.name })}</Link>
      )}
    </li>
  );
}

function Gallery() {
  const say = useWords();
  const language = useLanguage();
  const gallery = useApi('GET /programme-gallery', undefined, { isSettled: true });
  const [chosen, choose] = useState<GalleryLine>();
  return (
    <Section title={say('gallery')} text={say('gallery_text')}>
      <Loaded query={gallery}>
        {({ entries }) => (
          <div className="programmes-gallery">
            {entries.map((entry) => (
              <article key={entry.key} className="programmes-idea">
                <h3>{entry.name[language]}</h3>
                <p className="muted">{entry.idea[language]}</p>
                <Button onClick={() => choose(entry)}>{say('take')}</Button>
              </article>
            ))}
          </div>
        )}
      </Loaded>
      {chosen === undefined ? null : <TakeIdea key={chosen.key} entry={chosen} close={() => choose(undefined)} />}
    </Section>
  );
}

function TakeIdea({ entry, close }: { readonly entry: GalleryLine; readonly close: () => void }) {
  const say = useWords();
  const language = useLanguage();
  const navigate = useNavigate();
  const choices = useApi('GET /programme-choices');
  const take = useAct('POST /programme-gallery/{key}', ['GET /programmes', 'GET /programme-choices', 'GET /offers']);
  const [name, setName] = useState(entry.name[language]);
  const [policy, setPolicy] = useState<string>();
  const policyId = policy ?? choices.data?.policies[0]?.policyId;
  return (
    <Modal
      open
      title={entry.name[language]}
      onCancel={close}
      okText={say('take_ok')}
      cancelText={say('take_cancel')}
      okButtonProps={{ loading: take.isPending, disabled: policyId === undefined || name.trim() === '' }}
      onOk={() =>
        take.mutate(
          {
            params: { key: entry.key },
            body: { programmeId: idOf(name, entry.key), name: name.trim(), policyId: policyId ?? '' },
          },
          { onSuccess: ({ programme }) => void navigate(`/programmes/${programme.programmeId}/edit`) },
        )
      }
    >
      <p className="muted">{entry.idea[language]}</p>
      <label className="programmes-label" htmlFor="idea-name">
        {say('field_name')}
      </label>
      <Input id="idea-name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      <label className="programmes-label" htmlFor="idea-policy">
        {say('field_policy')}
      </label>
      <Select
        id="idea-policy"
        className="programmes-wide"
        value={policyId ?? null}
        onChange={(value: string | null) => setPolicy(value ?? undefined)}
        options={(choices.data?.policies ?? []).map((each) => ({ value: each.policyId, label: each.name[language] }))}
        notFoundContent={say('no_policy')}
      />
      {take.isError ? <Alert className="programmes-alert" type="error" showIcon title={take.error.message} /> : null}
    </Modal>
  );
}
