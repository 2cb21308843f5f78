// A snippet with a fresh write key, and a light that turns green with the first event.
import { Button, Typography } from 'antd';
import { useState } from 'react';
import type { LiveEvents } from '../../../../src/http/contract/overview.ts';
import { useAct } from '../../api/queries.ts';
import { useServerEvents } from '../../api/server-events.ts';
import { useWords } from './words.ts';

const EVENT_NAMES = ['events'];
const SHOWN_MAX = 6;

const snippet = (key: string): string =>
  `curl -u ${key}: ${location.origin}/v1/track \\
  -H 'Content-Type: application/json' \\
  -d '{"userId":"1","event":"Order Completed",
       "properties":{"revenue":25,"currency":"USD"}}'`;

export function ConnectSdk() {
  const say = useWords();
  const make = useAct('POST /keys', ['GET /keys']);
  const [events, setEvents] = useState<LiveEvents['events']>([]);
  useServerEvents(
    make.data === undefined ? undefined : '/first-run/live',
    (_, value) => setEvents((before) => [...(value as LiveEvents).events, ...before].slice(0, SHOWN_MAX)),
    EVENT_NAMES,
  );
  if (make.data === undefined)
    return (
      <Button
        loading={make.isPending}
        onClick={() => make.mutate({ body: { kind: 'write', label: say('sdk_label') } })}
      >
        {say('sdk_key')}
      </Button>
    );
  return (
    <div className="sdk">
      <Typography.Paragraph copyable={{ text: snippet(make.data.key) }} className="sdk-snippet">
        {snippet(make.data.key)}
      </Typography.Paragraph>
      <p className="sdk-light" role="status">
        <span className={events.length > 0 ? 'light light-on' : 'light'} aria-hidden="true" />
        {events.length > 0 ? say('sdk_live') : say('sdk_waiting')}
      </p>
      <ul className="sdk-events">
        {events.map((event) => (
          <li key={`${event.at} ${event.personId} ${event.event}`}>
            <b>{event.event}</b> <span className="muted tabular">{event.at.slice(11, 19)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
