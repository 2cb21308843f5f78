-- The records store after all migrations. Written by `npm run schema`; a test compares it with the migrations.

account_brakes
  account text NOT NULL
  settings text NOT NULL
  until timestamp with time zone NOT NULL
  code text NOT NULL
  detail text NOT NULL
  CONSTRAINT account_brakes_pkey PRIMARY KEY (account)

account_credentials
  id text NOT NULL
  account_id text NOT NULL
  provider_id text NOT NULL
  provider_account_id text NOT NULL
  access_token text
  refresh_token text
  id_token text
  access_token_expires_at timestamp with time zone
  refresh_token_expires_at timestamp with time zone
  scope text
  password text
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  CONSTRAINT account_credentials_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE
  CONSTRAINT account_credentials_pkey PRIMARY KEY (id)
  CONSTRAINT account_credentials_provider_id_provider_account_id_key UNIQUE (provider_id, provider_account_id)
  CREATE INDEX account_credentials_account ON public.account_credentials USING btree (account_id)

account_links
  link_id text NOT NULL
  kind text NOT NULL
  token_hash text NOT NULL
  email text NOT NULL
  role text
  created_by text NOT NULL
  created_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  used_at timestamp with time zone
  CONSTRAINT account_links_check CHECK (((kind <> 'invitation'::text) OR (role IS NOT NULL)))
  CONSTRAINT account_links_kind_check CHECK ((kind = ANY (ARRAY['invitation'::text, 'reset'::text, 'sign_in'::text])))
  CONSTRAINT account_links_pkey PRIMARY KEY (link_id)
  CONSTRAINT account_links_token_hash_key UNIQUE (token_hash)

account_second_factors
  id text NOT NULL
  account_id text NOT NULL
  secret text NOT NULL
  backup_codes text NOT NULL
  verified boolean DEFAULT true
  failed_verification_count integer DEFAULT 0
  locked_until timestamp with time zone
  CONSTRAINT account_second_factors_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE
  CONSTRAINT account_second_factors_pkey PRIMARY KEY (id)
  CREATE INDEX account_second_factors_account ON public.account_second_factors USING btree (account_id)

account_sessions
  id text NOT NULL
  account_id text NOT NULL
  token text NOT NULL
  expires_at timestamp with time zone NOT NULL
  ip_address text
  user_agent text
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  CONSTRAINT account_sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE
  CONSTRAINT account_sessions_pkey PRIMARY KEY (id)
  CONSTRAINT account_sessions_token_key UNIQUE (token)
  CREATE INDEX account_sessions_account ON public.account_sessions USING btree (account_id)

account_verifications
  id text NOT NULL
  identifier text NOT NULL
  value text NOT NULL
  expires_at timestamp with time zone NOT NULL
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  CONSTRAINT account_verifications_pkey PRIMARY KEY (id)
  CREATE INDEX account_verifications_identifier ON public.account_verifications USING btree (identifier)

accounts
  id text NOT NULL
  name text NOT NULL
  email text NOT NULL
  email_verified boolean NOT NULL DEFAULT false
  image text
  role text NOT NULL
  is_founder boolean NOT NULL DEFAULT false
  two_factor_enabled boolean DEFAULT false
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  CONSTRAINT accounts_email_key UNIQUE (email)
  CONSTRAINT accounts_pkey PRIMARY KEY (id)
  CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'marketer'::text, 'approver'::text, 'analyst'::text, 'support'::text, 'reader'::text])))
  CREATE UNIQUE INDEX accounts_founder ON public.accounts USING btree (is_founder) WHERE is_founder

api_keys
  key_id text NOT NULL
  kind text NOT NULL
  key_hash text NOT NULL
  label text NOT NULL
  created_at timestamp with time zone NOT NULL
  revoked_at timestamp with time zone
  scopes text[]
  expires_at timestamp with time zone
  CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash)
  CONSTRAINT api_keys_kind_check CHECK ((kind = ANY (ARRAY['write'::text, 'secret'::text])))
  CONSTRAINT api_keys_pkey PRIMARY KEY (key_id)

audience_batches
  batch_id text NOT NULL
  audience_id text NOT NULL
  action text NOT NULL
  people integer NOT NULL
  started_at timestamp with time zone NOT NULL
  finished_at timestamp with time zone
  outcome text
  provider_id text
  code text
  detail text
  settled_at timestamp with time zone
  CONSTRAINT audience_batches_action_check CHECK ((action = ANY (ARRAY['add'::text, 'remove'::text])))
  CONSTRAINT audience_batches_audience_id_fkey FOREIGN KEY (audience_id) REFERENCES audiences(audience_id)
  CONSTRAINT audience_batches_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'rejected'::text, 'deferred'::text, 'unavailable'::text, 'unknown'::text])))
  CONSTRAINT audience_batches_pkey PRIMARY KEY (batch_id)
  CREATE INDEX audience_batches_audience ON public.audience_batches USING btree (audience_id, started_at DESC)
  CREATE INDEX audience_batches_open ON public.audience_batches USING btree (audience_id, started_at) WHERE ((settled_at IS NULL) AND (outcome = 'sent'::text))

