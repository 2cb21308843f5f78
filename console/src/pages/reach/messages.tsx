// What became of every message? Those of unknown fate stand out, with what to do about them.
import { Alert, Select } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useTermOptions, useTerms } from '../../words/terms.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

const SHOWN = 100;
const FILTERS = ['state', 'channel', 'programmeId'] as const;

export function Messages() {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const [params, setParams] = useSearchParams();
  const chosen = (name: (typeof FILTERS)[number]): string | undefined => params.get(name) ?? undefined;
  const messages = useApi(
    'GET /messages',
    {
      query: { state: chosen('state'), channel: chosen('channel'), programmeId: chosen('programmeId'), limit: SHOWN },
    },
    { keepPrevious: true },
  );
  const programmes = useApi('GET /programmes');
  const options = {
    state: useTermOptions('message_state'),
    channel: useTermOptions('channel'),
    programmeId: (programmes.data?.programmes ?? []).map((each) => ({ value: each.programmeId, label: each.name })),
  };
  const unknown = messages.data?.byState['unknown'] ?? 0;
  return (
    <Section title={say('place_messages')} text={say('messages_text', { n: format.count(SHOWN) })}>
      {unknown === 0 ? null : (
        <Alert
          type="warning"
          showIcon
          className="form-alert"
          title={say('unknown_title', { n: format.count(unknown), count: unknown })}
          description={say('unknown_text')}
        />
      )}
      <div className="reach-tools">
        {FILTERS.map((name) => (
          <Select
            key={name}
            allowClear
            aria-label={say(`filter_${name}`)}
            placeholder={say(`filter_${name}`)}
            value={chosen(name) ?? null}
            options={[...options[name]]}
            className="reach-filter"
            onChange={(value: string | null | undefined) =>
              setParams(
                (before) => {
                  const after = new URLSearchParams(before);
                  if (value === undefined || value === null) after.delete(name);
                  else after.set(name, value);
                  return after;
                },
                { replace: true },
              )
            }
          />
        ))}
      </div>
      <Loaded
        query={messages}
        empty={{ when: (data) => data.messages.length === 0, show: <Empty title={say('messages_none')} /> }}
      >
        {(data) => (
          <>
            <p className="muted reach-counts">
              {Object.entries(data.byState)
                .map(([state, count]) => `${term('message_state', state)} ${format.count(count)}`)
                .join(' · ')}
            </p>
            <PlainTable
              label={say('place_messages')}
              columns={[say('due'), say('person'), say('channel'), say('programme'), say('state'), say('why')]}
              rows={data.messages.map((each) => ({
                key: each.messageId,
                isMarked: each.state === 'unknown',
                cells: [
                  format.instant(each.sentAt ?? each.dueAt),
                  <Link key="person" to={`/people/${encodeURIComponent(each.personId)}`}>
                    {each.personId}
                  </Link>,
                  term('channel', each.channel),
                  each.programmeId,
                  term('message_state', each.state),
                  each.code === null ? (each.detail ?? '') : term('refusal', each.code),
                ],
              }))}
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}
