// Is everything arriving? What comes in now, what was not taken, what was imported, the catalogue, and people's own data.
import { lazy, Suspense, useState } from 'react';
import { Link, Route, Routes } from 'react-router';
import type { LiveEvents } from '../../../../src/http/contract/overview.ts';
import { useServerEvents } from '../../api/server-events.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Loading } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { Catalogue } from './catalogue.tsx';
import { Imports } from './imports.tsx';
import { Privacy } from './privacy.tsx';
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
  const may = useMay();
  return (
    <Section
      title={say('connect')}
      text={say('connect_text')}
      actions={
        <span className="data-actions">
          {may('keys.read') ? <Link to="/settings/keys">{say('to_keys')}</Link> : null}
          {may('reach.read') ? <Link to="/reach/accounts">{say('to_webhooks')}</Link> : null}
        </span>
      }
    >
      <pre className="data-snippet" tabIndex={0} role="region" aria-label={say('connect')}>
        {snippet(location.origin)}
      </pre>
    </Section>
  );
}