audience_records
  audience_id text NOT NULL
  person_id text NOT NULL
  identifiers text[] NOT NULL DEFAULT '{}'::text[]
  held text[] NOT NULL DEFAULT '{}'::text[]
  confirmed text[] NOT NULL DEFAULT '{}'::text[]
  reason text
  seen_at timestamp with time zone NOT NULL
  attempts integer NOT NULL DEFAULT 0
  attempted_at timestamp with time zone
  retry_at timestamp with time zone
  batch_id text
  code text
  detail text
  CONSTRAINT audience_records_audience_id_fkey FOREIGN KEY (audience_id) REFERENCES audiences(audience_id)
  CONSTRAINT audience_records_pkey PRIMARY KEY (audience_id, person_id)
  CREATE INDEX audience_records_add ON public.audience_records USING btree (audience_id, person_id) WHERE (NOT (identifiers <@ confirmed))
  CREATE INDEX audience_records_identifiers ON public.audience_records USING gin (identifiers)
  CREATE INDEX audience_records_person ON public.audience_records USING btree (person_id)
  CREATE INDEX audience_records_remove ON public.audience_records USING btree (audience_id, person_id) WHERE (NOT (held <@ identifiers))

audiences
  audience_id text NOT NULL
  network text NOT NULL
  name text NOT NULL
  source_kind text NOT NULL
  source_id text NOT NULL
  use text NOT NULL
  remote_id text
  created_at timestamp with time zone NOT NULL
  closed_at timestamp with time zone
  refreshed_at timestamp with time zone
  synced_at timestamp with time zone
  busy_until timestamp with time zone
  code text
  detail text
  goes_on_at timestamp with time zone
  CONSTRAINT audiences_network_source_kind_source_id_use_key UNIQUE (network, source_kind, source_id, use)
  CONSTRAINT audiences_pkey PRIMARY KEY (audience_id)
  CONSTRAINT audiences_source_kind_check CHECK ((source_kind = ANY (ARRAY['segment'::text, 'programme'::text])))
  CONSTRAINT audiences_use_check CHECK ((use = ANY (ARRAY['target'::text, 'exclude'::text])))

audit_log
  entry_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
  at timestamp with time zone NOT NULL
  actor_kind text NOT NULL
  actor_id text NOT NULL
  actor_name text NOT NULL
  action text NOT NULL
  subject jsonb NOT NULL
  before jsonb
  after jsonb
  CONSTRAINT audit_log_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['member'::text, 'key'::text, 'nobody'::text])))
  CONSTRAINT audit_log_pkey PRIMARY KEY (entry_id)
  CREATE INDEX audit_log_at ON public.audit_log USING btree (at)
  CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only()

channel_quotas
  person_id text NOT NULL
  channel text NOT NULL
  provider_template_id text NOT NULL
  remaining integer NOT NULL
  updated_at timestamp with time zone NOT NULL
  CONSTRAINT channel_quotas_pkey PRIMARY KEY (person_id, channel, provider_template_id)
  CONSTRAINT channel_quotas_remaining_check CHECK ((remaining >= 0))

consent_requests
  request_id text NOT NULL
  person_id text NOT NULL
  channel text NOT NULL
  purpose text NOT NULL
  address_key text NOT NULL
  text_version text NOT NULL
  language text NOT NULL
  source text NOT NULL
  proof jsonb NOT NULL DEFAULT '{}'::jsonb
  requested_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  confirmed_at timestamp with time zone
  basis text NOT NULL DEFAULT 'double_opt_in'::text
  CONSTRAINT consent_requests_pkey PRIMARY KEY (request_id)
  CREATE INDEX consent_requests_address ON public.consent_requests USING btree (address_key, requested_at)
  CREATE INDEX consent_requests_person ON public.consent_requests USING btree (person_id)

consent_texts
  text_id text NOT NULL
  version integer NOT NULL
  definition jsonb NOT NULL
  created_at timestamp with time zone NOT NULL
  CONSTRAINT consent_texts_pkey PRIMARY KEY (text_id, version)
  CREATE TRIGGER consent_texts_stand BEFORE DELETE OR UPDATE ON public.consent_texts FOR EACH ROW EXECUTE FUNCTION consent_texts_stand()

consents
  consent_id text NOT NULL
  person_id text NOT NULL
  channel text NOT NULL
  purpose text NOT NULL
  status text NOT NULL
  basis text NOT NULL
  text_version text NOT NULL
  source text NOT NULL
  proof jsonb NOT NULL DEFAULT '{}'::jsonb
  decided_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone
  CONSTRAINT consents_pkey PRIMARY KEY (consent_id)
  CONSTRAINT consents_status_check CHECK ((status = ANY (ARRAY['granted'::text, 'withdrawn'::text])))
  CREATE INDEX consents_latest ON public.consents USING btree (person_id, channel, purpose, decided_at DESC, status DESC, consent_id DESC)
  CREATE TRIGGER consents_added AFTER INSERT ON public.consents REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()
  CREATE TRIGGER consents_append_only BEFORE UPDATE ON public.consents FOR EACH ROW WHEN (((old.person_id = new.person_id) OR ((to_jsonb(old.*) - 'person_id'::text) <> (to_jsonb(new.*) - 'person_id'::text)))) EXECUTE FUNCTION consents_are_append_only()
  CREATE TRIGGER consents_deleted AFTER DELETE ON public.consents REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()
  CREATE TRIGGER consents_moved AFTER UPDATE ON public.consents REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people()
  CREATE TRIGGER tell_inbox AFTER INSERT ON public.consents FOR EACH ROW WHEN ((new.channel = 'in_app'::text)) EXECUTE FUNCTION tell_inbox()

decisions
  decision_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
  programme_id text NOT NULL
  run_id text NOT NULL
  step integer NOT NULL
  person_id text NOT NULL
  decided_at timestamp with time zone NOT NULL
  outcome text NOT NULL
  codes text[] NOT NULL
  channel text
  variant text
  propensity double precision
  deferred_until timestamp with time zone
  CONSTRAINT decisions_outcome_check CHECK ((outcome = ANY (ARRAY['contact'::text, 'control'::text, 'refused'::text, 'deferred'::text])))
  CONSTRAINT decisions_pkey PRIMARY KEY (decision_id)
  CREATE INDEX decisions_person ON public.decisions USING btree (person_id, decided_at)
  CREATE INDEX decisions_programme ON public.decisions USING btree (programme_id, run_id)

