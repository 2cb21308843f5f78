// A programme's due members in the order in which they are moved.
export const MEMBERS_ORDER = `
-- Without the whole order in it, every set of a large run sorts everybody who is still to be moved.
CREATE INDEX members_due_in_order ON members (programme_id, step_due_at, step, run_id, person_id) WHERE state = 'active';
DROP INDEX members_due;
`;
