// The contract of `GET /v1/inbox`: what the server hands out and the page shows.
export type InAppAction = { readonly label: string; readonly url: string };

/** What a message's `surveyPath` answers; the same path takes `{answer, text}`, each answer replacing the one before. */
export type InAppSurvey = {
  readonly question: string;
  readonly options: readonly { readonly answer: string; readonly label: string }[];
};

export type InAppMessage = {
  readonly messageId: string;
  /** Goes back with everything that is reported about this message. */
  readonly receipt: string;
  /** A trial of whoever wrote it: nothing is reported of it. */
  readonly isTest?: boolean;
  readonly layout: 'banner' | 'card' | 'modal' | 'splash';
  readonly lang: 'en' | 'zh';
  readonly title: string;
  readonly body: string;
  readonly imageUrl?: string;
  readonly actions: readonly InAppAction[];
  /** Advertising says so. */
  readonly isAd: boolean;
  /** Where she says that she wants no more of these. */
  readonly optOutPath?: string;
  readonly surveyPath?: string;
};
