// What may be done with a person's record: hand it out, join it with another, erase it. Each for those whose role includes it.
import { Alert, App, Button, Input, Modal, Progress } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { PersonStory } from '../../../../src/http/contract/people.ts';
import { saveAnswer } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { useAct } from '../../api/queries.ts';
import { useMay } from '../../session/session.tsx';
import { useWords } from './words.ts';

type OfStory = { readonly story: PersonStory };

export function PersonActions({ story }: OfStory) {
  const may = useMay();
  return (
    <>
      {may('people.export') ? <Export story={story} /> : null}
      {may('people.write') ? <Merge story={story} /> : null}
      {may('people.erase') ? <Erase story={story} /> : null}
    </>
  );
}

function Export({ story }: OfStory) {
  const say = useWords();
  const { message } = App.useApp();
  const [isBusy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await saveAnswer(
        'GET /people/{personId}/export',
        { params: { personId: story.personId } },
        { name: `${story.personId}.json`, type: 'application/json' },
      );
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      void message.error(error.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button loading={isBusy} onClick={() => void save()}>
      {say('export')}
    </Button>
  );
}

function Merge({ story }: OfStory) {
  const say = useWords();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const [into, setInto] = useState('');
  const merge = useAct('POST /people/{personId}/merge', ['GET /people/{personId}/story', 'GET /people/table']);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say('merge')}</Button>
      <Modal
        title={say('merge_title')}
        open={isOpen}
        okText={say('merge')}
        okButtonProps={{ disabled: into.trim() === '', loading: merge.isPending }}
        onCancel={() => setOpen(false)}
        onOk={() =>
          merge.mutate(
            { params: { personId: story.personId }, body: { into: into.trim() } },
            {
              onSuccess: ({ personId }) => {
                setOpen(false);
                void navigate(`/people/${encodeURIComponent(personId)}`);
              },
            },
          )
        }
      >
        <p>{say('merge_text', { id: story.personId })}</p>
        <Input
          aria-label={say('merge_into')}
          placeholder={say('merge_into')}
          value={into}
          onChange={(event) => setInto(event.target.value)}
        />
        {merge.isError ? <Alert type="error" showIcon className="people-alert" title={merge.error.message} /> : null}
      </Modal>
    </>
  );
}

function Erase({ story }: OfStory) {
  const say = useWords();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const erase = useAct('DELETE /people/{personId}', ['GET /people/table']);
  return (
    <>
      <Button danger onClick={() => setOpen(true)}>
        {say('erase')}
      </Button>
      <Modal
        title={say('erase_title')}
        open={isOpen}
        okText={say('erase_sure')}
        okButtonProps={{ danger: true, disabled: typed !== story.personId, loading: erase.isPending }}
        cancelButtonProps={{ disabled: erase.isPending }}
        closable={!erase.isPending}
        mask={{ closable: !erase.isPending }}
        onCancel={() => setOpen(false)}
        onOk={() =>
          erase.mutate(
            { params: { personId: story.personId } },
            {
              onSuccess: () => {
                void message.success(say('erased', { id: story.personId }));
                void navigate('/people');
              },
            },
          )
        }
      >
        <p>{say('erase_text')}</p>
        <p className="people-erase-id">
          {say('erase_type')} <code>{story.personId}</code>
        </p>
        <Input
          aria-label={say('erase_type')}
          autoComplete="off"
          value={typed}
          disabled={erase.isPending}
          onChange={(event) => setTyped(event.target.value)}
        />
        {erase.isPending ? (
          <div className="people-alert" role="status">
            <Progress percent={100} status="active" showInfo={false} aria-label={say('erasing')} />
            <p className="muted">{say('erasing')}</p>
          </div>
        ) : null}
        {erase.isError ? <Alert type="error" showIcon className="people-alert" title={erase.error.message} /> : null}
      </Modal>
    </>
  );
}
