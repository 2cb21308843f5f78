/**
 * What both adapters make of PostgreSQL types whose drivers disagree, by type oid: int8 is a number (all of ours are below 2^53), a date
 * stays its ISO text, because a Date would carry somebody's time zone.
 */
export const VALUE_PARSERS: Readonly<Record<number, (text: string) => number | string>> = {
  20: Number,
  1082: (text) => text,
};
