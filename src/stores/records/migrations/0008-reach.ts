// Wishes about contact, topics, words of consent, quotas, holidays and the rules of reach.
export const REACH = `
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
