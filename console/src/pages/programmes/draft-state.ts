// A definition as it is being edited, with every step back. Pure.
import type { MessageStep, ProgrammeBody, ProgrammeStep } from '../../../../src/http/contract/programmes.ts';

export type Editing = {
  readonly past: readonly ProgrammeBody[];
  readonly now: ProgrammeBody;
  readonly future: readonly ProgrammeBody[];
};

export type Edit =
  /** A change; those with the same `field` one after another are undone together, so that undo does not go letter by letter. */
  | { readonly kind: 'set'; readonly to: ProgrammeBody; readonly field: string }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }
  | { readonly kind: 'load'; readonly to: ProgrammeBody };

const STEPS_BACK_MAX = 100;

export const startEditing = (now: ProgrammeBody): Editing & { readonly field: string } => ({
  past: [],
  now,
  future: [],
  field: '',
});

export function edit(state: Editing & { readonly field: string }, act: Edit): Editing & { readonly field: string } {
  switch (act.kind) {
    case 'set':
      return {
        past:
          act.field === state.field && act.field !== ''
            ? state.past
            : [...state.past, state.now].slice(-STEPS_BACK_MAX),
        now: act.to,
        future: [],
        field: act.field,
      };
    case 'undo': {
      const before = state.past.at(-1);
      return before === undefined
        ? state
        : { past: state.past.slice(0, -1), now: before, future: [state.now, ...state.future], field: '' };
    }
    case 'redo': {
      const [next, ...future] = state.future;
      return next === undefined ? state : { past: [...state.past, state.now], now: next, future, field: '' };
    }
    case 'load':
      return startEditing(act.to);
  }
}

export const messageStep = (templateId: string): MessageStep => ({
  kind: 'message',
  channel: 'email',
  variants: [{ key: 'a', templateId, offerId: null, share: 1 }],
  validHours: 72,
  costCents: 0,
});

export const changeStep = (
  body: ProgrammeBody,
  at: number,
  change: (step: ProgrammeStep) => ProgrammeStep,
): ProgrammeBody => ({ ...body, steps: body.steps.map((step, i) => (i === at ? change(step) : step)) });

export const removeStep = (body: ProgrammeBody, at: number): ProgrammeBody => ({
  ...body,
  steps: body.steps.filter((_, i) => i !== at),
});

/** Moves a step up (−1) or down (+1); at the ends nothing happens. */
export function moveStep(body: ProgrammeBody, at: number, by: -1 | 1): ProgrammeBody {
  const to = at + by;
  if (to < 0 || to >= body.steps.length) return body;
  const steps = [...body.steps];
  [steps[at], steps[to]] = [steps[to]!, steps[at]!];
  return { ...body, steps };
}

/** A key that no variant of the step has yet: a, b, c … */
export function freeKey(step: MessageStep): string {
  const taken = new Set(step.variants.map((variant) => variant.key));
  for (let i = 0; i < 26; i++) {
    const key = String.fromCharCode(97 + i);
    if (!taken.has(key)) return key;
  }
  return `v${step.variants.length + 1}`;
}

/** `Win back, autumn` → `win-back-autumn`; names without Latin letters get one that says nothing. */
export function idOf(name: string, otherwise: string): string {
  const id = name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 48);
  return id.length >= 2 ? id : otherwise;
}
