// Programmes as they are kept: checked, created, changed while they are drafts, started, paused, ended.
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { Records } from '../../stores/records/records.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
import type { ReachRules } from '../../reach/arbiter/rules.ts';
import { CHANNELS, type TemplateKind } from '../../reach/channels/channels.ts';
import { holdMessages, stopMessages } from '../../reach/messages/ledger.sql.ts';
import { findOffer } from '../offers/grants.sql.ts';
import type { EntryFacts } from './entry-facts.ts';
import { channelsOf, parseProgramme, templateOn, type Programme } from './programme.ts';

export type StoredProgramme = {
  readonly programme: Programme;
  readonly version: number;
  readonly state: 'draft' | 'running' | 'paused' | 'ended';
  readonly salt: string;
};

/** What programmes need to know from the other rooms. */
export type ProgrammeContext = {
  readonly records: Records;
  readonly rules: ReachRules;
  readonly timeZone: string;
  readonly currency: string;
  readonly defaultLanguage: Lang;
  /** Brings the policy's stages up to the end of `asOf`, then yields the ids of the audience in chunks. */
  readonly audience: (audience: Programme['audience'], asOf: string, now: Date) => AsyncIterable<readonly string[]>;
  /** Refuses a segment that names what is not there; throws as `parseSegment` and `resolveSegment`. */
  readonly checkSegment: (segment: unknown) => Promise<unknown>;
  /** What is known of these people at their entry, by the policy. */
  readonly entryFacts: (policyId: string, personIds: readonly string[]) => Promise<ReadonlyMap<string, EntryFacts>>;
  /** Salt of a new programme's arm hash; unguessable unless a simulation wants the same arms again. */
  readonly newSalt: () => string;
  /** The active version of a template; throws `not_found` or `template_invalid`. */
  readonly activeTemplate: (templateId: string) => Promise<{ readonly version: number; readonly kind: TemplateKind }>;
  /** Hashes addresses that are no more than a person's own id. */
  readonly addressSecret: string;
};

/** Every reference of a definition is looked up: templates of the right kind, offers, the policy, the segment. Throws for the first that is wrong. */
export async function checkProgramme(context: ProgrammeContext, input: unknown): Promise<Programme> {
  const programme = parseProgramme(input);
  if (programme.audience.segment !== null) await context.checkSegment(programme.audience.segment);
  for (const step of programme.steps) {
    if (step.kind !== 'message') continue;
    for (const variant of step.variants) {
      for (const channel of channelsOf(step)) {
        const templateId = templateOn(variant, channel)!;
        const { kind } = await context.activeTemplate(templateId);
        const wanted = CHANNELS[channel].template;
        if (kind !== wanted)
          throw new RekindleError('invalid', {
            where: `programme.steps.variants.${variant.key}`,
            what: {
              en: `${channel} takes a template of kind ${wanted}; ${templateId} is ${kind}`,
              zh: `${channel} 需要 ${wanted} 类模板，而 ${templateId} 是 ${kind} 类`,
            },
          });
      }
      if (variant.offerId !== null) await findOffer(context.records.db, variant.offerId);
    }
  }
  const policy = await context.records.db
    .selectFrom('dormancy_policies')
    .select('policy_id')
    .where('policy_id', '=', programme.audience.policyId)
    .where('active', '=', true)
    .executeTakeFirst();
  if (policy === undefined)
    throw new RekindleError('not_found', {
      what: { en: `policy ${programme.audience.policyId}`, zh: `规则 ${programme.audience.policyId}` },
    });
  return programme;
}

export async function createProgramme(context: ProgrammeContext, input: unknown, now: Date): Promise<StoredProgramme> {
  const programme = await checkProgramme(context, input);
  const salt = context.newSalt();
  const added = await context.records.db
    .insertInto('programmes')
    .values({
      programme_id: programme.programmeId,
      version: 1,
      name: programme.name,
      definition: JSON.stringify(programme),
      state: 'draft',
      salt,
      created_at: now,
      started_at: null,
      ended_at: null,
    })
    .onConflict((conflict) => conflict.column('programme_id').doNothing())
    .returning('programme_id')
    .executeTakeFirst();
  if (added === undefined)
    throw new RekindleError('conflict', {
      what: { en: `programme ${programme.programmeId} exists already`, zh: `唤醒计划 ${programme.programmeId} 已存在` },
    });
  return { programme, version: 1, state: 'draft', salt };
}

