// The vocabulary of a life: what can happen to a person at an instant. session-events.ts says what the shop sees of it.
export type HappeningKind =
  | 'known'
  | 'signup'
  | 'order'
  | 'browse'
  | 'abandoned_cart'
  | 'price_hunt'
  | 'login_failure'
  | 'newsletter'
  | 'extra_newsletter'
  | 'unsubscribe'
  | 'push_denied'
  | 'privacy_look'
  | 'address_change';

/** What went wrong with an order. */
export type Trouble = {
  readonly late?: boolean;
  readonly refunded?: boolean;
  readonly ticket?: boolean;
  readonly lowRating?: boolean;
};

export type Happening = { readonly atMs: number; readonly kind: HappeningKind; readonly trouble: Trouble };
export const NO_TROUBLE: Trouble = {};
