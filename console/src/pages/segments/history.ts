// What was built, step by step, so that a step can be taken back. Pure; keys typed into one field within a moment are one step.
import type { SegmentNode } from '../../../../src/http/contract/segments.ts';

const STEPS_MAX = 100;
const ONE_STEP_MS = 1_000;

export type History = {
  readonly past: readonly SegmentNode[];
  readonly present: SegmentNode;
  readonly future: readonly SegmentNode[];
  readonly touched: { readonly place: string; readonly at: number } | undefined;
};

export type Step =
  | {
      readonly kind: 'change';
      readonly tree: SegmentNode;
      readonly place?: string;
      readonly at: number;
    }
  | { readonly kind: 'undo' | 'redo' }
  | { readonly kind: 'start'; readonly tree: SegmentNode };

export const startOf = (tree: SegmentNode): History => ({
  past: [],
  present: tree,
  future: [],
  touched: undefined,
});

export function stepped(history: History, step: Step): History {
  const { past, present, future, touched } = history;
  switch (step.kind) {
    case 'start':
      return startOf(step.tree);
    case 'change': {
      if (step.tree === present) return history;
      const isSame = touched !== undefined && touched.place === step.place && step.at - touched.at < ONE_STEP_MS;
      return {
        past: isSame ? past : [...past, present].slice(-STEPS_MAX),
        present: step.tree,
        future: [],
        touched: step.place === undefined ? undefined : { place: step.place, at: step.at },
      };
    }
    case 'undo': {
      const before = past.at(-1);
      if (before === undefined) return history;
      return {
        past: past.slice(0, -1),
        present: before,
        future: [present, ...future],
        touched: undefined,
      };
    }
    case 'redo': {
      const [after, ...rest] = future;
      if (after === undefined) return history;
      return {
        past: [...past, present],
        present: after,
        future: rest,
        touched: undefined,
      };
    }
  }
}
