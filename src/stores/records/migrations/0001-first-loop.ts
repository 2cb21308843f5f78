// The tables of the first whole loop: keys, people, consent, offers, programmes, messages, receipts.
export const FIRST_LOOP = `
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
