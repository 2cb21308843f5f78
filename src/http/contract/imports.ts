// Bringing a file: uploaded, looked at, planned, imported with its progress told, kept in a list.
import type { Text } from '../../kernel/lang.ts';

/** What the importer knows of a line: a column, several multiplied, or a fixed text. */
export type TermWire =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'product'; readonly columns: string[] }
  | { readonly kind: 'constant'; readonly text: string };

export type ImportField =
  | 'person'
  | 'anonymous'
  | 'time'
  | 'order'
  | 'amount'
  | 'unitPrice'
  | 'quantity'
  | 'currency'
  | 'status'
  | 'product'
  | 'productName'
  | 'category'
  | 'brand'
  | 'event'
  | 'messageId'
  | 'properties'
  | 'email'
  | 'phone'
  | 'firstName'
  | 'country'
  | 'language'
  | 'consent';

export type MappingWire = { readonly [Field in ImportField]?: TermWire | undefined };

type ImportReason = { readonly reason: string; readonly count: number };

export type ImportRow = {
  readonly importId: string;
  readonly path: string;
  readonly fileName: string;
  readonly rowsRead: number;
  readonly eventsAdded: number;
  readonly eventsKnown: number;
  readonly rowsRejected: number;
  readonly finishedAt: string;
  readonly outcome: {
    readonly kind: 'orders' | 'events';
    readonly rowsKept: number;
    readonly orders: number;
    readonly people: number;
    readonly rejectReasons: readonly ImportReason[];
    /** Lines left out of the orders: cancelled, returned, without a person and the like. */
    readonly excluded: readonly ImportReason[];
    readonly dayOrder: string;
    readonly seconds: number;
    /** The business's currency since this import, whose money was the first: nobody had said which it is. */
    readonly adoptedCurrency?: string | undefined;
  } | null;
  /** Whether the rejected lines can still be downloaded. */
  readonly hasRejects: boolean;
};

export type ImportRun =
  | { readonly state: 'waiting' | 'cancelled' }
  | {
      readonly state: 'running';
      readonly phase: 'reading' | 'checking' | 'writing' | 'people' | 'done' | 'analysing';
      /** In [0, 1]. */
      readonly share: number;
      readonly canCancel: boolean;
    }
  | {
      readonly state: 'done';
      readonly importId: string;
      /** `made`: the first one was made from this file. */
      readonly analysis: 'made' | 'kept' | 'not_enough_data';
    }
  | { readonly state: 'failed'; readonly code: string; readonly message: Text };

export type UploadRow = {
  readonly uploadId: string;
  readonly name: string;
  readonly bytes: number;
  readonly uploadedAt: string;
  readonly run: ImportRun;
};

export type ImportPlanWire = {
  readonly uploadId: string;
  readonly name: string;
  readonly format: 'csv' | 'json' | 'parquet';
  readonly columns: readonly string[];
  /** The first rows as they stand in the file. */
  readonly rows: readonly (readonly string[])[];
  readonly mapping: MappingWire;
  /** Why each guessed column was taken. */
  readonly reasons: readonly { readonly field: ImportField; readonly confidence: number }[];
  readonly missing: readonly ('person' | 'time' | 'what')[];
  /** Null while something is missing. */
  readonly plan: {
    readonly kind: 'orders' | 'events';
    readonly unused: readonly string[];
    readonly dayOrder: 'day_first' | 'month_first' | 'from_column' | 'not_needed';
    /** The first rows as they are understood. `problem` is empty when the row is fine. */
    readonly preview: readonly {
      readonly person: string;
      readonly at: string;
      readonly problem: string;
      readonly order_id?: string | undefined;
      readonly amount?: number | undefined;
      readonly price?: number | undefined;
      readonly quantity?: number | undefined;
      readonly product?: string | undefined;
      readonly product_name?: string | undefined;
      readonly name?: string | undefined;
    }[];
  } | null;
};

type UploadParams = { readonly uploadId: string };
type Chosen = { readonly mapping?: MappingWire; readonly dayOrder?: 'day_first' | 'month_first' };

export type ImportOperations = {
  'GET /imports': {
    readonly answer: {
      readonly imports: readonly ImportRow[];
      readonly uploads: readonly UploadRow[];
      readonly uploadBytesMax: number;
    };
  };
  'POST /imports/uploads': { readonly query: { readonly name: string }; readonly answer: UploadRow };
  'DELETE /imports/uploads/{uploadId}': {
    readonly params: UploadParams;
    readonly answer: { readonly removed: boolean };
  };
  'POST /imports/uploads/{uploadId}/plan': {
    readonly params: UploadParams;
    readonly body: Chosen;
    readonly answer: ImportPlanWire;
  };
  'POST /imports/uploads/{uploadId}/run': {
    readonly params: UploadParams;
    readonly body: Chosen;
    readonly answer: ImportRun;
  };
  'DELETE /imports/uploads/{uploadId}/run': { readonly params: UploadParams; readonly answer: ImportRun };
  'GET /imports/{importId}/rejects': {
    readonly params: { readonly importId: string };
    readonly answer: {
      readonly rejects: readonly { readonly line: number; readonly reason: string; readonly row: string }[];
    };
  };
};
