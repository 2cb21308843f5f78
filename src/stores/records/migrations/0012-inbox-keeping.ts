// Fewer notices when members move, and an index for what has expired.
export const INBOX_KEEPING = `
-- Only a return changes what may be shown; the thousands of members whose steps end in a round do not.
DROP TRIGGER tell_inbox ON members;
CREATE TRIGGER tell_inbox AFTER UPDATE OF end_reason ON members FOR EACH ROW
  WHEN (NEW.end_reason = 'returned' AND OLD.end_reason IS DISTINCT FROM NEW.end_reason) EXECUTE FUNCTION tell_inbox();
CREATE INDEX inbox_expiry ON inbox (expires_at);
`;