domain_pauses
  channel text NOT NULL
  domain text NOT NULL
  until timestamp with time zone NOT NULL
  strikes integer NOT NULL
  detail text NOT NULL
  CONSTRAINT domain_pauses_pkey PRIMARY KEY (channel, domain)
  CONSTRAINT domain_pauses_strikes_check CHECK ((strikes > 0))

dormancy_policies
  policy_id text NOT NULL
  version integer NOT NULL
  name text NOT NULL
  definition jsonb NOT NULL
  created_at timestamp with time zone NOT NULL
  active boolean NOT NULL
  CONSTRAINT dormancy_policies_pkey PRIMARY KEY (policy_id, version)
  CREATE UNIQUE INDEX dormancy_policies_active ON public.dormancy_policies USING btree (policy_id) WHERE active

dropped_events
  day date NOT NULL
  reason text NOT NULL
  count bigint NOT NULL
  CONSTRAINT dropped_events_pkey PRIMARY KEY (day, reason)

endpoints
  endpoint_id text NOT NULL
  person_id text NOT NULL
  channel text NOT NULL
  provider text NOT NULL
  address text NOT NULL
  address_key text NOT NULL
  details jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL
  seen_at timestamp with time zone NOT NULL
  disabled_at timestamp with time zone
  disabled_code text
  CONSTRAINT endpoints_channel_address_key_key UNIQUE (channel, address_key)
  CONSTRAINT endpoints_check CHECK (((disabled_at IS NULL) = (disabled_code IS NULL)))
  CONSTRAINT endpoints_pkey PRIMARY KEY (endpoint_id)
  CREATE INDEX endpoints_person ON public.endpoints USING btree (person_id, channel, seen_at DESC)
  CREATE TRIGGER endpoints_added AFTER INSERT ON public.endpoints REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()
  CREATE TRIGGER endpoints_changed AFTER UPDATE ON public.endpoints REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people()
  CREATE TRIGGER endpoints_deleted AFTER DELETE ON public.endpoints REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()

fact_changes
  change_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
  person_id text NOT NULL
  CONSTRAINT fact_changes_pkey PRIMARY KEY (change_id)

function audit_log_is_append_only
CREATE OR REPLACE FUNCTION public.audit_log_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'the audit log only grows';
END $function$

function consent_texts_stand
CREATE OR REPLACE FUNCTION public.consent_texts_stand()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN RAISE EXCEPTION 'a version of a consent text is never changed'; END $function$

function consents_are_append_only
CREATE OR REPLACE FUNCTION public.consents_are_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN RAISE EXCEPTION 'the consent ledger is append-only'; END $function$

function note_changed_addresses
CREATE OR REPLACE FUNCTION public.note_changed_addresses()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO fact_changes (person_id) SELECT n.person_id FROM changed n JOIN was o ON o.person_id = n.person_id
  WHERE (n.email_key, n.phone_key, n.global_bucket) IS DISTINCT FROM (o.email_key, o.phone_key, o.global_bucket);
  RETURN NULL;
END $function$

function note_clicked
CREATE OR REPLACE FUNCTION public.note_clicked()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT DISTINCT m.person_id FROM changed c JOIN messages m ON m.message_id = c.message_id WHERE c.kind = 'clicked';
  RETURN NULL;
END $function$

function note_moved_people
CREATE OR REPLACE FUNCTION public.note_moved_people()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN INSERT INTO fact_changes (person_id) SELECT person_id FROM changed UNION SELECT person_id FROM was; RETURN NULL; END $function$

function note_people
CREATE OR REPLACE FUNCTION public.note_people()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN INSERT INTO fact_changes (person_id) SELECT DISTINCT person_id FROM changed; RETURN NULL; END $function$

function note_redeemed
CREATE OR REPLACE FUNCTION public.note_redeemed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT n.person_id FROM changed n WHERE n.state = 'redeemed'
  UNION SELECT o.person_id FROM was o WHERE o.state = 'redeemed';
  RETURN NULL;
END $function$

function note_returned_members
CREATE OR REPLACE FUNCTION public.note_returned_members()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT n.person_id FROM changed n WHERE n.end_reason = 'returned' UNION
  SELECT x.person_id FROM (SELECT run_id, person_id FROM changed UNION ALL SELECT run_id, person_id FROM was) x
  GROUP BY x.run_id, x.person_id HAVING count(*) = 1;
  RETURN NULL;
END $function$

function note_sent
CREATE OR REPLACE FUNCTION public.note_sent()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT n.person_id FROM changed n JOIN was o ON o.message_id = n.message_id
  WHERE n.state IN ('sent', 'unknown') AND (o.state <> n.state OR o.person_id <> n.person_id)
  UNION SELECT o.person_id FROM changed n JOIN was o ON o.message_id = n.message_id
  WHERE o.state IN ('sent', 'unknown') AND (o.state <> n.state OR o.person_id <> n.person_id);
  RETURN NULL;
END $function$

function note_suppressed
CREATE OR REPLACE FUNCTION public.note_suppressed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO fact_changes (person_id)
  SELECT key FROM changed WHERE kind = 'person'
  UNION SELECT p.person_id FROM changed c JOIN people p ON p.email_key = c.key WHERE c.kind = 'address'
  UNION SELECT p.person_id FROM changed c JOIN people p ON p.phone_key = c.key WHERE c.kind = 'address'
  UNION SELECT e.person_id FROM changed c JOIN endpoints e ON e.address_key = c.key WHERE c.kind = 'address';
  RETURN NULL;
