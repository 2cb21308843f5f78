// What people ask of the law, for many at once: who asked for it, and what became of each. An export is kept until it is fetched or a week has
// passed; of whoever was erased nothing is left but that somebody was.
export const PRIVACY_RUNS = `
CREATE TABLE privacy_runs (
  run_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('export', 'erase')),
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  created_at timestamptz NOT NULL,
  cancelled_at timestamptz,
  finished_at timestamptz
);
CREATE INDEX privacy_runs_latest ON privacy_runs (created_at);
CREATE TABLE privacy_requests (
  run_id text NOT NULL REFERENCES privacy_runs ON DELETE CASCADE,
  position int NOT NULL,
  -- As it was typed; gone when it has been done.
  asked text,
  state text NOT NULL CHECK (state IN ('waiting', 'working', 'done', 'failed')),
  attempts int NOT NULL DEFAULT 0,
  claimed_at timestamptz,
  code text,
  problem jsonb,
  PRIMARY KEY (run_id, position)
);
CREATE INDEX privacy_requests_open ON privacy_requests (run_id, position) WHERE state IN ('waiting', 'working');
CREATE TABLE privacy_files (
  run_id text NOT NULL REFERENCES privacy_runs ON DELETE CASCADE,
  person_id text NOT NULL,
  content jsonb NOT NULL,
  PRIMARY KEY (run_id, person_id)
);
CREATE INDEX privacy_files_person ON privacy_files (person_id);
`;
