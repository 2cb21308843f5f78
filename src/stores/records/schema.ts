// The tables of the records store as Kysely sees them. The SQL that makes them is in `migrations/`; a snapshot test holds both equal.
import type { ColumnType, Generated } from 'kysely';

type Json<T> = ColumnType<T, string, string>;
type Defaulted<T> = ColumnType<T, T | undefined, T>;

export type SettingsTable = { key: string; value: Json<unknown> };

export type ApiKeysTable = {
  key_id: string;
  kind: 'write' | 'secret';
  key_hash: string;
  label: string;
  created_at: Date;
  revoked_at: Date | null;
  /** Permissions; null: all of them. */
  scopes: Defaulted<string[] | null>;
  expires_at: Defaulted<Date | null>;
};

export type PeopleTable = {
  person_id: string;
  email: string | null;
  phone: string | null;
  /** Keyed hash of the normalised e-mail address; several people may share one. */
  email_key: string | null;
  phone_key: string | null;
  first_name: string | null;
  language: string | null;
  country: string | null;
  time_zone: string | null;
  traits: Json<Readonly<Record<string, unknown>>>;
  /** The unit of assignment: people who shared an address when first seen have one cluster. Never changes. */
  cluster_key: string;
  global_bucket: number;
  created_at: Date;
  updated_at: Date;
};

export type PersonLinksTable = { actor_id: string; person_id: string; linked_at: Date };

export type ConsentsTable = {
  consent_id: string;
  person_id: string;
  channel: string;
  purpose: string;
  status: 'granted' | 'withdrawn';
  basis: string;
  text_version: string;
  source: string;
  proof: Json<Readonly<Record<string, unknown>>>;
  decided_at: Date;
  expires_at: Date | null;
};

export type SuppressionsTable = {
  suppression_id: string;
  kind: 'person' | 'address';
  /** A person id, or the keyed hash of an address. */
  key: string;
  channel: string;
  reason: string;
  created_at: Date;
};

export type DormancyPoliciesTable = {
  policy_id: string;
  version: number;
  name: string;
  definition: Json<unknown>;
  created_at: Date;
  active: boolean;
};

export type TemplatesTable = {
  template_id: string;
  version: number;
  definition: Json<unknown>;
  created_at: Date;
  active: boolean;
};

export type OffersTable = {
  offer_id: string;
  name: string;
  kind: 'coupon' | 'points' | 'benefit' | 'trial' | 'exclusive';
  definition: Json<unknown>;
  budget_cents: number;
  /** Reserved and issued grants count at `unit_cost_cents`; a redeemed one at what it cost. Never above `budget_cents`. */
  committed_cents: Defaulted<number>;
  unit_cost_cents: number;
  capacity: number;
  granted: Defaulted<number>;
  per_person_limit: Defaulted<number>;
  created_at: Date;
  /** No more is given from this moment on. */
  closed_at: Defaulted<Date | null>;
};

export type GrantsTable = {
  grant_id: string;
  offer_id: string;
  person_id: string;
  programme_id: string | null;
  run_id: string | null;
  code: string;
  state: 'reserved' | 'issued' | 'redeemed' | 'expired' | 'revoked';
  cost_cents: number;
  reserved_at: Date;
  issued_at: Date | null;
  expires_at: Date;
  redeemed_at: Date | null;
  order_id: string | null;
};

export type ProgrammesTable = {
  programme_id: string;
  version: number;
  name: string;
  definition: Json<unknown>;
  state: 'draft' | 'running' | 'paused' | 'ended';
  /** Salt of the arm hash: fixed at creation, so arms never change. */
  salt: string;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
};

export type ProgrammeRunsTable = {
  run_id: string;
  programme_id: string;
  programme_version: number;
  /** Business day the entry was evaluated for. One run per programme and day. */
  run_on: ColumnType<string, string, string>;
  started_at: Date;
  considered: number;
};

export type MembersTable = {
  run_id: string;
  person_id: string;
  programme_id: string;
  arm: 'treated' | 'control';
  variant: string | null;
  enrolled_at: Date;
  state: 'active' | 'completed' | 'exited';
  step: number;
  step_due_at: Date | null;
  ended_at: Date | null;
  end_reason: string | null;
  /** What was known of her at entry. */
  known: ColumnType<Readonly<Record<string, unknown>>, string | undefined, never>;
};