END $function$

function settings_heard
CREATE OR REPLACE FUNCTION public.settings_heard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'DELETE' THEN PERFORM pg_notify('settings', OLD.key);
  ELSE PERFORM pg_notify('settings', NEW.key);
  END IF;
  RETURN NULL;
END $function$

function tell_inbox
CREATE OR REPLACE FUNCTION public.tell_inbox()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$

grants
  grant_id text NOT NULL
  offer_id text NOT NULL
  person_id text NOT NULL
  programme_id text
  run_id text
  code text NOT NULL
  state text NOT NULL
  cost_cents bigint NOT NULL
  reserved_at timestamp with time zone NOT NULL
  issued_at timestamp with time zone
  expires_at timestamp with time zone NOT NULL
  redeemed_at timestamp with time zone
  order_id text
  CONSTRAINT grants_code_key UNIQUE (code)
  CONSTRAINT grants_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES offers(offer_id)
  CONSTRAINT grants_offer_id_run_id_person_id_key UNIQUE (offer_id, run_id, person_id)
  CONSTRAINT grants_pkey PRIMARY KEY (grant_id)
  CONSTRAINT grants_state_check CHECK ((state = ANY (ARRAY['reserved'::text, 'issued'::text, 'redeemed'::text, 'expired'::text, 'revoked'::text])))
  CREATE INDEX grants_open ON public.grants USING btree (expires_at) WHERE (state = ANY (ARRAY['reserved'::text, 'issued'::text]))
  CREATE INDEX grants_person ON public.grants USING btree (person_id)
  CREATE TRIGGER grants_changed AFTER UPDATE ON public.grants REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_redeemed()

holiday_years
  country text NOT NULL
  year integer NOT NULL
  source text NOT NULL
  loaded_at timestamp with time zone NOT NULL
  CONSTRAINT holiday_years_pkey PRIMARY KEY (country, year)

holidays
  country text NOT NULL
  day date NOT NULL
  kind text NOT NULL
  name text NOT NULL
  CONSTRAINT holidays_kind_check CHECK ((kind = ANY (ARRAY['holiday'::text, 'workday'::text])))
  CONSTRAINT holidays_pkey PRIMARY KEY (country, day)

imports
  import_id text NOT NULL
  path text NOT NULL
  rows_read bigint NOT NULL
  rows_added bigint NOT NULL
  rows_known bigint NOT NULL
  rows_rejected bigint NOT NULL
  mapping jsonb NOT NULL
  finished_at timestamp with time zone NOT NULL
  file_name text NOT NULL DEFAULT ''::text
  outcome jsonb
  CONSTRAINT imports_pkey PRIMARY KEY (import_id)

inbox
  message_id text NOT NULL
  person_id text NOT NULL
  language text NOT NULL
  fields jsonb NOT NULL
  placed_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  is_test boolean NOT NULL DEFAULT false
  CONSTRAINT inbox_pkey PRIMARY KEY (message_id)
  CREATE INDEX inbox_expiry ON public.inbox USING btree (expires_at)
  CREATE INDEX inbox_person ON public.inbox USING btree (person_id)
  CREATE TRIGGER tell_inbox AFTER INSERT OR DELETE OR UPDATE ON public.inbox FOR EACH ROW EXECUTE FUNCTION tell_inbox()

mail_hook_events
  provider text NOT NULL
  event_id text NOT NULL
  taken_at timestamp with time zone NOT NULL
  CONSTRAINT mail_hook_events_pkey PRIMARY KEY (provider, event_id)
  CREATE INDEX mail_hook_events_taken ON public.mail_hook_events USING btree (taken_at)

members
  run_id text NOT NULL
  person_id text NOT NULL
  programme_id text NOT NULL
  arm text NOT NULL
  variant text
  enrolled_at timestamp with time zone NOT NULL
  state text NOT NULL
  step integer NOT NULL
  step_due_at timestamp with time zone
  ended_at timestamp with time zone
  end_reason text
  known jsonb NOT NULL DEFAULT '{}'::jsonb
  CONSTRAINT members_arm_check CHECK ((arm = ANY (ARRAY['treated'::text, 'control'::text])))
  CONSTRAINT members_pkey PRIMARY KEY (run_id, person_id)
  CONSTRAINT members_run_id_fkey FOREIGN KEY (run_id) REFERENCES programme_runs(run_id)
  CONSTRAINT members_state_check CHECK ((state = ANY (ARRAY['active'::text, 'completed'::text, 'exited'::text])))
  CREATE INDEX members_due_in_order ON public.members USING btree (programme_id, step_due_at, step, run_id, person_id) WHERE (state = 'active'::text)
  CREATE INDEX members_person ON public.members USING btree (person_id, programme_id)
  CREATE INDEX members_programme ON public.members USING btree (programme_id, enrolled_at)
  CREATE TRIGGER members_added AFTER INSERT ON public.members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()
  CREATE TRIGGER members_changed AFTER UPDATE ON public.members REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_returned_members()
  CREATE TRIGGER tell_inbox AFTER UPDATE OF end_reason ON public.members FOR EACH ROW WHEN (((new.end_reason = 'returned'::text) AND (old.end_reason IS DISTINCT FROM new.end_reason))) EXECUTE FUNCTION tell_inbox()

message_links
  message_id text NOT NULL
  position integer NOT NULL
  url text NOT NULL
  CONSTRAINT message_links_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages(message_id) ON DELETE CASCADE
  CONSTRAINT message_links_pkey PRIMARY KEY (message_id, "position")

