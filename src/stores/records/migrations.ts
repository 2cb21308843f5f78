// The records store's migrations: PostgreSQL 15+ text that PGlite runs unchanged, applied in order under Kysely's migration lock.
import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import type { RecordsSchema } from './schema.ts';
import { MAIL_HOOKS } from './mail-migration.ts';
import { SENDER_GUARD } from './sender-guard-migration.ts';
import { SEGMENTS } from './segments-migration.ts';
import { SOCIAL } from './social-migration.ts';

const FIRST_LOOP = `
CREATE TABLE settings (key text PRIMARY KEY, value jsonb NOT NULL);

CREATE TABLE api_keys (
  key_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('write', 'secret')),
  key_hash text NOT NULL UNIQUE,
  label text NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);

CREATE TABLE people (
  person_id text PRIMARY KEY,
  email text, phone text, email_key text, phone_key text,
  first_name text, language text, country text, time_zone text,
  traits jsonb NOT NULL DEFAULT '{}',
  cluster_key text NOT NULL,
  global_bucket integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX people_email_key ON people (email_key) WHERE email_key IS NOT NULL;
CREATE INDEX people_phone_key ON people (phone_key) WHERE phone_key IS NOT NULL;

CREATE TABLE person_links (actor_id text PRIMARY KEY, person_id text NOT NULL, linked_at timestamptz NOT NULL);
CREATE INDEX person_links_person ON person_links (person_id);

CREATE TABLE consents (
  consent_id text PRIMARY KEY,
  person_id text NOT NULL,
  channel text NOT NULL,
  purpose text NOT NULL,
  status text NOT NULL CHECK (status IN ('granted', 'withdrawn')),
  basis text NOT NULL, text_version text NOT NULL, source text NOT NULL,
  proof jsonb NOT NULL DEFAULT '{}',
  decided_at timestamptz NOT NULL,
  expires_at timestamptz
);
-- Latest decision wins; at one instant a withdrawal beats a grant ('withdrawn' > 'granted').
CREATE INDEX consents_latest ON consents (person_id, channel, purpose, decided_at DESC, status DESC, consent_id DESC);
CREATE FUNCTION consents_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the consent ledger is append-only'; END $$;
-- A merge moves a line to another person and changes nothing else in it.
CREATE TRIGGER consents_append_only BEFORE UPDATE ON consents FOR EACH ROW
  WHEN (OLD.person_id = NEW.person_id OR to_jsonb(OLD) - 'person_id' <> to_jsonb(NEW) - 'person_id')
  EXECUTE FUNCTION consents_are_append_only();

CREATE TABLE suppressions (
  suppression_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('person', 'address')),
  key text NOT NULL,
  channel text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (kind, key, channel)
);

CREATE TABLE dormancy_policies (
  policy_id text NOT NULL, version integer NOT NULL,
  name text NOT NULL, definition jsonb NOT NULL,
  created_at timestamptz NOT NULL, active boolean NOT NULL,
  PRIMARY KEY (policy_id, version)
);
CREATE UNIQUE INDEX dormancy_policies_active ON dormancy_policies (policy_id) WHERE active;

CREATE TABLE templates (
  template_id text NOT NULL, version integer NOT NULL,
  definition jsonb NOT NULL, created_at timestamptz NOT NULL, active boolean NOT NULL,
  PRIMARY KEY (template_id, version)
);
CREATE UNIQUE INDEX templates_active ON templates (template_id) WHERE active;

CREATE TABLE offers (
  offer_id text PRIMARY KEY,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('coupon', 'points', 'benefit', 'trial', 'exclusive')),
  definition jsonb NOT NULL,
  budget_cents bigint NOT NULL CHECK (budget_cents >= 0),
  committed_cents bigint NOT NULL DEFAULT 0 CHECK (committed_cents >= 0),
  unit_cost_cents bigint NOT NULL CHECK (unit_cost_cents >= 0),
  capacity integer NOT NULL CHECK (capacity >= 0),
  granted integer NOT NULL DEFAULT 0 CHECK (granted >= 0 AND granted <= capacity),
  per_person_limit integer NOT NULL DEFAULT 1 CHECK (per_person_limit > 0),
  created_at timestamptz NOT NULL,
  CHECK (committed_cents <= budget_cents)
);

CREATE TABLE grants (
  grant_id text PRIMARY KEY,
  offer_id text NOT NULL REFERENCES offers,
  person_id text NOT NULL,
  programme_id text, run_id text,
  code text NOT NULL UNIQUE,
  state text NOT NULL CHECK (state IN ('reserved', 'issued', 'redeemed', 'expired', 'revoked')),
  cost_cents bigint NOT NULL,
  reserved_at timestamptz NOT NULL,
  issued_at timestamptz,
  expires_at timestamptz NOT NULL,
  redeemed_at timestamptz,
  order_id text,
  UNIQUE (offer_id, run_id, person_id)
);
CREATE INDEX grants_person ON grants (person_id);
CREATE INDEX grants_open ON grants (expires_at) WHERE state IN ('reserved', 'issued');

CREATE TABLE programmes (
  programme_id text PRIMARY KEY, version integer NOT NULL,
  name text NOT NULL, definition jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'ended')),
  salt text NOT NULL,
  created_at timestamptz NOT NULL, started_at timestamptz, ended_at timestamptz
);

CREATE TABLE programme_runs (
  run_id text PRIMARY KEY,
  programme_id text NOT NULL REFERENCES programmes,
  programme_version integer NOT NULL,
  run_on date NOT NULL,
  started_at timestamptz NOT NULL,
  considered integer NOT NULL,
  UNIQUE (programme_id, run_on)
);

CREATE TABLE members (
  run_id text NOT NULL REFERENCES programme_runs,
  person_id text NOT NULL,
  programme_id text NOT NULL,
  arm text NOT NULL CHECK (arm IN ('treated', 'control')),
  variant text,
  enrolled_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'completed', 'exited')),
  step integer NOT NULL,
  step_due_at timestamptz,
  ended_at timestamptz,
  end_reason text,
  PRIMARY KEY (run_id, person_id)
);
CREATE INDEX members_due ON members (step_due_at) WHERE state = 'active';
CREATE INDEX members_person ON members (person_id, programme_id);
CREATE INDEX members_programme ON members (programme_id, enrolled_at);

CREATE TABLE decisions (
  decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  programme_id text NOT NULL,
  run_id text NOT NULL,
  step integer NOT NULL,
  person_id text NOT NULL,
  decided_at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('contact', 'control', 'refused', 'deferred')),
  codes text[] NOT NULL,
  channel text, variant text,
  propensity double precision,
  deferred_until timestamptz
);
CREATE INDEX decisions_person ON decisions (person_id, decided_at);
CREATE INDEX decisions_programme ON decisions (programme_id, run_id);

CREATE TABLE messages (
  message_id text PRIMARY KEY,
  programme_id text NOT NULL,
  run_id text NOT NULL,
  step integer NOT NULL,
  person_id text NOT NULL,
  channel text NOT NULL,
  purpose text NOT NULL,
  address text NOT NULL,
  address_key text NOT NULL,
  variant text NOT NULL,
  template_id text NOT NULL,
  template_version integer NOT NULL,
  language text NOT NULL,
  grant_id text REFERENCES grants,
  content jsonb NOT NULL DEFAULT '{}',
  priority integer NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'unknown', 'cancelled', 'refused')),
  held boolean NOT NULL DEFAULT false,
  due_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  claimed_by text,
  claimed_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  sent_at timestamptz,
  provider_id text, code text, detail text,
  cost_cents bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  UNIQUE (run_id, step, person_id),
  UNIQUE (run_id, step, channel, address_key)
);
CREATE INDEX messages_due ON messages (channel, due_at) WHERE state = 'planned';
CREATE INDEX messages_sending ON messages (claimed_at) WHERE state = 'sending';
-- What the caps count: everything that left or may have left.
CREATE INDEX messages_pressure ON messages (person_id, claimed_at) WHERE state IN ('sending', 'sent', 'unknown');
CREATE INDEX messages_pressure_address ON messages (address_key, claimed_at) WHERE state IN ('sending', 'sent', 'unknown');
CREATE INDEX messages_person ON messages (person_id);
CREATE INDEX messages_grant ON messages (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX messages_programme ON messages (programme_id, state);

CREATE TABLE receipts (
  receipt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id text NOT NULL REFERENCES messages ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('delivered', 'opened', 'clicked', 'bounced', 'complained', 'unsubscribed')),
  class text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  occurred_at timestamptz NOT NULL,
  dedupe_key text NOT NULL,
  UNIQUE (message_id, kind, dedupe_key)
);

CREATE TABLE message_links (
  message_id text NOT NULL REFERENCES messages ON DELETE CASCADE,
  position integer NOT NULL,
  url text NOT NULL,
  PRIMARY KEY (message_id, position)
);

CREATE TABLE dropped_events (day date NOT NULL, reason text NOT NULL, count bigint NOT NULL, PRIMARY KEY (day, reason));

CREATE TABLE imports (
  import_id text PRIMARY KEY,
  path text NOT NULL,
  rows_read bigint NOT NULL, rows_added bigint NOT NULL, rows_known bigint NOT NULL, rows_rejected bigint NOT NULL,
  mapping jsonb NOT NULL,
  finished_at timestamptz NOT NULL
);

CREATE TABLE sink_mails (
  mail_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at timestamptz NOT NULL,
  sender text NOT NULL, recipient text NOT NULL, subject text NOT NULL,
  raw text NOT NULL
);
`;

