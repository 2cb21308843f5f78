// Is everything arriving: what was not taken, what was imported, the catalogue.
export type ImportRow = {
  readonly importId: string;
  readonly path: string;
  readonly rowsRead: number;
  readonly eventsAdded: number;
  readonly eventsKnown: number;
  readonly rowsRejected: number;
  readonly finishedAt: string;
};

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
  'GET /imports': { readonly answer: { readonly imports: readonly ImportRow[] } };
  'GET /catalogue': {
    readonly query?: { readonly query?: string; readonly limit?: number };
    readonly answer: { readonly items: readonly CatalogueRow[] };
  };
};
