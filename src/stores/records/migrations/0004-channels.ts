// Addresses of channels beyond mail and text, and the sink of channels without a provider.
export const CHANNELS = `
-- Addresses that are neither mailbox nor number: push tokens, web-push subscriptions, openids. One address is one person's at a time.
CREATE TABLE endpoints (
  endpoint_id text PRIMARY KEY,
  person_id text NOT NULL,
  channel text NOT NULL,
  provider text NOT NULL,
  address text NOT NULL,
  address_key text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  disabled_at timestamptz,
  disabled_code text,
  CHECK ((disabled_at IS NULL) = (disabled_code IS NULL)),
  UNIQUE (channel, address_key)
);
CREATE INDEX endpoints_person ON endpoints (person_id, channel, seen_at DESC);

-- What channels without a provider would have sent; mails are in sink_mails, as raw as they were.
CREATE TABLE sink_messages (
  sink_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at timestamptz NOT NULL,
  message_id text NOT NULL UNIQUE,
  person_id text NOT NULL,
  channel text NOT NULL,
  kind text NOT NULL,
  recipient text NOT NULL,
  language text NOT NULL,
  fields jsonb NOT NULL
);
CREATE INDEX sink_messages_person ON sink_messages (person_id);
`;
