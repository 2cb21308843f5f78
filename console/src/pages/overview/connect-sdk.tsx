// A snippet with a fresh write key, a light that turns green with the first event, and the analysis as soon as there is one.
import { Alert, Button, Segmented, Typography } from 'antd';
import { useState } from 'react';
import type { LiveEvents } from '../../../../src/http/contract/overview.ts';
import { useAct } from '../../api/queries.ts';
import { useServerEvents } from '../../api/server-events.ts';
import { useWords } from './words.ts';

const EVENT_NAMES = ['events'];
/** Nothing has been analysed yet: whatever came before the line was open, or while it was broken, counts as well. */
const LIVE = `/first-run/live?since=${encodeURIComponent(new Date(0).toISOString())}`;
const SHOWN_MAX = 6;

const webSnippet = (key: string, host: string): string => `<script>
  window.rekindle = [];
  for (const name of ['load', 'identify', 'track', 'page', 'group', 'alias', 'reset', 'consent', 'token'])
    rekindle[name] = (...given) => rekindle.push([name, ...given]);
  rekindle.load({ host: '${host}', writeKey: '${key}' });
  // Who she is, once she is signed in, and what she buys:
  // rekindle.identify('42', { email: 'mei@example.com' });
  // rekindle.track('Order Completed', { order_id: 'A-1', revenue: 25, currency: 'USD' });
</script>
<script async src="${host}/sdk.js"></script>`;

const serverSnippet = (key: string, host: string): string =>
  `curl -u ${key}: ${host}/v1/track \\
  -H 'Content-Type: application/json' \\
  -d '{"userId":"1","event":"Order Completed",
       "properties":{"revenue":25,"currency":"USD"}}'`;

const SNIPPETS = { web: webSnippet, server: serverSnippet } as const;

export function ConnectSdk({ onAnalysed }: { readonly onAnalysed: () => void }) {
  const say = useWords();
  const make = useAct('POST /keys', ['GET /keys']);
  const analyse = useAct('POST /first-run/analysis');
  const [events, setEvents] = useState<LiveEvents['events']>([]);
  const [place, setPlace] = useState<keyof typeof SNIPPETS>('web');
  useServerEvents(
    make.data === undefined ? undefined : LIVE,
    (_, value) => {
      const fresh = (value as LiveEvents).events;
      // A line that was joined again tells of some once more.
      const told = new Set(fresh.map((event) => JSON.stringify(event)));
      setEvents((before) =>
        [...fresh, ...before.filter((event) => !told.has(JSON.stringify(event)))].slice(0, SHOWN_MAX),
      );
      // Whatever arrives may be the first that counts: until one does, there is nothing to analyse.
      if (!analyse.isPending && !analyse.isSuccess) analyse.mutate({}, { onSuccess: onAnalysed });
    },
    EVENT_NAMES,
  );
  if (make.data === undefined)
    return (
      <>
        <Button
          loading={make.isPending}
          onClick={() => make.mutate({ body: { kind: 'write', label: say('sdk_label') } })}
        >
          {say('sdk_key')}
        </Button>
        {make.error === null ? null : <Alert type="error" showIcon title={make.error.message} />}
      </>
    );
  const text = SNIPPETS[place](make.data.key, location.origin);
  return (
    <div className="sdk">
      <Segmented
        aria-label={say('sdk')}
        value={place}
        onChange={setPlace}
        options={[
          { value: 'web', label: say('sdk_web') },
          { value: 'server', label: say('sdk_server') },
        ]}
      />
      <Typography.Paragraph copyable={{ text }} className="sdk-snippet">
        {text}
      </Typography.Paragraph>
      <p className="sdk-light" role="status">
        <span className={events.length > 0 ? 'light light-on' : 'light'} aria-hidden="true" />
        {events.length > 0 ? say('sdk_live') : say('sdk_waiting')}
      </p>
      <ul className="sdk-events">
        {events.map((event, at) => (
          <li key={`${event.at} ${event.personId} ${event.event} ${at}`}>
            <b>{event.event}</b> {event.personId} <span className="muted tabular">{event.at.slice(11, 19)}</span>
          </li>
        ))}
      </ul>
      {analyse.error === null ? null : (
        <p className="muted" role="status">
          {analyse.error.code === 'not_enough_data' ? say('sdk_not_yet') : analyse.error.message}
        </p>
      )}
    </div>
  );
}
