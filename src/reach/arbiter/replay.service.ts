// The last days' sends under rules that are only being thought of, beside the rules in force.
import { sql } from 'kysely';
import { addMs, DAY_MS } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { memoryDays } from './judgement.sql.ts';
import { ensureCalendars } from './calendars.service.ts';
import { countryOn, IS_ZONE_GUESSED, zoneOf } from './person-place.sql.ts';
import { replayRules, summaryOf, type PastMessage, type Replayed, type ReplaySummary } from './replay.ts';
import { CONFIRMATION, type ReachRules } from './rules.ts';

/** More than these are not read: then one person in so many stands for all. */
const MESSAGES_MAX = 200_000;
const EXAMPLES = 10;

type RulesPreview = {
  readonly days: number;
  /** Of how many people one was looked at; 1: of everybody. */
  readonly oneIn: number;
  /** Under the rules in force, and under those that were given. */
  readonly before: ReplaySummary;
  readonly after: ReplaySummary;
  /** Of the latest that the rules in force let go, and the others would have held. */
  readonly examples: readonly {
    readonly messageId: string;
    readonly personId: string;
    readonly channel: string;
    readonly at: Date;
    readonly codes: readonly string[];
  }[];
};

/** What left in the stretch, in the order it left, with the clock and calendar of whom it went to. */
export async function pastMessages(
  db: RecordsDb,
  rules: ReachRules,
  span: { readonly from: Date; readonly to: Date; readonly oneIn: number },
): Promise<readonly PastMessage[]> {
  const { rows } = await sql<Omit<PastMessage, 'at'> & { readonly at: Date }>`
    SELECT w.*, h.kind AS "dayKind" FROM (
      SELECT m.message_id AS "messageId", m.person_id AS "personId", m.address_key AS "addressKey", m.programme_id AS "programmeId", m.channel,
        m.claimed_at AS at, (m.claimed_at AT TIME ZONE p.zone)::date AS day,
        (extract(hour FROM m.claimed_at AT TIME ZONE p.zone) * 60 + extract(minute FROM m.claimed_at AT TIME ZONE p.zone))::int AS minute,
        COALESCE(p.country, ${rules.defaultCountry ?? null}::text, '') AS country, ${IS_ZONE_GUESSED} AS "isZoneGuessed"
      FROM messages m JOIN people pe ON pe.person_id = m.person_id
      CROSS JOIN LATERAL (SELECT ${zoneOf(sql`m.channel`, rules.defaultTimeZone)} AS zone, ${countryOn(sql`m.channel`)} AS country OFFSET 0) p
      WHERE m.state IN ('sending', 'sent', 'unknown') AND m.claimed_at > ${span.from}::timestamptz AND m.claimed_at <= ${span.to}::timestamptz
        AND m.purpose <> ${sql.lit(CONFIRMATION)}
        AND (${span.oneIn}::int = 1 OR abs(hashtext(m.person_id)::bigint) % ${span.oneIn}::int = 0)) w
    LEFT JOIN holidays h ON h.country = w.country AND h.day = w.day
    ORDER BY w.at, w."messageId"`.execute(db);
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}

/** What rules see of the last `days`. Both sets are judged alike, so that what differs is theirs. */
export async function previewRules(
  db: RecordsDb,
  draft: ReachRules,
  inForce: ReachRules,
  days: number,
  now: Date,
): Promise<RulesPreview> {
  const since = addMs(now, -days * DAY_MS);
  const from = addMs(since, -Math.max(memoryDays(draft), memoryDays(inForce)) * DAY_MS);
  const { rows } = await sql<{ messages: number; countries: string[] | null }>`
    SELECT count(*)::int AS messages, array_agg(DISTINCT p.country) FILTER (WHERE p.country IS NOT NULL) AS countries
    FROM messages m JOIN people pe ON pe.person_id = m.person_id
    CROSS JOIN LATERAL (SELECT ${countryOn(sql`m.channel`)} AS country) p
    WHERE m.state IN ('sending', 'sent', 'unknown') AND m.claimed_at > ${from}::timestamptz AND m.claimed_at <= ${now}::timestamptz
      AND m.purpose <> ${sql.lit(CONFIRMATION)}`.execute(db);
  const countries = [draft, inForce].flatMap((rules) => rules.defaultCountry ?? []);
  const years = [...new Set([from.getUTCFullYear(), addMs(now, DAY_MS).getUTCFullYear()])];
  await ensureCalendars(db, [...new Set([...countries, ...(rows[0]?.countries ?? [])])], years, now);
  const oneIn = Math.max(1, Math.ceil((rows[0]?.messages ?? 0) / MESSAGES_MAX));
  const under = async (rules: ReachRules): Promise<readonly Replayed[]> =>
    replayRules(await pastMessages(db, rules, { from, to: now, oneIn }), rules, since.getTime());
  const [before, after] = [await under(inForce), await under(draft)];
  const passed = new Set(before.filter(({ codes }) => codes.length === 0).map(({ message }) => message.messageId));
  return {
    days,
    oneIn,
    before: summaryOf(before),
    after: summaryOf(after),
    examples: after
      .filter(({ message, codes }) => codes.length > 0 && passed.has(message.messageId))
      .slice(-EXAMPLES)
      .toReversed()
      .map(({ message: { messageId, personId, channel, at }, codes }) => ({
        messageId,
        personId,
        channel,
        at: new Date(at),
        codes,
      })),
  };
}
