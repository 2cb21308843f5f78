// Which time zone does somebody mean? One spelling for each, or none. Pure.

/** What has no region in its name and is nobody's but its own. */
const WITHOUT_REGION = new Set(['UTC', 'GMT']);

/**
 * The zone's name of the IANA list, or undefined for what is none. Not taken: offsets (`+08:00` is eight hours behind UTC to PostgreSQL, ahead of it to
 * everybody else) and abbreviations (`CST` is Chicago to one library, six hours to PostgreSQL, and Shanghai to whoever writes it in China; `VST` is
 * no zone at all to PostgreSQL, and one statement judges many people).
 */
export function zoneNamed(text: string): string | undefined {
  const name = text.trim();
  if (!/^[A-Za-z]+\/[A-Za-z]/.test(name) && !WITHOUT_REGION.has(name.toUpperCase())) return undefined;
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined; // RangeError is how Intl says "no such zone".
  }
}
