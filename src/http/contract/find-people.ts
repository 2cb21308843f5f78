// Finding people.
export type FoundPersonWire = {
  readonly personId: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly firstName: string | null;
  readonly country: string | null;
  readonly updatedAt: string;
};

export type FindPeopleOperations = {
  'GET /people': {
    readonly query: { readonly query: string; readonly limit?: number };
    readonly answer: { readonly people: readonly FoundPersonWire[] };
  };
};
