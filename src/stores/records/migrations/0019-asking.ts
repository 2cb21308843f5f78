// What the product asks people by itself: to confirm a sign-up, and whether it may write again after it has stopped.
export const ASKING = `
-- The channels a sunset stops; NULL stops every one.
ALTER TABLE sunsets ADD COLUMN channels text[];
-- What a yes is recorded as.
ALTER TABLE consent_requests ADD COLUMN basis text NOT NULL DEFAULT 'double_opt_in';
CREATE INDEX consent_requests_address ON consent_requests (address_key, requested_at);
`;
