// Values that may be a text, a number or yes / no: one, or a list of the same sort.
import { AutoComplete, InputNumber, Select } from 'antd';
import { useState } from 'react';
import type { FieldProps, InputProps } from './field-props.ts';
import { named, traitValues } from './suggestions.ts';
import { useWords } from './words.ts';

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

export function Scalar(props: InputProps) {
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

export function ScalarList(props: InputProps) {
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
