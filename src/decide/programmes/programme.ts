// What a programme is: audience, entry, control share, steps, goal and exit. A one-shot mail is a one-step programme. Pure.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords, issueText } from '../../kernel/issue.ts';
import { CHANNEL_KEYS, type ChannelKey } from '../../reach/channels/channels.ts';

const channelSchema = z.enum(CHANNEL_KEYS);

const variantSchema = z.strictObject({
  key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  /** For every channel that has no template of its own in `templateIds`. */
  templateId: z.string().min(1).optional(),
  templateIds: z.partialRecord(channelSchema, z.string().min(1)).optional(),
  offerId: z.string().min(1).nullable().default(null),
  share: z.number().positive().default(1),
});

const messageStepSchema = z.strictObject({
  kind: z.literal('message'),
  channel: channelSchema.optional(),
  /** Tried in this order: the first on which she has an address and may be contacted. Instead of `channel`. */
  channels: z.array(channelSchema).min(1).max(CHANNEL_KEYS.length).optional(),
  purpose: z.literal('marketing').default('marketing'),
  variants: z.array(variantSchema).min(1).max(20),
  /** A message that could not leave lawfully within this time is refused instead of sent late. */
  validHours: z.number().int().min(1).max(720).default(72),
  costCents: z.number().int().nonnegative().default(0),
});

const waitStepSchema = z.strictObject({ kind: z.literal('wait'), days: z.number().int().min(1).max(365) });

export const stepSchema = z.discriminatedUnion('kind', [messageStepSchema, waitStepSchema]);

export const programmeSchema = z
  .strictObject({
    programmeId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,63}$/),
    name: z.string().min(1).max(200),
    audience: z.strictObject({
      policyId: z.string().min(1),
      stages: z
        .array(z.enum(['new', 'active', 'cooling', 'dormant', 'lost', 'recovered', 'relapsed', 'repermissioned']))
        .min(1),
      /** A segment tree of `understand/segments`, checked there; null means everybody in the stages. */
      segment: z.unknown().nullable().default(null),
    }),
    entry: z.discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('once') }),
      z.strictObject({
        mode: z.literal('recurring'),
        everyDays: z.number().int().min(1).max(365),
        /** A person may enter again after this many days. */
        reentryAfterDays: z.number().int().min(1).max(3_650),
      }),
    ]),
    controlShare: z.number().min(0).max(0.9),
    steps: z.array(stepSchema).min(1).max(50),
    goal: z.strictObject({ withinDays: z.number().int().min(1).max(365) }),
    exitOnReturn: z.boolean().default(true),
  })
  .refine((programme) => programme.steps.some((step) => step.kind === 'message'), {
    error: inWords('a programme needs a message step', '计划至少需要一个消息步骤'),
  })
  .refine(
    (programme) =>
      programme.steps.every(
        (step) =>
          step.kind !== 'message' || new Set(step.variants.map((variant) => variant.key)).size === step.variants.length,
      ),
    { error: inWords('two variants of a step have the same key', '同一步骤中有两个版本的 key 相同') },
  )
  .refine(
    (programme) =>
      messageSteps(programme).every((step) => (step.channel === undefined) !== (step.channels === undefined)),
    {
      error: inWords(
        'a message step has either a channel or a list of channels',
        '消息步骤须填写单个渠道或渠道列表，二者取一',
      ),
    },
  )
  .refine(
    (programme) => messageSteps(programme).every(({ channels = [] }) => new Set(channels).size === channels.length),
    {
      error: inWords('a channel is listed twice', '同一渠道出现了两次'),
    },
  )
  .refine(
    (programme) =>
      messageSteps(programme).every((step) =>
        step.variants.every((variant) =>
          channelsOf(step).every((channel) => templateOn(variant, channel) !== undefined),
        ),
      ),
    { error: inWords('a variant has no template for one of its channels', '有版本缺少某个渠道的模板') },
  );

export type Programme = z.infer<typeof programmeSchema>;
export type MessageStep = z.infer<typeof messageStepSchema>;
type Variant = z.infer<typeof variantSchema>;

const messageSteps = ({ steps }: { readonly steps: readonly z.infer<typeof stepSchema>[] }): MessageStep[] =>
  steps.filter((step) => step.kind === 'message');

/** The channels of a step, in the order they are tried. */
export const channelsOf = (step: Pick<MessageStep, 'channel' | 'channels'>): readonly ChannelKey[] =>
  step.channels ?? (step.channel === undefined ? [] : [step.channel]);

/** The template a variant uses on a channel. */
export const templateOn = (
  variant: Pick<Variant, 'templateId' | 'templateIds'>,
  channel: ChannelKey,
): string | undefined => variant.templateIds?.[channel] ?? variant.templateId;

/** Throws `invalid` naming the first field that is wrong. */
export function parseProgramme(input: unknown): Programme {
  const parsed = programmeSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RekindleError('invalid', {
    where: `programme.${issue?.path.join('.') ?? ''}`,
    what: issueText(issue),
  });
}

/** Is a run due on `today`, given the days of earlier runs? */
export function isRunDue(entry: Programme['entry'], daysSinceLastRun: number | null): boolean {
  if (daysSinceLastRun === null) return true;
  return entry.mode === 'recurring' && daysSinceLastRun >= entry.everyDays;
}
