// A zone that this store does not know ends the judgement of a whole set, and an abbreviation is another clock here than where it was written: neither is
// kept any more. Whoever had one is judged by her country's clock, or the business's, until she is identified with a zone that has a name.
export const KNOWN_ZONES = `
UPDATE people SET time_zone = NULL WHERE time_zone IS NOT NULL
  AND (time_zone NOT LIKE '%/%' AND upper(time_zone) NOT IN ('UTC', 'GMT')
    OR lower(time_zone) NOT IN (SELECT lower(name) FROM pg_timezone_names));
`;
