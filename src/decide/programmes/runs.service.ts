// Programmes run by themselves: enter (audience → refusals → arms), advance (steps → grants → planned messages), exit (the moment someone
// returns). Every move is a set, is idempotent, and leaves a decision behind.
import { addMs, DAY_MS, dayIn, daysBetween } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import { langOf } from '../../kernel/lang.ts';
import { unreachable } from '../../kernel/result.ts';
import type { RecordsDb, RecordsTransaction } from '../../stores/records/records.ts';
import { planMessages, type PlannedMessage } from '../../reach/messages/ledger.sql.ts';
import { armOf, variantOf } from '../experiments/assignment.ts';
import { findOffer, reserveGrants, revokeGrants } from '../offers/grants.sql.ts';
import { amountText, conditionsText } from '../offers/kinds.ts';
import type { EntryFacts } from './entry-facts.ts';
import { channelsOf, isRunDue, templateOn, type MessageStep, type Programme } from './programme.ts';
import { loadProgramme, type ProgrammeContext, type StoredProgramme } from './programmes.service.ts';
import {
  enrolMembers,
  freshCandidates,
  hasDueMembers,
  lockDueMembers,
  moveMembers,
  recordRefusals,
  type DueMember,
  type NewMember,
  type Refusal,
} from './programmes.sql.ts';
import { addressKeyed, routesOf } from './routes.service.ts';

const CHUNK = 2_000;

export type RunSummary = {
  readonly runId: string;
  readonly considered: number;
  readonly treated: number;
  readonly control: number;
  readonly refused: Readonly<Record<string, number>>;
};

/** Evaluates the entry of one running programme for the business day of `now`; null when no run is due. */
export async function enterProgramme(
  context: ProgrammeContext,
  programmeId: string,
  now: Date,
): Promise<RunSummary | null> {
  const { records } = context;
  const stored = await loadProgramme(records, programmeId);
  if (stored.state !== 'running') return null;
  const today = dayIn(now, context.timeZone);
  const runs = await records.db
    .selectFrom('programme_runs')
    .select(['run_id', 'considered', (eb) => eb.cast<string>('run_on', 'text').as('run_on')])
    .where('programme_id', '=', programmeId)
    .orderBy('run_on', 'desc')
    .execute();
  const last = runs[0];
  // A run that was interrupted has `considered` −1: it is taken up again under its own id.
  const isInterrupted = last !== undefined && last.considered < 0;
  if (!isInterrupted && !isRunDue(stored.programme.entry, last === undefined ? null : daysBetween(last.run_on, today)))
    return null;
  const runId = isInterrupted ? last.run_id : newId('run', now);
  if (!isInterrupted) {
    const added = await records.db
      .insertInto('programme_runs')
      .values({
        run_id: runId,
        programme_id: programmeId,
        programme_version: stored.version,
        run_on: today,
        started_at: now,
        considered: -1,
      })
      .onConflict((conflict) => conflict.columns(['programme_id', 'run_on']).doNothing())
      .returning('run_id')
      .executeTakeFirst();
    if (added === undefined) return null;
  }
  const summary = { runId, considered: 0, treated: 0, control: 0, refused: {} as Record<string, number> };
  const yesterday = dayIn(addMs(now, -DAY_MS), context.timeZone);
  const addressesTaken = new Set<string>();
  for await (const personIds of context.audience(stored.programme.audience, yesterday, now)) {
    for (let at = 0; at < personIds.length; at += CHUNK) {
      await enterChunk(context, stored, {
        runId,
        personIds: personIds.slice(at, at + CHUNK),
        addressesTaken,
        now,
        summary,
      });
    }
  }
  await records.db
    .updateTable('programme_runs')
    .set({ considered: summary.considered })
    .where('run_id', '=', runId)
    .execute();
  return summary;
}

export type Drawn = {
  readonly members: readonly NewMember[];
  readonly refusals: readonly Refusal[];
  readonly considered: number;
};

/**
 * Judges people, leaves out whose address is taken, and draws the arms of the others. Reads only: who would enter is asked the same way as who
 * does. `addressesTaken` grows by the addresses that several people have.
 */
