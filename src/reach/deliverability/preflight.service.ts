// The pre-flight as it is asked: DNS read now and then, the verdict, and whether a programme that mails may start. Guarantees: what DNS did not
// answer blocks nobody; who goes on in spite of a failure is recorded with the reason.
import { resolve4, resolve6, resolveMx, resolveTxt } from 'node:dns/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import { addMs, dayIn } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import { senderDays } from './guard.sql.ts';
import { preflight, type DkimToCheck, type Finding } from './preflight.ts';
import type { DnsLookup } from './spf.ts';

const SETTING = 'sender-preflight-override';
const FRESH_MS = 10 * 60_000;
const OVERRIDE_DAYS = 30;
/** Gmail, Yahoo and Outlook call whoever sends so many a day a bulk sender, and demand all three. */
export const BULK_FROM = 5_000;

/** What DNS says, where "there is none" is an answer. */
async function orNone<Answer>(asked: Promise<readonly Answer[]>): Promise<readonly Answer[]> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw error;
  }
}

export const publicDns: DnsLookup = {
  txt: async (name) => (await orNone(resolveTxt(name))).map((parts) => parts.join('')),
  addresses: (name, family) => orNone(family === 4 ? resolve4(name) : resolve6(name)),
  mailHosts: async (name) => (await orNone(resolveMx(name))).map(({ exchange }) => exchange),
};

const overrideSchema = z.object({ domain: z.string(), who: z.string(), note: z.string(), until: z.coerce.date() });

export type PreflightReport = {
  readonly domain: string;
  /** `unknown`: DNS did not answer. `local`: mail stays on this machine. */
  readonly verdict: 'ok' | 'warn' | 'fail' | 'unknown' | 'local';
  readonly findings: readonly Finding[];
  readonly volume: number;
  readonly bulkFrom: number;
  readonly override: z.output<typeof overrideSchema> | null;
};

export type Preflight = {
  readonly show: (now: Date) => Promise<PreflightReport>;
  /** For thirty days programmes may start all the same. */
  readonly override: (by: { readonly who: string; readonly note: string }, now: Date) => Promise<void>;
  /** Throws `sender_not_ready` for a bulk sender whose domain fails, and nobody took it upon himself. */
  readonly requireReady: (now: Date) => Promise<void>;
};

/** The more of: the best day of the last thirty, and the people who agreed to mail. */
async function volumeOf(db: RecordsDb, domain: string, now: Date): Promise<number> {
  const days = await senderDays(db, domain, dayIn(now, 'UTC'));
  const { rows } = await sql<{ people: number }>`
    SELECT count(DISTINCT person_id)::int AS people FROM consents
    WHERE channel = 'email' AND purpose = 'marketing' AND status = 'granted'`.execute(db);
  return Math.max(rows[0]?.people ?? 0, ...days.map(({ sent }) => sent));
}

export function openPreflight(options: {
  readonly db: RecordsDb;
  readonly domain: () => string;
  /** The keys our mail leaves signed with. */
  readonly dkim: () => readonly DkimToCheck[];
  /** Where bounces return to; undefined where that is a provider's. */
  readonly returnDomain: () => string | undefined;
  readonly lookup: DnsLookup;
  readonly isLocal: () => boolean;
  readonly bulkFrom: number;
}): Preflight {
  const { db, domain, bulkFrom } = options;
  let known: { readonly asked: string; readonly at: Date; readonly findings: readonly Finding[] } | undefined;
  const findingsOf = async (now: Date): Promise<readonly Finding[] | undefined> => {
    const [returnDomain, keys] = [options.returnDomain(), options.dkim()];
    const asked = JSON.stringify([domain(), returnDomain, keys]);
    if (known?.asked === asked && now.getTime() - known.at.getTime() < FRESH_MS) return known.findings;
    try {
      known = { asked, at: now, findings: await preflight(options.lookup, domain(), keys, returnDomain) };
      return known.findings;
    } catch {
      return undefined; // Shown as `unknown`: a resolver that is away says nothing about the domain.
    }
  };
  const overrideOf = async (now: Date): Promise<PreflightReport['override']> => {
    const saved = overrideSchema.safeParse(await readSetting(db, SETTING));
    return saved.success && saved.data.domain === domain() && saved.data.until > now ? saved.data : null;
  };
  const show = async (now: Date): Promise<PreflightReport> => {
    const base = {
      domain: domain(),
      volume: await volumeOf(db, domain(), now),
      bulkFrom,
      override: await overrideOf(now),
    };
    if (options.isLocal()) return { ...base, verdict: 'local', findings: [] };
    const findings = await findingsOf(now);
    if (findings === undefined) return { ...base, verdict: 'unknown', findings: [] };
    const worst = (['fail', 'warn'] as const).find((level) => findings.some((each) => each.level === level));
    return { ...base, verdict: worst ?? 'ok', findings };
  };
  return {
    show,
    override: (by, now) =>
      writeSetting(db, SETTING, { ...by, domain: domain(), until: addMs(now, OVERRIDE_DAYS * 86_400_000) }),
    requireReady: async (now) => {
      const { verdict, findings, volume, override } = await show(now);
      if (verdict !== 'fail' || volume < bulkFrom || override !== null) return;
      const failed = findings.filter(({ level }) => level === 'fail').map(({ code }) => code);
      throw new RekindleError('sender_not_ready', { domain: domain(), what: failed.join(', ') });
    },
  };
}
