// What each column is taken for, the first rows as they are understood, and a change of either before anything is imported.
import { Alert, Button, Radio, Select } from 'antd';
import { useState } from 'react';
import type {
  ImportField,
  ImportPlanWire,
  MappingWire,
  TermWire,
  UploadRow,
} from '../../../src/http/contract/imports.ts';
import { useAct, useApi } from '../api/queries.ts';
import { useFormat } from '../format/use-format.ts';
import { Loading } from '../frame/states.tsx';
import { useTermOptions, useTerms } from '../words/terms.ts';
import { useWords } from './words.ts';

/** Always shown; the others when they were found or asked for. */
const MAIN: readonly ImportField[] = [
  'person',
  'time',
  'order',
  'amount',
  'unitPrice',
  'quantity',
  'product',
  'email',
  'phone',
  'consent',
];
/** What every row of a file of one thing may be: what the ready-made policies count. */
const EVENTS = ['Order Completed', 'Signed In', 'Application Opened', 'Content Viewed', 'Subscription Renewed'];

type DayOrder = 'day_first' | 'month_first';
type Chosen = { readonly mapping?: MappingWire; readonly dayOrder?: DayOrder };

type PlanViewProps = { readonly upload: UploadRow; readonly onDiscard: () => void };

export function PlanView({ upload, onDiscard }: PlanViewProps) {
  const say = useWords();
  const { uploadId, name } = upload;
  const [chosen, choose] = useState<Chosen>({});
  const params = { uploadId };
  const plan = useApi(
    'POST /imports/uploads/{uploadId}/plan',
    { params, body: chosen },
    { keepPrevious: true, isSettled: true },
  );
  const run = useAct('POST /imports/uploads/{uploadId}/run');
  if (plan.data === undefined && plan.isError)
    return (
      <Alert
        type="error"
        showIcon
        title={say('plan_failed', { name })}
        description={plan.error.message}
        action={
          <div className="import-actions">
            <Button onClick={() => void plan.refetch()}>{say('again')}</Button>
            <Button onClick={onDiscard}>{say('another')}</Button>
          </div>
        }
      />
    );
  if (plan.data === undefined)
    return (
      <>
        <p role="status">{say('planning', { name })}</p>
        <Loading rows={6} />
      </>
    );
  const { data } = plan;
  const mapping = chosen.mapping ?? data.mapping;
  const hasAddress = mapping.email !== undefined || mapping.phone !== undefined;
  return (
    <div className="import-plan">
      <h3>{say(data.plan === null ? 'is_open' : `is_${data.plan.kind}`, { name })}</h3>
      {data.missing.map((missing) => (
        <Alert key={missing} type="warning" showIcon title={say(`missing_${missing}`)} />
      ))}
      {plan.isError ? <Alert type="error" showIcon title={plan.error.message} /> : null}
      <Columns
        data={data}
        mapping={mapping}
        isOwn={chosen.mapping !== undefined}
        onChange={(next) => choose({ ...chosen, mapping: next })}
      />
      {data.plan === null || data.plan.dayOrder === 'not_needed' ? null : (
        <div className="import-days">
          <span id="import-day-order">{say('day_order')}</span>
          <Radio.Group
            aria-labelledby="import-day-order"
            value={chosen.dayOrder ?? 'from_column'}
            onChange={(event) => {
              const value = event.target.value as DayOrder | 'from_column';
              const { dayOrder: _was, ...rest } = chosen;
              choose(value === 'from_column' ? rest : { ...rest, dayOrder: value });
            }}
            options={(['from_column', 'day_first', 'month_first'] as const).map((value) => ({
              value,
              label: say(value),
            }))}
          />
        </div>
      )}
      {data.plan === null ? <RawRows data={data} /> : <Understood data={data} plan={data.plan} />}
      {data.plan === null || hasAddress ? null : <Alert type="info" showIcon title={say('no_address')} />}
      {data.plan !== null && hasAddress && mapping.consent === undefined ? (
        <Alert type="info" showIcon title={say('no_consent')} />
      ) : null}
      {run.error === null ? null : <Alert type="error" showIcon title={run.error.message} />}
      <div className="import-actions">
        <Button
          type="primary"
          disabled={data.plan === null || plan.isPlaceholderData || plan.isError}
          loading={run.isPending || run.isSuccess}
          onClick={() => run.mutate({ params, body: chosen })}
        >
          {say('import_now')}
        </Button>
        <Button onClick={onDiscard}>{say('discard')}</Button>
      </div>
    </div>
  );
}

type ColumnsProps = {
  readonly data: ImportPlanWire;
  readonly mapping: MappingWire;
  readonly isOwn: boolean;
  readonly onChange: (mapping: MappingWire) => void;
};

const keyOf = (term: TermWire | undefined): string => (term === undefined ? '' : JSON.stringify(term));

