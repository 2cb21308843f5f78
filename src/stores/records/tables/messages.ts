// Tables of messages: templates, the ledger, what came back, and by which rules and limits they leave.
import type { ColumnType, Generated } from 'kysely';
import type { Defaulted, Json } from './columns.ts';

export type TemplatesTable = {
  template_id: string;
  version: number;
  definition: Json<unknown>;
  created_at: Date;
  active: boolean;
};

export type MessageState = 'planned' | 'sending' | 'sent' | 'failed' | 'unknown' | 'cancelled' | 'refused';

export type MessagesTable = {
  message_id: string;
  programme_id: string;
  run_id: string;
  step: number;
  person_id: string;
  channel: string;
  purpose: string;
  address: string;
  address_key: string;
  variant: string;
  template_id: string;
  template_version: number;
  language: string;
  grant_id: string | null;
  /** What this message carries besides the person: coupon, products. Handed over by whoever planned it. */
  content: ColumnType<Readonly<Record<string, unknown>>, string | undefined, string>;
  priority: Defaulted<number>;
  state: MessageState;
  /** Planned, but not to be sent until it is let go: its programme is paused. */
  held: Defaulted<boolean>;
  due_at: Date;
  /** After this a planned message is refused instead of sent late. */
  expires_at: Date;
  claimed_by: string | null;
  claimed_at: Date | null;
  attempts: Defaulted<number>;
  /** How often the other side said "not now" to it. */
  deferrals: Defaulted<number>;
  sent_at: Date | null;
  provider_id: string | null;
  code: string | null;
  detail: string | null;
  cost_cents: Defaulted<number>;
  created_at: Date;
  finished_at: Date | null;
  /** The domain a mail was claimed for. */
  sender: Generated<string | null>;
  /** When she was last active, for messages that wait under a daily cap. */
  last_active_on: Generated<string | null>;
};

export type ReceiptsTable = {
  receipt_id: Generated<number>;
  message_id: string;
  kind: 'delivered' | 'opened' | 'clicked' | 'closed' | 'bounced' | 'complained' | 'unsubscribed';
  class: string;
  detail: Json<Readonly<Record<string, unknown>>>;
  occurred_at: Date;
  /** Provider's or our own key: the same receipt twice is one row. */
  dedupe_key: string;
};

export type LinksTable = { message_id: string; position: number; url: string };

export type WorkersTable = { worker_id: string; seen_at: Date };

export type DomainPausesTable = { channel: string; domain: string; until: Date; strikes: number; detail: string };

export type AccountBrakesTable = { account: string; settings: string; until: Date; code: string; detail: string };

export type SenderDaysTable = {
  domain: string;
  day: string;
  claimed: Defaulted<number>;
  sent: Defaulted<number>;
  failed: Defaulted<number>;
  hard_bounces: Defaulted<number>;
  sender_faults: Defaulted<number>;
  complaints: Defaulted<number>;
};

export type SenderBrakesTable = {
  domain: string;
  kind: 'complaints' | 'bounces' | 'refusals';
  pulled_on: string;
  bad_day: string;
  share: number;
  released_on: string | null;
  released_by: string | null;
  note: string | null;
};

export type MailHookEventsTable = { provider: string; event_id: string; taken_at: Date };

export type SmsInboundTable = {
  inbound_id: string;
  provider: string;
  dedupe_key: string;
  person_id: string | null;
  phone: string;
  phone_key: string;
  text: string;
  sent_to: string;
  meaning: 'stop' | 'start' | 'help' | 'free_text';
  received_at: Date;
  taken_at: Date;
  /** Does a human have to read it? */
  review: 'none' | 'waiting' | 'resolved';
  resolved_at: Date | null;
  resolution: string | null;
};

export type SunsetsTable = {
  policy_id: string;
  person_id: string;
  since_on: string;
  contacts: number;
  /** Null: every channel. */
  channels: string[] | null;
  ended_on: string | null;
  end_cause: 'returned' | 'consented' | null;
};

export type ChannelQuotasTable = {
  person_id: string;
  channel: string;
  /** What she subscribed to: the provider's template, or ours where it fills none. */
  provider_template_id: string;
  remaining: number;
  updated_at: Date;
};

export type QuotaEntriesTable = {
  dedupe_key: string;
  person_id: string;
  channel: string;
  provider_template_id: string;
  delta: number;
  occurred_at: Date;
};

export type ReachRulesTable = { version: number; rules: Json<unknown>; note: string; created_at: Date };

export type HolidayYearsTable = { country: string; year: number; source: string; loaded_at: Date };

export type HolidaysTable = {
  country: string;
  day: ColumnType<string, string, string>;
  kind: 'holiday' | 'workday';
  name: string;
};

export type SinkMailsTable = {
  mail_id: Generated<number>;
  received_at: Date;
  sender: string;
  recipient: string;
  subject: string;
  raw: string;
};

export type SinkMessagesTable = {
  sink_id: Generated<number>;
  received_at: Date;
  message_id: string;
  person_id: string;
  channel: string;
  kind: string;
  recipient: string;
  language: string;
  fields: Json<Readonly<Record<string, unknown>>>;
};

export type InboxTable = {
  message_id: string;
  person_id: string;
  language: string;
  fields: Json<Readonly<Record<string, unknown>>>;
  placed_at: Date;
  expires_at: Date;
  is_test: Defaulted<boolean>;
};

export type AudiencesTable = {
  audience_id: string;
  network: string;
  name: string;
  source_kind: 'segment' | 'programme';
  source_id: string;
  use: 'target' | 'exclude';
  remote_id: string | null;
  created_at: Date;
  closed_at: Date | null;
  refreshed_at: Date | null;
  synced_at: Date | null;
  busy_until: Date | null;
  code: string | null;
  detail: string | null;
  goes_on_at: Date | null;
};

export type AudienceRecordsTable = {
  audience_id: string;
  person_id: string;
  identifiers: Defaulted<string[]>;
  held: Defaulted<string[]>;
  confirmed: Defaulted<string[]>;
  reason: string | null;
  seen_at: Date;
  attempts: Defaulted<number>;
  attempted_at: Date | null;
  retry_at: Date | null;
  batch_id: string | null;
  code: string | null;
  detail: string | null;
};

export type AudienceBatchesTable = {
  batch_id: string;
  audience_id: string;
  action: 'add' | 'remove';
  people: number;
  started_at: Date;
  finished_at: Date | null;
  outcome: 'sent' | 'rejected' | 'deferred' | 'unavailable' | 'unknown' | null;
  provider_id: string | null;
  code: string | null;
  detail: string | null;
  /** Null while the network works on it. */
  settled_at: Date | null;
};

export type PostsTable = {
  post_id: string;
  network: string;
  language: string;
  text: string;
  url: string | null;
  state: 'planned' | 'sending' | 'sent' | 'failed' | 'unknown' | 'cancelled';
  due_at: Date;
  claimed_at: Date | null;
  attempts: Defaulted<number>;
  provider_id: string | null;
  code: string | null;
  detail: string | null;
  created_at: Date;
  finished_at: Date | null;
};
