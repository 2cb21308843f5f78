// Is everything arriving: what was not taken, the catalogue.
type Words = { readonly en: string; readonly zh: string };

export type CatalogueRow = {
  readonly itemId: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly priceCents: number;
  readonly available: boolean;
};

export type DataOperations = {
  'GET /events/dropped': {
    readonly query?: { readonly days?: number };
    readonly answer: {
      readonly dropped: readonly { readonly day: string; readonly reason: string; readonly count: number }[];
    };
  };
  'GET /catalogue': {
    readonly query?: { readonly query?: string; readonly limit?: number };
    readonly answer: {
      readonly items: readonly CatalogueRow[];
      readonly counts: { readonly total: number; readonly available: number; readonly categories: number };
    };
  };
  'POST /catalogue/uploads/{uploadId}': {
    readonly params: { readonly uploadId: string };
    readonly answer: {
      readonly mapping: Readonly<Record<string, string>>;
      readonly imported: number;
      readonly rejected: number;
      readonly rejects: readonly { readonly line: number; readonly reason: Words }[];
    };
  };
};
