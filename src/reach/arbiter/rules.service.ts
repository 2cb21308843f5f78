// The arbiter's settings: checked, kept in versions, in force without a restart. What the business decides for its calendar and its control
// group comes from its profile and is no part of a version.
import { sql } from 'kysely';
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import type { Text } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { countriesWithRules, HOURS_GROUNDS, LAWFUL_HOURS, minutesOf, openingOf } from './openings.ts';
import { DEFAULT_REACH_RULES, type ReachRules } from './rules.ts';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, inWords('a time like 09:00', '形如 09:00 的时间'));
const endOfHours = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, inWords('a time like 20:00', '形如 20:00 的时间'));
const country = z.string().regex(/^[A-Z]{2}$/, inWords('two letters like CN', '形如 CN 的两个字母'));
const channel = z.string().regex(/^[a-z][a-z_]{1,19}$/, inWords('a channel like email', '形如 email 的渠道'));
const weekdays = z.array(z.number().int().min(1).max(7)).max(6);
const topic = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, inWords('a topic like sales', '形如 sales 的主题'));

const capBase = {
  channel: z.union([z.literal('*'), channel]).default('*'),
  topic: topic.optional(),
  max: z.number().int().min(1).max(1_000),
};

const DEFAULTS = DEFAULT_REACH_RULES;

/** What is said replaces what was; what is not said takes its default. */
export const reachRulesSchema = z.strictObject({
  caps: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('rolling'), ...capBase, days: z.number().int().min(1).max(365) }),
        z.strictObject({ kind: z.literal('calendar'), ...capBase, unit: z.enum(['day', 'week', 'month']) }),
      ]),
    )
    .max(50)
    .default([...DEFAULTS.caps]),
  gapHours: z.number().int().min(0).max(2_160).default(DEFAULTS.gapHours),
  quiet: z.strictObject({ from: clock, to: clock }).nullable().default(DEFAULTS.quiet),
  quietDays: z
    .strictObject({ weekdays, holidays: z.boolean().default(false) })
    .nullable()
    .default(null),
  hours: z
    .array(
      z
        .strictObject({
          country: z.union([z.literal('*'), country]),
          channel: z.union([z.literal('*'), channel]),
          from: clock,
          to: endOfHours,
          weekdaysOff: weekdays.default([]),
          holidaysOff: z.boolean().default(false),
        })
        .refine((rule) => minutesOf(rule.from) < minutesOf(rule.to), {
          error: inWords('from must be before to', 'from 须早于 to'),
        }),
    )
    .max(200)
    .default([...(DEFAULTS.hours ?? [])].map((rule) => ({ ...rule, weekdaysOff: [...rule.weekdaysOff] }))),
  defaultCountry: country.nullable().default(null),
  programmes: z
    .record(
      z.string(),
      z.strictObject({ priority: z.number().int().min(-1_000).max(1_000).optional(), topic: topic.optional() }),
    )
    .default({}),
  yieldHours: z
    .number()
    .int()
    .min(0)
    .max(168)
    .default(DEFAULTS.yieldHours ?? 0),
  bestHour: z.boolean().default(true),
});

export type StoredRules = z.output<typeof reachRulesSchema>;
export type RulesVersion = { readonly version: number; readonly rules: StoredRules; readonly createdAt: Date | null };

const refuse = (where: string, what: Text): RekindleError => new RekindleError('invalid', { where, what });

/** Rules under which a channel could never be used in some country are a mistake, and hours outside the lawful ones change nothing. */
function assertUsable(rules: StoredRules, base: ReachRules): void {
  for (const [i, rule] of rules.hours.entries()) {
    const law = LAWFUL_HOURS.find((each) => each.country === rule.country && each.channel === rule.channel);
    if (law !== undefined && (minutesOf(rule.from) < minutesOf(law.from) || minutesOf(rule.to) > minutesOf(law.to)))
      throw refuse(`rules.hours.${i}`, {
        en: `${rule.channel} in ${rule.country} stays within ${law.from} and ${law.to}: ${HOURS_GROUNDS[law.ground].en} (${law.source.en})`,
        zh: `${rule.country} 的 ${rule.channel} 须在 ${law.from} 至 ${law.to} 之间：${HOURS_GROUNDS[law.ground].zh}（${law.source.zh}）`,
      });
  }
  const whole: ReachRules = { ...base, ...rules };
  const channels = [...new Set(['email', 'sms', ...rules.hours.map((rule) => rule.channel)])].filter(
    (each) => each !== '*',
  );
  for (const where of ['', ...countriesWithRules(whole)])
    for (const each of channels) {
      const opening = openingOf(whole, where, each);
      if (opening.intervals.length === 0)
        throw refuse('rules.quiet', {
          en: `quiet hours and permitted hours leave no minute for ${each}${where === '' ? '' : ` in ${where}`}`,
          zh: `免打扰时段与允许时段之间，${where === '' ? '' : `${where} 的 `}${each} 没有可发送的时间`,
        });
      if (opening.weekdaysOff.length === 7)
        throw refuse('rules.hours', {
          en: `no weekday is left for ${each}${where === '' ? '' : ` in ${where}`}`,
          zh: `${where === '' ? '' : `${where} 的 `}${each} 没有可发送的星期`,
        });
    }
}

