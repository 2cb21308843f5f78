// Up to which days everybody had been evaluated when a watched segment's members were brought up to date: once a policy is further, they are again.
export const WATCHES_FOLLOW = `
ALTER TABLE segment_watches ADD COLUMN evaluated_through integer NOT NULL DEFAULT 0;
`;
