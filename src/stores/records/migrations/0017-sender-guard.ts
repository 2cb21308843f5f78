// What a sending domain has sent and what came of it, day by day (UTC), and the brakes that were pulled: one row a day, so that the guard costs
// a few rows for each set of messages and nothing for each message.
export const SENDER_GUARD = `
CREATE TABLE sender_days (
  domain text NOT NULL,
  day date NOT NULL,
  claimed integer NOT NULL DEFAULT 0,
  sent integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  hard_bounces integer NOT NULL DEFAULT 0,
  sender_faults integer NOT NULL DEFAULT 0,
  complaints integer NOT NULL DEFAULT 0,
  PRIMARY KEY (domain, day)
);

CREATE TABLE sender_brakes (
  domain text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('complaints', 'bounces', 'refusals')),
  pulled_on date NOT NULL,
  bad_day date NOT NULL,
  share double precision NOT NULL,
  released_on date,
  released_by text,
  note text,
  PRIMARY KEY (domain, kind)
);

ALTER TABLE messages ADD COLUMN sender text;
-- When she was last active, looked up once for messages that wait under a daily cap.
ALTER TABLE messages ADD COLUMN last_active_on date;
CREATE INDEX messages_unranked ON messages (due_at) WHERE state = 'planned' AND channel = 'email' AND last_active_on IS NULL;
CREATE INDEX messages_due_recent ON messages (channel, last_active_on DESC NULLS LAST, due_at, message_id) WHERE state = 'planned' AND last_active_on IS NOT NULL;
`;
