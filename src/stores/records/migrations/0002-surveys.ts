// Waves of one question, who was invited and what was answered.
export const SURVEYS = `
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