export async function drawMembers(
  context: ProgrammeContext,
  tx: RecordsDb,
  { programme, salt }: Pick<StoredProgramme, 'programme' | 'salt'>,
  work: {
    readonly runId: string;
    readonly personIds: readonly string[];
    readonly facts: ReadonlyMap<string, EntryFacts>;
    readonly addressesTaken: Set<string>;
    readonly now: Date;
  },
): Promise<Drawn> {
  const { runId, now, addressesTaken, facts } = work;
  const firstStep = programme.steps.find((step) => step.kind === 'message') as MessageStep;
  const reentryBefore =
    programme.entry.mode === 'recurring' ? addMs(now, -programme.entry.reentryAfterDays * DAY_MS) : null;
  const { known, unknown } = await freshCandidates(tx, programme.programmeId, runId, work.personIds, reentryBefore);
  const routes = await routesOf(tx, {
    personIds: known.map((row) => row.person_id),
    channels: channelsOf(firstStep),
    purpose: firstStep.purpose,
    programmeId: null,
    rules: context.rules,
    addressSecret: context.addressSecret,
    now,
    judged: true,
  });
  const firstChannel = channelsOf(firstStep)[0]!;
  const refusals: Refusal[] = unknown.map((personId) => ({
    person_id: personId,
    channel: firstChannel,
    codes: ['unknown_person'],
  }));
  const members: NewMember[] = [];
  for (const row of known) {
    const { route, refused } = routes.get(row.person_id)!;
    if (route === undefined) {
      refusals.push(...refused);
      continue;
    }
    const taken = addressKeyed(route);
    if (row.shares && addressesTaken.has(taken)) {
      refusals.push({ person_id: row.person_id, channel: route.channel, codes: ['shared_address'] });
      continue;
    }
    // Remembered only where it can come again: of a million people with a mailbox each, none.
    if (row.shares) addressesTaken.add(taken);
    const arm = armOf(salt, row.cluster_key, programme.controlShare);
    const chosen = arm === 'treated' ? variantOf(salt, 0, row.cluster_key, firstStep.variants) : null;
    members.push({
      person_id: row.person_id,
      arm,
      channel: route.channel,
      variant: chosen?.variant.key ?? null,
      propensity: chosen === null ? programme.controlShare : (1 - programme.controlShare) * chosen.propensity,
      known: facts.get(row.person_id) ?? {},
    });
  }
  return { members, refusals, considered: known.length + unknown.length };
}

/** A person who was refused on every channel counts once, under why the first was. */
export function countRefusals(refusals: readonly Refusal[], into: Record<string, number>): void {
  for (const [, [first]] of Map.groupBy(refusals, (refusal) => refusal.person_id)) {
    const code = first!.codes[0]!;
    into[code] = (into[code] ?? 0) + 1;
  }
}

async function enterChunk(
  context: ProgrammeContext,
  stored: StoredProgramme,
  work: {
    readonly runId: string;
    readonly personIds: readonly string[];
    readonly addressesTaken: Set<string>;
    readonly now: Date;
    readonly summary: { considered: number; treated: number; control: number; refused: Record<string, number> };
  },
): Promise<void> {
  const { runId, now, summary } = work;
  const { policyId } = stored.programme.audience;
  const facts = await context.entryFacts(policyId, work.personIds);
  await context.records.db.transaction().execute(async (tx) => {
    const { members, refusals, considered } = await drawMembers(context, tx, stored, { ...work, facts });
    const run = { runId, programmeId: stored.programme.programmeId, at: now };
    await enrolMembers(tx, run, members);
    await recordRefusals(tx, { ...run, step: 0 }, refusals);
    summary.considered += considered;
    summary.treated += members.filter((member) => member.arm === 'treated').length;
    summary.control += members.filter((member) => member.arm === 'control').length;
    countRefusals(refusals, summary.refused);
  });
}

/** Moves every due member of a running programme one step on, in sets. Returns how many messages were planned. */
export async function advanceProgramme(
  context: ProgrammeContext,
  programmeId: string,
  now: Date,
): Promise<{ planned: number; moved: number }> {
  const stored = await loadProgramme(context.records, programmeId);
  let planned = 0;
  let moved = 0;
  if (stored.state !== 'running') return { planned, moved };
  if (!(await hasDueMembers(context.records.db, programmeId, now))) return { planned, moved };
  const templates = new Map<string, number>();
  for (const step of stored.programme.steps) {
    if (step.kind !== 'message') continue;
    for (const variant of step.variants)
      for (const channel of channelsOf(step)) {
        const templateId = templateOn(variant, channel)!;
        templates.set(templateId, (await context.activeTemplate(templateId)).version);
      }
  }
  for (;;) {
    const round = await context.records.db.transaction().execute(async (tx) => {
      const due = await lockDueMembers(tx, programmeId, now, CHUNK);
      let messages = 0;
      for (const [, group] of Map.groupBy(due, (member) => `${member.run_id}/${member.step}`)) {
        messages += await moveGroup(context, tx, stored, templates, group, now);
      }
      return { members: due.length, messages };
    });
    planned += round.messages;
    moved += round.members;
    if (round.members === 0) return { planned, moved };
  }
}

