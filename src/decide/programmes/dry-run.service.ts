// Whom would it touch if it ran now? The same audience, judgement and draw as a real entry, and nothing is written.
import { addMs, DAY_MS, dayIn } from '../../kernel/days.ts';
import type { Programme } from './programme.ts';
import { checkProgramme, type ProgrammeContext } from './programmes.service.ts';
import { offerRooms } from '../offers/offers.sql.ts';
import { countRefusals, drawMembers } from './runs.service.ts';
import type { NewMember } from './programmes.sql.ts';

const CHUNK = 2_000;
const EXAMPLES = 20;

export type DryRun = {
  readonly considered: number;
  readonly treated: number;
  readonly control: number;
  /** People refused, each under her first reason; the most frequent first. */
  readonly refused: readonly { readonly code: string; readonly people: number }[];
  /** Treated people by the variant and by the channel of the first message. */
  readonly variants: readonly { readonly key: string; readonly people: number }[];
  readonly channels: readonly { readonly channel: string; readonly people: number }[];
  /** If nobody returned before the last step: an upper bound. */
  readonly messagesMax: number;
  readonly messageCostCentsMax: number;
  /** Grants that the first message alone would want, against what the offer has left. */
  readonly offers: readonly { readonly offerId: string; readonly wanted: number; readonly left: number }[];
  /** Mean predicted return without the programme; null where nobody has a prediction. */
  readonly expectedReturnRate: number | null;
  readonly examples: readonly Pick<NewMember, 'person_id' | 'arm' | 'variant' | 'channel'>[];
};

type Counts = Map<string, number>;

function count(key: string | null, into: Counts): void {
  if (key !== null) into.set(key, (into.get(key) ?? 0) + 1);
}

const messageSteps = ({ steps }: Programme) => steps.filter((step) => step.kind === 'message');

/** The arms of a programme that has no salt yet are drawn by a fixed one: as many of each, though not the same people. */
const DRAW = 'dry-run';

/** Throws as `checkProgramme` does. `salt`: of the programme, when it is kept already. */
export async function dryRun(
  context: ProgrammeContext,
  input: unknown,
  now: Date,
  salt: string = DRAW,
): Promise<DryRun> {
  const programme = await checkProgramme(context, input);
  const yesterday = dayIn(addMs(now, -DAY_MS), context.timeZone);
  const addressesTaken = new Set<string>();
  const steps = messageSteps(programme);
  // Counted page by page: a million people are never held at once.
  const examples: DryRun['examples'][number][] = [];
  const byVariant: Counts = new Map();
  const byChannel: Counts = new Map();
  const wanted: Counts = new Map();
  let treated = 0;
  let control = 0;
  const predicted = { people: 0, returns: 0 };
  const add = ({ person_id, arm, variant, channel, known }: NewMember): void => {
    if (examples.length < EXAMPLES) examples.push({ person_id, arm, variant, channel });
    if (known.returnProbability !== undefined) {
      predicted.people++;
      predicted.returns += known.returnProbability;
    }
    if (arm === 'control') {
      control++;
      return;
    }
    treated++;
    count(variant, byVariant);
    count(channel, byChannel);
    count(steps[0]!.variants.find(({ key }) => key === variant)?.offerId ?? null, wanted);
  };
  const refused: Record<string, number> = {};
  let considered = 0;
  for await (const personIds of context.audience(programme.audience, yesterday, now)) {
    for (let at = 0; at < personIds.length; at += CHUNK) {
      const some = personIds.slice(at, at + CHUNK);
      const facts = await context.entryFacts(programme.audience.policyId, some);
      const drawn = await drawMembers(
        context,
        context.records.db,
        { programme, salt },
        { runId: DRAW, personIds: some, facts, addressesTaken, now },
      );
      drawn.members.forEach(add);
      countRefusals(drawn.refusals, refused);
      considered += drawn.considered;
    }
  }
  const rooms = await offerRooms(context.records.db, [...wanted.keys()]);
  return {
    considered,
    treated,
    control,
    refused: Object.entries(refused)
      .map(([code, people]) => ({ code, people }))
      .toSorted((a, b) => b.people - a.people),
    variants: steps[0]!.variants.map(({ key }) => ({ key, people: byVariant.get(key) ?? 0 })),
    channels: [...byChannel].map(([channel, people]) => ({ channel, people })),
    messagesMax: treated * steps.length,
    messageCostCentsMax: treated * steps.reduce((sum, step) => sum + step.costCents, 0),
    offers: [...wanted].map(([offerId, people]) => ({ offerId, wanted: people, left: rooms.get(offerId) ?? 0 })),
    expectedReturnRate: predicted.people === 0 ? null : predicted.returns / predicted.people,
    examples,
  };
}