/**
 * Changes a draft. What has started stays as it was: its arms and its figures rest on it. Throws `conflict` for anything but a draft and
 * `changed_elsewhere` when it is not at `version` any more (undefined: whatever it is at).
 */
export async function changeProgramme(
  context: ProgrammeContext,
  programmeId: string,
  input: unknown,
  version: number | undefined,
): Promise<StoredProgramme> {
  const programme = await checkProgramme(context, input);
  if (programme.programmeId !== programmeId)
    throw new RekindleError('invalid', {
      where: 'programme.programmeId',
      what: { en: 'a programme keeps its id', zh: '唤醒计划的 ID 不可更改' },
    });
  const change = context.records.db
    .updateTable('programmes')
    .set((eb) => ({ name: programme.name, definition: JSON.stringify(programme), version: eb('version', '+', 1) }))
    .where('programme_id', '=', programmeId)
    .where('state', '=', 'draft');
  const changed = await (version === undefined ? change : change.where('version', '=', version))
    .returning('programme_id')
    .executeTakeFirst();
  const stored = await loadProgramme(context.records, programmeId);
  if (changed !== undefined) return stored;
  if (stored.state !== 'draft')
    throw new RekindleError('conflict', {
      what: {
        en: `programme ${programmeId} is ${stored.state}; only a draft changes`,
        zh: `唤醒计划 ${programmeId} 的状态为 ${stored.state}，只有草稿可以修改`,
      },
    });
  throw new RekindleError('changed_elsewhere', {});
}

/** Removes a draft. Throws `not_found`, and `conflict` for what has started. */
export async function removeProgramme(records: Records, programmeId: string): Promise<void> {
  const removed = await records.db
    .deleteFrom('programmes')
    .where('programme_id', '=', programmeId)
    .where('state', '=', 'draft')
    .returning('programme_id')
    .executeTakeFirst();
  if (removed !== undefined) return;
  const { state } = await loadProgramme(records, programmeId);
  throw new RekindleError('conflict', {
    what: {
      en: `programme ${programmeId} is ${state}; only a draft can be removed`,
      zh: `唤醒计划 ${programmeId} 的状态为 ${state}，只有草稿可以删除`,
    },
  });
}

export async function loadProgramme(records: Records, programmeId: string): Promise<StoredProgramme> {
  const row = await records.db
    .selectFrom('programmes')
    .selectAll()
    .where('programme_id', '=', programmeId)
    .executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `programme ${programmeId}`, zh: `唤醒计划 ${programmeId}` } });
  return { programme: parseProgramme(row.definition), version: row.version, state: row.state, salt: row.salt };
}

export async function listProgrammes(
  records: Records,
): Promise<{ programmeId: string; name: string; state: StoredProgramme['state']; createdAt: Date }[]> {
  const rows = await records.db
    .selectFrom('programmes')
    .select(['programme_id', 'name', 'state', 'created_at'])
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({
    programmeId: row.programme_id,
    name: row.name,
    state: row.state,
    createdAt: row.created_at,
  }));
}

const MOVES = {
  start: { from: ['draft', 'paused'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  end: { from: ['draft', 'running', 'paused'], to: 'ended' },
} as const;

/** Starts, pauses or ends a programme; ending cancels what is planned. Throws `conflict` when the move is not possible. */
export async function moveProgramme(
  records: Records,
  programmeId: string,
  move: keyof typeof MOVES,
  now: Date,
): Promise<void> {
  const { from, to } = MOVES[move];
  await inTransaction(records.db, async (tx) => {
    const moved = await tx
      .updateTable('programmes')
      .set({
        state: to,
        ...(move === 'start' ? { started_at: now } : {}),
        ...(move === 'end' ? { ended_at: now } : {}),
      })
      .where('programme_id', '=', programmeId)
      .where('state', 'in', from)
      .returning('programme_id')
      .executeTakeFirst();
    if (moved === undefined) {
      const { state } = await loadProgramme({ ...records, db: tx }, programmeId);
      throw new RekindleError('conflict', {
        what: {
          en: `programme ${programmeId} is ${state}; it cannot ${move}`,
          zh: `唤醒计划 ${programmeId} 的状态为 ${state}，不能执行 ${move}`,
        },
      });
    }
    await holdMessages(tx, programmeId, move === 'pause');
    if (move === 'end') await stopMessages(tx, { programmeId, code: 'programme_ended', now });
  });
}
