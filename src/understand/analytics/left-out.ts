// What sums of money leave out, as answers say it.
import { z } from 'zod';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';

export const leftOutAnswer = z.object({
  amounts: z.array(z.object({ currency: z.string(), events: z.int(), amountCents: z.int() })).readonly(),
  words: z.object({ en: z.string(), zh: z.string() }),
}) satisfies z.ZodType<LeftOutMoney>;
