// What became of every message? Filtered and paged by the server; those of unknown fate stand out, with what to do about them.
import { Alert } from 'antd';
import { Link } from 'react-router';
import type { MessageRow } from '../../../../src/http/contract/reach.ts';
import { useApi } from '../../api/queries.ts';
import { DayField } from '../../form/day-field.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { DataTable, useTableState, type DataColumn } from '../../table/data-table.tsx';
import { asTitle, useTermOptions, useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const dayIn = (text: string | undefined): string | undefined =>
  text !== undefined && DAY.test(text) ? text : undefined;

export function Messages() {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const table = useTableState('messages');
  const { filters, search, page, pageSize } = table.state;
  const messages = useApi(
    'GET /messages',
    {
      query: {
        state: filters['state'],
        channel: filters['channel'],
        programmeId: filters['programme'],
        code: filters['code'],
        personId: search === '' ? undefined : search,
        since: dayIn(filters['since']),
        until: dayIn(filters['until']),
        page,
        limit: pageSize,
      },
    },
    { keepPrevious: true },
  );
  const programmes = useApi('GET /programmes');
  const nameOf = new Map((programmes.data?.programmes ?? []).map((each) => [each.programmeId, each.name]));
  const columns: readonly DataColumn<MessageRow>[] = [
    { key: 'due', title: say('due'), width: 150, render: (row) => format.instant(row.sentAt ?? row.dueAt) },
    {
      key: 'person',
      title: say('person'),
      width: 110,
      render: (row) => <Link to={`/people/${encodeURIComponent(row.personId)}`}>{row.personId}</Link>,
    },
    { key: 'channel', title: say('channel'), width: 130, render: (row) => term('channel', row.channel) },
    {
      key: 'programme',
      title: say('programme'),
      width: 200,
      render: (row) => nameOf.get(row.programmeId) ?? row.programmeId,
    },
    {
      key: 'state',
      title: say('state'),
      width: 110,
      render: (row) =>
        row.state === 'unknown' ? (
          <strong>{asTitle(term('message_state', row.state))}</strong>
        ) : (
          asTitle(term('message_state', row.state))
        ),
    },
    {
      key: 'why',
      title: say('why'),
      width: 240,
      render: (row) =>
        row.code === null ? (
          // A provider's own words, in whatever language; of what went well nobody needs them.
          <span className="muted">{row.state === 'sent' ? '' : row.detail}</span>
        ) : (
          asTitle(term('refusal', row.code))
        ),
    },
  ];
  const rows = messages.data === undefined ? undefined : { rows: messages.data.messages, total: messages.data.total };
  const unknown = messages.data?.byState['unknown'] ?? 0;
  const setDay = (name: 'since' | 'until', value: string): void => {
    const { [name]: _was, ...rest } = filters;
    table.change({ filters: value === '' ? rest : { ...rest, [name]: value } });
  };
  return (
    <Section title={say('place_messages')} text={say('messages_text')}>
      {unknown === 0 ? null : (
        <Alert
          type="warning"
          showIcon
          className="form-alert"
          title={say('unknown_title', { n: format.count(unknown), count: unknown })}
          description={say('unknown_text')}
        />
      )}
      <p className="muted reach-counts" role="status">
        {Object.entries(messages.data?.byState ?? {})
          .map(([state, count]) => `${asTitle(term('message_state', state))} ${format.count(count)}`)
          .join(' · ')}
      </p>
      <DataTable<MessageRow>
        label={say('place_messages')}
        columns={columns}
        query={{ ...messages, data: rows }}
        rowKey={(row) => row.messageId}
        table={table}
        searchHint={say('messages_search')}
        filters={[
          { name: 'state', label: say('filter_state'), options: useTermOptions('message_state') },
          { name: 'channel', label: say('filter_channel'), options: useTermOptions('channel') },
          {
            name: 'programme',
            label: say('filter_programme'),
            options: [...nameOf].map(([value, label]) => ({ value, label })),
          },
          { name: 'code', label: say('why'), options: useTermOptions('refusal') },
        ]}
        empty={<Empty title={say('messages_none')} />}
        actions={
          <span className="reach-days">
            {(['since', 'until'] as const).map((name) => (
              <label key={name}>
                {say(`messages_${name}`)}{' '}
                <DayField
                  label={say(`messages_${name}`)}
                  className="reach-date"
                  value={dayIn(filters[name])}
                  onChange={(day) => setDay(name, day ?? '')}
                />
              </label>
            ))}
          </span>
        }
      />
    </Section>
  );
}
