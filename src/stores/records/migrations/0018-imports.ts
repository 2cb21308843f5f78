// What a file was called by whoever brought it, and what came of its lines, so that an import can be looked at long after it ran.
export const IMPORTS = `
ALTER TABLE imports ADD COLUMN file_name text NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN outcome jsonb;
`;
