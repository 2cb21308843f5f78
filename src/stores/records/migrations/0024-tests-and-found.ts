// Tests of in-app messages lie in the tester's own inbox; and who was to be erased and had been found is known when it is tried again.
export const TESTS_AND_FOUND = `
-- A test is no message of the ledger, and is counted nowhere.
ALTER TABLE inbox ADD COLUMN is_test boolean NOT NULL DEFAULT false;
-- Set before the first row of hers is touched: an attempt that finds nothing after one that died is done only where she was there.
ALTER TABLE privacy_requests ADD COLUMN found boolean NOT NULL DEFAULT false;
`;
