// Networks that take a call first and say later what became of it.
export const AUDIENCE_FATES = `
-- NULL while the network has taken the batch and not yet said what became of it.
ALTER TABLE audience_batches ADD COLUMN settled_at timestamptz;
UPDATE audience_batches SET settled_at = COALESCE(finished_at, started_at);
CREATE INDEX audience_batches_open ON audience_batches (audience_id, started_at) WHERE settled_at IS NULL AND outcome = 'sent';
`;
