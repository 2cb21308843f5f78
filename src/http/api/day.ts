// A calendar day as the steering interface takes it.
import { z } from 'zod';
import { dayNumber } from '../../kernel/days.ts';

const isDay = (text: string): boolean => {
  try {
    dayNumber(text);
    return true;
  } catch {
    return false; // RangeError is how the kernel says "no such day".
  }
};

export const day = z.string().refine(isDay, 'a calendar day like 2026-01-31');
