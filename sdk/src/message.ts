// The contract of `GET /v1/inbox`: what the server hands out and the page shows.
export type InAppAction = { readonly label: string; readonly url: string };

export type InAppSurvey = {
  readonly question: string;
  readonly options: readonly { readonly answer: string; readonly label: string }[];
  /** Takes `{answer, text}`; each answer replaces the one before. */
  readonly url: string;
};

export type InAppMessage = {
  readonly messageId: string;
  /** Goes back with everything that is reported about this message. */
  readonly receipt: string;
  readonly layout: 'banner' | 'modal' | 'card';
  readonly lang: 'en' | 'zh';
  readonly title: string;
  readonly body: string;
  readonly imageUrl?: string;
  readonly couponCode?: string;
  readonly products?: readonly {
    readonly name: string;
    readonly url: string;
    readonly imageUrl?: string;
    readonly price?: string;
  }[];
  readonly actions: readonly InAppAction[];
  /** Advertising says so. */
  readonly isAd: boolean;
  readonly survey?: InAppSurvey;
};
