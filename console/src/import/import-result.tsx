// What came of an import: rows taken, what was left out and why, what could not be understood and where it stands.
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import type { ImportRow } from '../../../src/http/contract/imports.ts';
import { saveAnswer } from '../api/client.ts';
import { useApi } from '../api/queries.ts';
import { useFormat } from '../format/use-format.ts';
import { Figure } from '../frame/page-frame.tsx';
import { Loaded } from '../frame/states.tsx';
import { useTerms } from '../words/terms.ts';
import { useWords } from './words.ts';
import './import.css';

export function ImportResult({ importId }: { readonly importId: string }) {
  const imports = useApi('GET /imports');
  return (
    <Loaded query={imports}>
      {(data) => {
        const row = data.imports.find((each) => each.importId === importId);
        return row === undefined ? null : <Result row={row} />;
      }}
    </Loaded>
  );
}

/** The same in a line. */
export function ImportLine({ importId }: { readonly importId: string }) {
  const say = useWords();
  const format = useFormat();
  const imports = useApi('GET /imports');
  const row = imports.data?.imports.find((each) => each.importId === importId);
  if (row === undefined) return null;
  const taken = row.outcome?.rowsKept ?? row.rowsRead - row.rowsRejected;
  return (
    <Alert
      type="success"
      showIcon
      title={say('imported', { name: row.fileName })}
      description={say('imported_line', {
        taken: format.count(taken),
        read: format.count(row.rowsRead),
        added: format.count(row.eventsAdded),
      })}
    />
  );
}

function Result({ row }: { readonly row: ImportRow }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const { outcome } = row;
  return (
    <section className="import-plan">
      <h3>{say('imported', { name: row.fileName })}</h3>
      {row.eventsAdded === 0 ? <Alert type="info" showIcon title={say('nothing_new')} /> : null}
      <div className="figures">
        <Figure
          label={say('rows_taken')}
          value={format.count(outcome?.rowsKept ?? row.rowsRead - row.rowsRejected)}
          note={say('rows_of', { n: format.count(row.rowsRead) })}
        />
        <Figure
          tone="accent"
          label={say('new_events')}
          value={format.count(row.eventsAdded)}
          note={say('known_events', { n: format.count(row.eventsKnown) })}
        />
        {outcome === null ? null : (
          <Figure
            label={say('people')}
            value={format.count(outcome.people)}
            note={outcome.kind === 'orders' ? say('orders', { n: format.count(outcome.orders) }) : undefined}
          />
        )}
      </div>
      {outcome?.dayOrder === 'unsure' ? <Alert type="warning" showIcon title={say('day_order_unsure')} /> : null}
      {outcome?.adoptedCurrency === undefined ? null : (
        <Alert
          type="info"
          showIcon
          title={say('currency_adopted', { currency: outcome.adoptedCurrency })}
          action={<Link to="/settings/business">{say('to_profile')}</Link>}
        />
      )}
      {outcome === null || outcome.excluded.length === 0 ? null : (
        <div>
          <h4>{say('left_out')}</h4>
          <p className="muted">{say('left_out_text')}</p>
          <ul className="import-reasons">
            {outcome.excluded.map(({ reason, count }) => (
              <li key={reason}>
                <b className="tabular">{format.count(count)}</b> {term('import_line', reason)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {outcome === null || row.rowsRejected === 0 ? null : (
        <div>
          <h4>{say('rejected')}</h4>
          <ul className="import-reasons">
            {outcome.rejectReasons.map(({ reason, count }) => (
              <li key={reason}>
                <b className="tabular">{format.count(count)}</b> {term('import_line', reason)}
              </li>
            ))}
          </ul>
          {row.hasRejects ? <Rejects importId={row.importId} /> : <p className="muted">{say('rejects_old')}</p>}
        </div>
      )}
    </section>
  );
}

const SHOWN = 10;

function Rejects({ importId }: { readonly importId: string }) {
  const say = useWords();
  const term = useTerms();
  const params = { importId };
  const rejects = useApi('GET /imports/{importId}/rejects', { params });
  const [problem, setProblem] = useState<string>();
  const save = (): void => {
    setProblem(undefined);
    saveAnswer(
      'GET /imports/{importId}/rejects',
      { params },
      { name: `${importId}.rejects.csv`, type: 'text/csv' },
    ).catch((cause: unknown) => setProblem(cause instanceof Error ? cause.message : String(cause)));
  };
  return (
    <Loaded query={rejects} rows={2}>
      {(data) => (
        <>
          <p className="muted">{say('rejects_first', { n: Math.min(SHOWN, data.rejects.length) })}</p>
          <div className="import-scroll" tabIndex={0} role="region" aria-label={say('rejected')}>
            <table className="import-rows">
              <thead>
                <tr>
                  <th scope="col">{say('line_number')}</th>
                  <th scope="col">{say('why')}</th>
                  <th scope="col">{say('row')}</th>
                </tr>
              </thead>
              <tbody>
                {data.rejects.slice(0, SHOWN).map(({ line, reason, row }) => (
                  <tr key={line}>
                    <td className="tabular">{line}</td>
                    <td>{term('import_line', reason)}</td>
                    <td>{row}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="import-actions">
            <Button onClick={save}>{say('rejects_download')}</Button>
          </p>
          {problem === undefined ? null : <Alert type="error" showIcon title={problem} />}
        </>
      )}
    </Loaded>
  );
}