messages
  message_id text NOT NULL
  programme_id text NOT NULL
  run_id text NOT NULL
  step integer NOT NULL
  person_id text NOT NULL
  channel text NOT NULL
  purpose text NOT NULL
  address text NOT NULL
  address_key text NOT NULL
  variant text NOT NULL
  template_id text NOT NULL
  template_version integer NOT NULL
  language text NOT NULL
  grant_id text
  content jsonb NOT NULL DEFAULT '{}'::jsonb
  priority integer NOT NULL DEFAULT 0
  state text NOT NULL
  held boolean NOT NULL DEFAULT false
  due_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  claimed_by text
  claimed_at timestamp with time zone
  attempts integer NOT NULL DEFAULT 0
  sent_at timestamp with time zone
  provider_id text
  code text
  detail text
  cost_cents bigint NOT NULL DEFAULT 0
  created_at timestamp with time zone NOT NULL
  finished_at timestamp with time zone
  sender text
  last_active_on date
  deferrals smallint NOT NULL DEFAULT 0
  CONSTRAINT messages_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES grants(grant_id)
  CONSTRAINT messages_pkey PRIMARY KEY (message_id)
  CONSTRAINT messages_run_id_step_channel_address_key_key UNIQUE (address_key, run_id, step, channel)
  CONSTRAINT messages_run_id_step_person_id_key UNIQUE (person_id, run_id, step)
  CONSTRAINT messages_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'unknown'::text, 'cancelled'::text, 'refused'::text])))
  CREATE INDEX messages_due ON public.messages USING btree (channel, due_at, ((- priority)), message_id) WHERE (state = 'planned'::text)
  CREATE INDEX messages_due_recent ON public.messages USING btree (channel, last_active_on DESC NULLS LAST, due_at, message_id) WHERE ((state = 'planned'::text) AND (last_active_on IS NOT NULL))
  CREATE INDEX messages_grant ON public.messages USING btree (grant_id) WHERE (grant_id IS NOT NULL)
  CREATE INDEX messages_programme ON public.messages USING btree (programme_id, state)
  CREATE INDEX messages_provider ON public.messages USING btree (provider_id) WHERE (provider_id IS NOT NULL)
  CREATE INDEX messages_sending ON public.messages USING btree (claimed_at) WHERE (state = 'sending'::text)
  CREATE INDEX messages_unranked ON public.messages USING btree (due_at) WHERE ((state = 'planned'::text) AND (channel = 'email'::text) AND (last_active_on IS NULL))
  CREATE TRIGGER messages_changed AFTER UPDATE ON public.messages REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_sent()
  CREATE TRIGGER tell_inbox AFTER UPDATE OF state, person_id ON public.messages FOR EACH ROW WHEN (((new.channel = 'in_app'::text) AND ((old.state IS DISTINCT FROM new.state) OR (old.person_id IS DISTINCT FROM new.person_id)))) EXECUTE FUNCTION tell_inbox()

offers
  offer_id text NOT NULL
  name text NOT NULL
  kind text NOT NULL
  definition jsonb NOT NULL
  budget_cents bigint NOT NULL
  committed_cents bigint NOT NULL DEFAULT 0
  unit_cost_cents bigint NOT NULL
  capacity integer NOT NULL
  granted integer NOT NULL DEFAULT 0
  per_person_limit integer NOT NULL DEFAULT 1
  created_at timestamp with time zone NOT NULL
  closed_at timestamp with time zone
  CONSTRAINT offers_budget_cents_check CHECK ((budget_cents >= 0))
  CONSTRAINT offers_capacity_check CHECK ((capacity >= 0))
  CONSTRAINT offers_check CHECK (((granted >= 0) AND (granted <= capacity)))
  CONSTRAINT offers_check1 CHECK ((committed_cents <= budget_cents))
  CONSTRAINT offers_committed_cents_check CHECK ((committed_cents >= 0))
  CONSTRAINT offers_kind_check CHECK ((kind = ANY (ARRAY['coupon'::text, 'points'::text, 'benefit'::text, 'trial'::text, 'exclusive'::text])))
  CONSTRAINT offers_per_person_limit_check CHECK ((per_person_limit > 0))
  CONSTRAINT offers_pkey PRIMARY KEY (offer_id)
  CONSTRAINT offers_unit_cost_cents_check CHECK ((unit_cost_cents >= 0))

people
  person_id text NOT NULL
  email text
  phone text
  email_key text
  phone_key text
  first_name text
  language text
  country text
  time_zone text
  traits jsonb NOT NULL DEFAULT '{}'::jsonb
  cluster_key text NOT NULL
  global_bucket integer NOT NULL
  created_at timestamp with time zone NOT NULL
  updated_at timestamp with time zone NOT NULL
  CONSTRAINT people_pkey PRIMARY KEY (person_id)
  CREATE INDEX people_email_key ON public.people USING btree (email_key) WHERE (email_key IS NOT NULL)
  CREATE INDEX people_phone_key ON public.people USING btree (phone_key) WHERE (phone_key IS NOT NULL)
  CREATE TRIGGER people_added AFTER INSERT ON public.people REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()
  CREATE TRIGGER people_changed AFTER UPDATE ON public.people REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_addresses()
  CREATE TRIGGER people_deleted AFTER DELETE ON public.people REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()

person_links
  actor_id text NOT NULL
  person_id text NOT NULL
  linked_at timestamp with time zone NOT NULL
  CONSTRAINT person_links_pkey PRIMARY KEY (actor_id)
  CREATE INDEX person_links_person ON public.person_links USING btree (person_id)

