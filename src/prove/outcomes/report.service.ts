// A programme's result: what happened, what would have happened, and the difference with its interval.
import { leftOutOf } from '../../collect/money.sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import { loadProgramme } from '../../decide/programmes/programmes.service.ts';
import { settleGrants } from '../../decide/offers/grants.sql.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import { showPolicy } from '../../understand/dormancy/policy.service.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import {
  compareArms,
  figuresOf,
  sampleRatioOf,
  sumTotals,
  type ArmFigures,
  type Comparison,
  type SampleRatio,
} from './lift.ts';
import { withMembers } from './members-table.service.ts';
import { armTotals, memberMoney, messagesByState, refusalsByCode, type ArmTotals } from './outcomes.sql.ts';

export type ProgrammeReport = {
  readonly programmeId: string;
  readonly name: string;
  readonly state: string;
  readonly until: Date;
  readonly goalDays: number;
  readonly considered: number;
  readonly refused: readonly { readonly code: string; readonly people: number }[];
  readonly messages: Readonly<Record<string, number>>;
  readonly treated: ArmFigures;
  readonly control: ArmFigures;
  readonly total: Comparison;
  readonly variants: readonly { readonly key: string; readonly figures: ArmFigures; readonly comparison: Comparison }[];
  readonly sampleRatio: SampleRatio;
  /** What members of the programme paid since in currencies that are no money of the business: in no figure of revenue. */
  readonly leftOut: LeftOutMoney | null;
};

/** Reports on a programme as of `until`. Throws `not_found`. */
export async function reportProgramme(
  context: { readonly records: Records; readonly events: Events; readonly marginShare: number },
  programmeId: string,
  until: Date,
): Promise<ProgrammeReport> {
  const { records, events } = context;
  const { programme, state } = await loadProgramme(records, programmeId);
  const { policy } = await showPolicy(records, programme.audience.policyId);
  await settleGrants(records.db, until);
  const { rows, leftOut } = await withMembers(context, programmeId, until, async (members) => {
    const { events: source } = await personSource(events);
    const totals = armTotals(members, source, {
      activity: policy.activity,
      goalDays: programme.goal.withinDays,
      marginShare: context.marginShare,
      until,
    });
    return {
      rows: await events.rows<ArmTotals>(totals),
      leftOut: await leftOutOf(events, memberMoney(members, source, until)),
    };
  });
  const control = sumTotals(rows.filter((row) => row.arm === 'control'));
  const treatedRows = rows.filter((row) => row.arm === 'treated');
  const treated = sumTotals(treatedRows);
  const runs = await records.db
    .selectFrom('programme_runs')
    .select('considered')
    .where('programme_id', '=', programmeId)
    .execute();
  return {
    programmeId,
    name: programme.name,
    state,
    until,
    goalDays: programme.goal.withinDays,
    considered: runs.reduce((sum, run) => sum + Math.max(0, run.considered), 0),
    refused: await refusalsByCode(records.db, programmeId),
    messages: await messagesByState(records.db, programmeId),
    treated: figuresOf(treated),
    control: figuresOf(control),
    total: compareArms(treated, control),
    variants: treatedRows.map((row) => ({
      key: row.variant,
      figures: figuresOf(row),
      comparison: compareArms(row, control),
    })),
    sampleRatio: sampleRatioOf(treated.people, control.people, programme.controlShare),
    leftOut,
  };
}