async function moveGroup(
  context: ProgrammeContext,
  tx: RecordsTransaction,
  { programme, salt }: StoredProgramme,
  templates: ReadonlyMap<string, number>,
  group: readonly DueMember[],
  now: Date,
): Promise<number> {
  const { run_id: runId, step: position } = group[0]!;
  const everybody = group.map((member) => member.person_id);
  const step = programme.steps[position];
  const next = { step: position + 1, now };
  if (step === undefined) {
    await moveMembers(tx, runId, everybody, { step: position, dueAt: null, now });
    return 0;
  }
  switch (step.kind) {
    case 'wait':
      await moveMembers(tx, runId, everybody, { ...next, dueAt: addMs(now, step.days * DAY_MS) });
      return 0;
    case 'message': {
      const treated = group.filter((member) => member.arm === 'treated');
      const planned = await planStep(context, tx, { programme, salt, step, position, runId, templates, now }, treated);
      await moveMembers(tx, runId, everybody, { ...next, dueAt: position + 1 < programme.steps.length ? now : null });
      return planned;
    }
    default:
      return unreachable(step);
  }
}

type StepWork = {
  readonly programme: Programme;
  readonly salt: string;
  readonly step: MessageStep;
  readonly position: number;
  readonly runId: string;
  readonly templates: ReadonlyMap<string, number>;
  readonly now: Date;
};

/** Grants and messages of one step, in the transaction that moves the members: all of it happens or none. */
async function planStep(
  context: ProgrammeContext,
  tx: RecordsTransaction,
  work: StepWork,
  treated: readonly DueMember[],
): Promise<number> {
  const { programme, salt, step, position, runId, templates, now } = work;
  const refusals: Refusal[] = [];
  const messages: PlannedMessage[] = [];
  const routes = await routesOf(tx, {
    personIds: treated.map((member) => member.person_id),
    channels: channelsOf(step),
    purpose: step.purpose,
    programmeId: programme.programmeId,
    rules: context.rules,
    addressSecret: context.addressSecret,
    now,
    judged: channelsOf(step).length > 1,
  });
  const reachable = treated.flatMap((member) => {
    const { route, refused } = routes.get(member.person_id)!;
    if (route === undefined) refusals.push(...refused);
    return route === undefined ? [] : { member, route };
  });
  const chosen = reachable.map(({ member, route }) => ({
    member,
    route,
    // Who got a variant keeps it in later steps that have it, so that variants can be compared over the whole programme.
    variant:
      step.variants.find((variant) => variant.key === member.variant) ??
      variantOf(salt, position, member.cluster_key, step.variants).variant,
  }));
  for (const [offerId, group] of Map.groupBy(chosen, (choice) => choice.variant.offerId)) {
    const personIds = group.map((choice) => choice.member.person_id);
    const grants =
      offerId === null
        ? null
        : new Map(
            (
              await reserveGrants(tx, {
                offerId,
                programmeId: programme.programmeId,
                runId,
                personIds,
                timeZone: context.timeZone,
                now,
              })
            ).map((grant) => [grant.person_id, grant]),
          );
    const offer = offerId === null ? null : await findOffer(tx, offerId);
    for (const { member, route, variant } of group) {
      const grant = grants?.get(member.person_id) ?? null;
      if (grants !== null && grant === null) {
        refusals.push({ person_id: member.person_id, channel: route.channel, codes: ['offer_exhausted'] });
        continue;
      }
      const templateId = templateOn(variant, route.channel)!;
      const expiresAt = addMs(now, step.validHours * 3_600_000);
      const language = member.language === null ? context.defaultLanguage : langOf(member.language);
      messages.push({
        message_id: newId('msg', now),
        programme_id: programme.programmeId,
        run_id: runId,
        step: position,
        person_id: member.person_id,
        channel: route.channel,
        purpose: step.purpose,
        address: route.address,
        address_key: route.addressKey,
        variant: variant.key,
        template_id: templateId,
        template_version: templates.get(templateId)!,
        language,
        grant_id: grant?.grant_id ?? null,
        content:
          grant === null || offer === null
            ? {}
            : {
                coupon: {
                  code: grant.code,
                  amountText: amountText(offer.terms, context.currency, language),
                  conditions: conditionsText(offer.terms, context.currency, language),
                  expiresOn: dayIn(grant.expires_at, context.timeZone),
                },
              },
        priority: 0,
        due_at: now,
        // What a message promises must still hold when it leaves.
        expires_at: grant !== null && grant.expires_at < expiresAt ? grant.expires_at : expiresAt,
        created_at: now,
        cost_cents: step.costCents,
      });
    }
  }
  await recordRefusals(tx, { runId, programmeId: programme.programmeId, at: now, step: position }, refusals);
  const added = await planMessages(tx, messages);
  const unused = messages
    .filter((message) => !added.has(message.message_id))
    .flatMap((message) => message.grant_id ?? []);
  if (unused.length > 0) await revokeGrants(tx, unused);
  return added.size;
}
