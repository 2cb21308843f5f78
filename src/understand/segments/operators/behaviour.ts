// Conditions on what she did, in the order in which they are offered. Windows are whole business days and end with the day of the question; what is
// counted per day is read from the roll-up, the rest from the events.
import { COUNTING } from './counting.ts';
import { DAYS } from './days.ts';
import { SEQUENCE } from './sequence.ts';
import { TREND } from './trend.ts';

export const BEHAVIOUR = { ...COUNTING, ...DAYS, ...TREND, ...SEQUENCE } as const;
