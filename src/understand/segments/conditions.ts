// The closed set of segment conditions, one entry per operator: its words, its schema, how it compiles to the engine's SQL and how it is
// evaluated in memory. A property test holds the two evaluations equal. Adding a condition is adding an entry.
import type { z } from 'zod';
import type { Operator } from './operator.ts';
import { BEHAVIOUR } from './operators/behaviour.ts';
import { PERSON } from './operators/person.ts';
import { PRODUCTS } from './operators/products.ts';
import { STANDING } from './operators/standing.ts';

export const CONDITIONS = { ...STANDING, ...BEHAVIOUR, ...PRODUCTS, ...PERSON } as const;

type Conditions = typeof CONDITIONS;
export type ConditionKind = keyof Conditions;
export type Condition = { [K in ConditionKind]: z.output<Conditions[K]['schema']> }[ConditionKind];

export const CONDITION_KINDS = Object.keys(CONDITIONS) as readonly ConditionKind[];
export const isConditionKind = (kind: string): kind is ConditionKind => Object.hasOwn(CONDITIONS, kind);

/** The condition's entry, typed as accepting it: the table's keys are the conditions' kinds. */
export const entryOf = (kind: ConditionKind): Operator<z.ZodType<Condition>> =>
  CONDITIONS[kind] as object as Operator<z.ZodType<Condition>>;
