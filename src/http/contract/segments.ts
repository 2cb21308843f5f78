// What segments are written with, who is in one, and the saved ones.
type Words = { readonly en: string; readonly zh: string };
type OfSegment = { readonly params: { readonly segmentId: string } };

/** As it travels: the server checks it and says at which place it is wrong. */
export type SegmentNode = { readonly kind: string; readonly [field: string]: unknown };

type Question = { readonly segment: SegmentNode; readonly policyId?: string; readonly allowUnseen?: boolean };

/** A field's JSON Schema, as far as forms need it. */
export type FieldSchema = {
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly default?: unknown;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  /** What the number counts, where it is not plain. */
  readonly unit?: 'cents';
};

export type SegmentOperator = {
  readonly kind: string;
  readonly label: Words;
  readonly group: { readonly name: string; readonly label: Words };
  /** A `FieldSchema`. */
  readonly fields: unknown;
  readonly examples: readonly { readonly segment: unknown; readonly words: Words }[];
};

type ProductName = { readonly value: string; readonly label: string; readonly buyers: number };

export type SegmentVocabulary = {
  readonly operators: readonly SegmentOperator[];
  readonly groups: readonly { readonly name: string; readonly label: Words }[];
  readonly events: readonly { readonly name: string; readonly events: number; readonly people: number }[];
  readonly traits: readonly {
    readonly name: string;
    readonly people: number;
    readonly types: readonly string[];
    readonly values: readonly string[];
  }[];
  readonly products: readonly ProductName[];
  readonly categories: readonly ProductName[];
  readonly brands: readonly ProductName[];
  readonly channels: readonly string[];
  readonly policies: readonly { readonly policyId: string; readonly name: string }[];
  readonly programmes: readonly { readonly programmeId: string; readonly name: string }[];
  readonly segments: readonly { readonly segmentId: string; readonly name: string }[];
  readonly snapshots: readonly Snapshot[];
};

export type Snapshot = {
  readonly snapshotId: string;
  readonly segmentId: string;
  readonly version: number;
  readonly asOf: string;
  readonly takenAt: string;
  readonly people: number;
};

export type SavedSegment = {
  readonly segmentId: string;
  readonly version: number;
  readonly active: boolean;
  readonly name: string;
  readonly segment: SegmentNode;
  readonly policyId: string | null;
  readonly allowUnseen: boolean;
  readonly watched: boolean;
  readonly createdAt: string;
  readonly words: Words;
  readonly members: { readonly people: number; readonly evaluatedAt: string } | null;
};

export type SegmentCount = {
  readonly people: number;
  readonly of: number;
  readonly asOf: string;
  readonly words: Words;
};

type Definition = {
  readonly name: string;
  readonly segment: SegmentNode;
  readonly policyId?: string;
  readonly allowUnseen?: boolean;
  readonly watched?: boolean;
};

export type SegmentOperations = {
  'GET /segments/vocabulary': { readonly query: { readonly search?: string }; readonly answer: SegmentVocabulary };
  'POST /segments/count': { readonly body: Question; readonly answer: SegmentCount & { readonly tookMs: number } };
  'POST /segments/explain': {
    readonly body: Question;
    readonly answer: {
      readonly words: Words;
      readonly people: number;
      readonly conditions: readonly { readonly place: string; readonly words: Words; readonly people: number }[];
    };
  };
  'POST /segments/examples': {
    readonly body: Question & { readonly limit?: number };
    readonly answer: {
      readonly examples: readonly {
        readonly personId: string;
        readonly firstName: string | null;
        readonly email: string | null;
      }[];
    };
  };
  /** A line a person. */
  'GET /segments/{segmentId}/members': OfSegment & { readonly answer: string };
  'GET /segments': { readonly answer: { readonly segments: readonly SavedSegment[] } };
  'POST /segments': { readonly body: Definition & { readonly segmentId: string }; readonly answer: SavedSegment };
  'GET /segments/{segmentId}': OfSegment & {
    readonly answer: SavedSegment & { readonly versions: readonly SavedSegment[] };
  };
  'PATCH /segments/{segmentId}': OfSegment & { readonly body: Partial<Definition>; readonly answer: SavedSegment };
  'DELETE /segments/{segmentId}': OfSegment & { readonly answer: { readonly segmentId: string } };
  'GET /segments/{segmentId}/count': OfSegment & { readonly answer: SegmentCount };
  'GET /segments/{segmentId}/movement': OfSegment & {
    readonly query: { readonly days?: number };
    readonly answer: {
      readonly days: readonly { readonly day: string; readonly entered: number; readonly left: number }[];
      readonly entered: number;
      readonly left: number;
    };
  };
  'GET /segments/{segmentId}/snapshots': OfSegment & { readonly answer: { readonly snapshots: readonly Snapshot[] } };
  'POST /segments/{segmentId}/snapshots': OfSegment & { readonly answer: Snapshot };
};
