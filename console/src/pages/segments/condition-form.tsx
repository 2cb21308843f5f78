// The fields of one condition, built from its schema: numbers, ranges, days, money, choices, names with suggestions, and lists of the same.
import { CloseOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, InputNumber, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import type { FieldSchema, SegmentNode, SegmentVocabulary } from '../../../../src/http/contract/segments.ts';
import { useApi } from '../../api/queries.ts';
import { DayField } from '../../form/day-field.tsx';
import { useLater } from '../../form/use-later.ts';
import { useFormat } from '../../format/use-format.ts';
import { useBusiness } from '../../session/session.tsx';
import { useTerms } from '../../words/terms.ts';
import { useFieldWords, useValueWords } from './field-words.ts';
import type { Problem } from './operators.ts';
import { useWords } from './words.ts';

type Fields = Readonly<Record<string, unknown>>;

type Shared = {
  readonly kind: string;
  readonly vocabulary: SegmentVocabulary;
  /** Ids of segments that may not be named here: its own. */
  readonly ownId: string | undefined;
  readonly problems: readonly Problem[];
};

type ObjectFieldsProps = Shared & {
  readonly schema: FieldSchema;
  readonly value: Fields;
  readonly place: string;
  readonly onChange: (value: Fields, place: string) => void;
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function ConditionForm(
  props: Shared & {
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

type FieldProps = Shared & {
  readonly name: string;
  readonly schema: FieldSchema;
  /** The fields beside it: what is suggested may depend on them. */
  readonly owner: Fields;
  readonly isNeeded: boolean;
  readonly place: string;
  readonly onChange: (value: unknown, place: string) => void;
};

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

type InputProps = FieldProps & {
  readonly label: string;
  readonly isWrong: boolean;
};

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

type Suggestion = { readonly value: string; readonly label: string };

const named = (names: readonly string[]): Suggestion[] => names.map((value) => ({ value, label: value }));

/** Names in the data that fit a field; none where it may be anything. */
function suggestionsOf(props: FieldProps, vocabulary: SegmentVocabulary): readonly Suggestion[] {
  const { name, owner, kind, ownId } = props;
  switch (name) {
    case 'event':
      return named(vocabulary.events.map((each) => each.name));
    case 'by':
      return named(vocabulary.events.map((each) => each.name));
    case 'channel':
      return named(vocabulary.channels);
    case 'policyId':
      return vocabulary.policies.map((each) => ({
        value: each.policyId,
        label: each.name,
      }));
    case 'programmeId':
      return vocabulary.programmes.map((each) => ({
        value: each.programmeId,
        label: each.name,
      }));
    case 'name':
      return kind === 'trait' ? named(vocabulary.traits.map((each) => each.name)) : [];
    case 'id':
      return kind === 'segment'
        ? vocabulary.segments
            .filter(({ segmentId }) => segmentId !== ownId)
            .map((each) => ({ value: each.segmentId, label: each.name }))
        : vocabulary.snapshots.map((each) => ({
            value: each.snapshotId,
            label: `${each.segmentId} · ${each.asOf} · ${each.people}`,
          }));
    case 'in': {
      const of = owner['by'];
      const products =
        of === 'product'
          ? vocabulary.products
          : of === 'category'
            ? vocabulary.categories
            : of === 'brand'
              ? vocabulary.brands
              : [];
      return products.map(({ value, label }) => ({ value, label }));
    }
    default:
      return [];
  }
}

const ASK_AFTER_MS = 250;

/** The names shown first, and those that the server finds for what is typed: a shop may have more than fit into one answer. */
function useSuggestions(props: FieldProps): {
  readonly options: readonly Suggestion[];
  readonly search: (text: string) => void;
} {
  const [typed, search] = useState('');
  const asked = useLater(typed, ASK_AFTER_MS);
  const more = useApi('GET /segments/vocabulary', { query: { search: asked } }, { enabled: asked !== '' });
  const all = [
    ...suggestionsOf(props, props.vocabulary),
    ...(more.data === undefined ? [] : suggestionsOf(props, more.data)),
  ];
  return {
    options: [...new Map(all.map((each) => [each.value, each])).values()],
    search,
  };
}

const matches = (input: string, option: Suggestion | undefined): boolean =>
  option !== undefined && `${option.value} ${option.label}`.toLowerCase().includes(input.toLowerCase());

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

// ── Values that may be a text, a number or yes / no ──

const SORTS = ['text', 'number', 'boolean'] as const;
type Sort = (typeof SORTS)[number];
const sortOf = (value: unknown): Sort | undefined =>
  typeof value === 'string'
    ? 'text'
    : typeof value === 'number'
      ? 'number'
      : typeof value === 'boolean'
        ? 'boolean'
        : undefined;

/** What values of the trait beside it are, as far as the data tells. */
function knownSort({ owner, kind, vocabulary }: FieldProps): Sort {
  const trait = kind === 'trait' ? vocabulary.traits.find((each) => each.name === owner['name']) : undefined;
  const [type] = trait?.types ?? [];
  if (type === undefined || trait?.types.length !== 1) return 'text';
  return /int|double|float/i.test(type) ? 'number' : /bool/i.test(type) ? 'boolean' : 'text';
}

function asSort(text: string, sort: Sort): string | number | boolean | undefined {
  if (text === '') return undefined;
  if (sort === 'text') return text;
  if (sort === 'boolean') return text === 'true';
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** The values of the trait beside it, as they are written in the data. */
function traitValues({ owner, kind, vocabulary }: FieldProps): Suggestion[] {
  const trait = kind === 'trait' ? vocabulary.traits.find((each) => each.name === owner['name']) : undefined;
  return (trait?.values ?? []).flatMap((raw) => {
    try {
      const value: unknown = JSON.parse(raw);
      return ['string', 'number', 'boolean'].includes(typeof value) ? named([String(value)]) : [];
    } catch {
      // Cut short by the server: nothing to suggest.
      return [];
    }
  });
}

function SortChoice({
  sort,
  choose,
  label,
}: {
  readonly sort: Sort;
  readonly choose: (sort: Sort) => void;
  readonly label: string;
}) {
  const say = useWords();
  return (
    <Select<Sort>
      aria-label={say('sort_of', { field: label })}
      value={sort}
      onChange={choose}
      className="seg-sort"
      options={SORTS.map((each) => ({
        value: each,
        label: say(`sort_${each}`),
      }))}
    />
  );
}

function Scalar(props: InputProps) {
  const { owner, name, label, isWrong, place, onChange } = props;
  const say = useWords();
  const value = owner[name];
  const [chosen, choose] = useState<Sort>();
  const sort = sortOf(value) ?? chosen ?? knownSort(props);
  const status = isWrong ? { status: 'error' as const } : {};
  return (
    <div className="seg-scalar">
      <SortChoice
        sort={sort}
        label={label}
        choose={(next) => {
          choose(next);
          onChange(value === undefined ? undefined : asSort(String(value as string | number | boolean), next), place);
        }}
      />
      {sort === 'boolean' ? (
        <Select
          aria-label={label}
          allowClear
          value={value === undefined ? undefined : String(value as boolean)}
          options={[
            { value: 'true', label: say('yes') },
            { value: 'false', label: say('no') },
          ]}
          onChange={(next: string | undefined) => onChange(next === undefined ? undefined : next === 'true', place)}
          placeholder={say('any')}
          {...status}
        />
      ) : sort === 'number' ? (
        <InputNumber<number>
          aria-label={label}
          value={typeof value === 'number' ? value : null}
          onChange={(next) => onChange(next ?? undefined, place)}
          className="seg-number"
          placeholder={say('any')}
          {...status}
        />
      ) : (
        <AutoComplete
          aria-label={label}
          value={typeof value === 'string' ? value : ''}
          options={traitValues(props)}
          onChange={(next: string | undefined) => onChange(next === undefined || next === '' ? undefined : next, place)}
          placeholder={say('any')}
          allowClear
          {...status}
        />
      )}
    </div>
  );
}

function ScalarList(props: InputProps) {
  const { owner, name, label, isWrong, place, onChange } = props;
  const say = useWords();
  const value: readonly unknown[] = Array.isArray(owner[name]) ? (owner[name] as unknown[]) : [];
  const [chosen, choose] = useState<Sort>();
  const sort = sortOf(value[0]) ?? chosen ?? knownSort(props);
  const set = (texts: readonly string[], as: Sort): void => {
    const next = texts.map((text) => asSort(text, as)).filter((each) => each !== undefined);
    onChange(next.length === 0 ? undefined : next, place);
  };
  return (
    <div className="seg-scalar">
      <SortChoice
        sort={sort}
        label={label}
        choose={(next) => {
          choose(next);
          set(value.map(String), next);
        }}
      />
      <Select
        mode="tags"
        aria-label={label}
        value={value.map(String)}
        options={sort === 'boolean' ? named(['true', 'false']) : traitValues(props)}
        onChange={(next: string[]) => set(next, sort)}
        placeholder={say('choose_or_type')}
        {...(isWrong ? { status: 'error' as const } : {})}
      />
    </div>
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
