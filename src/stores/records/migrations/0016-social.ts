// Audiences at ad networks as desired and synced state, and posts in public.
export const SOCIAL = `
CREATE TABLE audiences (
  audience_id text PRIMARY KEY,
  network text NOT NULL,
  name text NOT NULL,
  source_kind text NOT NULL CHECK (source_kind IN ('segment', 'programme')),
  source_id text NOT NULL,
  use text NOT NULL CHECK (use IN ('target', 'exclude')),
  remote_id text,
  created_at timestamptz NOT NULL,
  closed_at timestamptz,
  refreshed_at timestamptz,
  synced_at timestamptz,
  -- One sync of an audience at a time; a dead one's turn ends by itself.
  busy_until timestamptz,
  code text, detail text,
  UNIQUE (network, source_kind, source_id, use)
);

-- Who should be in an audience (identifiers) beside what the network may hold of her (held) and surely holds (confirmed). Hashes only.
CREATE TABLE audience_records (
  audience_id text NOT NULL REFERENCES audiences,
  person_id text NOT NULL,
  identifiers text[] NOT NULL DEFAULT '{}',
  held text[] NOT NULL DEFAULT '{}',
  confirmed text[] NOT NULL DEFAULT '{}',
  -- Why she is not wanted in it; NULL while she is.
  reason text,
  seen_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  attempted_at timestamptz,
  retry_at timestamptz,
  batch_id text,
  code text, detail text,
  PRIMARY KEY (audience_id, person_id)
);
CREATE INDEX audience_records_person ON audience_records (person_id);
CREATE INDEX audience_records_add ON audience_records (audience_id, person_id) WHERE NOT (identifiers <@ confirmed);
CREATE INDEX audience_records_remove ON audience_records (audience_id, person_id) WHERE NOT (held <@ identifiers);
-- Two people with one mailbox: who leaves must not take out who stays.
CREATE INDEX audience_records_identifiers ON audience_records USING gin (identifiers);

CREATE TABLE audience_batches (
  batch_id text PRIMARY KEY,
  audience_id text NOT NULL REFERENCES audiences,
  action text NOT NULL CHECK (action IN ('add', 'remove')),
  people integer NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  outcome text CHECK (outcome IN ('sent', 'rejected', 'deferred', 'unavailable', 'unknown')),
  provider_id text, code text, detail text
);
CREATE INDEX audience_batches_audience ON audience_batches (audience_id, started_at DESC);

CREATE TABLE posts (
  post_id text NOT NULL,
  network text NOT NULL,
  language text NOT NULL CHECK (language IN ('en', 'zh')),
  text text NOT NULL,
  url text,
  state text NOT NULL CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
  due_at timestamptz NOT NULL,
  claimed_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  provider_id text, code text, detail text,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (post_id, network)
);
CREATE INDEX posts_due ON posts (due_at) WHERE state = 'planned';
CREATE INDEX posts_sending ON posts (claimed_at) WHERE state = 'sending';
`;
