// What does the ledger write down for what became of a message? Pure.
import { addMs, DAY_MS } from '../../kernel/days.ts';
import { unreachable } from '../../kernel/result.ts';
import type { SendOutcome } from '../channels/channel.ts';
import type { Claim } from './journal.service.ts';
import type { Finish } from './ledger.sql.ts';

const DEFERRALS_MAX = 6;
/** As long as a way out is left alone at first. */
const ACCOUNT_MS = 60_000;
/** 1, 4, 16, 64, 256 minutes. */
const backoffMs = (attempts: number): number => 60_000 * 4 ** Math.max(0, attempts - 1);

/** `claim.deferrals`: so often the other side has said "not now" before. Waiting for a server or an account that nobody reaches is none of it. */
export function finishOf(claim: Claim & { readonly deferrals: number }, outcome: SendOutcome, now: Date): Finish {
  const base = { message_id: claim.message_id, at: now, provider_id: null, due_at: null };
  const deferrals = claim.deferrals + 1;
  const retry = (code: string, detail: string, afterMs: number): Finish =>
    deferrals >= DEFERRALS_MAX
      ? { ...base, state: 'failed', code, detail: `${detail} (after ${deferrals} attempts)`, deferrals }
      : { ...base, state: 'planned', code, detail, due_at: addMs(now, afterMs), deferrals };
  switch (outcome.kind) {
    case 'sent':
      return { ...base, state: 'sent', provider_id: outcome.providerId, code: null, detail: outcome.response };
    case 'rejected':
      // It says nothing about this message: it waits for whoever mends the account.
      if (outcome.class === 'account')
        return {
          ...base,
          state: 'planned',
          code: `account:${outcome.code}`,
          detail: outcome.detail,
          due_at: addMs(now, ACCOUNT_MS),
        };
      return {
        ...base,
        state: 'failed',
        code: `${outcome.class}:${outcome.code}`,
        detail: outcome.detail,
        ...(outcome.noneLeft === true ? { noneLeft: true } : {}),
      };
    case 'deferred':
      // The account is too fast, or has had its day's share: that uses up nobody's attempts.
      if (outcome.of === 'account')
        return {
          ...base,
          state: 'planned',
          code: outcome.code,
          detail: outcome.detail,
          due_at: addMs(now, Math.min((outcome.retryAfterSeconds ?? 5) * 1000, DAY_MS)),
        };
      return retry(
        outcome.code,
        outcome.detail,
        Math.max(backoffMs(deferrals), (outcome.retryAfterSeconds ?? 0) * 1000),
      );
    case 'unavailable':
      // Nobody's message is at fault when the server is down: it waits, and only its own expiry ends the waiting.
      return {
        ...base,
        state: 'planned',
        code: outcome.code ?? 'unavailable',
        detail: outcome.detail,
        due_at: addMs(
          now,
          outcome.retryAfterSeconds === undefined
            ? Math.min(backoffMs(claim.attempts), 900_000)
            : outcome.retryAfterSeconds * 1000,
        ),
      };
    case 'unknown':
      return { ...base, state: 'unknown', code: 'no_answer', detail: outcome.detail };
    default:
      return unreachable(outcome);
  }
}

/** Claimed but certainly not handed over: due again at once, unless it was marked to stop. */
export const givenBack = (messageId: string, code: string, now: Date): Finish => ({
  message_id: messageId,
  state: 'planned',
  at: now,
  provider_id: null,
  code,
  detail: null,
  due_at: now,
});
