// How fast receiving sides let us send, shared by several workers.
export const PACES = `
-- Who sends from this store, so that each keeps to its share of a domain's limit.
CREATE TABLE workers (worker_id text PRIMARY KEY, seen_at timestamptz NOT NULL);
-- Receiving sides that answered "not so fast".
CREATE TABLE domain_pauses (
  channel text NOT NULL,
  domain text NOT NULL,
  until timestamptz NOT NULL,
  strikes integer NOT NULL CHECK (strikes > 0),
  detail text NOT NULL,
  PRIMARY KEY (channel, domain)
);
`;