posts
  post_id text NOT NULL
  network text NOT NULL
  language text NOT NULL
  text text NOT NULL
  url text
  state text NOT NULL
  due_at timestamp with time zone NOT NULL
  claimed_at timestamp with time zone
  attempts integer NOT NULL DEFAULT 0
  provider_id text
  code text
  detail text
  created_at timestamp with time zone NOT NULL
  finished_at timestamp with time zone
  CONSTRAINT posts_language_check CHECK ((language = ANY (ARRAY['en'::text, 'zh'::text])))
  CONSTRAINT posts_pkey PRIMARY KEY (post_id, network)
  CONSTRAINT posts_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'unknown'::text, 'cancelled'::text])))
  CREATE INDEX posts_due ON public.posts USING btree (due_at) WHERE (state = 'planned'::text)
  CREATE INDEX posts_sending ON public.posts USING btree (claimed_at) WHERE (state = 'sending'::text)

preference_links
  link_id text NOT NULL
  person_id text NOT NULL
  created_at timestamp with time zone NOT NULL
  expires_at timestamp with time zone NOT NULL
  CONSTRAINT preference_links_pkey PRIMARY KEY (link_id)
  CREATE INDEX preference_links_person ON public.preference_links USING btree (person_id)

privacy_files
  run_id text NOT NULL
  person_id text NOT NULL
  content jsonb NOT NULL
  CONSTRAINT privacy_files_pkey PRIMARY KEY (run_id, person_id)
  CONSTRAINT privacy_files_run_id_fkey FOREIGN KEY (run_id) REFERENCES privacy_runs(run_id) ON DELETE CASCADE
  CREATE INDEX privacy_files_person ON public.privacy_files USING btree (person_id)

privacy_requests
  run_id text NOT NULL
  position integer NOT NULL
  asked text
  state text NOT NULL
  attempts integer NOT NULL DEFAULT 0
  claimed_at timestamp with time zone
  code text
  problem jsonb
  found boolean NOT NULL DEFAULT false
  CONSTRAINT privacy_requests_pkey PRIMARY KEY (run_id, "position")
  CONSTRAINT privacy_requests_run_id_fkey FOREIGN KEY (run_id) REFERENCES privacy_runs(run_id) ON DELETE CASCADE
  CONSTRAINT privacy_requests_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'working'::text, 'done'::text, 'failed'::text])))
  CREATE INDEX privacy_requests_open ON public.privacy_requests USING btree (run_id, "position") WHERE (state = ANY (ARRAY['waiting'::text, 'working'::text]))

privacy_runs
  run_id text NOT NULL
  kind text NOT NULL
  actor_kind text NOT NULL
  actor_id text NOT NULL
  actor_name text NOT NULL
  created_at timestamp with time zone NOT NULL
  cancelled_at timestamp with time zone
  finished_at timestamp with time zone
  CONSTRAINT privacy_runs_kind_check CHECK ((kind = ANY (ARRAY['export'::text, 'erase'::text])))
  CONSTRAINT privacy_runs_pkey PRIMARY KEY (run_id)
  CREATE INDEX privacy_runs_latest ON public.privacy_runs USING btree (created_at)

programme_runs
  run_id text NOT NULL
  programme_id text NOT NULL
  programme_version integer NOT NULL
  run_on date NOT NULL
  started_at timestamp with time zone NOT NULL
  considered integer NOT NULL
  CONSTRAINT programme_runs_pkey PRIMARY KEY (run_id)
  CONSTRAINT programme_runs_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES programmes(programme_id)
  CONSTRAINT programme_runs_programme_id_run_on_key UNIQUE (programme_id, run_on)

programmes
  programme_id text NOT NULL
  version integer NOT NULL
  name text NOT NULL
  definition jsonb NOT NULL
  state text NOT NULL
  salt text NOT NULL
  created_at timestamp with time zone NOT NULL
  started_at timestamp with time zone
  ended_at timestamp with time zone
  CONSTRAINT programmes_pkey PRIMARY KEY (programme_id)
  CONSTRAINT programmes_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'running'::text, 'paused'::text, 'ended'::text])))
  CREATE TRIGGER tell_inbox AFTER UPDATE OF state ON public.programmes FOR EACH ROW WHEN ((old.state IS DISTINCT FROM new.state)) EXECUTE FUNCTION tell_inbox()

quota_entries
  dedupe_key text NOT NULL
  person_id text NOT NULL
  channel text NOT NULL
  provider_template_id text NOT NULL
  delta integer NOT NULL
  occurred_at timestamp with time zone NOT NULL
  CONSTRAINT quota_entries_pkey PRIMARY KEY (dedupe_key)
  CREATE INDEX quota_entries_person ON public.quota_entries USING btree (person_id)

reach_profiles
  person_id text NOT NULL
  objected_at timestamp with time zone
  paused_until timestamp with time zone
  frequency text
  best_hours real[]
  updated_at timestamp with time zone NOT NULL
  CONSTRAINT reach_profiles_best_hours_check CHECK ((array_length(best_hours, 1) = 24))
  CONSTRAINT reach_profiles_frequency_check CHECK ((frequency = ANY (ARRAY['weekly'::text, 'monthly'::text, 'quarterly'::text])))
  CONSTRAINT reach_profiles_pkey PRIMARY KEY (person_id)
  CREATE TRIGGER reach_profiles_added AFTER INSERT ON public.reach_profiles REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()
  CREATE TRIGGER reach_profiles_changed AFTER UPDATE ON public.reach_profiles REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people()
  CREATE TRIGGER tell_inbox AFTER INSERT OR UPDATE ON public.reach_profiles FOR EACH ROW EXECUTE FUNCTION tell_inbox()

reach_rules
  version integer NOT NULL
  rules jsonb NOT NULL
  note text NOT NULL
  created_at timestamp with time zone NOT NULL
  CONSTRAINT reach_rules_pkey PRIMARY KEY (version)

