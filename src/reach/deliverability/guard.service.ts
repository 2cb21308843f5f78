// The guard as the sender asks it: what may be claimed now, from a few rows; and what it shows and takes from people.
import { sql as recordsSql } from 'kysely';
import { dayIn, type Day } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Text } from '../../kernel/lang.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Events } from '../../stores/events/events.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import {
  DEFAULT_GUARD_RULES,
  guardOf,
  guardRulesSchema,
  guardWords,
  resumesOn,
  type BrakeKind,
  type Guard,
  type GuardRules,
  type SenderDay,
} from './guard.ts';
import { pullBrakes, releaseBrake, senderBrakes, senderDays } from './guard.sql.ts';

const SETTING = 'sender-guard';

/** What one claim may take: nothing (`stopped`), or so much of the day, the most recently active first where there is a cap. */
export type Allowance = {
  readonly domain: string;
  readonly day: Day;
  readonly isStopped: boolean;
  readonly cap: number | null;
};

export type SenderGuard = {
  readonly allowance: (now: Date) => Promise<Allowance>;
  readonly show: (now: Date) => Promise<GuardReport>;
  /** Throws nothing: `rules` were validated. */
  readonly change: (rules: GuardRules) => Promise<void>;
  /** Lets go of a brake by hand. Throws `not_found` when it is not held. */
  readonly release: (kind: BrakeKind, by: { readonly who: string; readonly note: string }, now: Date) => Promise<void>;
};

export type GuardReport = {
  readonly domain: string;
  readonly state: 'stopped' | 'warning' | 'warming' | 'open' | 'off';
  readonly words: readonly Text[];
  readonly stops: readonly { readonly kind: BrakeKind; readonly share: number; readonly resumesOn: Day }[];
  readonly cap: number | null;
  readonly claimedToday: number;
  readonly days: readonly SenderDay[];
  readonly rules: GuardRules;
};

/** Ids of a query to a server travel in its address, which has a limit. */
const PEOPLE_PER_QUERY = { chdb: 5_000, clickhouse: 500 } as const;
const RANKED_PER_STATEMENT = 5_000;

/** Looks up, for messages that wait under a cap, when their people were last active: each message once. */
async function rankWaiting(db: RecordsDb, events: Events, now: Date): Promise<void> {
  for (;;) {
    const { rows } = await recordsSql<{ person_id: string; actors: string[] }>`
      SELECT w.person_id, w.person_id || array(SELECT actor_id FROM person_links l WHERE l.person_id = w.person_id) AS actors
      FROM (SELECT DISTINCT person_id FROM (SELECT person_id FROM messages
        WHERE state = 'planned' AND channel = 'email' AND last_active_on IS NULL AND due_at <= ${now}::timestamptz
        ORDER BY due_at LIMIT ${RANKED_PER_STATEMENT}) waiting) w`.execute(db);
    if (rows.length === 0) return;
    const personOf = new Map(rows.flatMap((row) => row.actors.map((actor) => [actor, row.person_id] as const)));
    const lastOn = new Map<string, Day>(rows.map((row) => [row.person_id, '1970-01-01']));
    const actors = [...personOf.keys()];
    const step = PEOPLE_PER_QUERY[events.kind];
    for (let at = 0; at < actors.length; at += step) {
      const found = await events.rows<{ actor_id: string; last_on: Day }>(sql`
        SELECT actor_id, toString(max(last_on)) AS last_on FROM person_spans
        WHERE actor_id IN ${p.texts(actors.slice(at, at + step))} GROUP BY actor_id`);
      for (const { actor_id, last_on } of found) {
        const person = personOf.get(actor_id)!;
        if (last_on > lastOn.get(person)!) lastOn.set(person, last_on);
      }
    }
    const ranks = [...lastOn].map(([person_id, day]) => ({ person_id, day }));
    await recordsSql`
      UPDATE messages m SET last_active_on = r.day
      FROM jsonb_to_recordset(${JSON.stringify(ranks)}::jsonb) AS r (person_id text, day date)
      WHERE m.person_id = r.person_id AND m.state = 'planned' AND m.channel = 'email'`.execute(db);
  }
}

export function openSenderGuard(options: {
  readonly db: RecordsDb;
  readonly events: Events;
  readonly domain: () => string;
  /** Until rules are saved: whether anything is held back where mail leaves now. */
  readonly isEnabled: () => boolean;
}): SenderGuard {
  const { db, events, domain } = options;
  const rulesNow = async (): Promise<GuardRules> => {
    const saved = await readSetting(db, SETTING);
    return saved === undefined || saved === null
      ? { ...DEFAULT_GUARD_RULES, enabled: options.isEnabled() }
      : guardRulesSchema.parse(saved);
  };
  const read = async (
    now: Date,
  ): Promise<{ days: readonly SenderDay[]; rules: GuardRules; guard: Guard; day: Day }> => {
    const day = dayIn(now, 'UTC');
    const rules = await rulesNow();
    const days = await senderDays(db, domain(), day);
    const guard = guardOf({ days, brakes: await senderBrakes(db, domain()) }, rules, day);
    await pullBrakes(db, domain(), guard.pulled);
    return { days, rules, guard, day };
  };
  return {
    allowance: async (now) => {
      const { guard, day } = await read(now);
      const isStopped = guard.stops.length > 0;
      if (!isStopped && guard.cap !== null && guard.claimedToday < guard.cap) await rankWaiting(db, events, now);
      return { domain: domain(), day, isStopped, cap: guard.cap };
    },
    show: async (now) => {
      const { days, rules, guard } = await read(now);
      return {
        domain: domain(),
        state: !rules.enabled
          ? 'off'
          : guard.stops.length > 0
            ? 'stopped'
            : guard.warnings.length > 0
              ? 'warning'
              : guard.cap === null
                ? 'open'
                : 'warming',
        words: guardWords(guard, rules),
        stops: guard.stops.map((brake) => ({
          kind: brake.kind,
          share: brake.share,
          resumesOn: resumesOn(brake, rules),
        })),
        cap: guard.cap,
        claimedToday: guard.claimedToday,
        days,
        rules,
      };
    },
    change: (rules) => writeSetting(db, SETTING, rules),
    release: async (kind, by, now) => {
      if (!(await releaseBrake(db, domain(), kind, { ...by, on: dayIn(now, 'UTC') })))
        throw new RekindleError('not_found', {
          what: { en: `brake "${kind}" that is held`, zh: `正在生效的刹车“${kind}”` },
        });
    },
  };
}
