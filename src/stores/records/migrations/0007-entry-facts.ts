// What was known of a member when she entered.
export const ENTRY_FACTS = `
ALTER TABLE members ADD COLUMN known jsonb NOT NULL DEFAULT '{}';
`;
