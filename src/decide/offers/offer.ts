// What may be given: an offer is one kind's terms with a budget, a number of pieces and a limit per person. Pure.
import { z } from 'zod';
import { termsSchema } from './kinds.ts';

export const offerSchema = z.strictObject({
  offerId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,63}$/),
  name: z.string().min(1).max(200),
  terms: termsSchema,
  budgetCents: z.number().int().nonnegative(),
  capacity: z.number().int().nonnegative(),
  perPersonLimit: z.number().int().positive().default(1),
});

export type Offer = z.infer<typeof offerSchema>;

const CODE_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A code a person can read aloud: no 0/O, no 1/I. `bytes` are 10 random bytes, of which 50 bits are used. */
export function couponCode(prefix: string, bytes: Uint8Array): string {
  const letters = [...bytes.subarray(0, 10)].map((byte) => CODE_ALPHABET.charAt(byte & 31)).join('');
  return `${prefix}-${letters.slice(0, 5)}-${letters.slice(5)}`;
}