const SURVEYS = `
-- A wave: one question, asked for a while.
CREATE TABLE surveys (
  survey_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('reason', 'nps')),
  name text NOT NULL,
  question jsonb,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  CHECK (closed_at IS NULL OR closed_at > opened_at)
);
CREATE INDEX surveys_opened ON surveys (kind, opened_at);
-- One wave of a kind at a time: a link in a mail then needs no more than its moment to say which.
CREATE UNIQUE INDEX surveys_open ON surveys (kind) WHERE closed_at IS NULL;

CREATE TABLE survey_invitations (
  survey_id text NOT NULL REFERENCES surveys ON DELETE CASCADE,
  person_id text NOT NULL,
  channel text NOT NULL,
  invited_at timestamptz NOT NULL,
  PRIMARY KEY (survey_id, person_id)
);
CREATE INDEX survey_invitations_person ON survey_invitations (person_id);

CREATE TABLE survey_answers (
  survey_id text NOT NULL REFERENCES surveys ON DELETE CASCADE,
  person_id text NOT NULL,
  answer text NOT NULL,
  free_text text NOT NULL DEFAULT '' CHECK (char_length(free_text) <= 1000),
  language text NOT NULL,
  answered_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (survey_id, person_id)
);
CREATE INDEX survey_answers_person ON survey_answers (person_id);
`;