receipts
  receipt_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
  message_id text NOT NULL
  kind text NOT NULL
  class text NOT NULL
  detail jsonb NOT NULL DEFAULT '{}'::jsonb
  occurred_at timestamp with time zone NOT NULL
  dedupe_key text NOT NULL
  CONSTRAINT receipts_kind_check CHECK ((kind = ANY (ARRAY['delivered'::text, 'opened'::text, 'clicked'::text, 'closed'::text, 'bounced'::text, 'complained'::text, 'unsubscribed'::text])))
  CONSTRAINT receipts_message_id_fkey FOREIGN KEY (message_id) REFERENCES messages(message_id) ON DELETE CASCADE
  CONSTRAINT receipts_message_id_kind_dedupe_key_key UNIQUE (message_id, kind, dedupe_key)
  CONSTRAINT receipts_pkey PRIMARY KEY (receipt_id)
  CREATE TRIGGER receipts_added AFTER INSERT ON public.receipts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_clicked()
  CREATE TRIGGER tell_inbox AFTER INSERT ON public.receipts FOR EACH ROW WHEN ((new.kind = ANY (ARRAY['delivered'::text, 'clicked'::text, 'closed'::text]))) EXECUTE FUNCTION tell_inbox()

segment_snapshots
  snapshot_id text NOT NULL
  segment_id text NOT NULL
  version integer NOT NULL
  as_of date NOT NULL
  taken_at timestamp with time zone NOT NULL
  people bigint NOT NULL
  CONSTRAINT segment_snapshots_pkey PRIMARY KEY (snapshot_id)
  CREATE INDEX segment_snapshots_segment ON public.segment_snapshots USING btree (segment_id, taken_at)

segment_watches
  segment_id text NOT NULL
  version integer NOT NULL
  evaluated_at timestamp with time zone NOT NULL
  took_ms integer NOT NULL
  people bigint NOT NULL
  evaluated_through integer NOT NULL DEFAULT 0
  CONSTRAINT segment_watches_pkey PRIMARY KEY (segment_id)

segments
  segment_id text NOT NULL
  version integer NOT NULL
  name text NOT NULL
  definition jsonb NOT NULL
  created_at timestamp with time zone NOT NULL
  active boolean NOT NULL
  CONSTRAINT segments_pkey PRIMARY KEY (segment_id, version)
  CREATE UNIQUE INDEX segments_active ON public.segments USING btree (segment_id) WHERE active

sender_brakes
  domain text NOT NULL
  kind text NOT NULL
  pulled_on date NOT NULL
  bad_day date NOT NULL
  share double precision NOT NULL
  released_on date
  released_by text
  note text
  CONSTRAINT sender_brakes_kind_check CHECK ((kind = ANY (ARRAY['complaints'::text, 'bounces'::text, 'refusals'::text])))
  CONSTRAINT sender_brakes_pkey PRIMARY KEY (domain, kind)

sender_days
  domain text NOT NULL
  day date NOT NULL
  claimed integer NOT NULL DEFAULT 0
  sent integer NOT NULL DEFAULT 0
  failed integer NOT NULL DEFAULT 0
  hard_bounces integer NOT NULL DEFAULT 0
  sender_faults integer NOT NULL DEFAULT 0
  complaints integer NOT NULL DEFAULT 0
  CONSTRAINT sender_days_pkey PRIMARY KEY (domain, day)

settings
  key text NOT NULL
  value jsonb NOT NULL
  CONSTRAINT settings_pkey PRIMARY KEY (key)
  CREATE TRIGGER settings_heard AFTER INSERT OR DELETE OR UPDATE ON public.settings FOR EACH ROW EXECUTE FUNCTION settings_heard()

sign_in_failures
  key_hash text NOT NULL
  failures integer NOT NULL
  first_at timestamp with time zone NOT NULL
  locked_until timestamp with time zone
  CONSTRAINT sign_in_failures_pkey PRIMARY KEY (key_hash)

sink_mails
  mail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
  received_at timestamp with time zone NOT NULL
  sender text NOT NULL
  recipient text NOT NULL
  subject text NOT NULL
  raw text NOT NULL
  CONSTRAINT sink_mails_pkey PRIMARY KEY (mail_id)

sink_messages
  sink_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
  received_at timestamp with time zone NOT NULL
  message_id text NOT NULL
  person_id text NOT NULL
  channel text NOT NULL
  kind text NOT NULL
  recipient text NOT NULL
  language text NOT NULL
  fields jsonb NOT NULL
  CONSTRAINT sink_messages_message_id_key UNIQUE (message_id)
  CONSTRAINT sink_messages_pkey PRIMARY KEY (sink_id)
  CREATE INDEX sink_messages_person ON public.sink_messages USING btree (person_id)

sms_inbound
  inbound_id text NOT NULL
  provider text NOT NULL
  dedupe_key text NOT NULL
  person_id text
  phone text NOT NULL
  phone_key text NOT NULL
  text text NOT NULL
  sent_to text NOT NULL
  meaning text NOT NULL
  received_at timestamp with time zone NOT NULL
  taken_at timestamp with time zone NOT NULL
  review text NOT NULL
  resolved_at timestamp with time zone
  resolution text
  CONSTRAINT sms_inbound_check CHECK (((review = 'resolved'::text) = (resolved_at IS NOT NULL)))
  CONSTRAINT sms_inbound_meaning_check CHECK ((meaning = ANY (ARRAY['stop'::text, 'start'::text, 'help'::text, 'free_text'::text])))
  CONSTRAINT sms_inbound_pkey PRIMARY KEY (inbound_id)
  CONSTRAINT sms_inbound_provider_dedupe_key_key UNIQUE (provider, dedupe_key)
  CONSTRAINT sms_inbound_review_check CHECK ((review = ANY (ARRAY['none'::text, 'waiting'::text, 'resolved'::text])))
  CREATE INDEX sms_inbound_person ON public.sms_inbound USING btree (person_id) WHERE (person_id IS NOT NULL)
  CREATE INDEX sms_inbound_taken ON public.sms_inbound USING btree (taken_at)
  CREATE INDEX sms_inbound_waiting ON public.sms_inbound USING btree (received_at) WHERE (review = 'waiting'::text)

