// The tables of the records store as Kysely sees them. The SQL that makes them is in `migrations/`; a snapshot test holds both equal.
import type {
  ConsentRequestsTable,
  ConsentTextsTable,
  ConsentsTable,
  EndpointsTable,
  FactChangesTable,
  PeopleTable,
  PersonLinksTable,
  PreferenceLinksTable,
  ReachProfilesTable,
  SuppressionsTable,
  SurveyAnswersTable,
  SurveyInvitationsTable,
  SurveysTable,
  TopicPreferencesTable,
  TopicsTable,
} from './tables/people.ts';
import type {
  AudienceBatchesTable,
  AudienceRecordsTable,
  AudiencesTable,
  ChannelQuotasTable,
  AccountBrakesTable,
  DomainPausesTable,
  HolidayYearsTable,
  HolidaysTable,
  InboxTable,
  LinksTable,
  MailHookEventsTable,
  MessagesTable,
  PostsTable,
  QuotaEntriesTable,
  ReachRulesTable,
  ReceiptsTable,
  SenderBrakesTable,
  SenderDaysTable,
  SinkMailsTable,
  SinkMessagesTable,
  SmsInboundTable,
  SunsetsTable,
  TemplatesTable,
  WorkersTable,
} from './tables/messages.ts';
import type {
  DecisionsTable,
  DormancyPoliciesTable,
  GrantsTable,
  MembersTable,
  OffersTable,
  ProgrammeRunsTable,
  ProgrammesTable,
  SegmentSnapshotsTable,
  SegmentWatchesTable,
  SegmentsTable,
} from './tables/programmes.ts';
import type {
  AccountCredentialsTable,
  AccountLinksTable,
  AccountSecondFactorsTable,
  AccountSessionsTable,
  AccountVerificationsTable,
  AccountsTable,
  ApiKeysTable,
  AuditLogTable,
  DroppedEventsTable,
  ImportsTable,
  PrivacyFilesTable,
  PrivacyRequestsTable,
  PrivacyRunsTable,
  SettingsTable,
  SignInFailuresTable,
} from './tables/console.ts';

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
  account_brakes: AccountBrakesTable;
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
