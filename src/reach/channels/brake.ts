// When is a way out left alone, and for how long? Its account is refused (a wrong key, no money left), its provider wants us slower, or it takes
// what it is handed and never answers: then whatever is handed over is wasted. Guarantees: nobody's message is spent on such a refusal; after a
// while one is tried, and opens the way for the rest. Pure: states are values, `nowMs` is a parameter.
import type { SendOutcome } from './channel.ts';

export type BrakeState = {
  readonly closed?: { readonly untilMs: number; readonly code: string; readonly detail: string } | undefined;
  /** How often it was closed without anything having been taken since. */
  readonly strikes: number;
  /** Hand-overs in a row that nobody answered, and those refused for the sender's sake. */
  readonly silences: number;
  readonly refusals: number;
};

export const OPEN: BrakeState = { strikes: 0, silences: 0, refusals: 0 };

/** So many in a row are no accident of a single message. */
const SILENCES_MAX = 10;
const REFUSALS_MAX = 10;
const CLOSED_MS = 60_000;
const CLOSED_MS_MAX = 15 * 60_000;
/** Too fast, and not told how long to wait. */
const SLOWER_MS = 5_000;
/** Quotas are by the day at most; a way out that is told to wait for longer is tried again after one. */
const SLOWER_MS_MAX = 86_400_000;

/**
 * `guarded`: something else watches over refusals of the sender there (mail has its own brake for them). `silencesMax`: of a way out with few calls,
 * each of which waits long; there a call that found nobody is a silence as well.
 */
export type BrakeRules = { readonly guarded?: boolean; readonly silencesMax?: number };

const closedBy = (state: BrakeState, code: string, detail: string, nowMs: number): BrakeState => {
  const strikes = state.strikes + 1;
  const lengthMs = Math.min(CLOSED_MS_MAX, CLOSED_MS * 2 ** (strikes - 1));
  return { ...OPEN, strikes, closed: { untilMs: nowMs + lengthMs, code, detail } };
};

/** What an outcome says about the way out itself. Outcomes of what was on its way when it was closed say nothing new. */
export function braked(state: BrakeState, outcome: SendOutcome, nowMs: number, rules: BrakeRules = {}): BrakeState {
  if (outcome.kind === 'sent') return OPEN;
  if (state.closed !== undefined && nowMs < state.closed.untilMs) return state;
  const isTrial = state.closed !== undefined;
  switch (outcome.kind) {
    case 'unavailable':
    case 'unknown': {
      if (outcome.kind === 'unavailable' && rules.silencesMax === undefined) return state;
      const silences = state.silences + 1;
      return isTrial || silences >= (rules.silencesMax ?? SILENCES_MAX)
        ? closedBy(state, outcome.kind === 'unknown' ? 'no_answer' : 'unavailable', outcome.detail, nowMs)
        : { ...state, silences };
    }
    case 'deferred': {
      if (outcome.of !== 'account') return { ...state, silences: 0 };
      const askedMs = outcome.retryAfterSeconds === undefined ? SLOWER_MS : outcome.retryAfterSeconds * 1_000;
      const untilMs = nowMs + Math.min(SLOWER_MS_MAX, Math.max(1_000, askedMs));
      return { ...OPEN, strikes: state.strikes, closed: { untilMs, code: outcome.code, detail: outcome.detail } };
    }
    case 'rejected':
      switch (outcome.class) {
        case 'account':
          return closedBy(state, outcome.code, outcome.detail, nowMs);
        case 'sender': {
          const refusals = state.refusals + 1;
          return rules.guarded !== true && (isTrial || refusals >= REFUSALS_MAX)
            ? closedBy(state, outcome.code, outcome.detail, nowMs)
            : { ...state, silences: 0, refusals };
        }
        case 'content':
          return { ...state, silences: 0 };
        case 'address':
        case 'mailbox':
          // It looked at the address, so it listens to us.
          return OPEN;
      }
  }
}

/**
 * How long work waits that the account, and nothing it asked for, is the reason for, as that account's brake has it at first; undefined where the work
 * itself is. Such a wait uses up no attempt.
 */
export function accountsWaitMs(outcome: SendOutcome): number | undefined {
  switch (outcome.kind) {
    case 'rejected':
      return outcome.class === 'account' ? CLOSED_MS : undefined;
    case 'deferred':
      return outcome.of === 'account'
        ? Math.min(SLOWER_MS_MAX, (outcome.retryAfterSeconds ?? 0) * 1_000 || SLOWER_MS)
        : undefined;
    case 'unavailable':
      return outcome.code?.startsWith('closed:') === true ? (outcome.retryAfterSeconds ?? 0) * 1_000 : undefined;
    case 'sent':
    case 'unknown':
      return undefined;
  }
}
