// An offer can be closed for good.
export const OFFERS_CLOSE = `
ALTER TABLE offers ADD COLUMN closed_at timestamptz;
`;
