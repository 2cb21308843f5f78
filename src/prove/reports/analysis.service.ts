// Reads order files into an empty events store and draws their dormancy picture. Needs no records, no configuration, no set-up.
import {
  closePlan,
  planImport,
  runImport,
  type ImportDeps,
  type ImportPlan,
  type ImportResult,
} from '../../collect/imports/import.service.ts';
import { tellMoneyRules } from '../../collect/money.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { withWindow } from '../../understand/dormancy/policy.ts';
import { presetFor, PRESETS, type PresetName } from '../../understand/dormancy/presets.ts';
import { drawPicture } from '../../understand/picture/picture.service.ts';
import type { AnalysisBeyond } from './analysis-beyond.ts';
import { lookBeyond } from './analysis-beyond.service.ts';
import { HORIZON_DAYS } from '../../understand/dormancy/evaluate.service.ts';
import type { AnalysedCurrency, AnalysedFile, Analysis } from './analysis.ts';

export const ASSUMED_CURRENCY = 'USD';

export type AnalysisInput = {
  readonly files: readonly string[];
  readonly preset: PresetName;
  /** The last day of the data where absent. */
  readonly asOf?: Day;
  readonly windowDays?: number;
  readonly horizonDays?: number;
  readonly currency?: string;
  readonly map?: string;
  readonly dayOrder?: 'day_first' | 'month_first';
  /** IANA zone of file times that name none, and of the calendar days counted. */
  readonly timeZone: string;
  readonly now: Date;
  /** Where transcoded copies and rejected lines go; the caller removes it. */
  readonly temporaryFolder: string;
  /** Share in [0, 1] of the reading, over all files. */
  readonly onProgress?: (share: number) => void;
};

const analysed = (result: ImportResult): AnalysedFile => ({
  path: result.path,
  kind: result.kind,
  mapping: result.mapping,
  rowsRead: result.rowsRead,
  rowsKept: result.rowsKept,
  orders: result.orders,
  people: result.people,
  rejected: result.rejected,
  rejectReasons: result.rejectReasons,
  excluded: result.excluded,
  dayOrder: result.dayOrder,
});

async function readFiles(events: Events, input: AnalysisInput): Promise<readonly AnalysedFile[]> {
  const { now, temporaryFolder, onProgress } = input;
  const deps: ImportDeps = {
    events,
    timeZone: input.timeZone,
    currency: input.currency ?? ASSUMED_CURRENCY,
    temporaryFolder,
  };
  const plans: ImportPlan[] = [];
  try {
    for (const path of input.files) {
      plans.push(
        await planImport(deps, path, {
          now,
          ...(input.map === undefined ? {} : { map: input.map }),
          ...(input.dayOrder === undefined ? {} : { dayOrder: input.dayOrder }),
        }),
      );
    }
  } catch (error) {
    for (const plan of plans) closePlan(plan);
    throw error;
  }
  const shareOf = new Map<string, number>();
  const results = await runImport(deps, plans, {
    now,
    rejectsFolder: temporaryFolder,
    ...(onProgress === undefined
      ? {}
      : {
          onProgress: ({ path, share }) => {
            shareOf.set(path, share);
            onProgress([...shareOf.values()].reduce((sum, each) => sum + each, 0) / plans.length);
          },
        }),
  });
  return results.map(analysed);
}

/**
 * The currency in which money is told. Amounts in several cannot be added: the most frequent is meant unless one is given. Throws `invalid`
 * where the one given is none of several.
 */
async function currencyOf(
  events: Events,
  files: readonly AnalysedFile[],
  given: string | undefined,
): Promise<AnalysedCurrency> {
  const rows = await events.rows<{ currency: string }>(
    sql`SELECT toString(currency) AS currency FROM events WHERE amount_cents != 0 AND currency != ''
      GROUP BY currency ORDER BY count() DESC, currency`,
  );
  const found = rows.map((row) => row.currency);
  const mixed = found.length > 1 ? found : [];
  if (given !== undefined && mixed.length > 0 && !mixed.includes(given))
    throw new RekindleError('invalid', {
      where: '--currency',
      what: {
        en: `amounts are in ${mixed.join(', ')}, none in ${given}`,
        zh: `金额的币种为 ${mixed.join('、')}，没有 ${given}`,
      },
    });
  if (given !== undefined) return { code: given, source: 'given', mixed };
  const isInFile = files.some((file) => file.mapping.currency !== undefined);
  const [first] = found;
  return isInFile && first !== undefined
    ? { code: first, source: 'file', mixed }
    : { code: ASSUMED_CURRENCY, source: 'assumed', mixed };
}

/**
 * Imports the files (all or nothing) and draws the picture. Throws RekindleError: what the importer refuses, `invalid` for a window
 * that makes no policy, `not_enough_data` where the policy's activity does not occur (naming what does).
 */
export async function analyseFiles(events: Events, input: AnalysisInput): Promise<Analysis> {
  // A window that makes no policy is refused before a long file is read.
  const preset = PRESETS[input.preset];
  if (input.windowDays !== undefined) withWindow(preset, input.windowDays);
  const files = await readFiles(events, input);
  const currency = await currencyOf(events, files, input.currency);
  // What was paid in another currency counts as having come, not as money.
  await tellMoneyRules(events, { currency: currency.code, rates: [] });
  const names = await events.rows<{ name: string }>(
    sql`SELECT toString(name) AS name FROM actor_days GROUP BY name ORDER BY count() DESC`,
  );
  const chosen = presetFor(
    input.preset,
    names.map((row) => row.name),
  );
  const policy = input.windowDays === undefined ? chosen : withWindow(chosen, input.windowDays);
  const [span] = await events.rows<{ days: number; first: Day; last: Day }>(
    sql`SELECT count() AS days, toString(min(day)) AS first, toString(max(day)) AS last
      FROM actor_days WHERE name IN ${p.texts(policy.activity)}`,
  );
  if (span === undefined || span.days === 0) {
    const listed = names
      .slice(0, 8)
      .map((row) => `"${row.name}"`)
      .join(', ');
    const what = `the files hold no ${policy.activity.map((name) => `"${name}"`).join(' or ')}, which is what the preset "${input.preset}" counts as activity. They hold: ${listed}`;
    throw new RekindleError('not_enough_data', { what });
  }
  const asOf = input.asOf ?? span.last;
  const beyond: { found?: AnalysisBeyond } = {};
  const picture = await drawPicture(events, {
    policy,
    version: 0,
    asOf,
    now: input.now,
    alsoOf: async (scratch) => {
      beyond.found = await lookBeyond(events, scratch, {
        policy,
        asOf,
        now: input.now,
        horizonDays: input.horizonDays ?? HORIZON_DAYS,
        dataFrom: span.first,
      });
    },
    ...(input.horizonDays === undefined ? {} : { horizonDays: input.horizonDays }),
  });
  return {
    files,
    currency,
    dataFrom: span.first,
    dataUntil: span.last,
    windowDays: policy.rule.kind === 'window' ? policy.rule.dormantDays : undefined,
    picture,
    // Drawn without throwing, the picture has shown its states.
    beyond: beyond.found!,
  };
}
