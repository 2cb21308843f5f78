// What people may ask of the law, for many at once: runs, how far each is, and what stood in the way.
import type { Text } from '../../kernel/lang.ts';

export type PrivacyKind = 'export' | 'erase';

export type PrivacyRunRow = {
  readonly runId: string;
  readonly kind: PrivacyKind;
  readonly state: 'running' | 'done' | 'cancelled';
  readonly askedBy: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** People whose data can be fetched. */
  readonly files: number;
  readonly failures: readonly { readonly asked: string; readonly code: string; readonly problem: Text }[];
};

type OfRun = { readonly params: { readonly runId: string } };

export type PrivacyOperations = {
  'GET /privacy-runs': { readonly answer: { readonly runs: readonly PrivacyRunRow[] } };
  'POST /privacy-runs': {
    readonly body: { readonly kind: PrivacyKind; readonly entries: readonly string[] };
    readonly answer: { readonly runId: string };
  };
  'DELETE /privacy-runs/{runId}': OfRun & { readonly answer: { readonly runId: string } };
  'GET /privacy-runs/{runId}/file': OfRun & { readonly answer: readonly unknown[] };
};
