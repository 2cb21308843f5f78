// Audiences at ad networks.
import type { Text } from '../../kernel/lang.ts';

type NetworkKey = 'meta' | 'google' | 'tiktok' | 'oceanengine' | 'tencent_ads';

export type AudienceWire = {
  readonly audienceId: string;
  readonly network: NetworkKey;
  readonly networkLabel: Text;
  readonly name: string;
  readonly source: { readonly kind: 'segment' | 'programme'; readonly id: string };
  readonly use: 'target' | 'exclude';
  readonly remoteId: string | null;
  readonly closedAt: string | null;
  readonly refreshedAt: string | null;
  readonly syncedAt: string | null;
  readonly trouble: { readonly code: string; readonly detail: string } | null;
  /** When a sync that the network broke off goes on by itself. */
  readonly goesOnAt: string | null;
  readonly people: {
    readonly wanted: number;
    readonly in: number;
    readonly toAdd: number;
    readonly toRemove: number;
    readonly refused: number;
  };
  readonly minimum: number;
  readonly warnings: readonly 'below_minimum'[];
};

export type NetworkWire = {
  readonly network: NetworkKey;
  readonly label: Text;
  readonly minimum: number;
  /** `theirs`: it is made in their console, and its id is given. */
  readonly made: 'ours' | 'theirs';
  readonly isConnected: boolean;
  /** It is left alone until then, because of what it answered; what is planned waits. */
  readonly closed: { readonly until: string; readonly detail: string } | null;
};

export type AudienceInFull = AudienceWire & {
  readonly batches: readonly {
    readonly batchId: string;
    readonly action: 'add' | 'remove';
    readonly people: number;
    readonly startedAt: string;
    readonly outcome: string | null;
    /** The network has taken it and not yet said what became of it. */
    readonly isOpen: boolean | null;
    readonly code: string | null;
    readonly detail: string | null;
  }[];
  /** Why people who are meant are not in it: a refusal's code. */
  readonly reasons: readonly { readonly reason: string; readonly people: number }[];
};

export type AudienceOperations = {
  'GET /audiences': {
    readonly answer: { readonly audiences: readonly AudienceWire[]; readonly networks: readonly NetworkWire[] };
  };
  'POST /audiences': {
    readonly body: {
      readonly audienceId: string;
      readonly network: NetworkKey;
      readonly name: string;
      readonly source: { readonly kind: 'segment' | 'programme'; readonly id: string };
      readonly use: 'target' | 'exclude';
      readonly remoteId?: string;
    };
    readonly answer: AudienceWire;
  };
  'GET /audiences/{audienceId}': { readonly params: { readonly audienceId: string }; readonly answer: AudienceInFull };
  'POST /audiences/{audienceId}/sync': {
    readonly params: { readonly audienceId: string };
    readonly answer: { readonly audience: AudienceWire; readonly added: number; readonly removed: number };
  };
  'POST /audiences/{audienceId}/close': {
    readonly params: { readonly audienceId: string };
    readonly answer: AudienceWire;
  };
  /** Answers a file. */
  'POST /audiences/{audienceId}/file': {
    readonly params: { readonly audienceId: string };
    readonly query?: { readonly identifier?: string; readonly openAppId?: string };
    readonly answer: Readonly<Record<string, never>>;
  };
};
