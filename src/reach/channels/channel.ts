// The port every way out of the house has. A channel hands one message over and says what became of it, in exactly five ways;
// the ledger's promise "nothing is sent twice" rests on telling `unavailable` (may be tried again) from `unknown` (may not).

/**
 * Whose fault a refusal is: the address, the state of its mailbox, what the message holds, or who sends it. `account`: nothing that is sent
 * through this account would be taken (a wrong key, no right, no money left), so it is no message's refusal, and it waits until that is mended.
 */
export type RejectionClass = 'address' | 'mailbox' | 'content' | 'sender' | 'account';

/**
 * About an address that is given up. `byHerself`: she has refused at the provider, and may take that back; nothing is wrong with the address.
 * `goneSince`: who has shown up there later is there again.
 */
export type GivenUp = { readonly byHerself?: boolean; readonly goneSince?: Date };

/**
 * `noneLeft`: the provider counts what she has agreed to with this template, and says that nothing of it is left (or that she has refused the
 * template), whatever our own count says.
 */
export type Counted = { readonly noneLeft?: true };

export type SendOutcome =
  /** The other side took responsibility. */
  | { readonly kind: 'sent'; readonly providerId: string; readonly response: string }
  /** A final no. `permanent` false: the same message to the same address may succeed some other day. */
  | ({
      readonly kind: 'rejected';
      readonly class: RejectionClass;
      readonly permanent: boolean;
      readonly code: string;
      readonly detail: string;
    } & GivenUp &
      Counted)
  /** "Not now" from the other side: certainly not accepted. `of` the account: whatever is sent through it now hears the same. */
  | {
      readonly kind: 'deferred';
      readonly code: string;
      readonly detail: string;
      readonly retryAfterSeconds?: number;
      readonly of?: 'account';
    }
  /** No connection, or it failed before the whole message was handed over, or the way out is closed for a while: certainly not sent. */
  | {
      readonly kind: 'unavailable';
      readonly detail: string;
      readonly code?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The connection was lost after the message was handed over and before the answer: nobody can know. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** Asked just before the last byte of a message leaves. False, or a failure, ends the attempt as `unavailable`. */
export type HandOverGate = () => Promise<boolean>;

/** Nothing can come of sending before then, and why. */
export type Closed = { readonly until: Date; readonly code: string; readonly detail: string };

export type Channel<Message> = {
  readonly key: string;
  /** Never throws for anything the network does. Aborting ends it as `unavailable`, or `unknown` when it was too late. */
  readonly send: (message: Message, signal?: AbortSignal, mayLeave?: HandOverGate) => Promise<SendOutcome>;
  /** Whether it is left alone now; whoever claims messages for it need not claim any. */
  readonly closed?: () => Closed | undefined;
  /** Where several providers deliver it and only some are left alone: what their messages wait for. */
  readonly partClosed?: () => Closed | undefined;
  /** Resolves when the other side answers and lets us in; throws a RekindleError that says what is wrong. */
  readonly verify?: () => Promise<void>;
  /** Waits for messages in flight, then lets go of every connection. */
  readonly close: () => Promise<void>;
};
