// The channels and who delivers them.
import type { Text } from '../../kernel/lang.ts';
import type { TemplateKind } from './templates.ts';

export type ChannelLine = {
  readonly channel: string;
  readonly label: Text;
  readonly address: 'email' | 'phone' | 'endpoint' | 'person';
  readonly template: TemplateKind;
  readonly templateLabel: Text;
  readonly consent: string;
  readonly basis: 'opt_in' | 'opt_out';
  readonly delivery: 'push' | 'pull' | 'assisted';
  /** `sink`: nobody yet, it lands in the preview mailbox. */
  readonly provider: string;
  /** It stands still until then, because of what its provider answered; its messages wait. */
  readonly closed: { readonly until: string; readonly detail: string } | null;
};

export type ChannelOperations = { 'GET /channels': { readonly answer: { readonly channels: readonly ChannelLine[] } } };