const CHANNELS = `
-- Addresses that are neither mailbox nor number: push tokens, web-push subscriptions, openids. One address is one person's at a time.
CREATE TABLE endpoints (
  endpoint_id text PRIMARY KEY,
  person_id text NOT NULL,
  channel text NOT NULL,
  provider text NOT NULL,
  address text NOT NULL,
  address_key text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  disabled_at timestamptz,
  disabled_code text,
  CHECK ((disabled_at IS NULL) = (disabled_code IS NULL)),
  UNIQUE (channel, address_key)
);
CREATE INDEX endpoints_person ON endpoints (person_id, channel, seen_at DESC);

-- What channels without a provider would have sent; mails are in sink_mails, as raw as they were.
CREATE TABLE sink_messages (
  sink_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at timestamptz NOT NULL,
  message_id text NOT NULL UNIQUE,
  person_id text NOT NULL,
  channel text NOT NULL,
  kind text NOT NULL,
  recipient text NOT NULL,
  language text NOT NULL,
  fields jsonb NOT NULL
);
CREATE INDEX sink_messages_person ON sink_messages (person_id);
`;

const INBOX = `
-- What lies ready for a person to see in the business's own site or app: the words of a message of channel in_app. Whether it may still be
-- shown is in messages, members, consents and suppressions.
CREATE TABLE inbox (
  message_id text PRIMARY KEY,
  person_id text NOT NULL,
  language text NOT NULL,
  fields jsonb NOT NULL,
  placed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX inbox_person ON inbox (person_id);

ALTER TABLE receipts DROP CONSTRAINT receipts_kind_check;
ALTER TABLE receipts ADD CONSTRAINT receipts_kind_check
  CHECK (kind IN ('delivered', 'opened', 'clicked', 'closed', 'bounced', 'complained', 'unsubscribed'));

-- Whoever keeps inboxes in memory hears, at the commit, whose has changed; '*' is everybody's. Rows of other channels do not get past WHEN.
CREATE FUNCTION tell_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'inbox' THEN
      IF TG_OP <> 'INSERT' THEN PERFORM pg_notify('inbox', OLD.person_id); END IF;
      IF TG_OP <> 'DELETE' THEN PERFORM pg_notify('inbox', NEW.person_id); END IF;
    WHEN 'receipts' THEN PERFORM pg_notify('inbox', i.person_id) FROM inbox i WHERE i.message_id = NEW.message_id;
    WHEN 'suppressions' THEN
      IF NEW.kind = 'person' THEN PERFORM pg_notify('inbox', NEW.key);
      ELSE PERFORM pg_notify('inbox', m.person_id) FROM messages m WHERE m.address_key = NEW.key AND m.channel = 'in_app' AND m.state = 'sent';
      END IF;
    WHEN 'members' THEN PERFORM pg_notify('inbox', NEW.person_id) WHERE EXISTS (SELECT 1 FROM inbox i WHERE i.person_id = NEW.person_id);
    WHEN 'programmes' THEN PERFORM pg_notify('inbox', '*');
    ELSE PERFORM pg_notify('inbox', NEW.person_id);
  END CASE;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_inbox AFTER INSERT OR UPDATE OR DELETE ON inbox FOR EACH ROW EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER UPDATE OF state, person_id ON messages FOR EACH ROW
  WHEN (NEW.channel = 'in_app' AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.person_id IS DISTINCT FROM NEW.person_id))
  EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER INSERT ON receipts FOR EACH ROW WHEN (NEW.kind IN ('delivered', 'clicked', 'closed')) EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER INSERT ON consents FOR EACH ROW WHEN (NEW.channel = 'in_app') EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER INSERT ON suppressions FOR EACH ROW WHEN (NEW.channel IN ('*', 'in_app')) EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER INSERT OR UPDATE ON reach_profiles FOR EACH ROW EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER INSERT OR UPDATE ON topic_preferences FOR EACH ROW EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER UPDATE OF state ON members FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_inbox();
CREATE TRIGGER tell_inbox AFTER UPDATE OF state ON programmes FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_inbox();
`;

