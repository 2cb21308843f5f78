// What is known about a person at the moment she enters a programme, kept with her membership: later figures must not be read from what the
// programme has changed. Pure.
import { z } from 'zod';

export const entryFactsSchema = z.object({
  stage: z.string().optional(),
  rfmGroup: z.string().optional(),
  /** The likeliest dormancy reason. */
  reason: z.string().optional(),
  /** P(return within the policy's horizon), by the model of the day. */
  returnProbability: z.number().min(0).max(1).optional(),
});

export type EntryFacts = z.infer<typeof entryFactsSchema>;
