// A programme's result in depth: over time, by group, the second life of the returned, the long run, and attribution beside it.
import { addMs, DAY_MS, dayIn } from '../../kernel/days.ts';
import { leftOutOf } from '../../collect/money.sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { loadProgramme } from '../../decide/programmes/programmes.service.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import { showPolicy } from '../../understand/dormancy/policy.service.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { compareArms, sumTotals, type Comparison } from './lift.ts';
import { withMembers } from './members-table.service.ts';
import { armTotals, memberMoney, type ArmTotals, type PARTS } from './outcomes.sql.ts';
import { liftByGroup, liftOverTime, secondLives, type GroupLift, type LiftPoint, type SecondLife } from './results.ts';
import {
  attributed,
  returnDays,
  secondLife,
  type AttributedRow,
  type ReturnDayRow,
  type SecondLifeRow,
} from './results.sql.ts';

/** Told apart by what was known at entry: what happened since cannot have put anybody into a group. */
const GROUPINGS = ['stage', 'rfm_group', 'reason'] as const satisfies readonly (keyof typeof PARTS)[];
const HORIZONS_DAYS = [30, 90, 180] as const;
/** The usual last-click window. */
const ATTRIBUTION_DAYS = 7;

export type ProgrammeResults = {
  readonly programmeId: string;
  readonly until: Date;
  readonly goalDays: number;
  readonly overTime: readonly LiftPoint[];
  readonly groups: Readonly<Record<(typeof GROUPINGS)[number], readonly GroupLift[]>>;
  /** What the returned did next. Who returns differs between the arms, so the two lines are not a comparison; `longRun` is one. */
  readonly secondLife: readonly SecondLife[];
  /** Everybody assigned at least `days` ago, over those `days`: returns and net margin because of the programme. */
  readonly longRun: readonly { readonly days: number; readonly people: number; readonly comparison: Comparison }[];
  /** Last-click figures, for people who are used to them; they count who would have come anyway. */
  readonly attributed: {
    readonly windowDays: number;
    readonly returned: number;
    readonly orders: number;
    readonly revenueCents: number;
  };
  /** As the report's. */
  readonly leftOut: LeftOutMoney | null;
};

/** Throws `not_found`. */
export async function programmeResults(
  context: {
    readonly records: Records;
    readonly events: Events;
    readonly marginShare: number;
    readonly timeZone: string;
  },
  programmeId: string,
  until: Date,
): Promise<ProgrammeResults> {
  const { records, events, marginShare, timeZone } = context;
  const { programme } = await loadProgramme(records, programmeId);
  const { activity } = (await showPolicy(records, programme.audience.policyId)).policy;
  const goalDays = programme.goal.withinDays;
  const window = { activity, goalDays, until };
  return withMembers(context, programmeId, until, async (members) => {
    const source = (await personSource(events)).events;
    const totals = (more: object): Promise<ArmTotals[]> =>
      events.rows<ArmTotals>(armTotals(members, source, { ...window, marginShare, ...more }));
    const days = await events.rows<ReturnDayRow>(returnDays(members, source, window, timeZone));
    const groups: Partial<Record<(typeof GROUPINGS)[number], GroupLift[]>> = {};
    for (const part of GROUPINGS) groups[part] = liftByGroup(await totals({ part }));
    const lives = await events.rows<SecondLifeRow>(secondLife(members, source, window, HORIZONS_DAYS));
    const longRun = [];
    for (const horizon of HORIZONS_DAYS) {
      const rows = await totals({ goalDays: horizon, enteredBy: addMs(until, -horizon * DAY_MS) });
      const treated = sumTotals(rows.filter((row) => row.arm === 'treated'));
      const control = sumTotals(rows.filter((row) => row.arm === 'control'));
      longRun.push({
        days: horizon,
        people: treated.people + control.people,
        comparison: compareArms(treated, control),
      });
    }
    const [claimed] = await events.rows<AttributedRow>(attributed(members, source, window, ATTRIBUTION_DAYS));
    return {
      programmeId,
      until,
      goalDays,
      overTime: liftOverTime(days, dayIn(until, timeZone)),
      groups: groups as ProgrammeResults['groups'],
      secondLife: secondLives(lives),
      longRun,
      attributed: {
        windowDays: ATTRIBUTION_DAYS,
        returned: claimed?.returned ?? 0,
        orders: claimed?.orders ?? 0,
        revenueCents: claimed?.revenue_cents ?? 0,
      },
      leftOut: await leftOutOf(events, memberMoney(members, source, until)),
    };
  });
}
