// Posts in public: what is planned, what became of it, and where posts can go.
import type { Lang, Text } from '../../kernel/lang.ts';

export type PostState = 'planned' | 'sending' | 'sent' | 'failed' | 'unknown' | 'cancelled';

export type PostRow = {
  readonly postId: string;
  readonly network: string;
  readonly language: Lang;
  readonly text: string;
  readonly url: string | null;
  readonly state: PostState;
  readonly dueAt: string;
  readonly finishedAt: string | null;
  readonly providerId: string | null;
  readonly code: string | null;
  readonly detail: string | null;
};

export type PostNetworkRow = {
  readonly network: string;
  readonly label: Text;
  readonly connection: string;
  readonly lengthMax: number;
  readonly language: Lang;
  readonly isConnected: boolean;
  /** It is left alone until then, because of what it answered; what is planned waits. */
  readonly closed: { readonly until: string; readonly detail: string } | null;
};

type Outcome =
  | { readonly kind: 'sent'; readonly response: string }
  | { readonly kind: 'rejected' | 'deferred' | 'unavailable' | 'unknown'; readonly detail: string };

export type PostOperations = {
  'GET /posts': {
    readonly answer: { readonly posts: readonly PostRow[]; readonly networks: readonly PostNetworkRow[] };
  };
  'POST /posts': {
    readonly body: {
      readonly postId: string;
      readonly networks: readonly string[];
      readonly text: { readonly en?: string; readonly zh?: string };
      readonly url?: string;
      readonly dueAt?: string;
    };
    readonly answer: { readonly posts: readonly PostRow[] };
  };
  'POST /posts/{postId}/cancel': {
    readonly params: { readonly postId: string };
    readonly answer: { readonly posts: readonly PostRow[] };
  };
  'POST /posts/networks/{network}/test': {
    readonly params: { readonly network: string };
    readonly answer: { readonly outcome: Outcome };
  };
};
