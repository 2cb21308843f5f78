// A calendar day as the steering interface takes it.
import { z } from 'zod';
import { dayNumber } from '../../kernel/days.ts';
import { inWords } from '../../kernel/issue.ts';

const isDay = (text: string): boolean => {
  try {
    dayNumber(text);
    return true;
  } catch {
    return false; // RangeError is how the kernel says "no such day".
  }
};

export const day = z.string().refine(isDay, inWords('a calendar day like 2026-01-31', '须为日期（如 2026-01-31）'));
