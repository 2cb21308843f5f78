// The business profile on the wire.
import type { Lang } from '../../kernel/lang.ts';

export type BusinessWire = {
  readonly brand: string;
  readonly postalAddress: string;
  readonly websiteUrl: string;
  readonly timeZone: string;
  readonly currency: string;
  /** From that day on one unit of `currency` is worth `rate` of the business's own. Amounts in a currency without a rate are no money. */
  readonly rates: readonly { readonly currency: string; readonly from: string; readonly rate: number }[];
  readonly defaultLanguage: Lang;
  readonly fromAddress: string;
  readonly publicUrl: string;
  readonly globalControlBuckets: number;
  readonly marginShare: number;
};

export type BusinessOperations = {
  'GET /business': { readonly answer: BusinessWire };
  'PATCH /business': {
    readonly body: Partial<BusinessWire>;
    readonly answer: { readonly business: BusinessWire; readonly restartFor: readonly string[] };
  };
};
