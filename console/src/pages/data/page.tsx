// Is everything arriving? What comes in now, what was not taken, what was imported, the catalogue, and people's own data.
import { Alert, Button, Input, Modal } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { Link, Route, Routes } from 'react-router';
import type { LiveEvents } from '../../../../src/http/contract/overview.ts';
import { callApi } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useServerEvents } from '../../api/server-events.ts';
import { useFormat } from '../../format/use-format.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded, Loading } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { Imports } from './imports.tsx';
import { useWords } from './words.ts';
import './data.css';

const Dropped = lazy(async () => ({ default: (await import('./dropped.tsx')).Dropped }));

const AnalysisPage = lazy(async () => ({ default: (await import('../../analysis/analysis-page.tsx')).AnalysisPage }));

export function Page() {
  return (
    <Routes>
      <Route index element={<Arriving />} />
      <Route
        path="analysis"
        element={
          <Suspense fallback={<Loading rows={8} />}>
            <AnalysisPage />
          </Suspense>
        }
      />
    </Routes>
  );
}

function Arriving() {
  const say = useWords();
  const may = useMay();
  return (
    <PageFrame title={say('title')} question={say('question')}>
      <Imports />
      <div className="columns">
        <Live />
        <Connect />
      </div>
      <Suspense fallback={<Loading />}>
        <Dropped />
      </Suspense>
      <Catalogue />
      {may('people.export') ? <Privacy /> : null}
    </PageFrame>
  );
}

const EVENT_NAMES = ['events'];
const SHOWN_MAX = 12;

function Live() {
  const say = useWords();
  const [events, setEvents] = useState<LiveEvents['events']>([]);
  const line = useServerEvents(
    '/first-run/live',
    (_, value) => setEvents((before) => [...(value as LiveEvents).events, ...before].slice(0, SHOWN_MAX)),
    EVENT_NAMES,
  );
  return (
    <Section title={say('live')} text={say('live_text')}>
      <p role="status" className="muted">
        {line === 'lost' ? say('live_lost') : events.length === 0 ? say('live_waiting') : say('live_on')}
      </p>
      <ul className="data-list">
        {events.map((event, at) => (
          <li key={`${event.at} ${event.personId} ${event.event} ${at}`}>
            <b>{event.event}</b> <span>{event.personId}</span>{' '}
            <span className="muted tabular">{event.at.slice(11, 19)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const snippet = (origin: string): string =>
  `curl -u YOUR_WRITE_KEY: ${origin}/v1/track \\
  -H 'Content-Type: application/json' \\
  -d '{"userId":"1","event":"Order Completed",
       "properties":{"revenue":25,"currency":"USD"}}'`;

function Connect() {
  const say = useWords();
  return (
    <Section
      title={say('connect')}
      text={say('connect_text')}
      actions={<Link to="/settings/keys">{say('to_keys')}</Link>}
    >
      <pre className="data-snippet" tabIndex={0} role="region" aria-label={say('connect')}>
        {snippet(location.origin)}
      </pre>
    </Section>
  );
}

function Catalogue() {
  const say = useWords();
  const format = useFormat();
  const [query, setQuery] = useState('');
  const items = useApi('GET /catalogue', { query: { query, limit: 30 } }, { keepPrevious: true });
  return (
    <Section title={say('catalogue')} text={say('catalogue_text')}>
      <Input.Search
        aria-label={say('catalogue_search')}
        placeholder={say('catalogue_search')}
        allowClear
        className="data-search"
        onSearch={(text) => setQuery(text.trim())}
      />
      <Loaded
        query={items}
        empty={{ when: (data) => data.items.length === 0, show: <Empty title={say('catalogue_none')} /> }}
      >
        {(data) => (
          <div className="data-scroll" tabIndex={0} role="region" aria-label={say('catalogue')}>
            <table className="data-rows">
              <thead>
                <tr>
                  {(['product', 'category', 'price', 'available'] as const).map((column) => (
                    <th key={column} scope="col">
                      {say(`column_${column}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {data.items.map((item) => (
                  <tr key={item.itemId}>
                    <td>{item.name === '' ? item.itemId : item.name}</td>
                    <td>{item.category}</td>
                    <td className="tabular">{format.money(item.priceCents)}</td>
                    <td>{item.available ? say('available') : say('sold_out')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Section>
  );
}

/** What she may ask of the law: her data in a file, or gone. */
function Privacy() {
  const say = useWords();
  const may = useMay();
  const [personId, setPersonId] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const erase = useAct('DELETE /people/{personId}');
  const params = { personId: personId.trim() };
  const download = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const held = await callApi('GET /people/{personId}/export', { params });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([JSON.stringify(held, null, 2)], { type: 'application/json' }));
      link.download = `${params.personId}.json`;
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (cause) {
      setProblem(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={say('privacy')} text={say('privacy_text')}>
      <p className="data-actions">
        <Input
          aria-label={say('person_id')}
          placeholder={say('person_id')}
          value={personId}
          className="data-search"
          onChange={(event) => {
            setPersonId(event.target.value);
            erase.reset();
          }}
        />
        <Button loading={isBusy} disabled={params.personId === ''} onClick={() => void download()}>
          {say('export')}
        </Button>
        {may('people.erase') ? (
          <Button danger disabled={params.personId === ''} loading={erase.isPending} onClick={() => setAsking(true)}>
            {say('erase')}
          </Button>
        ) : null}
      </p>
      {problem === undefined ? null : <Alert type="error" showIcon title={problem} />}
      {erase.error === null ? null : <Alert type="error" showIcon title={erase.error.message} />}
      {erase.data === undefined ? null : (
        <Alert type="success" showIcon title={say('erased', { id: erase.data.personId })} />
      )}
      {isAsking ? (
        <Modal
          open
          title={say('erase_title', { id: params.personId })}
          okText={say('erase')}
          okButtonProps={{ danger: true }}
          cancelText={say('cancel')}
          onCancel={() => setAsking(false)}
          onOk={() => {
            setAsking(false);
            erase.mutate({ params });
          }}
        >
          {say('erase_text')}
        </Modal>
      ) : null}
    </Section>
  );
}