const INBOX_KEEPING = `
-- Only a return changes what may be shown; the thousands of members whose steps end in a round do not.
DROP TRIGGER tell_inbox ON members;
CREATE TRIGGER tell_inbox AFTER UPDATE OF end_reason ON members FOR EACH ROW
  WHEN (NEW.end_reason = 'returned' AND OLD.end_reason IS DISTINCT FROM NEW.end_reason) EXECUTE FUNCTION tell_inbox();
CREATE INDEX inbox_expiry ON inbox (expires_at);
`;

const SENDING_INDEXES = `
-- The whole order of claiming, so that a campaign whose messages are all due at one moment is not sorted for every set.
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (channel, due_at, (-priority), message_id) WHERE state = 'planned';
-- Partial indexes on the states of sent messages looked empty to a planner whose statistics are from before the send, and it read them whole.
-- The pressure on a person or an address is found by her key alone: a few dozen rows.
DROP INDEX messages_pressure;
DROP INDEX messages_pressure_address;
CREATE INDEX messages_address ON messages (address_key);
`;

const OFFERS_CLOSE = `
ALTER TABLE offers ADD COLUMN closed_at timestamptz;
`;

const ENTRY_FACTS = `
ALTER TABLE members ADD COLUMN known jsonb NOT NULL DEFAULT '{}';
`;

const SUNSETS = `
-- People a policy has given up contacting: silent after so many contacts for so long. One open row per policy and person; it ends when
-- she returns or consents again.
CREATE TABLE sunsets (
  policy_id text NOT NULL,
  person_id text NOT NULL,
  since_on date NOT NULL,
  contacts integer NOT NULL,
  ended_on date,
  end_cause text CHECK (end_cause IN ('returned', 'consented')),
  PRIMARY KEY (policy_id, person_id, since_on),
  CHECK ((ended_on IS NULL) = (end_cause IS NULL))
);
CREATE UNIQUE INDEX sunsets_open ON sunsets (policy_id, person_id) WHERE ended_on IS NULL;
CREATE INDEX sunsets_person ON sunsets (person_id);
`;

