/**
 * What is known about a person at the moment she enters a programme, kept with her membership: later figures must not be read from what the
 * programme has changed.
 */
export type EntryFacts = {
  readonly stage?: string;
  readonly rfmGroup?: string;
  /** The likeliest dormancy reason. */
  readonly reason?: string;
  /** P(return within the policy's horizon), by the model of the day. */
  readonly returnProbability?: number;
};
