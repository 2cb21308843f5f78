import type { RulesWire } from '../../../../src/http/contract/reach.ts';

/** What a part of the rules' editor gets, and how it changes the whole. */
export type RulesPart = {
  readonly rules: RulesWire;
  readonly put: (part: Partial<RulesWire>) => void;
  readonly isLocked: boolean;
};
