// Who changed what, with what it was before and is after.
import { Button } from 'antd';
import { useState } from 'react';
import type { AuditRow } from '../../../../src/http/contract/accounts.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { WideTable } from '../../table/wide-table.tsx';
import { useDone } from './operations.ts';
import { useWords } from './words.ts';

const LIMIT = 50;

/** Only what differs: field → before and after. */
function differences(row: AuditRow): readonly (readonly [string, string, string])[] {
  const before = (row.before ?? {}) as Readonly<Record<string, unknown>>;
  const after = (row.after ?? {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string => (value === undefined ? '' : (JSON.stringify(value) ?? ''));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => [name, text(before[name]), text(after[name])] as const)
    .filter(([, was, is]) => was !== is);
}

export function Audit() {
  const say = useWords();
  const format = useFormat();
  const done = useDone();
  const [beforeId, setBeforeId] = useState<number>();
  const audit = useApi('GET /audit', { query: { limit: LIMIT, ...(beforeId === undefined ? {} : { beforeId }) } });
  return (
    <Section title={say('place_audit')} text={say('audit_text')}>
      <Loaded
        query={audit}
        empty={{ when: ({ entries }) => entries.length === 0, show: <Empty title={say('audit_none')} /> }}
      >
        {({ entries }) => (
          <>
            <WideTable<AuditRow>
              label={say('place_audit')}
              rowKey="entryId"
              dataSource={[...entries]}
              pagination={false}
              columns={[
                { key: 'at', title: say('when'), render: (_, row) => format.instant(row.at) },
                { key: 'who', title: say('who'), render: (_, row) => row.actorName || say(`actor_${row.actorKind}`) },
                {
                  key: 'what',
                  title: say('what'),
                  render: (_, row) => (
                    <>
                      {done(row.action)} <code>{row.action}</code>
                    </>
                  ),
                },
                {
                  key: 'change',
                  title: say('change'),
                  render: (_, row) => (
                    <ul className="changes">
                      {differences(row).map(([name, was, is]) => (
                        <li key={name}>
                          <b>{name}</b> <del>{was}</del> <span>{is}</span>
                        </li>
                      ))}
                    </ul>
                  ),
                },
              ]}
            />
            <p className="after">
              {beforeId === undefined ? null : <Button onClick={() => setBeforeId(undefined)}>{say('newest')}</Button>}{' '}
              {entries.length === LIMIT ? (
                <Button onClick={() => setBeforeId(entries.at(-1)?.entryId)}>{say('older')}</Button>
              ) : null}
            </p>
          </>
        )}
      </Loaded>
    </Section>
  );
}
