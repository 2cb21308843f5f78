// The in-app inbox, and the notices by which memories of it are kept true.
export const INBOX = `
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
