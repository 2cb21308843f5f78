// What an input of a condition's field is given.
import type { FieldSchema, SegmentVocabulary } from '../../../../src/http/contract/segments.ts';
import type { Problem } from './operators.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Of the whole condition, for each of its fields. */
export type ConditionProps = {
  readonly kind: string;
  readonly vocabulary: SegmentVocabulary;
  /** Ids of segments that may not be named here: its own. */
  readonly ownId: string | undefined;
  readonly problems: readonly Problem[];
};

export type FieldProps = ConditionProps & {
  readonly name: string;
  readonly schema: FieldSchema;
  /** The fields beside it: what is suggested may depend on them. */
  readonly owner: Fields;
  readonly isNeeded: boolean;
  readonly place: string;
  readonly onChange: (value: unknown, place: string) => void;
};

export type InputProps = FieldProps & {
  readonly label: string;
  readonly isWrong: boolean;
};
