// A dormancy policy: which activity counts as being alive, and how silence becomes a stage. Versioned by the service; pure here.
// All lengths are whole days. A day threshold t is reached at the end of the day that lies t days after the last active day.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';

/** Longest window a policy may name: ten years. */
export const LONGEST_DAYS = 3650;

const days = z.int().min(1).max(LONGEST_DAYS);
const hundredths = (min: number, max: number) => z.number().min(min).max(max).multipleOf(0.01);
const eventName = z.string().min(1).max(200);

const windowRule = z
  .strictObject({ kind: z.literal('window'), coolingDays: days, dormantDays: days.min(2), lostDays: days })
  .refine((rule) => rule.coolingDays < rule.dormantDays, {
    path: ['coolingDays'],
    message: 'must be shorter than dormantDays',
  })
  .refine((rule) => rule.dormantDays < rule.lostDays, {
    path: ['lostDays'],
    message: 'must be longer than dormantDays',
  });

/**
 * Personal cadence: dormant after `multiplier` personal gaps. The personal gap is the mean gap between active days so far, shrunk
 * towards the base's pooled mean gap with the weight of `shrinkage` gaps. Cooling begins at half the threshold, lost at `lostMultiplier` times.
 */
const cadenceRule = z
  .strictObject({
    kind: z.literal('cadence'),
    multiplier: hundredths(1, 20),
    minDays: days.min(2),
    maxDays: days,
    shrinkage: hundredths(0, 100),
    lostMultiplier: hundredths(1.5, 20),
  })
  .refine((rule) => rule.minDays <= rule.maxDays, { path: ['maxDays'], message: 'must not be shorter than minDays' });

export const policySchema = z.strictObject({
  policyId: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes, at most 40'),
  name: z.strictObject({ en: z.string().min(1).max(120), zh: z.string().min(1).max(120) }),
  /** Events that count as being alive; their amounts are what the person spent. */
  activity: z
    .array(eventName)
    .min(1)
    .max(50)
    .refine((names) => new Set(names).size === names.length, 'names an event twice'),
  rule: z.union([windowRule, cadenceRule]),
  /** A first-time person is `new` for so many days, unless she cools earlier. */
  newDays: days,
  /** A returned person is `recovered` for so many days, unless she cools earlier. */
  recoveredDays: days,
  /** Dormant again within so many days after returning is `relapsed`. */
  relapsedDays: days,
});

export type DormancyPolicy = Readonly<z.infer<typeof policySchema>>;
export type DormancyRule = DormancyPolicy['rule'];
export type CadenceRule = Extract<DormancyRule, { kind: 'cadence' }>;

/** Parses unknown input. Throws RekindleError `invalid` naming the first wrong field (`policy.rule.dormantDays: …`). */
export function parsePolicy(input: unknown): DormancyPolicy {
  const parsed = policySchema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  // A union reports its branches' issues inside itself: show the branch whose kind was meant.
  const meant = (issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue => {
    const [first] = issues;
    if (first?.code !== 'invalid_union') return first!;
    const branch =
      first.errors.find((inner) => !inner.some((issue) => issue.path[0] === 'kind')) ?? first.errors[0] ?? [];
    const inner = branch.length > 0 ? meant(branch) : first;
    return { ...inner, path: [...first.path, ...inner.path] };
  };
  const issue = meant(parsed.error.issues);
  throw new RekindleError('invalid', { where: ['policy', ...issue.path].join('.'), what: issue.message });
}

/** The policy with another dormancy window: cooling from half of it, lost from four times it. Throws `invalid` as `parsePolicy`. */
export function withWindow(policy: DormancyPolicy, dormantDays: number): DormancyPolicy {
  const coolingDays = Math.max(1, Math.ceil(dormantDays / 2));
  const lostDays = dormantDays < LONGEST_DAYS ? Math.min(LONGEST_DAYS, dormantDays * 4) : dormantDays;
  return parsePolicy({ ...policy, rule: { kind: 'window', coolingDays, dormantDays, lostDays } });
}
