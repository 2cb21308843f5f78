// Texts that came in, and where receipts find their message.
export const SMS = `
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