const ACCOUNTS = `
-- Console accounts. The first five tables are better-auth's, under our names.
CREATE TABLE accounts (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  email_verified boolean NOT NULL DEFAULT false,
  image text,
  role text NOT NULL CHECK (role IN ('owner', 'marketer', 'approver', 'analyst', 'support', 'reader')),
  is_founder boolean NOT NULL DEFAULT false,
  two_factor_enabled boolean DEFAULT false,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
-- Two people who set up an empty installation at the same moment: one of them is the founder.
CREATE UNIQUE INDEX accounts_founder ON accounts (is_founder) WHERE is_founder;

CREATE TABLE account_sessions (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
  token text NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX account_sessions_account ON account_sessions (account_id);

CREATE TABLE account_credentials (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
  provider_id text NOT NULL,
  provider_account_id text NOT NULL,
  access_token text, refresh_token text, id_token text,
  access_token_expires_at timestamptz, refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (provider_id, provider_account_id)
);
CREATE INDEX account_credentials_account ON account_credentials (account_id);

CREATE TABLE account_verifications (
  id text PRIMARY KEY,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX account_verifications_identifier ON account_verifications (identifier);

CREATE TABLE account_second_factors (
  id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
  secret text NOT NULL,
  backup_codes text NOT NULL,
  verified boolean DEFAULT true,
  failed_verification_count integer DEFAULT 0,
  locked_until timestamptz
);
CREATE INDEX account_second_factors_account ON account_second_factors (account_id);

-- Links that are good once: an invitation, a password reset, a first sign-in. Only hashes of their tokens are kept.
CREATE TABLE account_links (
  link_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('invitation', 'reset', 'sign_in')),
  token_hash text NOT NULL UNIQUE,
  email text NOT NULL,
  role text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  CHECK (kind <> 'invitation' OR role IS NOT NULL)
);

-- Failed sign-ins by account and by address, so that guessing is slow and stays slow after a restart.
CREATE TABLE sign_in_failures (
  key_hash text PRIMARY KEY,
  failures integer NOT NULL,
  first_at timestamptz NOT NULL,
  locked_until timestamptz
);

CREATE TABLE audit_log (
  entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('member', 'key', 'nobody')),
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  action text NOT NULL,
  subject jsonb NOT NULL,
  before jsonb,
  after jsonb
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log only grows';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();

-- Without scopes a secret key may do everything, as before.
ALTER TABLE api_keys ADD COLUMN scopes text[];
ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
`;

const REACH = `
-- What a person wants, as far as it is not consent: read by the arbiter for every candidate, so one row each.
CREATE TABLE reach_profiles (
  person_id text PRIMARY KEY,
  objected_at timestamptz,
  paused_until timestamptz,
  frequency text CHECK (frequency IN ('weekly', 'monthly', 'quarterly')),
  best_hours real[] CHECK (array_length(best_hours, 1) = 24),
  updated_at timestamptz NOT NULL
);

CREATE TABLE topics (
  topic_id text PRIMARY KEY,
  definition jsonb NOT NULL,
  position integer NOT NULL,
  created_at timestamptz NOT NULL,
  retired_at timestamptz
);

CREATE TABLE topic_preferences (
  person_id text NOT NULL,
  topic_id text NOT NULL,
  channel text NOT NULL,
  wanted boolean NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, topic_id, channel)
);

CREATE TABLE consent_texts (
  text_id text NOT NULL,
  version integer NOT NULL,
  definition jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (text_id, version)
);
CREATE FUNCTION consent_texts_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a version of a consent text is never changed'; END $$;
CREATE TRIGGER consent_texts_stand BEFORE UPDATE OR DELETE ON consent_texts FOR EACH ROW EXECUTE FUNCTION consent_texts_stand();

-- Asked for and not yet confirmed: gives no right to write until its own link was followed and the button pressed.
CREATE TABLE consent_requests (
  request_id text PRIMARY KEY,
  person_id text NOT NULL,
  channel text NOT NULL,
  purpose text NOT NULL,
  address_key text NOT NULL,
  text_version text NOT NULL,
  language text NOT NULL,
  source text NOT NULL,
  proof jsonb NOT NULL DEFAULT '{}',
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  confirmed_at timestamptz
);
CREATE INDEX consent_requests_person ON consent_requests (person_id);

CREATE TABLE preference_links (
  link_id text PRIMARY KEY,
  person_id text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX preference_links_person ON preference_links (person_id);

CREATE TABLE channel_quotas (
  person_id text NOT NULL,
  channel text NOT NULL,
  template_id text NOT NULL,
  remaining integer NOT NULL CHECK (remaining >= 0),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, channel, template_id)
);
-- Every change of a quota, once: the key is the message that used it, or the event that gave it.
CREATE TABLE quota_entries (
  dedupe_key text PRIMARY KEY,
  person_id text NOT NULL,
  channel text NOT NULL,
  template_id text NOT NULL,
  delta integer NOT NULL,
  occurred_at timestamptz NOT NULL
);
CREATE INDEX quota_entries_person ON quota_entries (person_id);

CREATE TABLE holiday_years (
  country text NOT NULL, year integer NOT NULL, source text NOT NULL, loaded_at timestamptz NOT NULL,
  PRIMARY KEY (country, year)
);
CREATE TABLE holidays (
  country text NOT NULL, day date NOT NULL, kind text NOT NULL CHECK (kind IN ('holiday', 'workday')), name text NOT NULL,
  PRIMARY KEY (country, day)
);

CREATE TABLE reach_rules (
  version integer PRIMARY KEY,
  rules jsonb NOT NULL,
  note text NOT NULL,
  created_at timestamptz NOT NULL
);
`;

