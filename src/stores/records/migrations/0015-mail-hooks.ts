// What mail providers have reported already: a report that comes again, or is played again by somebody else, changes nothing.
export const MAIL_HOOKS = `
CREATE TABLE mail_hook_events (
  provider text NOT NULL,
  event_id text NOT NULL,
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (provider, event_id)
);
CREATE INDEX mail_hook_events_taken ON mail_hook_events (taken_at);
`;