function Columns({ data, mapping, isOwn, onChange }: ColumnsProps) {
  const say = useWords();
  const format = useFormat();
  const fields = useTermOptions('import_field') as readonly { readonly value: ImportField; readonly label: string }[];
  const [showsAll, showAll] = useState(false);
  const sureOf = new Map(data.reasons.map(({ field, confidence }) => [field, confidence]));
  const shown = [
    ...MAIN.flatMap((name) => fields.filter(({ value }) => value === name)),
    ...fields.filter(({ value }) => !MAIN.includes(value)),
  ].filter(
    ({ value }) =>
      showsAll ||
      MAIN.includes(value) ||
      mapping[value] !== undefined ||
      (value === 'event' && data.missing.includes('what')),
  );
  const change = (field: ImportField, key: string): void => {
    const { [field]: _was, ...rest } = mapping;
    onChange(key === '' ? rest : { ...rest, [field]: JSON.parse(key) as TermWire });
  };
  return (
    <section>
      <h4>{say('columns')}</h4>
      <p className="muted">{say('columns_text')}</p>
      <div className="import-fields">
        {shown.map(({ value: field, label }) => {
          const term = mapping[field];
          const sure = sureOf.get(field);
          return (
            <div key={field} className="import-field">
              <label htmlFor={`import-${field}`}>{label}</label>
              <Select
                id={`import-${field}`}
                aria-label={label}
                showSearch={{ optionFilterProp: 'label' }}
                value={keyOf(term)}
                onChange={(key: string) => change(field, key)}
                options={optionsOf(field, term, data.columns, say)}
              />
              <span className="muted import-sure">
                {term === undefined
                  ? ''
                  : sure === undefined || (isOwn && sure === 0)
                    ? say('by_you')
                    : say('by_name', { share: format.percent(sure, 0) })}
              </span>
            </div>
          );
        })}
      </div>
      <Button type="link" className="import-more" onClick={() => showAll(!showsAll)}>
        {say(showsAll ? 'fewer_fields' : 'more_fields')}
      </Button>
    </section>
  );
}

function optionsOf(
  field: ImportField,
  term: TermWire | undefined,
  columns: readonly string[],
  say: ReturnType<typeof useWords>,
): { value: string; label: string }[] {
  const constants = [
    ...(field === 'event' ? EVENTS : []),
    ...(term?.kind === 'constant' && !(field === 'event' && EVENTS.includes(term.text)) ? [term.text] : []),
  ];
  return [
    { value: '', label: say('not_in_file') },
    ...(term?.kind === 'product'
      ? [{ value: keyOf(term), label: say('times', { columns: term.columns.join(' × ') }) }]
      : []),
    ...columns.map((column) => ({ value: keyOf({ kind: 'column', column }), label: column })),
    ...constants.map((text) => ({ value: keyOf({ kind: 'constant', text }), label: say('every_row', { name: text }) })),
  ];
}

const CELLS = [
  { key: 'person', field: 'person' },
  { key: 'at', field: 'time' },
  { key: 'name', field: 'event' },
  { key: 'order_id', field: 'order' },
  { key: 'product', field: 'product' },
  { key: 'quantity', field: 'quantity' },
  { key: 'price', field: 'unitPrice' },
  { key: 'amount', field: 'amount' },
] as const;

function Understood({
  data,
  plan,
}: {
  readonly data: ImportPlanWire;
  readonly plan: NonNullable<ImportPlanWire['plan']>;
}) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const shown = CELLS.filter(({ key }) => plan.preview.some((row) => row[key] !== undefined && row[key] !== ''));
  const hasProblem = plan.preview.some(({ problem }) => problem !== '');
  const textOf = (key: (typeof CELLS)[number]['key'], value: string | number | undefined): string =>
    value === undefined
      ? ''
      : key === 'at'
        ? String(value).replace('T', ' ').slice(0, 16)
        : typeof value === 'number'
          ? format.decimal(value, Number.isInteger(value) ? 0 : 2)
          : value;
  return (
    <section>
      <h4>{say('understood')}</h4>
      <div className="import-scroll" tabIndex={0} role="region" aria-label={say('understood')}>
        <table className="import-rows import-understood">
          <thead>
            <tr>
              {shown.map(({ key, field }) => (
                <th key={key} scope="col">
                  {term('import_field', field)}
                </th>
              ))}
              {hasProblem ? <th scope="col">{say('problem')}</th> : null}
            </tr>
          </thead>
          <tbody>
            {plan.preview.map((row, i) => (
              <tr key={i}>
                {shown.map(({ key }) => (
                  <td key={key} className={typeof row[key] === 'number' ? 'tabular import-number' : ''}>
                    {row.problem !== '' && key === 'at' ? '' : textOf(key, row[key])}
                  </td>
                ))}
                {hasProblem ? (
                  <td className="import-problem">{row.problem === '' ? '' : term('import_line', row.problem)}</td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {plan.unused.length === 0 ? null : <p className="muted">{say('unused', { columns: plan.unused.join(', ') })}</p>}
      <details>
        <summary>{say('as_is')}</summary>
        <RawRows data={data} />
      </details>
    </section>
  );
}

function RawRows({ data }: { readonly data: ImportPlanWire }) {
  const say = useWords();
  return (
    <div className="import-scroll" tabIndex={0} role="region" aria-label={say('as_is')}>
      <table className="import-rows">
        <thead>
          <tr>
            {data.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
