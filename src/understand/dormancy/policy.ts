// A dormancy policy: which activity counts as being alive, and how silence becomes a stage. Versioned by the service; pure here.
// All lengths are whole days. A day threshold t is reached at the end of the day that lies t days after the last active day.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords, issueText } from '../../kernel/issue.ts';
import type { Segment } from '../segments/segment.ts';
import { days, LONGEST_DAYS, ruleSchema } from './rule.ts';
import { assertNotItsOwn, parseScope } from './scope.ts';

const eventName = z.string().min(1).max(200);

export const policySchema = z.strictObject({
  policyId: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,39}$/,
      inWords('lower-case letters, digits and dashes, at most 40', '须为小写字母、数字和连字符，最多 40 个字符'),
    ),
  name: z.strictObject({ en: z.string().min(1).max(120), zh: z.string().min(1).max(120) }),
  /**
   * Whom the policy is about (country, tier, buyers of something, who may be written to, another policy's dormant…); everybody where
   * there is none. A saved version refers to no segment: the trees stand in their places, as they were that day.
   */
  scope: z
    .unknown()
    .transform((value): Segment => parseScope(value))
    .optional(),
  /** Events that count as being alive; their amounts are what the person spent. */
  activity: z
    .array(eventName)
    .min(1)
    .max(50)
    .refine((names) => new Set(names).size === names.length, inWords('names an event twice', '同一事件出现了两次')),
  rule: ruleSchema,
  /** A first-time person is `new` for so many days, unless she cools earlier. */
  newDays: days,
  /** A returned person is `recovered` for so many days, unless she cools earlier. */
  recoveredDays: days,
  /** Dormant again within so many days after returning is `relapsed`. */
  relapsedDays: days,
  /**
   * Stop contacting who stays silent: `sunset` once the `contacts`-th contact of a silence lies `days` days back, until she returns or
   * consents again. Nobody is sunset where it is absent.
   */
  sunset: z
    .strictObject({
      contacts: z.int().min(1).max(100),
      days,
      /** Only contacts on these channels count, and only these are stopped; absent: every one. */
      channels: z.array(z.string().min(1).max(60)).min(1).max(20).optional(),
      /** One mail, so many days after, that asks whether we may write again. */
      askAgain: z
        .strictObject({
          afterDays: z.int().min(0).max(365).default(0),
          templateId: z.string().min(1).max(64).default('re-permission'),
        })
        .optional(),
    })
    .optional(),
});

export type DormancyPolicy = Readonly<z.infer<typeof policySchema>>;

/**
 * Parses unknown input. Throws RekindleError `invalid` naming the first wrong field (`policy.rule.dormantDays: …`), and `scope_cycle` for a
 * scope that looks at the policy's own stages.
 */
export function parsePolicy(input: unknown): DormancyPolicy {
  const parsed = policySchema.safeParse(input, { reportInput: true });
  if (parsed.success) {
    const { scope, policyId } = parsed.data;
    if (scope !== undefined) assertNotItsOwn(scope, policyId);
    return parsed.data;
  }
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
  throw new RekindleError('invalid', { where: ['policy', ...issue.path].join('.'), what: issueText(issue) });
}

/** The policy with another dormancy window: cooling from half of it, lost from four times it. Throws `invalid` as `parsePolicy`. */
export function withWindow(policy: DormancyPolicy, dormantDays: number): DormancyPolicy {
  const coolingDays = Math.max(1, Math.ceil(dormantDays / 2));
  const lostDays = dormantDays < LONGEST_DAYS ? Math.min(LONGEST_DAYS, dormantDays * 4) : dormantDays;
  return parsePolicy({ ...policy, rule: { kind: 'window', coolingDays, dormantDays, lostDays } });
}