export type DecisionsTable = {
  decision_id: Generated<number>;
  programme_id: string;
  run_id: string;
  step: number;
  person_id: string;
  decided_at: Date;
  outcome: 'contact' | 'control' | 'refused' | 'deferred';
  codes: string[];
  channel: string | null;
  variant: string | null;
  propensity: number | null;
  deferred_until: Date | null;
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

export type DroppedEventsTable = { day: ColumnType<string, string, string>; reason: string; count: number };

export type ImportsTable = {
  import_id: string;
  path: string;
  rows_read: number;
  rows_added: number;
  rows_known: number;
  rows_rejected: number;
  mapping: Json<unknown>;
  finished_at: Date;
  file_name: Generated<string>;
  /** Null for imports of before there was one. */
  outcome: ColumnType<unknown, string | undefined, string>;
};

export type SinkMailsTable = {
  mail_id: Generated<number>;
  received_at: Date;
  sender: string;
  recipient: string;
  subject: string;
  raw: string;
};

export type EndpointsTable = {
  endpoint_id: string;
  person_id: string;
  channel: string;
  provider: string;
  address: string;
  /** Keyed hash of channel, provider and address. */
  address_key: string;
  details: Json<Readonly<Record<string, unknown>>>;
  created_at: Date;
  seen_at: Date;
  disabled_at: Date | null;
  disabled_code: string | null;
};

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

export type SurveysTable = {
  survey_id: string;
  kind: 'reason' | 'nps';
  name: string;
  /** The business's own wording in both languages, or null for ours. */
  question: Json<unknown>;
  opened_at: Date;
  closed_at: Date | null;
};

export type SurveyInvitationsTable = { survey_id: string; person_id: string; channel: string; invited_at: Date };

export type SurveyAnswersTable = {
  survey_id: string;
  person_id: string;
  answer: string;
  free_text: Defaulted<string>;
  language: string;
  answered_at: Date;
  changed_at: Date;
};

export type WorkersTable = { worker_id: string; seen_at: Date };
export type DomainPausesTable = { channel: string; domain: string; until: Date; strikes: number; detail: string };

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

export type AccountsTable = {
  id: string;
  name: string;
  email: string;
  email_verified: Defaulted<boolean>;
  image: string | null;
  role: string;
  is_founder: Defaulted<boolean>;
  two_factor_enabled: Defaulted<boolean | null>;
  created_at: Date;
  updated_at: Date;
};

export type AccountSessionsTable = {
  id: string;
  account_id: string;
  token: string;
  expires_at: Date;
  ip_address: string | null;
  user_agent: string | null;
  created_at: Date;
  updated_at: Date;
};

export type AccountCredentialsTable = {
  id: string;
  account_id: string;
  provider_id: string;
  provider_account_id: string;
  access_token: string | null;
  refresh_token: string | null;
  id_token: string | null;
  access_token_expires_at: Date | null;
  refresh_token_expires_at: Date | null;
  scope: string | null;
  password: string | null;
  created_at: Date;
  updated_at: Date;
};

export type AccountVerificationsTable = {
  id: string;
  identifier: string;
  value: string;
  expires_at: Date;
  created_at: Date;
  updated_at: Date;
};

export type AccountSecondFactorsTable = {
  id: string;
  account_id: string;
  secret: string;
  backup_codes: string;
  verified: Defaulted<boolean | null>;
  failed_verification_count: Defaulted<number | null>;
  locked_until: Date | null;
};

export type PrivacyRunsTable = {
  run_id: string;
  kind: 'export' | 'erase';
  actor_kind: 'member' | 'key' | 'nobody';
  actor_id: string;
  actor_name: string;
  created_at: Date;
  cancelled_at: Date | null;
  finished_at: Date | null;
};
export type PrivacyRequestsTable = {
  run_id: string;
  position: number;
  /** As it was typed; gone when it has been done. */
  asked: string | null;
  state: 'waiting' | 'working' | 'done' | 'failed';
  attempts: Defaulted<number>;
  claimed_at: Defaulted<Date | null>;
  /** Somebody was there to be erased when it was first tried. */
  found: Defaulted<boolean>;
  code: Defaulted<string | null>;
  problem: ColumnType<{ readonly en: string; readonly zh: string } | null, string | null | undefined, string | null>;
};
export type PrivacyFilesTable = { run_id: string; person_id: string; content: Json<unknown> };

export type AccountLinksTable = {
  link_id: string;
  kind: 'invitation' | 'reset' | 'sign_in';
  token_hash: string;
  email: string;
  role: string | null;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
};

export type SignInFailuresTable = {
  key_hash: string;
  failures: number;
  first_at: Date;
  locked_until: Date | null;
};

export type AuditLogTable = {
  entry_id: Generated<number>;
  at: Date;
  actor_kind: 'member' | 'key' | 'nobody';
  actor_id: string;
  actor_name: string;
  action: string;
  subject: Json<unknown>;
  before: Json<unknown>;
  after: Json<unknown>;
};

export type ReachProfilesTable = {
  person_id: string;
  objected_at: Date | null;
  paused_until: Date | null;
  frequency: 'weekly' | 'monthly' | 'quarterly' | null;
  /** Shares of the 24 hours of her own clock. */
  best_hours: number[] | null;
  updated_at: Date;
};

export type TopicsTable = {
  topic_id: string;
  definition: Json<unknown>;
  position: number;
  created_at: Date;
  retired_at: Date | null;
};

export type TopicPreferencesTable = {
  person_id: string;
  topic_id: string;
  channel: string;
  wanted: boolean;
  decided_at: Date;
};

export type ConsentTextsTable = { text_id: string; version: number; definition: Json<unknown>; created_at: Date };

export type ConsentRequestsTable = {
  request_id: string;
  person_id: string;
  channel: string;
  purpose: string;
  address_key: string;
  text_version: string;
  language: string;
  source: string;
  proof: Json<Readonly<Record<string, unknown>>>;
  requested_at: Date;
  expires_at: Date;
  confirmed_at: Date | null;
  basis: Defaulted<string>;
};

export type PreferenceLinksTable = { link_id: string; person_id: string; created_at: Date; expires_at: Date };

export type ChannelQuotasTable = {
  person_id: string;
  channel: string;
  template_id: string;
  remaining: number;
  updated_at: Date;
};

export type QuotaEntriesTable = {
  dedupe_key: string;
  person_id: string;
  channel: string;
  template_id: string;
  delta: number;
  occurred_at: Date;
};

export type HolidayYearsTable = { country: string; year: number; source: string; loaded_at: Date };
export type HolidaysTable = {
  country: string;
  day: ColumnType<string, string, string>;
  kind: 'holiday' | 'workday';
  name: string;
};

export type ReachRulesTable = { version: number; rules: Json<unknown>; note: string; created_at: Date };
export type SegmentsTable = {
  segment_id: string;
  version: number;
  name: string;
  definition: Json<unknown>;
  created_at: Date;
  active: boolean;
};

export type SegmentWatchesTable = {
  segment_id: string;
  version: number;
  evaluated_at: Date;
  took_ms: number;
  people: number;
};

export type SegmentSnapshotsTable = {
  snapshot_id: string;
  segment_id: string;
  version: number;
  as_of: ColumnType<string, string, string>;
  taken_at: Date;
  people: number;
};

export type FactChangesTable = { change_id: Generated<number>; person_id: string };

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

export type RecordsSchema = {
  accounts: AccountsTable;
  account_sessions: AccountSessionsTable;
  account_credentials: AccountCredentialsTable;
  account_verifications: AccountVerificationsTable;
  account_second_factors: AccountSecondFactorsTable;
  account_links: AccountLinksTable;
  privacy_runs: PrivacyRunsTable;
  privacy_requests: PrivacyRequestsTable;
  privacy_files: PrivacyFilesTable;
  sign_in_failures: SignInFailuresTable;
  audit_log: AuditLogTable;
  settings: SettingsTable;
  api_keys: ApiKeysTable;
  people: PeopleTable;
  person_links: PersonLinksTable;
  consents: ConsentsTable;
  suppressions: SuppressionsTable;
  dormancy_policies: DormancyPoliciesTable;
  templates: TemplatesTable;
  offers: OffersTable;
  grants: GrantsTable;
  programmes: ProgrammesTable;
  programme_runs: ProgrammeRunsTable;
  members: MembersTable;
  decisions: DecisionsTable;
  messages: MessagesTable;
  receipts: ReceiptsTable;
  message_links: LinksTable;
  workers: WorkersTable;
  domain_pauses: DomainPausesTable;
  dropped_events: DroppedEventsTable;
  imports: ImportsTable;
  sink_mails: SinkMailsTable;
  endpoints: EndpointsTable;
  sink_messages: SinkMessagesTable;
  inbox: InboxTable;
  sms_inbound: SmsInboundTable;
  mail_hook_events: MailHookEventsTable;
  sender_days: SenderDaysTable;
  sender_brakes: SenderBrakesTable;
  surveys: SurveysTable;
  survey_invitations: SurveyInvitationsTable;
  survey_answers: SurveyAnswersTable;
  sunsets: SunsetsTable;
  reach_profiles: ReachProfilesTable;
  topics: TopicsTable;
  topic_preferences: TopicPreferencesTable;
  consent_texts: ConsentTextsTable;
  consent_requests: ConsentRequestsTable;
  preference_links: PreferenceLinksTable;
  channel_quotas: ChannelQuotasTable;
  quota_entries: QuotaEntriesTable;
  holiday_years: HolidayYearsTable;
  holidays: HolidaysTable;
  reach_rules: ReachRulesTable;
  segments: SegmentsTable;
  segment_watches: SegmentWatchesTable;
  segment_snapshots: SegmentSnapshotsTable;
  fact_changes: FactChangesTable;
  audiences: AudiencesTable;
  audience_records: AudienceRecordsTable;
  audience_batches: AudienceBatchesTable;
  posts: PostsTable;
};
