// Which names and values of the data fit a field: those shown first, and those the server finds for what is typed.
import { useState } from 'react';
import type { SegmentVocabulary } from '../../../../src/http/contract/segments.ts';
import { useApi } from '../../api/queries.ts';
import { useLater } from '../../form/use-later.ts';
import type { FieldProps } from './field-props.ts';

type Suggestion = { readonly value: string; readonly label: string };

export const named = (names: readonly string[]): Suggestion[] => names.map((value) => ({ value, label: value }));

/** Names in the data that fit a field; none where it may be anything. */
function suggestionsOf(props: FieldProps, vocabulary: SegmentVocabulary): readonly Suggestion[] {
  const { name, owner, kind, ownId } = props;
  switch (name) {
    case 'event':
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
export function useSuggestions(props: FieldProps): {
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

export const matches = (input: string, option: Suggestion | undefined): boolean =>
  option !== undefined && `${option.value} ${option.label}`.toLowerCase().includes(input.toLowerCase());

/** The values of the trait beside it, as they are written in the data. */
export function traitValues({ owner, kind, vocabulary }: FieldProps): Suggestion[] {
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
