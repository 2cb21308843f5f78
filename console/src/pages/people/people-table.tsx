// Everybody: searched, filtered, sorted and paged by the server. A row opens the person's story.
import { Alert, Tag } from 'antd';
import { Link } from 'react-router';
import type { PeopleSort, PersonRow } from '../../../../src/http/contract/people.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { LeftOut } from '../../frame/left-out.tsx';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { DataTable, useTableState, type DataColumn } from '../../table/data-table.tsx';
import { useTermOptions, useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';
import './people.css';

const SORTS: readonly string[] = [
  'lastOn',
  'spent',
  'returnProbability',
  'expectedValue',
] satisfies readonly PeopleSort[];
const isSort = (key: string | undefined): key is PeopleSort => key !== undefined && SORTS.includes(key);
const TABLE_HEIGHT = 620;

export function PeopleTable() {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const may = useMay();
  const table = useTableState('people', { sort: 'lastOn', descending: true });
  const { search, filters, sort, descending, page, pageSize } = table.state;
  const people = useApi(
    'GET /people/table',
    {
      query: {
        policyId: filters['policy'],
        stage: filters['stage'],
        reason: filters['reason'],
        rfmGroup: filters['rfm'],
        segmentId: filters['segment'],
        search,
        sort: isSort(sort) ? sort : undefined,
        descending,
        page,
        pageSize,
      },
    },
    { keepPrevious: true },
  );
  const segments = useApi('GET /segments', undefined, { enabled: may('segments.read') });
  const policies = people.data?.policies ?? [];
  const columns: readonly DataColumn<PersonRow>[] = [
    {
      key: 'person',
      title: say('person'),
      width: 205,
      render: (row) => (
        <div className="people-name">
          <Link to={`/people/${encodeURIComponent(row.personId)}`}>{row.firstName ?? row.personId}</Link>
          <span className="muted">{row.email ?? row.phone ?? (row.firstName === null ? '' : row.personId)}</span>
        </div>
      ),
    },
    {
      key: 'stage',
      title: say('stage'),
      width: 135,
      render: (row) =>
        row.stage === null ? (
          <span className="muted">{say('no_stage')}</span>
        ) : (
          <div className="people-name">
            <span>{term('stage', row.stage)}</span>
            <span className="muted">
              {row.stageSince === null ? '' : say('since', { day: format.day(row.stageSince) })}
            </span>
          </div>
        ),
    },
    {
      key: 'reason',
      title: say('reason'),
      width: 145,
      render: (row) =>
        row.reason === null ? '' : `${term('reason', row.reason)} · ${format.percent(row.reasonProbability ?? 0, 0)}`,
    },
    {
      key: 'rfm',
      title: say('rfm'),
      width: 135,
      render: (row) => (row.rfmGroup === null ? '' : <Tag>{term('rfm_group', row.rfmGroup)}</Tag>),
    },
    {
      key: 'lastOn',
      title: say('last_on'),
      width: 125,
      sortable: true,
      render: (row) =>
        row.lastOn === null ? (
          <span className="muted">{say('never')}</span>
        ) : (
          <div className="people-name">
            <span>{format.day(row.lastOn)}</span>
            <span className="muted">
              {say('silent', { n: format.count(row.silentDays ?? 0), count: row.silentDays ?? 0 })}
            </span>
          </div>
        ),
    },
    {
      key: 'spent',
      title: say('spent'),
      width: 95,
      align: 'right',
      sortable: true,
      render: (row) => (row.spentCents === null ? '' : format.money(row.spentCents)),
    },
    {
      key: 'returnProbability',
      title: say('chance'),
      width: 105,
      align: 'right',
      sortable: true,
      render: (row) => (row.returnProbability === null ? '' : format.percent(row.returnProbability)),
    },
    {
      key: 'expectedValue',
      title: say('value'),
      width: 105,
      align: 'right',
      sortable: true,
      render: (row) => (row.expectedValueCents === null ? '' : format.money(row.expectedValueCents)),
    },
  ];
  const day = people.data?.evaluatedUntil;
  return (
    <PageFrame title={say('title')} question={say('question')} intro={say('intro')}>
      <Section>
        {people.data?.isSearchCut === true ? (
          <Alert type="info" showIcon className="form-alert" title={say('search_cut')} />
        ) : null}
        <LeftOut told={people.data?.leftOut} />
        <DataTable<PersonRow>
          label={say('title')}
          columns={columns}
          query={people}
          rowKey={(row) => row.personId}
          table={table}
          searchHint={say('search')}
          height={TABLE_HEIGHT}
          filters={[
            ...(policies.length > 1
              ? [
                  {
                    name: 'policy',
                    label: say('policy'),
                    options: policies.map(({ policyId, name }) => ({ value: policyId, label: name })),
                  },
                ]
              : []),
            { name: 'stage', label: say('stage'), options: useTermOptions('stage') },
            { name: 'reason', label: say('reason'), options: useTermOptions('reason') },
            { name: 'rfm', label: say('rfm'), options: useTermOptions('rfm_group') },
            {
              name: 'segment',
              label: say('segment'),
              options: (segments.data?.segments ?? []).map(({ segmentId, name }) => ({
                value: segmentId,
                label: name,
              })),
            },
          ]}
          empty={<Empty title={say('nobody')} text={say('nobody_text')} />}
        />
        {day === null || day === undefined ? null : (
          <p className="muted people-note">{say('evaluated', { day: format.day(day) })}</p>
        )}
      </Section>
    </PageFrame>
  );
}
