// Accounts that are left alone for a while, as whoever met it knows: all workers of one store heed it. `settings` tells which settings it was said of.
export const ACCOUNT_BRAKES = `
CREATE TABLE account_brakes (
  account text PRIMARY KEY,
  settings text NOT NULL,
  until timestamptz NOT NULL,
  code text NOT NULL,
  detail text NOT NULL
);
`;