sunsets
  policy_id text NOT NULL
  person_id text NOT NULL
  since_on date NOT NULL
  contacts integer NOT NULL
  ended_on date
  end_cause text
  channels text[]
  CONSTRAINT sunsets_check CHECK (((ended_on IS NULL) = (end_cause IS NULL)))
  CONSTRAINT sunsets_end_cause_check CHECK ((end_cause = ANY (ARRAY['returned'::text, 'consented'::text])))
  CONSTRAINT sunsets_pkey PRIMARY KEY (policy_id, person_id, since_on)
  CREATE UNIQUE INDEX sunsets_open ON public.sunsets USING btree (policy_id, person_id) WHERE (ended_on IS NULL)
  CREATE INDEX sunsets_person ON public.sunsets USING btree (person_id)
  CREATE TRIGGER sunsets_added AFTER INSERT ON public.sunsets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_people()
  CREATE TRIGGER sunsets_changed AFTER UPDATE ON public.sunsets REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_moved_people()

suppressions
  suppression_id text NOT NULL
  kind text NOT NULL
  key text NOT NULL
  channel text NOT NULL
  reason text NOT NULL
  created_at timestamp with time zone NOT NULL
  CONSTRAINT suppressions_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'address'::text])))
  CONSTRAINT suppressions_kind_key_channel_key UNIQUE (kind, key, channel)
  CONSTRAINT suppressions_pkey PRIMARY KEY (suppression_id)
  CREATE TRIGGER suppressions_added AFTER INSERT ON public.suppressions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_suppressed()
  CREATE TRIGGER suppressions_deleted AFTER DELETE ON public.suppressions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_suppressed()
  CREATE TRIGGER tell_inbox AFTER INSERT ON public.suppressions FOR EACH ROW WHEN ((new.channel = ANY (ARRAY['*'::text, 'in_app'::text]))) EXECUTE FUNCTION tell_inbox()

survey_answers
  survey_id text NOT NULL
  person_id text NOT NULL
  answer text NOT NULL
  free_text text NOT NULL DEFAULT ''::text
  language text NOT NULL
  answered_at timestamp with time zone NOT NULL
  changed_at timestamp with time zone NOT NULL
  CONSTRAINT survey_answers_free_text_check CHECK ((char_length(free_text) <= 1000))
  CONSTRAINT survey_answers_pkey PRIMARY KEY (survey_id, person_id)
  CONSTRAINT survey_answers_survey_id_fkey FOREIGN KEY (survey_id) REFERENCES surveys(survey_id) ON DELETE CASCADE
  CREATE INDEX survey_answers_person ON public.survey_answers USING btree (person_id)

survey_invitations
  survey_id text NOT NULL
  person_id text NOT NULL
  channel text NOT NULL
  invited_at timestamp with time zone NOT NULL
  CONSTRAINT survey_invitations_pkey PRIMARY KEY (survey_id, person_id)
  CONSTRAINT survey_invitations_survey_id_fkey FOREIGN KEY (survey_id) REFERENCES surveys(survey_id) ON DELETE CASCADE
  CREATE INDEX survey_invitations_person ON public.survey_invitations USING btree (person_id)

surveys
  survey_id text NOT NULL
  kind text NOT NULL
  name text NOT NULL
  question jsonb
  opened_at timestamp with time zone NOT NULL
  closed_at timestamp with time zone
  CONSTRAINT surveys_check CHECK (((closed_at IS NULL) OR (closed_at > opened_at)))
  CONSTRAINT surveys_kind_check CHECK ((kind = ANY (ARRAY['reason'::text, 'nps'::text])))
  CONSTRAINT surveys_pkey PRIMARY KEY (survey_id)
  CREATE UNIQUE INDEX surveys_open ON public.surveys USING btree (kind) WHERE (closed_at IS NULL)
  CREATE INDEX surveys_opened ON public.surveys USING btree (kind, opened_at)

templates
  template_id text NOT NULL
  version integer NOT NULL
  definition jsonb NOT NULL
  created_at timestamp with time zone NOT NULL
  active boolean NOT NULL
  CONSTRAINT templates_pkey PRIMARY KEY (template_id, version)
  CREATE UNIQUE INDEX templates_active ON public.templates USING btree (template_id) WHERE active

topic_preferences
  person_id text NOT NULL
  topic_id text NOT NULL
  channel text NOT NULL
  wanted boolean NOT NULL
  decided_at timestamp with time zone NOT NULL
  CONSTRAINT topic_preferences_pkey PRIMARY KEY (person_id, topic_id, channel)
  CREATE TRIGGER tell_inbox AFTER INSERT OR UPDATE ON public.topic_preferences FOR EACH ROW EXECUTE FUNCTION tell_inbox()

topics
  topic_id text NOT NULL
  definition jsonb NOT NULL
  position integer NOT NULL
  created_at timestamp with time zone NOT NULL
  retired_at timestamp with time zone
  CONSTRAINT topics_pkey PRIMARY KEY (topic_id)

workers
  worker_id text NOT NULL
  seen_at timestamp with time zone NOT NULL
  CONSTRAINT workers_pkey PRIMARY KEY (worker_id)
