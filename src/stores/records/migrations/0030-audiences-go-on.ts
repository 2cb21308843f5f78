// When a sync that a network broke off ("not so fast", no answer) goes on by itself; null where nothing waits for that.
export const AUDIENCES_GO_ON = `
ALTER TABLE audiences ADD COLUMN goes_on_at timestamptz;
`;
