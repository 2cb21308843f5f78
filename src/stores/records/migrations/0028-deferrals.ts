// How often the other side said "not now" to this message. Each claim counts as an attempt, also one that met a server that was down or an account that
// stood still: those are nobody's refusal, and must not use up what her message is given.
export const DEFERRALS = `
ALTER TABLE messages ADD COLUMN deferrals smallint NOT NULL DEFAULT 0;
`;