async function assertKnown(db: RecordsDb, rules: StoredRules): Promise<void> {
  const named = Object.keys(rules.programmes);
  const { rows } = await sql<{ kind: string; id: string }>`
    SELECT 'programme' AS kind, id FROM unnest(${named}::text[]) AS w (id)
      WHERE NOT EXISTS (SELECT 1 FROM programmes p WHERE p.programme_id = w.id)
    UNION ALL
    SELECT 'topic', id FROM unnest(${[
      ...rules.caps.flatMap((cap) => cap.topic ?? []),
      ...Object.values(rules.programmes).flatMap((each) => each.topic ?? []),
    ]}::text[]) AS w (id) WHERE NOT EXISTS (SELECT 1 FROM topics t WHERE t.topic_id = w.id)`.execute(db);
  const [missing] = rows;
  if (missing !== undefined)
    throw refuse(missing.kind === 'topic' ? 'rules.caps' : 'rules.programmes', {
      en: `there is no ${missing.kind} "${missing.id}"`,
      zh: `没有${missing.kind === 'topic' ? '主题' : '唤醒计划'}“${missing.id}”`,
    });
}

/** The rules in force; version 0 are the defaults. */
export async function readRules(db: RecordsDb): Promise<RulesVersion> {
  const row = await db
    .selectFrom('reach_rules')
    .select(['version', 'rules', 'created_at'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return { version: 0, rules: reachRulesSchema.parse({}), createdAt: null };
  return { version: row.version, rules: reachRulesSchema.parse(row.rules), createdAt: row.created_at };
}

/** The rules as they once were. Throws `not_found`. */
export async function rulesAt(db: RecordsDb, version: number): Promise<RulesVersion> {
  if (version === 0) return { version, rules: reachRulesSchema.parse({}), createdAt: null };
  const row = await db
    .selectFrom('reach_rules')
    .select(['rules', 'created_at'])
    .where('version', '=', version)
    .executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', {
      what: { en: `version ${version} of the rules`, zh: `规则版本 ${version}` },
    });
  return { version, rules: reachRulesSchema.parse(row.rules), createdAt: row.created_at };
}

/** Says what would be wrong with rules. Throws `invalid`. */
export async function checkRules(db: RecordsDb, base: ReachRules, rules: StoredRules): Promise<void> {
  assertUsable(rules, base);
  await assertKnown(db, rules);
}

/** Past versions, the latest first. */
export const listRules = async (
  db: RecordsDb,
  limit: number,
): Promise<readonly { readonly version: number; readonly note: string; readonly createdAt: Date }[]> =>
  db
    .selectFrom('reach_rules')
    .select(['version', 'note', 'created_at as createdAt'])
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();

/** Puts a new version in force. Throws `invalid` naming what is wrong, `conflict` when somebody else saved in between. */
export async function saveRules(
  db: RecordsDb,
  base: ReachRules,
  change: { readonly rules: StoredRules; readonly note: string; readonly replaces?: number | undefined },
  now: Date,
): Promise<RulesVersion> {
  await checkRules(db, base, change.rules);
  const latest = (await readRules(db)).version;
  const replaces = change.replaces ?? latest;
  const added =
    replaces !== latest
      ? undefined
      : await db
          .insertInto('reach_rules')
          .values({ version: latest + 1, rules: JSON.stringify(change.rules), note: change.note, created_at: now })
          .onConflict((conflict) => conflict.column('version').doNothing())
          .returning('version')
          .executeTakeFirst();
  if (added === undefined)
    throw new RekindleError('conflict', {
      what: {
        en: `version ${replaces} of the rules is no longer the latest`,
        zh: `规则版本 ${replaces} 已不是最新版本`,
      },
    });
  return { version: added.version, rules: change.rules, createdAt: now };
}

export type LiveRules = {
  /** One object for everybody who was handed it. */
  readonly rules: ReachRules;
  /** Brings it up to what is stored, unless that was done less than `ageMsMax` ago. */
  readonly refresh: (ageMsMax?: number) => Promise<void>;
};

/** Rules that follow what is stored. Until something is, `base` holds. */
export function liveRules(db: RecordsDb, base: ReachRules): LiveRules {
  const rules = { ...base };
  let version = 0;
  let readAtMs = -Infinity;
  return {
    rules,
    refresh: async (ageMsMax = 0) => {
      if (performance.now() - readAtMs < ageMsMax) return;
      readAtMs = performance.now();
      const stored = await readRules(db);
      if (stored.version === version) return;
      version = stored.version;
      Object.assign(rules, base, stored.rules);
    },
  };
}
