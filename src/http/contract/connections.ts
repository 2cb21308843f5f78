// Accounts outside that messages, audiences and posts go through. Secrets never come out; what is shown in their place is the day they were set.
import type { Text } from '../../kernel/lang.ts';

type Settings = Readonly<Record<string, unknown>>;
type Source = 'saved' | 'environment' | 'none';
/** Name of the secret → ISO instant; empty for what the environment holds. */
type SecretDates = Readonly<Record<string, string>>;

export type ConnectionWire = {
  readonly connection: string;
  readonly label: Text;
  readonly source: Source;
  readonly settings: Settings | null;
  readonly secretsSince: SecretDates;
  /** Where their callbacks go. */
  readonly hookUrl: string | null;
};

export type ConnectionLine = ConnectionWire & {
  /** Audiences and posts that go through it wait until then, because of what its provider answered. */
  readonly closed: { readonly until: string; readonly detail: string } | null;
};

type ChannelAccount = {
  readonly provider: string;
  readonly source: Source;
  readonly settings?: Settings | undefined;
  readonly secretsSince: SecretDates;
  readonly hookUrl?: string | undefined;
};

export type MailAccount = ChannelAccount & {
  readonly from: string;
  /** Keys that we sign with, each with the record that DNS must hold. */
  readonly dkim: readonly { readonly domain: string; readonly selector: string; readonly record: string }[];
};

export type TestSendOutcome =
  | { readonly kind: 'sent'; readonly providerId: string; readonly response: string }
  | { readonly kind: 'rejected' | 'deferred'; readonly code: string; readonly detail: string }
  | { readonly kind: 'unavailable' | 'unknown'; readonly detail: string };

type Change = { readonly settings: Settings | null };

export type ConnectionOperations = {
  'GET /connections': { readonly answer: { readonly connections: readonly ConnectionLine[] } };
  'GET /connections/{connection}': {
    readonly params: { readonly connection: string };
    readonly answer: ConnectionWire;
  };
  'PUT /connections/{connection}': {
    readonly params: { readonly connection: string };
    readonly body: Change;
    readonly answer: ConnectionWire;
  };
  'GET /channels/email': { readonly answer: MailAccount };
  'PUT /channels/email': { readonly body: Change; readonly answer: MailAccount };
  'GET /channels/sms': { readonly answer: ChannelAccount };
  'PUT /channels/sms': { readonly body: Change; readonly answer: ChannelAccount };
  'POST /channels/{channel}/test': {
    readonly params: { readonly channel: string };
    readonly body: { readonly to: string; readonly lang: 'en' | 'zh' };
    readonly answer: {
      readonly outcome: TestSendOutcome;
      /** `sink`: it lies in the preview mailbox and reached nobody. */
      readonly via: string;
    };
  };
};