const SMS = `
-- Texts that came in. The provider pushes again what it thinks was not heard, so its own id keeps each once.
CREATE TABLE sms_inbound (
  inbound_id text PRIMARY KEY,
  provider text NOT NULL,
  dedupe_key text NOT NULL,
  person_id text,
  phone text NOT NULL,
  phone_key text NOT NULL,
  text text NOT NULL,
  sent_to text NOT NULL,
  meaning text NOT NULL CHECK (meaning IN ('stop', 'start', 'help', 'free_text')),
  received_at timestamptz NOT NULL,
  taken_at timestamptz NOT NULL,
  review text NOT NULL CHECK (review IN ('none', 'waiting', 'resolved')),
  resolved_at timestamptz,
  resolution text,
  CHECK ((review = 'resolved') = (resolved_at IS NOT NULL)),
  UNIQUE (provider, dedupe_key)
);
CREATE INDEX sms_inbound_person ON sms_inbound (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX sms_inbound_waiting ON sms_inbound (received_at) WHERE review = 'waiting';
CREATE INDEX sms_inbound_taken ON sms_inbound (taken_at);
-- A provider's receipt names its own id of a message, not ours.
CREATE INDEX messages_provider ON messages (provider_id) WHERE provider_id IS NOT NULL;
`;

const PACES = `
-- Who sends from this store, so that each keeps to its share of a domain's limit.
CREATE TABLE workers (worker_id text PRIMARY KEY, seen_at timestamptz NOT NULL);
-- Receiving sides that answered "not so fast".
CREATE TABLE domain_pauses (
  channel text NOT NULL,
  domain text NOT NULL,
  until timestamptz NOT NULL,
  strikes integer NOT NULL CHECK (strikes > 0),
  detail text NOT NULL,
  PRIMARY KEY (channel, domain)
);
`;

/** Splits a script at semicolons that end a line, leaving `$$ … $$` bodies whole: PGlite prepares one statement at a time. */
function statementsOf(script: string): string[] {
  const statements: string[] = [];
  let current = '';
  let quoted = false;
  for (const line of script.split('\n')) {
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
    current += `${line}\n`;
    if (!quoted && line.trimEnd().endsWith(';')) {
      statements.push(current.trim());
      current = '';
    }
  }
  if (current.trim() !== '') statements.push(current.trim());
  return statements;
}

const script = (text: string): Migration => ({
  up: async (db) => {
    for (const statement of statementsOf(text)) await sql.raw(statement).execute(db);
  },
});

const RECORDS_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first-loop': script(FIRST_LOOP),
  '0002-surveys': script(SURVEYS),
  '0003-offers-close': script(OFFERS_CLOSE),
  '0004-channels': script(CHANNELS),
  '0005-sunsets': script(SUNSETS),
  '0006-sending-indexes': script(SENDING_INDEXES),
  '0007-entry-facts': script(ENTRY_FACTS),
  '0008-reach': script(REACH),
  '0009-segments': script(SEGMENTS),
  '0010-inbox': script(INBOX),
  '0011-sms': script(SMS),
  '0012-inbox-keeping': script(INBOX_KEEPING),
  '0013-accounts': script(ACCOUNTS),
  '0014-paces': script(PACES),
  '0015-mail-hooks': script(MAIL_HOOKS),
  '0016-social': script(SOCIAL),
  '0017-sender-guard': script(SENDER_GUARD),
};

/** Brings the schema up to date; concurrent starts wait for each other. Throws with the failing statement's cause. */
export async function migrateRecords(db: Kysely<RecordsSchema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...RECORDS_MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error('the records store could not be migrated', { cause: error });
}
