// What the simulated shop sends: Segment-shaped calls with the e-commerce v2 and e-mail event names. Nothing here is truth.
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export type ShopEvent = {
  readonly messageId: string;
  readonly type: 'identify' | 'track' | 'page';
  readonly userId?: string;
  readonly anonymousId?: string;
  /** The event's name; only on `track`. */
  readonly event?: string;
  /** The page's name; only on `page`. */
  readonly name?: string;
  readonly timestamp: Date;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context: JsonObject;
};

/** The one currency the shop sells in; `…Cents` are its hundredths, event properties carry decimals as Segment does. */
export const SHOP_CURRENCY = 'USD';
export const decimal = (cents: number): number => cents / 100;
