// Tables of those who run the product: settings, accounts, keys, what they did, imported and were asked to erase.
import type { ColumnType, Generated } from 'kysely';
import type { Defaulted, Json } from './columns.ts';

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
