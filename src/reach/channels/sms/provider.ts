// What an SMS provider is to the rest: a channel to hand texts over, a reader of what it pushes to us, and a way to ask it.
import type { Result } from '../../../kernel/result.ts';
import type { Channel, RejectionClass, SendOutcome } from '../channel.ts';
import type { Outgoing } from '../outgoing.ts';

/** What became of a text after the provider took it. */
export type SmsReport = {
  readonly providerId: string | undefined;
  /** Ours, when the provider gives back what we told it. */
  readonly messageId: string | undefined;
  /** E.164, when the report names it: some ids stand for a whole batch. */
  readonly phone: string | undefined;
  readonly state: 'delivered' | 'failed';
  /** Of a failure: whose fault. */
  readonly class: RejectionClass;
  readonly permanent: boolean;
  readonly byHerself?: boolean;
  readonly code: string;
  readonly at: Date;
};

/** A text that came to us. */
export type SmsInbound = {
  readonly phone: string;
  readonly text: string;
  readonly to: string;
  readonly at: Date;
  /** The provider pushes again what it thinks we did not hear. */
  readonly dedupeKey: string;
  /** The provider has answered her itself. */
  readonly isAnswered: boolean;
  /** Where the provider says what she meant: it knows keywords of the business's own, and has acted upon them. */
  readonly meaning?: 'stop' | 'start' | 'help';
};

export type PushRequest = {
  readonly method: string;
  /** As the provider called it, with host and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type PushAnswer = { readonly contentType: string; readonly body: string };

export type Pushed = {
  readonly reports: readonly SmsReport[];
  readonly inbound: readonly SmsInbound[];
  /** Exactly what makes the provider stop repeating itself. */
  readonly answer: PushAnswer;
};

/** A text whose fate is asked for. */
export type AskedSms = {
  readonly messageId: string;
  readonly providerId: string | null;
  readonly phone: string;
  readonly claimedAt: Date;
};

/** Sent, for certain, with the provider's id; or a final report. */
export type SmsFate = {
  readonly messageId: string;
  readonly providerId: string;
  readonly report: SmsReport | undefined;
};

export type SmsProvider = {
  readonly key: string;
  readonly channel: Channel<Outgoing<'sms'>>;
  readonly read: (request: PushRequest, now: Date) => Result<Pushed, 'not_authentic' | 'unreadable'>;
  /** Asks what became of texts; those the provider knows nothing of are left out. */
  readonly ask: (texts: readonly AskedSms[]) => Promise<readonly SmsFate[]>;
  /** Texts one message of our own words and no offer; absent where only filed templates may be sent. */
  readonly reply?: (phone: string, text: string) => Promise<SendOutcome>;
  /** Takes what the provider keeps for us, where it keeps anything. */
  readonly pull: () => Promise<Pick<Pushed, 'reports' | 'inbound'>>;
};

export type ProviderOptions = {
  readonly now: () => Date;
  readonly nonce: () => string;
  /** Where the provider reports to, if it is told with each text. */
  readonly hookUrl: string;
  /** After silence: when to look up what became of a text. */
  readonly lookupAfterMs?: readonly number[];
};

export type Fault = {
  readonly class: RejectionClass;
  readonly permanent: boolean;
  /** She told the provider to stop: no fault of the number, and hers to take back. */
  readonly byHerself?: boolean;
};
/** Neither is a refusal: `later` is said of this number, `slower` of everything that this account sends. */
export type NotNow = 'later' | 'slower';
export type FaultTable = Readonly<Record<string, Fault | NotNow>>;

export const BAD_NUMBER: Fault = { class: 'address', permanent: true };
export const SHE_REFUSED: Fault = { class: 'address', permanent: true, byHerself: true };
export const BAD_CONTENT: Fault = { class: 'content', permanent: false };
export const OUR_FAULT: Fault = { class: 'sender', permanent: false };
/** A carrier's or a provider's own trouble, or one nobody explains: it says nothing about her number. */
export const NOT_HERS: Fault = { class: 'sender', permanent: false };
/** Keys, rights, money, the signature: whatever is sent is refused until somebody mends it. */
export const OUR_ACCOUNT: Fault = { class: 'account', permanent: false };
export const UNREACHABLE: Fault = { class: 'mailbox', permanent: false };
