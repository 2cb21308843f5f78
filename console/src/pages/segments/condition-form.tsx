// The fields of one condition, built from its schema: numbers, ranges, days, money, choices, names with suggestions, and lists of the same.
import { CloseOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, InputNumber, Select } from 'antd';
import type { ReactNode } from 'react';
import type { FieldSchema, SegmentNode } from '../../../../src/http/contract/segments.ts';
import { DayField } from '../../form/day-field.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useBusiness } from '../../session/session.tsx';
import { useTerms } from '../../words/terms.ts';
import type { FieldProps, Fields, InputProps, ConditionProps } from './field-props.ts';
import { useFieldWords, useValueWords } from './field-words.ts';
import { Scalar, ScalarList } from './scalar-input.tsx';
import { matches, useSuggestions } from './suggestions.ts';
import { useWords } from './words.ts';

type ObjectFieldsProps = ConditionProps & {
  readonly schema: FieldSchema;
  readonly value: Fields;
  readonly place: string;
  readonly onChange: (value: Fields, place: string) => void;
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function ConditionForm(
  props: ConditionProps & {
    readonly schema: FieldSchema;
    readonly node: SegmentNode;
    readonly place: string;
    readonly onChange: (node: SegmentNode, place: string) => void;
  },
) {
  const { node, onChange, ...rest } = props;
  return (
    <ObjectFields {...rest} value={node} onChange={(value, place) => onChange({ ...value, kind: node.kind }, place)} />
  );
}

function ObjectFields({ schema, value, place, onChange, ...shared }: ObjectFieldsProps) {
  const names = Object.keys(schema.properties ?? {}).filter((name) => name !== 'kind');
  return (
    <div className="seg-fields">
      {names.map((name) => (
        <Field
          key={name}
          {...shared}
          name={name}
          schema={schema.properties?.[name] ?? {}}
          owner={value}
          isNeeded={schema.required?.includes(name) === true}
          place={`${place}.${name}`}
          onChange={(next, at) => {
            const { [name]: _was, ...others } = value;
            onChange(next === undefined ? others : { ...others, [name]: next }, at);
          }}
        />
      ))}
    </div>
  );
}

function Field(props: FieldProps) {
  const { name, schema, kind, isNeeded, place, problems } = props;
  const say = useWords();
  const label = useFieldWords()(kind, name);
  const isWide = schema.items?.type === 'object';
  const own = problems.find((problem) => problem.place === place);
  return (
    <div className={isWide ? 'seg-field seg-field-wide' : 'seg-field'}>
      <span className="seg-label">
        {label}
        {isNeeded ? null : <span className="muted"> {say('optional')}</span>}
      </span>
      <FieldInput {...props} label={label} isWrong={own !== undefined} />
    </div>
  );
}

const SHARE_DIGITS = 1;
/** So few numbers are chosen from rather than typed. */
const CHOICES_MAX = 12;

function FieldInput(props: InputProps): ReactNode {
  const { schema, owner, name, label, isWrong, place, onChange, kind } = props;
  const say = useWords();
  const term = useTerms();
  const valueWords = useValueWords();
  const value = owner[name];
  const status = isWrong ? { status: 'error' as const } : {};
  const set = (next: unknown): void => onChange(next, place);
  const wordOf = (choice: string | number): string =>
    kind === 'stage' || kind === 'reason'
      ? term(kind, String(choice))
      : kind === 'rfm'
        ? term('rfm_group', String(choice))
        : valueWords(kind, String(choice));
  const { items } = schema;
  if (items !== undefined && items.type === 'object') return <ObjectList {...props} items={items} />;
  if (items !== undefined) {
    const choices = choicesOf(items);
    if (choices !== undefined)
      return (
        <Select
          mode="multiple"
          aria-label={label}
          value={Array.isArray(value) ? (value as (string | number)[]) : []}
          options={choices.map((choice) => ({
            value: choice,
            label: wordOf(choice),
          }))}
          onChange={(next: (string | number)[]) => set(next.length === 0 ? undefined : next)}
          placeholder={say('choose')}
          {...status}
        />
      );
    return items.anyOf === undefined ? <NameList {...props} /> : <ScalarList {...props} />;
  }
  if (schema.enum !== undefined)
    return (
      <Select
        aria-label={label}
        allowClear={!props.isNeeded}
        value={(value ?? schema.default) as string | undefined}
        options={schema.enum.map((choice) => ({
          value: choice,
          label: wordOf(choice),
        }))}
        onChange={(next: string | undefined) => set(next)}
        placeholder={say('choose')}
        {...status}
      />
    );
  if (schema.anyOf !== undefined) return <Scalar {...props} />;
  if (schema.type === 'boolean')
    return (
      <Select
        aria-label={label}
        allowClear
        value={typeof value === 'boolean' ? String(value) : undefined}
        options={[
          { value: 'true', label: say('yes') },
          { value: 'false', label: say('no') },
        ]}
        onChange={(next: string | undefined) => set(next === undefined ? undefined : next === 'true')}
        placeholder={say('any')}
        {...status}
      />
    );
  if (schema.type === 'integer' || schema.type === 'number') return <NumberInput {...props} />;
  if (schema.format === 'date')
    return <DayField label={label} value={typeof value === 'string' ? value : undefined} onChange={set} {...status} />;
  return <NameInput {...props} />;
}

function choicesOf(items: FieldSchema): readonly (string | number)[] | undefined {
  if (items.enum !== undefined) return items.enum;
  const { minimum, maximum } = items;
  if (items.type !== 'integer' || minimum === undefined || maximum === undefined || maximum - minimum > CHOICES_MAX)
    return undefined;
  return Array.from({ length: maximum - minimum + 1 }, (_, i) => minimum + i);
}

/** Money in the business's currency, shares in percent; everything else as it is. */
function NumberInput({ schema, owner, name, label, isWrong, place, onChange, kind }: InputProps) {
  const say = useWords();
  const { minorUnits } = useFormat();
  const { currency } = useBusiness();
  const isMoney = schema.unit === 'cents';
  const isShare = schema.type === 'number' && schema.minimum === 0 && schema.maximum === 1;
  const scale = isMoney ? 1 / minorUnits : isShare ? 100 : 1;
  const value = owner[name] ?? schema.default;
  const bound = (limit: number | undefined): number | undefined =>
    limit === undefined || Math.abs(limit) === Number.MAX_SAFE_INTEGER ? undefined : limit * scale;
  const [min, max] = [bound(schema.minimum), bound(schema.maximum)];
  const suffix = isShare ? '%' : isMoney ? currency : /days/i.test(name) ? say('unit_days') : undefined;
  const digits = isMoney ? Math.round(Math.log10(minorUnits)) : isShare ? SHARE_DIGITS : undefined;
  const isWhole = schema.type === 'integer' && !isMoney;
  return (
    <InputNumber<number>
      aria-label={label}
      value={typeof value === 'number' ? Number((value * scale).toFixed(6)) : null}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      {...(isWhole ? { precision: 0 } : digits === undefined ? {} : { precision: digits })}
      {...(suffix === undefined ? {} : { suffix })}
      {...(isWrong ? { status: 'error' as const } : {})}
      placeholder={name === 'withinDays' && kind !== 'sequence.steps' ? say('ever') : say('any')}
      className="seg-number"
      onChange={(next) => {
        if (next === null) onChange(undefined, place);
        else onChange(schema.type === 'integer' ? Math.round(next / scale) : Number((next / scale).toFixed(6)), place);
      }}
    />
  );
}

function NameInput(props: InputProps) {
  const { owner, name, label, isWrong, place, onChange, schema } = props;
  const say = useWords();
  const { options, search } = useSuggestions(props);
  const value = owner[name] ?? schema.default;
  return (
    <AutoComplete
      aria-label={label}
      value={typeof value === 'string' ? value : ''}
      options={[...options]}
      showSearch={{ onSearch: search, filterOption: matches as never }}
      onChange={(next: string | undefined) => onChange(next === undefined || next === '' ? undefined : next, place)}
      placeholder={options.length === 0 ? say('type') : say('choose_or_type')}
      allowClear
      {...(isWrong ? { status: 'error' as const } : {})}
    />
  );
}

function NameList(props: InputProps) {
  const { owner, name, label, isWrong, place, onChange } = props;
  const say = useWords();
  const { options, search } = useSuggestions(props);
  const value = owner[name];
  return (
    <Select
      mode="tags"
      aria-label={label}
      value={Array.isArray(value) ? (value as string[]) : []}
      options={[...options]}
      showSearch={{ onSearch: search, filterOption: matches as never }}
      onChange={(next: string[]) => onChange(next.length === 0 ? undefined : next, place)}
      placeholder={say('choose_or_type')}
      {...(isWrong ? { status: 'error' as const } : {})}
    />
  );
}

/** A list of the same fields over and over: tests of an event, steps of a sequence. */
function ObjectList(props: InputProps & { readonly items: FieldSchema }) {
  const { items, owner, name, label, place, onChange, schema, kind, vocabulary, ownId, problems } = props;
  const say = useWords();
  const list: readonly unknown[] = Array.isArray(owner[name]) ? (owner[name] as unknown[]) : [];
  const rows = list.filter(isFields);
  const set = (next: readonly Fields[], at: string): void => onChange(next.length === 0 ? undefined : next, at);
  return (
    <div className="seg-rows">
      {rows.map((row, i) => (
        // A row has no identity but its place.
        <div key={i} className="seg-row">
          <ObjectFields
            kind={`${kind}.${name}`}
            vocabulary={vocabulary}
            ownId={ownId}
            problems={problems}
            schema={items}
            value={row}
            place={`${place}.${i}`}
            onChange={(next, at) => set(rows.with(i, next), at)}
          />
          <Button
            type="text"
            icon={<CloseOutlined />}
            aria-label={say('row_remove', { field: label, n: i + 1 })}
            onClick={() => set(rows.toSpliced(i, 1), `${place}#`)}
          />
        </div>
      ))}
      {rows.length < (schema.maxItems ?? Infinity) ? (
        <Button size="small" icon={<PlusOutlined />} onClick={() => set([...rows, {}], `${place}#`)}>
          {say('row_add', { field: label })}
        </Button>
      ) : null}
    </div>
  );
}
