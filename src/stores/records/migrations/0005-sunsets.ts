// People a policy has given up contacting.
export const SUNSETS = `
-- People a policy has given up contacting: silent after so many contacts for so long. One open row per policy and person; it ends when
-- she returns or consents again.
CREATE TABLE sunsets (
  policy_id text NOT NULL,
  person_id text NOT NULL,
  since_on date NOT NULL,
  contacts integer NOT NULL,
  ended_on date,
  end_cause text CHECK (end_cause IN ('returned', 'consented')),
  PRIMARY KEY (policy_id, person_id, since_on),
  CHECK ((ended_on IS NULL) = (end_cause IS NULL))
);
CREATE UNIQUE INDEX sunsets_open ON sunsets (policy_id, person_id) WHERE ended_on IS NULL;
CREATE INDEX sunsets_person ON sunsets (person_id);
`;
